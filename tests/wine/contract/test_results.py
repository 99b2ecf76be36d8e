"""The contract suite's `test_results`, unchanged, against the agent on Windows."""

from tests.contract.test_results import *  # noqa: F403

"""The contract suite's `test_arguments`, unchanged, against the agent on Windows."""

from tests.contract.test_arguments import *  # noqa: F403

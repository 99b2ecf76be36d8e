"""The contract suite's `test_files`, unchanged, against the agent on Windows."""

from tests.contract.test_files import *  # noqa: F403

"""The contract suite's `test_system`, unchanged, against the agent on Windows."""

from tests.contract.test_system import *  # noqa: F403

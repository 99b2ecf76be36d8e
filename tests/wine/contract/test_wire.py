"""The contract suite's `test_wire`, unchanged, against the agent on Windows."""

from tests.contract.test_wire import *  # noqa: F403

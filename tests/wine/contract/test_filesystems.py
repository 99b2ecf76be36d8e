"""The contract suite's `test_filesystems`, unchanged, against the agent on Windows."""

from tests.contract.test_filesystems import *  # noqa: F403

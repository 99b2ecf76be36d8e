"""Exit statuses. docs/reference/cli.md lists them."""

from __future__ import annotations

OK = 0
FAILED = 1
"""A guest refused, did not answer, or could not be reached: one of them at least."""

WRONG_USAGE = 2
"""A wrong option or argument, or a guest that is not there."""

PROGRAM_TIMEOUT = 124
"""`exec`: time was up before the program ended."""

EXEC_FAILED = 125
"""`exec`: guestwire failed, not the program; also when the agent kept only a part of its output."""

CANNOT_EXECUTE = 126
"""`exec`: the program is there, but the guest may not execute it."""

NO_PROGRAM = 127
"""`exec`: the guest has no such program."""

SIGNALLED = 128
"""128 and a signal's number: ended by it. `exec`: the program was."""

INTERRUPTED = SIGNALLED + 2
BROKEN_PIPE = SIGNALLED + 13

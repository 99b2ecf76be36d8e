"""What every channel offers to the loop: a `Channel` for the process, a `Line` for one talk with one host."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Union

    Buffer = Union[bytes, bytearray, memoryview]


class Channel:
    """Where hosts come from. One for the process."""

    def open(self) -> None:
        """Take hold of the device or address. StartError, fit for the user, if that is impossible."""
        raise NotImplementedError

    def accept(self) -> Line:
        """Wait, without using the CPU, until a host is there. StartError when none can come any more."""
        raise NotImplementedError

    def close(self) -> None:
        """Let go of the device or address."""
        raise NotImplementedError


class Line:
    """One conversation with one host. One thread may be in `read` while another is in `write`."""

    def read(self) -> bytes:
        """The next bytes; waits for them. b"" when the host is gone, for whatever reason."""
        raise NotImplementedError

    def write(self, *buffers: Buffer) -> bool:
        """Send all buffers in order, waiting for a slow reader. False: the host is gone, the rest dropped."""
        raise NotImplementedError

    def gone(self) -> bool:
        """Whether nobody can read an answer any more. A host that only ended its own sending is there."""
        raise NotImplementedError

    def close(self) -> None:
        """End the conversation. A thread that waits in `read` gets b"", on a device not before the next byte."""
        raise NotImplementedError

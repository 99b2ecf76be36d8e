"""From a request to the buffers of its answer: gate, decode, call, encode."""

from __future__ import annotations

from guestwire.errors import CommandDisabled, CommandError, CommandNotFound
from guestwire.wire.messages import Streamed, failure, stream, success

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from guestwire.agent.baton import Turn
    from guestwire.agent.gate import Gate
    from guestwire.agent.log import Log
    from guestwire.agent.registry import Entry
    from guestwire.agent.upload import Upload
    from guestwire.wire.messages import Request, StreamStart

    Buffers = Sequence[bytes | memoryview]

RESYNCS = ("guest-sync", "guest-sync-delimited")
DELIMITER = b"\xff"


class Dispatcher:
    """`streams` names the commands whose long argument is fed to an `Upload` while it arrives."""

    def __init__(self, entries: Mapping[str, Entry], gate: Gate, log: Log) -> None:
        self._entries = entries
        self._gate = gate
        self._log = log
        self.streams = {name: entry.streamed for name, entry in entries.items() if entry.streamed}

    def out_of_band(self, request: Request) -> bool:
        """True for a command that is answered even while another one runs."""
        entry = self._entries.get(request.name)
        return entry is not None and entry.out_of_band

    def is_resync(self, request: Request) -> bool:
        """True for the handshake that makes earlier requests void."""
        return request.name in RESYNCS

    def answer(self, request: Request) -> Buffers:
        """The answer of a command that streams nothing."""
        try:
            buffers = success(self._call(request), request.id)
        except CommandError as error:
            return failure(error.desc, error.error_class, request.id)
        except Exception as error:
            return self._broken(request, error)
        return [DELIMITER, *buffers] if request.name == "guest-sync-delimited" else buffers

    def answers(self, request: Request, turn: Turn) -> Iterator[tuple[Buffers, bool]]:
        """The answer in pieces (buffers, whether they are the last); none for a command that answers nothing."""
        buffers: Buffers
        try:
            value = self._call(request)
            if turn.abandoned:
                self._entries[request.name].discard(value)
                return
            if type(value) is Streamed:
                yield from stream(value, request.id)
                return
            buffers = success(value, request.id)
        except CommandError as error:
            buffers = failure(error.desc, error.error_class, request.id)
        except Exception as error:
            buffers = self._broken(request, error)
        else:
            if not self._entries[request.name].answers_success:
                return
        yield buffers, True

    def upload(self, start: StreamStart) -> Upload:
        """Begin an upload. A command that may not run, or has the wrong arguments, says so at its end."""
        from guestwire.agent.upload import Upload

        entry = self._entries[start.name]
        arguments = dict(start.arguments)
        arguments[start.member] = ""
        try:
            self._check(entry)
            return entry.upload(**entry.decode(arguments))
        except CommandError as error:
            return Upload.refused(error)

    def finish(self, upload: Upload | None, request: Request) -> Buffers:
        """The end of an upload: its request is whole now."""
        try:
            if upload is None:
                raise CommandError("the upload was abandoned")
            arguments = self._entries[request.name].decode(request.arguments)
            return success(upload.finish(**arguments), request.id)
        except CommandError as error:
            if upload is not None:
                upload.abort()
            return failure(error.desc, error.error_class, request.id)
        except Exception as error:
            if upload is not None:
                upload.abort()
            return self._broken(request, error)

    def _call(self, request: Request) -> object:
        entry = self._entries.get(request.name)
        if entry is None:
            raise CommandNotFound(f"The command {request.name} has not been found")
        self._check(entry)
        return entry.function(**entry.decode(request.arguments))

    def _check(self, entry: Entry) -> None:
        if not self._gate.permits(entry.name, entry.features):
            raise CommandDisabled(f"Command {entry.name} has been disabled: the command is not allowed")

    def _broken(self, request: Request, error: Exception) -> Buffers:
        """An error that no command should raise: the guest's log gets its place, the host one line."""
        if isinstance(error, OSError):
            return failure(f"{request.name} failed: {error}", id=request.id)
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "?"
        self._log.error(f"{request.name} is broken: {type(error).__name__}: {error} ({place})")
        return failure(f"{request.name} failed: {type(error).__name__}: {error}", id=request.id)

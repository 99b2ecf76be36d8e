"""Coverage-guided fuzzing of the wire: `pip install atheris`, then `python tests/fuzz/wire_atheris.py [-runs=N]`.

Invariant: however any bytes are cut, the agent's end tells the same events, raises nothing, and understands a resync.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).parent.parent.parent / "src"))
with atheris.instrument_imports():
    from guestwire.wire.agent import AgentProtocol
    from guestwire.wire.messages import Fault, Request, StreamData, StreamStart

STREAMS = {"guest-file-write": "buf-b64"}


def told(pieces: list[bytes]) -> list[object]:
    """Events in a form that compares; the text of a stream is joined."""
    protocol = AgentProtocol(STREAMS)
    events: list[object] = []
    for event in (event for piece in pieces for event in protocol.receive(piece)):
        if isinstance(event, StreamData):
            events[-1] += event.data  # type: ignore[operator]
        elif isinstance(event, StreamStart):
            events += [(event.name, repr(event.arguments)), b""]
        elif isinstance(event, Fault):
            events.append(event.desc)
        elif isinstance(event, Request):
            events.append((event.name, repr(event.arguments), repr(event.id), event.streamed))
    last = protocol.receive(b'\xff{"execute":"guest-ping"}')[-1]
    assert isinstance(last, Request), "a resync must always be understood"
    return events


def one_input(data: bytes) -> None:
    """Cut the input at places that it names itself."""
    provider = atheris.FuzzedDataProvider(data)
    cuts = sorted(provider.ConsumeIntListInRange(4, 0, 64))
    body = provider.ConsumeBytes(provider.remaining_bytes())
    pieces = [body[start:end] for start, end in zip([0, *cuts], [*cuts, len(body)])]
    told(pieces)
    told([body[at : at + 1] for at in range(len(body))])


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()

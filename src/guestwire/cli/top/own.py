"""A daemon of `top`'s own, for as long as it is open: where none runs, or for guests named on the command line."""

from __future__ import annotations

import asyncio
import contextlib
import re
import signal
import sys
import tempfile
from typing import TYPE_CHECKING

from guestwire.cli.top.source import DaemonError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

# It ends with us even when we are killed: prctl(2), PR_SET_PDEATHSIG.
_START = (
    "import ctypes, signal; ctypes.CDLL(None).prctl(1, signal.SIGTERM);"
    "from guestwire.cli.main import program; program()"
)
_ADDRESS = re.compile(rb"(http://127\.0\.0\.1:\d+)/")
_PATIENCE = 20.0  # seconds until it listens
_INTERVAL = "2"


@contextlib.asynccontextmanager
async def own_daemon(guests: Sequence[str]) -> AsyncIterator[str]:
    """Start one on a free port of loopback, with its history in a temporary folder; yields its URL."""
    with tempfile.TemporaryDirectory(prefix="guestwire-top-") as folder:
        words = ["--listen", "127.0.0.1:0", "--data-dir", folder, "--interval", _INTERVAL]
        words += [part for guest in guests for part in ("--guest", guest)]
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", _START, "serve", *words),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for the screen
        )
        assert process.stderr is not None
        drain: asyncio.Task[None] | None = None
        try:
            url = await _address(process.stderr)
            drain = asyncio.create_task(_drain(process.stderr))
            yield url
        finally:
            if drain is not None:
                drain.cancel()
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
            await process.wait()


async def _address(said: asyncio.StreamReader) -> str:
    last = b""
    try:
        async with asyncio.timeout(_PATIENCE):
            while line := await said.readline():
                if found := _ADDRESS.search(line):
                    return found[1].decode()
                last = line
    except TimeoutError:
        last = b"it does not say where it listens"
    raise DaemonError(f"a daemon of our own does not start: {last.decode('utf-8', 'replace').strip()}")


async def _drain(said: asyncio.StreamReader) -> None:
    while await said.read(1 << 16):
        pass

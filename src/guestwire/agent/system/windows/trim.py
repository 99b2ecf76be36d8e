"""Trimming a volume: defrag(1) with `/L`, the documented way to have NTFS send its unused blocks again."""

from __future__ import annotations

import subprocess

_PATIENCE = 3600.0  # seconds; a large volume takes minutes


def retrim(mount_point: str) -> str | None:
    """Trim the volume mounted there. None when it is done, else why not."""
    command = ["defrag.exe", "/L", mount_point]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        return f"defrag.exe has not ended in {_PATIENCE:.0f} seconds"
    except OSError as error:
        return f"cannot start defrag.exe: {(error.strerror or str(error)).rstrip('. ')}"
    return refusal(done.stdout, done.returncode)


def refusal(output: bytes, status: int) -> str | None:
    """What defrag says of its failure: the line with the error's number, or its last one. None when it succeeded.

    It ends with 0 after some failures too, so a line with a number counts.
    """
    text = output.decode("utf-16-le" if b"\0" in output else "utf-8", "replace")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    fault = next((line for line in lines if "(0x" in line), None)
    if fault is None and status:
        return lines[-1] if lines else f"defrag.exe ended with status {status}"
    return fault

"""`guestwire mem`: the guest's memory and swap."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click
from msgspec import Struct

from guestwire.cli import many, options
from guestwire.cli.output import Pairs, human_bytes, percent
from guestwire.client.types import GuestwireMemory
from guestwire.errors import CommandError

if TYPE_CHECKING:
    from guestwire.cli.options import Common
    from guestwire.client import GuestAgent

_MEMINFO = "/proc/meminfo"
_LINE = re.compile(r"^(\w+):\s+(\d{1,15}) kB$", re.MULTILINE)
_NAMES = {
    "MemTotal": "total",
    "MemFree": "free",
    "MemAvailable": "available",
    "Buffers": "buffers",
    "Cached": "cached",
    "SwapTotal": "swap_total",
    "SwapFree": "swap_free",
}
_LONGEST = 64 << 10  # bytes of /proc/meminfo; it has about 1500


class Memory(Struct):
    """What is known, in bytes: `memory` by the kernel, and the blocks that can be plugged in and out."""

    memory: GuestwireMemory | None
    block_size: int | None
    blocks: int | None
    blocks_online: int | None


@click.command
@options.guests
@options.common
def command(guests: tuple[str, ...], common: Common) -> int:
    """Show memory and swap: how much there is, and how much of it is in use.

    Agents other than guestwire's have no command for this; /proc/meminfo is read through them.
    """
    return many.each(guests, common, look, show)


def look(agent: GuestAgent) -> Memory:
    """Ask our agent's own command, else read the kernel's file; memory blocks where there are any."""
    try:
        memory = agent.guestwire_get_metrics(["memory"]).memory
    except CommandError:
        memory = None
    refused: CommandError | None = None
    if memory is None:
        try:
            memory = from_meminfo(agent.read_file(_MEMINFO, limit=_LONGEST))
        except CommandError as error:
            refused = error
    try:
        blocks = agent.guest_get_memory_blocks()
        size = agent.guest_get_memory_block_info().size if blocks else None
    except CommandError:
        blocks, size = [], None
    if refused is not None and not blocks:
        raise refused
    online = sum(block.online for block in blocks)
    return Memory(memory, size, len(blocks) if blocks else None, online if blocks else None)


def from_meminfo(data: bytes) -> GuestwireMemory | None:
    """/proc/meminfo, whose kB are KiB."""
    found = _LINE.findall(data.decode("utf-8", "replace"))
    known = {_NAMES[key]: int(size) * 1024 for key, size in found if key in _NAMES}
    return GuestwireMemory(**known) if "total" in known else None


def show(found: Memory) -> Pairs:
    """For people."""
    memory = found.memory or GuestwireMemory()
    cache = None if memory.buffers is None or memory.cached is None else memory.buffers + memory.cached
    swap = memory.swap_total or None
    blocks = None
    if found.blocks and found.block_size:
        blocks = f"{found.blocks_online} of {found.blocks} online, {human_bytes(found.block_size)} each"
    return Pairs(
        [
            ("memory", _amount(memory.total)),
            ("in use", _part(memory.total, memory.available)),
            ("available", _amount(memory.available)),
            ("free", _amount(memory.free)),
            ("caches", _amount(cache)),
            ("swap", _amount(memory.swap_total)),
            ("swap in use", _part(swap, memory.swap_free)),
            ("blocks", blocks),
        ]
    )


def _amount(size: int | None) -> str | None:
    return None if size is None else human_bytes(size)


def _part(total: int | None, left: int | None) -> str | None:
    if not total or left is None:
        return None
    return f"{human_bytes(total - left)} ({percent((total - left) / total)})"

"""The machine's disks: a walk over /sys/block, kept until an event of the kernel or of udev makes it void."""

from __future__ import annotations

import os

from guestwire.agent.system.linux import sysfs
from guestwire.agent.system.linux.diskaddress import Address, address_of
from guestwire.agent.system.linux.udevdb import block_properties
from guestwire.agent.system.linux.uevents import BlockEvents

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Devices that the kernel makes up itself: loop, dm, md, zram.
_VIRTUAL = "/devices/virtual/block/"


class Disk:
    """A whole disk or a partition. `node` is its device node, `slaves` the nodes of the devices it is made of."""

    __slots__ = ("address", "alias", "node", "partition", "slaves")

    def __init__(self, node: str, partition: bool, slaves: list[str]) -> None:
        self.node = node
        self.partition = partition
        self.slaves = slaves
        self.alias: str | None = None
        self.address: Location | None = None


class Location:
    """A piece of hardware that holds a filesystem or a disk."""

    __slots__ = ("address", "node", "serial")

    def __init__(self, address: Address, node: str | None, serial: str | None) -> None:
        self.address = address
        self.node = node
        self.serial = serial


class _Known:
    """What the walks since the last event have found, and the state of the kernel that they belong to."""

    __slots__ = ("disks", "state", "under")

    def __init__(self, state: object) -> None:
        self.state = state
        self.disks: list[Disk] | None = None
        self.under: dict[tuple[int, int], tuple[str, list[Location]]] = {}


class Disks:
    """`root` is a path in front of /sys and /run; a captured tree is walked anew each time."""

    def __init__(self, root: str = "") -> None:
        self._root = root
        self._known = _Known(None)
        self._events: BlockEvents | None = None
        self._partitions = -1
        if not root:
            self._watch()

    def close(self) -> None:
        """Give the descriptors back."""
        if self._events is not None:
            self._events.close()
            os.close(self._partitions)

    def disks(self) -> list[Disk]:
        """All disks that have a size, each before its partitions, in the kernel's order."""
        known = self._still_known()
        disks = known.disks
        if disks is None:
            disks = known.disks = list(self._walk())
        return disks

    def under(self, devices: Sequence[tuple[int, int]]) -> list[tuple[str, list[Location]]]:
        """Of each block device (major, minor) its name, such as "dm-0", and the hardware under it.

        A device that sysfs does not show, as in some containers, is called "MAJOR:MINOR" and has no hardware.
        """
        known = self._still_known().under
        for device in devices:
            if device not in known:
                known[device] = self._look_under(device)
        return [known[device] for device in devices]

    def _watch(self) -> None:
        """Without events nothing is kept: a container's own network does not hear of them."""
        try:
            events = BlockEvents()
            self._partitions = os.open("/proc/partitions", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return
        self._events = events

    def _still_known(self) -> _Known:
        """What may be used again. Two threads may walk at once; each keeps what belongs to the state it began with."""
        if self._events is None:
            return _Known(None)
        changed = self._events.any()
        state = self._state()
        known = self._known
        if changed or state != known.state:
            known = self._known = _Known(state)
        return known

    def _state(self) -> tuple[object, ...]:
        """What may change without an event: sizes (of a zram disk) and the members of an md array."""
        sizes = os.pread(self._partitions, 65536, 0)
        arrays = [word for word in sizes.split() if word.startswith(b"md")] if b" md" in sizes else ()
        return sizes, *(sysfs.names(f"/sys/block/{os.fsdecode(name)}/slaves") for name in arrays)

    def _walk(self) -> Iterator[Disk]:
        for name in sysfs.names(self._root + "/sys/block"):
            try:
                syspath = sysfs.resolve(self._root, "/sys/block/" + name)
            except FileNotFoundError:  # it has just gone
                continue
            disk = self._disk(syspath)
            if disk is None:
                continue
            yield disk
            for part in sysfs.names(self._root + syspath):
                partition = f"{syspath}/{part}"
                if part.startswith(name) and os.path.isdir(self._root + partition):
                    node = self._node(partition)
                    if node is not None:
                        yield Disk(node, True, [disk.node])

    def _disk(self, syspath: str) -> Disk | None:
        """None for one without medium (size 0) and for a hidden one, which has no node."""
        node = self._node(syspath)
        if node is None or sysfs.read(f"{self._root}{syspath}/size") == "0":
            return None
        slaves = (self._node(path) for path in self._slaves(syspath))
        disk = Disk(node, False, [node for node in slaves if node is not None])
        if _VIRTUAL in syspath:
            disk.alias = self._dm_name(syspath)
        else:
            disk.address = self._location(syspath)
        return disk

    def _look_under(self, device: tuple[int, int]) -> tuple[str, list[Location]]:
        number = f"{device[0]}:{device[1]}"
        try:
            syspath = sysfs.resolve(self._root, "/sys/dev/block/" + number)
        except FileNotFoundError:
            return number, []
        return os.path.basename(syspath), list(self._hardware(syspath))

    def _hardware(self, syspath: str) -> Iterator[Location]:
        """The hardware at the foot of a stack of dm and md devices."""
        if _VIRTUAL in syspath:
            for path in self._slaves(syspath):
                yield from self._hardware(path)
        else:
            location = self._location(syspath)
            if location is not None:
                yield location

    def _location(self, syspath: str) -> Location | None:
        node = self._node(syspath)
        number = sysfs.read(f"{self._root}{syspath}/dev") or ""
        serial = block_properties(self._root, number).get("ID_SERIAL") or None
        address = address_of(self._root, syspath)
        if address is None and node is None and serial is None:
            return None
        return Location(address or Address(), node, serial)

    def _node(self, syspath: str) -> str | None:
        name = sysfs.uevent(self._root + syspath).get("DEVNAME")
        return "/dev/" + name if name else None

    def _slaves(self, syspath: str) -> Iterator[str]:
        """The paths of the devices that a virtual one is made of."""
        for name in sysfs.names(f"{self._root}{syspath}/slaves"):
            try:
                yield sysfs.resolve(self._root, f"{syspath}/slaves/{name}")
            except FileNotFoundError:
                continue

    def _dm_name(self, syspath: str) -> str | None:
        number = sysfs.read(f"{self._root}{syspath}/dev") or ""
        name = block_properties(self._root, number).get("DM_NAME")
        return name or sysfs.read(f"{self._root}{syspath}/dm/name")

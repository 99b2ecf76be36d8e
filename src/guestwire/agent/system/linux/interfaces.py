"""Network interfaces as getifaddrs(3) groups them, and their counters."""

from __future__ import annotations

from guestwire.agent.system.linux import netlink
from guestwire.agent.system.linux.kernfile import read_table

TYPE_CHECKING = False
if TYPE_CHECKING:
    # (name, hardware address, [(type, address, prefix length), …])
    Interface = tuple[str, str, list[tuple[str, str, int]]]

# Columns of /proc/net/dev behind the name, kernel: net/core/net-procfs.c.
RX_BYTES, RX_PACKETS, RX_ERRORS, RX_DROPPED = 0, 1, 2, 3
TX_BYTES, TX_PACKETS, TX_ERRORS, TX_DROPPED = 8, 9, 10, 11


class Interfaces:
    """The list of interfaces, read again only after the kernel has told of a change."""

    def __init__(self) -> None:
        self._watch: netlink.Watch | None = None
        self._known: list[Interface] = []

    def current(self) -> list[Interface]:
        """All interfaces: links in the kernel's order, then labels such as `eth0:1` that are no links.

        OSError when the kernel has no rtnetlink or forbids it.
        """
        if self._watch is None:
            self._watch = netlink.Watch()
        elif not self._watch.changed():
            return self._known
        try:
            links = netlink.links(netlink.dump(netlink.GETLINK))
            addresses = netlink.addresses(netlink.dump(netlink.GETADDR))
        except OSError:
            self._watch.close()
            self._watch = None  # so that the next call asks again
            raise
        self._known = group(links, addresses)
        return self._known


def group(
    links: list[tuple[int, str, bytes]], addresses: list[tuple[int, str, str, str, int]]
) -> list[Interface]:
    """Put each address to the interface of its label or, without one, of its link."""
    by_index = {index: (name, _hardware(address)) for index, name, address in links}
    interfaces: dict[str, Interface] = {}
    for name, hardware in by_index.values():
        interfaces[name] = (name, hardware, [])
    for index, label, kind, address, prefix in addresses:
        if index not in by_index:
            continue  # the link went away between the two tables
        name, hardware = by_index[index]
        interface = interfaces.setdefault(label or name, (label or name, hardware, []))
        interface[2].append((kind, address, prefix))
    return list(interfaces.values())


def counters(root: str) -> dict[str, list[int]]:
    """Name -> the columns of /proc/net/dev. Empty when there is no such file."""
    try:
        table = read_table(root + "/proc/net/dev")
    except OSError:
        return {}
    found = {}
    for line in table.split(b"\n")[2:]:
        # A name may hold a colon; there is none behind it.
        name, colon, columns = line.rpartition(b":")
        if colon:
            found[name.strip().decode("utf-8", "surrogateescape")] = [int(word) for word in columns.split()]
    return found


def _hardware(address: bytes) -> str:
    """The first six bytes, as SIOCGIFHWADDR gives them: zeros where the link has no address."""
    return ":".join(f"{byte:02x}" for byte in address[:6].ljust(6, b"\0"))

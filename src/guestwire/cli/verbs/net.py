"""`guestwire net`: the guest's network interfaces and routes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from guestwire.cli import many, options
from guestwire.cli.output import Column, Styled, Table, bytes_column, count_column

if TYPE_CHECKING:
    from guestwire.cli.options import Common
    from guestwire.client.types import GuestNetworkInterface, GuestNetworkRoute

_NOWHERE = ("0.0.0.0", "::")  # the gateway of what needs none


@click.command
@options.guests
@click.option("--routes", is_flag=True, help="Show the routes instead of the interfaces.")
@options.common
def command(guests: tuple[str, ...], routes: bool, common: Common) -> int:
    """Show the network interfaces with their addresses and traffic, or the routes."""
    if routes:
        return many.each(guests, common, lambda agent: agent.guest_network_get_route(), show_routes)
    return many.each(guests, common, lambda agent: agent.guest_network_get_interfaces(), show)


def show(interfaces: list[GuestNetworkInterface]) -> Table:
    """A row an interface. Lost are packets with errors and packets dropped, both ways."""
    rows = []
    for each in interfaces:
        seen = each.statistics
        lost = seen and seen.rx_errs + seen.rx_dropped + seen.tx_errs + seen.tx_dropped
        addresses = [f"{address.ip_address}/{address.prefix}" for address in each.ip_addresses or []]
        rows.append(
            (
                each.name,
                each.hardware_address,
                ", ".join(addresses) or None,
                seen and seen.rx_bytes,
                seen and seen.tx_bytes,
                Styled(lost, "yellow") if lost else lost,
            )
        )
    columns: list[Column | str] = [
        "interface",
        "hardware address",
        "addresses",
        bytes_column("received"),
        bytes_column("sent"),
        count_column("lost"),
    ]
    return Table(columns, rows, empty="no interfaces")


def show_routes(routes: list[GuestNetworkRoute]) -> Table:
    """A row a route."""
    rows = []
    for each in routes:
        length = each.desprefixlen if each.version == 6 else _prefix(each.mask)
        via = each.nexthop if each.version == 6 else each.gateway
        rows.append(
            (
                f"{each.destination}/{length}" if length else each.destination,
                None if via in _NOWHERE else via,
                each.iface,
                each.metric,
            )
        )
    return Table(["destination", "gateway", "interface", count_column("metric")], rows, empty="no routes")


def _prefix(mask: str | None) -> str | None:
    """The length of a netmask such as 255.255.255.0; what is none stays as it is."""
    from ipaddress import IPv4Network

    try:
        return str(IPv4Network(f"0.0.0.0/{mask}").prefixlen) if mask else None
    except ValueError:
        return mask

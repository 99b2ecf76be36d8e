"""What cures a broken link between here and a guest's agent, in words that can be followed."""

from __future__ import annotations

import os
import pwd
import shlex
from contextlib import suppress

from guestwire.client import address as addresses

CHANNEL = (
    "give the virtual machine a channel: in libvirt <channel type='unix'><target type='virtio'"
    " name='org.qemu.guest_agent.0'/></channel>, in QEMU -chardev socket,id=ga,path=PATH,server=on,wait=off"
    " -device virtio-serial -device virtserialport,chardev=ga,name=org.qemu.guest_agent.0"
)
AGENT = (
    "in the guest, install and start the agent (guestwire-agent, or qemu-guest-agent), and see that it uses this"
    " channel: /dev/virtio-ports/org.qemu.guest_agent.0; a machine that is paused must go on first"
)

_BEHIND_BROKER = {
    "connecting": "wait: the broker is about to open the channel",
    "silent": AGENT,
    "busy": "end the other client of the channel, so that the broker can have it",
    "down": f"start the virtual machine; if it runs: {CHANNEL}",
}


def allow(names: str) -> str:
    """For commands that the guest's policy forbids."""
    return f"allow {names} in the guest: block-rpcs and allow-rpcs in the agent's configuration or options"


def permission(path: str) -> str:
    """For a path that we may not use."""
    owner = "its owner"
    with suppress(OSError, KeyError):
        owner = pwd.getpwuid(os.stat(path).st_uid).pw_name
    return f"run as root or as {owner}, or have {path or '/'} opened to your group"


def behind_broker(reason: str) -> str | None:
    """For what a broker says of a guest: `STATE: WHY`. None for words that are no broker's."""
    state, colon, _ = reason.partition(": ")
    if not colon or state not in _BEHIND_BROKER:
        return None
    return _BEHIND_BROKER[state]


def no_answer(place: addresses.Address, reason: str, silent: bool) -> str:
    """For an agent that does not answer, or not as one; `silent` when the way itself is open."""
    if isinstance(place, addresses.LibvirtAddress):
        return _libvirt(place, reason)
    if isinstance(place, addresses.VsockAddress):
        return (
            f"see that a guest runs with this CID (QEMU: -device vhost-vsock-pci,guest-cid={place.cid}), and that"
            f" its agent listens on the port: guestwire-agent -m vsock-listen -p {place.cid}:{place.port}"
        )
    if silent:
        return AGENT
    if isinstance(place, addresses.TcpAddress):
        return "see that the virtual machine runs, and that its channel is a chardev on this host and port"
    return "see that an agent, and nothing else, is on the other end"


def _libvirt(place: addresses.LibvirtAddress, reason: str) -> str:
    virsh = f"virsh -c {shlex.quote(place.uri)}"
    for words, cure in (
        ("neither libvirt-python", "install libvirt-python, or virsh (package libvirt-clients)"),
        ("connect", f"see that libvirtd, or virtqemud, runs and that you may use it: {virsh} list"),
        ("omain not found", f"{virsh} list --all names the domains"),
        ("get domain", f"{virsh} list --all names the domains"),
        ("not running", f"start it: {virsh} start {shlex.quote(place.domain)}"),
        ("not configured", CHANNEL),
    ):
        if words in reason and "agent is not connected" not in reason:
            return cure
    return AGENT

"""Every verb of virsh that uses an agent, once with Debian's C agent and once with ours in the same guest.

What virsh prints, its status and what is seen inside the guest are the same for both, but for the differences that
docs/explanation/compatibility.md explains.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from guestwire.broker.server import Broker
from guestwire.cli.main import main
from guestwire.client import AsyncGuestAgent, GuestAgent
from guestwire.discovery import Place, find
from guestwire.errors import CommandError

from .conftest import image, ready
from .harness.libvirt import DOMAIN, URI, UUID, Libvirt, Said

KEYS = "/home/tester/.ssh/authorized_keys"
FROZEN = '{"execute":"guest-fsfreeze-status"}'
SEEN_KEYS = f"cat {KEYS}; stat -c '%a %u %g' {KEYS} /home/tester/.ssh"


class Step(NamedTuple):
    """A verb (`@` is the domain) and what is looked at in the guest after it."""

    words: str
    look: str = ""


class Told(NamedTuple):
    """What became of a step."""

    said: Said
    seen: str


STEPS = {
    "ping": Step('qemu-agent-command @ {"execute":"guest-ping"}'),
    "pretty": Step('qemu-agent-command @ --pretty {"execute":"guest-get-host-name"}'),
    "timeout": Step('qemu-agent-command @ --timeout 9 {"execute":"guest-get-timezone"}'),
    "block": Step('qemu-agent-command @ --block {"execute":"guest-get-osinfo"}'),
    "an unknown command": Step('qemu-agent-command @ {"execute":"guest-nonsense"}'),
    "a wrong argument": Step('qemu-agent-command @ {"execute":"guest-file-open","arguments":{"path":7}}'),
    "a missing file": Step('qemu-agent-command @ {"execute":"guest-file-open","arguments":{"path":"/none"}}'),
    "interfaces": Step('qemu-agent-command @ {"execute":"guest-network-get-interfaces"}'),
    "disks": Step('qemu-agent-command @ {"execute":"guest-get-disks"}'),
    "users": Step('qemu-agent-command @ {"execute":"guest-get-users"}'),
    "memory": Step('qemu-agent-command @ {"execute":"guest-get-memory-block-info"}'),
    "domfsinfo": Step("domfsinfo @"),
    "freeze": Step("domfsfreeze @"),
    "status while frozen": Step(f"qemu-agent-command @ {FROZEN}"),
    "freeze again": Step("domfsfreeze @"),
    "a forbidden command while frozen": Step("domfstrim @"),
    "thaw": Step("domfsthaw @", "date > /mnt/ext4/writable && echo written"),
    "thaw again": Step("domfsthaw @"),
    "freeze one": Step("domfsfreeze @ --mountpoint /mnt/xfs", "date > /mnt/ext4/writable && echo written"),
    "thaw one, which libvirt cannot": Step("domfsthaw @ --mountpoint /mnt/xfs"),
    "thaw the rest": Step("domfsthaw @", "date > /mnt/xfs/writable && echo written"),
    "freeze what is not there": Step("domfsfreeze @ --mountpoint /mnt/none"),
    "thaw what is not there": Step("domfsthaw @"),
    "domfstrim": Step("domfstrim @"),
    "domfstrim from a size on": Step("domfstrim @ --minimum 1048576"),
    "domtime set": Step("domtime @ --time 1700000000", "date +%Y-%m-%dT%H; cat /sys/class/rtc/rtc0/date"),
    "domtime": Step("domtime @", "date +%s"),
    "domtime pretty": Step("domtime @ --pretty", "date +%s"),
    "domtime from the hardware clock": Step("domtime @ --sync", "date +%Y-%m-%dT%H"),
    "domtime now": Step("domtime @ --now", "date +%s"),
    "guestinfo": Step("guestinfo @"),
    **{
        f"guestinfo {kind}": Step(f"guestinfo @ --{kind}")
        for kind in ("user", "os", "timezone", "hostname", "filesystem", "disk", "interface")
    },
    "guestvcpus": Step("guestvcpus @", "nproc"),
    "one off": Step("guestvcpus @ --cpulist 1 --disable", "nproc"),
    "guestvcpus with one off": Step("guestvcpus @", "nproc"),
    "one on": Step("guestvcpus @ --cpulist 1 --enable", "nproc"),
    "a cpu that is not there": Step("guestvcpus @ --cpulist 7 --disable", "nproc"),
    "a cpu that cannot go": Step("guestvcpus @ --cpulist 0 --disable", "nproc"),
    "setvcpus 1": Step("setvcpus @ 1 --guest", "nproc"),
    "setvcpus 2": Step("setvcpus @ 2 --guest", "nproc"),
    "a password": Step("set-user-password @ tester geheim", "grep -c '^tester:[$]' /etc/shadow"),
    "an encrypted password": Step(
        "set-user-password @ tester $6$a$b --encrypted", "grep ^tester /etc/shadow"
    ),
    "nobody's password": Step("set-user-password @ nobody-here geheim"),
    "domhostname": Step("domhostname @ --source agent"),
    "domifaddr": Step("domifaddr @ --source agent"),
    "domifaddr full": Step("domifaddr @ --source agent --full"),
    "domifaddr of one": Step("domifaddr @ eth0 --source agent"),
    "keys set": Step("set-user-sshkeys @ tester --file FOLDER/two", SEEN_KEYS),
    "keys": Step("get-user-sshkeys @ tester"),
    "keys added": Step("set-user-sshkeys @ tester --file FOLDER/one", SEEN_KEYS),
    "keys removed": Step("set-user-sshkeys @ tester --remove --file FOLDER/two", SEEN_KEYS),
    "keys reset": Step("set-user-sshkeys @ tester --reset --file FOLDER/two", SEEN_KEYS),
    "keys all gone": Step("set-user-sshkeys @ tester --reset", SEEN_KEYS),
    "nobody's keys": Step("get-user-sshkeys @ nobody-here"),
    "guest-agent-timeout": Step("guest-agent-timeout @ --timeout 20"),
    "guest-agent-timeout, default": Step("guest-agent-timeout @ --timeout -2"),
    "still there": Step('qemu-agent-command @ {"execute":"guest-ping"}'),
}

EXPLAINED = {
    "freeze again": ("the agent is in frozen state", "the command is not allowed"),
    "a forbidden command while frozen": ("the agent is in frozen state", "the command is not allowed"),
    "nobody's password": (
        "child process has failed to set user password",
        "nobody-here) password not changed",
    ),
}
"""How the errors of QEMU 7.2's agent and of ours (QEMU 11.1's words) end where they differ."""

CLOCKS = {"domtime", "domtime pretty", "domtime now"}
"""Steps whose answer is the time: compared with the guest's own."""


@pytest.fixture(scope="module")
def libvirt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Libvirt]:
    """A domain with an ext4 and an xfs disk mounted, and an address on its network."""
    ready()
    if not shutil.which("libvirtd", path=os.environ["PATH"] + ":/usr/sbin"):
        pytest.skip("libvirtd is not installed")
    folder = tmp_path_factory.mktemp("disks")
    disks = [
        image(folder / "ext4.img", 256 << 20, "mkfs.ext4", "-q", "-F"),
        image(folder / "xfs.img", 512 << 20, "mkfs.xfs", "-q", "-f"),
    ]
    with Libvirt(disks) as made:
        for number, kind in enumerate(("ext4", "xfs")):
            disk = f"/dev/$(ls /sys/bus/scsi/devices/*:0:0:{number}/block)"
            made.until(f"mkdir -p /mnt/{kind}; mount -t {kind} {disk} /mnt/{kind}")
        made.sh("echo 0 > /proc/sys/net/ipv6/conf/eth0/accept_ra")  # its addresses would come any time
        made.until("ip link set eth0 up && ip addr add 192.0.2.7/24 dev eth0")
        made.until("! ip addr show dev eth0 | grep -q tentative")
        made.sh("mkdir -p /var/log; touch /var/run/utmp /var/log/wtmp")
        yield made


@pytest.fixture(scope="module")
def told(libvirt: Libvirt) -> dict[bool, dict[str, Told]]:
    """All steps with the C agent (False) and with ours (True)."""
    for name, keys in (("one", ["CCCC three"]), ("two", ["AAAA one", "BBBB two"])):
        (libvirt.folder / name).write_text("".join(f"ssh-ed25519 {key}\n" for key in keys))
        (libvirt.folder / name).chmod(0o644)
    results = {}
    for ours in (False, True):
        libvirt.sh(f"rm -rf /home/tester/.ssh; rm -f /tmp/qga.state; date -s @{1_700_001_000}; hwclock -wu")
        libvirt.sh("sed -i 's/^tester:[^:]*/tester:!/' /etc/shadow")
        libvirt.start_agent(ours)
        results[ours] = {name: _take(libvirt, step) for name, step in STEPS.items()}
        libvirt.stop_agent()
    return results


def _take(libvirt: Libvirt, step: Step) -> Told:
    words = step.words.replace("@", DOMAIN, 1).replace("FOLDER", str(libvirt.folder)).split(" ")
    said = libvirt.virsh(*words)
    return Told(said, libvirt.sh(step.look, check=False) if step.look else "")


def _plain(text: str) -> Any:
    """Without what changes from one moment to the next. JSON is compared member by member."""
    if text.startswith("{"):
        return json.loads(re.sub(r'"([rt]x-\w+)":\d+', r'"\1":0', text))
    return re.sub(r"(used-bytes +:) \d+", r"\1 N", text)


@pytest.mark.parametrize("name", [name for name in STEPS if name not in {*EXPLAINED, *CLOCKS}])
def test_both_agents_lead_to_the_same(told: dict[bool, dict[str, Told]], name: str) -> None:
    stock, ours = told[False][name], told[True][name]
    assert ours.said.status == stock.said.status, f"{stock.said}\n{ours.said}"
    assert _plain(ours.said.out) == _plain(stock.said.out)
    assert ours.said.err == stock.said.err
    assert ours.seen == stock.seen


@pytest.mark.parametrize("ours", [False, True])
def test_the_time_is_the_guests(told: dict[bool, dict[str, Told]], ours: bool) -> None:
    for name in ("domtime", "domtime pretty"):
        step = told[ours][name]
        assert step.said.status == 0, step.said.err
    read = int(told[ours]["domtime"].said.out.removeprefix("Time: "))
    assert 0 <= int(told[ours]["domtime"].seen) - read < 60
    assert told[ours]["domtime pretty"].said.out.startswith("Time: 2023-11-14 22:")
    assert int(told[ours]["domtime now"].seen) > 1_750_000_000


def test_the_verbs_really_worked(told: dict[bool, dict[str, Told]]) -> None:
    """The same failure twice would compare well."""
    ours = told[True]
    failing = {name for name, step in ours.items() if step.said.status != 0}
    assert failing == {
        "an unknown command", "a wrong argument", "a missing file", "freeze again", "a forbidden command while frozen",
        "a cpu that is not there", "a cpu that cannot go", "nobody's password", "nobody's keys",
        "thaw one, which libvirt cannot",
    }  # fmt: skip
    assert json.loads(ours["status while frozen"].said.out) == {"return": "frozen"}
    assert ours["one off"].seen == ours["setvcpus 1"].seen == "1"
    assert ours["a password"].seen == "1"
    assert "192.0.2.7/24" in ours["domifaddr"].said.out
    assert ours["keys set"].seen.split("\n")[-2:] == ["600 1000 1000", "700 1000 1000"]


@pytest.mark.parametrize("name", EXPLAINED)
def test_differences_that_are_explained(told: dict[bool, dict[str, Told]], name: str) -> None:
    for ours, ending in enumerate(EXPLAINED[name]):
        said = told[bool(ours)][name].said
        assert said.status == 1
        assert said.err.endswith(ending), said.err


def uri_of(libvirt: Libvirt) -> str:
    """As root the socket has to be named: libvirtd is another user's."""
    return URI + ("" if os.geteuid() else f"?socket={libvirt.folder}/run/libvirt/libvirt-sock")


def test_discovery_finds_the_domain(
    libvirt: Libvirt, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in libvirt.environment.items():
        monkeypatch.setenv(name, value)
    uri = uri_of(libvirt)
    libvirt.start_agent(True)
    try:
        (guest,) = [each for each in find().guests if each.uuid == UUID]
        assert (guest.name, guest.address) == (DOMAIN, f"libvirt:{uri}/{DOMAIN}")
        assert (guest.state, guest.agent, guest.sources) == ("running", "connected", ("libvirt", "qemu"))
        asked = find(Place(libvirt=(uri,), root=Path("/none"), patience=60.0), ["libvirt"])
        assert asked.faults == []
        assert (asked.guests[0].address, asked.guests[0].agent) == (guest.address, "connected")
        with GuestAgent(str(guest.address)) as agent:
            assert agent.guest_get_host_name().host_name == "light"
        assert main(["ls", "--json", "--timeout", "60", DOMAIN]) == 0
        rows = [row for row in json.loads(capsys.readouterr().out) if row["uuid"] == UUID]
        assert [(row["agent"], row["kind"], row["system"]) for row in rows] == [
            ("up", "guestwire-agent", "Light guest")
        ]
    finally:
        libvirt.stop_agent()


@pytest.mark.parametrize("ours", [False, True], ids=["qemu-ga", "guestwire-agent"])
async def test_many_share_a_channel_that_libvirtd_holds(
    libvirt: Libvirt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ours: bool
) -> None:
    for name, value in libvirt.environment.items():
        monkeypatch.setenv(name, value)
    libvirt.start_agent(ours)
    try:
        async with Broker({"light": f"libvirt:{uri_of(libvirt)}/{DOMAIN}"}, tmp_path / "run"):
            agents = [
                AsyncGuestAgent(f"unix:{tmp_path}/run/guests/light.sock", timeout=60.0) for _ in range(3)
            ]
            names = await asyncio.gather(*(agent.guest_get_host_name() for agent in agents))
            assert [name.host_name for name in names] == ["light"] * 3
            handle = await agents[0].guest_file_open("/etc/passwd")
            with pytest.raises(CommandError, match="has not been found"):
                await agents[1].guest_file_read(handle)
            assert (await agents[0].guest_file_read(handle, count=5)).count == 5
            done = await agents[2].run(["echo", "through libvirt"])
            assert done.stdout == b"through libvirt\n"
            await asyncio.gather(*(agent.close() for agent in agents))
    finally:
        libvirt.stop_agent()

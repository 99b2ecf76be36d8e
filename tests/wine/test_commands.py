"""What the commands answer under Wine."""

from __future__ import annotations

import base64
import getpass
import os
import socket
import time
from pathlib import Path
from typing import Any

import pytest

from .rig import SerialPeer, Wine, drive_z


def end_of(peer: SerialPeer, pid: int) -> dict[str, Any]:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        status: dict[str, Any] = peer.value("guest-exec-status", pid=pid)
        if status["exited"]:
            return status
        time.sleep(0.05)
    raise TimeoutError("the program has not ended")


def run(peer: SerialPeer, *words: str, **options: Any) -> dict[str, Any]:
    pid = peer.value("guest-exec", path=words[0], arg=list(words[1:]), **options)["pid"]
    return end_of(peer, pid)


def test_osinfo(peer: SerialPeer) -> None:
    info = peer.value("guest-get-osinfo")
    assert info["id"] == "mswindows"
    assert (info["kernel-version"], info["version-id"], info["variant"]) == ("10.0", "10", "client")
    assert info["machine"] == "x86_64"
    assert info["pretty-name"]


def test_host_name(peer: SerialPeer) -> None:
    """The test bed gives Windows the host's name, cut to what NetBIOS allows in some versions."""
    name = peer.value("guest-get-host-name")["host-name"]
    assert socket.gethostname().lower().startswith(name.lower()[:15])


def test_timezone(peer: SerialPeer) -> None:
    zone = peer.value("guest-get-timezone")
    assert zone["offset"] == time.localtime().tm_gmtoff
    assert zone["zone"]


def test_cpus(peer: SerialPeer) -> None:
    cpus = peer.value("guest-get-vcpus")
    assert [cpu["logical-id"] for cpu in cpus] == list(range(os.cpu_count() or 1))
    assert all(cpu["online"] and not cpu["can-offline"] for cpu in cpus)


def test_interfaces(peer: SerialPeer) -> None:
    found = peer.value("guest-network-get-interfaces")
    addresses = {
        (address["ip-address"], address["prefix"])
        for entry in found
        for address in entry.get("ip-addresses", ())
    }
    assert ("127.0.0.1", 8) in addresses
    assert all(entry["name"] and set(entry["statistics"]) >= {"rx-bytes", "tx-dropped"} for entry in found)


def test_filesystems(peer: SerialPeer) -> None:
    by_place = {entry["mountpoint"]: entry for entry in peer.value("guest-get-fsinfo")}
    drive = by_place["C:\\"]
    assert drive["name"].startswith("\\\\?\\Volume{")
    assert 0 < drive["used-bytes"] < drive["total-bytes"]


def test_users(peer: SerialPeer) -> None:
    assert peer.value("guest-get-users") == []  # Wine has no sessions


def test_commands_that_are_not_there_say_so(peer: SerialPeer) -> None:
    answer = peer.call("guest-get-memory-blocks")
    assert answer["error"]["class"] == "CommandNotFound"


def test_a_freeze_without_vss(peer: SerialPeer) -> None:
    """Wine's vssapi.dll is a stub: the error names the call, the HRESULT and its meaning, and nothing stays frozen."""
    told = "VSS failed at CreateVssBackupComponents: E_NOTIMPL (0x80004001): this Windows has no working VSS"
    assert peer.error("guest-fsfreeze-freeze") == told
    assert peer.error("guest-fsfreeze-freeze-list", mountpoints=["C:\\"]) == told
    assert peer.value("guest-fsfreeze-freeze-list", mountpoints=["X:\\"]) == 0
    assert peer.value("guest-fsfreeze-status") == "thawed"
    assert peer.value("guest-fsfreeze-thaw") == 0
    assert "return" in peer.call("guest-get-osinfo")


def test_an_impossible_time(peer: SerialPeer) -> None:
    assert peer.error("guest-set-time", time=-1) == "Invalid time"


def test_a_clock_that_may_not_be_set(peer: SerialPeer) -> None:
    """Wine refuses to set the clock of the machine below it by more than half a second."""
    assert peer.error("guest-set-time", time=10**18).startswith("Failed to set time to guest: ")


def test_a_mode_of_shutdown_that_does_not_exist(peer: SerialPeer) -> None:
    assert peer.error("guest-shutdown", mode="sleep").startswith("mode is invalid")


def test_a_password_cannot_come_crypted(peer: SerialPeer) -> None:
    told = peer.error("guest-set-user-password", username="x", password="YQ==", crypted=True)
    assert told == "'crypted' must be off on this host"


def test_a_file_written_and_read(peer: SerialPeer, guest_path: Path) -> None:
    there = guest_path / "note.bin"
    data = bytes(range(256)) * 40
    handle = peer.value("guest-file-open", path=drive_z(there), mode="w+")
    written = peer.value("guest-file-write", handle=handle, buf_b64=base64.b64encode(data).decode())
    assert written == {"count": len(data), "eof": False}
    peer.value("guest-file-flush", handle=handle)
    assert peer.value("guest-file-seek", handle=handle, offset=5, whence="set") == {
        "position": 5,
        "eof": False,
    }
    read = peer.value("guest-file-read", handle=handle, count=100_000)
    assert (base64.b64decode(read["buf-b64"]), read["count"], read["eof"]) == (data[5:], len(data) - 5, True)
    peer.value("guest-file-close", handle=handle)
    assert there.read_bytes() == data


def test_appending(peer: SerialPeer, guest_path: Path) -> None:
    there = guest_path / "log.txt"
    there.write_bytes(b"one\r\n")
    handle = peer.value("guest-file-open", path=drive_z(there), mode="a")
    peer.value("guest-file-write", handle=handle, buf_b64=base64.b64encode(b"two\n").decode())
    peer.value("guest-file-close", handle=handle)
    assert there.read_bytes() == b"one\r\ntwo\n"


def test_a_file_that_is_not_there(peer: SerialPeer) -> None:
    told = peer.error("guest-file-open", path="C:\\no\\such", mode="r")
    assert told == "failed to open file 'C:\\no\\such' (mode: 'r'): No such file or directory"
    assert peer.error("guest-file-close", handle=99) == "handle '99' has not been found"


def test_a_program(peer: SerialPeer) -> None:
    status = run(peer, "cmd.exe", "/c", "echo hello& exit 7", capture_output=True)
    assert status["exitcode"] == 7
    assert base64.b64decode(status["out-data"]) == b"hello\r\n"


@pytest.mark.parametrize("mode", ["stdout", "stderr"])
def test_one_stream_of_a_program(peer: SerialPeer, mode: str) -> None:
    status = run(peer, "cmd.exe", "/c", "echo first& echo second 1>&2", capture_output=mode)
    name, text = {"stdout": ("out-data", b"first"), "stderr": ("err-data", b"second")}[mode]
    assert text in base64.b64decode(status[name])
    assert len({"out-data", "err-data"} & set(status)) == 1


def test_a_program_gets_input_and_environment(peer: SerialPeer) -> None:
    status = run(
        peer,
        "cmd.exe",
        "/v:on",
        "/c",
        "set /p LINE=& echo !LINE! %COLOUR%",
        env=["COLOUR=blue"],
        input_data=base64.b64encode(b"sky\r\n").decode(),
        capture_output=True,
    )
    assert b"sky blue" in base64.b64decode(status["out-data"])


def test_a_long_command_does_not_hold_up_a_resync(peer: SerialPeer) -> None:
    pid = peer.value("guest-exec", path="cmd.exe", arg=["/c", "pause"], input_data="")["pid"]
    peer.sync()
    end_of(peer, pid)


def test_a_program_that_does_not_exist(peer: SerialPeer) -> None:
    told = peer.error("guest-exec", path="C:\\none.exe")
    assert told.startswith("Failed to execute child process “C:\\none.exe” (")


def test_routes(peer: SerialPeer) -> None:
    """Those of the machine below, as Wine has them from it."""
    names = {entry["name"] for entry in peer.value("guest-network-get-interfaces")}
    for route in peer.value("guest-network-get-route"):
        assert route["iface"] in names or route["iface"].isdigit()
        assert {4: {"mask", "gateway"}, 6: {"desprefixlen", "nexthop"}}[route["version"]] <= set(route)


def test_disks(peer: SerialPeer) -> None:
    disks = peer.value("guest-get-disks")
    assert [disk["name"] for disk in disks][:1] == [r"\\.\PhysicalDrive0"]
    assert all(disk["address"]["dev"] == disk["name"] and not disk["partition"] for disk in disks)


def test_devices(peer: SerialPeer) -> None:
    assert peer.value("guest-get-devices") == []  # Wine has none on its PCI bus


def test_load_without_a_counter(peer: SerialPeer) -> None:
    """Wine does not count the processors' queue."""
    assert peer.error("guest-get-load").startswith(
        "failed to query load average: PdhAddEnglishCounterW failed"
    )


def test_trim_without_defrag(peer: SerialPeer) -> None:
    """Wine has no defrag.exe, so nothing is trimmed here."""
    by_place = {entry["path"]: entry for entry in peer.value("guest-fstrim")["paths"]}
    assert by_place["C:\\"]["error"].startswith("cannot start defrag.exe: ")


def test_keys_of_an_administrator(peer: SerialPeer, wine: Wine) -> None:
    """The only user that Wine has is one."""
    user = getpass.getuser()
    one, two = "ssh-ed25519 AAAAone one@test", "ssh-ed25519 AAAAtwo two@test"
    assert "File not found" in peer.error("guest-ssh-get-authorized-keys", username=user)
    peer.value("guest-ssh-add-authorized-keys", username=user, keys=[one, two, two])
    assert peer.value("guest-ssh-get-authorized-keys", username=user) == {"keys": [two, one]}
    peer.value("guest-ssh-remove-authorized-keys", username=user, keys=[one])
    folder = wine.prefix / "drive_c" / "ProgramData" / "ssh"
    assert (folder / "administrators_authorized_keys").read_text() == two
    assert [path.name for path in folder.iterdir()] == ["administrators_authorized_keys"]
    told = peer.error("guest-ssh-add-authorized-keys", username="nobody-here", keys=[one])
    assert told == "failed to lookup user 'nobody-here': Success"

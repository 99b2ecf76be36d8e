"""Commands that change a guest, their effect looked at from outside the agent."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from guestwire.client.types import GuestLogicalProcessor
from guestwire.errors import CommandError

from .harness.guest import Guest


def test_the_clock_really_moves(light: Guest) -> None:
    wanted = 1_600_000_000
    with light.agent() as agent:
        agent.guest_set_time(time=wanted * 10**9)
        assert wanted <= int(light.sh("date +%s")) < wanted + 60
        assert wanted <= agent.guest_get_time() / 1e9 < wanted + 60
        assert "2020-09-13" in light.sh("hwclock -u 2>/dev/null; cat /sys/class/rtc/rtc0/date")
        light.sh("date -s @1700000000 && hwclock -wu")
        light.sh("date -s @1500000000")
        agent.guest_set_time()
        assert 1_700_000_000 <= int(light.sh("date +%s")) < 1_700_000_600
        with pytest.raises(CommandError, match="Invalid time"):
            agent.guest_set_time(time=2**62)
    light.sh(f"date -s @{int(time.time())}")


def test_cpus_really_go_offline_and_come_back(light: Guest) -> None:
    with light.agent() as agent:
        assert [(cpu.logical_id, cpu.online) for cpu in agent.guest_get_vcpus()] == [(0, True), (1, True)]
        for online, count in ((False, "1"), (True, "2")):
            change = [GuestLogicalProcessor(logical_id=1, online=online)]
            assert agent.guest_set_vcpus(vcpus=change) == 1
            assert light.sh("nproc") == count
        with pytest.raises(CommandError, match="cpu999"):
            agent.guest_set_vcpus(vcpus=[GuestLogicalProcessor(logical_id=999, online=True)])


def test_plugged_memory_goes_online_and_offline(light: Guest) -> None:
    light.qmp.execute("object-add", qom_type="memory-backend-ram", id="mem1", size=128 << 20)
    light.qmp.execute("device_add", driver="pc-dimm", id="dimm1", memdev="mem1")
    light.until("[ $(ls -d /sys/devices/system/memory/memory* | wc -l) -ge 5 ]")
    with light.agent() as agent:
        blocks = agent.guest_get_memory_blocks()
        assert agent.guest_get_memory_block_info().size == 128 << 20
        plugged = blocks[-1].phys_index
        for online, state in ((True, "online"), (False, "offline"), (True, "online")):
            change = {"phys-index": plugged, "online": online}
            results = agent.execute("guest-set-memory-blocks", {"mem-blks": [change]})
            assert results[0]["response"] in ("success", "operation-failed")
            if results[0]["response"] == "success":
                assert light.sh(f"cat /sys/devices/system/memory/memory{plugged}/state") == state


def test_the_password_really_changes(light: Guest) -> None:
    before = light.sh("grep tester /etc/shadow")
    with light.agent() as agent:
        agent.guest_set_user_password(username="tester", password="c2VjcmV0", crypted=False)
        shadow = light.sh("grep tester /etc/shadow")
        assert shadow != before
        assert shadow.split(":")[1].startswith("$")
        assert "secret" not in light.sh("cat /tmp/agent.log; dmesg")
        with pytest.raises(CommandError):
            agent.guest_set_user_password(username="nobody-here", password="c2VjcmV0", crypted=False)


def test_the_password_really_logs_in_and_the_user_is_seen(light: Guest) -> None:
    light.sh("mkdir -p /var/log; touch /var/run/utmp /var/log/wtmp")
    with light.agent() as agent:
        assert agent.guest_get_users() == []
        agent.guest_set_user_password(username="tester", password="c2VjcmV0", crypted=False)
        agent.write_file("/tmp/login.py", (Path(__file__).parent / "harness/login.py").read_bytes())
        light.sh("setsid python3 -I -S /tmp/login.py >/tmp/login.out 2>&1 & echo $! >/tmp/login.pid")
        light.until("grep -q 'logged in' /tmp/login.out")
        assert "uid=1000(tester)" in light.sh("cat /tmp/login.out")
        (user,) = agent.guest_get_users()
        assert user.user == "tester"
        assert abs(user.login_time - int(light.sh("date +%s"))) < 120
    light.sh("kill $(cat /tmp/login.pid)")


def test_keys_really_are_in_the_file_with_owner_and_mode(light: Guest) -> None:
    with light.agent() as agent:
        agent.guest_ssh_add_authorized_keys(
            username="tester", keys=["ssh-ed25519 AAAA one", "ssh-ed25519 BBBB two"]
        )
        file = "/home/tester/.ssh/authorized_keys"
        assert light.sh(f"stat -c '%a %u %g' {file}") == "600 1000 1000"
        assert light.sh("stat -c '%a %u' /home/tester/.ssh") == "700 1000"
        assert light.sh(f"cat {file}").splitlines() == ["ssh-ed25519 AAAA one", "ssh-ed25519 BBBB two"]
        agent.guest_ssh_remove_authorized_keys(username="tester", keys=["ssh-ed25519 AAAA one"])
        assert agent.guest_ssh_get_authorized_keys(username="tester").keys == ["ssh-ed25519 BBBB two"]
        light.sh(f"rm {file}; ln -s /etc/shadow {file}")
        with pytest.raises(CommandError):
            agent.guest_ssh_add_authorized_keys(username="tester", keys=["ssh-ed25519 CCCC three"])
        assert "CCCC" not in light.sh("cat /etc/shadow")


def test_disks_and_filesystems(light: Guest) -> None:
    with light.agent() as agent:
        by_place = {filesystem.mountpoint: filesystem for filesystem in agent.guest_get_fsinfo()}
        assert by_place["/mnt/ext4"].type == "ext4"
        assert by_place["/mnt/xfs"].type == "xfs"
        assert by_place["/mnt/ext4"].disk[0].bus_type == "scsi"
        assert {disk.name for disk in agent.guest_get_disks()} >= {"/dev/sda", "/dev/sdb"}


def test_trim_really_shrinks_the_disk_image(light: Guest) -> None:
    image = _image_of(light, 0)
    light.sh("head -c 60000000 /dev/urandom > /mnt/ext4/junk && sync && rm /mnt/ext4/junk && sync")
    before = os.stat(image).st_blocks * 512
    with light.agent() as agent:
        results = {result.path: result for result in agent.guest_fstrim().paths}
    assert results["/mnt/ext4"].error is None
    assert results["/mnt/ext4"].trimmed > 50_000_000
    assert before - os.stat(image).st_blocks * 512 > 50_000_000


def _image_of(guest: Guest, number: int) -> str:
    for device in guest.qmp.execute("query-block"):
        if device["device"] == f"d{number}":
            return str(device["inserted"]["file"])
    raise LookupError(number)

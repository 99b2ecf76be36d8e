"""Every collector: what it makes of good answers, and that strange ones never pass."""

import pytest

from guestwire.monitor.catalogue import METRICS
from guestwire.monitor.collectors import (
    SECTIONS,
    about,
    clock,
    cpu,
    disks,
    filesystems,
    kernel,
    load,
    memory,
    network,
    pressure,
)
from guestwire.monitor.collectors.base import Answers, number
from guestwire.monitor.samples import Source


def run(read, *values, **more):
    return {(s.name, s.labels): s.value for s in read(Answers(list(values), **more))}


def test_every_section_is_of_metrics_there_are():
    names = [name for section in SECTIONS for name in section.metrics]
    assert len(names) == len(set(names))
    assert set(names) <= set(METRICS)
    assert len({section.name for section in SECTIONS}) == len(SECTIONS)


def test_cpu():
    command = run(cpu.from_command, [{"type": "linux", "cpu": 0, "user": 1230, "idle": 10}, {"type": "new"}])
    assert command == {
        ("node_cpu_seconds_total", (("cpu", "0"), ("mode", "user"))): 1.23,
        ("node_cpu_seconds_total", (("cpu", "0"), ("mode", "idle"))): 0.01,
    }
    file = run(cpu.from_file, b"cpu  1 2 3\ncpu0 123 0 3 4 5 6 7 8 9 9\ncpu1 1 1\nintr 5\n")
    assert file["node_cpu_seconds_total", (("cpu", "0"), ("mode", "user"))] == 1.23
    assert file["node_cpu_seconds_total", (("cpu", "0"), ("mode", "steal"))] == 0.08
    assert len(file) == 10


def test_load():
    expected = {("node_load1", ()): 1.5, ("node_load5", ()): 2.0, ("node_load15", ()): 0.25}
    assert run(load.from_command, {"load1m": 1.5, "load5m": 2, "load15m": 0.25}) == expected
    assert run(load.from_file, b"1.50 2.00 0.25 1/93 8401\n") == expected


def test_memory():
    text = b"MemTotal:  1000 kB\nMemAvailable:    5 kB\nActive(anon): 3 kB\nHugePages_Total: 0\nOdd: 9 kB\n"
    assert run(memory.from_file, text) == {
        ("node_memory_MemTotal_bytes", ()): 1_024_000, ("node_memory_MemAvailable_bytes", ()): 5120,
    }  # fmt: skip


def test_disks():
    stats = {"read-ios": 5, "read-sectors": 3, "read-ticks": 1234, "ios-pgr": 0}
    answer = [
        {"name": "vda", "stats": stats},
        {"name": "vda1", "stats": {}},
        {"name": "loop0", "stats": stats},
    ]
    vda = (("device", "vda"),)
    assert run(disks.from_command, answer) == {
        ("node_disk_reads_completed_total", vda): 5,
        ("node_disk_read_bytes_total", vda): 1536,
        ("node_disk_read_time_seconds_total", vda): 1.234,
        ("node_disk_io_now", vda): 0,
    }
    text = b" 254 0 vda 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17\n 254 1 vda1 1\n 7 0 loop0 1\n 8 0 sda 1 2 3 4\n"
    file = run(disks.from_file, text)
    assert file["node_disk_written_bytes_total", vda] == 7 * 512
    assert file["node_disk_flush_requests_time_seconds_total", vda] == 0.017
    assert len(file) == 17 + 4


def test_network():
    stats = {"rx-bytes": 1, "rx-packets": 2, "rx-errs": 3, "rx-dropped": 4}
    stats |= {"tx-bytes": 5, "tx-packets": 6, "tx-errs": 7, "tx-dropped": 8}
    eth0 = (("device", "eth0"),)
    command = run(network.from_command, [{"name": "eth0", "statistics": stats}, {"name": "ifb0"}])
    file = run(network.from_file, b"Inter-|\n face |\n  eth0: 1 2 3 4 0 0 0 0 5 6 7 8 0 0 0 0\n")
    assert command == file
    assert file["node_network_transmit_drop_total", eth0] == 8
    assert len(file) == 8


def test_filesystems():
    record = {"name": "vda1", "mountpoint": "/", "type": "ext4", "used-bytes": 30, "total-bytes": 90}
    old = {"name": "x", "mountpoint": "/x", "type": "ext4"}
    answer = [record | {"total-bytes-privileged": 100}, old, record | {"type": "squashfs"}]
    labels = (("device", "/dev/vda1"), ("fstype", "ext4"), ("mountpoint", "/"))
    assert run(filesystems.from_command, answer) == {
        ("node_filesystem_size_bytes", labels): 100,
        ("node_filesystem_avail_bytes", labels): 60,
        ("node_filesystem_free_bytes", labels): 70,
    }
    assert len(run(filesystems.from_command, [record])) == 2, "without the privileged total there is no free"
    windows = run(filesystems.from_command, [record | {"name": "\\\\?\\Volume{1}\\"}])
    assert {dict(labels)["device"] for _, labels in windows} == {"\\\\?\\Volume{1}\\"}


def test_kernel():
    assert run(kernel.from_stat, b"cpu 1\nintr 7 0 1\nctxt 99\nbtime 1700000000\nodd\n") == {
        ("node_boot_time_seconds", ()): 1_700_000_000,
        ("node_context_switches_total", ()): 99,
        ("node_intr_total", ()): 7,
    }
    assert run(kernel.from_vmstat, b"nr_free 5\noom_kill 2\npswpin 3\n") == {
        ("node_vmstat_oom_kill", ()): 2, ("node_vmstat_pswpin", ()): 3,
    }  # fmt: skip


def test_pressure():
    some = b"some avg10=0.00 avg60=0.00 avg300=0.00 total=1500000\n"
    full = b"full avg10=0.00 avg60=0.00 avg300=0.00 total=7\n"
    assert run(pressure.from_files, some + full, some + full, some) == {
        ("node_pressure_cpu_waiting_seconds_total", ()): 1.5,
        ("node_pressure_io_waiting_seconds_total", ()): 1.5,
        ("node_pressure_io_stalled_seconds_total", ()): 0.000007,
        ("node_pressure_memory_waiting_seconds_total", ()): 1.5,
    }


def test_clock():
    found = run(clock.from_command, 1_000_500_000_000, asked=1000.0, answered=1000.2)
    assert found == {("node_time_seconds", ()): 1000.5, ("guestwire_guest_clock_offset_seconds", ()): 0.4}


def test_about():
    (_, os_labels), (_, uname) = run(
        about.from_osinfo, {"id": "debian", "kernel-release": "6.1"}, {"host-name": "web"}
    )
    assert dict(os_labels)["id"] == "debian"
    assert dict(uname) == {
        "machine": "",
        "nodename": "web",
        "release": "6.1",
        "sysname": "Linux",
        "version": "",
    }
    assert run(about.from_users, [{"user": "a"}, {"user": "b"}]) == {("guestwire_guest_users", ()): 2}


@pytest.mark.parametrize("value", [True, "1", None, [], {}])
def test_what_is_no_number(value):
    with pytest.raises(ValueError, match="is no number"):
        number(value)


COMMANDS = [step.read for section in SECTIONS for step in section.steps if step.commands]
FILES = [step.read for section in SECTIONS for step in section.steps if step.files]


@pytest.mark.parametrize("read", COMMANDS)
@pytest.mark.parametrize(
    "answer", [None, 5, "text", {"a": 1}, [5], [{"name": "x", "statistics": 5, "stats": 5}]]
)
def test_strange_answers_raise_or_give_samples_only(read, answer):
    try:
        found = list(read(Answers([answer, answer])))
    except Exception:
        return
    assert all(isinstance(sample.value, float) for sample in found)


@pytest.mark.parametrize("read", FILES)
@pytest.mark.parametrize("data", [b"", b"\xff\x00junk", b"cpu0 x\na: b c\n" * 5, b"x" * 100_000])
def test_strange_files_raise_or_give_samples_only(read, data):
    try:
        found = list(read(Answers([data, data, data])))
    except Exception:
        return
    assert all(isinstance(sample.value, float) for sample in found)


def test_long_lists_are_cut():
    answer = [{"type": "linux", "cpu": n, "idle": 1} for n in range(5000)]
    assert len(run(cpu.from_command, answer)) == 256


BULK_ANSWER = {
    "boot-id": "0b",
    "time": 5,
    "cpus": [{"type": "linux", "cpu": 0, "user": 1230}],
    "load": {"load1m": 1.5, "load5m": 2, "load15m": 0.25},
    "memory": {"total": 1024, "shared": 0, "oom-kills": 2, "anonymous": 9},
    "pressure": [
        {"resource": "io", "stall": "full", "total": 1_500_000},
        {"resource": "cpu", "stall": "full", "total": 9},
        {"resource": "new", "stall": "some", "total": 9},
    ],
    "filesystems": [
        {
            "source": "/dev/vda1",
            "mountpoint": "/",
            "type": "ext4",
            "read-only": False,
            "total-bytes": 100,
            "free-bytes": 20,
            "available-bytes": 10,
            "inodes": 8,
            "inodes-free": 5,
        },
        {"source": "/dev/vdb", "mountpoint": "/srv", "type": "xfs", "error": "Connection timed out"},
        {"source": "/dev/sr0", "mountpoint": "/mnt", "type": "iso9660", "total-bytes": 3},
    ],
    "disks": [{"name": "vda", "major": 254, "minor": 0, "stats": {"read-sectors": 2}}],
    "interfaces": [{"name": "eth0", "statistics": dict.fromkeys((key for _, key, _ in network.COLUMNS), 7)}],
    "processes": {"total": 90},
    "users": [{"user": "root", "login-time": 1.0}],
    "kernel": {"boot-time": 1_700_000_000, "file-handles": 600},
    "units": {"failed-count": 30, "failed": [f"{number}.service" for number in range(30)]},
}


def from_bulk(answer):
    found = {}
    for section in SECTIONS:
        for step in section.steps:
            if step.source is Source.METRICS:
                told = run(step.read, answer)
                assert {name for name, _ in told} <= set(section.metrics)
                found |= told
    return found


def test_the_bulk_answer():
    found = from_bulk(BULK_ANSWER)
    root = (("device", "/dev/vda1"), ("fstype", "ext4"), ("mountpoint", "/"))
    dead = (("device", "/dev/vdb"), ("fstype", "xfs"), ("mountpoint", "/srv"))
    expected = {
        ("node_cpu_seconds_total", (("cpu", "0"), ("mode", "user"))): 1.23,
        ("node_load15", ()): 0.25,
        ("node_memory_MemTotal_bytes", ()): 1024,
        ("node_memory_Shmem_bytes", ()): 0,
        ("node_vmstat_oom_kill", ()): 2,
        ("node_pressure_io_stalled_seconds_total", ()): 1.5,
        ("node_filesystem_size_bytes", root): 100,
        ("node_filesystem_free_bytes", root): 20,
        ("node_filesystem_avail_bytes", root): 10,
        ("node_filesystem_files", root): 8,
        ("node_filesystem_files_free", root): 5,
        ("node_filesystem_readonly", root): 0,
        ("node_filesystem_device_error", root): 0,
        ("node_filesystem_device_error", dead): 1,
        ("node_disk_read_bytes_total", (("device", "vda"),)): 1024,
        ("node_network_transmit_drop_total", (("device", "eth0"),)): 7,
        ("guestwire_guest_processes", ()): 90,
        ("guestwire_guest_users", ()): 1,
        ("node_boot_time_seconds", ()): 1_700_000_000,
        ("node_filefd_allocated", ()): 600,
        ("node_systemd_units", (("state", "failed"),)): 30,
    }
    assert {key: found.get(key) for key in expected} == expected
    assert ("node_filesystem_size_bytes", dead) not in found
    names = [name for name, _ in found]
    assert "node_pressure_cpu_stalled_seconds_total" not in names
    assert names.count("node_systemd_unit_state") == 20
    assert names.count("node_filesystem_device_error") == 2


def test_a_section_that_the_bulk_answer_lacks_is_an_error():
    for section in SECTIONS:
        for step in section.steps:
            if step.source is Source.METRICS:
                with pytest.raises(KeyError):
                    list(step.read(Answers([{"boot-id": "0b"}])))

"""QEMU's own agent, polled; its figures against node_exporter's of the same system at the same time."""

import asyncio
import subprocess
import sys
import time

import pytest

from guestwire.client.aio import AsyncGuestAgent
from guestwire.monitor.catalogue import kind_of
from guestwire.monitor.collectors import SECTIONS
from guestwire.monitor.export.exposition import spell
from guestwire.monitor.ladder import Ladder
from guestwire.monitor.samples import Kind, Poll

from .conftest import get, program, until


@pytest.fixture
def qemu_ga(tmp_path):
    binary = program("qemu-ga", "qemu-guest-agent")
    path = tmp_path / "qga.sock"
    command = [binary, "-m", "unix-listen", "-p", str(path), "-t", str(tmp_path), "-f", str(tmp_path / "pid")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
        until(path.exists)
        yield f"unix:{path}"
        child.terminate()


@pytest.fixture
def our_agent(tmp_path):
    path = tmp_path / "own.sock"
    command = [
        sys.executable,
        "-m",
        "guestwire.agent",
        "-m",
        "unix-listen",
        "-p",
        str(path),
        "-t",
        str(tmp_path),
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
        until(path.exists)
        yield f"unix:{path}"
        child.terminate()


def collect(address):
    async def scenario():
        async with AsyncGuestAgent(address) as agent:
            poll = Poll("here", time.time(), [])
            await Ladder(agent, SECTIONS).collect(poll)
            return poll

    return asyncio.run(scenario())


def same_as_node_exporter(address, node_exporter, left_out=()):
    """The poll, and the names of the metrics that could be compared."""

    def theirs():
        lines = [line for line in get(node_exporter).splitlines() if not line.startswith("#")]
        return {key: float(value) for key, value in (line.rsplit(" ", 1) for line in lines)}

    before, poll = theirs(), collect(address)
    after = theirs()
    compared = set()
    for sample in poll.samples:
        key = spell(sample.name, sample.labels)
        if key not in before or key not in after or sample.name in left_out:
            continue
        low, high = sorted((before[key], after[key]))
        # a counter lies between the two scrapes but for cut decimals; a gauge may have been elsewhere meanwhile
        slack = 0.05 if kind_of(sample.name) is Kind.COUNTER else 0.3 * abs(high) + 10
        assert low - slack <= sample.value <= high + slack, key
        compared.add(sample.name)
    return poll, compared


def test_the_figures_of_our_agent_are_node_exporter_s(our_agent, node_exporter):
    poll, compared = same_as_node_exporter(our_agent, node_exporter)
    assert {
        "node_cpu_seconds_total",
        "node_filefd_allocated",
        "node_load1",
        "node_memory_MemAvailable_bytes",
        "node_network_receive_bytes_total",
        "node_vmstat_oom_kill",
    } <= compared
    assert {poll.sources[name] for name in compared} == {"guestwire-get-metrics", "guest-get"}
    assert poll.sources["node_memory_MemAvailable_bytes"] == "guestwire-get-metrics"


def test_the_figures_of_the_c_agent_are_node_exporter_s(qemu_ga, node_exporter):
    # old agents do not tell root's reserve
    _, compared = same_as_node_exporter(qemu_ga, node_exporter, left_out=("node_filesystem_size_bytes",))
    assert {
        "node_cpu_seconds_total",
        "node_load1",
        "node_memory_MemTotal_bytes",
        "node_boot_time_seconds",
    } <= compared
    assert {
        "node_network_receive_bytes_total",
        "node_vmstat_pgmajfault",
        "node_context_switches_total",
    } <= compared


def test_no_figure_of_a_linux_guest_is_unknown_without_a_reason(qemu_ga):
    poll = collect(qemu_ga)
    known = {sample.name for sample in poll.samples}
    for section in SECTIONS:
        got = known.intersection(section.metrics)
        assert got or all(poll.unknown[name] for name in section.metrics)
    assert abs(next(s.value for s in poll.samples if s.name == "guestwire_guest_clock_offset_seconds")) < 5

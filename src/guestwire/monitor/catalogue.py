"""Every metric guestwire knows: its name, how it moves, and one line of help.

Names are node_exporter's wherever it has the figure; `guestwire_` marks what only a host-side monitor can
know. A metric that is not here (a user's own) is a counter if its name ends in `_total`, else a gauge.
"""

from __future__ import annotations

from typing import NamedTuple

from guestwire.monitor.samples import Kind


class Metric(NamedTuple):
    """What is said about a metric in an exposition."""

    name: str
    kind: Kind
    help: str


_TABLE = """
node_boot_time_seconds                      gauge    When the guest booted, seconds since the epoch.
node_context_switches_total                 counter  Context switches.
node_cpu_guest_seconds_total                counter  CPU time spent running virtual CPUs, by CPU and mode.
node_cpu_seconds_total                      counter  CPU time, by CPU and mode.
node_disk_discard_time_seconds_total        counter  Time spent on discards.
node_disk_discarded_sectors_total           counter  Sectors discarded.
node_disk_discards_completed_total          counter  Discards completed.
node_disk_discards_merged_total             counter  Discards merged.
node_disk_flush_requests_time_seconds_total counter  Time spent on flushes.
node_disk_flush_requests_total              counter  Flushes completed.
node_disk_info                              gauge    A disk and its addresses; always 1.
node_disk_io_now                            gauge    Requests in progress.
node_disk_io_time_seconds_total             counter  Time with at least one request in progress.
node_disk_io_time_weighted_seconds_total    counter  Time of all requests added up.
node_disk_read_bytes_total                  counter  Bytes read.
node_disk_read_time_seconds_total           counter  Time of all reads added up.
node_disk_reads_completed_total             counter  Reads completed.
node_disk_reads_merged_total                counter  Reads merged.
node_disk_write_time_seconds_total          counter  Time of all writes added up.
node_disk_writes_completed_total            counter  Writes completed.
node_disk_writes_merged_total               counter  Writes merged.
node_disk_written_bytes_total               counter  Bytes written.
node_entropy_available_bits                 gauge    Entropy available.
node_filefd_allocated                       gauge    File descriptors in use.
node_filefd_maximum                         gauge    File descriptors at most.
node_filesystem_avail_bytes                 gauge    Space that a normal user may still fill.
node_filesystem_device_error                gauge    1 if the filesystem could not be asked.
node_filesystem_files                       gauge    Inodes.
node_filesystem_files_free                  gauge    Inodes free.
node_filesystem_free_bytes                  gauge    Space free.
node_filesystem_readonly                    gauge    1 if the filesystem is read-only.
node_filesystem_size_bytes                  gauge    Size of the filesystem.
node_forks_total                            counter  Processes started.
node_intr_total                             counter  Interrupts.
node_load1                                  gauge    Load, average of one minute.
node_load15                                 gauge    Load, average of fifteen minutes.
node_load5                                  gauge    Load, average of five minutes.
node_memory_Active_bytes                    gauge    Memory used of late.
node_memory_Buffers_bytes                   gauge    Memory in block buffers.
node_memory_Cached_bytes                    gauge    Memory in the page cache.
node_memory_Committed_AS_bytes              gauge    Memory promised to processes.
node_memory_Dirty_bytes                     gauge    Memory waiting to be written.
node_memory_Inactive_bytes                  gauge    Memory not used of late.
node_memory_MemAvailable_bytes              gauge    Memory that programs can still have.
node_memory_MemFree_bytes                   gauge    Memory used for nothing.
node_memory_MemTotal_bytes                  gauge    Memory in all.
node_memory_SReclaimable_bytes              gauge    Kernel memory that can be given back.
node_memory_Shmem_bytes                     gauge    Memory shared or in tmpfs.
node_memory_Slab_bytes                      gauge    Memory in the kernel's own objects.
node_memory_SwapCached_bytes                gauge    Swapped memory that is in memory too.
node_memory_SwapFree_bytes                  gauge    Swap free.
node_memory_SwapTotal_bytes                 gauge    Swap in all.
node_network_address_info                   gauge    An address of an interface; always 1.
node_network_carrier                        gauge    1 if the interface has a link.
node_network_info                           gauge    An interface and its hardware address; always 1.
node_network_receive_bytes_total            counter  Bytes received.
node_network_receive_drop_total             counter  Received packets dropped.
node_network_receive_errs_total             counter  Receive errors.
node_network_receive_packets_total          counter  Packets received.
node_network_transmit_bytes_total           counter  Bytes sent.
node_network_transmit_drop_total            counter  Packets dropped instead of sent.
node_network_transmit_errs_total            counter  Send errors.
node_network_transmit_packets_total         counter  Packets sent.
node_network_up                             gauge    1 if the interface is up.
node_os_info                                gauge    The operating system; always 1.
node_pressure_cpu_waiting_seconds_total     counter  Time that some task waited for a CPU.
node_pressure_io_stalled_seconds_total      counter  Time that all tasks waited for I/O.
node_pressure_io_waiting_seconds_total      counter  Time that some task waited for I/O.
node_pressure_memory_stalled_seconds_total  counter  Time that all tasks waited for memory.
node_pressure_memory_waiting_seconds_total  counter  Time that some task waited for memory.
node_procs_blocked                          gauge    Processes waiting for I/O.
node_procs_running                          gauge    Processes that can run.
node_systemd_unit_state                     gauge    1 for the state that a unit is in.
node_systemd_units                          gauge    Units in a state.
node_time_seconds                           gauge    The guest's own clock, seconds since the epoch.
node_uname_info                             gauge    The kernel and host name; always 1.
node_vmstat_oom_kill                        counter  Processes that the kernel killed for want of memory.
node_vmstat_pgmajfault                      counter  Page faults that needed I/O.
node_vmstat_pswpin                          counter  Pages swapped in.
node_vmstat_pswpout                         counter  Pages swapped out.
guestwire_guest_clock_offset_seconds        gauge    The guest's clock minus the host's.
guestwire_guest_frozen                      gauge    1 while the guest's filesystems are frozen.
guestwire_guest_info                        gauge    A guest, its agent and address; always 1.
guestwire_guest_poll_seconds                gauge    How long the last poll took.
guestwire_guest_poll_bytes                  gauge    Bytes of the last poll's answers.
guestwire_guest_processes                   gauge    Processes in the guest.
guestwire_guest_silent                      gauge    1, with the reason, while the agent gives no figures.
guestwire_guest_state                       gauge    1 for the state that the guest is in.
guestwire_guest_up                          gauge    1 if the last poll of a running guest brought figures.
guestwire_guest_users                       gauge    Users logged in to the guest.
guestwire_host_balloon_bytes                gauge    Memory that the balloon leaves to the guest.
guestwire_host_cpu_seconds_total            counter  CPU time of the guest's QEMU process on the host.
guestwire_host_run_delay_seconds_total      counter  Time that the QEMU process was ready to run and waited for a CPU.
guestwire_host_threads                      gauge    Threads of the guest's QEMU process.
guestwire_host_resident_bytes               gauge    Host memory of the guest's QEMU process.
"""


def _read(table: str) -> dict[str, Metric]:
    metrics = {}
    for line in table.strip().splitlines():
        name, kind, text = line.split(maxsplit=2)
        metrics[name] = Metric(name, Kind(kind), text)
    return metrics


METRICS = _read(_TABLE)


def kind_of(name: str) -> Kind:
    """How the metric moves."""
    known = METRICS.get(name)
    if known is not None:
        return known.kind
    return Kind.COUNTER if name.endswith("_total") else Kind.GAUGE


def help_of(name: str) -> str:
    """One line on the metric."""
    known = METRICS.get(name)
    return known.help if known is not None else "A figure of this site's own."

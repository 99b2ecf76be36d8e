import os

from guestwire.monitor.hostside import figures


def test_this_process():
    found = {sample.name: sample.value for sample in figures(os.getpid())}
    assert found["guestwire_host_cpu_seconds_total"] > 0
    assert found["guestwire_host_resident_bytes"] > 1 << 20
    assert found["guestwire_host_threads"] >= 1


def test_a_name_with_spaces_and_brackets(tmp_path):
    folder = tmp_path / "proc" / "7"
    (folder / "task" / "7").mkdir(parents=True)
    fields = ["S", *["0"] * 10, "150", "50", *["0"] * 4, "3", *["0"] * 3, "256", "0"]
    (folder / "stat").write_text(f"7 (qemu) x y) {' '.join(fields)}")
    (folder / "task" / "7" / "schedstat").write_text("1 2500000000 3\n")
    found = {sample.name: sample.value for sample in figures(7, tmp_path)}
    ticks, page = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
    assert found == {
        "guestwire_host_cpu_seconds_total": 200 / ticks,
        "guestwire_host_threads": 3.0,
        "guestwire_host_resident_bytes": 256.0 * page,
        "guestwire_host_run_delay_seconds_total": 2.5,
    }
    (folder / "task" / "7" / "schedstat").write_text("")
    assert "guestwire_host_run_delay_seconds_total" not in {s.name for s in figures(7, tmp_path)}


def test_a_process_that_is_gone_says_nothing(tmp_path):
    assert figures(1, tmp_path) == []

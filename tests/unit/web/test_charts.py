from guestwire.web.charts import CHARTS, lines_of

ROOT = (("mountpoint", "/"),)


def test_old_agents_without_the_free_figure_of_root():
    columns = {
        "node_filesystem_size_bytes": [(ROOT, [1000.0])],
        "node_filesystem_avail_bytes": [(ROOT, [250.0])],
    }
    assert lines_of(CHARTS["filesystems"], columns, 1) == [("/", [0.75])]


def test_cpus_are_averaged_and_a_hole_in_one_is_a_hole():
    series = [
        ((("cpu", "0"), ("mode", "user")), [0.2, None]),
        ((("cpu", "1"), ("mode", "user")), [0.4, 0.4]),
        ((("cpu", "0"), ("mode", "idle")), [0.8, 0.6]),
    ]
    ((name, values),) = lines_of(CHARTS["cpu"], {"node_cpu_seconds_total": series}, 2)
    assert name == "user"
    assert [None if value is None else round(value, 6) for value in values] == [0.3, None]


def test_a_chart_without_series_has_no_lines():
    assert lines_of(CHARTS["swap"], {}, 3) == []


def test_nothing_over_nothing_is_unknown():
    columns = {
        "node_filesystem_files": [(ROOT, [0.0])],
        "node_filesystem_files_free": [(ROOT, [0.0])],
    }
    assert lines_of(CHARTS["inodes"], columns, 1) == [("/", [None])]

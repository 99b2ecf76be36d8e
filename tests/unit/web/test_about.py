from guestwire.monitor.store.compact import compact
from guestwire.web.about import About, about, remembered
from guestwire.web.figures import Figures
from guestwire.web.overview import Overview
from tests.unit.web.conftest import silent, web1

KNOWN = ("Debian 12", "6.1", ("10.0.0.5",), "guestwire")


def facts(one):
    return one.os, one.kernel, tuple(one.addresses), one.agent


def test_what_a_figure_does_not_tell_any_more_was_told_before():
    before = About("Debian 11", "5.10", "web", ("10.0.0.9",), "qemu-ga", "7", 1.0)
    assert about(Figures((), 0), before) is before
    figures = Figures([("node_uname_info", {"release": "6.1", "nodename": "web"}, 2000, 1.0)], 0)
    assert about(figures, before) == About("Debian 11", "6.1", "web", ("10.0.0.9",), "qemu-ga", "7", 2.0)


def test_a_guest_that_is_silent_for_long_is_still_known(site):
    """What it told went from memory into a block; its row has it from the row before, or from history."""
    now = 1_700_006_400
    store = site.monitor.store
    target = site.targets()[0]
    site.monitor.take(web1(now), "web1")
    before = site.overview.row(target)
    store.flush()
    entry = store.registry.guests["u-1"]
    for _ in range(3):
        compact(store, entry, (now + 10**9) * 1000)
    silence = silent(now + 90000)
    silence.guest = "u-1"
    site.monitor.take(silence, "web1")
    assert not any(key[0] == "node_os_info" for key in store.latest("u-1"))
    row = site.overview.row(target)
    assert facts(row) == facts(before) == KNOWN
    assert row.told_at is not None
    site.overview = Overview(site)  # as after a restart
    assert site.overview.row(target).os is None
    assert facts(remembered(site.reader, entry)) == KNOWN


def test_a_guest_that_never_told_anything(site):
    site.monitor.take(silent(1_700_006_400), "db1")
    entry = site.monitor.store.registry.guests["u-2"]
    assert remembered(site.reader, entry) == About()

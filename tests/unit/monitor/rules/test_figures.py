import pytest

from guestwire.monitor.rules.figures import Index, LiveFigures, PastFigures, select
from guestwire.monitor.rules.nodes import Matcher, Selector
from guestwire.monitor.samples import labels_of
from guestwire.monitor.store.compact import compact

from .conftest import T0

VDA, VDB = labels_of(device="vda"), labels_of(device="vdb")


@pytest.fixture
def filled(watched):
    for at in range(0, 10_000, 10):
        watched.feed(at, x=at, c_total=at * 2)
        if at % 1800 == 1790:
            compact(watched.store, watched.store.registry.guests["web"], round((T0 + at) * 1000))
    watched.feed(9995, labels=VDA, d=1)
    watched.feed(9996, labels=VDB, d=2)
    return watched


def live(watched, now):
    return LiveFigures(watched.store, watched.reader, Index(), watched.store.registry.guests["web"], T0 + now)


def past(watched, _now):
    return PastFigures(watched.reader, 1, T0, T0 + 10_000)


@pytest.mark.parametrize("make", [live, past])
def test_instants(filled, make):
    figures = make(filled, 10_000)
    assert figures.instant(Selector("x"), T0 + 10_000) == {(): 9990}
    assert figures.instant(Selector("x"), T0 + 5005) == {(): 5000}
    assert figures.instant(Selector("d"), T0 + 10_000) == {VDA: 1, VDB: 2}
    assert figures.instant(Selector("d", (Matcher("device", "=", "vdb"),)), T0 + 10_000) == {VDB: 2}
    assert figures.instant(Selector("nothing"), T0 + 10_000) == {}
    assert not figures.stale


@pytest.mark.parametrize("make", [live, past])
def test_windows_are_open_on_the_left(filled, make):
    figures = make(filled, 10_000)
    ((labels, times, values),) = figures.window(Selector("x", window=60.0), T0 + 9900, T0 + 9960)
    assert labels == ()
    assert list(values) == [9910, 9920, 9930, 9940, 9950, 9960]
    assert [round(t - T0) for t in times] == list(values)
    ((_, _, values),) = figures.window(Selector("x", window=7000.0), T0 + 2000, T0 + 9000)
    assert len(values) == 700


@pytest.mark.parametrize("make", [live, past])
def test_old_figures_are_stale(filled, make):
    figures = make(filled, 20_000)
    assert figures.instant(Selector("x"), T0 + 20_000) == {}
    assert figures.stale
    figures = make(filled, 20_000)
    list(figures.window(Selector("x", window=60.0), T0 + 19_940, T0 + 20_000))
    assert figures.stale
    figures = make(filled, 20_000)
    list(figures.window(Selector("nothing", window=60.0), T0 + 19_940, T0 + 20_000))
    assert not figures.stale


def test_a_long_window_goes_in_five_minutes(filled):
    figures = live(filled, 10_000)
    ((_, times, values),) = figures.window(Selector("x", window=9000.0), T0 + 1000, T0 + 10_000)
    assert len(values) < 40
    assert list(values)[-3:] == [9290, 9590, 9890] or list(values)[-1] == 9990
    assert all(t <= T0 + 10_000 for t in times)


def test_the_index_sees_new_series(watched):
    watched.feed(0, x=1)
    entry = watched.store.registry.guests["web"]
    index = Index()
    first = index.of(entry)
    assert index.of(entry) is first
    first[Selector("y")] = select(entry, Selector("y"))
    assert first == {Selector("y"): []}
    watched.feed(10, y=1)
    assert index.of(entry) == {}
    assert select(entry, Selector("y")) == [((), entry.series["y", ()])]
    assert select(entry, Selector("y", (Matcher("device", "=", "vda"),))) == []

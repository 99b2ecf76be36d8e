import pytest

from guestwire.web import limits
from guestwire.web.limits import Limit, network_of
from guestwire.web.problems import Problem


def test_a_burst_and_then_the_rate():
    now = [0.0]
    limit = Limit(0.5, 2, clock=lambda: now[0])
    limit.take("a", "tries")
    limit.take("a", "tries")
    with pytest.raises(Problem) as caught:
        limit.take("a", "tries")
    assert (caught.value.status, caught.value.headers) == (429, {"Retry-After": "2"})
    limit.take("b", "tries")
    now[0] = 2.0
    limit.take("a", "tries")
    limit.give_back("a")
    limit.take("a", "tries")


def test_who_is_remembered_is_bounded(monkeypatch):
    monkeypatch.setattr(limits, "CALLERS", 2)
    limit = Limit(0.001, 1)
    for name in "abc":
        limit.take(name, "tries")
    limit.take("a", "tries")


def test_one_host_is_one_caller():
    assert network_of("10.0.0.1") == "10.0.0.1"
    assert network_of("2001:db8::1") == network_of("2001:db8::2") == "2001:db8::/64"
    assert network_of("fe80::1%eth0") == "fe80::/64"
    assert network_of(None) == network_of("x") == "unknown"

import pytest

from guestwire.monitor.collectors.base import Answers
from guestwire.monitor.collectors.identity import from_info, from_interfaces, from_own_info


def test_our_agent_is_known_by_its_commands():
    ours = {"version": "1.2", "supported_commands": [{"name": "guest-ping"}, {"name": "guestwire-info"}]}
    (sample,) = from_info(Answers([ours]))
    assert dict(sample.labels) == {"agent": "guestwire", "version": "1.2"}
    (sample,) = from_info(Answers([{"version": "7.2.0", "supported_commands": [{"name": "guest-ping"}]}]))
    assert dict(sample.labels) == {"agent": "qemu-ga", "version": "7.2.0"}


def test_our_agent_tells_its_own_version():
    (sample,) = from_own_info(Answers([{"version": "0.1.0", "python": "3.11"}]))
    assert dict(sample.labels) == {"agent": "guestwire", "version": "0.1.0"}


def test_interfaces_and_their_addresses():
    told = [
        {
            "name": "eth0",
            "hardware-address": "52:54:00:00:00:01",
            "ip-addresses": [{"ip-address": "10.0.0.5", "ip-address-type": "ipv4", "prefix": 24}],
        },
        {"name": "dummy0"},
    ]
    samples = list(from_interfaces(Answers([told])))
    assert [(sample.name, dict(sample.labels)) for sample in samples] == [
        ("node_network_info", {"address": "52:54:00:00:00:01", "device": "eth0"}),
        ("node_network_address_info", {"address": "10.0.0.5", "device": "eth0", "prefix": "24"}),
        ("node_network_info", {"address": "", "device": "dummy0"}),
    ]


@pytest.mark.parametrize("told", [None, {}, [1], [{"name": "x", "ip-addresses": [{"ip-address": "y"}]}]])
def test_nonsense_raises(told):
    with pytest.raises((ValueError, KeyError, TypeError, AttributeError)):
        list(from_interfaces(Answers([told])))

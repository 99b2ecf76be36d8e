import pytest

from guestwire.errors import ConfigError
from guestwire.monitor.rules.template import check, fill


@pytest.mark.parametrize(
    ("template", "value", "text"),
    [
        ("{mountpoint} of {guest}: {value:percent}", 0.0123, "/var of web: 1.2 %"),
        ("{value}", 12345.678, "1.235e+04"),
        ("{value:bytes}", 5 * 2**30, "5 GiB"),
        ("{value:bytes}", 2**60, "1.02e+03 PiB"),
        ("{value:duration}", 5430, "1 h 30 min"),
        ("{value:duration}", -86400, "-1 d"),
        ("{value:duration}", 0.25, "0.25 s"),
        ("{value:duration}", 61, "1 min 1 s"),
        ("{nothing} {{x}}", 0, "? {x}"),
    ],
)
def test_filled(template, value, text):
    check(template)
    assert fill(template, {"mountpoint": "/var", "guest": "web"}, value) == text


def test_a_label_is_no_template():
    assert fill("{guest}", {"guest": "{value}"}, 1) == "{value}"


@pytest.mark.parametrize("template", ["{", "a } b", "{value:wat}", "{guest:bytes}", "{a.b}"])
def test_refused(template):
    with pytest.raises(ConfigError):
        check(template)

import pytest

from guestwire.daemon import keys
from guestwire.errors import ConfigError


def test_a_table_of_known_keys():
    readers = {"name": keys.text, "count": keys.count}
    assert keys.table({"name": "a", "count": 3}, readers) == {"name": "a", "count": 3}
    with pytest.raises(ConfigError, match=r"unknown key 'nmae'; did you mean 'name'\?"):
        keys.table({"nmae": "a"}, readers)
    with pytest.raises(ConfigError, match="count: -1 is not"):
        keys.table({"count": -1}, readers)
    with pytest.raises(ConfigError, match="must be a table"):
        keys.table([], readers)


def test_readers():
    assert keys.flag(True) is True
    assert keys.duration("1h30m") == 5400
    assert keys.urls(["http://a"]) == ("http://a",)
    assert keys.words(("a", "b"))(["b"]) == ("b",)
    assert keys.listen("[::1]:0") == ("::1", 0)
    assert keys.interval(5) == 5.0
    assert keys.guests({"a": "unix:/a"}) == {"a": "unix:/a"}
    assert keys.monitors({"a": "unix:/a.qmp"}) == {"a": "unix:/a.qmp"}
    for reader, value in ((keys.flag, 1), (keys.texts, "x"), (keys.duration, 5), (keys.count, True)):
        with pytest.raises(ConfigError):
            reader(value)

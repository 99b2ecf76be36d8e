import pytest

from guestwire.errors import ConfigError
from guestwire.monitor.collectors import custom
from guestwire.monitor.collectors.base import Answers


def read(*items):
    return [tuple(sample) for sample in custom.read(Answers([list(items)]))]


def test_further_strings_are_labels():
    item = {"value": 3, "name": "q_length", "queue": "in", "more": 5, "a": "b"}
    assert read(item) == [("q_length", (("a", "b"), ("queue", "in")), 3.0)]


def test_names_with_a_meaning_of_their_own_are_left_out():
    assert read({"name": "node_load1", "value": 1}, {"name": "guestwire_guest_up", "value": 1}) == []
    assert read({"name": 5, "value": 1}) == []


@pytest.mark.parametrize("item", [{"value": 1}, {"name": "a"}, {"name": "a", "value": True}])
def test_what_is_no_sample_is_an_error_of_the_section(item):
    with pytest.raises((KeyError, ValueError)):
        read(item)


def test_only_so_many_commands_of_a_guest():
    names = [f"x{n}-get-samples" for n in range(99)]
    found = custom.sections(["guest-ping", *names])
    assert len(found) == custom.COMMANDS
    assert found[0].steps[0].commands == ("x0-get-samples",)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.py", "1/0", "ZeroDivisionError"),
        ("a.py", "SECTION = 1", "has no SECTION"),
        ("a.txt", "", "is a Python file"),
        ("none.py", None, "FileNotFoundError"),
    ],
)
def test_a_file_that_is_none_is_told(tmp_path, name, text, says):
    file = tmp_path / name
    if text is not None:
        file.write_text(text)
    with pytest.raises(ConfigError, match=says):
        custom.load([file])

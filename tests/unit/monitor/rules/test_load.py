import pytest

from guestwire.errors import ConfigError
from guestwire.monitor.catalogue import METRICS
from guestwire.monitor.rules.load import DEFAULT_RULES, load_rules, update
from guestwire.monitor.rules.parser import selectors


def load(text):
    rules = {}
    update(rules, text, "my.toml")
    return rules


def test_the_default_rules_are_about_figures_there_are():
    rules = load_rules(DEFAULT_RULES)
    assert len(rules) >= 13
    for rule in rules.values():
        assert rule.summary
        assert all(selector.name in METRICS for selector in selectors(rule.node))


def test_a_rule():
    text = (
        '[[rule]]\nname = "Hot"\nexpr = "temp > 90"\nfor = "5m"\nevery = "1m"\nkeep_firing_for = "2m"\n'
        'severity = "info"\nlabels = {team = "lab"}\nsummary = "{value}"'
    )
    rule = load(text)["Hot"]
    assert (rule.hold, rule.every, rule.keep, rule.severity) == (300, 60, 120, "info")
    assert rule.labels == {"team": "lab"}


def test_a_later_file_replaces_and_removes(tmp_path):
    mine = tmp_path / "mine.toml"
    mine.write_text(
        '[[rule]]\nname = "OomKill"\nenabled = false\n[[rule]]\nname = "ClockSkew"\nexpr = "x > 1"'
    )
    rules = load_rules(DEFAULT_RULES, mine)
    assert "OomKill" not in rules
    assert rules["ClockSkew"].expr == "x > 1"
    with pytest.raises(ConfigError, match="cannot read the rules"):
        load_rules(tmp_path / "none.toml")


R = '[[rule]]\nname = "R"\nexpr = "x > 1"\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = [", "my.toml: "),
        ("x = 1", "my.toml: unknown key 'x'; rules begin with"),
        ("[rule]\n", "in double brackets"),
        ("[[rule]]\nexpr = 'x'", "rule 1: name must be one word"),
        (R + R, "rule R: is there twice"),
        (R + 'sevrity = "info"', "rule R: unknown key 'sevrity'; did you mean 'severity'?"),
        (R + "qqqq = 1", "rule R: unknown key 'qqqq'"),
        ('[[rule]]\nname = "R"', "rule R: expr is missing"),
        ('[[rule]]\nname = "R"\nexpr = "x >"', "rule R: expr 1:4: 'the end' is not expected"),
        ('[[rule]]\nname = "R"\nexpr = "1 + 1"', "rule R: expr is a mere number"),
        ('[[rule]]\nname = "R"\nexpr = 5', "rule R: expr must be a string"),
        (R + 'for = "soon"', "rule R: for: 'soon' is no duration"),
        (R + 'every = "10ms"', "rule R: every must be at least 1s"),
        (R + 'severity = "bad"', "severity 'bad' is none of info, warning, critical"),
        (R + "labels = 5", "labels must be a table of strings"),
        (R + 'summary = "{"', "rule R: a lone"),
    ],
)
def test_mistakes_are_one_clear_line(text, message):
    with pytest.raises(ConfigError) as error:
        load(text)
    assert message in str(error.value)
    assert "\n" not in str(error.value)

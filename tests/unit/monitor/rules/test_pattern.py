import itertools
import random
import re

import pytest

from guestwire.monitor.rules import pattern

ALIKE = [
    "", "a", "web|db", "web-\\d+", ".*", "a.*b.*c", "(?:ab)+", "(a|b)*c?", "[a-c]{2,3}", "[^a-c]+", "[]a]+", "[^]a]",
    "a{2}", "a{,2}", "a{2,}", "a{x}", "{", "a{}", "^a$", "^$", "(^a|b$)+", "a*?b", "(?i)AbC", "(?P<n>a)b", "\\.\\[x\\]",
    "\\w+@\\w+", "\\S+\\s\\S+", "[\\d.-]+", "[a\\]b]+", "[&|~]+", "\\x61\\u0062", "a||b", "(|a)b", "(a?){3}b", "é+",
]  # fmt: skip
TEXTS = [
    "",
    "a",
    "b",
    "ab",
    "abc",
    "abcabc",
    "web",
    "web-12",
    "a.b",
    "x@y",
    "a b",
    "aaa",
    "{",
    "a{x}",
    "a{}",
    ".[x]",
]
TEXTS += ["[", "]", "&|~", "ABC", "éé", "10.0-1", "aab", "\n", "a\n", "a]b", "bbbb", "aaab"]


@pytest.mark.parametrize("text", ALIKE)
def test_it_matches_what_re_matches(text):
    ours, theirs = pattern.Pattern(text), re.compile(text)
    for value in TEXTS:
        assert ours.fits(value) == (theirs.fullmatch(value) is not None), value


@pytest.mark.filterwarnings("error")
def test_a_bracket_in_a_set_needs_no_escape():
    assert pattern.fits("[[]", "[")
    assert pattern.fits("[[a&&b]+", "a&[b")


def test_random_patterns_match_what_re_matches():
    dice = random.Random(4)
    texts = ["".join(letters) for length in range(5) for letters in itertools.product("ab", repeat=length)]
    for _ in range(300):
        text = "".join(dice.choice(["a", "b", "(a|b)", "(ab?)*", "a+", "b{1,2}", ".", "|"]) for _ in range(4))
        ours, theirs = pattern.Pattern(text), re.compile(text)
        for value in texts:
            assert ours.fits(value) == (theirs.fullmatch(value) is not None), (text, value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("(a", "a ( without"),
        ("a)", "a ) without"),
        ("[a", "a [ without"),
        ("*a", "nothing before *"),
        ("a**", "repeat of"),
        ("(?=a)", "only (?:"),
        ("(a)\\1", "\\1 is not"),
        ("\\bweb", "\\b is not"),
        ("a\\", "backslash at"),
        ("a{3,2}", "ends before"),
        ("a{101}", "too often"),
        ("(a{50}){50}", "too often"),
        ("(a{60}){15}" * 2, "more than 1000"),
        ("[b-a]", "bad character range"),
        ("a" * 1025, "longer than"),
        ("(" * 60 + ")" * 60, "groups in one another"),
        ("[+--]", "two hyphens"),
        ("\\xzz", "incomplete escape"),
        ("a(?i)", "only (?:"),
    ],
)
def test_what_is_wrong_is_said(text, told):
    with pytest.raises(ValueError, match=re.escape(told)):
        pattern.compiled(text)
    assert not pattern.fits(text, "a")


@pytest.mark.parametrize(
    "text", ["(a+)+$", "(a|a)*", "(a?){90}a{90}", "(.*.*.*.*)*b", "(a|aa)+", "(x+x+)+y", "(.*a){40}"]
)
def test_no_pattern_takes_long(text):
    """Each would take `re` longer than the universe has been there: the test ends."""
    value = "a" * 256 + "!"
    ours = pattern.Pattern(text)
    ours.fits(value)
    ours.fits("x" * 256)
    assert len(ours._known) <= pattern.KEPT


def test_what_is_remembered_stays_within_its_bound():
    ours = pattern.Pattern("(a|b)*a(a|b){12}")
    dice = random.Random(1)
    for _ in range(40):
        text = "".join(dice.choice("ab") for _ in range(200))
        assert ours.fits(text) == (text[-13] == "a")
    assert len(ours._known) <= pattern.KEPT

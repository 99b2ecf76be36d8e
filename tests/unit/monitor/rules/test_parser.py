import pytest

from guestwire.monitor.rules.lexer import ExpressionError
from guestwire.monitor.rules.nodes import (
    Aggregate,
    Binary,
    Call,
    Matcher,
    Negate,
    Number,
    Selector,
    all_match,
)
from guestwire.monitor.rules.parser import parse, selectors


def sel(name, **more):
    return Selector(name, **more)


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("x", sel("x")),
        ('x{a="b", c!~"d.*",}', sel("x", matchers=(Matcher("a", "=", "b"), Matcher("c", "!~", "d.*")))),
        ("x offset 1h", sel("x", shift=3600.0)),
        ("rate(x[5m] offset 1m)", Call("rate", (sel("x", window=300.0, shift=60.0),))),
        ("x + y * z", Binary("+", sel("x"), Binary("*", sel("y"), sel("z")))),
        ("(x + y) * z", Binary("*", Binary("+", sel("x"), sel("y")), sel("z"))),
        ("x - y - z", Binary("-", Binary("-", sel("x"), sel("y")), sel("z"))),
        ("-x ^ 2 ^ 3", Negate(Binary("^", sel("x"), Binary("^", Number(2), Number(3))))),
        ("x or y and z", Binary("or", sel("x"), Binary("and", sel("y"), sel("z")))),
        ("x > bool +1", Binary(">", sel("x"), Number(1), as_bool=True)),
        ("x / on(a,b) y", Binary("/", sel("x"), sel("y"), on=frozenset("ab"))),
        ("x / ignoring(a) y", Binary("/", sel("x"), sel("y"), ignoring=frozenset("a"))),
        ("sum by (a) (x)", Aggregate("sum", sel("x"), frozenset("a"), without=False)),
        ("sum(x) without (a)", Aggregate("sum", sel("x"), frozenset("a"), without=True)),
        ("max(x)", Aggregate("max", sel("x"), frozenset(), without=False)),
        ("time() - x", Binary("-", Call("time", ()), sel("x"))),
        ("predict_linear(x[1h], 4*3600)",
         Call("predict_linear", (sel("x", window=3600.0), Binary("*", Number(4), Number(3600))))),
        ("sum", sel("sum")),
    ],
)  # fmt: skip
def test_what_is_understood(text, node):
    assert parse(text) == node


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "1:1: 'the end' is not expected here"),
        ("x y", "1:3: 'y' is not expected here"),
        ("x[5m]", "1:1: a window needs a function"),
        ("x[5m] > 1", "1:7: a window needs a function around it before '>'"),
        ("rate(x)", "1:1: rate() takes a window such as x[5m], not an instant vector"),
        ("rate(x[5m], 1)", "1:1: rate() takes 1 arguments, not 2"),
        ("abs(1)", "1:1: abs() takes an instant vector, not a number"),
        ("wat(x)", "1:1: there is no function 'wat'"),
        ("x and 1", "1:3: 'and' stands between vectors"),
        ("1 < 2", "1:3: two numbers are compared with `< bool`"),
        ("sum(1)", "1:1: sum() takes an instant vector"),
        ("x{a=b}", "1:3: labels are selected as"),
        ('x{a=~"("}', "1:6: '(' is no regular expression"),
        ('x{a="b"', "1:8: '}' is missing before 'the end'"),
        ("x[5]", "1:3: '5' is no duration"),
        ("sum by (1) (x)", "1:9: '1' is no label name"),
        ("(x", "1:3: ')' is missing"),
        ("by", "1:1: 'by' is not expected here"),
        ("-" * 60 + "x", "1:51: the expression is nested too deeply"),
    ],
)
def test_what_is_refused(text, message):
    with pytest.raises(ExpressionError) as error:
        parse(text)
    assert str(error.value).startswith(message)


def test_deep_brackets_are_refused_not_crashed_on():
    with pytest.raises(ExpressionError, match="nested too deeply"):
        parse("(" * 5000 + "x" + ")" * 5000)


def test_selectors():
    names = [s.name for s in selectors(parse("-sum(a) + rate(b[5m]) / (c and d) > 1"))]
    assert names == ["a", "b", "c", "d"]


def test_matchers():
    labels = (("device", "vda"), ("mode", "idle"))
    for op, value, fits in (
        ("=", "vda", 1),
        ("!=", "vda", 0),
        ("=~", "vd.", 1),
        ("=~", "vd", 0),
        ("!~", "sd.", 1),
    ):
        assert all_match((Matcher("device", op, value),), labels) == bool(fits)
    assert all_match((Matcher("other", "=", ""),), labels)
    assert all_match((), labels)


@pytest.mark.parametrize("text", ["a{", "a{b", "a{b=", "a{b='c'", "a[", "sum by (", "rate(", "a offset"])
def test_an_expression_that_ends_too_soon_is_a_mistake(text):
    with pytest.raises(ExpressionError):
        parse(text)

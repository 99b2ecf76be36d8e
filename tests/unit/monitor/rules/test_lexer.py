import pytest

from guestwire.monitor.rules.lexer import ExpressionError, seconds, tokens


def kinds(text):
    return [(token.kind, token.text) for token in tokens(text)][:-1]


def test_tokens():
    assert kinds("rate(x{a=~'b\\n'}[5m]) >= 1.5e3 # why") == [
        ("name", "rate"), ("op", "("), ("name", "x"), ("op", "{"), ("name", "a"), ("op", "=~"), ("string", "b\n"),
        ("op", "}"), ("op", "["), ("duration", "5m"), ("op", "]"), ("op", ")"), ("op", ">="), ("number", "1.5e3"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x & y", "1:3: what is '&'?"),
        ("x\n  ! y", "2:3: what is '!'?"),
        ('x{a="open}', "1:5: what is"),
        ('x{a="\\q"}', "1:5: unknown escape '\\\\q' in a string"),
        ("5q", "1:1: what is '5q'?"),
    ],
)
def test_what_is_no_token(text, message):
    with pytest.raises(ExpressionError) as error:
        tokens(text)
    assert str(error.value).startswith(message)


@pytest.mark.parametrize(("text", "value"), [("90s", 90), ("1h30m", 5400), ("500ms", 0.5), ("7d", 604800)])
def test_durations(text, value):
    assert seconds(text) == value


@pytest.mark.parametrize("text", ["", "5", "m", "5 m", "-5m"])
def test_what_is_no_duration(text):
    with pytest.raises(ValueError, match="is no duration"):
        seconds(text)

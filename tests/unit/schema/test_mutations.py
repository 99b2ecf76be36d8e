"""A schema with something wrong in it is refused with a place, whatever it is: never a crash."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guestwire.errors import SchemaError
from guestwire.schema import loader
from guestwire.schema.lexer import DOC, END, STRING, tokens

from .helpers import QAPI, source

VALUES = "{ }|[ ]|true|false|'int'|'Foo'|[ 'str' ]|'*'|''|{ 'type': 'int' }|[ [ ] ]|'if'".split("|")


def words(text: str) -> list[str]:
    """The tokens of a text as text again; documentation is left out."""
    found = [token for token in tokens(text, "x.json") if token.kind not in (DOC, END)]
    return [f"'{token.value}'" if token.kind == STRING else str(token) for token in found]


FILES = {path.stem: words(path.read_text()) for path in QAPI.glob("*.json") if path.stem != "guestwire"}


@pytest.mark.parametrize("name", sorted(FILES))
def test_mutations(name: str) -> None:
    original = FILES[name]

    @given(st.data())
    def mutate(data: st.DataObject) -> None:
        changed = list(original)
        for _ in range(data.draw(st.integers(1, 3))):
            at = data.draw(st.integers(0, len(changed) - 1))
            kind = data.draw(st.sampled_from(("drop", "put", "swap")))
            if kind == "drop":
                del changed[at]
            elif kind == "put":
                changed[at] = data.draw(st.sampled_from(VALUES))
            else:
                other = data.draw(st.integers(0, len(changed) - 1))
                changed[at], changed[other] = changed[other], changed[at]
        told(" ".join(changed))

    mutate()


def told(text: str) -> None:
    try:
        loader.resolve(loader.check(source(text)), {"CONFIG_LINUX", "HAVE_UTMPX"})
    except SchemaError as error:
        where = error.line
    else:
        where = 1
    assert where >= 1

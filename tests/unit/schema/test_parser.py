from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guestwire.errors import SchemaError
from guestwire.schema.parser import Source

from .helpers import source


def test_expressions_in_order_with_their_places() -> None:
    found = source("{ 'command': 'a' }\n\n{ 'struct': 'B',\n  'data': { '*c': [ 'int' ] } }").expressions
    assert [(item.keys, item.line) for item in found] == [
        ({"command": "a"}, 1),
        ({"struct": "B", "data": {"*c": ["int"]}}, 3),
    ]
    assert found[1].keys.lines == {"struct": 3, "data": 4}


def test_documentation_belongs_to_what_follows() -> None:
    found = source(
        "##\n# Free text.\n##\n\n##\n# @a:\n#\n# Text.\n##\n{ 'command': 'a' }\n{ 'command': 'b' }"
    )
    assert [doc.text for doc in found.free_docs] == ["Free text."]
    first, second = found.expressions
    assert first.doc is not None
    assert first.doc.text == "Text."
    assert second.doc is None


def test_free_text_right_before_a_definition_is_not_its_documentation() -> None:
    found = source("##\n# Free text.\n##\n{ 'command': 'a' }")
    assert found.expressions[0].doc is None
    assert len(found.free_docs) == 1


def test_pragmas() -> None:
    found = source(
        "{ 'pragma': { 'doc-required': true, 'member-name-exceptions': [ 'A' ] } }"
        "{ 'pragma': { 'name-case-whitelist': [ 'B' ], 'returns-whitelist': [ 'c' ], 'doc-required': false } }"
    )
    assert found.doc_required
    assert found.pragmas["member-name-exceptions"] == {"A", "B"}
    assert found.pragmas["command-returns-exceptions"] == {"c"}


def test_includes_are_read_once_each(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "top.json").write_text(
        "{ 'include': 'sub/a.json' }\n{ 'include': 'sub/b.json' }\n{ 'command': 'top' }"
    )
    (tmp_path / "sub" / "a.json").write_text("{ 'include': 'b.json' }\n{ 'command': 'a' }")
    (tmp_path / "sub" / "b.json").write_text("{ 'include': 'a.json' }\n{ 'command': 'b' }")
    found = Source().read(str(tmp_path / "top.json"))
    assert [item.keys["command"] for item in found.expressions] == ["b", "a", "top"]
    assert len(found.files) == 3


def test_a_missing_include_is_told_where_it_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "top.json").write_text("\n\n{ 'include': 'gone.json' }")
    with pytest.raises(
        SchemaError, match=r"top\.json:3: cannot read schema file '.*gone\.json': No such file"
    ):
        Source().read(str(tmp_path / "top.json"))


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match=r"gone\.json:1: cannot read schema file '.*': No such file"):
        Source().read(str(tmp_path / "gone.json"))
    (tmp_path / "bad.json").write_bytes(b"{ 'command': '\xff' }")
    with pytest.raises(SchemaError, match=r"bad\.json:1: .* not UTF-8"):
        Source().read(str(tmp_path / "bad.json"))
    with pytest.raises(SchemaError, match="Is a directory"):
        Source().read(str(tmp_path))


@pytest.mark.parametrize(
    "comment",
    [
        "##\n# Text that no mark closes\n# ##",
        "##\n# @a\n#\n# No colon.\n##",
        "##\n# @other:\n#\n# Somebody else's.\n##",
        "##\n# @a:\n#\n# @gone: no such argument\n##",
        "###########\n# Framed. #\n###########",
    ],
)
def test_without_doc_required_odd_documentation_is_a_comment(comment: str) -> None:
    from .helpers import checked

    definition = checked(f"{comment}\n{{ 'command': 'a' }}").definitions["a"]
    assert definition.expression.doc is None


@given(st.text(alphabet="{}[]:,' \n#struct datacommand", max_size=80))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    with contextlib.suppress(SchemaError):
        source(text)

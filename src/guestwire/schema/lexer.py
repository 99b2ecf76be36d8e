"""QAPI schema text to tokens: punctuation, 'strings', true and false, and documentation blocks.

The language is the one of QEMU's docs/devel/qapi-code-gen: JSON with single quotes and `#` comments. A comment block
that opens with `##` alone on a line and closes the same way is documentation.
"""

from __future__ import annotations

from guestwire.errors import SchemaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

STRING, WORD, DOC, END = "string", "word", "doc", "end"

_PUNCTUATION = "{}[]:,"
_WORDS = {"true": True, "false": False}


class Token:
    """`kind` is STRING, WORD (value is a bool), DOC (value is the block's lines), END, or the punctuation itself."""

    __slots__ = ("kind", "line", "value")

    def __init__(self, kind: str, value: object, line: int) -> None:
        self.kind = kind
        self.value = value
        self.line = line

    def __str__(self) -> str:
        if self.kind == END:
            return "the end of the file"
        return f"'{self.value}'" if self.kind == STRING else str(self.value).lower()


def tokens(text: str, file: str) -> Iterator[Token]:
    """Every token, then one END. SchemaError for what is none."""
    at, line, size = 0, 1, len(text)
    while at < size:
        char = text[at]
        if char == "\n":
            line += 1
            at += 1
        elif char in " \t\r":
            at += 1
        elif char == "#":
            end = _line_end(text, at)
            if text[at:end].rstrip() == "##" and _starts_line(text, at):
                block, end = _doc_block(text, at, line, file)
                yield Token(DOC, block, line)
                line += text.count("\n", at, end)
            at = end
        elif char in _PUNCTUATION:
            yield Token(char, char, line)
            at += 1
        elif char == "'":
            value, at = _string(text, at, line, file)
            yield Token(STRING, value, line)
        else:
            word, at = _word(text, at, line, file)
            yield Token(WORD, _WORDS[word], line)
    yield Token(END, None, line)


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _starts_line(text: str, at: int) -> bool:
    return not text[text.rfind("\n", 0, at) + 1 : at].strip()


def _doc_block(text: str, at: int, line: int, file: str) -> tuple[list[str], int]:
    """The lines between the two `##`, without their `# `, and where the closing one ends."""
    block: list[str] = []
    start = line
    at = _line_end(text, at) + 1
    while at < len(text):
        end = _line_end(text, at)
        content = text[at:end].strip()
        line += 1
        at = end + 1
        if content == "##":
            return block, end
        if not content:  # QEMU 9.1 to 10.0 have one with a blank line in it
            block.append("")
        elif not content.startswith("#"):
            break
        elif content[1:2] not in ("", " "):
            raise SchemaError(file, line, "missing space after '#' in a documentation comment")
        else:
            block.append(content[2:])
    raise SchemaError(file, start, "the documentation comment is not closed with '##'")


def _string(text: str, at: int, line: int, file: str) -> tuple[str, int]:
    end = at + 1
    while end < len(text) and text[end] not in "'\n\\":
        if not " " <= text[end] <= "~":
            raise SchemaError(file, line, f"funny character {text[end]!r} in string")
        end += 1
    if end >= len(text) or text[end] == "\n":
        raise SchemaError(file, line, 'missing terminating "\'"')
    if text[end] == "\\":
        raise SchemaError(file, line, f"unknown escape {text[end : end + 2]}")
    return text[at + 1 : end], end + 1


def _word(text: str, at: int, line: int, file: str) -> tuple[str, int]:
    end = at
    while end < len(text) and text[end].isalnum():
        end += 1
    word = text[at:end]
    if word in _WORDS:
        return word, end
    shown = _line_end(text, at)
    raise SchemaError(file, line, f"stray '{word or text[at : min(at + 1, shown)]}'")

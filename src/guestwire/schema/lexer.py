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
    """`kind` is STRING, WORD (value is a bool), DOC (value is the block's lines), END, or the punctuation itself.

    `fault` is what is wrong with a DOC: whether that matters is for the parser to say.
    """

    __slots__ = ("fault", "kind", "line", "value")

    def __init__(self, kind: str, value: object, line: int, fault: SchemaError | None = None) -> None:
        self.fault = fault
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
            if text.startswith("##", at) and _starts_line(text, at):
                block, end, fault = _doc_block(text, at, line, file)
                yield Token(DOC, block, line, fault)
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


def _doc_block(text: str, at: int, line: int, file: str) -> tuple[list[str], int, SchemaError | None]:
    """The lines between the two `##`, without their `# `, where the block ends, and what is wrong with it."""
    block: list[str] = []
    fault = None
    start, end = line, _line_end(text, at)
    if text[at:end].rstrip() != "##":
        return block, end, SchemaError(file, line, "junk after '##' at the start of a documentation comment")
    while end < len(text):
        at = end + 1
        here = _line_end(text, at)
        content = text[at:here].strip()
        line += 1
        if content and not content.startswith("#"):
            break
        end = here
        if content == "##":
            return block, end, fault
        if content[1:2] not in ("", " ") and fault is None:
            fault = SchemaError(file, line, "missing space after '#' in a documentation comment")
        block.append(content[2:])  # QEMU 9.1 to 10.0 have a comment with a blank line in it
    return block, end, SchemaError(file, start, "the documentation comment is not closed with '##'")


def _string(text: str, at: int, line: int, file: str) -> tuple[str, int]:
    end = at + 1
    while end < len(text) and text[end] not in "'\n\\":
        if not " " <= text[end] <= "~":
            raise SchemaError(
                file, line, f"character {text[end]!a} in a string: only printable ASCII is allowed"
            )
        end += 1
    if end >= len(text) or text[end] == "\n":
        raise SchemaError(file, line, "the string has no closing quote")
    if text[end] == "\\":
        raise SchemaError(file, line, f"unknown escape '{text[end : end + 2]}' in a string")
    return text[at + 1 : end], end + 1


def _word(text: str, at: int, line: int, file: str) -> tuple[str, int]:
    end = at
    while end < len(text) and text[end].isalnum():
        end += 1
    word = text[at:end]
    if word in _WORDS:
        return word, end
    stray = word or text[at]
    hint = ": strings stand in single quotes" if stray == '"' else ""
    raise SchemaError(file, line, f"stray {stray!a}{hint}")

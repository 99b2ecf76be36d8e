"""From text to nodes: the part of PromQL that rules need, so that an expression can move to Prometheus as it is.

expr      := and-expr  { or and-expr }                       every level may carry on(...) or
ignoring(...) and-expr  := compare   { (and | unless) compare } compare   := sum       { (== != < <= >
>=) [bool] sum } sum       := product   { (+ -) product } product   := unary     { (* / %) unary } unary
:= [-+] unary | power power     := primary   [ ^ unary ] primary   := number | ( expr ) | function(...)
| aggregate | selector
"""

from __future__ import annotations

from guestwire.monitor.rules import pattern
from guestwire.monitor.rules.functions import AGGREGATES, FUNCTIONS, Argument
from guestwire.monitor.rules.lexer import ExpressionError, Token, seconds, tokens
from guestwire.monitor.rules.nodes import Aggregate, Binary, Call, Matcher, Negate, Node, Number, Selector

_LEVELS = (("or",), ("and", "unless"), ("==", "!=", "<", "<=", ">", ">="), ("+", "-"), ("*", "/", "%"))
_COMPARISONS = _LEVELS[2]
_SETS = ("and", "or", "unless")
_WORDS = {"and", "or", "unless", "by", "without", "on", "ignoring", "bool", "offset"}
_DEPTH = 50


def parse(expression: str) -> Node:
    """The nodes of an expression. Raises ExpressionError (`LINE:COLUMN: what is wrong`)."""
    return _Parser(expression).whole()


class _Parser:
    def __init__(self, expression: str) -> None:
        self.expression = expression
        self.tokens = tokens(expression)
        self.at = 0
        self.depth = 0

    def whole(self) -> Node:
        node = self.level(0)
        if self.peek().kind != "end":
            raise self.error(f"{self.peek().text!r} is not expected here")
        if is_window(node):
            raise self.error("a window needs a function around it, such as avg_over_time()", self.tokens[0])
        return node

    def peek(self) -> Token:
        return self.tokens[self.at]

    def take(self) -> Token:
        token = self.tokens[self.at]
        self.at = min(self.at + 1, len(self.tokens) - 1)  # past the end is still the end
        return token

    def accept(self, *texts: str) -> bool:
        token = self.peek()
        if token.text in texts and token.kind in ("op", "name"):
            self.at += 1
            return True
        return False

    def expect(self, text: str) -> None:
        if not self.accept(text):
            raise self.error(f"{text!r} is missing before {self.peek().text!r}")

    def error(self, message: str, token: Token | None = None) -> ExpressionError:
        return ExpressionError(message, self.expression, (token or self.peek()).at)

    def level(self, number: int) -> Node:
        if number == len(_LEVELS):
            return self.unary()
        left = self.level(number + 1)
        while self.peek().kind in ("op", "name") and self.peek().text in _LEVELS[number]:
            token = self.take()
            as_bool = token.text in _COMPARISONS and self.accept("bool")
            on, ignoring = self.matching()
            node = Binary(token.text, left, self.level(number + 1), on, ignoring, as_bool)
            self.check(node, token)
            left = node
        return left

    def check(self, node: Binary, token: Token) -> None:
        if is_window(node.left) or is_window(node.right):
            raise self.error(f"a window needs a function around it before {token.text!r}", token)
        scalars = is_scalar(node.left) + is_scalar(node.right)
        if token.text in _SETS and scalars:
            raise self.error(f"{token.text!r} stands between vectors, not numbers", token)
        if token.text in _COMPARISONS and scalars == 2 and not node.as_bool:
            raise self.error(f"two numbers are compared with `{token.text} bool`", token)

    def matching(self) -> tuple[frozenset[str] | None, frozenset[str]]:
        if self.accept("on"):
            return self.label_list(), frozenset()
        if self.accept("ignoring"):
            return None, self.label_list()
        return None, frozenset()

    def label_list(self) -> frozenset[str]:
        self.expect("(")
        names = set()
        while not self.accept(")"):
            token = self.take()
            if token.kind != "name":
                raise self.error(f"{token.text!r} is no label name", token)
            names.add(token.text)
            if not self.accept(","):
                self.expect(")")
                break
        return frozenset(names)

    def unary(self) -> Node:
        self.depth += 1
        if self.depth > _DEPTH:
            raise self.error("the expression is nested too deeply")
        try:
            if self.accept("-"):
                return Negate(self.unary())
            if self.accept("+"):
                return self.unary()
            base = self.primary()
            return Binary("^", base, self.unary()) if self.accept("^") else base
        finally:
            self.depth -= 1

    def primary(self) -> Node:
        token = self.take()
        if token.kind == "number":
            return Number(float(token.text))
        if token.text == "(" and token.kind == "op":
            inner = self.level(0)
            self.expect(")")
            return inner
        if token.kind != "name" or token.text in _WORDS:
            raise self.error(f"{token.text!r} is not expected here", token)
        if token.text in AGGREGATES and self.peek().text in ("(", "by", "without"):
            return self.aggregate(token)
        if self.peek().text == "(" and self.peek().kind == "op":
            return self.call(token)
        return self.selector(token)

    def aggregate(self, token: Token) -> Node:
        grouping = self.grouping()
        self.expect("(")
        inner = self.level(0)
        self.expect(")")
        grouping = grouping or self.grouping() or (frozenset(), False)
        if is_scalar(inner) or is_window(inner):
            raise self.error(f"{token.text}() takes an instant vector", token)
        return Aggregate(token.text, inner, *grouping)

    def grouping(self) -> tuple[frozenset[str], bool] | None:
        if self.accept("by"):
            return self.label_list(), False
        if self.accept("without"):
            return self.label_list(), True
        return None

    def call(self, token: Token) -> Node:
        function = FUNCTIONS.get(token.text)
        if function is None:
            raise self.error(
                f"there is no function {token.text!r}; there are {', '.join(sorted(FUNCTIONS))}", token
            )
        self.expect("(")
        arguments: list[Node] = []
        while not self.accept(")"):
            arguments.append(self.level(0))
            if not self.accept(","):
                self.expect(")")
                break
        if len(arguments) != len(function.takes):
            raise self.error(
                f"{token.text}() takes {len(function.takes)} arguments, not {len(arguments)}", token
            )
        for argument, wanted in zip(arguments, function.takes, strict=True):
            if _sort(argument) is not wanted:
                raise self.error(f"{token.text}() takes {wanted}, not {_sort(argument)}", token)
        return Call(token.text, tuple(arguments))

    def selector(self, token: Token) -> Node:
        matchers = self.matchers() if self.accept("{") else ()
        window = shift = 0.0
        if self.accept("["):
            window = self.duration()
            self.expect("]")
        if self.accept("offset"):
            shift = self.duration()
        return Selector(token.text, matchers, window, shift)

    def matchers(self) -> tuple[Matcher, ...]:
        found = []
        while not self.accept("}"):
            label, op, value = self.take(), self.take(), self.take()
            if label.kind != "name" or op.text not in ("=", "!=", "=~", "!~") or value.kind != "string":
                raise self.error('labels are selected as {label="value"}, with = != =~ or !~', label)
            if op.text[-1] == "~":
                try:
                    pattern.compiled(value.text)
                except ValueError as error:
                    raise self.error(f"{value.text!r} is no regular expression: {error}", value) from None
            found.append(Matcher(label.text, op.text, value.text))
            if not self.accept(","):
                self.expect("}")
                break
        return tuple(found)

    def duration(self) -> float:
        token = self.take()
        try:
            return seconds(token.text)
        except ValueError as error:
            raise self.error(str(error), token) from None


def is_window(node: Node) -> bool:
    """Whether a node is a range of samples, which only a function can use."""
    return isinstance(node, Selector) and node.window > 0


def is_scalar(node: Node) -> bool:
    """Whether a node is one number, without labels."""
    if isinstance(node, Number):
        return True
    if isinstance(node, Call):
        return node.function in FUNCTIONS and FUNCTIONS[node.function].gives_scalar
    if isinstance(node, Binary):
        return is_scalar(node.left) and is_scalar(node.right)
    return isinstance(node, Negate) and is_scalar(node.inner)


def _sort(node: Node) -> Argument:
    if is_window(node):
        return Argument.WINDOW
    return Argument.SCALAR if is_scalar(node) else Argument.VECTOR


def selectors(node: Node) -> list[Selector]:
    """Every selector in an expression."""
    if isinstance(node, Selector):
        return [node]
    if isinstance(node, Call):
        return [found for argument in node.arguments for found in selectors(argument)]
    if isinstance(node, Binary):
        return selectors(node.left) + selectors(node.right)
    if isinstance(node, (Aggregate, Negate)):
        return selectors(node.inner)
    return []

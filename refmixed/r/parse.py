"""The text of a formula -> a tree, by R's grammar."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..errors import FormulaError
from .text import CODES, display_width

TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?L?)
      | (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
      | `(?P<quoted>(?:[^`\\]|\\.)+)`
      | (?P<name>(?:[a-zA-Z][a-zA-Z\d.]*::(?=[\w.]+\s*\())?(?:[^\W\d]|\.(?!\d))[\w.]*)
      | (?P<operator>%in%|%%|%/%|\*\*|\|\||&&|==|!=|<=|>=|[-+*/^:~|&!<>=(),])""",
    re.VERBOSE,
)
# R's binary operators, loosest first; those of one line bind alike, from the left.
PRECEDENCE = [
    {"~"}, {"|", "||"}, {"&", "&&"}, {"==", "!=", "<", ">", "<=", ">="}, {"+", "-"}, {"*", "/"},
    {"%in%", "%%", "%/%"}, {":"}, {"^"},
]  # fmt: skip
COMPARISONS = PRECEDENCE[3]
CONSTANTS = {"TRUE", "FALSE", "NULL", "NA", "NaN", "Inf"}  # a column of the name needs backticks
ESCAPES = {code: letter for letter, code in CODES.items()}
LEVEL = {op: level for level, ops in enumerate(PRECEDENCE) for op in ops}
UNARY = {"-": LEVEL["^"], "+": LEVEL["^"], "!": LEVEL["=="]}  # an operand binds at least this much


@dataclass(frozen=True)
class Node:
    """A tree of R code; two nodes are equal when they read the same.

    kind is "name", "constant", "number", "string", "brackets" (one argument), "call", "keyword" (a
    named argument) or "operator" (one or two arguments); at is the place in the text.
    """

    kind: str
    text: str
    args: tuple[Node, ...] = ()
    at: int = field(default=0, compare=False)

    def walk(self) -> Iterator[Node]:
        """This node and all below it, in the order of the text."""
        yield self
        for arg in self.args:
            yield from arg.walk()

    def is_operator(self, *texts: str) -> bool:
        """Whether this is one of the named operators with two operands."""
        return self.kind == "operator" and self.text in texts and len(self.args) == 2


def operator(text: str, left: Node, right: Node) -> Node:
    """The node `left text right`."""
    return Node("operator", text, (left, right), left.at)


def complain(message: str, text: str, at: int) -> FormulaError:
    """An error that shows the formula with a caret under the place."""
    return FormulaError(f"{message}\n  {text}\n  {' ' * display_width(text[:at])}^")


def tokens(text: str) -> list[tuple[str, str, int]]:
    """(kind, text, place) of each token, closed by an ("end", "", place)."""
    found, at = [], 0
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None:
            raise complain(f"{text[at]!r} is not part of a formula", text, at)
        kind = str(match.lastgroup)
        if kind != "space":
            found.append((kind, match[kind], at))
        at = match.end()
    return [*found, ("end", "", len(text))]


def unescaped(text: str) -> str:
    """What stands between the quotes of R's text, or between backticks."""
    code = r"\\(?:x([\da-fA-F]{1,2})|[uU]\{?([\da-fA-F]{1,8})\}?|([0-7]{1,3})|(.))"
    return re.sub(code, escape, text)


def escape(found: re.Match[str]) -> str:
    """One character of R's escapes: a line end, a code, or the character itself."""
    if octal := found[3]:
        return chr(int(octal, 8))
    code = found[1] or found[2]
    return chr(int(code, 16)) if code else ESCAPES.get(found[4], found[4])


class Parser:
    """Precedence climbing over the tokens of one text."""

    def __init__(self, text: str) -> None:
        self.text, self.tokens, self.next = text, tokens(text), 0

    def peek(self) -> str:
        """The next token if it is an operator, else ''."""
        kind, text, _ = self.tokens[self.next]
        return text if kind == "operator" else ""

    def take(self, expected: str = "") -> tuple[str, str, int]:
        """Step over a token, which must be the expected one."""
        kind, text, at = self.tokens[self.next]
        if expected and self.peek() != expected:
            raise complain(f"expected {expected!r}", self.text, at)
        self.next += 1
        return kind, text, at

    def expression(self, level: int = 0) -> Node:
        """An expression whose operators bind at least as tightly as `level`."""
        left = self.operand()
        while (op := self.peek().replace("**", "^")) in LEVEL and LEVEL[op] >= level:
            _, _, at = self.take()
            if op in COMPARISONS and left.is_operator(*COMPARISONS):
                raise complain(f"{op!r} cannot follow a comparison without brackets", self.text, at)
            right = self.expression(LEVEL[op] + (op != "^"))  # ^ groups from the right
            left = operator(op, left, right)
        return left

    def operand(self) -> Node:
        """A name, literal, call, bracketed or signed expression."""
        kind, text, at = self.take()
        if kind == "operator" and text in UNARY:
            return Node("operator", text, (self.expression(UNARY[text]),), at)
        if text == "(" and kind == "operator":
            inner = self.expression()
            self.take(")")
            return Node("brackets", "(", (inner,), at)
        if kind in ("operator", "end"):
            what = f"before {text!r}" if text else "at the end"
            raise complain(f"something is missing {what}", self.text, at)
        if kind == "name" and self.peek() == "(":
            return Node("call", text, tuple(self.arguments()), at)
        if kind == "quoted":
            return Node("name", unescaped(text), (), at)
        return Node("constant" if kind == "name" and text in CONSTANTS else kind, text, (), at)

    def arguments(self) -> Iterator[Node]:
        """The arguments of a call, brackets included."""
        self.take("(")
        while self.peek() != ")":
            value = self.expression()
            if self.peek() == "=" and value.kind == "name":
                self.take("=")
                value = Node("keyword", value.text, (self.expression(),), value.at)
            yield value
            if self.peek() != ")":
                self.take(",")
        self.take(")")


def parse(text: str) -> Node:
    """Read one expression.  Raises FormulaError with a caret under the mistake."""
    parser = Parser(text)
    tree = parser.expression()
    kind, _, at = parser.tokens[parser.next]
    if kind != "end":
        raise complain("expected an operator, or the end", text, at)
    return tree

"""The text of an R formula <-> its tree.

A formula is R syntax.  `parse` reads it with R's precedences; `deparse` writes a tree as R does,
`deparse_lines` broken into lines as R's printer does, and `to_python` writes it for evaluation.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from .errors import FormulaError
from .rformat import format_numbers

TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?L?)
      | (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
      | `(?P<quoted>[^`]+)`
      | (?P<name>(?:[^\W\d]|\.(?!\d))[\w.]*)
      | (?P<operator>%in%|%%|%/%|\*\*|\|\||&&|==|!=|<=|>=|[-+*/^:~|&!<>=(),])""",
    re.VERBOSE,
)
# R's binary operators, loosest first; those of one line bind alike, from the left.
PRECEDENCE = [
    {"~"}, {"|", "||"}, {"&", "&&"}, {"==", "!=", "<", ">", "<=", ">="}, {"+", "-"}, {"*", "/"},
    {"%in%", "%%", "%/%"}, {":"}, {"^"},
]  # fmt: skip
COMPARISONS = PRECEDENCE[3]
PYTHON = {"^": "**", "!": "~", "%%": "%", "%/%": "//", "&&": "&", "||": "|"}
RESERVED = {"if", "else", "repeat", "while", "function", "for", "in", "next", "break"}  # R's words
LEVEL = {op: level for level, ops in enumerate(PRECEDENCE) for op in ops}
UNARY = {"-": LEVEL["^"], "+": LEVEL["^"], "!": LEVEL["=="]}  # an operand binds at least this much
TIGHT = {"^", ":", "/", "%%", "%/%"}  # written without blanks, and never broken after
LINE = 60  # R breaks a line after an operator once it has more bytes than this


@dataclass(frozen=True)
class Node:
    """A tree of R code; two nodes are equal when they read the same.

    kind is "name", "number", "string", "brackets" (one argument), "call", "keyword" (a named
    argument) or "operator" (one or two arguments); at is the place in the text.
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
    return FormulaError(f"{message}\n  {text}\n  {' ' * at}^")


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
        return Node("name" if kind == "quoted" else kind, text, (), at)

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


def deparse(node: Node) -> str:
    """R's name of an expression: its text in one line, without the L of an integer."""
    return "".join(re.sub(r"^(\d+)L$", r"\1", text) for text, _ in pieces(node, 0))


def deparse_lines(node: Node) -> tuple[str, ...]:
    """R's deparse(): a line ends after the operator that made it too long."""
    lines: list[str] = []
    line = ""
    broken: set[int] = set()  # depths of the open operators and calls that hold a break
    for text, depth in pieces(node, 0):
        broken = {d for d in broken if d <= depth}
        if text == "" and len(line.encode()) > LINE:
            lines.append(line)
            broken.add(depth)
            line = "    " * len(broken)
        line += text
    return (*lines, line)


def pieces(node: Node, depth: int) -> Iterator[tuple[str, int]]:
    """The text of a tree piece by piece; an empty piece is a place where R may break the line."""
    if node.kind == "brackets":
        yield "(", depth
        yield from pieces(node.args[0], depth + 1)
        yield ")", depth
    elif node.kind in ("call", "keyword"):
        yield from call_pieces(node, depth)
    elif node.kind == "operator" and len(node.args) == 1:
        yield node.text, depth
        yield from pieces(node.args[0], depth + 1)
    elif node.kind == "operator":
        yield from pieces(node.args[0], depth + 1)
        yield (node.text if node.text in TIGHT else f" {node.text} "), depth
        if node.text not in TIGHT:
            yield "", depth
        yield from pieces(node.args[1], depth + 1)
    else:
        yield leaf(node), depth


def call_pieces(node: Node, depth: int) -> Iterator[tuple[str, int]]:
    """The pieces of f(a, b = c), or of the argument b = c."""
    if node.kind == "keyword":
        yield f"{node.text} = ", depth
        yield from pieces(node.args[0], depth + 1)
        return
    yield f"{node.text}(", depth
    for k, arg in enumerate(node.args):
        if k:
            yield ", ", depth
            yield "", depth
        yield from pieces(arg, depth + 1)
    yield ")", depth


def leaf(node: Node) -> str:
    """A name, number or string as R writes it."""
    if node.kind == "number":
        digits, integer = node.text.rstrip("L"), node.text.endswith("L")
        return f"{float(digits):.0f}L" if integer else format_numbers(float(digits), 15)[0]
    if node.kind == "string":
        inner = node.text[1:-1].replace("\\'", "'")
        return '"' + re.sub(r'(?<!\\)"', r'\\"', inner) + '"'
    plain = re.fullmatch(r"(?:[^\W\d_]|\.(?!\d))[\w.]*", node.text)
    return node.text if plain and node.text not in RESERVED else f"`{node.text}`"


def to_python(node: Node) -> str:
    """Python code of the same meaning; functions and columns cannot be confused in it."""
    if node.kind == "name":
        constants = {"TRUE": "True", "FALSE": "False", "NULL": "None"}
        return constants.get(node.text, column_name(node.text))
    if node.kind in ("number", "string"):
        return node.text.rstrip("L") if node.kind == "number" else node.text
    args = [to_python(arg) for arg in node.args]
    if node.kind == "brackets":
        return f"({args[0]})"
    if node.kind == "keyword":
        return f"{node.text.replace('.', '_')}={args[0]}"
    if node.kind == "call":
        return f"{function_name(node.text)}({', '.join(args)})"
    if node.text in ("+", "-", "*", "/", "^", "%%", "%/%"):
        args = [f"number_({arg})" for arg in args]  # R counts TRUE as 1, and 1/0 is no error
    elif node.text in ("!", "&", "&&", "|", "||"):
        args = [f"logical_({arg})" for arg in args]
    elif node.text not in COMPARISONS:
        raise FormulaError(f"{node.text!r} has no meaning inside an expression")
    op = PYTHON.get(node.text, node.text)
    return f"({args[0]} {op} {args[1]})" if len(args) == 2 else f"({op}{args[0]})"


def function_name(name: str) -> str:
    """The name of a function in Python code: as.factor is as_factor_."""
    return name.replace(".", "_") + "_"


def column_name(name: str) -> str:
    """A column's name in Python code: in backticks unless Python takes it as it is."""
    plain = name.isidentifier() and not keyword.iskeyword(name) and not name.endswith("_")
    return name if plain else f"`{name}`"

"""A formula as students type it, rewritten as Python writes it; nothing else gets through.

    2n(n-1)σ²/λ   ->   2*n*(n-1)*sigma**(2)/lambda_
    X'V^-1 X      ->   X.T*V**-1*X

Each character of what comes out remembers its place in the text.  A product without a sign is
refused where it could be read in two ways: 1/2n, x^2n.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from unicodedata import name as name_of
from unicodedata import normalize

from .errors import RefusedError

LONGEST = 2_000  # characters of a text
DEEPEST = 40  # brackets in brackets
LONGEST_NUMBER = 40
LARGEST_EXPONENT = 99

RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ", "0123456789+-n", strict=True))
LETTER = "[^\\W\\dⁿᵀ⁰¹²³⁴⁵⁶⁷⁸⁹]"
BAR = "\N{COMBINING MACRON}"  # over a letter: n_bar
TOKEN = re.compile(
    rf"""(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    |(?P<name>{LETTER}(?:{LETTER}|{BAR}|[0-9₀-₉])*)
    |(?P<raised>[{"".join(RAISED)}]+)
    |(?P<transpose>\.T\b|['′’ᵀ⊤]|\^[ ]*['′’ᵀ⊤])
    |(?P<power>\*\*|\^)
    |(?P<sign>[-+*/@,.−–·⋅∗×÷])
    |(?P<open>[(\[])
    |(?P<close>[)\]])
    |(?P<blank>\s+)
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
SIGNS = {"−": "-", "–": "-", "·": "*", "⋅": "*", "∗": "*", "×": "*", "÷": "/"}
EXPONENT = re.compile(r"\*\*[-+]?[0-9.]+$")  # a number, at the end
ENDS = ("number", "name", "raised", "transpose", "close")  # of what is multiplied
BEGINS = ("number", "name", "open")
BRACKETS = {"(": ")", "[": "]"}


@dataclass
class Rewritten:
    """Python's way to write a text, and where each of its characters came from."""

    text: str = ""
    places: list[int] = field(default_factory=list)

    def add(self, piece: str, place: int) -> None:
        """One piece more."""
        self.text += piece
        self.places += [place] * len(piece)


@dataclass
class Reader:
    """Goes through a text once; `levels` are the brackets that are open."""

    functions: Collection[str]
    symbols: Collection[str]
    out: Rewritten = field(default_factory=Rewritten)
    before: tuple[str, str, int] = ("", "", 0)  # kind, text and end of the last token
    levels: list[tuple[str, int]] = field(default_factory=list)
    last: list[str] = field(default_factory=lambda: [""])  # sign of each level: * / + -

    def take(self, kind: str, text: str, place: int) -> None:
        """One token."""
        if kind == "blank":
            return
        self.refuse(kind, text, place)
        if kind in BEGINS and self.before[0] in ENDS:
            self.join(kind, text, place)
        piece = self.spelled(kind, text, place)
        self.out.add(piece, place)
        self.remember(kind, text, place)
        self.before = kind, piece, place + len(text)

    def join(self, kind: str, text: str, place: int) -> None:
        """Two things side by side: a call, an element, or a product."""
        before, name, end = self.before
        if (text == "[" and before != "number") or (
            before == "name" and self.calls(name, text, place)
        ):
            return
        if kind == "number":
            raise RefusedError("a number goes before what it multiplies, or after a *", place)
        touching = kind == "name" and end == place and EXPONENT.search(self.out.text)
        if self.last[-1] == "/" or touching:
            raise RefusedError("this can be read in two ways: write * or brackets", place)
        self.out.add("*", place)

    def calls(self, name: str, text: str, place: int) -> bool:
        """Whether a name and what follows is the call of a function."""
        if name not in self.functions:  # one of many letters is no product, but unknown
            return text == "(" and name not in self.symbols and len(name) > 2
        if name in self.symbols and text != "(":
            return False
        if name in self.symbols:
            raise RefusedError(f"`{name}` is a symbol of this question: write {name}*(...)", place)
        if text != "(" and name != "I":
            raise RefusedError(f"`{name}` needs brackets: {name}(...)", place)
        return text == "("

    def refuse(self, kind: str, text: str, place: int) -> None:
        """Characters and words that no formula has."""
        if kind == "other":
            raise RefusedError(other(text), place)
        if kind == "name" and keyword.iskeyword(text) and text != "lambda":
            raise RefusedError(f"`{text}` is a word of Python's, and an answer is a formula", place)
        if kind == "transpose" and self.before[0] not in ("name", "close", "transpose"):
            raise RefusedError("a transposition follows a matrix, and no text is read here", place)
        if kind == "number":
            check_number(text, place)

    def spelled(self, kind: str, text: str, place: int) -> str:
        """A token in Python's spelling."""
        if kind == "name":
            return spelled_name(text, place)
        if kind == "raised":
            return f"**({''.join(RAISED[character] for character in text)})"
        if kind == "number":
            return text.lstrip("0") if re.fullmatch("0+[1-9][0-9]*", text) else text
        return {"transpose": ".T", "power": "**"}.get(kind) or SIGNS.get(text, text)

    def remember(self, kind: str, text: str, place: int) -> None:
        """Which brackets are open, and which sign the present product has."""
        if kind == "open":
            self.levels.append((text, place))
            self.last.append("")
            if len(self.levels) > DEEPEST:
                raise RefusedError(f"there are at most {DEEPEST} brackets in brackets", place)
        elif kind == "close":
            if not self.levels or BRACKETS[self.levels.pop()[0]] != text:
                raise RefusedError(f"`{text}` closes no bracket", place)
            self.last.pop()
        elif kind == "sign" and (self.before[0] in ENDS or text == ","):
            self.last[-1] = SIGNS.get(text, text) if text != "." else self.last[-1]


def rewrite(text: str, functions: Collection[str], symbols: Collection[str]) -> Rewritten:
    """A formula as Python writes it.  Raises RefusedError at what is no part of one."""
    if len(text) > LONGEST:
        raise RefusedError(
            f"an answer has at most {LONGEST:,} characters, and this has {len(text):,}"
        )
    reader = Reader(functions, symbols)
    for match in TOKEN.finditer(text):
        reader.take(str(match.lastgroup), match[0], match.start())
    if reader.levels:
        raise RefusedError("this bracket is not closed", reader.levels[-1][1])
    if not reader.out.text:
        raise RefusedError("the answer is empty")
    return reader.out


def other(text: str) -> str:
    """What to write instead of a character that no formula has."""
    instead = {"|": "write Abs(x), or det(V)", "=": "an answer is one side of an equation alone"}
    instead["!"] = "factorials are not read"
    instead |= dict.fromkeys("\\${}", "this is no LaTeX, use + - * / ** and round brackets")
    instead["√"] = "write sqrt(x)"
    name = f"`{text}`" if text.isascii() and text.isprintable() else name_of(text, "this character")
    return f"{name} is not read in a formula: {instead.get(text, 'use + - * / ** and brackets')}"


def check_number(text: str, place: int) -> None:
    """Raises RefusedError of a number that is too long, or too large."""
    exponent = re.split("[eE]", text)[1:]
    if len(text) > LONGEST_NUMBER:
        raise RefusedError(f"a number has at most {LONGEST_NUMBER} digits", place)
    if exponent and abs(int(exponent[0])) > LARGEST_EXPONENT:
        raise RefusedError("this number is too large or too small", place)


def spelled_name(text: str, place: int) -> str:
    """A name in ASCII: Greek letters by their English names, lambda as lambda_."""
    barred = normalize("NFKD", text).replace(BAR, "_bar")
    spelled = "".join(map(in_ascii, normalize("NFKC", barred)))
    if not (spelled.isascii() and spelled.isidentifier()):
        raise RefusedError("names are of Latin and Greek letters", place)
    return f"{spelled}_" if keyword.iskeyword(spelled) else spelled


def in_ascii(letter: str) -> str:
    """A Greek letter by its name, in lower case or with a capital."""
    words = name_of(letter, "").split()
    if words[:1] != ["GREEK"] or "LETTER" not in words:
        return letter
    name = words[words.index("LETTER") + 1].replace("LAMDA", "LAMBDA").lower()
    return name.capitalize() if "CAPITAL" in words else name

"""One symbol, one meaning: the book's table of symbols, and what its pages say of each."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

import pytest

from derivations._book import pages

TABLE = "d01_model"
LETTER = r"(?:\\mathcal [A-Z]|\\[A-Za-z]+|[A-Za-z]+)(?:\^\+|_[A-Z])?"
HEADING = re.compile(r"^(\*\*This page\*\*|\{doc\}`\w+`)$", re.MULTILINE)
INLINE = re.compile(r"(?<!\$)\$([^$]+)\$(?!\$)")
MATH = re.compile(r"\$\$(.+?)\$\$|\$([^$]+)\$", re.DOTALL)
STATEMENT = re.compile(r"\\qquad|\\quad|\\\\|[;,]\s")
ALIGNED = re.compile(r"&|\\begin\{aligned\}")
DEFINED = re.compile(rf"\s*({LETTER})\s*\\equiv\s*([^=]+)", re.DOTALL)
CALLED = re.compile(rf"\$({LETTER})\$\s+stands\s+for\s+\$([^$]+)\$")
OWN = re.compile(r"[^\n]*more blocks than letters.+?\n\n", re.DOTALL)  # where a page says so


@dataclass(frozen=True)
class Symbol:
    """A symbol, the page that defines it, and what it is equal to."""

    tex: str
    page: str
    sides: tuple[str, ...]


PAGES = sorted(p for kind in ("[dgsc]*_*.py", "c*_*.md") for p in pages.FOLDER.glob(kind))
NAMES = [path.stem for path in PAGES] + ["errata"]


def prose(page: str) -> str:
    path = pages.FOLDER / f"{page}.md"
    if path.exists():
        return path.read_text()
    return pages.markdown(path.with_suffix(".py").read_text())


def plain(tex: str) -> str:
    """TeX without what makes no difference, and Omega by its name."""
    tex = re.sub(r"\\[,;!]|\\[Bb]ig+[lr]?|\s", "", tex).rstrip(".")
    return tex.replace(r"(X^\topV_0^{-1}X)", r"\Omega")


def table(text: str) -> list[Symbol]:
    """The rows of the section Symbols, which stand under the pages that define them."""
    _, *parts = HEADING.split(text[text.index("## Symbols") :])
    found = []
    for heading, rows in zip(parts[::2], parts[1::2], strict=True):
        page = TABLE if "This page" in heading else heading.split("`")[1]
        for row in re.findall(r"^\|(?! code |---).*", rows, re.MULTILINE):
            _, _, maths, *_ = row.split("|")
            for tex in INLINE.findall(maths):
                name, *sides = map(plain, tex.split("="))
                found.append(Symbol(name, page, tuple(sides)))
    return found


def definitions(text: str) -> list[tuple[str, str]]:
    """What a page defines: a letter, and what it stands for."""
    math = [ALIGNED.sub("", display or inline) for display, inline in MATH.findall(text)]
    statements = [part for tex in math for part in STATEMENT.split(tex)]
    defined = [match.groups() for part in statements if (match := DEFINED.match(part))]
    return [(plain(a), plain(b)) for a, b in [*defined, *CALLED.findall(text)]]


def contradictions(page: str, text: str, symbols: list[Symbol]) -> list[str]:
    """Definitions on a page of letters that the table has, with another meaning."""
    of = {s.tex: s for s in symbols}
    own = {plain(tex) for part in OWN.findall(text) for tex in INLINE.findall(part)}
    return [
        f"{letter} = {side}"
        for letter, side in definitions(text)
        if letter in of and letter not in own and not agrees(of[letter], page, side)
    ]


def agrees(symbol: Symbol, page: str, side: str) -> bool:
    """Whether a page may say this: it is in the table, or the page is the one that defines it."""
    return side in symbol.sides or (not symbol.sides and page == symbol.page)


SYMBOLS = table(prose(TABLE))


def test_each_symbol_has_one_row() -> None:
    assert [tex for tex, count in Counter(s.tex for s in SYMBOLS).items() if count > 1] == []
    assert {"G", "H", "K", "A", "F", "k", "m", "V", r"\kappa", r"\rho"} <= {s.tex for s in SYMBOLS}


@pytest.mark.parametrize("page", NAMES)
def test_a_page_gives_no_symbol_another_meaning(page: str) -> None:
    assert contradictions(page, prose(page), SYMBOLS) == []


def test_each_symbol_is_on_the_page_that_is_to_define_it() -> None:
    math = {page: plain(" ".join(map(str, MATH.findall(prose(page))))) for page in pages.names()}
    assert [s.tex for s in SYMBOLS if plain(str([s.tex])[2:-2]) not in math[s.page]] == []


@pytest.mark.parametrize(
    "text",
    [
        r"Let $G \equiv X^\top V_0^{-1} X$ be.",
        r"Here $G$ stands for $X^\top V_0^{-1} X$.",
        r"$$ a = b, \qquad \rho \equiv 1 + k\theta^2 $$",
        r"$$ \begin{aligned} a &= b \\ M_W &\equiv b \end{aligned} $$",
        r"$$ K \equiv Z^\top W Z . $$ (eq:none)",
    ],
)
def test_another_meaning_is_found(text: str) -> None:
    assert len(contradictions("d05_posterior", text, SYMBOLS)) == 1


def test_a_page_may_say_that_its_letters_are_its_own() -> None:
    text = "There are more blocks than letters: $G$ is one.\n\n"
    assert contradictions("d11_blocked", text + r"$G \equiv Z^\top Z$", SYMBOLS) == []
    assert contradictions("d11_blocked", text + r"$A \equiv Z^\top Z$", SYMBOLS) != []

"""R's formulas and names as text: bars, grouping factors, levels."""

from __future__ import annotations

import re


def split_formula(formula: str) -> tuple[str, list[tuple[str, str, str]]]:
    """The formula without its bars, and the bars as (effects, "|" or "||", group)."""
    bars = [parts for parts in map(split_bar, brackets(formula)) if parts]
    for text in brackets(formula):
        if split_bar(text):
            formula = formula.replace(f"({text})", "", 1)
    fixed = re.sub(r"\+\s*(?=\+|$)", "", formula.strip())
    fixed = re.sub(r"~\s*\+", "~", re.sub(r"\s+", " ", fixed)).strip()
    return (fixed + " 1" if fixed.endswith("~") else fixed), bars


def names(formula: str, column: str) -> bool:
    """Whether a formula reads a column."""
    return re.search(rf"(?<![\w.]){re.escape(column)}(?![\w.])", formula) is not None


def in_python(formula: str) -> str:
    """A formula of R's for patsy or formulaic: powers are **."""
    return formula.replace("^", "**")


def brackets(formula: str) -> list[str]:
    """What stands in the outermost brackets."""
    texts, depth, begin = [], 0, 0
    for place, letter in enumerate(formula):
        if letter == "(":
            depth += 1
            begin = place + 1 if depth == 1 else begin
        elif letter == ")":
            depth -= 1
            texts += [formula[begin:place]] if depth == 0 else []
    return texts


def split_bar(text: str) -> tuple[str, str, str] | None:
    """The parts of x | g."""
    parts = re.match(r"^(.*?)\s*(\|\|?)\s*([^|]*)$", text.strip())
    return (parts[1], parts[2], parts[3]) if parts else None


def group_columns(group: str) -> list[str]:
    """The columns of a grouping factor: c, b and a of c:(b:a)."""
    return re.sub(r"[()]", "", group).split(":")


def level_key(group: str, level: str, separator: str = ":") -> frozenset[tuple[str, str]]:
    """What tells a level: a label for each grouping column, in any order."""
    return frozenset(zip(group_columns(group), level.split(separator), strict=False))

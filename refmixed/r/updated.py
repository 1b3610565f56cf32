"""R's `update.formula`: a formula changed by another, in which `.` is what there was."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce

from ..errors import FormulaError
from .bars import Bar, expand_double_bars, split_bar
from .deparse import deparse
from .formula import Formula, deep, split_offsets
from .parse import Node, operator, parse
from .reduced import linear
from .terms import DOT, Terms, expand

Addend = tuple[bool, Node]  # whether it is added, or subtracted


def updated(old: Formula, change: str) -> str:
    """The text of a formula changed by one such as "~ . - x" or "log(.) ~ . + z".

    Bars and offsets of the old one stay where `.` is; each can be subtracted, as fixed terms can.
    Raises FormulaError, for what is subtracted and is not there too.
    """
    if not isinstance(change, str):
        raise FormulaError(f"a change of a formula is a string such as '~ . - x', not {change!r}")
    text = change.replace("\n", " ").strip()
    with deep():
        tree = parse(f". {text}" if text.startswith("~") else text)
        if not tree.is_operator("~"):
            raise FormulaError(f"a change of a formula reads '~ . - x', and {text!r} does not")
        left, right = tree.args
        return changed(old, left, list(addends(expand_double_bars(right))), text)


def changed(old: Formula, left: Node, parts: list[Addend], text: str) -> str:
    """The text with another response, and such addends on the right."""
    keeps = any(node == DOT for _, part in parts for node in part.walk())
    bars, offsets = (list(old.bars), list(old.offsets)) if keeps else ([], [])
    fixed: list[Addend] = []
    for is_added, node in parts:
        if is_bar(node):
            for bar in split_bar(node.args[0], text):
                merge(bars, bar, is_added, bar_text(bar))
        elif node.kind == "call" and node.text == "offset":
            for offset in split_offsets(node)[0]:
                merge(offsets, offset, is_added, deparse(node))
        else:
            fixed.append((is_added, instead(node, Node("brackets", "(", (sum_of(old.fixed),)))))
    right = [linear(summed(fixed, text)), *(f"offset({deparse(node)})" for node in offsets)]
    right += [bar_text(bar) for bar in bars]
    return f"{deparse(instead(left, old.response))} ~ {' + '.join(right)}"


def addends(node: Node, is_added: bool = True) -> Iterator[Addend]:
    """The addends of a sum, brackets around sums opened."""
    if node.kind == "operator" and node.text in ("+", "-"):
        *first, last = node.args
        for arg in first:
            yield from addends(arg, is_added)
        yield from addends(last, is_added == (node.text == "+"))
    elif node.kind == "brackets" and not is_bar(node) and is_sum(node.args[0]):
        yield from addends(node.args[0], is_added)
    else:
        yield is_added, node


def is_bar(node: Node) -> bool:
    """Whether this is (x | g)."""
    return node.kind == "brackets" and node.args[0].is_operator("|")


def is_sum(node: Node) -> bool:
    """Whether addends are joined by plus alone, bars among them."""
    return node.is_operator("+") or is_bar(node)


def instead(node: Node, dot: Node) -> Node:
    """A tree with something in the place of `.`."""
    if node == DOT:
        return dot
    return Node(node.kind, node.text, tuple(instead(arg, dot) for arg in node.args), node.at)


def sum_of(terms: Terms) -> Node:
    """Terms as a tree."""
    return parse(linear(terms))


def merge(found: list[Bar] | list[Node], one: Bar | Node, is_added: bool, name: str) -> None:
    """Add one of the bars, or offsets, or take it away.  Raises FormulaError."""
    if is_added and one not in found:
        found.append(one)  # type: ignore[arg-type]
    elif not is_added and one in found:
        found.remove(one)  # type: ignore[arg-type]
    elif not is_added:
        there = ", ".join(bar_text(x) if isinstance(x, Bar) else deparse(x) for x in found)
        raise FormulaError(f"there is no {name} to leave out; there is {there or 'none'}")


def summed(parts: list[Addend], text: str) -> Terms:
    """The terms of signed addends, in turn.  Raises FormulaError: one that is not there."""
    so_far = Terms((), intercept=True)
    for k, (is_added, node) in enumerate(parts):
        if not is_added and node.kind != "number":
            for term in expand(node, text).terms:
                if not any(set(term) == set(other) for other in so_far.terms):
                    name = ":".join(map(deparse, term))
                    raise FormulaError(f"there is no term {name} to leave out of {linear(so_far)}")
        so_far = expand(reduce(joined, parts[1 : k + 1], first(parts[0])), text)
    return so_far


def first(part: Addend) -> Node:
    """The addend that a sum begins with."""
    return part[1] if part[0] else Node("operator", "-", (part[1],), part[1].at)


def joined(left: Node, part: Addend) -> Node:
    """A sum with one more addend."""
    return operator("+" if part[0] else "-", left, part[1])


def bar_text(bar: Bar) -> str:
    """A bar as a formula has it."""
    return f"({linear(bar.effects)} | {bar.grouping})"

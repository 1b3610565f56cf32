"""Why a formula has no value: its text, the point, or the precision."""

from __future__ import annotations


class RefusedError(Exception):
    """The text is no formula of this question; `place` counts its characters from 0."""

    def __init__(self, sentence: str, place: int | None = None) -> None:
        super().__init__(sentence)
        self.place = place

    def told(self, text: str) -> str:
        """The sentence, with the place in the text."""
        if self.place is None:
            return f"{self}."
        near = "".join(filter(str.isprintable, text[self.place : self.place + 12])).strip()
        return f"{self} (at character {self.place + 1}, near `{near}`)."


class UndefinedError(Exception):
    """The formula has no value at this point, as log(-1) has none."""


class UndecidedError(Exception):
    """The precision, or the work that is allowed, did not suffice."""

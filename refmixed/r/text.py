"""Text as R shows it: what is escaped, how wide it is on the screen, how names are shortened.

Widths are those of R's own table, which the Unicode properties of the standard library give; other
tables (wcwidth's) give vowel signs of Indic scripts no width, which R does.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from string import ascii_lowercase

CODES = {"\a": "a", "\b": "b", "\t": "t", "\n": "n", "\v": "v", "\f": "f", "\r": "r"}
NOT_PRINTED = {"Cc", "Cn", "Zl", "Zp"}  # categories: controls, no characters, ends of lines
MARKS = {"Mn", "Me", "Cf"}  # categories of what takes no place: marks, formats
SOFT_HYPHEN = "\u00ad"  # a format by its category, as wide as a hyphen in R
FINAL_JAMO = range(0x1160, 0x1200)  # vowels and ends of a Hangul syllable, within the first's place
NO_BLANKS = "\x1c\x1d\x1e\x1f\x85\xa0\u2007\u202f"  # to C's iswspace(); blanks to Python
VOWELS = "aeiou"
# More that abbreviate() drops first where a letter is not ASCII: slips of R's own list included.
MORE_VOWELS = ".àáãäåèéêëìíîïòóôõöøùúûüāăąēĕėĘěĩīĭįıōŏőũūŭůűų"


def escaped(text: str) -> str:
    """What R prints for a text: backslashes doubled, and codes for what cannot be printed."""
    return "".join(map(_escape, text))


def _escape(letter: str) -> str:
    """One character, as C's EncodeString."""
    if letter in CODES:
        return f"\\{CODES[letter]}"
    if unicodedata.category(letter) not in NOT_PRINTED:
        return "\\\\" if letter == "\\" else letter
    code = ord(letter)
    if code < 0x80:
        return f"\\{code:03o}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{{{code:06x}}}"


def display_width(text: str) -> int:
    """Columns of the screen that a text takes: `nchar(text, "width")`."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def _columns(letter: str) -> int:
    """Two for what is wide in East Asia, none for what stands on or in another's place."""
    if ord(letter) in FINAL_JAMO:
        return 0
    if unicodedata.category(letter) in MARKS and letter != SOFT_HYPHEN:
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def pad(text: str, columns: int, right: bool = False) -> str:
    """The text in a field of that many columns, at its left or right."""
    blanks = " " * (columns - display_width(text))
    return blanks + text if right else text + blanks


def abbreviate(names: Sequence[str], minlength: int) -> list[str]:
    """`abbreviate(names, minlength)`: shorter names, as different from each other as before."""
    short = {name.strip(" "): "" for name in names}
    again = list(short)
    while again:
        short.update({name: _shorten(name, minlength) for name in again})
        count = Counter(short.values())
        again = [name for name, text in short.items() if count[text] > 1]
        minlength += 1
    return [short[name.strip(" ")] for name in names]


def _shorten(name: str, minlength: int) -> str:
    """Drop characters until `minlength` are left, then the blanks (C's stripchars).

    Which letters beyond Latin-1 count as lower case is undefined in R, which asks C's islower() of
    them: none here.
    """
    vowels = VOWELS if name.isascii() else VOWELS + MORE_VOWELS
    for droppable in (vowels.__contains__, ascii_lowercase.__contains__, _is_not_blank):
        for only_at_end in (True, False):
            name = _drop(name, droppable, only_at_end, minlength)
    return _without_blanks(name) if len(name) > minlength else name


def _drop(name: str, droppable: Callable[[str], bool], only_at_end: bool, minlength: int) -> str:
    """One pass from right to left; the first character of a word stays."""
    for i in range(len(name) - 1, 0, -1):
        if len(_without_blanks(name)) <= minlength:
            break
        goes_on = any(map(_is_not_blank, name[i + 1 : i + 2]))
        if droppable(name[i]) and _is_not_blank(name[i - 1]) and not (only_at_end and goes_on):
            name = name[:i] + name[i + 1 :]
    return name


def _is_not_blank(letter: str) -> bool:
    """C's iswspace(), denied."""
    return not letter.isspace() or letter in NO_BLANKS


def _without_blanks(name: str) -> str:
    """The letters of a name."""
    return "".join(filter(_is_not_blank, name))

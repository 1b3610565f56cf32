"""Readers of what programs write, one a dialect."""

from __future__ import annotations

from pathlib import Path

from ..account import Account, AccountError
from . import as_json, lm, lme4, nlme, sas, spss, stata, statsmodels
from .pasted import plain

READERS = (as_json, statsmodels, stata, spss, nlme, lm, lme4, sas)
DIALECTS = (
    "JSON, or what lme4, lmerTest, glmmTMB, nlme, R's lm, statsmodels' MixedLM, SAS's PROC MIXED "
    "and GLIMMIX, Stata's mixed and melogit or SPSS's MIXED print"
)


def read_file(path: str) -> Account:
    """The account in a file.  Raises AccountError."""
    try:
        text = Path(path).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text in UTF-8"
        raise AccountError(f"cannot read {path}: {reason}") from error
    return read(text, Path(path).name)


def read(text: str, name: str) -> Account:
    """The account in a text.  Raises AccountError."""
    if not text.strip():
        raise AccountError(f"{name} is empty: give {DIALECTS}")
    written = plain(text)
    for reader in READERS:
        if reader.is_mine(written):
            account = reader.read(written, name)
            if account.numbers:
                return account
            break
    raise AccountError(f"{name} is no summary that is known here: give {DIALECTS}")

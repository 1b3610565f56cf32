"""`refmixed explain A B`: which of two accounts says what, and why they differ."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

import click

import refmixed as rm
from refmixed.r.csv_file import read_csv

from . import write
from .account import Account, AccountError
from .base import account_of
from .generalized.dimensions import LAW
from .generalized.fits import account_of as generalized_account
from .generalized.setup import GeneralizedSetup, as_told
from .generalized.worlds import GeneralizedWorlds
from .read import read_file
from .search import explain
from .setup import Setup
from .worlds import Worlds

LIVE = "live"
STATUS = {"equal": 0, "explained": 0, "partly": 1, "cannot tell": 1}


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("a", required=False)
@click.argument("b", required=False)
@click.option(
    "--data", metavar="FILE", help="CSV of the data: fits are made again to verify causes"
)
@click.option("--formula", help="the model; else the formula that A or B tells")
@click.option("--weights", metavar="COLUMN", help="prior weights; else those that A or B tells")
@click.option("--ml", is_flag=True, help="`live` is a fit by maximum likelihood")
@click.option(
    "--family", help="of a generalized model, as `binomial(probit)`; else what A or B tells"
)
@click.option("--json", "as_json", is_flag=True, help="print JSON")
@click.option("--causes", is_flag=True, help="list the causes that are known")
def command(
    a: str | None, b: str | None, data: str | None, formula: str | None, weights: str | None,
    ml: bool, family: str | None, as_json: bool, causes: bool,
) -> int:  # fmt: skip
    """Say in which numbers A and B differ, and which convention or mistake makes the one the other.

    A and B: files of JSON (of `refmixed fit --json`, an answer of the suite, quantities by name) or
    of what lme4, lmerTest, glmmTMB, nlme, lm, statsmodels, SAS, Stata or SPSS print; or `live`, a
    fit of --data, of a generalized model by Laplace's approximation.  A cause is named only where
    its numbers, computed again, are those that are written.

    Exit status: 0 where they are equal or all that differs is explained, 1 where something is not,
    2 where there is nothing to read.
    """
    if causes:
        print(write.causes())
        return 0
    if a is None or b is None:
        raise click.UsageError("two accounts are compared: give A and B, files or `live`")
    given = [None if name == LIVE else read_file(name) for name in (a, b)]
    worlds = tried(data, formula, weights, family, given)
    first, second = (account or live(worlds, ml) for account in given)
    result = explain(first, second, worlds)
    print(json.dumps(write.as_json(result), indent=1) if as_json else write.text(result))
    return STATUS[result.status]


def tried(
    data: str | None, formula: str | None, weights: str | None, family: str | None,
    given: Sequence[Account | None],
) -> Worlds | None:  # fmt: skip
    """The fits of the data; None without data."""
    if data is None:
        return None
    accounts = [account for account in given if account]
    text = formula or next((one.formula for one in accounts if one.formula), None)
    if text is None:
        raise click.UsageError("neither A nor B tells its formula: give --formula")
    rows = read_csv(data)
    told = (one.weights for one in accounts if one.weights in rows.columns)
    is_pair = text.lstrip().startswith("cbind(")  # which says how many trials there are
    weights = weights or (None if is_pair else next(told, None))
    law = family or next((one.word(LAW) for one in accounts if one.word(LAW)), None)
    if law is None:
        return Worlds(Setup(text, rows, weights))
    return GeneralizedWorlds(GeneralizedSetup.of(text, as_told(rows, accounts), weights, law))


def live(worlds: Worlds | None, ml: bool) -> Account:
    """refmixed's own account."""
    if worlds is None:
        raise click.UsageError(f"`{LIVE}` is a fit of data: give --data and --formula")
    for base in worlds.plain():
        if base.generalized is not None:
            return generalized_account(base.generalized, LIVE)
        if base.fit is not None and base.fit.reml is not ml:
            return account_of(base.fit, LIVE)
    raise click.UsageError("refmixed cannot fit this model: see `refmixed fit`")


def main(arguments: Sequence[str] | None = None, name: str = "python -m validation explain") -> int:
    """Run the command; the exit status."""
    try:
        return command.main(arguments, prog_name=name, standalone_mode=False) or 0
    except click.ClickException as error:
        print(f"{name}: {error.format_message()}", file=sys.stderr)
    except (AccountError, rm.RefmixedError) as error:
        print(f"{name}: {error}", file=sys.stderr)
    except (KeyboardInterrupt, click.Abort):
        print(f"{name}: interrupted", file=sys.stderr)
    return 2

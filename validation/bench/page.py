"""The page of the book on time, from the report: `python -m validation.bench.page` writes it."""

from __future__ import annotations

from pathlib import Path

from ..adapters.messages import Json
from ..tell.details import table
from . import picture, report
from .table import duration, fitted, number, size

PAGE = Path(__file__).parents[2] / "derivations" / "speed.md"
HEAD = """# How long fits take

The numbers are those of

```
{command}
```

on {date}, with {processor}, {system}; of at most {rounds} rounds. They are CPU seconds, user and
system, of whole fits from a formula and data that are in memory, unless a name says otherwise;
every program has a process of its own and one thread. Programs take turns: in each round each of
them fits the same set, often enough for the clock, and a ratio is one of the same round.
`lmer()` is that of the BLAS with which it is the faster here. Packages are asked with their
defaults (but glmm without Satterthwaite's degrees of freedom, which `lmer()` does not compute
either), so that they do not stop at the same digits: the criterion that each ends with stands in
the last column, and {{doc}}`conformance` says how exact each is. The BLAS of a Python program is
that of numpy, which a package in Rust need not use.

| name | what is timed |
|---|---|
| refmixed | `rm.lmer(formula, data)`, by the route that it takes itself |
| refmixed, design | `Fit.of(design)`: what is left when the formula has been read |
| refmixed, penalized | the textbook's q x q system, where it is small |
| lme4 | `lmer(formula, data)` |
| lme4, pieces | `mkLmerDevfun`, `optimizeLmer` and `mkMerMod`, from an `lFormula` on |
| (OpenBLAS) | the same R with OpenBLAS for its BLAS |

"""


def keep(found: Json) -> None:
    """Write the report, and draw its pictures."""
    report.write(found)


def write(path: Path = PAGE, figures: Path = picture.FOLDER) -> None:
    """Write the page of the report that is kept, and its pictures."""
    found = report.read()
    picture.write(found, figures)
    path.write_text(page(found), "utf-8")


def page(found: Json) -> str:
    """The page."""
    counts = [program["rounds"] for one in found["sets"] for program in one["programs"].values()]
    known = {"command": found["command"], "rounds": max(counts, default=0), **found["machine"]}
    parts = [HEAD.format(**known), versions(found)]
    parts += ["## Beside lmer()\n\n", figure("bench-ratios.png", RATIOS)]
    parts += [one_set(one) for one in found["sets"]]
    if found["curves"]:
        parts += ["## Cost and size\n\n", figure("bench-curves.png", CURVES)]
    parts += ["## Certificates\n\n", certificates(found)]
    return "".join(parts)


RATIOS = "the CPU time of each program on each set, as a multiple of that of lmer()"
CURVES = "CPU time against rows, levels and effects a level, on logarithmic axes"


def figure(name: str, words: str) -> str:
    """A picture."""
    return f"![{words}](figures/{name})\n\n"


def versions(found: Json) -> str:
    """The programs, and the BLAS of each, proved by what a cross product takes."""
    rows = []
    for name, about in found["versions"].items():
        who = f"{about.get('name', '')} {about.get('version', '')}, {about.get('language', '')}"
        product = duration(about["seconds"]) if "seconds" in about else about["error"]
        rows.append([name, who.strip(" ,"), f"`{about.get('blas', '')}`", product])
    head = ["", "version", "BLAS", "X'X, 1000 x 1000"]
    return "## Versions\n\n" + table(head, rows) + "\n\n"


def one_set(one: Json) -> str:
    """A table of the programs on a set, the fastest first, and who is not in it."""
    order = sorted(one["programs"].items(), key=lambda pair: pair[1]["seconds"]["median"])
    rows = [[name, *cells(program)] for name, program in order]
    head = ["", "CPU", "to lme4 (quartiles)", "to lme4, pieces", "memory", "criterion"]
    lines = [
        f"### {one['name']}\n",
        f"`{one['formula']}`, {size(one)}, {fitted(one)}.\n",
        table(head, rows),
    ]
    lines += [f"\n- left out, {name}: {why}" for name, why in one["left_out"].items()]
    return "\n".join(lines) + "\n\n"


def cells(program: Json) -> list[str]:
    """The numbers of a program on a set."""
    above = program["above_least"]
    more = f" (+{above:.1g})" if above > 1e-3 else ""
    return [
        duration(program["seconds"]["median"]),
        quartiles(program["ratio"]),
        quartiles(program["partner"]),
        f"{program['memory']:.0f} MB",
        f"{program['criterion']:.3f}{more}",
    ]


def quartiles(found: Json | None) -> str:
    """The median, and the quartiles in brackets."""
    if not found:
        return ""
    median, lower, upper = (number(found[key]) for key in ("median", "lower", "upper"))
    return f"{median} ({lower}, {upper})"


def certificates(found: Json) -> str:
    """What proofs take."""
    keys = ("id", "rows", "parameters")
    rows = [
        [*(str(one[k]) for k in keys), duration(one["seconds"])] for one in found["certificates"]
    ]
    return table(["model", "rows", "covariance parameters", "time of the proof"], rows) + "\n"


if __name__ == "__main__":
    write()

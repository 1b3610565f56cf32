"""Parts of the page of results on one implementation, or on some quantities, and its tables."""

from __future__ import annotations

from ..adapters.messages import Json
from ..suite.cases import SUITE

TABLES = {
    "evaluate": ["criterion", "beta", "sigma", "u", "gradient"],
    "fit": ["theta", "criterion", "beta", "sigma", "sd", "corr"],
    "inference": ["vcov", "ranef", "condvar", "pev", "fitted"],
    "inference: predictions": ["predicted", "population", "se_predicted", "se_population"],
    "inference: degrees of freedom": ["df_satterthwaite", "se_kr", "df_kr"],
    "inference: tests of all coefficients": ["f_satterthwaite", "f_kr"],
    "inference: profile limits": ["profile_beta", "profile_sigma", "profile_sd"],
    "glmm-evaluate": ["loglik", "ranef", "marginal"],
    "glmm-fit": ["loglik", "beta", "sd", "corr", "dispersion", "maximum", "marginal"],
}


def label(one: Json) -> str:
    """Name and version, and the suite where it was asked by an older one."""
    older = f" (suite {one['suite']})" if one.get("suite", SUITE) != SUITE else ""
    return f"{one['implementation']['name']} {one['implementation']['version']}{older}"


def digit_table(title: str, run: list[Json]) -> str:
    """The digits of some quantities, of those that answer any of them."""
    level, quantities = title.partition(":")[0], TABLES[title]
    rows = [
        [label(one), *(median(one["digits"].get(level, {}).get(q)) for q in quantities)]
        for one in run
    ]
    answered = [row for row in rows if set(row[1:]) != {"–"}]
    return f"### {title}\n\n{table(['', *map(code, quantities)], answered)}\n"


def median(found: dict[str, float] | None) -> str:
    """The median, and the least in brackets."""
    if not found:
        return "–"
    median, least = (found[name] + 0.0 for name in ("median", "least"))  # -0.0 + 0.0 is 0.0
    return f"{median:.1f} ({least:.1f})"


def skips(one: Json) -> str:
    """The reasons of one implementation, or why it was not asked."""
    if "left_out" in one:
        return f"### {label(one)}\n\n{one['left_out']}\n"
    lines = [f"### {label(one)}\n"]
    for name in ("skipped", "expected"):
        reasons = list(one[name].items())
        lines += [f"- {name}, {count}: {text}" for text, count in reasons[:8]]
        more = sum(count for _, count in reasons[8:])
        lines += [f"- {name}, {more}: for other reasons"] * bool(more)
    return "\n".join(lines if len(lines) > 1 else [*lines, "Nothing."]) + "\n"


def code(text: str) -> str:
    """A name as code."""
    return f"`{text}`"


def table(head: list[str], rows: list[list[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)

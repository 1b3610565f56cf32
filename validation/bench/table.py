"""The terminal's tables."""

from __future__ import annotations

from ..adapters.messages import Json


def versions(report: Json) -> str:
    """The programs, with the BLAS of each and what a cross product takes."""
    lines = [f"{report['machine']['processor']}, {report['machine']['date']}, one thread"]
    for name, about in report["versions"].items():
        if "seconds" not in about:
            lines.append(f"  {name:24} {about['error']}")
            continue
        who = f"{about['name']} {about['version']}, {about['language']}"
        product = f"crossprod of 1000 x 1000 in {1e3 * about['seconds']:.0f} ms"
        lines.append(f"  {name:24} {who:40} {about['blas']:28} {product}")
    return "\n".join(lines)


def one_set(found: Json) -> str:
    """The programs on a set, the fastest first."""
    lines = [
        f"{found['name']}: {found['formula']}, {size(found)}, {fitted(found)}",
        f"  {'':24} {'CPU a fit':>12} {'to lme4':>10} {'quartiles':>16} {'MB':>7}  criterion",
    ]
    order = sorted(found["programs"].items(), key=lambda pair: pair[1]["seconds"]["median"])
    lines += [f"  {name:24} {program(one)}" for name, one in order]
    lines += [f"  {name:24} left out: {why}" for name, why in found["left_out"].items()]
    return "\n".join(lines)


def fitted(found: Json) -> str:
    """The likelihood, and the family of responses that are not normal."""
    if family := found.get("family"):
        return f"{family}, by glmer()"
    return "REML" if found["reml"] else "ML"


def size(found: Json) -> str:
    """The rows of a set, and how often it is fitted anew."""
    text = f"{found['rows']:,} rows"
    return f"{text}, {found['refits']:,} refits together" if found["refits"] else text


def program(one: Json) -> str:
    """The numbers of a program on a set."""
    text = f"{duration(one['seconds']['median']):>12} {ratios(one['ratio'])} {one['memory']:7.0f}"
    text += f"  {one['criterion']:.4f}"
    text += f" ({one['above_least']:.2g} above the least)" * (one["above_least"] > 1e-3)
    if one["partner"]:
        text += f"; {number(one['partner']['median'])} to {one['partner']['beside']}"
    return text


def ratios(found: Json | None) -> str:
    """A ratio with its quartiles."""
    if not found:
        return f"{'':10} {'':>16}"
    median, lower, upper = (number(found[key]) for key in ("median", "lower", "upper"))
    return f"{median:>10} {lower:>8}{upper:>8}"


def number(ratio: float) -> str:
    """A ratio with two digits or more."""
    return f"{ratio:.2f}" if ratio >= 0.1 else f"{ratio:.2g}"


def duration(seconds: float) -> str:
    """Seconds, or thousandths of one."""
    return f"{seconds:.2f} s" if seconds >= 1 else f"{1e3 * seconds:.2f} ms"


def curves(found: Json) -> str:
    """The powers with which the cost grows."""
    lines = []
    for one in found.values():
        powers = [f"{name} {line['slope']:.2f}" for name, line in one["programs"].items()]
        lines.append(f"cost against {one['against']}: the power is {', '.join(powers)}")
    return "\n".join(lines)

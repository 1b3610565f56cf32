"""A report as JUnit XML, which services that run tests know how to show."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

from ..ask.run import Result
from ..mistakes import called
from ..suite.verdicts import SKIP, Outcome
from .report import Report, explain, lost
from .statement import LABEL


def write(found: Report, path: Path) -> None:
    """Write the XML."""
    tree = ET.ElementTree(suite(found))
    ET.indent(tree)
    tree.write(path, encoding="utf-8", xml_declaration=True)


def suite(found: Report) -> ET.Element:
    """All cases, and one more that has the problems with expected failures."""
    top = ET.Element("testsuite", name=f"{LABEL} at {found.tier} digits: {found.who}")
    top.extend(case(r) for r in found.results)
    if found.problems:
        extra = ET.SubElement(top, "testcase", classname="expected", name="expected failures")
        ET.SubElement(extra, "failure", message=found.problems[0]).text = "\n".join(found.problems)
    for kind, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        top.set(kind, str(len(top.findall(f"testcase/{tag}"))))
    top.set("tests", str(len(top)))
    top.set("time", f"{sum(r.seconds for r in found.results):.3f}")
    return top


def case(result: Result) -> ET.Element:
    """One case: failed where a verdict was not expected, skipped where nothing else happened."""
    name = f"{result.case['level']}.{result.case['form']}"
    made = ET.Element("testcase", classname=name, name=result.id, time=f"{result.seconds:.3f}")
    lines = [line(result, o) for o in result.outcomes if o.unexpected]
    if lines:
        ET.SubElement(made, "failure", message=lines[0]).text = "\n".join(lines)
    elif result.verdict == SKIP:
        ET.SubElement(made, "skipped", message=result.outcomes[0].note)
    elif expected := [o.expected for o in result.outcomes if o.expected]:
        ET.SubElement(made, "skipped", message=f"expected to fail: {expected[0]}")
    return made


def line(result: Result, outcome: Outcome) -> str:
    """What is wrong with one quantity."""
    if not outcome.failed:
        return f"{outcome.quantity}: passes, though it was expected to fail"
    name = f"near miss {called(outcome.mistake)}: " if outcome.mistake else ""
    regression = f" ({lost(outcome)})" if lost(outcome) else ""
    return f"{outcome.quantity}: {name}{explain(outcome)}{regression}"

"""Grades as JUnit XML: a suite a student, a case a task."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from ...suite.text import plain
from ..grades import Grade
from ..judging import Verdict


def text(grade: Grade) -> str:
    """The XML of one grade."""
    return of_class([grade])


def of_class(grades: Sequence[Grade]) -> str:
    """The XML of many."""
    top = ET.Element("testsuites")
    top.extend(suite(grade) for grade in grades)
    for kind in ("tests", "failures", "errors"):
        top.set(kind, str(sum(int(child.get(kind, "0")) for child in top)))
    ET.indent(top)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(top, encoding="unicode")}\n'


def suite(grade: Grade) -> ET.Element:
    """One student."""
    made = ET.Element("testsuite", name=plain(f"{grade.assignment}: {grade.student}"))
    made.extend(case(grade, verdict) for verdict in grade.verdicts)
    for kind, tag in (("failures", "failure"), ("errors", "error")):
        made.set(kind, str(len(made.findall(f"testcase/{tag}"))))
    made.set("tests", str(len(made)))
    return made


def case(grade: Grade, verdict: Verdict) -> ET.Element:
    """One task: an error where it is ungraded, a failure where it is not right."""
    made = ET.Element(
        "testcase", classname=plain(f"{grade.assignment}.{grade.student}"), name=verdict.task
    )
    if verdict.status != "right":
        tag = "error" if verdict.points is None else "failure"
        kind = verdict.mistake.name if verdict.mistake else verdict.status
        ET.SubElement(made, tag, type=kind, message=plain(verdict.text))
    return made

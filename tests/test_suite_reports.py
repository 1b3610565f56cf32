"""What a run found: tables, JSON, JUnit XML, a page, and changes."""

from __future__ import annotations

import copy
import json
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from suite import SLEEP, Fixed, Json, case_of, failing, near, right

from validation.ask import run
from validation.suite import cases, verdicts
from validation.suite.verdicts import VERDICTS
from validation.tell import junit, page, report, terminal, track


@pytest.fixture(scope="module")
def fit_case() -> Json:
    return case_of(f"{SLEEP}.fit")


@pytest.fixture(scope="module")
def found() -> report.Report:
    """A report with a verdict of each kind."""
    case = copy.deepcopy(case_of(f"{SLEEP}.fit"))
    case["near_misses"] = [near({"sd": ["2", "3"]}, "variance-for-sd")]
    message = right(case)
    message["answers"] |= {"sd": [2, 3], "theta": [1, 2, "</script>"], "sigma": "25.6"}
    del message["answers"]["beta"], message["answers"]["corr"]
    message["skipped"] = {"corr": "later & <b>never</b>"}
    results = [run.Result(case, verdicts.judge(case, message), 0.25)]
    assert {o.verdict for o in results[0].outcomes} == set(VERDICTS)
    return report.Report(Fixed().start()["implementation"], results, {"fit": 1}, ["a problem"])


def test_the_table_tells_all(found: report.Report) -> None:
    text = terminal.table(found)
    for part in (
        "fixed 1 (Python): NOT AS EXPECTED in 1 case, and 1 problem",
        "1 of 1 failure looks like variance-for-sd (units): Variances in place of the standard dev",
        "Read eq:sd-and-correlation, page d01_model.",
        f"{SLEEP}.fit: sd (also wrong: theta, beta, sigma)",
        f"{SLEEP}.fit, beta: neither answered nor skipped",
        f"{SLEEP}.fit, theta: '</script>' where a number is expected",
        "later & <b>never</b>: corr (1)",
        "a problem",
        "fit: no",
    ):
        assert part in text


def test_the_json_report_is_valid(found: report.Report, tmp_path: Path) -> None:
    report.write(found, tmp_path / "r.json")
    made = track.read(tmp_path / "r.json")
    sd = made["cases"][f"{SLEEP}.fit"]["quantities"]["sd"]
    assert (sd["mistake"], sd["class"]) == ("variance-for-sd", "units")
    assert sd["place"] == [0]
    assert (sd["answer"], sd["value"][:6]) == ("2", "24.740")
    assert made["cases_sha256"] == cases.digest()


def test_junit_counts_what_failed(found: report.Report, tmp_path: Path) -> None:
    junit.write(found, tmp_path / "x.xml")
    top = ET.parse(tmp_path / "x.xml").getroot()
    assert (top.get("tests"), top.get("failures"), top.get("skipped")) == ("2", "2", "0")
    failure = top.find("testcase/failure")
    assert failure is not None
    assert "sd: near miss variance-for-sd (units): " in str(failure.text)


def test_junit_tells_expected_failures_and_skips_from_failures(fit_case: Json) -> None:
    (failed,) = failing(fit_case)
    outcomes = tuple(replace(o, expected="why" if o.failed else "") for o in failed.outcomes)
    skipped = run.Result(fit_case, verdicts.judge(fit_case, {"skip": "later"}), 0.0)
    results = [failed, replace(failed, outcomes=outcomes), skipped]
    top = junit.suite(report.Report(Fixed().start()["implementation"], results, {}))
    assert [case[0].tag for case in top] == ["failure", "skipped", "skipped"]


def test_the_page_needs_no_network_and_quotes_what_it_shows(found: report.Report) -> None:
    text = page.html(found)
    assert not re.search(r"(src|href)=|https?:|@import|url\(", text)
    assert text.count("</script>") == 2
    assert "<b>never" not in text
    (data,) = re.findall(r'id="details">(.*?)</script>', text, re.DOTALL)
    details = {entry["title"]: dict(entry["lines"]) for entry in json.loads(data)}
    sd = details[f"{SLEEP}.fit: sd"]
    assert sd["mistake"] == "variance-for-sd (units)"
    assert sd["that is"].startswith("Variances in place")
    assert sd["answer there"] == "2"
    assert sd["truth"].startswith("[24.7404514644039075")
    assert sd["why"]
    assert len(re.findall("<button class", text)) == len(details) == 6


def test_an_old_report_shows_what_changed(found: report.Report) -> None:
    new = report.as_json(found)
    assert track.changes(new, new) == ["6 of 6 quantities as before"]
    old = copy.deepcopy(new)
    quantities = old["cases"][f"{SLEEP}.fit"]["quantities"]
    quantities["sd"] = {"verdict": "pass", "digits": 12.04}
    quantities["criterion"]["digits"] = 12.0
    old["implementation"]["version"] = "0"
    old["cases"]["gone.fit"] = old["cases"][f"{SLEEP}.fit"]
    assert track.changes(old, new) == [
        "implementation: fixed 0 Python -> fixed 1 Python",
        "gone: gone.fit",
        f"{SLEEP}.fit, criterion: 12.0 -> 16.0 digits",
        f"{SLEEP}.fit, sd: pass with 12.0 digits -> near miss (variance-for-sd) with 0.0 digits"
        ": 12.0 lost",
        "4 of 6 quantities as before",
    ]


def test_conformance_needs_every_case_of_a_level(fit_case: Json) -> None:
    def conforms(message: Json, size: int = 1) -> str:
        result = run.Result(fit_case, verdicts.judge(fit_case, message), 0.0)
        return report.Report({}, [result], {"fit": size}).conforms()["fit"]

    some = right(fit_case)
    del some["answers"]["theta"]
    assert conforms(right(fit_case)) == "yes"
    assert conforms(right(fit_case), 2) == "not asked whole"
    assert conforms(some | {"skipped": {"theta": "later"}}) == "in part"
    assert conforms(some) == "no"
    assert conforms({"skip": "later"}) == "nothing answered"

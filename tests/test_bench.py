"""The timings: rounds of workers, ratios, the report, its page, and what bench-smoke holds."""

from __future__ import annotations

import copy
import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from suite import Json

from validation.bench import __main__ as command
from validation.bench import files, machine, made, page, report, rounds, sets, smoke, sums, table
from validation.bench.live import LeftOutError, Live, Timed
from validation.bench.programs import LME4, Program, everyone
from validation.suite import schemas

WORKER = """
import json, sys
def reply(what):
    print(json.dumps(what), flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    do = asked.get("do")
    who = {"name": "fake", "version": "1", "language": "none"}
    known = {
        None: {"version": 1, "implementation": who},
        "load": {"id": "bench", "answers": {"memory": "10"}},
        "fit": {"id": "bench", "answers": {
            "seconds": SECONDS * asked.get("times", 1), "criterion": "5.5", "memory": 12.5}},
        "blas": {"id": "bench", "answers": {"blas": "libfake.so", "seconds": "0.5"}},
    }
    reply(known[do])
"""
REFUSES = WORKER.replace('"answers": {"memory": "10"}', '"skip": "has one random term"')
DIES = WORKER.replace("reply(known[do])", 'reply(known[do]) if do != "fit" else sys.exit(3)')
SLOW = WORKER.replace("reply(known[do])", 'reply(known[do]) if do != "fit" else sys.stdin.read()')


def program(name: str, seconds: float, text: str = WORKER) -> Program:
    """A program whose fits take so many seconds, as it says."""
    script = text.replace("SECONDS", str(seconds))
    return Program(name, lambda: [sys.executable, "-c", script])


@pytest.fixture(scope="module")
def measured() -> sums.Measured:
    """Three rounds of fakes, of which three do not fit the set."""
    fakes = [
        program("refmixed", 0.2),
        program("refmixed, design", 0.1),
        program(LME4, 0.5),
        program("lme4 (OpenBLAS)", 0.4),
        program("lme4, pieces", 0.25),
        program("refuses", 1, REFUSES),
        program("dies", 1, DIES),
        program("slow", 1, SLOW),
    ]
    return rounds.measure(sets.chosen(["Dyestuff"], False)[0], fakes, 3, limit=5.0)


@pytest.fixture(scope="module")
def found(measured: sums.Measured) -> Json:
    """A whole report."""
    about = {"name": "fake", "version": "1", "language": "R", "blas": "libb.so", "seconds": 0.1}
    line = {"x": [10, 100], "seconds": [0.1, 1.0], "slope": 1.0}
    return {
        "command": "make bench",
        "machine": machine.described(),
        "versions": {"refmixed": about, "glmm": {"error": "does not start"}},
        "sets": [sums.summed(measured)],
        "curves": {"rows": {"against": "rows", "programs": {"refmixed": line}}},
        "certificates": [{"id": "a-model", "seconds": 0.5, "rows": 10, "parameters": 2}],
    }


# --- rounds ---------------------------------------------------------------------------------------


def test_programs_are_timed_in_rounds(measured: sums.Measured) -> None:
    assert {name: len(timed) for name, timed in measured.rounds.items()} == dict.fromkeys(
        ["refmixed", "refmixed, design", LME4, "lme4 (OpenBLAS)", "lme4, pieces"], 3
    )
    assert measured.rows == 30
    assert measured.loaded["refmixed"] == 10.0


def test_who_does_not_fit_a_set_is_left_out_with_the_reason(measured: sums.Measured) -> None:
    assert measured.left_out == {
        "refuses": "has one random term",
        "dies": "ended with exit status 3 and said nothing",
        "slow": "did not answer within 5 seconds",
    }


def test_a_round_has_fits_enough_for_the_clock() -> None:
    assert [rounds.repeats(s) for s in (0.0, 0.001, 0.1, 0.29, 100.0)] == [50, 50, 3, 2, 1]


def test_a_program_that_is_lost_on_the_way_does_not_count() -> None:
    class Lost:
        def fit(self, times: int) -> Timed:
            raise LeftOutError("was ended")

        def close(self) -> None:
            pass

    measured = sums.Measured("a", "y ~ 1", True)
    measured.add("lost", Timed(1.0, 1.0, 1.0))
    live: dict = {"lost": (Lost(), 1)}
    rounds.one_round(live, 0, measured)
    assert (measured.rounds, measured.left_out, live) == ({}, {"lost": "was ended"}, {})


def test_a_program_that_is_not_there_is_left_out() -> None:
    with pytest.raises(LeftOutError, match="does not start"):
        Live([sys.executable, "-c", "1/0"], 5.0)
    with pytest.raises(LeftOutError, match="cannot run no-such-program"):
        Live(["no-such-program"], 5.0)


# --- arithmetic -----------------------------------------------------------------------------------


def test_quartiles_and_ratios() -> None:
    assert sums.quartiles([4, 1, 3, 2, 5]) == {"lower": 2.0, "median": 3.0, "upper": 4.0}
    seconds = {"a": [1.0, 4.0, 9.0], LME4: [1.0, 2.0, 3.0], "lme4 (OpenBLAS)": [2.0, 3.0, 4.0]}
    assert sums.ratio(seconds, "a", LME4) == {
        "beside": LME4, "lower": 1.5, "median": 2.0, "upper": 2.5
    }  # fmt: skip
    assert sums.ratio({"a": [1.0]}, "a", LME4) is None


def test_ratios_are_to_the_faster_r(measured: sums.Measured) -> None:
    programs = sums.summed(measured)["programs"]
    assert programs["refmixed"]["ratio"]["beside"] == "lme4 (OpenBLAS)"
    assert programs["refmixed"]["ratio"]["median"] == pytest.approx(0.5)
    assert programs["refmixed, design"]["partner"]["beside"] == "lme4, pieces"
    assert programs["refmixed, design"]["partner"]["median"] == pytest.approx(0.4)
    assert programs["refmixed"]["partner"] is None
    assert programs["refmixed"]["memory"] == 12.5


def test_the_slope_of_a_power_is_the_power() -> None:
    x = np.array([1.0, 10.0, 50.0])
    assert sums.slope(x, 3 * x**1.5) == pytest.approx(1.5)


# --- sets -----------------------------------------------------------------------------------------


def test_a_set_is_in_files_as_it_is_in_memory(tmp_path: Path) -> None:
    from validation.bench.workers import clock

    one = sets.Set("small", "y ~ x + (x | g)", lambda: made.slopes(40, 5), refits=3)
    files.write(one, tmp_path)
    model = json.loads((tmp_path / "set.json").read_text()) | {"folder": str(tmp_path)}
    pd.testing.assert_frame_equal(clock.frame(tmp_path, model), made.slopes(40, 5))
    Y = made.responses(made.slopes(40, 5)["y"], 3)
    assert (clock.responses(model, 40) == Y).all()
    assert model["fixed"] == "y ~ x"
    assert model["terms"] == [{"effects": "x", "group": ["g"]}]


def test_nested_groups_are_told_one_by_one() -> None:
    assert sets.nested("a/b/c") == [["a"], ["a", "b"], ["a", "b", "c"]]
    assert sets.nested("recipe:replicate") == [["recipe", "replicate"]]


def test_big_sets_are_for_those_who_ask() -> None:
    names = {one.name for one in sets.chosen([], False)}
    assert "sleepstudy" in names
    assert names < {one.name for one in sets.chosen([], True)}
    with pytest.raises(LookupError, match="there is no set nowhere"):
        sets.chosen(["nowhere"], False)


def test_a_generalized_set_is_for_those_who_fit_it(tmp_path: Path) -> None:
    from validation.bench.workers import clock, refmixed

    files.write(sets.chosen(["cbpp"], False)[0], tmp_path)
    request: dict = {"id": "bench", "do": "load", "folder": str(tmp_path)}
    other = clock.Worker("pandas", lambda data, model: lambda: 0.0)
    assert other.run(request)["skip"] == "generalized models are not asked of it"
    assert refmixed.run(request)["answers"]["memory"] > 0
    answers = refmixed.run({"id": "bench", "do": "fit", "times": 1})["answers"]
    assert answers["criterion"] == pytest.approx(2 * 92.0262818647571, rel=1e-12)


def test_refmixed_is_timed(tmp_path: Path) -> None:
    """The real worker, in a process of its own."""
    (ours,) = (p for p in everyone(None) if p.name == "refmixed, design")
    files.write(sets.chosen(["Dyestuff"], False)[0], tmp_path)
    worker = Live(ours.command(), 60.0)
    try:
        loaded, timed = worker.load(tmp_path), worker.fit(2)
        assert worker.about["name"] == "refmixed"
        assert worker.blas()["seconds"] > 0
    finally:
        worker.close()
    assert timed.criterion == pytest.approx(319.6542768422538)
    assert timed.seconds > 0
    assert timed.memory >= loaded > 10


# --- the report and its page ----------------------------------------------------------------------


def test_the_report_is_valid(found: Json, tmp_path: Path) -> None:
    report.write(found, tmp_path / "bench.json")
    assert report.read(tmp_path / "bench.json") == json.loads(json.dumps(report.rounded(found)))
    wrong = copy.deepcopy(found)
    del wrong["sets"][0]["programs"]["refmixed"]["seconds"]["median"]
    with pytest.raises(schemas.SchemaError, match="'median' is a required property"):
        report.write(wrong, tmp_path / "wrong.json")
    wrong = copy.deepcopy(found)
    wrong["versions"]["refmixed"]["blas"] = "/usr/lib/libb.so"
    with pytest.raises(schemas.SchemaError, match="does not match"):
        report.write(wrong, tmp_path / "wrong.json")


def test_the_page_is_made_of_the_report(
    found: Json, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report.write(found, tmp_path / "bench.json")
    kept = report.read(tmp_path / "bench.json")
    monkeypatch.setattr(report, "read", lambda: kept)
    page.write(tmp_path / "speed.md", tmp_path)
    text = (tmp_path / "speed.md").read_text("utf-8")
    for part in (
        "make bench\n",
        "| refmixed | 200.00 ms | 0.50 (0.50, 0.50) |  | 12 MB | 5.500 |",
        "0.40 (0.40, 0.40)",
        "- left out, refuses: has one random term",
        "figures/bench-ratios.png",
        "figures/bench-curves.png",
    ):
        assert part in text
    assert (tmp_path / "bench-ratios.png").stat().st_size > 1000


def test_the_page_of_the_book_is_that_of_the_report() -> None:
    assert page.PAGE.read_text("utf-8") == page.page(report.read())


def test_the_tables_tell_all(found: Json) -> None:
    assert "left out: has one random term" in table.one_set(found["sets"][0])
    assert "libb.so" in table.versions(found)
    assert table.curves(found["curves"]) == "cost against rows: the power is refmixed 1.00"


def test_the_command_is_told_without_paths() -> None:
    assert command.command([]) == "make bench"
    told = command.command(["--big", "--openblas", "/opt/lib/libopenblas.so"])
    assert told == 'make bench ARGS="--big --openblas FILE"'
    assert command.main(["nowhere"]) == 2


# --- bench-smoke ----------------------------------------------------------------------------------


def test_smoke_holds_and_says_what_does_not(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smoke, "cpu", lambda work, times: float(work()))
    right = smoke.Hold("a beside b", lambda: 1.0, lambda: 4.0, most=0.5)
    wrong = smoke.Hold("b beside a", lambda: 4.0, lambda: 1.0, most=0.5)
    assert smoke.main([right]) == 0
    assert capsys.readouterr().out == "a beside b: 0.25 times as long\n"
    assert smoke.main([right, wrong]) == 1
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == "b beside a: 4.00 times as long, which must be less than 0.5."


def test_smoke_holds_the_routes_of_refmixed() -> None:
    assert [hold.most for hold in smoke.holds()] == [0.2, 8, 8, 1.5]

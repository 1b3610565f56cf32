"""The data of the conformance suite, its models, the mistakes and the transformations."""

import hashlib
import json
import re
import shutil
import subprocess
from fractions import Fraction
from math import gcd
from pathlib import Path

import numpy as np
import pytest

import refmixed as rm
from refmixed.linalg import independent_columns
from validation import mistakes
from validation.invariance import changes, pairs, requests, writing
from validation.invariance.transformations import TRANSFORMATIONS
from validation.made import boundary
from validation.made.files import files, sums
from validation.made.newrows import UNSEEN, grouping
from validation.mistakes import effects, rounding
from validation.mistakes.problem import arrays
from validation.mistakes.problem import problem as problem_of
from validation.models import FLAGS, GENERALIZED, GENERALIZED_LEVELS, LEVELS, MODELS
from validation.suite import cases, compare, tables, verdicts
from validation.suite.requests import request

ROOT = Path(__file__).parents[1]
DATA = ROOT / "validation" / "data"
SCRIPT = ROOT / "validation" / "data-raw.R"
BY_ID = {model.id: model for model in MODELS}


# --- data sets ------------------------------------------------------------------------------------


def test_every_file_has_its_digest():
    assert (DATA / tables.SUMS).read_text("ascii") == sums(DATA)


def test_a_changed_file_is_refused(monkeypatch):
    monkeypatch.setattr(tables, "sums", lambda: {"Rail.csv": hashlib.sha256(b"other").hexdigest()})
    with pytest.raises(tables.TableError, match=r"Rail\.csv is not the file whose digest"):
        tables.read("Rail.csv")


def test_a_missing_data_set_is_named():
    with pytest.raises(tables.TableError, match=r"there is no nowhere\.csv"):
        tables.load("nowhere")


def test_the_made_files_are_what_the_generators_make():
    for name, content in files().items():
        assert (DATA / name).read_text("ascii") == content, name


def test_the_real_files_are_what_the_packages_hold(tmp_path):
    names = '"nlme", "mlmRev", "MASS", "lme4", "geepack", "HSAUR3"'
    packages = f"invisible(lapply(c({names}), find.package))"  # of several one would be enough
    r = shutil.which("Rscript")
    if r is None or subprocess.run([r, "-e", packages], capture_output=True).returncode:
        pytest.skip("needs R with nlme, mlmRev, MASS, lme4, geepack and HSAUR3")
    subprocess.run([r, "--vanilla", SCRIPT, tmp_path], check=True, capture_output=True)
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert len(made) > 27
    assert made == {name: (DATA / name).read_bytes() for name in made}


def test_there_are_enough_data_sets_and_models():
    real = [name for name in {model.data for model in MODELS} if name[0].isupper()]
    assert len({model.data for model in MODELS}) >= 40
    assert len(real) >= 16
    assert len(MODELS) >= 70


@pytest.mark.parametrize("name", sorted({model.data for model in MODELS}))
def test_a_table_has_numbers_and_known_levels(name):
    table = tables.load(name)
    assert len(table) == len(table.frame())
    for column, values in table.columns.items():
        if column in table.factors:
            assert set(values) <= set(table.factors[column])
            assert len(set(table.factors[column])) == len(table.factors[column])
        else:
            assert table.frame()[column].tolist() == [float(v) for v in table.fractions(column)]


def test_shipped_sets_are_read_from_refmixed():
    mine = tables.load("sleepstudy").frame()
    theirs = rm.load_dataset("sleepstudy").astype({"Days": float})
    assert not (DATA / "sleepstudy.csv").exists()
    assert mine["Reaction"].tolist() == theirs["Reaction"].tolist()
    assert list(mine["Subject"].cat.categories) == list(theirs["Subject"].cat.categories)


def test_decimals_are_exact():
    assert tables.load("sleepstudy").fractions("Reaction")[1] == Fraction("258.7047")


def test_a_response_of_1e9_is_held_by_doubles():
    table = tables.load("far-from-zero")
    y = table.fractions("y")
    assert [Fraction(float(v)) for v in y] == y
    assert min(y) > 10**9 - 100


def test_a_factor_has_no_fractions():
    with pytest.raises(tables.TableError, match="column 'g' of tiny is a factor"):
        tables.load("tiny").fractions("g")


def test_a_table_can_be_cut_and_changed():
    table = tables.load("tiny").subset([3, 0]).replaced("y", ["1", "2"])
    assert table.columns == {"g": ("g02", "g01"), "y": ("1", "2")}


# --- models ---------------------------------------------------------------------------------------


def test_ids_are_unique_and_each_model_says_why():
    assert len(BY_ID) == len(MODELS)
    assert all(model.why.endswith((".", "!")) and len(model.why) > 9 for model in MODELS)


def test_only_known_flags_and_levels_are_used_and_all_flags_are():
    used = {flag for model in (*MODELS, *GENERALIZED) for flag in model.flags}
    assert used == set(FLAGS)
    assert all(set(model.levels) <= set(LEVELS) for model in MODELS)
    assert all(set(model.levels) <= set(GENERALIZED_LEVELS) for model in GENERALIZED)


@pytest.mark.filterwarnings("ignore::refmixed.RefmixedWarning")
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)
def test_a_model_is_as_its_flags_say(model):
    table = tables.load(model.data)
    d = rm.design(model.formula, table.frame(), weights=model.weights, offset=model.offset)
    assert all(len(theta) == d.m for theta in model.thetas)
    assert model.thetas
    has = {
        "blocks": any(term.k > 1 for term in d.terms),
        "several-terms": len({term.group for term in d.terms}) < len(d.terms),
        "weights": model.weights is not None,
        "offset": model.offset is not None,
        "no-fixed-effects": d.p == 0,
        "rank-deficient": "dropped" in " ".join(d.messages) or "dropping" in " ".join(d.messages),
        "large": d.n > 300,
        "tiny": d.n == 4,
    }
    assert {flag for flag, holds in has.items() if holds} == set(model.flags) & set(has)
    balanced = {len(set(np.bincount(term.codes))) == 1 for term in d.terms}
    assert "unbalanced" not in model.flags or False in balanced


@pytest.mark.parametrize("model", [m for m in MODELS if m.newdata], ids=lambda model: model.id)
def test_rows_to_predict_have_known_and_new_groups(model):
    new, old = tables.load(model.newdata), tables.load(model.data)
    for column in grouping([model]):
        if column in new.columns and UNSEEN in new.factors[column]:
            assert UNSEEN in new.columns[column]
            assert set(new.columns[column]) & set(old.columns[column])
    assert any(UNSEEN in values for values in new.columns.values())


def test_the_tiny_example_is_right_by_hand():
    y = boundary.tiny().frame()
    reml, ml = (rm.lmer("y ~ 1 + (1 | g)", y, reml=reml) for reml in (True, False))
    assert reml.theta.iloc[0] ** 2 == pytest.approx(8.5, rel=1e-12)
    assert ml.theta.iloc[0] == pytest.approx(2.0, rel=1e-12)
    assert reml.sigma**2 == pytest.approx(2.0, rel=1e-12)
    assert ml.beta.tolist() == pytest.approx([5.0])


# --- mistakes -------------------------------------------------------------------------------------


def case_of(model, level):
    """A case that certify wrote, and its problem."""
    case = cases.read(cases.FOLDER / f"{model}.{level}.json")
    fit = cases.read(cases.FOLDER / f"{model}.fit.json")
    theta = case.get("given", {}).get("theta") or fit["expected"]["theta"]["value"]
    truth = {name: numbers(entry["value"]) for name, entry in case["expected"].items()}
    at = np.array(theta, dtype=float)
    return case, problem_of(BY_ID[model], case["level"], at, truth)


def numbers(nested):
    """Nested lists of floats."""
    return [numbers(part) for part in nested] if isinstance(nested, list) else float(nested)


def near_misses_of(model, level):
    """The near misses of a case, beside it."""
    case, problem = case_of(model, level)
    required = {name: entry["required"] for name, entry in case["expected"].items()}
    return case, mistakes.near_misses(problem, required)


def test_mistakes_have_names_classes_sentences_and_levels():
    assert len({m.name for m in mistakes.MISTAKES}) == len(mistakes.MISTAKES) >= 60
    assert {m.kind for m in mistakes.MISTAKES} == set(mistakes.CLASSES)
    assert all(says.endswith(".") for says in mistakes.CLASSES.values())
    for mistake in mistakes.MISTAKES:
        assert mistakes.sentence(mistake.name) == mistake.says
        assert mistake.says.endswith(".")
        assert set(mistake.levels) <= {*LEVELS, *GENERALIZED_LEVELS}


def test_the_specification_and_the_schema_have_the_classes():
    spec = (ROOT / "validation" / "SPEC.md").read_text("utf-8")
    table = dict(re.findall(r"^\| `(\w+)` \| ([^|]+\.) \|$", spec, re.MULTILINE))
    assert table == mistakes.CLASSES
    schema = (ROOT / "validation" / "schema" / "report.json").read_text("utf-8")
    (classes,) = re.findall(r'"class": \{\s*"enum": (\[.*?\])', schema, re.DOTALL)
    assert json.loads(classes) == list(mistakes.CLASSES)


@pytest.mark.numerical
@pytest.mark.parametrize(
    "model",
    [  # numbers halfway between two of seven digits, zeros, and what rounding would lose
        "Orthodont-slopes-ml",
        "ergoStool-reml",
        "Oats-reml",
        "near-zero-variance-reml",
        "scales-reml",
        "far-from-zero-reml",
        "large-ratio-reml",
        "nearly-dependent-columns-reml",
    ],
)
def test_near_misses_are_the_same_on_every_processor(model):
    for level in ("evaluate-1", "fit", "inference"):
        case, found = near_misses_of(model, level)
        assert found == case["near_misses"], level


def test_where_rounding_would_show_only_what_follows_from_proven_values_is_kept():
    _, problem = case_of("nearly-dependent-columns-reml", "evaluate-1")
    with pytest.raises(rounding.RoundingError, match="multiplied 5e"):
        _ = problem.right
    _, found = near_misses_of("nearly-dependent-columns-reml", "evaluate-1")
    names = {miss["mistake"] for miss in found}
    assert "no-two-pi" in names
    assert "ml-for-reml" not in names


def relative_singular_values(A):
    """Those of a matrix, over the largest."""
    values = np.linalg.svd(A, compute_uv=False)
    return values / values.max()


@pytest.mark.numerical
def test_rounding_decides_no_rank_that_a_mistake_hangs_on():
    for path in sorted(cases.FOLDER.glob("*.inference.json")):
        model = BY_ID[path.name.removesuffix(".inference.json")]
        design = arrays(model, tables.load(model.data))
        of_Z = relative_singular_values(design.Z)
        assert not np.any((of_Z > effects.ZERO / 1e5) & (of_Z < effects.ZERO * 10)), model.id
        both = np.hstack([design.X, design.Z])
        of_both = relative_singular_values(both / np.linalg.norm(both, axis=0))
        assert not np.any((of_both > 1e-13) & (of_both < 1e-7)), model.id
        assert len(independent_columns(both)) == np.sum(of_both > 1e-10), model.id


@pytest.mark.numerical
def test_without_shrinkage_the_shortest_of_all_least_squares_is_taken():
    """Plots in blocks: both add up to means of residuals, and a block is the sum of its plots."""
    _, problem = case_of("Oats-reml", "inference")
    plots, blocks = problem.design.terms
    of_plots, of_blocks = (part[:, 0] for part in effects.no_shrinkage(problem)["ranef"])
    inside = np.zeros((len(plots.levels), len(blocks.levels)))
    inside[plots.codes, blocks.codes] = 1.0
    residuals = problem.design.y - problem.design.X @ problem.right.beta
    means = np.bincount(plots.codes, residuals) / np.bincount(plots.codes)
    np.testing.assert_allclose(of_plots + inside @ of_blocks, means, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(of_blocks, inside.T @ of_plots, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("quantity", "value", "strings"),
    [
        ("beta", [16.340625 * (1 - 1e-12), 16.340625], ["16.34063", "16.34063"]),
        ("beta", [-13.540625 * (1 - 1e-12), 1e-15], ["-13.54063", "1e-15"]),
        ("u", [2.0, -3e-15], ["2", "0"]),
        ("vcov", [[4.0, 1e-11], [1e-11, 1e-6]], [["4", "1e-11"], ["1e-11", "1e-06"]]),
        ("vcov", [[4.0, 1e-13], [1e-13, 1e-6]], [["4", "0"], ["0", "1e-06"]]),
        ("ranef", [[[1.0, 1e-12], [2.0, 1e-12]]], [[["1", "1e-12"], ["2", "1e-12"]]]),
        ("df_kr", [np.inf], ["inf"]),
    ],
)
def test_a_near_miss_is_written_so_that_rounding_cannot_change_it(quantity, value, strings):
    assert rounding.written(quantity, value) == strings


@pytest.mark.parametrize(
    ("model", "level"),
    [
        ("sleepstudy-slopes-reml", "evaluate-1"),
        ("weighted-offset-reml", "evaluate-1"),
        ("three-effects-ml", "fit"),
        ("weighted-reml", "inference"),
        ("nested-deep-reml", "inference"),
    ],
)
def test_the_textbook_agrees_with_the_proofs(model, level):
    case, problem = case_of(model, level)
    right = problem.told(problem.right, problem.theta)
    assert right.keys() <= {*case["expected"], "corr"}
    for name in right.keys() & case["expected"].keys():
        found = mistakes.texts(right[name], digits=17)
        assert compare.digits(name, found, problem.truth[name]) > 8.5, name


@pytest.mark.parametrize(
    ("model", "level", "wanted"),
    [
        ("ergoStool-reml", "design", {"sum-contrasts", "last-level-reference"}),
        ("sleepstudy-slopes-reml", "evaluate-1", {"ml-for-reml", "lambda-transposed"}),
        ("three-effects-reml", "evaluate-1", {"row-major-theta", "no-logdet-x"}),
        ("weighted-offset-reml", "evaluate-1", {"weights-ignored", "offset-ignored"}),
        ("three-effects-reml", "fit", {"variance-for-sd", "covariance-for-correlation"}),
        ("two-minima-zero-ml", "fit", {"other-minimum"}),
        ("Pastes-reml", "evaluate-1", {"nested-labels-alone"}),
        ("Pastes-reml", "fit", {"terms-reversed"}),
        ("sleepstudy-slopes-reml", "inference", {"no-shrinkage", "condvar-for-pev", "residual-df"}),
    ],
)
def test_near_misses_are_found_and_named_by_the_verdict(model, level, wanted):
    case, found = near_misses_of(model, level)
    assert wanted <= {miss["mistake"] for miss in found}
    for miss in found:
        values = {name: entry["value"] for name, entry in case["expected"].items()}
        answer = {"id": case["id"], "answers": values | miss["values"]}
        outcomes = verdicts.judge({**case, "near_misses": found}, answer)
        failed = {o.quantity: o.mistake for o in outcomes if o.failed}
        assert failed.keys() == miss["values"].keys(), miss["mistake"]
        apart = [  # in digits that are kept; the rest of a near miss tells nothing
            name
            for name, value in miss["values"].items()
            if compare.digits(name, value, values[name]) < verdicts.APART
        ]
        assert all(failed[name] for name in apart), miss["mistake"]
        if miss["mistake"] in wanted:
            assert {failed[name] for name in apart} == {miss["mistake"]}


def test_a_near_miss_that_is_the_truth_is_dropped():
    _, found = near_misses_of("Dyestuff-reml", "design")
    assert "sum-contrasts" not in {miss["mistake"] for miss in found}
    assert not mistakes.is_distinct("criterion", "1.0000000001", "1", 9.0)
    assert mistakes.is_distinct("criterion", "1.0001", "1", 9.0)
    assert not mistakes.is_distinct("beta", ["1", "nan"], ["1", "2"], 9.0)


# --- invariance -----------------------------------------------------------------------------------

WRITTEN = {case["id"]: case for case in cases.everything() if case["level"] == "invariance"}


class Exact:
    """refmixed, whose answers `spoil` may change where the request is transformed."""

    def __init__(self, spoil=lambda answers: answers):
        self.spoil, self.asked = spoil, 0

    def answer(self, request):
        from validation.adapters import refmixed

        self.asked += 1
        message = refmixed.run(request)
        if self.asked == 2:
            message["answers"] = self.spoil(message["answers"])
        return message


def outcomes(name, implementation):
    """The verdicts on a case of invariance."""
    from validation.ask import run

    return {o.quantity: o for o in run.transformed(WRITTEN[name], implementation)}


def test_the_cases_are_what_the_plan_says():
    assert len(WRITTEN) >= 40
    assert {case["id"]: case for case in map(reread, writing.planned())} == WRITTEN
    assert {case["transform"]["name"] for case in WRITTEN.values()} == set(TRANSFORMATIONS)


def reread(case):
    """What JSON makes of it."""
    return json.loads(json.dumps(case))


@pytest.mark.parametrize("name", sorted(WRITTEN))
def test_a_transformation_leaves_the_untouched_request_alone(name):
    case = WRITTEN[name]
    before = json.dumps(request(case))
    both = requests.both(case)
    assert both.keys() == {"base", "transformed"}
    assert json.dumps(request(case)) == before
    if case["transform"]["name"] != "same-again":
        assert both["base"] != both["transformed"]


@pytest.mark.parametrize(
    "name",
    [
        "sleepstudy-slopes-reml.rows-permuted",
        "slopes-ml.covariate-shifted",
        "Oxboys-reml.covariate-scaled",
        "Penicillin-reml.response-scaled",
        "crossed-sparse-reml.levels-reversed",
        "odd-labels-reml.reference-level",
        "weighted-offset-reml.weights-scaled",
        "twins-ml.offset-moved",
        "Rail-reml.ml-from-reml",
        "Pixel-reml.predict-train",
        "weighted-offset-reml.matrices",
    ],
)
def test_refmixed_is_invariant_and_a_planted_error_is_found(name):
    right = outcomes(name, Exact())
    assert all(o.verdict in ("pass", "skip") for o in right.values())
    assert any(o.verdict == "pass" for o in right.values())
    wrong = outcomes(name, Exact(lambda answers: {k: bent(v) for k, v in answers.items()}))
    assert all(o.verdict == "fail" for k, o in wrong.items() if right[k].verdict == "pass")


def bent(nested):
    """Numbers that are a millionth too large."""
    if isinstance(nested, list):
        return [bent(part) for part in nested]
    return repr(float(nested) * (1 + 1e-6) + 3e-6)


def test_a_criterion_above_a_known_one_is_found():
    case = WRITTEN["two-minima-ml.criterion-not-above"]
    above = pairs.pairs(case, {"criterion": "10.5"}, {"criterion": "10"})
    below = pairs.pairs(case, {"criterion": "9.5"}, {"criterion": "10"})
    assert above == {"criterion": ("10.5", 10.0)}
    assert compare.digits("criterion", *below["criterion"]) == compare.MOST


def test_what_was_not_answered_has_no_pair():
    case = WRITTEN["sleepstudy-slopes-reml.rows-permuted"]
    assert pairs.pairs(case, {}, {"criterion": "1"}) == {}
    assert pairs.pairs(case, {"criterion": "1"}, {}) == {}


def test_decimals_are_scaled_and_shifted_exactly():
    assert changes.times("258.7047", "0.001") == "0.2587047"
    assert changes.plus("1000000000.125", "-0.0000001") == "1000000000.1249999"
    assert Fraction(changes.times("0.1", "3")) == Fraction(3, 10)


def test_strides_are_permutations():
    for case in WRITTEN.values():
        step = case["transform"].get("step")
        if step:
            n = len(tables.load(case["model"]["data"]))
            assert gcd(n, step) == 1
            assert sorted(changes.stride(n, step)) == list(range(n))

"""Which mistakes are planted where: language, mistake, level, and the cases it is asked."""

from __future__ import annotations

from typing import NamedTuple


class Plant(NamedTuple):
    """A mistake in an implementation, and what that is asked."""

    language: str  # node, R or Python
    mistake: str
    level: str
    models: tuple[str, ...]  # patterns of ids

    @property
    def patterns(self) -> tuple[str, ...]:
        """Patterns of the ids of its cases."""
        return tuple(f"{model}.{self.level}*" for model in self.models)


ONE_FACTOR = ("Dyestuff-reml", "Rail-reml", "ergoStool-reml", "npk-reml", "petrol-reml")
TWO_EFFECTS = ("sleepstudy-slopes-reml", "correlation-plus-one-reml", "near-correlation-one-reml")
SLOPES = ("near-correlation-one-reml", "correlation-minus-one-ml", "large-ratio-reml")
TWO_TERMS = ("Pastes-reml", "Penicillin-reml", "one-of-two-zero-reml")
ML = ("Dyestuff-ml", "ergoStool-ml", "petrol-ml", "tiny-ml")
WEIGHTED = ("weighted-reml", "weighted-offset-reml")
WITH_OFFSET = ("offset-ml", "weighted-offset-reml")
FACTORS = ("ergoStool-reml", "incomplete-blocks-reml", "odd-labels-reml", "Machines-blocks-reml")
MIXED = (*ONE_FACTOR, *TWO_TERMS, "sleepstudy-slopes-reml")

NODE: dict[str, dict[str, tuple[str, ...]]] = {
    "evaluate": {
        "ml-for-reml": MIXED,
        "reml-for-ml": ML,
        "no-logdet-x": MIXED,
        "divisor-n": MIXED,
        "divisor-n-minus-p": ML,
        "no-two-pi": MIXED,
        "no-constants": MIXED,
        "constants-of-n": MIXED,
        "ml-constants-in-reml": MIXED,
        "log-likelihood": MIXED,
        "half-criterion": MIXED,
        "sign-of-criterion": MIXED,
        "logdet-once": MIXED,
        "no-logdet-v": MIXED,
        "no-penalty": MIXED,
        "gradient-in-variances": ONE_FACTOR,
        "gradient-without-residual": MIXED,
        "weights-ignored": WEIGHTED,
        "weights-as-variances": WEIGHTED,
        "weights-squared": WEIGHTED,
        "weights-as-their-roots": WEIGHTED,
        "offset-ignored": WITH_OFFSET,
        "offset-added": WITH_OFFSET,
        "effects-first": TWO_EFFECTS,
        "sum-contrasts": FACTORS,
        "last-level-reference": FACTORS,
        "lambda-transposed": TWO_EFFECTS,
        "row-major-theta": ("three-effects-reml", "Oxboys-reml"),
        "theta-as-variance": MIXED,
        "theta-of-diagonal-alone": TWO_EFFECTS,
        "gamma-for-u": MIXED,
        "u-over-sigma": MIXED,
    },
    "fit": {
        "ml-for-reml": ONE_FACTOR,
        "theta-times-sigma": ONE_FACTOR,
        "sd-not-scaled-by-sigma": ONE_FACTOR,
        "variance-for-sd": ONE_FACTOR,
        "variance-for-sigma": ONE_FACTOR,
        "precision-for-sd": ONE_FACTOR,
        "covariance-for-correlation": SLOPES,
        "sign-of-correlation": SLOPES,
        "uncorrelated": SLOPES,
        "terms-reversed": ("Pastes-reml", "one-of-two-zero-reml"),
        "stayed-at-start": ONE_FACTOR,
        "sd-at-one": ONE_FACTOR,
        "rounded": ONE_FACTOR,
        "other-minimum": ("two-minima-inside-reml", "two-minima-reml", "two-minima-zero-ml"),
    },
    "inference": {
        "sign-of-effects": ONE_FACTOR,
        "u-for-gamma": ONE_FACTOR,
        "condvar-for-pev": ONE_FACTOR,
        "pev-for-condvar": ONE_FACTOR,
        "prior-for-condvar": ONE_FACTOR,
        "variance-of-estimates": ONE_FACTOR,
        "variances-not-scaled-by-sigma": ONE_FACTOR,
        "vcov-of-least-squares": ONE_FACTOR,
        "vcov-by-the-other-divisor": ONE_FACTOR,
        "fitted-without-effects": ONE_FACTOR,
        "new-level-without-variance": ONE_FACTOR,
        "residual-variance-added": ONE_FACTOR,
        "se-without-beta": ONE_FACTOR,
        "variance-for-se": ONE_FACTOR,
    },
}
R: dict[str, dict[str, tuple[str, ...]]] = {
    "fit": {
        "ml-for-reml": MIXED,
        "reml-for-ml": ML,
        "weights-ignored": WEIGHTED,
        "offset-ignored": WITH_OFFSET,
    },
    "inference": {
        "satterthwaite-for-kr": FACTORS,
        "kr-for-satterthwaite": FACTORS,
        "residual-df": FACTORS,
        "normal-for-t": FACTORS,
        "df-of-groups": FACTORS,
        "f-not-divided": FACTORS,
        "f-with-residual-df": FACTORS,
        "se-not-adjusted": FACTORS,
        "wald-for-profile": ("Dyestuff-reml", "Pastes-reml", "Penicillin-reml"),
        "limits-squared": ("Dyestuff-reml", "Pastes-reml", "Penicillin-reml"),
        "limits-reversed": ("Dyestuff-reml", "Pastes-reml", "Penicillin-reml"),
        "coefficients-for-effects": MIXED,
    },
}
PLANTS = [
    Plant(language, mistake, level, models)
    for language, levels in (("node", NODE), ("R", R))
    for level, planted in levels.items()
    for mistake, models in planted.items()
]

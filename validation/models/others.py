"""Models of the data of mlmRev and MASS."""

from __future__ import annotations

from .model import Model

MODELS = (
    Model(
        "Exam-reml",
        "Pupils of 15 small schools, of 2 to 39; two pupils share many a mark.",
        "Exam",
        "normexam ~ standLRT + sex + (standLRT | school)",
        thetas=(("0.4", "0.1", "0.15"),),
        flags=("unbalanced", "blocks", "large"),
    ),
    Model(
        "ScotsSec-reml",
        "Primary and secondary schools, crossed in a few pupils only.",
        "ScotsSec",
        "attain ~ verbal + sex + (1 | primary) + (1 | second)",
        thetas=(("0.15", "0.08"),),
        flags=("unbalanced", "crossed", "large"),
    ),
    Model(
        "petrol-reml",
        "Covariates that are constant in a group, with means far from zero: X is ill-conditioned.",
        "petrol",
        "Y ~ SG + VP + V10 + EP + (1 | No)",
        thetas=(("0.8",),),
        flags=("unbalanced", "ill-conditioned"),
    ),
    Model(
        "petrol-ml",
        "The same by maximum likelihood: five coefficients for ten groups.",
        "petrol",
        "Y ~ SG + VP + V10 + EP + (1 | No)",
        reml=False,
        thetas=(("0.8",),),
        flags=("unbalanced", "ill-conditioned"),
    ),
    Model(
        "npk-reml",
        "A factorial confounded with its blocks, which random blocks can tell apart.",
        "npk",
        "yield ~ N * P * K + (1 | block)",
        thetas=(("0.9",), ("0",)),
        flags=("balanced",),
    ),
    Model(
        "michelson-reml",
        "Michelson's speed of light: experiments crossed with runs.",
        "michelson",
        "Speed ~ 1 + (1 | Run) + (1 | Expt)",
        thetas=(("0.3", "0.5"),),
        flags=("balanced", "crossed"),
    ),
    Model(
        "genotype-reml",
        "Rats of four genotypes reared by mothers of four: one variance is zero.",
        "genotype",
        "Wt ~ 1 + (1 | Litter) + (1 | Mother)",
        thetas=(("0.2", "0.5"),),
        flags=("unbalanced", "crossed", "singular"),
    ),
    Model(
        "coop-reml",
        "Laboratories, batches within them, and specimens as a fixed effect.",
        "coop",
        "Conc ~ Spc + (1 | Lab/Bat)",
        thetas=(("0.3", "0.6"),),
        flags=("balanced", "nested"),
    ),
)

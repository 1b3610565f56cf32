# %% [markdown]
# # Crossed raters
#
# The chapter's last exercise asks for the analysis of an experiment in which raters judge the
# healing of wounds. Its data are not used here; its design is simulated, with numbers of our own:
# three conditions, 33 subjects, 25 raters who judge each subject under each condition, and a tenth
# of the ratings missing. Does the condition matter? `refmixed study raters --out FOLDER` runs it,
# and writes the table, its rows and the picture; the book reads the rows that `make studies` wrote
# in the same way.

# %%
from pathlib import Path

from _book.shown import table, with_error
from IPython.display import display

from refmixed.studies import STUDIES

# %% [markdown]
# ## The population
#
# The conditions do not differ at all, so that every difference that is found is false. But subjects
# respond to the conditions differently, and so do raters. A subject has an effect under each
# condition, with standard deviation 1 and correlation 0.7 between conditions; a rater likewise,
# with 0.5 and 0.5; and a rating has an error of its own with standard deviation 1.
#
# ```{literalinclude} ../refmixed/studies/raters.py
# :pyobject: ratings
# ```
#
# Two models are fitted to each sample. One has random intercepts for subjects and raters: it takes
# the ratings of a subject under a condition for independent, given the subject and the raters. The
# other has the random slopes that the design asks for.
#
# ```{literalinclude} ../refmixed/studies/raters.py
# :start-at: MODELS
# :end-at: }
# ```
#
# ## How far wrong
#
# The standard errors of two contrasts, conditions b and c against a, as each model reports them.
# The dashed line is the standard deviation of the 200 estimates themselves.

# %% mystnb={"image": {"alt": "random intercepts report a third of the true error"}}
study = STUDIES["raters"].read(Path("results/raters.parquet"))
display(study.figure())

# %%
found = study.table
shown = found.assign(
    ratio=with_error(found["ratio"], found["ratio_mcse"], 2),
    false=with_error(found["false"], found["false_mcse"]),
)
columns = {"sd": "sd of estimates", "se": "mean reported se", "false": "false findings"}
shown["term"] = shown["term"].map({"conditionb": "b - a", "conditionc": "c - a"})
table(shown.drop(columns=["ratio_mcse", "false_mcse", "replicates"]).rename(columns=columns))

# %% [markdown]
# `ratio` is the mean reported standard error over the standard deviation of the estimates; `false
# findings` is the share of samples in which the difference of two equal conditions exceeds 1.96
# standard errors and would be called significant: 0.05 if all is right. The estimates of the two
# models hardly differ. What differs is what the models believe of them. With random slopes the
# share is 0.05 up to chance (by Student's t with some 60 degrees of freedom it would be 0.054).
#
# ## Why
#
# A contrast is a mean over subjects, raters and ratings of differences between two conditions. The
# difference of two effects with standard deviation $s$ and correlation $r$ has the variance
# $2 s^2 (1 - r)$, and a mean of $n$ of them a share $1/n$ of that:

# %%
parts = {
    "subjects": 2 * 1.0**2 * (1 - 0.7) / 33,
    "raters": 2 * 0.5**2 * (1 - 0.5) / 25,
    "ratings": 2 * 1.0**2 / (33 * 25 * 0.9),  # a tenth is missing
}
for name, part in parts.items():
    print(f"{name:9} {part:.4f}")
print(f"root of the sum:  {sum(parts.values()) ** 0.5:.3f}")

# %% [markdown]
# The root of the sum is what the model with slopes reports. Random intercepts drop out of a
# contrast, and with them the other model's allowance for who was measured; it keeps the last part
# alone. What varies by subject and rater beyond intercepts it takes for errors of ratings, two
# thirds of it, as the other third is in the intercepts:

# %%
residual = 1.0**2 + (2 / 3) * (1.0**2 * (1 - 0.7) + 0.5**2 * (1 - 0.5))
print(
    f"residual variance {residual:.2f}, standard error {(residual * parts['ratings']) ** 0.5:.3f}"
)

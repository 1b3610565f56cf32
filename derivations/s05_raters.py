# %% [markdown]
# # Crossed raters
#
# The design of the chapter's last exercise: three conditions, 33 subjects, 25 raters who judge each
# subject under each condition, and a tenth of the cells missing. Does the condition matter?
# `refmixed study raters --out FOLDER` writes what is on this page; the book reads the file that
# `make studies` wrote in the same way.

# %%
from pathlib import Path

from IPython.display import display
from shown import table, with_error

from refmixed.studies import STUDIES

# %% [markdown]
# ## The population
#
# The conditions do not differ at all, so that every difference that is found is false. But subjects
# respond to the conditions differently, and so do raters: an effect for each subject under each
# condition, and for each rater.
#
# ```{literalinclude} ../refmixed/studies/raters.py
# :pyobject: ratings
# ```
#
# Two models are fitted to each sample. One has random intercepts for subjects and raters: it takes
# the 25 or so ratings of a subject under a condition for independent, given the subject. The other
# has the random slopes that the design asks for.
#
# ```{literalinclude} ../refmixed/studies/raters.py
# :start-at: MODELS
# :end-at: }
# ```
#
# ## How far wrong
#
# The standard errors of two contrasts, conditions b and c against a, as each model reports them;
# the dashed line is the standard deviation that the estimates really have.

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
table(shown.drop(columns=["ratio_mcse", "false_mcse"]).rename(columns=columns))

# %% [markdown]
# `ratio` is the mean reported standard error over the true standard deviation; `false findings` is
# the share of samples in which the difference of two equal conditions exceeds 1.96 standard errors
# and would be called significant: 0.05 if all is right. The estimates of the two models hardly
# differ. What differs is what the models believe of them.
#
# The model with slopes is a little above 0.05 because 1.96 is for a known standard error, and this
# one rests on 33 subjects and 25 raters.
#
# ## Why
#
# The variance of a contrast has a part from the subjects, one from the raters and one from the
# single ratings. The intercepts drop out of a contrast, and with them the first model's allowance
# for who was measured. It keeps the last part alone:

# %%
parts = {"subjects": 2 * 0.3 / 33, "raters": 2 * 0.25 * 0.5 / 25, "ratings": 2 / (33 * 25 * 0.9)}
for name, part in parts.items():
    print(f"{name:9} {part:.4f}")
print(f"root of the sum:  {sum(parts.values()) ** 0.5:.3f}")
print(f"root of the last: {parts['ratings'] ** 0.5:.3f}")

# %% [markdown]
# The reported standard error of the first model is a little above the last root, since what varies
# by subject and rater inflates its residual variance.

# %% [markdown]
# # Messages, and what they mean
#
# refmixed stops with an error where it cannot go on. Where it can, and there is something to know
# about the answer, it gives a warning and goes on. A message is one sentence, and each kind of
# message has a name: that of a class in `refmixed.errors`. This page has a section for each, with
# an example. In Python the name stands before the message, on the command line after it, in
# brackets:

# %%
import contextlib
import sys
import tempfile
from unittest import mock

import numpy as np
import pandas as pd
from _book.says import says

import refmixed as rm
from refmixed.cli import main
from refmixed.population import factor, population, predictor, response, sample_x, sample_y
from refmixed.study import failures, sampling_distribution

# %%
with contextlib.redirect_stderr(sys.stdout):
    main(["fit", "Reaction ~ Days + (1 | Subject)", "slep.csv"])

# %% [markdown]
# Every error is a `RefmixedError`: `except rm.RefmixedError` catches them all. Every warning is a
# `RefmixedWarning`: after `warnings.simplefilter("error", rm.RefmixedWarning)` it stops the program
# as an error does. Some names stand for a group of others, as `DataError` does for all that is
# wrong with data.
#
# Below, `says` prints what the lines under it really say when this book is built. If they said
# nothing, or gave a message of another name, there would be no book. Most examples use the data
# set `sleepstudy`: the reaction times of some people, the subjects, on ten days.

# %%
sleep = rm.load_dataset("sleepstudy")
fit = rm.lmer("Reaction ~ Days + (1 | Subject)", sleep)
print(sleep.head(3))

# %% [markdown]
# A few words recur. **Fixed effects** are the coefficients of a regression as you know it. A
# **random effect** belongs to one group of rows, those of one subject say. It is thought of as
# drawn from a normal distribution with mean zero, whose variance is estimated. The column that says
# which row belongs to which group is the **grouping factor**, and its different values are its
# **levels**. In a formula `(1 | Subject)` gives each subject an intercept of its own, and
# `(Days | Subject)` an intercept and a slope. What neither explains is the **residual**. The
# **likelihood** says how probable the data are if the parameters have certain values. A fit looks
# for the values that make it greatest. It does so by the **criterion**, which is minus twice the
# logarithm of the likelihood, and lowest there.
#
# ## The formula
#
# ### FormulaError
#
# A formula is a sentence in a small language, R's: `response ~ terms`, the terms joined by `+`.
# This one cannot be read: something is missing, or a sign stands where none can. Others can be
# read and not be computed: a function is unknown, or it gets what it cannot work with, such as the
# logarithm of a category. Where the place is known, `^` points to it.

# %%
with says("FormulaError"):
    rm.lmer("Reaction ~ Days + * (1 | Subject)", sleep)

# %% [markdown]
# **What to do:** look at the sign above the `^`, and at what stands before it. What a formula
# cannot compute, you can: make a new column of the data, and name that in the formula.
#
# ### BarError
#
# The bar of a random effect has on its left what varies, and on its right the groups among which it
# varies. It belongs inside brackets. Without them all that stands before the bar, `Days + Days`,
# would be its left side: so R reads it. Hardly anyone means that, and refmixed does not guess.

# %%
with says("BarError"):
    rm.lmer("Reaction ~ Days + Days | Subject", sleep)

# %% [markdown]
# **What to do:** put each bar with what belongs to it in brackets, as the message shows. Such a
# term can only be added to others. For a slope that differs between subjects `Days` goes to the
# left of the bar; multiplying, as in `Days * (1 | Subject)`, has no meaning.
#
# ### NoRandomTermError
#
# `lmer` fits models with random effects, and this formula has no term with a bar. Perhaps it was
# forgotten, perhaps an ordinary regression is meant. The standard errors of the two differ, so that
# refmixed does not choose.

# %%
with says("NoRandomTermError"):
    rm.lmer("Reaction ~ Days", sleep)

# %% [markdown]
# **What to do:** add the term, such as `(1 | Subject)`, or call `rm.lm`, which fits the regression.
#
# ### UnknownColumnError
#
# The formula, or the argument `weights` or `offset`, names a column that the data do not have.
# Capital and small letters differ. Only the columns of the data count: R would also look among the
# variables of your program, where it may find another thing of the same name.

# %%
with says("UnknownColumnError"):
    rm.lmer("Reaction ~ days + (1 | Subject)", sleep)

# %% [markdown]
# **What to do:** correct the name; the message proposes one if it finds one that is close. A name
# with a blank or a sign in it stands between backticks in the formula.
#
# ## The data
#
# ### DataError
#
# What was given is not a table, or a column of it holds neither numbers nor texts: dates, lists,
# numbers and texts side by side. refmixed could guess what is meant, and might be wrong: a date can
# stand for the number of days since another date, or be a category of its own.

# %%
dated = sleep.assign(Days=pd.date_range("2026-01-01", periods=len(sleep)))
with says("DataError"):
    rm.lmer("Reaction ~ Days + (1 | Subject)", dated)

# %% [markdown]
# **What to do:** say which of the two you mean. `(date - date.min()).dt.days` are numbers, and
# `date.astype(str)` are categories. If a column of numbers has texts in it, look at those cells
# first: often one holds a remark.
#
# ### EmptyDataError
#
# A row that lacks a value in any column that the model reads is left out, as in R. Here this leaves
# no row at all, or there was none to begin with. One column that is empty is enough.

# %%
with says("EmptyDataError"):
    rm.lmer("Reaction ~ Age + (1 | Subject)", sleep.assign(Age=np.nan))

# %% [markdown]
# **What to do:** count the missing values of each column with `data.isna().sum()`. If a column has
# no other, look at how it came into the table: at the file that was read, or at two tables that
# were joined by keys that do not match.
#
# ### InfiniteValueError
#
# A value is infinite, here the logarithm of zero. An infinite number has no finite square, and a
# fit is made of sums of squares. refmixed does not leave the row out as it would if the value were
# missing: an infinite value comes from a computation, and nobody said that this row should not
# count.

# %%
with says("InfiniteValueError"):
    rm.lmer("Reaction ~ log(Days) + (1 | Subject)", sleep)

# %% [markdown]
# **What to do:** look at the row that the message names. If the row is not to count, leave it out
# yourself. If it is to count, the expression must have a value for it: `log(Days + 1)` has one, but
# is another model.
#
# ### ResponseError
#
# The response, on the left of `~`, must be one column of numbers that are not all equal. Here it is
# a category, which has no mean for a model to explain. A response that is constant leaves nothing
# to explain.

# %%
answers = sleep.assign(Slow=np.where(sleep["Reaction"] > 300, "yes", "no"))
with says("ResponseError"):
    rm.lmer("Slow ~ Days + (1 | Subject)", answers)

# %% [markdown]
# **What to do:** make numbers of the response if they have a meaning. True and False are taken as 1
# and 0, so that `answers["Slow"] == "yes"` is a response; its errors are not normal then, and a
# logistic model, which refmixed does not fit, suits it better.
#
# ### GroupError
#
# The variance of a random effect is the variance between groups. If all rows belong to one group
# there is nothing to compare it with: a single number has no variance.

# %%
with says("GroupError"):
    rm.lmer("Reaction ~ Days + (1 | Subject)", sleep[sleep["Subject"] == "308"])

# %% [markdown]
# **What to do:** if you expected more groups, look at what selected the rows. If there is one, it
# needs no random effect: `rm.lm` fits the regression.
#
# ### SaturatedError
#
# A term has as many random effects as there are rows, or more. Here each subject has one row.
# Whether a reaction time is long because the subject is slow or because the measurement was off,
# nobody can tell from one measurement: the variance between subjects and that of the residuals
# cannot be separated.

# %%
with says("SaturatedError"):
    rm.lmer("Reaction ~ 1 + (1 | Subject)", sleep[sleep["Days"] == 0])

# %% [markdown]
# **What to do:** check that the grouping factor is the column that you mean, and does not number
# the rows. Leave the term out, or effects of it: `(1 | Subject)` in place of `(Days | Subject)`.
# With `allow_saturated=True` refmixed tries all the same: some of these models can be estimated, by
# weights that differ for instance. If this one cannot, an `IdentifiabilityWarning` or a
# `ConvergenceWarning` says so.
#
# ### WeightsError
#
# A weight says how much a row counts. The variance of its error is the residual variance divided by
# the weight: a row that is the mean of four measurements has the weight 4. There is no negative
# variance, and so no negative weight. A weight of zero leaves the row out.

# %%
with says("WeightsError"):
    rm.lmer("Reaction ~ Days + (1 | Subject)", sleep, weights=sleep["Days"] - 1)

# %% [markdown]
# **What to do:** give one number a row, none of them negative, and not all of them zero.
#
# ### OffsetError
#
# An offset is a part of the mean that is known and has no coefficient; it is taken off the response
# before the fit. Each row needs its own. Here there are three for all rows of the data. It is also
# an error to predict new rows with a fit whose offset was an argument: nobody knows the offset of
# the new rows.

# %%
with says("OffsetError"):
    rm.lmer("Reaction ~ Days + (1 | Subject)", sleep, offset=[1, 2, 3])

# %% [markdown]
# **What to do:** put the offset into a column of the data, and write `offset(column)` as a term of
# the formula. Then new rows bring their own.
#
# ## Responses that are not normal
#
# `rm.glmer` fits 0 and 1, numbers of successes, counts, and positive numbers. The examples are of a
# lung disease of cattle: `incidence` counts the new cases among `size` animals of a herd.
#
# ### FamilyError
#
# A family and a link do not go together, or one of them is not known. Here probabilities are to be
# a linear function of something normal, which has no bounds: some of them would be beyond 1.

# %%
cattle = rm.load_dataset("cbpp")
with says("FamilyError"):
    rm.glmer("incidence / size ~ 1 + (1 | herd)", cattle, "binomial(identity)", weights="size")

# %% [markdown]
# **What to do:** take the link that the message names, or another one of those that are fitted:
# logit, probit and cloglog for probabilities, log for counts and for positive numbers.
#
# ### SeparationError
#
# The data fit ever better while an estimate grows, and there is no best one. Mostly a predictor
# tells successes from failures without an error, such as this one, which says of each row whether
# there was a case. Or in every group all responses are alike. Programs that stop somewhere on the
# way report large numbers with larger standard errors, which mean nothing.

# %%
with says("SeparationError"):
    cattle = cattle.assign(ill=cattle["incidence"] > 0)
    rm.glmer("ill ~ incidence + (1 | herd)", cattle)

# %% [markdown]
# **What to do:** look at a table of the predictor that is named and the response. Leave it out,
# merge its levels with others, or get more data.
#
# ## New rows
#
# `fit.predict(newdata)` computes means for rows that were not in the fit.
#
# ### NewDataError
#
# A column of the new rows is of another kind than in the fit. Here `Days` was a number, which is
# multiplied by the slope, and is a text now. That happens when a file is read in which one cell is
# not a number.

# %%
with says("NewDataError"):
    fit.predict(sleep.assign(Days="three"))

# %% [markdown]
# **What to do:** compare `newdata.dtypes` with those of the data of the fit.
# `pd.to_numeric(newdata["Days"])` makes numbers of texts, or stops at the first that is none.
#
# ### MissingColumnError
#
# The new rows lack a column that the formula reads. They need all its predictors, and the columns
# of the groups whose random effects are to be added. The response they do not need.

# %%
with says("MissingColumnError"):
    fit.predict(pd.DataFrame({"Subject": ["308"]}))

# %% [markdown]
# **What to do:** add the column. If it is the grouping factor that is missing, `random=False` asks
# for the mean of the population, without any subject's effects.
#
# ### NewLevelError
#
# The new rows have a group that was not in the fit. Of its random effect one knows the distribution
# and nothing else. Its mean, zero, is the best guess, but the error of this guess is larger than
# for a group that was observed. That is why refmixed does not make it unasked.

# %%
with says("NewLevelError"):
    fit.predict(pd.DataFrame({"Days": [3], "Subject": ["400"]}))

# %% [markdown]
# **What to do:** check how the group is written. If it is a new one, `new_levels="population"`
# predicts the mean of the population for it; other rows keep their group's effects.
#
# ### UnknownLevelError
#
# A category among the fixed effects has a coefficient for each of its levels, and the new rows have
# a level without one. Coefficients of fixed effects have no common distribution, so that there is
# no guess either. Nothing can be predicted for this row.

# %%
cake = rm.load_dataset("cake")
baked = rm.lmer("angle ~ recipe + (1 | replicate)", cake)
with says("UnknownLevelError"):
    baked.predict(cake.assign(recipe="D"))

# %% [markdown]
# **What to do:** check how the level is written, and leave out rows with a level that is new. If
# the levels are a sample of many, the column may be meant as a grouping factor, `(1 | recipe)`.
#
# ## The fit
#
# ### RankError
#
# There are as many fixed effects as rows. A polynomial of degree 9 goes through any ten points. No
# residuals are left, and without them there is neither a residual variance nor a standard error.

# %%
one = sleep[sleep["Subject"] == "308"]
with says("RankError"):
    rm.lm("Reaction ~ poly(Days, 9)", one)

# %% [markdown]
# **What to do:** leave out terms, or get more rows. A column with another text in each row, such as
# a name, is a category with as many coefficients as there are rows. `rm.fit`, which takes the
# predictors as a matrix X, gives this error also if a column of X follows from those before it.
# With a formula there is a `RankWarning` instead.
#
# ### PerfectFitError
#
# The model gives every value of the response exactly. The smaller the residual variance, the more
# probable such data are, without end: the likelihood has no greatest value, and so there is no
# estimate. With measured data that is nearly always an oversight.

# %%
copied = sleep.assign(Seconds=sleep["Reaction"] / 1000)
with says("PerfectFitError"):
    rm.lmer("Reaction ~ Seconds + (1 | Subject)", copied)

# %% [markdown]
# **What to do:** look for the response among the predictors, perhaps in another unit as here, or as
# the sum of several columns. A response that is the same in all rows of a group gives the error
# too: then a row for each group, and a regression, is all that the data have to say. The page
# {doc}`d12_identifiability` derives when the likelihood has no greatest value.
#
# ## Options, memory, data sets
#
# ### OptionError
#
# An argument has a value that it cannot have. The message says what it can be.

# %%
with says("OptionError"):
    rm.lmer("Reaction ~ Days + (1 | Subject)", sleep, route="fast")

# %% [markdown]
# **What to do:** choose one. Names stand in quotes; True, False and numbers do not.
#
# ### ArgumentError
#
# A function is given an argument that it does not have. Where R's function has it, under this name
# or with dots in it, the message says what is written here instead.

# %%
with says("ArgumentError"):
    rm.lmer("Reaction ~ Days + (1 | Subject)", sleep, REML=False)

# %% [markdown]
# **What to do:** write what the message says. `help(rm.lmer)` lists the arguments.
#
# ### MemoryLimitError
#
# By the routes `penalized` and `marginal` refmixed writes its matrices out, zeros included, so that
# the code reads as the formulas do. One of them has a row and a column for each random effect:
# twice as many groups need about four times the memory. This model needs more than there is, and is
# refused before anything is computed. (How much is there depends on the computer on which this book
# was built.)

# %%
n = 400_000
two_a_group = [(np.arange(n) // 2, None)]  # a random intercept for each group of two rows
with says("MemoryLimitError"):
    rm.fit(np.arange(n) % 7, np.ones((n, 1)), two_a_group, route="penalized")

# %% [markdown]
# **What to do:** leave `route` out. The route that is taken then, {doc}`d11_blocked`, makes no such
# matrix; where it says the same, the model has very many effects of several crossed factors, or
# columns of $X$: fit it to a part of the levels.
#
# ### ExtraError
#
# Some parts of refmixed need packages that the rest does not, and that are installed by a name in
# brackets. A proof of a fit needs python-flint, which computes with numbers and their errors. (The
# example hides it.)

# %%
with says("ExtraError"), mock.patch.dict(sys.modules, {"flint": None}):
    sys.modules.pop("validation.certificate.certify", None)
    fit.certify()

# %% [markdown]
# **What to do:** the command at the end of the message installs what is missing.
#
# ### DatasetError
#
# `rm.load_dataset` knows the data sets that come with refmixed, and this is none of them.

# %%
with says("DatasetError"):
    rm.load_dataset("sleep")

# %% [markdown]
# **What to do:** `rm.list_datasets()` lists them. Your own data need no such step: read them with
# pandas, and hand the data frame to `lmer`.
#
# ## Populations and studies
#
# A population describes how data come about, and a study draws many samples of it, to see what an
# estimator makes of them. The page {doc}`s00_populations` explains both. The examples draw from a
# line, and look at the largest response of each sample.

# %%
line = population(x=predictor("normal"), y=response("1 + x", error_scale=1))


def largest(data):
    return data["y"].max()


# %% [markdown]
# ### PopulationError
#
# The description of a population says something that cannot be, here a standard deviation below
# zero. The same name stands for samples that cannot be drawn from it, such as one with no rows.

# %%
with says("PopulationError"):
    population(x=predictor("normal"), y=response("1 + x", error_scale=-1))

# %% [markdown]
# **What to do:** correct the part that the message names.
#
# ### LevelError
#
# `by_level` gives each level of a factor a value. This one names a level that the factor does not
# have; others leave one out. A level that is left out is not taken as zero, since it may have been
# misspelled.

# %%
grades = population(g=factor("AB"), y=response("by_level(g, A = 1, C = 2)", error_scale=1))
rng = np.random.default_rng(1)
with says("LevelError"):
    sample_y(sample_x(grades, 5, rng), rng)

# %% [markdown]
# **What to do:** give every level a value, once, by its name.
#
# ### StudyError
#
# A study needs a function of a data frame, a population or a sample, how often to repeat, and a
# seed. Something of this is missing or is no such thing. Here nobody said how many rows a sample
# has.

# %%
with says("StudyError"):
    sampling_distribution(largest, line, nsim=10, seed=1)

# %% [markdown]
# **What to do:** the message names the argument; here `n=5` is missing. If it is about what your
# function returns, call the function on one sample first.
#
# ### ResumeError
#
# With `keep` a study writes its results to a file. The same call after an interruption goes on
# where it stopped. Here the file holds the results of another seed. Going on would mix two studies,
# and beginning anew would destroy the first.

# %%
with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
    sampling_distribution(largest, line, nsim=10, seed=1, n=5, keep="largest.parquet")
    with says("ResumeError"):
        sampling_distribution(largest, line, nsim=10, seed=2, n=5, keep="largest.parquet")

# %% [markdown]
# **What to do:** name another file, or remove the old one if you do not need it. The message says
# what differs: the seed, the function, the population, the version of a package.
#
# ## Warnings
#
# After a warning there is a result. Read the warning before you use it.
#
# ### ConvergenceWarning
#
# A fit is a search for the variances with which the criterion is lowest. Where it ends, refmixed
# checks the conditions for a lowest point, and one of them fails or more. The message says which:
#
# - "a further step would lower the criterion": there is a direction in which it still falls;
# - "the Hessian has a negative eigenvalue": along some line this is the highest point, not the
#   lowest (the Hessian is the matrix of second derivatives);
# - "a variance at zero should be positive": the criterion falls when this variance leaves zero;
# - "the criterion falls, though to a limit, as the residual variance tends to zero": it is never
#   lowest. Below, each subject has two rows, and a line of its own goes through both.

# %%
first = sleep["Subject"].cat.codes % 3
pairs = sleep[(sleep["Days"] == first) | (sleep["Days"] == first + 4)]
with says("ConvergenceWarning"):
    rm.lmer("Reaction ~ Days + (Days | Subject)", pairs, allow_saturated=True)

# %% [markdown]
# **What to do:** do not rely on these numbers, which are those of the place where the search
# stopped. Ask less of the data: a model without the random slope, `(1 | Subject)`, can be fitted to
# these. Or get more rows a group.
#
# ### IdentifiabilityWarning
#
# Different values of the variances describe the data equally well, whatever the response is. So the
# data cannot determine them. Here `Person` is a copy of `Subject`: what the one explains the other
# could, and only the sum of their variances is determined. Of the values that do equally well
# refmixed takes the smallest, here two equal halves. The criterion is the same for all of them; so
# are the fitted values, unless the residual variance is among what cannot be told. Where the
# standard error of a fixed effect is not the same, the message says that it has no value.

# %%
copied = sleep.assign(Person=sleep["Subject"])
with says("IdentifiabilityWarning"):
    twice = rm.lmer("Reaction ~ Days + (1 | Subject) + (1 | Person)", copied)
print(twice.varcorr)

# %% [markdown]
# **What to do:** fit the model that the message proposes, or leave out one of the terms that it
# names. The page {doc}`d12_identifiability` says when parameters are determined, and what is when
# they are not.
#
# ### FreedomWarning
#
# A test has no degrees of freedom by the method that was chosen, and these are NaN in the table, as
# is the p-value. Of two subjects a mean of four coefficients at once is tested here: by
# Satterthwaite's method one of four uncorrelated parts has less than two degrees of freedom, and
# its square no mean. A t of one coefficient may have as few as it likes. It also happens where the
# data do not determine the variance that is needed ({doc}`d12_identifiability`).

# %%
two = sleep[sleep["Subject"].isin(["308", "309"])]
few = rm.lmer("Reaction ~ poly(Days, 3) + (1 | Subject)", two)
with says("FreedomWarning"):
    few.test_fixed(contrasts=np.eye(4))

# %% [markdown]
# **What to do:** test the coefficients one by one, `type=None`; take another method, which the
# message names; or get more groups. {doc}`d14_freedom` derives the methods.
#
# ### StudyWarning
#
# A replicate is one sample and what your function makes of it. In some the function ended with an
# error. They have no estimate, and the study is made of the others. That can mislead, because
# samples that fail may differ from those that do not. Here they are those with the largest values.


# %%
def careful(data):
    if data["y"].max() > 3:
        raise ValueError("an outlier")
    return data["y"].max()


with says("StudyWarning"):
    rows = sampling_distribution(careful, line, nsim=50, seed=1, n=5)
print(failures(rows))

# %% [markdown]
# **What to do:** `failures(rows)` counts the errors by their text. Mend the function, or report
# how many replicates failed and why.
#
# ### ReplicateWarning
#
# A bootstrap fits the model to many samples. Some cannot be fitted: here groups are drawn, and in
# some samples there is none in which x varies. Such a replicate is a row without values, and
# intervals are of the others. The same warning says where there are too few replicates for the ends
# of an interval: 95 % needs 39 at least, and should have 999.

# %%
table = pd.DataFrame({"g": [*"aaaabbbbcccc"], "x": [0.0] * 8 + [1, 2, 3, 5]})
table["y"] = [1.0, 2, 4, 3, 7, 8, 6, 9, 3, 1, 4, 2]
thin = rm.lmer("y ~ x + (1 | g)", table)
with says("ReplicateWarning"):
    replicates = thin.bootstrap(40, seed=1, kind="case")
print(replicates.messages)

# %% [markdown]
# **What to do:** look at `messages`, which counts each text. Another kind of bootstrap, here the
# parametric one, keeps the predictors as they are.
#
# ### MissingValueWarning
#
# An expression of the formula has no value in some rows although its columns have one: here the
# square root of a negative number. These rows are left out, as all rows with a missing value are.
# The fit is then one of fewer data than you may think.

# %%
with says("MissingValueWarning"):
    later = rm.lmer("Reaction ~ sqrt(Days - 2) + (1 | Subject)", sleep)
print("rows of the fit:", later.nobs)

# %% [markdown]
# **What to do:** if these rows are not to count, leave them out before the fit; then there is no
# warning, and a reader of your program sees it. If they are to count, choose an expression that has
# a value for them.
#
# ### ExtrapolationWarning
#
# `bs(Days)` is a spline: a smooth curve put together of polynomials, each for a part of the days.
# Beyond the last day the last polynomial goes on, and no data hold it there. The prediction is a
# guess.

# %%
curve = rm.lmer("Reaction ~ bs(Days, df = 4) + (1 | Subject)", sleep)
with says("ExtrapolationWarning"):
    curve.predict(pd.DataFrame({"Days": [12], "Subject": ["308"]}))

# %% [markdown]
# **What to do:** predict within the range of the data. `ns(Days)` goes on as a straight line, which
# goes astray less fast and is a guess as well.
#
# ### RankWarning
#
# A predictor follows from those before it: it is the same time in another unit, or the rest of a
# whole whose other parts are there. Then its coefficient is not determined: what is added to it can
# be taken from the others. It was dropped. The fitted values are the same as with it, and the same
# whichever of such predictors is dropped. But a coefficient that remains stands for those that are
# gone, too: the one below is the effect of a day with all its hours.

# %%
with says("RankWarning"):
    hours = rm.lmer("Reaction ~ Days + I(24 * Days) + (1 | Subject)", sleep)
print(hours.beta)

# %% [markdown]
# **What to do:** leave it out of the formula yourself. A category gives a predictor for each of its
# levels but the first: if one of these was dropped, look which combinations of levels have no rows.
#
# ### OrderedWarning
#
# A column says by its type that its categories are ordered, and the formula names the column as it
# is. For ordered categories R, and so refmixed, has coefficients that describe a trend over the
# levels: `.L` its linear part, `.Q` its quadratic part. They are not differences from the first
# level. The fitted values of this model are the same either way, but the coefficients mean another
# thing.
#
# Often nobody asked for it. `pandas.cut` makes intervals, and says that they have an order. An Enum
# of Polars and an ENUM of DuckDB list their levels, and no more; when they become a column of
# pandas, by `to_pandas()` or `df()`, it is an ordered one. (A frame of Polars that is given to
# refmixed as it is has the levels in their order, and differences from the first.)

# %%
phases = sleep.assign(Phase=pd.cut(sleep["Days"], [-1, 2, 5, 9]))
with says("OrderedWarning"):
    trend = rm.lmer("Reaction ~ Phase + (1 | Subject)", phases)
print(trend.beta)

# %% [markdown]
# **What to do:** if you want differences from the first level, take the order away, as the message
# says; in a formula `factor(Phase, ordered = FALSE)` does the same. If the trend is what you want,
# say so: `ordered(Phase)`.

# %%
plain = phases.assign(Phase=phases["Phase"].cat.as_unordered())
print(rm.lmer("Reaction ~ Phase + (1 | Subject)", plain).beta)
print(rm.lmer("Reaction ~ ordered(Phase) + (1 | Subject)", phases).beta)

# %% [markdown]
# ## Remarks on a fit
#
# `fit.messages` has remarks that are neither errors nor warnings, beside what an
# `IdentifiabilityWarning` said. Those in the words of lme4 stand in the summary, too, below its
# tables; `refmixed fit --json` has all.
#
# ### Singular fit
#
# A variance was estimated as zero, or a correlation as one or minus one. The line is lme4's; the
# help that it names is R's. A variance cannot be less than zero: this is the end, the boundary, of
# what is possible. It does not mean that the search failed, as zero is the best value. Nor does it
# mean that the groups are equal. The data show no more difference between groups than the errors
# within groups would make.

# %%
dyes = rm.load_dataset("Dyestuff2")
flat = rm.lmer("Yield ~ 1 + (1 | Batch)", dyes)
print(flat.messages[0])

# %% [markdown]
# **What to do:** report it. If the variance of a term is zero, the model without the term has the
# same fixed effects and the same standard errors; keep the term if the design of the study has such
# groups. If a correlation is one, the data do not show that intercept and slope vary apart from
# each other. `(Days || Subject)` has no correlation, and `(1 | Subject)` no slope.
#
# ### Dropped columns
#
# This is what lme4 says of a fit for which there was a `RankWarning`, where it is explained.

# %%
with says("RankWarning"):
    hours = rm.lmer("Reaction ~ Days + I(24 * Days) + (1 | Subject)", sleep)
print(hours.messages[0])

# %% [markdown]
# **What to do:** leave the column that the warning names out of the formula.
#
# ### Different scales
#
# The standard deviation of one predictor is more than a thousand times that of another, or more
# than a thousand or less than a thousandth by itself. Many programs lose digits with such numbers.
# refmixed computes in units of its own, which do not depend on yours, and repeats what lme4 says.
# The coefficients are hard to read all the same.

# %%
seconds = sleep.assign(Seconds=86400 * sleep["Days"])
scaled = rm.lmer("Reaction ~ Seconds + (1 | Subject)", seconds)
print(scaled.messages[0])

# %% [markdown]
# **What to do:** measure in another unit, days for seconds, or write `scale(Seconds)`.
#
# ### Hardly told apart
#
# The variances are determined, but only just: quite different values describe the data nearly
# equally well, and the last digits of the data decide. Here the time is counted in seconds from
# 1970, and the measurements are a minute apart. Beside so large a number they hardly differ, so
# that a slope does nearly the same as an intercept. (With two bars they are uncorrelated.)

# %%
clock = sleep.assign(Clock=1.7e9 + 60 * sleep["Days"])
far = rm.lmer("Reaction ~ Clock + (Clock || Subject)", clock)
print(far.messages[0])

# %% [markdown]
# **What to do:** count from a day within the study: subtract the smallest value, or the mean.
# If the terms have different groups, look whether these are nearly the same.

# What lme4's influence() does (lme4 1.1-31).  Run:  Rscript findings/lme4_influence.R
#
# 1. A deletion that makes a column of X dependent: the row of coefficients is one too short, and R
#    recycles it.  The first coefficient is reported as the one that has no value.
# 2. dfbetas() of a model with one fixed effect stops.
# 3. maxfun does nothing: the fits are made with the default optimizer, whose name for it is maxeval,
#    and not with the one that the model was fitted by.
# 4. cooks.distance() is (N - p)/N times the distance, where N counts the groups and not the rows.
suppressMessages(library(lme4))
set.seed(1)
d <- data.frame(g = gl(6, 5), x = rnorm(30))
d$only <- (d$g == "1") * runif(30)
d$y <- d$x + rnorm(30)
m <- suppressMessages(lmer(y ~ x + only + (1 | g), d))
cat("1. without group 1 'only' is zero in every row; reported:\n")
i <- suppressMessages(suppressWarnings(influence(m, groups = "g")))
print(without <- i[["fixed.effects[-g]"]]["1", ])
stopifnot(without["only"] == without["(Intercept)"])

cat("2. dfbetas of one coefficient: ")
one <- influence(lmer(Yield ~ 1 + (1 | Batch), Dyestuff), groups = "Batch")
refusal <- tryCatch(dfbetas(one), error = identity)
stopifnot(inherits(refusal, "error"))
cat(conditionMessage(refusal), "\n")

cat("3. evaluations that maxfun = 6 allowed: ")
bobyqa <- lmerControl(optimizer = "bobyqa")
m <- lmer(Reaction ~ Days + (Days | Subject), sleepstudy, control = bobyqa)
i <- influence(m, groups = "Subject", maxfun = 6)
cat(range(i$function.evals), "\n")
stopifnot(i$function.evals > 6)

cat("4. ratio of cooks.distance() to dfbeta' vcov^-1 dfbeta / p: ")
moved <- dfbeta(i)
distance <- rowSums((moved %*% solve(as.matrix(vcov(m)))) * moved) / 2
cat(range(cooks.distance(i) / distance), "; (18 - 2)/18 =", 16 / 18, "\n")
stopifnot(all.equal(unname(cooks.distance(i) / distance), rep(16 / 18, 18)))

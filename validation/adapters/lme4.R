# What the project asks of lme4: one function a question, each answer a list of plain vectors.
# lme4.py, which calls these, says what they return.  To try one in R:
#   source("lme4.R"); library(lme4)
#   m <- fit("Reaction ~ Days + (Days | Subject)", sleepstudy, "sleepstudy")
#   facts(m)$beta

# How far an optimiser goes when `tight`: until steps in theta vanish in the rounding errors of the
# criterion. Steps decide alone, because differences of the criterion are rounding errors before.
tight_control <- function(optimizer) {
  steps <- switch(optimizer,
    nloptwrap = list(xtol_abs = 1e-12, xtol_rel = 0, ftol_abs = 0, ftol_rel = 0, maxeval = 1e5),
    bobyqa = list(rhobeg = 1e-2, rhoend = 1e-12, maxfun = 1e5),
    Nelder_Mead = list(FtolAbs = 1e-15, FtolRel = 1e-15, XtolRel = 1e-12, maxfun = 1e5),
    stop("no tight setting for optimizer ", optimizer))
  lmerControl(optimizer = optimizer, optCtrl = steps)
}

# A call of lmer or lFormula as one would type it, with the name of the data in place of the data,
# so that what lme4 prints reads like a session. weights and offset are names of columns.
model_call <- function(fun, formula, name, REML, weights = NULL, offset = NULL) {
  args <- list(str2lang(formula), data = as.name(name), REML = REML)
  if (!is.null(weights)) args$weights <- as.name(weights)
  if (!is.null(offset)) args$offset <- as.name(offset)
  as.call(c(as.name(fun), args))
}

# Where such a call is evaluated: the data under their name, and nothing else in the way.
workspace <- function(name, data) list2env(setNames(list(data), name), parent = globalenv())

fit <- function(formula, data, name, REML = TRUE, weights = NULL, offset = NULL,
                optimizer = "nloptwrap", tight = TRUE) {
  call <- model_call("lmer", formula, name, REML, weights, offset)
  call$control <- if (tight) tight_control(optimizer) else lmerControl(optimizer = optimizer)
  m <- eval(call, workspace(name, data))
  m@call$control <- NULL                      # or summary() prints all of it
  m
}

# The model at a given theta: lme4's answers there, no optimiser in between.
at <- function(formula, data, name, theta, REML = TRUE, weights = NULL, offset = NULL) {
  parts <- eval(model_call("lFormula", formula, name, REML, weights, offset), workspace(name, data))
  criterion <- do.call(mkLmerDevfun, parts)
  m <- mkMerMod(environment(criterion), list(par = theta, fval = criterion(theta), conv = 0),
                parts$reTrms, parts$fr, model_call("lmer", formula, name, REML, weights, offset))
  m@call$formula <- parts$formula             # as lmer does: || is written out
  m
}

# thetas: one row a point.
devfun <- function(formula, data, name, thetas, REML = TRUE, weights = NULL, offset = NULL) {
  parts <- eval(model_call("lFormula", formula, name, REML, weights, offset), workspace(name, data))
  apply(thetas, 1, do.call(mkLmerDevfun, parts))
}

design <- function(formula, data, name, REML = TRUE, weights = NULL, offset = NULL) {
  parts <- eval(model_call("lFormula", formula, name, REML, weights, offset), workspace(name, data))
  re <- parts$reTrms
  groups <- names(re$flist)[attr(re$flist, "assign")]
  list(X = unname(parts$X[, , drop = FALSE]), x_names = colnames(parts$X),
       Z = unname(as.matrix(t(re$Zt))), y = as.numeric(model.response(parts$fr)),
       weights = as.numeric(model.weights(parts$fr)), offset = as.numeric(model.offset(parts$fr)),
       groups = groups, effects = unname(re$cnms),
       levels = lapply(re$flist, levels), codes = lapply(re$flist, as.integer),
       theta = re$theta, lower = re$lower, Lind = re$Lind,
       Lambdat = unname(as.matrix(re$Lambdat)))
}

facts <- function(m) {
  ll <- logLik(m)
  list(formula = deparse1(formula(m)), reml = isREML(m), nobs = nobs(m),
       theta = unname(getME(m, "theta")), lower = unname(getME(m, "lower")),
       theta_names = names(getME(m, "theta")),
       criterion = if (isREML(m)) REMLcrit(m) else deviance(m),
       loglik = as.numeric(ll), df = attr(ll, "df"), aic = AIC(m), bic = BIC(m),
       sigma = sigma(m), effects = names(fixef(m)), beta = unname(fixef(m)),
       vcov = unname(as.matrix(vcov(m))), varcorr = lapply(VarCorr(m), term_facts),
       ranef = lapply(ranef(m, condVar = TRUE), group_facts),
       coef = lapply(coef(m), group_facts), fitted = unname(fitted(m)),
       residuals = list(response = unname(residuals(m, "response")),
                        pearson = unname(residuals(m, "pearson")),
                        scaled = unname(residuals(m, "pearson", scaled = TRUE))),
       singular = isSingular(m), optimizer = m@optinfo$optimizer)
}

# One term of VarCorr(m).
term_facts <- function(v)
  list(effects = rownames(v), sd = unname(attr(v, "stddev")),
       corr = unname(attr(v, "correlation")), cov = unname(v[, , drop = FALSE]))

# One group of ranef(m) or coef(m). A group with several terms has a list of conditional variances,
# under names that are deparsed code.
group_facts <- function(d) {
  condvar <- attr(d, "postVar")
  list(levels = rownames(d), effects = names(d), values = unname(as.matrix(d)),
       condvar = if (is.list(condvar)) unname(condvar) else condvar)
}

predicted <- function(m, newdata = NULL, re_form = NULL, population = FALSE, new_levels = FALSE) {
  form <- if (population) NA else if (!is.null(re_form)) as.formula(re_form, env = globalenv())
  p <- predict(m, newdata = newdata, re.form = form, allow.new.levels = new_levels)
  unname(p)                                   # in one call, errors would be said to be unname's
}

# What print() writes to the output; that correlations are left out is a message, not output.
summary_lines <- function(m) suppressMessages(capture.output(print(summary(m))))

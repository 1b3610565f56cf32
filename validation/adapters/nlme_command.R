# nlme's lme() as a command, by SPEC.md, section 8:   Rscript nlme_command.R
# lme() takes groups within groups, of any effects; crossed groups it does not offer.

source_beside <- function(name) {
  script <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
  sys.source(file.path(dirname(normalizePath(script)), name), globalenv())
}
source_beside("answers.R")
library(nlme)

respond <- function(request) {
  unless(!grepl("^glmm", request$level), "lme() fits linear mixed models alone")
  unless(request$form == "formula", "nlme has no entry for matrices")
  unless(request$level != "design", "lme() does not show Z")
  unless(request$level != "evaluate", "lme() does not evaluate its criterion at a given theta")
  collect(request, fit_ways(fit(request), request), not_offered)
}

not_offered <- function(quantity) switch(quantity,
  condvar =, pev = "nlme has no covariances of the random effects",
  df_satterthwaite =, df_kr =, se_kr = "nlme has degrees of freedom by containment only",
  profile_beta =, profile_sigma =, profile_sd = "intervals() are Wald's, not the profile's",
  "nlme does not compute it")

# --- formulas --------------------------------------------------------------------------------------

is_call <- function(e, names) is.call(e) && as.character(e[[1]])[1] %in% names

bars <- function(e) {
  if (is_call(e, "(") && is_call(e[[2]], c("|", "||"))) list(e[[2]])
  else if (is_call(e, c("+", "-", "("))) do.call(c, lapply(as.list(e)[-1], bars))
}

without_bars <- function(e) {
  if (is_call(e, "(") && is_call(e[[2]], c("|", "||"))) return(NULL)
  if (!is_call(e, c("+", "-"))) return(e)
  parts <- lapply(as.list(e)[-1], without_bars)
  kept <- parts[!vapply(parts, is.null, NA)]
  if (length(kept) == length(parts)) as.call(c(e[[1]], kept)) else if (length(kept)) kept[[1]]
}

# The grouping factors of a bar as vectors of columns: a/b is b within a, and a.
groupings <- function(e) {
  if (is_call(e, "(")) return(groupings(e[[2]]))
  if (!is_call(e, "/")) return(list(all.vars(e)))
  outer <- groupings(e[[2]])
  c(list(c(groupings(e[[3]])[[1]], outer[[1]])), outer)
}

# The model matrices of a bar: one, or with || one for the intercept and one for each term.
effects_of <- function(bar, data) {
  formula <- as.formula(call("~", bar[[2]]))
  if (is_call(bar, "|")) return(list(model.matrix(formula, data)))
  labels <- attr(terms(formula), "term.labels")
  right <- c(if (attr(terms(formula), "intercept")) "1", paste("0 +", labels)[seq_along(labels)])
  lapply(right, function(text) model.matrix(as.formula(paste("~", text)), data))
}

# The random terms of a formula: grouping columns, model matrix.
random_terms <- function(formula, data)
  do.call(c, lapply(bars(formula[[3]]), function(bar)
    do.call(c, lapply(groupings(bar[[3]]), function(columns)
      lapply(effects_of(bar, data), function(x) list(columns = columns, x = x))))))

key <- function(columns, effects)
  paste(paste(sort(columns), collapse = ":"), paste(sort(effects), collapse = "+"), sep = "|")

# --- fits ------------------------------------------------------------------------------------------

# The data with a column for each grouping factor, G1 the outermost, and for each effect, Et.j.
prepared <- function(data, terms, groups) {
  for (g in seq_along(groups))
    data[[paste0("G", g)]] <- interaction(data[groups[[g]]], sep = ":", drop = TRUE)
  for (t in seq_along(terms)) for (j in seq_len(ncol(terms[[t]]$x)))
    data[[paste0("E", t, ".", j)]] <- terms[[t]]$x[, j]
  data
}

nested_in <- function(inner, outer) all(tapply(as.integer(outer), inner, function(k) length(unique(k))) == 1)

block <- function(term, t)
  pdSymm(as.formula(paste("~ 0 +", paste0("E", t, ".", seq_len(ncol(term$x)), collapse = " + "))))

fit <- function(request) {
  model <- request$model
  formula <- as.formula(model$formula)
  data <- data_frame(request$data)
  terms <- random_terms(formula, data)
  own <- vapply(terms, function(t) key(t$columns, colnames(t$x)), "")
  wanted <- vapply(model$terms, function(t)
    key(group_columns(t$group), unlist(t$effects)), "")
  terms <- terms[places(own, wanted)]
  ids <- vapply(terms, function(t) paste(sort(t$columns), collapse = ":"), "")
  groups <- lapply(unique(ids), function(id) terms[[match(id, ids)]]$columns)
  sizes <- vapply(groups, function(g) nlevels(interaction(data[g], drop = TRUE)), 0L)
  groups <- groups[order(sizes)]
  which_group <- match(ids, vapply(groups, function(g) paste(sort(g), collapse = ":"), ""))
  all_data <- prepared(data, terms, groups)
  for (g in seq_along(groups)[-1])
    unless(nested_in(all_data[[paste0("G", g)]], all_data[[paste0("G", g - 1)]]),
           "lme() has no crossed grouping factors")
  random <- lapply(seq_along(groups), function(g) {
    mine <- which(which_group == g)
    blocks <- lapply(mine, function(t) block(terms[[t]], t))
    if (length(blocks) == 1) blocks[[1]] else pdBlocked(blocks)
  })
  names(random) <- paste0("G", seq_along(groups))
  offset <- if (is.null(model$offset)) 0 else data[[model$offset]]
  all_data$.y <- eval(formula[[2]], data) - offset
  right <- without_bars(formula[[3]])
  fixed <- as.formula(call("~", quote(.y), if (is.null(right)) 1 else right))
  if (!is.null(model$weights)) all_data$.v <- 1 / data[[model$weights]]
  m <- do.call(lme, list(fixed, data = all_data, random = random,
    weights = if (!is.null(model$weights)) varFixed(~ .v), method = if (model$reml) "REML" else "ML",
    control = lmeControl(maxIter = 500, msMaxIter = 500, msMaxEval = 2000, tolerance = 1e-12,
                         msTol = 1e-14, niterEM = 50)))
  list(m = m, terms = terms, groups = groups, which_group = which_group, offset = offset)
}

# --- answers ---------------------------------------------------------------------------------------

fit_ways <- function(f, request) {
  m <- f$m
  columns <- places(names(fixef(m)), unlist(request$model$coefficients))
  relative <- lapply(seq_along(f$terms), function(t) relative_of(f, t))
  spreads <- lapply(relative, function(R) R * m$sigma^2)
  factors <- function() unlist(lapply(relative, function(R) {
    L <- t(chol(R))
    L[lower.tri(L, diag = TRUE)]
  }))
  list(criterion = function() scalar(-2 * as.numeric(logLik(m))),
       beta = function() numbers(fixef(m)[columns]), sigma = function() scalar(m$sigma),
       theta = function() numbers(factors()),
       sd = function() numbers(unlist(lapply(spreads, function(S) sqrt(diag(S))))),
       corr = function() numbers(unlist(lapply(spreads, below))),
       vcov = function() numbers(unname(vcov(m))[columns, columns, drop = FALSE]),
       ranef = function() lapply(seq_along(f$terms), function(t) numbers(ranef_of(f, t, request))),
       fitted = function() numbers(fitted(m) + f$offset),
       predicted = function() predict_new(f, request, length(f$groups)),
       population = function() predict_new(f, request, 0))
}

effect_names <- function(f, t) paste0("E", t, ".", seq_len(ncol(f$terms[[t]]$x)))

relative_of <- function(f, t) {
  R <- as.matrix(f$m$modelStruct$reStruct)[[paste0("G", f$which_group[t])]]
  R[effect_names(f, t), effect_names(f, t), drop = FALSE]
}

ranef_of <- function(f, t, request) {
  asked <- request$model$terms[[t]]
  found <- f$m$coefficients$random[[paste0("G", f$which_group[t])]][, effect_names(f, t), drop = FALSE]
  own <- sub(".*/", "", rownames(found))                # "outer/inner" for groups within groups
  columns <- paste(f$groups[[f$which_group[t]]], collapse = ":")
  rows <- places(level_key(columns, own), level_key(asked$group, unlist(asked$levels)))
  unname(found[rows, , drop = FALSE])
}

predict_new <- function(f, request, level) {
  data <- data_frame(request$newdata)
  terms <- random_terms(as.formula(request$model$formula), data)
  own <- vapply(terms, function(t) key(t$columns, colnames(t$x)), "")
  wanted <- vapply(f$terms, function(t) key(t$columns, colnames(t$x)), "")
  new <- prepared(data, terms[places(own, wanted)], f$groups)
  new$.v <- 1
  offset <- request$model$offset
  found <- predict(f$m, new, level = level) + if (is.null(offset)) 0 else data[[offset]]
  unless(!anyNA(found), "nlme gives NA for groups that the fit has not seen")
  numbers(unname(found))
}

serve(who("nlme"), respond)

# What nlme::lme and glmmTMB::glmmTMB answer for a model of lme4's notation: criterion, beta, sigma,
# and the standard deviations of the effects of each term, terms and effects in a given order.

# terms: list(groups = c("Subject"), effects = list(c("(Intercept)", "Days"))), in lme4's order.
witness_glmmTMB <- function(formula, data, terms, REML, weights = NULL, offset = NULL) {
  if (!is.null(weights)) stop("weights of glmmTMB multiply the likelihood")
  form <- as.formula(formula)
  if (!is.null(offset)) data$offset_of_witness <- data[[offset]] else data$offset_of_witness <- 0
  form <- update(form, . ~ . + offset(offset_of_witness))
  m <- glmmTMB::glmmTMB(form, data, REML = REML, control = glmmTMB::glmmTMBControl(
    optCtrl = list(iter.max = 1e4, eval.max = 1e4, rel.tol = 1e-13)))
  steepest <- max(abs(m$obj$gr(m$fit$par)))          # nlminb's own code asks for more than doubles have
  if (!is.finite(steepest) || steepest > 1e-3) stop("no convergence")
  found <- glmmTMB::VarCorr(m)$cond
  list(criterion = 2 * m$fit$objective, beta = unname(glmmTMB::fixef(m)$cond),
       names = names(glmmTMB::fixef(m)$cond), sigma = sigma(m),
       sd = ordered_sds(terms, names(found), lapply(found, function(v) attr(v, "stddev"))))
}

witness_nlme <- function(formula, data, terms, REML, weights = NULL, offset = NULL) {
  form <- as.formula(formula)
  fixed <- lme4::nobars(form)
  if (!is.null(offset)) data[[all.vars(fixed)[1]]] <- data[[all.vars(fixed)[1]]] - data[[offset]]
  bars <- lme4::findbars(lme4::expandDoubleVerts(form))
  groups <- vapply(bars, function(b) gsub("[()]", "", deparse1(b[[3]])), "")
  for (g in unique(groups))                          # "b:a" is a factor of its own
    if (!g %in% names(data)) data[[make.names(g)]] <- interaction(data[strsplit(g, ":")[[1]]], drop = TRUE)
  sizes <- vapply(unique(groups), function(g) nlevels(factor(data[[make.names(g)]])), 0L)
  order <- names(sort(sizes))
  for (k in seq_along(order)[-1]) {
    cells <- nlevels(interaction(data[make.names(order[c(k - 1, k)])], drop = TRUE))
    if (cells != sizes[[order[k]]]) stop("crossed factors")
  }
  blocks <- lapply(order, function(g) block(bars[groups == g]))
  names(blocks) <- make.names(order)
  w <- if (!is.null(weights)) {
    data$variance_of_witness <- 1 / data[[weights]]
    nlme::varFixed(~ variance_of_witness)
  }
  m <- nlme::lme(fixed, data, random = blocks, weights = w, method = if (REML) "REML" else "ML",
                 control = nlme::lmeControl(maxIter = 500, msMaxIter = 500, msMaxEval = 2000,
                   tolerance = 1e-12, msTol = 1e-14, niterEM = 50, opt = "nlminb"))
  found <- lapply(rev(as.matrix(m$modelStruct$reStruct)), function(D) m$sigma * sqrt(diag(D)))
  found <- found[make.names(order)]
  beta <- nlme::fixef(m)
  list(criterion = -2 * as.numeric(logLik(m)), beta = unname(beta), names = names(beta),
       sigma = m$sigma, sd = ordered_sds(terms, order, found))
}

# The covariance of the effects of one group: one matrix for each bar.
block <- function(bars) {
  parts <- lapply(bars, function(b) as.formula(call("~", b[[2]])))
  if (length(parts) == 1) return(nlme::pdLogChol(parts[[1]]))
  nlme::pdBlocked(lapply(parts, function(f) nlme::pdLogChol(f)))
}

# groups (one for each element of sds, maybe repeated) and sds named by effect -> terms' order.
ordered_sds <- function(terms, groups, sds) {
  groups <- gsub("[()]", "", sub("\\.[0-9]+$", "", groups))
  unlist(lapply(seq_along(terms$groups), function(t) {
    for (k in which(groups == gsub("[()]", "", terms$groups[t]))) {
      here <- sds[[k]][terms$effects[[t]]]
      if (!anyNA(here)) return(unname(here))
    }
    stop("a term is missing")
  }))
}

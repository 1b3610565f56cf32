# The protocol's questions about generalized models, answered by lme4; needs answers.R and
# lme4_answers.R.

is_generalized <- function(request) request$level %in% c("glmm-evaluate", "glmm-fit")

# Until steps vanish in rounding, the mode of the random effects included: lme4's default tolPwrss
# leaves it so early that the log-likelihood of its own example, cbpp, is 3e-4 too low.
generalized_control <- function() {
  steps <- list(xtol_abs = 1e-12, xtol_rel = 0, ftol_abs = 0, ftol_rel = 0, maxeval = 1e5)
  glmerControl(optimizer = "nloptwrap", optCtrl = steps, tolPwrss = 1e-10)
}

respond_generalized <- function(request) {
  model <- request$model
  unless(model$family != "Gamma", "what lme4 has for a Gamma model is no log-likelihood: its dispersion is none of the parameters")
  unless(model$likelihood != "exact", "lme4 has no exact likelihood")
  unless(!identical(model$dialect, "observed"),
         "lme4's determinant has Fisher's weights where the link is not canonical")
  unless(!"maximum" %in% unlist(request$asked), "lme4 does not say whether there is a maximum")
  parts <- if (request$form == "matrices") generalized_arrays(request) else generalized_formula(request)
  parts <- c(parts, list(family = family_of(model)))
  m <- if (request$level == "glmm-evaluate") generalized_at(request, parts)
       else generalized_fit(request, parts)
  named <- if (request$form == "matrices") NULL else request
  collect(request, generalized_ways(m, named), not_offered)
}

family_of <- function(model) get(model$family, envir = asNamespace("stats"))(link = model$link)

# --- models ----------------------------------------------------------------------------------------

generalized_formula <- function(request) {
  made <- glFormula(str2lang(formula_text(request$model)), data_frame(request$data),
                    family = family_of(request$model))
  made[c("fr", "X", "reTrms")]
}

generalized_arrays <- function(request) {
  arrays <- request$arrays; terms <- request$model$terms
  blocks <- lapply(seq_along(terms), function(t) generalized_term(arrays, terms[[t]], t))
  names(blocks) <- paste0("g", seq_along(blocks))
  X <- decimal_matrix(arrays$X)
  colnames(X) <- sprintf("x%d", seq_len(ncol(X)))
  y <- decimals(arrays$y); trials <- decimals(arrays$trials); offset <- decimals(arrays$offset)
  if (request$model$family == "binomial") y <- cbind(y, trials - y)
  fr <- model.frame(y ~ 1, offset = offset)
  list(fr = fr, X = X, reTrms = random_parts(blocks, lapply(blocks, `[[`, "group")))
}

# A random term of the effects (n, k) and the levels (n), from 0, of the rows.
generalized_term <- function(arrays, term, t) {
  k <- term$effects; J <- term$levels
  z <- decimal_matrix(arrays$z[[t]])
  at <- as.integer(unlist(arrays$places[[t]]))
  rows <- rep(at * k, each = k) + rep(seq_len(k), length(at))
  Zt <- Matrix::sparseMatrix(i = rows, j = rep(seq_along(at), each = k), x = as.numeric(t(z)),
                             dims = c(k * J, length(at)))
  list(Zt = Zt, group = factor(at + 1L, levels = seq_len(J)), k = k, J = J)
}

# The criterion in theta and beta, after theta alone has been used for a start.
generalized_criterion <- function(request, parts) {
  control <- generalized_control()
  first <- do.call(mkGlmerDevfun, c(parts, list(nAGQ = 0L, control = control)))
  list(first = first, control = control,
       whole = function() updateGlmerDevfun(first, parts$reTrms, nAGQ = request$model$nodes))
}

generalized_at <- function(request, parts) {
  names <- unlist(request$model$coefficients)
  beta <- decimals(request$beta)
  if (length(names)) beta <- beta[places(names, colnames(parts$X))]
  criterion <- generalized_criterion(request, parts)$whole()
  here <- c(decimals(request$theta), beta)
  generalized_model(criterion, list(par = here, fval = criterion(here), conv = 0), parts)
}

generalized_fit <- function(request, parts) {
  made <- generalized_criterion(request, parts)
  search <- function(criterion, ...)
    optimizeGlmer(criterion, optimizer = made$control$optimizer[[1]], control = made$control$optCtrl, ...)
  start <- search(made$first)
  whole <- made$whole()
  best <- search(whole, start = list(theta = start$par, fixef = environment(made$first)$pp$beta(1)),
                 stage = 2, nAGQ = request$model$nodes)
  generalized_model(whole, best, parts)
}

generalized_model <- function(criterion, best, parts)
  mkMerMod(environment(criterion), best, parts$reTrms, parts$fr, quote(glmer()))

# --- answers ---------------------------------------------------------------------------------------

generalized_ways <- function(m, request) {
  of_terms <- function() VarCorr(m)[term_places(m, request)]
  list(loglik = function() scalar(logLik(m)),
       ranef = function() lapply(modes_by_term(m, request), numbers),
       beta = function() numbers(fixef(m)[coefficient_places(m, request)]),
       sd = function() numbers(unlist(lapply(of_terms(), attr, "stddev"))),
       corr = function() numbers(unlist(lapply(of_terms(), below))))
}

# The modes (J, k) of each term, in the order of the model where there are no names.
modes_by_term <- function(m, request) {
  if (!is.null(request)) return(lapply(by_term(m, request), `[[`, "values"))
  b <- getME(m, "b"); ends <- m@Gp
  lapply(seq_along(m@cnms), function(t)
    matrix(b[(ends[t] + 1L):ends[t + 1L]], ncol = length(m@cnms[[t]]), byrow = TRUE))
}

# The protocol's questions, answered by lme4; needs answers.R, lme4.R and, for generalized models,
# lme4_generalized.R. lme4_command.R serves it as a command, lme4_live.py within Python.

respond <- function(request) {
  if (is_generalized(request)) return(respond_generalized(request))
  what <- if (request$form == "matrices") "matrices" else request$level
  collect(request, switch(what, matrices = matrix_ways(request), design = design_ways(request),
                          evaluate = evaluate_ways(model_at(request), request),
                          fit_ways(model_of(request), request)), not_offered)
}
matrix_ways <- function(request) {
  if (request$level == "evaluate") evaluate_ways(matrix_model_at(request))
  else fit_ways(matrix_model(request))
}

not_offered <- function(quantity) switch(quantity,
  gradient = "lme4 has no gradient of its criterion",
  pev = "lme4 does not compute the covariance of the errors of prediction",
  se_predicted =, se_population =
    paste("lme4", packageVersion("lme4"), "has no standard errors of predictions"),
  "lme4 does not compute it")

# The versions on which answers hang; none of a package that is not there.
software <- function() {
  packages <- c("lme4", "lmerTest", "pbkrtest")
  version <- function(p) if (nzchar(system.file(package = p))) as.character(packageVersion(p)) else ""
  c(list(R = as.character(getRversion())), lapply(setNames(packages, packages), version))
}

# --- models ----------------------------------------------------------------------------------------

# An offset stands in the formula, so that new rows have it, too.
formula_text <- function(model)
  paste0(model$formula, if (!is.null(model$offset)) paste0(" + offset(", model$offset, ")"))

model_of <- function(request)
  fit(formula_text(request$model), data_frame(request$data), "data", request$model$reml,
      request$model$weights)

model_at <- function(request)
  at(formula_text(request$model), data_frame(request$data), "data", decimals(request$theta),
     request$model$reml, request$model$weights)

# The pieces from which lme4 makes a model, of arrays and without a formula: its modular functions.
matrix_parts <- function(request) {
  arrays <- request$arrays; terms <- request$model$terms
  Z <- decimal_matrix(arrays$Z)
  ends <- cumsum(vapply(terms, function(t) as.integer(t$effects * t$levels), 0L))
  blocks <- lapply(seq_along(terms), function(t)
    matrix_term(Z[, (c(0L, ends)[t] + 1L):ends[t], drop = FALSE], terms[[t]]))
  names(blocks) <- paste0("g", seq_along(blocks))
  X <- decimal_matrix(arrays$X)
  colnames(X) <- sprintf("x%d", seq_len(ncol(X)))
  y <- decimals(arrays$y)
  weights <- if (is.null(arrays$weights)) rep(1, length(y)) else decimals(arrays$weights)
  offset <- if (is.null(arrays$offset)) rep(0, length(y)) else decimals(arrays$offset)
  fr <- model.frame(y ~ 1, weights = weights, offset = offset)
  flist <- lapply(blocks, `[[`, "group")
  list(fr = fr, X = X, REML = request$model$reml, reTrms = random_parts(blocks, flist))
}

matrix_term <- function(Z, term) {
  k <- term$effects; J <- term$levels
  used <- apply(array(t(Z) != 0, c(k, J, nrow(Z))), c(2, 3), any)
  group <- factor(max.col(t(used), "first"), levels = seq_len(J))
  list(Zt = Matrix::Matrix(t(Z), sparse = TRUE), group = group, k = k, J = J)
}

random_parts <- function(blocks, flist) {
  ks <- vapply(blocks, function(b) as.integer(b$k), 0L)
  Js <- vapply(blocks, function(b) as.integer(b$J), 0L)
  ms <- (ks * (ks + 1L)) %/% 2L
  starts <- c(0L, cumsum(ms))
  triangle <- function(t) {                   # the entries of theta in one upper triangle of Lambdat
    M <- matrix(0L, ks[t], ks[t])
    M[lower.tri(M, diag = TRUE)] <- starts[t] + seq_len(ms[t])
    Matrix::.bdiag(rep(list(as(as(Matrix::Matrix(t(M), sparse = TRUE), "generalMatrix"),
                              "CsparseMatrix")), Js[t]))
  }
  Lambdat <- as(Matrix::.bdiag(lapply(seq_along(blocks), triangle)), "CsparseMatrix")
  theta <- unlist(lapply(ks, function(k) diag(k)[lower.tri(diag(k), diag = TRUE)]))
  Lind <- as.integer(Lambdat@x)
  Lambdat@x <- as.numeric(theta)[Lind]
  cnms <- lapply(ks, function(k) paste0("e", seq_len(k)))
  Zt <- do.call(rbind, lapply(blocks, `[[`, "Zt"))
  list(Zt = as(as(Zt, "generalMatrix"), "CsparseMatrix"), theta = as.numeric(theta),
       Lind = Lind, Gp = unname(c(0L, cumsum(ks * Js))),
       lower = ifelse(theta == 1, 0, -Inf), Lambdat = Lambdat,
       flist = structure(as.data.frame(flist), assign = seq_along(flist)), cnms = cnms,
       Ztlist = lapply(blocks, `[[`, "Zt"), nl = Js)
}

matrix_model_at <- function(request) {
  parts <- matrix_parts(request)
  criterion <- do.call(mkLmerDevfun, parts)
  theta <- decimals(request$theta)
  mkMerMod(environment(criterion), list(par = theta, fval = criterion(theta), conv = 0),
           parts$reTrms, parts$fr, quote(lmer()))
}

matrix_model <- function(request) {
  parts <- matrix_parts(request)
  control <- tight_control("nloptwrap")
  criterion <- do.call(mkLmerDevfun, parts)
  best <- optimizeLmer(criterion, optimizer = control$optimizer, control = control$optCtrl,
                       restart_edge = TRUE, boundary.tol = 1e-5)
  mkMerMod(environment(criterion), best, parts$reTrms, parts$fr, quote(lmer()))
}

# --- order -----------------------------------------------------------------------------------------

term_key <- function(group, effects)
  paste(paste(sort(group_columns(group)), collapse = ":"),
        paste(sort(effects), collapse = "+"), sep = "|")

# The places of the request's coefficients and terms among the model's; without a request its own.
coefficient_places <- function(m, request) {
  if (is.null(request)) seq_along(fixef(m))
  else places(names(fixef(m)), unlist(request$model$coefficients))
}

term_places <- function(m, request) {
  cnms <- m@cnms
  if (is.null(request)) return(seq_along(cnms))
  own <- mapply(term_key, names(cnms), cnms)
  places(own, vapply(request$model$terms, function(t) term_key(t$group, unlist(t$effects)), ""))
}

# --- answers ---------------------------------------------------------------------------------------

design_ways <- function(request) {
  model <- request$model
  made <- design(formula_text(model), data_frame(request$data), "data", model$reml, model$weights)
  list(y = function() numbers(made$y),
       X = function() numbers(made$X[, places(made$x_names, unlist(model$coefficients)), drop = FALSE]),
       Z = function() numbers(made$Z))
}

evaluate_ways <- function(m, request = NULL)
  list(criterion = function() scalar(criterion_of(m)),
       beta = function() numbers(fixef(m)[coefficient_places(m, request)]),
       sigma = function() scalar(sigma(m)),
       u = function() numbers(getME(m, "u")))

criterion_of <- function(m) if (isREML(m)) REMLcrit(m) else deviance(m)

fit_ways <- function(m, request = NULL) {
  of_terms <- function() VarCorr(m)[term_places(m, request)]
  c(evaluate_ways(m, request)[c("criterion", "beta", "sigma")],
    list(theta = function() numbers(split_theta(m)[term_places(m, request)] |> unlist()),
         sd = function() numbers(unlist(lapply(of_terms(), attr, "stddev"))),
         corr = function() numbers(unlist(lapply(of_terms(), below))),
         vcov = function() {
           order <- coefficient_places(m, request)
           numbers(as.matrix(vcov(m))[order, order, drop = FALSE])
         },
         ranef = function() lapply(by_term(m, request), function(t) numbers(t$values)),
         condvar = function() lapply(by_term(m, request), function(t) numbers(t$condvar)),
         fitted = function() numbers(fitted(m)),
         predicted = function() predict_new(m, request, NULL),
         population = function() predict_new(m, request, NA)),
    forgiving(c(lmertest_ways(m, request), pbkrtest_ways(m, request), profile_ways(m, request))))
}

split_theta <- function(m) {
  ms <- vapply(m@cnms, function(e) length(e) * (length(e) + 1) / 2, 0)
  unname(split(getME(m, "theta"), rep(seq_along(ms), ms)))
}

predict_new <- function(m, request, re_form)
  numbers(predict(m, newdata = data_frame(request$newdata), re.form = re_form,
                  allow.new.levels = TRUE))

# Random effects (J, k) and conditional variances (J, k, k) of each term, levels as in the request.
by_term <- function(m, request) {
  groups <- ranef(m, condVar = TRUE)
  of <- names(m@flist)[attr(m@flist, "assign")]
  found <- lapply(seq_along(of), function(t) {
    group <- groups[[of[t]]]
    before <- which(of[seq_len(t - 1)] == of[t])     # terms of the same group
    columns <- sum(lengths(m@cnms[before])) + seq_along(m@cnms[[t]])
    variances <- attr(group, "postVar")
    if (is.list(variances)) variances <- variances[[length(before) + 1]]
    list(group = of[t], levels = rownames(group), values = as.matrix(group)[, columns, drop = FALSE],
         condvar = aperm(variances, c(3, 1, 2)))
  })
  Map(function(term, asked) {
    rows <- places(level_key(term$group, term$levels), level_key(asked$group, unlist(asked$levels)))
    list(values = term$values[rows, , drop = FALSE], condvar = term$condvar[rows, , , drop = FALSE])
  }, found[term_places(m, request)], request$model$terms)
}

# --- degrees of freedom and profiles: lmerTest, pbkrtest, and lme4's own, with their defaults -------

installed <- function(package)
  unless(requireNamespace(package, quietly = TRUE), paste("the R package", package, "is not there"))

lmertest_ways <- function(m, request) {
  delayedAssign("tested", lmerTest::as_lmerModLmerTest(m))
  list(df_satterthwaite = function() {
         installed("lmerTest")
         unit <- diag(length(fixef(m)))
         df <- apply(unit, 1, function(L) lmerTest::contest1D(tested, L)$df)
         numbers(df[coefficient_places(m, request)])
       },
       f_satterthwaite = function() {
         installed("lmerTest")
         found <- lmerTest::contestMD(tested, diag(length(fixef(m))))
         numbers(c(found[["F value"]], found$DenDF))
       })
}

pbkrtest_ways <- function(m, request) {
  delayedAssign("adjusted", pbkrtest::vcovAdj(m))
  list(se_kr = function() {
         installed("pbkrtest")
         numbers(sqrt(diag(as.matrix(adjusted)))[coefficient_places(m, request)])
       },
       df_kr = function() {
         installed("pbkrtest")
         df <- apply(diag(length(fixef(m))), 1, pbkrtest::Lb_ddf, V0 = vcov(m), Vadj = adjusted)
         numbers(df[coefficient_places(m, request)])
       },
       f_kr = function() {
         installed("pbkrtest")
         tests <- pbkrtest::KRmodcomp(m, diag(length(fixef(m))))$test
         numbers(unlist(tests["Ftest", c("stat", "ddf")]))
       })
}

# Some parameters at a time: those that are not asked for may take long. Those of "theta_" have
# sigma's beside them, which is not profiled again.
profile_ways <- function(m, request) {
  limits <- function(parm) unname(confint(m, parm, level = 0.95, method = "profile"))
  of_theta <- remembered(function() limits("theta_"))
  list(profile_beta = function()
         numbers(limits("beta_")[coefficient_places(m, request), , drop = FALSE]),
       profile_sigma = function() {
         both <- if ("profile_sd" %in% unlist(request$asked)) tryCatch(of_theta(), error = function(e) NULL)
         numbers(if (is.null(both)) limits(".sigma")[1, ] else both[nrow(both), ])
       },
       profile_sd = function() numbers(of_theta()[term_places(m, request), , drop = FALSE]))
}

# A function that is evaluated once, be it to a value or to an error.
remembered <- function(f) {
  kept <- NULL
  function() {
    if (is.null(kept)) kept <<- tryCatch(f(), error = identity)
    if (inherits(kept, "error")) stop(kept)
    kept
  }
}

# glmmTMB as a command, by SPEC.md, section 8:   Rscript glmmtmb_command.R
# It is asked about the maxima of generalized models alone, which it finds with exact gradients.

source_beside <- function(name) {
  script <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
  sys.source(file.path(dirname(normalizePath(script)), name), globalenv())
}
source_beside("answers.R")
suppressPackageStartupMessages(library(glmmTMB))

respond <- function(request) {
  model <- request$model
  unless(request$level == "glmm-fit", "glmmTMB is asked about the maxima of generalized models alone")
  unless(request$form == "formula", "glmmTMB fits formulas, not matrices")
  unless(model$likelihood == "laplace", "glmmTMB has Laplace's approximation alone")
  unless(!identical(model$dialect, "expected"),
         "glmmTMB's determinant has the observed weights where the link is not canonical")
  unless(!"maximum" %in% unlist(request$asked), "glmmTMB does not say whether there is a maximum")
  collect(request, fit_ways(fit(request), request), function(quantity) "glmmTMB does not compute it")
}

fit <- function(request) {
  model <- request$model
  offset <- if (!is.null(model$offset)) paste0(" + offset(", model$offset, ")")
  family <- get(model$family, envir = asNamespace("stats"))(link = model$link)
  steps <- list(iter.max = 1e4, eval.max = 1e4, rel.tol = 1e-15, x.tol = 0)
  glmmTMB(as.formula(paste0(model$formula, offset)), data_frame(request$data), family = family,
          control = glmmTMBControl(optCtrl = steps))
}

fit_ways <- function(m, request) {
  blocks <- VarCorr(m)$cond
  key <- function(group, effects)
    paste(paste(sort(group_columns(group)), collapse = ":"), paste(sort(effects), collapse = "+"))
  own <- mapply(function(b, name) key(sub("\\.\\d+$", "", name), rownames(b)), blocks, names(blocks))
  wanted <- vapply(request$model$terms, function(t) key(t$group, unlist(t$effects)), "")
  blocks <- blocks[places(own, wanted)]
  beta <- fixef(m)$cond
  list(loglik = function() scalar(logLik(m)),
       beta = function() numbers(beta[places(names(beta), unlist(request$model$coefficients))]),
       sd = function() numbers(unlist(lapply(blocks, attr, "stddev"))),
       corr = function() numbers(unlist(lapply(blocks, below))),
       dispersion = function() scalar(sigma(m)^2))
}

serve(who("glmmTMB"), respond)

# An adapter in thirty-five lines: lme4's fit of a formula. Needs lme4 and jsonlite.
suppressMessages({library(lme4); library(jsonlite)})
digits <- function(x) I(sprintf("%.17g", as.numeric(x)))  # I(): a list even where there is one
number <- function(x) unclass(digits(x))
steps <- list(xtol_abs = 1e-12, xtol_rel = 0, ftol_abs = 0, ftol_rel = 0, maxeval = 1e5)
tight <- lmerControl(optCtrl = steps)  # to the last step that doubles can see

data_of <- function(data) {
  columns <- lapply(names(data$columns), function(name) {
    levels <- data$factors[[name]]
    if (is.null(levels)) as.numeric(data$columns[[name]])
    else factor(data$columns[[name]], levels = levels)
  })
  as.data.frame(setNames(columns, names(data$columns)))
}

fit <- function(model, data) {
  data$.w <- if (is.null(model$weights)) 1 else data[[model$weights]]
  data$.o <- if (is.null(model$offset)) 0 else data[[model$offset]]
  m <- lmer(as.formula(model$formula), data, REML = model$reml, weights = .w, offset = .o,
            control = tight)
  varcorr <- VarCorr(m)
  beta <- fixef(m)[as.character(unlist(model$coefficients))]  # there may be none
  corr <- lapply(varcorr, function(term) {
    r <- attr(term, "correlation")
    r[upper.tri(r)]                                            # by columns
  })
  list(theta = digits(getME(m, "theta")), beta = digits(beta), sigma = number(sigma(m)),
       criterion = number(-2 * logLik(m)),
       sd = digits(unlist(lapply(varcorr, attr, "stddev"))), corr = digits(unlist(corr)))
}

respond <- function(r) {
  if (r$cmd == "start") return(list(version = 1, implementation = list(
    name = "lmer in thirty lines", version = format(packageVersion("lme4")), language = "R")))
  if (r$level != "fit" || r$form != "formula") return(list(id = r$id, skip = "nothing but fits"))
  tryCatch(list(id = r$id, answers = fit(r$model, data_of(r$data))),
           error = function(e) list(id = r$id, error = conditionMessage(e)))
}

input <- file("stdin", "r")
while (length(line <- readLines(input, 1)) == 1) {
  r <- fromJSON(line, simplifyDataFrame = FALSE)
  if (r$cmd == "stop") break
  cat(toJSON(respond(r), auto_unbox = TRUE), "\n", sep = "")
}

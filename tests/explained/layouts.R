# What the commands of the pairs use: data, and tables in the layouts of programs that are not here.
# The numbers are lme4's, lmerTest's and pbkrtest's; only the layout is another program's.

suppressPackageStartupMessages({library(lme4); library(nlme); library(lmerTest); library(pbkrtest)})
options(width = 100)
lmer <- lme4::lmer
ROOT <- Sys.getenv("REFMIXED_ROOT")
FOLDERS <- file.path(ROOT, c("tests/explained/data", "refmixed/data", "validation/data"))

# A data set by its name, texts as factors; `groups` names columns of numbers that are factors too.
the <- function(name, groups = character()) {
  file <- Filter(file.exists, file.path(FOLDERS, paste0(name, ".csv")))[1]
  d <- read.csv(file, stringsAsFactors = TRUE)
  d[groups] <- lapply(d[groups], factor)
  d
}

# A plain object of quantities, as JSON with all digits.
json <- function(...) cat(jsonlite::toJSON(list(...), auto_unbox = TRUE, digits = digits_of_json, pretty = TRUE), "\n")
digits_of_json <- 8
named <- function(x) as.list(x)

# Standard deviations and correlations by group, as `refmixed fit --json` has them.
deviations <- function(fit, what = identity) {
  lapply(VarCorr(fit), function(g) list(sd = named(what(attr(g, "stddev"))), corr = unname(attr(g, "correlation"))))
}

# The quantities of a fit of lme4; further ones, or others, in `...`.
quantities <- function(fit, ...) {
  b <- fixef(fit)
  base <- list(nobs = nobs(fit), reml = isREML(fit), loglik = c(logLik(fit)), sigma = sigma(fit),
    beta = named(b), se = named(setNames(sqrt(diag(as.matrix(vcov(fit)))), names(b))), varcorr = deviations(fit))
  do.call(json, utils::modifyList(base, list(...), keep.null = FALSE))
}

# A printed text with one passage changed; an error where it is not there exactly once.
altered <- function(code, old, new) {
  text <- paste(capture.output(code), collapse = "\n")
  places <- gregexpr(old, text, fixed = TRUE)[[1]]
  stopifnot(length(places) == 1, places > 0)
  cat(sub(old, new, text, fixed = TRUE), "\n", sep = "")
}

# --- tables as PROC MIXED has them ---------------------------------------------------------------

eight <- function(x) ifelse(is.na(x), ".", ifelse(abs(x) >= 1000, sprintf("%.1f", x),
  ifelse(abs(x) >= 100, sprintf("%.2f", x), sprintf("%.4f", x))))
small <- function(p) ifelse(p < 1e-4, "<.0001", sprintf("%.4f", p))
heading <- function(...) cat("\n", strrep(" ", 16), ..., "\n\n", sep = "")

rank_xz <- function(fit) qr(cbind(getME(fit, "X"), as.matrix(getME(fit, "Z"))))$rank
residual_df <- function(fit) nobs(fit) - length(fixef(fit))
within_df <- function(fit) nobs(fit) - rank_xz(fit)

# Containment: the rank that a random effect of the same name adds, else what is left of n.
contain_df <- function(fit) {
  X <- getME(fit, "X"); Z <- as.matrix(getME(fit, "Z")); ends <- getME(fit, "Gp"); effects <- getME(fit, "cnms")
  owner <- unlist(lapply(seq_along(effects), function(i) rep_len(effects[[i]], ends[i + 1] - ends[i])))
  whole <- rank_xz(fit)
  sapply(colnames(X), function(name) {
    if (name %in% owner) whole - qr(cbind(X, Z[, owner != name]))$rank else nobs(fit) - whole
  })
}

# Covariance parameters: name, subject, estimate, in SAS's order.
parameters <- function(fit) {
  one <- function(group) {
    v <- VarCorr(fit)[[group]]
    if (nrow(v) == 1) return(data.frame(name = "Intercept", subject = group, value = v[1, 1]))
    at <- which(lower.tri(v, TRUE), arr.ind = TRUE)
    at <- at[order(at[, 1], at[, 2]), , drop = FALSE]
    data.frame(name = sprintf("UN(%d,%d)", at[, 1], at[, 2]), subject = group, value = v[at])
  }
  rows <- do.call(rbind, lapply(names(VarCorr(fit)), one))
  rbind(rows, data.frame(name = "Residual", subject = "", value = sigma(fit)^2))
}

# The tables.  df: one number or one a coefficient; se: standard errors, the fit's where none are given;
# class: name -> levels of each factor of the fixed effects, the last the reference.
sas <- function(fit, df, se = sqrt(diag(as.matrix(vcov(fit)))), class = list(), method = "Containment") {
  like <- if (isREML(fit)) c("REML", "Res ") else c("ML", "")
  cat(strrep(" ", 30), "The Mixed Procedure\n", sep = "")
  heading("Model Information")
  cat(sprintf("  %-28s%s\n", c("Dependent Variable", "Estimation Method", "Residual Variance Method",
    "Fixed Effects SE Method", "Degrees of Freedom Method"), c(as.character(formula(fit)[[2]]), like[1],
    "Profile", "Model-Based", method)), sep = "")
  p <- parameters(fit)
  groups <- min(sapply(ngrps(fit), c))
  heading("Dimensions")
  cat(sprintf("  %-28s%8d\n", c("Covariance Parameters", "Columns in X", "Subjects"),
    c(nrow(p), length(fixef(fit)) + length(class), groups)), sep = "")
  heading("Number of Observations")
  cat(sprintf("  %-32s%8d\n", c("Number of Observations Read", "Number of Observations Used",
    "Number of Observations Not Used"), c(nobs(fit), nobs(fit), 0L)), sep = "")
  heading("Covariance Parameter Estimates")
  cat(sprintf("  %-12s%-12s%12s\n", c("Cov Parm", p$name), c("Subject", p$subject), c("Estimate", eight(p$value))), sep = "")
  statistics(fit, like[2], nrow(p), groups)
  solution(fit, df, se, class)
}

# Fit Statistics: by REML the covariance parameters alone are counted; BIC has the number of subjects.
statistics <- function(fit, res, q, groups) {
  k <- if (isREML(fit)) q else q + length(fixef(fit))
  n <- nobs(fit) - if (isREML(fit)) length(fixef(fit)) else 0
  two <- -2 * c(logLik(fit))
  values <- two + c(0, 2 * k, 2 * k * n / (n - k - 1), k * log(groups))
  names <- c(paste0("-2 ", res, "Log Likelihood"), "AIC (Smaller is Better)", "AICC (Smaller is Better)", "BIC (Smaller is Better)")
  heading("Fit Statistics")
  cat(sprintf("  %-30s%10.1f\n", names, values), sep = "")
}

solution <- function(fit, df, se, class) {
  b <- fixef(fit)
  t <- b / se
  columns <- names(class)
  labels <- effects_of(names(b), class)
  heading("Solution for Fixed Effects")
  line <- function(effect, levels, ...) cat(sprintf("  %-16s", effect), sprintf("%-12s", levels), sprintf("%12s", c(...)), "\n", sep = "")
  line("", rep("", length(columns)), "", "Standard", "", "", "")
  line("Effect", columns, "Estimate", "Error", "DF", "t Value", "Pr > |t|")
  df <- rep_len(df, length(b))
  for (i in seq_along(b)) line(labels[[i]]$effect, labels[[i]]$levels, eight(b[i]), eight(se[i]),
    sprintf("%g", signif(df[i], 3)), sprintf("%.2f", t[i]), small(2 * pt(-abs(t[i]), df[i])))
  for (f in columns) line(f, ifelse(columns == f, tail(class[[f]], 1), ""), "0", ".", ".", ".", ".")
}

# "armlow" is effect arm, level low.
effects_of <- function(names, class) lapply(names, function(name) {
  levels <- rep("", length(class))
  for (f in seq_along(class)) {
    hit <- class[[f]][paste0(names(class)[f], class[[f]]) == name]
    if (length(hit)) { levels[f] <- hit; return(list(effect = names(class)[f], levels = levels)) }
  }
  list(effect = if (name == "(Intercept)") "Intercept" else name, levels = levels)
})

# contr.SAS with the levels' names, so that coefficients are named as usual.
last_level <- function(x) { m <- contr.SAS(levels(x)); m }

# --- tables as MIXED of SPSS has them ------------------------------------------------------------

spss <- function(fit) {
  like <- if (isREML(fit)) "-2 Restricted Log Likelihood" else "-2 Log Likelihood"
  two <- -2 * c(logLik(fit)); p <- parameters(fit); b <- fixef(fit); se <- sqrt(diag(as.matrix(vcov(fit))))
  df <- coef(summary(lmerTest::as_lmerModLmerTest(fit)))[, "df"]
  k <- if (isREML(fit)) nrow(p) else nrow(p) + length(b)
  n <- nobs(fit) - if (isREML(fit)) length(b) else 0
  heading("Information Criteria(a)")
  cat(sprintf("  %-44s%12.3f\n", c(like, "Akaike's Information Criterion (AIC)", "Schwarz's Bayesian Criterion (BIC)"),
    two + c(0, 2 * k, k * log(n))), sep = "")
  heading("Estimates of Fixed Effects(a)")
  three <- function(x) sub("^(-?)0[.]", "\\1.", sprintf("%.3f", x))
  six <- function(x) sub("^(-?)0[.]", "\\1.", sprintf("%.6f", x))
  labels <- sub("(Intercept)", "Intercept", sub("^arm(.*)", "[arm=\\1]", names(b)), fixed = TRUE)
  cat(sprintf("  %-16s%12s%12s%10s%10s%8s%12s%12s\n", c("Parameter", labels), c("Estimate", six(b)), c("Std. Error", six(se)),
    c("df", three(df)), c("t", three(b / se)), c("Sig.", three(2 * pt(-abs(b / se), df))),
    c("Lower", six(b - qt(.975, df) * se)), c("Upper", six(b + qt(.975, df) * se))), sep = "")
  heading("Estimates of Covariance Parameters(a)")
  effects <- paste(sub("(Intercept)", "Intercept", unlist(getME(fit, "cnms")), fixed = TRUE), collapse = " + ")
  first <- sprintf("%s [subject = %s]", effects, p$subject[1])
  what <- c("Residual", ifelse(seq_len(nrow(p) - 1) == 1, first, ""))
  kind <- c("", sub("(", " (", sub("Intercept", "Variance", head(p$name, -1)), fixed = TRUE))
  cat(sprintf("  %-40s%-10s%12s\n", c("Parameter", what), c("", kind), c("Estimate", six(c(tail(p$value, 1), head(p$value, -1))))), sep = "")
}

# --- generalized models ---------------------------------------------------------------------------

source(file.path(ROOT, "tests/explained/generalized.R"))

# What the commands of pairs of generalized models use, after layouts.R.  Numbers are lme4's or
# glmmTMB's; only the layout is another program's.

library(glmmTMB)
COWS <- cbind(incidence, size - incidence) ~ period + (1 | herd)
cows <- function() the("cbpp", c("period", "herd"))

# glmer() with iterations for the random effects, and a search, that go to their end.
tight <- function(formula, data, family, ..., steps = 1e5) {
  control <- glmerControl("bobyqa", tolPwrss = 1e-13, optCtrl = list(rhobeg = 2e-3, rhoend = 1e-9, maxfun = steps))
  suppressWarnings(glmer(formula, data, family, ..., control = control))
}

# The same with no warning told.
quietly <- function(...) suppressWarnings(glmer(...))

# The quantities of a generalized fit; further ones, or others, in `...`.
generalized <- function(fit, ...) {
  f <- family(fit)
  none <- if (f$family == "Gamma") list() else list(sigma = NULL)
  do.call(quantities, c(list(fit, reml = NULL, family = f$family, link = f$link), none, list(...)))
}
nameless <- function(fit, ...) generalized(fit, family = NULL, link = NULL, ...)
se_of <- function(fit, ...) named(setNames(sqrt(diag(as.matrix(vcov(fit, ...)))), names(fixef(fit))))

# Of a fit with a random intercept: means of rows over the effects, and the saturated log-likelihood.
marginal <- function(fit) {
  s <- attr(VarCorr(fit)[[1]], "stddev")
  eta <- predict(fit, re.form = NA)
  inverse <- family(fit)$linkinv
  sapply(eta, function(e) integrate(function(z) inverse(e + s * z) * dnorm(z), -9, 9, rel.tol = 1e-10)$value)
}
saturated <- function(fit) { y <- fit@resp$y; w <- weights(fit); sum(dbinom(round(y * w), w, y, log = TRUE)) }

# One row a trial.
trials <- function(d) {
  rows <- d[rep(seq_len(nrow(d)), d$size), ]
  rows$sick <- unlist(Map(function(s, m) rep(c(1, 0), c(s, m - s)), d$incidence, d$size))
  rows
}

# --- tables as melogit has them ---------------------------------------------------------------------

melogit <- function(fit, title = "logistic", points = 7) {
  b <- fixef(fit); se <- unlist(se_of(fit)); v <- VarCorr(fit)
  nine <- function(x) sprintf("%9s", sub("^(-?)0[.]", "\\1.", formatC(x, digits = 7, format = "g")))
  row <- function(label, x, s) cat(sprintf("%12s | %s  %s  %7.2f   %.3f    %s   %s\n", label, nine(x), nine(s), x / s,
    2 * pnorm(-abs(x / s)), nine(x - 1.96 * s), nine(x + 1.96 * s)))
  cat(sprintf("Mixed-effects %s regression               Number of obs     = %10d\n", title, nobs(fit)))
  cat(sprintf("Group variable: %15s                 Number of groups  = %10d\n\n", names(v), ngrps(fit)))
  cat(sprintf("Integration method: mvaghermite                 Integration pts.  = %10d\n\n", points))
  cat(sprintf("Log likelihood = %s                     Prob > chi2       =     0.0000\n", formatC(c(logLik(fit)) + saturated(fit), digits = 8, format = "g")))
  line <- strrep("-", 78)
  cat(line, "\n             | Coefficient  Std. err.      z    P>|z|     [95% conf. interval]\n", line, "\n", sep = "")
  for (name in names(b)[-1]) row(name, b[name], se[name])
  row("_cons", b[1], se[1])
  cat(line, "\n", sprintf("%-12s |\n", names(v)), sprintf("  %9s| %s   .1867        .1698     1.002\n", "var(_cons)", nine(v[[1]][1])), line, "\n", sep = "")
}

# --- tables as PROC GLIMMIX has them ----------------------------------------------------------------

glimmix <- function(fit, method = "Laplace") {
  f <- family(fit); v <- VarCorr(fit); b <- fixef(fit); k <- attr(logLik(fit), "df")
  capital <- function(x) paste0(toupper(substr(x, 1, 1)), substr(x, 2, nchar(x)))
  cat(strrep(" ", 30), "The GLIMMIX Procedure\n", sep = "")
  heading("Model Information")
  cat(sprintf("  %-28s%s\n", c("Response Distribution", "Link Function", "Estimation Technique", "Likelihood Approximation",
    "Degrees of Freedom Method"), c(capital(f$family), capital(f$link), "Maximum Likelihood", method, "Containment")), sep = "")
  cat(sprintf("\n  %-32s%8d\n", c("Number of Observations Read", "Number of Observations Used"), nobs(fit)), sep = "")
  heading("Fit Statistics")
  two <- -2 * c(logLik(fit))
  cat(sprintf("  %-30s%10.2f\n", c("-2 Log Likelihood", "AIC  (smaller is better)", "BIC  (smaller is better)"),
    two + c(0, 2 * k, k * log(ngrps(fit)))), sep = "")
  heading("Covariance Parameter Estimates")
  cat(sprintf("  %-12s%-12s%12s%12s\n", c("Cov Parm", "Intercept"), c("Subject", names(v)), c("Estimate", eight(v[[1]][1])), c("Error", "0.1867")), sep = "")
  se <- unlist(se_of(fit)); df <- c(ngrps(fit) - 1, rep(nobs(fit) - ngrps(fit) - length(b) + 1, length(b) - 1))
  heading("Solutions for Fixed Effects")
  cat(sprintf("  %-16s%12s%12s%8s%10s%10s\n", c("Effect", sub("(Intercept)", "Intercept", names(b), fixed = TRUE)), c("Estimate", eight(b)),
    c("Error", eight(se)), c("DF", df), c("t Value", sprintf("%.2f", b / se)), c("Pr > |t|", small(2 * pt(-abs(b / se), df)))), sep = "")
}

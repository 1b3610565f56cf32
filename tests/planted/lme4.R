# lme4 with a mistake planted, which the request names: Rscript lme4.R FOLDER_OF_ADAPTERS
# A mistake changes what is asked, or what is answered; everything else is lme4's own.
folder <- commandArgs(TRUE)[1]
for (name in c("answers.R", "lme4.R", "lme4_answers.R", "lme4_generalized.R")) sys.source(file.path(folder, name), globalenv())
suppressPackageStartupMessages(library(lme4))

# --- what is asked -----------------------------------------------------------------------------------

of_model <- function(...) function(request) {
  request$model <- modifyList(request$model, list(...))
  request
}
no_column <- function(key) function(request) {
  request$model[key] <- list(NULL)
  request
}

ask <- list(
  "ml-for-reml" = of_model(reml = FALSE),
  "reml-for-ml" = of_model(reml = TRUE),
  "weights-ignored" = no_column("weights"),
  "offset-ignored" = no_column("offset"))

# --- what is answered --------------------------------------------------------------------------------

limits_of <- function(change) function(answers, request, m) {
  for (name in grep("^profile_", names(answers), value = TRUE)) answers[[name]] <- change(answers[[name]])
  answers
}
df_of <- function(value) function(answers, request, m) {
  for (name in intersect(c("df_satterthwaite", "df_kr"), names(answers)))
    answers[[name]] <- numbers(rep(value(m), length(answers[[name]])))
  answers
}
in_place <- function(quantity, other) function(answers, request, m) {
  answers[[quantity]] <- answers[[other]]
  answers
}
tests_of <- function(change) function(answers, request, m) {
  for (name in intersect(c("f_satterthwaite", "f_kr"), names(answers)))
    answers[[name]] <- numbers(change(decimals(answers[[name]]), m))
  answers
}
wald <- function(answers, request, m) {
  limits <- confint(m, "beta_", method = "Wald")
  answers$profile_beta <- numbers(unname(limits)[coefficient_places(m, request), , drop = FALSE])
  answers
}
se_of_vcov <- function(answers, request, m) {
  answers$se_kr <- numbers(sqrt(diag(as.matrix(vcov(m))))[coefficient_places(m, request)])
  answers
}
sums <- function(answers, request, m) {
  answers$ranef <- lapply(seq_along(answers$ranef), function(t) {
    effects <- colnames(ranef(m)[[t]])
    numbers(sweep(decimal_matrix(answers$ranef[[t]]), 2, ifelse(is.na(fixef(m)[effects]), 0, fixef(m)[effects]), "+"))
  })
  answers
}
squared <- function(limits) numbers(if (is.list(limits)) decimal_matrix(limits)^2 else decimals(limits)^2)
turned <- function(limits) if (is.list(limits)) lapply(limits, rev) else I(rev(limits))

change <- list(
  "satterthwaite-for-kr" = in_place("df_kr", "df_satterthwaite"),
  "kr-for-satterthwaite" = in_place("df_satterthwaite", "df_kr"),
  "residual-df" = df_of(function(m) nobs(m) - length(fixef(m))),
  "normal-for-t" = df_of(function(m) Inf),
  "df-of-groups" = df_of(function(m) min(ngrps(m)) - 1),
  "f-not-divided" = tests_of(function(F, m) F * c(length(fixef(m)), 1)),
  "f-with-residual-df" = tests_of(function(F, m) c(F[1], nobs(m) - length(fixef(m)))),
  "se-not-adjusted" = se_of_vcov,
  "wald-for-profile" = wald,
  "limits-squared" = limits_of(squared),
  "limits-reversed" = limits_of(turned),
  "coefficients-for-effects" = sums)

planted <- function(request) {
  mistake <- request$planted
  answer <- respond(if (is.null(ask[[mistake]])) request else ask[[mistake]](request))
  if (is.null(change[[mistake]])) return(answer)
  m <- model_of(request)
  answer$answers <- change[[mistake]](answer$answers, request, m)
  answer
}

serve(who("lme4"), planted)

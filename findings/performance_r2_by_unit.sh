#!/bin/sh
# performance 0.10.2: R2 and ICC of a weighted lmer() depend on the unit of the weights.
#
# Weights a hundred times as large are the same model: the log-likelihood, the coefficients and all
# variances of observations, sigma^2 / w, stay. Only sigma is ten times as large. r2() and icc() of
# Nakagawa's kind take sigma^2 alone for the residual variance, and not sigma^2 / w. Seen on sleepstudy,
# weights 1 and 2 in turn:
#     weights times       1/100     1         100
#     log-likelihood      -875.278  -875.278  -875.278
#     marginal R2         .3477     .2555     .0093
#     conditional R2      .9964     .7322     .0266
#     ICC                 .9944     .6403     .0175
# For Debian 12, whose packages it unpacks; R (r-base-core) itself must be there.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
pinned="r-cran-performance=0.10.2-1 r-cran-lme4=1.1-31-1"
needed() {
    apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks \
        --no-replaces --no-enhances r-cran-performance r-cran-lme4 | grep -E '^r-cran-' | sort -u
}
for package in $pinned $(needed | grep -vE '^r-cran-(performance|lme4)$'); do
    apt-get -qq -o APT::Sandbox::User=root download "$package"
done
for file in *.deb; do
    dpkg -x "$file" .
done

cat > test.R <<'R'
suppressMessages({library(lme4); library(performance)})
stopifnot(packageVersion("performance") == "0.10.2", packageVersion("lme4") == "1.1.31",
          startsWith(find.package("performance"), getwd()))
seen <- sapply(c(hundredth = 1 / 100, one = 1, hundred = 100), function(unit) {
  rows <- transform(sleepstudy, w = unit * rep(c(1, 2), 90))
  m <- lmer(Reaction ~ Days + (Days | Subject), rows, weights = w)
  c(loglik = as.numeric(logLik(m)), slope = fixef(m)[["Days"]], sigma = sigma(m) / sqrt(unit),
    marginal = r2(m)$R2_marginal[[1]], conditional = r2(m)$R2_conditional[[1]],
    icc = icc(m)$ICC_adjusted)
})
print(signif(seen, 5))
same <- seen[c("loglik", "slope", "sigma"), ]
stopifnot(abs(same / same[, "one"] - 1) < 1e-4,
          round(seen["marginal", ], 4) == c(.3477, .2555, .0093),
          round(seen["conditional", ], 4) == c(.9964, .7322, .0266),
          round(seen["icc", ], 4) == c(.9944, .6403, .0175))
R
R_LIBS="$folder/usr/lib/R/site-library" Rscript --no-init-file test.R

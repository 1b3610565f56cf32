#!/bin/sh
# lmerTest 3.1-3: the denominator's degrees of freedom of one F test depend on the unit of a covariate.
#
# The hypothesis is that two coefficients are zero, days and days squared, on sleepstudy with some rows
# left out.  With days squared over 100 it is the same hypothesis, and F is the same; contestMD(), on
# which anova() rests, takes the eigenvectors of the coefficients' covariance, which change with the
# unit.  Kenward and Roger's (pbkrtest) do not.  Seen:
#     Satterthwaite   F 32.174   df 36.638 and 26.613
#     Kenward-Roger   F 30.147   df 31.139 and 31.139
# For Debian 12, whose packages it unpacks; R (r-base-core) itself must be there.
set -eu
folder=$(mktemp -d) && chmod 755 "$folder"  # apt reads as another user
trap 'rm -rf "$folder"' EXIT
cd "$folder"
wanted() {
    apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks \
        --no-replaces --no-enhances r-cran-lmertest r-cran-pbkrtest | grep -E '^r-cran-' | sort -u
}
for package in $(wanted); do
    apt-get download -qq "$package"
done
for file in *.deb; do
    dpkg -x "$file" .
done
ls r-cran-lmertest_3.1-3-* r-cran-pbkrtest_0.5.2-* >/dev/null

cat > test.R <<'R'
suppressMessages({library(lme4); library(lmerTest); library(pbkrtest)})
subject <- as.integer(sleepstudy$Subject)
left_out <- subject %% 3 == 0 & sleepstudy$Days > 4 | subject %% 4 == 1 & sleepstudy$Days < 3
m <- lmerTest::lmer(Reaction ~ Days + I(Days^2) + (Days | Subject), sleepstudy[!left_out, ])
hypothesis <- cbind(0, diag(2))
units <- list(one = hypothesis, hundred = diag(c(1, 100)) %*% hypothesis)
by_lmertest <- sapply(units, function(L) unlist(contestMD(m, L)[c("F value", "DenDF")]))
by_pbkrtest <- sapply(units, function(L) unlist(KRmodcomp(m, L)$test["Ftest", c("stat", "ddf")]))
print(round(by_lmertest, 3))
print(round(by_pbkrtest, 3))
same <- function(x) abs(x[[1]] - x[[2]]) < 1e-6 * x[[1]]
stopifnot(same(by_lmertest["F value", ]), same(by_pbkrtest["ddf", ]),
          all(round(by_lmertest["DenDF", ], 1) == c(36.6, 26.6)))
R
R_LIBS="$folder/usr/lib/R/site-library" Rscript --no-init-file test.R

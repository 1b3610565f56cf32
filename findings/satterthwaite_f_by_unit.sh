#!/bin/sh
# lmerTest 3.1-3: the F test of one hypothesis depends on the unit of a covariate: df, and even F.
#
# The hypothesis is that two coefficients are zero, days and days squared, on sleepstudy with some rows
# left out.  With days squared in another unit it is the same hypothesis; contestMD(), on which anova()
# rests, takes the eigenvectors of the coefficients' covariance, which change with the unit, and drops
# those whose eigenvalue is 1.5e-8 of the largest.  Kenward and Roger's (pbkrtest) does not.  Seen:
#     unit                1               1/100           10000
#     Satterthwaite   F   32.174 (2)      32.174 (2)      2.152 (1 degree of freedom above)
#                     df  36.638          26.613          93.664
#     Kenward-Roger   F   30.147 (2), df 31.139 in the first two
# For Debian 12, whose packages it unpacks; R (r-base-core) itself must be there.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
pinned="r-cran-lmertest=3.1-3-2 r-cran-pbkrtest=0.5.2-2 r-cran-lme4=1.1-31-1"
needed() {
    apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks \
        --no-replaces --no-enhances r-cran-lmertest r-cran-pbkrtest | grep -E '^r-cran-' | sort -u
}
for package in $pinned $(needed | grep -vE '^r-cran-(lmertest|pbkrtest|lme4)$'); do
    apt-get -qq -o APT::Sandbox::User=root download "$package"
done
for file in *.deb; do
    dpkg -x "$file" .
done

cat > test.R <<'R'
suppressMessages({library(lme4); library(lmerTest); library(pbkrtest)})
stopifnot(packageVersion("lmerTest") == "3.1.3", packageVersion("pbkrtest") == "0.5.2",
          packageVersion("lme4") == "1.1.31", startsWith(find.package("lmerTest"), getwd()))
subject <- as.integer(sleepstudy$Subject)
left_out <- subject %% 3 == 0 & sleepstudy$Days > 4 | subject %% 4 == 1 & sleepstudy$Days < 3
m <- lmerTest::lmer(Reaction ~ Days + I(Days^2) + (Days | Subject), sleepstudy[!left_out, ])
hypothesis <- cbind(0, diag(2))
units <- list(one = 1, hundredth = 100, ten_thousand = 1e-4)
in_unit <- function(u) diag(c(1, u)) %*% hypothesis
by_lmertest <- sapply(units, function(u)
  unlist(contestMD(m, in_unit(u))[c("NumDF", "DenDF", "F value", "Pr(>F)")]))
by_pbkrtest <- sapply(units[1:2], function(u)
  unlist(KRmodcomp(m, in_unit(u))$test["Ftest", c("ndf", "ddf", "stat")]))
print(signif(by_lmertest, 5))
print(signif(by_pbkrtest, 5))
stopifnot(round(by_lmertest["DenDF", ], 1) == c(36.6, 26.6, 93.7),
          by_lmertest["NumDF", ] == c(2, 2, 1),
          abs(diff(by_lmertest["F value", 1:2])) < 1e-6,
          abs(diff(by_pbkrtest["ddf", ])) < 1e-6)
R
R_LIBS="$folder/usr/lib/R/site-library" Rscript --no-init-file test.R

#!/bin/sh
# lme4 1.1-31: profile() and confint() of a model by glmer() leave other random effects in it.
#
# The fit that is profiled shares its environment with the deviance function that is moved along the profile.
# Afterwards ranef(), and coef() with it, are those of the last point, while fixef(), fitted() and logLik() stay.
# Seen:
#     ranef of herd 1 before 0.5896, after 0.6940; fitted values the same
#     coef and predict of the first row before -0.8087 and -0.8087, after -0.7043 and -0.8087
# Debian 12's packages, on the R (4.2) that is there.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq -o APT::Sandbox::User=root r-cran-lme4=1.1-31-1 r-cran-minqa=1.2.5-1 r-cran-nloptr=2.0.3-1 r-cran-rcpp=1.0.10-1 \
    r-cran-boot=1.3-28.1-1 r-cran-matrix=1.5-3-1 r-cran-lattice=0.20-45-3 r-cran-mass=7.3-58.2-1 \
    r-cran-nlme=3.1.162-1 libnlopt0=2.7.1-5 > /dev/null
for package in *.deb; do dpkg -x "$package" root; done

cat > profile.R <<'R'
suppressMessages(library(lme4))
stopifnot(packageVersion("lme4") == "1.1.31", startsWith(find.package("lme4"), getwd()))
m <- glmer(cbind(incidence, size - incidence) ~ period + (1 | herd), cbpp, family = binomial)
said <- function() c(ranef(m)$herd[1, 1], coef(m)$herd[1, 1], predict(m)[[1]], fitted(m)[[1]], logLik(m))
before <- said()
invisible(suppressMessages(confint(m)))
after <- said()
cat(sprintf("ranef of herd 1 before %.4f, after %.4f; fitted values %s\n", before[1], after[1],
  if (before[4] == after[4]) "the same" else "others"))
cat(sprintf("coef and predict of the first row before %.4f and %.4f, after %.4f and %.4f\n",
  before[2], before[3], after[2], after[3]))
stopifnot(abs(after[1] - before[1]) > .05, identical(after[4:5], before[4:5]))
R
library="$folder/root/usr/lib/R/site-library:$folder/root/usr/lib/R/library"
R_LIBS="$library" LD_LIBRARY_PATH=$(dirname "$(find root -name 'libnlopt.so.0' | head -n 1)") \
    Rscript --no-init-file profile.R

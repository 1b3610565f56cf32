#!/bin/sh
# lme4 1.1-31: standard errors of glmer() are off in the second or third digit, by its default tolPwrss.
#
# The iterations for the random effects end where the penalized deviance changes by less than 1e-7 of itself; the
# determinant is then that of weights a step before the last, and the Hessian is of differences of such values.
# With tolPwrss = 1e-13 the same command has the standard errors of the likelihood.  Of lme4's own cbpp:
#     by default, and with the tolerance     ratio
# Seen:
#     0.2312 0.3032 0.3228 0.4220, and 0.2325 0.3066 0.3266 0.4274
#     1.3 % too small at most; log-likelihood -92.02657, and -92.02628
# Debian 12's packages, on the R (4.2) that is there.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq -o APT::Sandbox::User=root r-cran-lme4=1.1-31-1 r-cran-minqa=1.2.5-1 r-cran-nloptr=2.0.3-1 r-cran-rcpp=1.0.10-1 \
    r-cran-boot=1.3-28.1-1 r-cran-matrix=1.5-3-1 r-cran-lattice=0.20-45-3 r-cran-mass=7.3-58.2-1 \
    r-cran-nlme=3.1.162-1 libnlopt0=2.7.1-5 > /dev/null
for package in *.deb; do dpkg -x "$package" root; done

cat > errors.R <<'R'
suppressMessages(library(lme4))
stopifnot(packageVersion("lme4") == "1.1.31", startsWith(find.package("lme4"), getwd()))
model <- cbind(incidence, size - incidence) ~ period + (1 | herd)
usual <- glmer(model, cbpp, binomial)
close <- glmer(model, cbpp, binomial, control = glmerControl("bobyqa", tolPwrss = 1e-13))
se <- function(fit) sqrt(diag(as.matrix(vcov(fit))))
print(rbind(default = se(usual), close = se(close), ratio = se(usual) / se(close)), digits = 4)
cat(sprintf("log-likelihood %.5f, %.5f\n", c(logLik(usual)), c(logLik(close))))
stopifnot(max(abs(se(usual) / se(close) - 1)) > .01)
R
library="$folder/root/usr/lib/R/site-library:$folder/root/usr/lib/R/library"
R_LIBS="$library" LD_LIBRARY_PATH=$(dirname "$(find root -name 'libnlopt.so.0' | head -n 1)") \
    Rscript --no-init-file errors.R

#!/bin/sh
# lme4 1.1-31: refit() of a REML fit returns another fit for the same response, and bootMer() uses it.
#
# A REML fit of lmer() has devcomp$dims["REML"] = p, the number of fixed effects, and its criterion is that of
# n - p degrees of freedom.  refit() makes the new deviance function with REML = 1 instead: what it minimises and
# reports is log|L|^2 + log|RX|^2 + (n - 1)(1 + log(2 pi r^2 / (n - 1))), while sigma is still over n - p.
# Where p is not one, the response of the fit itself does not give the fit again.  Seen, sleepstudy with
# Reaction ~ Days + (Days | Subject), p = 2:
#     lmer    REML 2   criterion 1743.6283   theta 0.9667 0.0152 0.2309   sigma 25.5918
#     refit   REML 1   criterion 1751.9472   theta 0.9713 0.0148 0.2319   sigma 25.5750
# A fit by ML, and one with p = 1, come out as they were.  So every replicate of a parametric bootstrap by
# bootMer() is of another criterion than the fit that it stands beside.
# Debian 12's packages, on the R (4.2) that is there.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq -o APT::Sandbox::User=root r-cran-lme4=1.1-31-1 r-cran-minqa=1.2.5-1 r-cran-nloptr=2.0.3-1 r-cran-rcpp=1.0.10-1 \
    r-cran-boot=1.3-28.1-1 r-cran-matrix=1.5-3-1 r-cran-lattice=0.20-45-3 r-cran-mass=7.3-58.2-1 \
    r-cran-nlme=3.1.162-1 libnlopt0=2.7.1-5 > /dev/null
for package in *.deb; do dpkg -x "$package" root; done

cat > refit.R <<'R'
suppressMessages(library(lme4))
stopifnot(packageVersion("lme4") == "1.1.31", startsWith(find.package("lme4"), getwd()))
tell <- function(name, fit) {
    criterion <- if (isREML(fit)) REMLcrit(fit) else deviance(fit)
    numbers <- sprintf("%.4f", c(criterion, getME(fit, "theta"), sigma(fit)))
    cat(name, fit@devcomp$dims[["REML"]], numbers, "\n")
}
models <- list(reml = lmer(Reaction ~ Days + (Days | Subject), sleepstudy),
               ml = lmer(Reaction ~ Days + (Days | Subject), sleepstudy, REML = FALSE),
               mean = lmer(Yield ~ 1 + (1 | Batch), Dyestuff))
for (name in names(models)) {
    tell(name, models[[name]])
    tell(name, refit(models[[name]], newresp = model.response(model.frame(models[[name]]))))
}
R
library="$folder/root/usr/lib/R/site-library:$folder/root/usr/lib/R/library"
R_LIBS="$library" LD_LIBRARY_PATH=$(dirname "$(find root -name 'libnlopt.so.0' | head -n 1)") \
    Rscript refit.R > seen
cat seen

cat > expected <<'EXPECTED'
reml 2 1743.6283 0.9667 0.0152 0.2309 25.5918 
reml 1 1751.9472 0.9713 0.0148 0.2319 25.5750 
EXPECTED
if [ "$(grep -c . seen)" -ne 6 ] || ! grep '^reml' seen | cmp -s - expected; then
    echo "refit() of a REML fit does something else now" >&2
    exit 1
fi
# what is left alone: by ML, and with one fixed effect
[ "$(grep '^ml' seen | cut -d' ' -f2-3 | uniq | wc -l)" -eq 1 ]
[ "$(grep '^mean' seen | cut -d' ' -f2-3 | uniq | wc -l)" -eq 1 ]

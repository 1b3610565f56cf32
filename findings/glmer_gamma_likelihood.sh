#!/bin/sh
# lme4 1.1-31: the log-likelihood of a Gamma model with random effects is larger than any likelihood can be.
#
# logLik(glmer(..., Gamma("log"))) is beyond the maximum of the likelihood over all parameters, the integrals
# over the random effects taken with 60 nodes of Gauss and Hermite.  Of twelve groups of six:
#     logLik of glmer         more than the maximum
#     standard deviation      of the groups smaller than that which has the maximum
# Seen:
#     logLik -112.5978, the largest log-likelihood -115.5162
#     standard deviation 0.2377, at the maximum 0.2722
# A fit of a normal model by the same integral gives lme4's own log-likelihood: it is no fault of the integral.
# Debian 12's packages, on the R (4.2) that is there.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq -o APT::Sandbox::User=root r-cran-lme4=1.1-31-1 r-cran-minqa=1.2.5-1 r-cran-nloptr=2.0.3-1 r-cran-rcpp=1.0.10-1 \
    r-cran-boot=1.3-28.1-1 r-cran-matrix=1.5-3-1 r-cran-lattice=0.20-45-3 r-cran-mass=7.3-58.2-1 \
    r-cran-nlme=3.1.162-1 libnlopt0=2.7.1-5 > /dev/null
for package in *.deb; do dpkg -x "$package" root; done

cat > gamma.R <<'R'
suppressMessages(library(lme4))
stopifnot(packageVersion("lme4") == "1.1.31", startsWith(find.package("lme4"), getwd()))
set.seed(1)
d <- data.frame(g = gl(12, 6), x = rep(c(-1, -.6, -.2, .2, .6, 1), 12))
d$y <- round(rgamma(72, 4, 4) * exp(1 + d$x + .5 * rnorm(12)[d$g]), 2)

i <- 1:59  # Gauss and Hermite's nodes and weights, of the standard normal law
J <- matrix(0, 60, 60)
J[cbind(i, i + 1)] <- J[cbind(i + 1, i)] <- sqrt(i)
e <- eigen(J, symmetric = TRUE)
nodes <- e$values
weights <- e$vectors[1, ]^2
marginal <- function(density) {
  sum(sapply(split(d, d$g), function(rows) {
    logs <- sapply(nodes, function(z) sum(density(rows, z)))
    max(logs) + log(sum(weights * exp(logs - max(logs))))
  }))
}
best <- function(begin, l) optim(begin, function(p) -l(p), control = list(maxit = 5000, reltol = 1e-13))

m <- glmer(y ~ x + (1 | g), d, Gamma("log"), control = glmerControl(tolPwrss = 1e-10))
shape <- 1 / sigma(m)^2
found <- best(c(fixef(m), log(.5), log(4)), function(p) marginal(function(r, z)
  dgamma(r$y, shape = exp(p[4]), rate = exp(p[4] - p[1] - p[2] * r$x - exp(p[3]) * z), log = TRUE)))
normal <- lmer(y ~ x + (1 | g), d, REML = FALSE)
sd <- as.data.frame(VarCorr(normal))$sdcor
same <- marginal(function(r, z)
  dnorm(r$y, fixef(normal)[1] + fixef(normal)[2] * r$x + sd[1] * z, sd[2], log = TRUE))

reported <- as.numeric(logLik(m))
cat(sprintf("logLik %.4f, the largest log-likelihood %.4f\n", reported, -found$value))
cat(sprintf("standard deviation %.4f, at the maximum %.4f\n", attr(VarCorr(m)$g, "stddev"), exp(found$par[3])))
stopifnot(reported > -found$value + .5, attr(VarCorr(m)$g, "stddev") < exp(found$par[3]),
  abs(same - as.numeric(logLik(normal))) < 1e-6)
R
library="$folder/root/usr/lib/R/site-library:$folder/root/usr/lib/R/library"
R_LIBS="$library" LD_LIBRARY_PATH=$(dirname "$(find root -name 'libnlopt.so.0' | head -n 1)") \
    Rscript --no-init-file gamma.R

#!/bin/sh
# lme4 1.1-31: four things that influence() and what rests on it do.
#
# 1. A deletion that makes a column of X dependent: the row of coefficients is one too short, and R recycles
#    it.  The coefficient that has no value is given the first one's.
# 2. dfbetas() of a model with one fixed effect stops.
# 3. maxfun does nothing: the fits are made with the default optimizer, whose name for it is maxeval, and not
#    with the one that the model was fitted by.
# 4. cooks.distance() is (N - p)/N times the distance, where N counts the groups and not the rows.
# Seen:
#     1 recycled: only = (Intercept) = 0.1673
#     2 dfbetas stops: non-conformable arrays
#     3 evaluations beyond maxfun = 6 in 18 of 18 fits
#     4 cooks.distance() is 0.8889 to 0.8889 of the distance; (18 - 2)/18 = 0.8889
# Debian 12's packages, on the R (4.2) that is there.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq -o APT::Sandbox::User=root r-cran-lme4=1.1-31-1 r-cran-minqa=1.2.5-1 r-cran-nloptr=2.0.3-1 r-cran-rcpp=1.0.10-1 \
    r-cran-boot=1.3-28.1-1 r-cran-matrix=1.5-3-1 r-cran-lattice=0.20-45-3 r-cran-mass=7.3-58.2-1 \
    r-cran-nlme=3.1.162-1 libnlopt0=2.7.1-5 > /dev/null
for package in *.deb; do dpkg -x "$package" root; done

cat > influence.R <<'R'
suppressMessages(library(lme4))
stopifnot(packageVersion("lme4") == "1.1.31", startsWith(find.package("lme4"), getwd()))
tell <- function(number, ...) cat(number, " ", sprintf(...), "\n", sep = "")

set.seed(1)
d <- data.frame(g = gl(6, 5), x = rnorm(30))
d$only <- (d$g == "1") * runif(30)  # zero in every row without group 1
d$y <- d$x + rnorm(30)
m <- suppressMessages(lmer(y ~ x + only + (1 | g), d))
i <- suppressMessages(suppressWarnings(influence(m, groups = "g")))
without <- i[["fixed.effects[-g]"]]["1", ]
stopifnot(without["only"] == without["(Intercept)"])
tell(1, "recycled: only = (Intercept) = %.4f", without["only"])

one <- influence(lmer(Yield ~ 1 + (1 | Batch), Dyestuff), groups = "Batch")
tell(2, tryCatch({ dfbetas(one); "dfbetas goes on" },
                 error = function(e) paste("dfbetas stops:", conditionMessage(e))))

bobyqa <- lmerControl(optimizer = "bobyqa")
m <- lmer(Reaction ~ Days + (Days | Subject), sleepstudy, control = bobyqa)
i <- influence(m, groups = "Subject", maxfun = 6)
tell(3, "evaluations beyond maxfun = 6 in %d of %d fits", sum(i$function.evals > 6), length(i$function.evals))

moved <- dfbeta(i)
distance <- rowSums((moved %*% solve(as.matrix(vcov(m)))) * moved) / 2
ratio <- cooks.distance(i) / distance
tell(4, "cooks.distance() is %.4f to %.4f of the distance; (18 - 2)/18 = %.4f", min(ratio), max(ratio), 16 / 18)
R
library="$folder/root/usr/lib/R/site-library:$folder/root/usr/lib/R/library"
R_LIBS="$library" LD_LIBRARY_PATH=$(dirname "$(find root -name 'libnlopt.so.0' | head -n 1)") \
    Rscript --no-init-file influence.R > seen
cat seen

cat > expected <<'EXPECTED'
1 recycled: only = (Intercept) = 0.1673
2 dfbetas stops: non-conformable arrays
3 evaluations beyond maxfun = 6 in 18 of 18 fits
4 cooks.distance() is 0.8889 to 0.8889 of the distance; (18 - 2)/18 = 0.8889
EXPECTED
if ! cmp -s seen expected; then
    echo "influence() does something else now" >&2
    exit 1
fi

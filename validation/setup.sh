#!/bin/sh
# Set up what the targets of the Makefile need: a virtual environment, and R with lme4.
#
#     sh validation/setup.sh PYTHON VENV
#
# A second call repeats nothing: VENV/setup-done says for which Python, pyproject.toml and R the
# environment was made. Nothing outside VENV is touched but through apt, as root or with a sudo that
# asks no password, and never with REFMIXED_INSTALL=no. Without R the rest is set up all the same,
# unless REFMIXED_REQUIRE_R=1.
set -eu

python=$1
venv=$2
done_note=$venv/setup-done

# shellcheck source-path=SCRIPTDIR source=apt.sh
. "$(dirname "$0")/apt.sh"

# "VERSION EXTRA" of the R that has lme4: rpy2 needs another version for each side of R 4.5, and so
# there are two extras in pyproject.toml. Nothing where R or lme4 is missing.
find_r() {
    Rscript --no-init-file -e 'if (nzchar(system.file(package = "lme4")))
        cat(as.character(getRversion()), if (getRversion() >= "4.5") "r" else "r-legacy")' 2>/dev/null
}

# What is asked beside lme4: degrees of freedom, marginal means, exact laws of variances' tests,
# tables, shares of variance, Dirichlet draws, JSON for implementations in R.
has_all_packages() {
    Rscript --no-init-file -e 'wanted <- c("lme4", "lmerTest", "pbkrtest", "emmeans", "RLRsim",
            "broom.mixed", "performance", "gtools", "jsonlite")
        quit(status = !all(nzchar(vapply(wanted, function(p) system.file(package = p), ""))))' \
        >/dev/null 2>&1
}

ensure_r() {
    if ! has_all_packages && may_install; then
        apt_install r-base-core r-base-dev r-cran-lme4 r-cran-lmertest r-cran-pbkrtest \
            r-cran-emmeans r-cran-rlrsim r-cran-broom.mixed r-cran-performance r-cran-gtools \
            r-cran-jsonlite ||
            say "going on with the packages of R that are there"
    fi
    r=$(find_r || true)
    [ -n "$r" ] || say "no R with lme4: install R and its package lme4" \
        "(Debian: apt-get install r-base-core r-base-dev r-cran-lme4) to compare with it live"
}

# Debian keeps venv in a package of its own.
ensure_venv_module() {
    "$python" -c 'import ensurepip' 2>/dev/null && return 0
    may_install && apt_install "python$version-venv" && return 0
    say "$python cannot make virtual environments (Debian: apt-get install python$version-venv)"
    return 1
}

pip_install() { "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -e ".[$1]"; }

# What Debian must add before rpy2 can be compiled: R's compilers and headers, Python's headers.
build_packages() {
    if dpkg -s r-base-core >/dev/null 2>&1; then
        dpkg -s r-base-dev >/dev/null 2>&1 || echo r-base-dev
    fi
    "$python" -c 'import os, sys, sysconfig as s
sys.exit(not os.path.exists(s.get_path("include") + "/Python.h"))' || echo "python$version-dev"
}

install_rpy2() {
    packages=$(build_packages)
    if [ -n "$packages" ] && may_install; then
        # shellcheck disable=SC2086  # a list of words
        apt_install $packages || say "going on without $packages"
    fi
    pip_install "$1"
}

version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
ensure_r
ensure "wall off the submissions of students" bwrap -- bubblewrap
state="python $version, R ${r:-missing}, $(cksum <pyproject.toml)"

if [ "$(cat "$done_note" 2>/dev/null)" != "$state" ]; then
    say "preparing $venv (Python $version)"
    if ! "$venv/bin/python$version" -c '' 2>/dev/null; then
        ensure_venv_module
        "$python" -m venv --clear "$venv"
    fi
    rm -f "$done_note"
    pip_install test,lint,plots,validation,book
    # Otter makes notebooks of the course's. Its own requirements are 655 MB, most of it for PDFs.
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps \
        otter-grader==7.0.0
    if [ -z "$r" ] || install_rpy2 "${r#* }"; then
        echo "$state" >"$done_note"
    else
        say "rpy2 could not be built: going on without a live R"
        r=
    fi
fi

if [ -z "$r" ] && [ "${REFMIXED_REQUIRE_R:-}" = 1 ]; then
    say "REFMIXED_REQUIRE_R=1, and R does not answer"
    exit 1
fi

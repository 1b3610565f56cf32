#!/bin/sh
# Install what the book needs beside Python, where that is allowed: node and npm to build it, Chromium
# and its driver to test it. What is there already is left alone.
#
#     sh derivations/tools.sh
#
# Without node `make book` shows formulas as TeX, and without Chromium the tests of the book are
# skipped; both say so. With REFMIXED_REQUIRE_BROWSER=1 they fail instead.
set -eu

# shellcheck source-path=SCRIPTDIR source=../validation/apt.sh
. "$(dirname "$0")/../validation/apt.sh"

ensure "build the book" node npm -- nodejs npm
ensure "test the book" chromium chromedriver -- chromium chromium-driver

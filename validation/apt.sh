# Functions for scripts that install programs where they may: with Debian's apt, as root or with a
# sudo that asks no password, and never with REFMIXED_INSTALL=no.
# shellcheck shell=sh

say() { printf 'setup: %s\n' "$*" >&2; }

as_root() { if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi; }

may_install() {
    [ "${REFMIXED_INSTALL:-yes}" != no ] && command -v apt-get >/dev/null && as_root true 2>/dev/null
}

apt_install() {
    say "installing $* with apt-get"
    as_root apt-get update -qq </dev/null &&
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends \
            -o DPkg::Lock::Timeout=300 "$@" </dev/null >/dev/null
}

# ensure WHAT-FOR COMMANDS -- PACKAGES: the packages that bring the commands, in Debian's names
ensure() {
    purpose=$1
    shift
    missing=
    while [ "$1" != -- ]; do
        command -v "$1" >/dev/null || missing="$missing $1"
        shift
    done
    shift
    [ -n "$missing" ] || return 0
    may_install && apt_install "$@" && return 0
    say "no$missing: install it to $purpose (Debian: apt-get install $*)"
}

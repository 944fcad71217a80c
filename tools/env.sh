# Sourced by the scripts beside it: the project's folder, where cargo builds, and how a script speaks.

set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

# Relative, because cargo reads it relative to the folder it is called in, which is the project's.
target=${CARGO_TARGET_DIR:-target}

# One selection of packages for every build on the host. Cargo unites the features of what is selected together, so a
# different selection would compile the same crates a second time. The browser half is built for wasm32 only.
host=(--workspace --exclude browser)

# A clean machine builds everything once, so what a second build would reuse is only time and gigabytes.
[ -z "${CI:-}" ] || export CARGO_INCREMENTAL=${CARGO_INCREMENTAL:-0}

say() { printf '%s\n' "$*" >&2; }
stop() {
    printf '%s: %s\n' "$(basename "$0")" "$*" >&2
    exit 1
}

# What nothing here can install for you.
need_compilers() {
    command -v cargo >/dev/null || stop "Rust is missing; install 1.94 or newer, from https://rustup.rs for instance"
    command -v cc >/dev/null || stop "a C compiler is missing; on Debian, as root: apt-get install build-essential"
}

# Runs a command as the system's administrator; fails when this user may not.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        sudo -n "$@"
    else
        return 1
    fi
}
may_install() { command -v apt-get >/dev/null && as_root true; }

# Installs Debian packages, quietly unless it fails.
install_packages() {
    local log
    log=$(mktemp)
    say "Installing Debian packages: $*"
    if ! { as_root apt-get update && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"; } >"$log" 2>&1; then
        cat "$log" >&2
        rm -f "$log"
        return 1
    fi
    rm -f "$log"
}

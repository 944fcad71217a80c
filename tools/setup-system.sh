#!/usr/bin/env bash
# What the tests need beside Rust and Node: Chromium, PostgreSQL's programs and Python with venv. Installs Debian's
# packages when this user may; otherwise says in one sentence what is missing. `postgres` as argument wants that alone.
source "$(dirname "$0")/env.sh"

packages=() better=
tools/find-postgres.sh >/dev/null || packages+=(postgresql)
if [ "${1:-}" != postgres ]; then
    # The headless shell takes half of Chromium's CPU; where Debian's cannot be had, any Chromium will do.
    shell=chromium-headless-shell
    if ! command -v $shell >/dev/null && may_install && apt-cache show $shell >/dev/null 2>&1; then
        packages+=($shell)
        ! tools/find-chromium.sh >/dev/null || better=$shell
    else
        tools/find-chromium.sh >/dev/null || packages+=(chromium)
    fi
    python3 -c 'import venv, ensurepip' 2>/dev/null || packages+=(python3 python3-venv)
fi
command -v setpriv >/dev/null || packages+=(util-linux)

if [ ${#packages[@]} -gt 0 ]; then
    may_install || stop "the tests need programs that are not here and that you may not install; as root: apt-get install ${packages[*]}"
    # What is only better than what is here already may fail.
    install_packages "${packages[@]}" || [ "${packages[*]}" = "$better" ] ||
        stop "Debian's packages could not be installed: ${packages[*]}"
fi

[ "${1:-}" != postgres ] || exit 0
{ command -v npm && command -v node; } >/dev/null || stop "Node or its npm is missing; install Node 20 or newer"
major=$(node -p 'process.versions.node.split(".")[0]')
[ "$major" -ge 20 ] || stop "the browser tests need Node 20 or newer, and this is $(node --version)"

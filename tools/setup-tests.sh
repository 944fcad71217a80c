#!/usr/bin/env bash
# Installs what the SDK tests and the browser tests are written with, inside the project only: a Python environment
# under cargo's target folder, and node_modules beside each package.json. Repeats nothing that is up to date.
# Arguments: sdk, browser, both when there are none; cli is AIGNE's command line, 700 packages that only conformance.sh wants.
source "$(dirname "$0")/env.sh"

# Runs a step unless it was last done for the same file; the second argument is where that is remembered.
once() { # file, stamp, command…
    local now
    now=$(cksum <"$1")
    if [ -f "$2" ] && [ "$(cat "$2")" = "$now" ]; then return; fi
    "${@:3}" || stop "\`${*:3}\` failed; its words stand above"
    printf '%s' "$now" >"$2"
}

node_packages() { (cd "$1" && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-audit --no-fund --loglevel=error >&2); }
python_packages() {
    rm -rf "$target/sdk-venv"
    python3 -m venv "$target/sdk-venv" && "$target/sdk-venv/bin/pip" install --quiet --disable-pip-version-check -r tests/sdk/requirements.txt >&2
}

for part in "${@:-sdk browser}"; do
    case $part in
        *sdk*)
            once tests/sdk/requirements.txt "$target/sdk-venv/.stamp" python_packages
            once tests/sdk/package-lock.json tests/sdk/node_modules/.stamp node_packages tests/sdk
            once tests/sdk/aigne/package-lock.json tests/sdk/aigne/node_modules/.stamp node_packages tests/sdk/aigne
            ;;&
        cli) once tests/sdk/cli/package-lock.json tests/sdk/cli/node_modules/.stamp node_packages tests/sdk/cli ;;
        *browser*)
            once end2end/package-lock.json end2end/node_modules/.stamp node_packages end2end
            # The identity provider that people sign in by.
            once tests/sdk/package-lock.json tests/sdk/node_modules/.stamp node_packages tests/sdk
            ;;
    esac
done

#!/usr/bin/env bash
# Passes every test, or says which failed.
#
#   tools/test.sh            everything
#   tools/test.sh PART…      lint, unit, it, sdk, browser, in the order given
#
# Quiet while all is well: each part writes to target/test-logs/PART.log, and a part that fails shows its whole log.
# V=1 shows everything as it comes. The last lines are the runners' own summaries and the total over all of them. A test of
# the browser that passed only when it was tried again (in CI) is named there as flaky: it passes, and wants to be looked at. So is
# what this machine cannot check.
source "$(dirname "$0")/env.sh"

parts=("$@")
[ $# -gt 0 ] || parts=(lint unit it sdk browser)

# Nobody cuts this machine's power: what tests kill are processes, and what those have written the system keeps. So neither the
# tests' PostgreSQL waits for the disk nor, where there is room in memory, their files do.
export HUB_TEST_POSTGRES_FSYNC=${HUB_TEST_POSTGRES_FSYNC:-off}

# Once more, with a database beside: tools/postgres.sh stops it however this ends.
if [ -z "${HUB_TEST_POSTGRES_URL:-}" ] && [ "${parts[*]}" != lint ]; then
    tools/setup-system.sh
    exec tools/postgres.sh tools/test.sh "${parts[@]}"
fi

logs=$target/test-logs
mkdir -p "$logs"
export NO_COLOR=1 FORCE_COLOR=0 CARGO_TERM_COLOR=never
export HUB_BINARY=$root/target/debug/aigne-hub
[ "$target" = target ] || HUB_BINARY=$(cd "$target" && pwd)/debug/aigne-hub
HUB_CHROMIUM=$(tools/find-chromium.sh || true)
export HUB_CHROMIUM

passed=0 failed=0 skipped=0 broken=() summary=() flaky=() left_out=()

# Runs a command with its temporary files in memory, where three gigabytes are free and programs may run from there.
in_memory() {
    local free probe
    free=$(df --output=avail -k /dev/shm 2>/dev/null | tail -1) || free=0
    if [ -n "${TMPDIR:-}" ] || [ "${free:-0}" -lt 3000000 ] || ! probe=$(mktemp /dev/shm/hub-tests.XXXXXX); then
        "$@"
        return
    fi
    printf '#!/bin/sh\n' >"$probe"
    chmod +x "$probe"
    if "$probe" 2>/dev/null; then rm -f "$probe" && TMPDIR=/dev/shm "$@"; else rm -f "$probe" && "$@"; fi
}

# Runs a part: its name, then the command. Remembers a failure and goes on, so that one run shows all that is wrong.
part() {
    local log=$logs/$1.log begin=$SECONDS code=0
    if [ -n "${V:-}" ]; then
        say "== $1"
        # The pipe must not hide the command's exit code; `pipefail` is on.
        "${@:2}" 2>&1 | tee "$log" || code=$?
    else
        "${@:2}" >"$log" 2>&1 || code=$?
    fi
    if [ $code = 0 ]; then
        say "$(printf '%-12s ok      %4d s' "$1" $((SECONDS - begin)))"
        return 0
    fi
    [ -n "${V:-}" ] || cat "$log"
    say "$(printf '%-12s FAILED  %4d s' "$1" $((SECONDS - begin)))"
    broken+=("$1")
    return 1
}

# Runs a part that counts tests: how its runner words the summary, its name, the command.
suite() { # pattern, part, command…
    local before=$failed ran lines p f s
    part "${@:2}" && ran=ok || ran=broken
    lines=$(grep -E "$1" "$logs/$2.log" | grep -E '[1-9]' || true)
    # `5 passed` as cargo, pytest and Playwright say it; `ℹ pass 5` as node does.
    read -r p f s < <(printf '%s\n' "$lines" | awk '
        { gsub(/[;,=]/, " ") }
        $2 == "pass" { p += $3; next }
        $2 == "fail" || $2 == "cancelled" { f += $3; next }
        ($2 == "skipped" || $2 == "todo") && NF == 3 { s += $3; next }
        { for (i = 1; i <= NF; i++) {
            if ($i == "passed") p += $(i - 1)
            if ($i == "failed" || $i == "interrupted" || $i ~ /^errors?$/) f += $(i - 1)
            # What waits for one that failed never runs.
            if ($i == "skipped" || $i == "ignored" || $i == "did") s += $(i - 1)
          } }
        END { print p + 0, f + 0, s + 0 }')
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
    [ -z "$lines" ] || summary+=("$lines")
    local name
    while IFS= read -r name; do flaky+=("$name"); done < <(awk -f tools/flaky.awk "$logs/$2.log")
    if [ $((p + f)) = 0 ] && [ $ran = ok ]; then
        say "$2 ran no test"
        broken+=("$2")
        ran=broken
    fi
    # A suite that broke without counting a failure, by not compiling for instance, counts as one.
    if [ $ran = broken ] && [ "$failed" = "$before" ]; then failed=$((failed + 1)); fi
}

# A check that counts no tests counts when it fails.
check() { part "$@" || failed=$((failed + 1)); }

finish() {
    local line total
    say ""
    for line in "${summary[@]}"; do printf '%s\n' "$line"; done
    for line in "${flaky[@]}"; do printf 'FLAKY, passed only when tried again: %s\n' "$line"; done
    for line in "${left_out[@]}"; do printf 'LEFT OUT, %s\n' "$line"; done
    [ ${#broken[@]} = 0 ] || printf 'Failed: %s; see %s\n' "${broken[*]}" "$logs"
    total="$passed passed, $failed failed"
    [ $skipped = 0 ] || total+=", $skipped skipped"
    [ ${#flaky[@]} = 0 ] || total+=", ${#flaky[@]} flaky"
    printf '%s\n' "$total"
    [ $failed = 0 ] || exit 1
    exit 0
}

build() { tools/setup-wasm.sh && tools/build-browser.sh && cargo build "${host[@]}"; }
clippy_browser() { cargo clippy -p browser --target wasm32-unknown-unknown -- -D warnings; }
doc_tests() { cargo test "${host[@]}" --no-fail-fast --doc; }
unit() { cargo test "${host[@]}" --no-fail-fast --lib --bins && doc_tests; }
# Two more at a time than there are processors: some tests wait for what takes its time, such as a silent connection's end.
integration() {
    local threads=${RUST_TEST_THREADS:-$(($(nproc) + 2))}
    RUST_TEST_THREADS=$threads in_memory cargo test "${host[@]}" --no-fail-fast --test '*'
}
python_sdk() { in_memory "$target/sdk-venv/bin/python" -m pytest -q -p no:cacheprovider tests/sdk; }
node_sdk() { in_memory node --test --test-reporter=spec tests/sdk/*.test.mjs tests/sdk/aigne/*.test.mjs; }
# The pictures of pages are made by hand; that what they import is there is looked at here.
screens() { (cd end2end && npx --no-install playwright test --list --config screens.config.ts); }
browser() { (cd end2end && in_memory npx --no-install playwright test); }

part build build || { failed=1; finish; }
for name in "${parts[@]}"; do
    case $name in
        lint)
            check format cargo fmt --all --check
            check clippy cargo clippy "${host[@]}" --all-targets -- -D warnings
            # Debian's compiler brings no clippy; there the host's run has seen all of it but the entry point.
            if grep -q '^way=debian' "$target/wasm-toolchain.env"; then
                left_out+=("clippy of the browser half: Debian's compiler, which builds it on this machine, has no clippy")
            else
                check clippy-wasm clippy_browser
            fi
            ;;
        unit) suite '^test result:' unit unit ;;
        it) suite '^test result:' it integration ;;
        sdk)
            check sdk-setup tools/setup-tests.sh sdk
            suite '(passed|failed|error).* in [0-9.]+s' sdk-python python_sdk
            suite '^(ℹ|#) (pass|fail|cancelled|skipped|todo) ' sdk-node node_sdk
            ;;
        browser)
            check browser-setup tools/setup-tests.sh browser
            check screens screens
            suite '^ +[0-9]+ (passed|failed|interrupted|skipped|flaky|did not run)' browser browser
            ;;
        *) stop "there is no part \`$name\`; there are lint, unit, it, sdk and browser" ;;
    esac
done
finish

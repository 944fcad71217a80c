#!/usr/bin/env bash
# Drives the matrix and the real clients against the real binary, collects what each test came to as data, and writes
# docs/conformance.md from it. Fails when a test fails; the page is written all the same and says so.
#
#   tools/conformance.sh            everything
#   tools/conformance.sh --write    only the page, from what the last run left
source "$(dirname "$0")/env.sh"

data=$target/conformance
if [ "${1:-}" != --write ]; then
    if [ -z "${HUB_TEST_POSTGRES_URL:-}" ]; then
        tools/setup-system.sh postgres
        exec tools/postgres.sh tools/conformance.sh "$@"
    fi
    rm -rf "$data"
    mkdir -p "$data"
    tools/setup-tests.sh sdk cli
    cargo build "${host[@]}"
    HUB_BINARY=$(cd "$target" && pwd)/debug/aigne-hub
    HUB_MATRIX=$(cd "$data" && pwd)/matrix
    export HUB_BINARY HUB_MATRIX
    { python3 --version && echo "Node $(node --version)"; } >"$data/run-by"
    failed=0
    cargo test "${host[@]}" --test it matrix || failed=1
    "$target/sdk-venv/bin/python" -m pytest -q -p no:cacheprovider --junitxml="$data/python.xml" tests/sdk || failed=1
    # One report a file: node does not write into it where a test stands.
    for file in tests/sdk/*.test.mjs tests/sdk/{aigne,cli}/*.test.mjs; do
        name=${file#tests/sdk/}
        node --test --test-reporter=spec --test-reporter-destination=stdout --test-reporter=junit \
            --test-reporter-destination="$data/node.$(tr / . <<<"${name%.test.mjs}").xml" "$file" || failed=1
    done
fi
python3 tools/conformance.py "$data" >docs/conformance.md.new
mv docs/conformance.md.new docs/conformance.md
say "docs/conformance.md is written"
[ "${failed:-0}" = 0 ] || stop "some of it failed; docs/conformance.md says what"

#!/usr/bin/env bash
# One release binary with everything in it: the browser half through wasm-opt, the site pre-compressed and embedded.
source "$(dirname "$0")/env.sh"

tools/setup-wasm.sh

# npm's binaryen is newer than Debian's, which does not know today's wasm. Without npm the wasm is a third larger.
optimizer=()
if command -v npm >/dev/null; then
    package=tools/site/node_modules/binaryen
    if [ ! -f "$package/package.json" ] || [ tools/site/package-lock.json -nt "$package" ]; then
        (cd tools/site && npm ci --no-audit --no-fund --loglevel=error) || stop "npm could not install wasm-opt; its words stand above"
        touch "$package"
    fi
    optimizer=(--wasm-opt "$root/$package/bin/wasm-opt")
else
    say "There is no npm, so wasm-opt is left out and the wasm stays a third larger."
fi

tools/build-browser.sh --compress "${optimizer[@]}"
cargo build --release -p server
# Tests end debug builds in the middle of a call (server/src/config/last_step.rs) and set their clock (set_clock.rs). Flags from outside could bring that in here.
if grep -qE "AIGNE_HUB_TEST_(ENDS_AT_STEP|CLOCK_FILE)" "$target/release/aigne-hub"; then
    rm "$target/release/aigne-hub"
    stop "this build has debug assertions, which a release must not have; look for them in RUSTFLAGS and in .cargo/config.toml"
fi
ls -l "$target/release/aigne-hub" | awk '{ printf "target/release/aigne-hub  %.1f MB\n", $5 / 1e6 }'

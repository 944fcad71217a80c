#!/usr/bin/env bash
# Compiles the browser half to wasm, in the way that setup-wasm.sh recorded, and makes the static site from it.
# Arguments go on to the site tool (tools/site), such as --compress.
source "$(dirname "$0")/env.sh"

record=$target/wasm-toolchain.env
[ -f "$record" ] || tools/setup-wasm.sh
way=$(sed -n 's/^way=//p' "$record")
build=(build --quiet -p browser --profile wasm --target wasm32-unknown-unknown)

if [ "$way" = debian ]; then
    # Another compiler writes into another folder: the two would rebuild each other's work.
    folder=$target/wasm-debian
    RUSTC=$(sed -n 's/^compiler=//p' "$record") \
        CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=$(sed -n 's/^linker=//p' "$record") \
        CARGO_TARGET_DIR=$folder "$(sed -n 's/^cargo=//p' "$record")" "${build[@]}"
else
    folder=$target
    cargo "${build[@]}"
fi

cargo build --quiet "${host[@]}" --bin site
"$target/debug/site" --wasm "$folder/wasm32-unknown-unknown/wasm/browser.wasm" "$@"

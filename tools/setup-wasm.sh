#!/usr/bin/env bash
# Finds or makes the standard library for wasm32-unknown-unknown, and records how the browser half is to be built.
#
# Three ways, tried in this order:
#   present  the compiler on PATH has it already
#   rustup   `rustup target add`, within a minute: its download host may be out of reach
#   debian   Debian's own compiler (packages rustc-web, cargo-web, rust-web-src) builds it once from source
# HUB_WASM_WAY=present|rustup|debian tries that one alone. The record is wasm-toolchain.env in cargo's target folder.
source "$(dirname "$0")/env.sh"

triple=wasm32-unknown-unknown
record=$target/wasm-toolchain.env
ways=${HUB_WASM_WAY:-present rustup debian}

# The library must hold bitcode beside its code, as rustup's does: the browser half is optimised across all crates.
has_library() { # compiler
    local folder
    folder=$("$1" --print target-libdir --target "$triple" 2>/dev/null) || return 1
    compgen -G "$folder/libstd-*.rlib" >/dev/null && grep -aqsF .llvmbc "$folder"/libcore-*.rlib
}

keep() { # way, then the lines of the record
    mkdir -p "$target"
    printf '%s\n' "# Made by tools/setup-wasm.sh; delete this file to choose again." "way=$1" "${@:2}" >"$record.new"
    mv "$record.new" "$record"
}

way_present() {
    has_library rustc || return 1
    keep present "compiler=rustc"
}

way_rustup() {
    command -v rustup >/dev/null || return 1
    local log
    log=$(mktemp)
    if timeout "${HUB_RUSTUP_SECONDS:-60}" rustup target add "$triple" >"$log" 2>&1 && has_library rustc; then
        rm -f "$log"
        keep rustup "compiler=rustc"
        return
    fi
    say "rustup could not add $triple: $(grep -v '^ *$' "$log" | tail -n 1 | cut -c1-200)"
    rm -f "$log"
    return 1
}

way_debian() {
    local compiler=/usr/bin/rustc cargo=/usr/bin/cargo linker packages=()
    has_library "$compiler" || packages=(rustc-web cargo-web rust-web-src)
    linker=$(find_linker) || packages+=(lld-22)
    if [ ${#packages[@]} -gt 0 ] && ! dpkg -s "${packages[@]}" >/dev/null 2>&1; then
        may_install && install_packages "${packages[@]}" || return 1
    fi
    linker=${linker:-$(find_linker)} || return 1
    has_library "$compiler" || build_library "$compiler" "$cargo" "$linker" || return 1
    keep debian "compiler=$compiler" "cargo=$cargo" "linker=$linker"
}

# rustup's own linker, or Debian's of the same age.
find_linker() {
    local sysroot found
    sysroot=$(rustc --print sysroot 2>/dev/null) && found=$(find "$sysroot/lib/rustlib" -name rust-lld -type f 2>/dev/null | head -n 1)
    if [ -n "${found:-}" ]; then printf '%s\n' "$found"; else command -v lld-22; fi
}

# Builds std in a throwaway crate and puts it where Debian's compiler looks.
build_library() { # compiler, cargo, linker
    local work place log
    work=$(mktemp -d)
    place=$("$1" --print sysroot)/lib/rustlib/$triple/lib
    log=$work/log
    say "Building the standard library for $triple from Debian's sources; about a minute, once."
    mkdir -p "$work/empty/src"
    : >"$work/empty/src/lib.rs"
    printf '%s\n' '[package]' 'name = "throwaway"' 'version = "0.0.0"' 'edition = "2021"' \
        '[lib]' 'crate-type = ["cdylib"]' '[workspace]' >"$work/empty/Cargo.toml"
    # From its own folder, so that neither this project's cargo settings nor its target folder apply.
    if ! (cd "$work/empty" && env -u CARGO_TARGET_DIR RUSTC="$1" RUSTC_BOOTSTRAP=1 \
        RUSTFLAGS=-Cembed-bitcode=yes CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER="$3" \
        "$2" build --release -Zbuild-std=std,panic_abort --target "$triple") >"$log" 2>&1; then
        cat "$log" >&2
        rm -rf "$work"
        return 1
    fi
    find "$work/empty/target/$triple/release/deps" -name '*throwaway*' -delete
    # What an earlier attempt left would be a second crate of the same name.
    as_root rm -rf "$place" && as_root mkdir -p "$place" && as_root cp "$work/empty/target/$triple/release/deps/"*.rlib "$place/"
    local result=$?
    # cargo does not see that the library is another one.
    rm -rf "$work" "$target/wasm-debian"
    return $result
}

need_compilers

# The record is believed while its compiler still has the library.
if [ -z "${HUB_WASM_WAY:-}" ] && [ -f "$record" ]; then
    compiler=$(sed -n 's/^compiler=//p' "$record")
    if has_library "$compiler"; then exit 0; fi
fi
for way in $ways; do
    if "way_$way"; then exit 0; fi
done
stop "there is no standard library for $triple. Install it with \`rustup target add $triple\`, or, on Debian, as root: apt-get install rustc-web cargo-web rust-web-src, and run this again."

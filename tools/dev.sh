#!/usr/bin/env bash
# Builds, runs the hub, and does both again when a source file changes. A change of style or of public files alone is
# taken over without a restart: in the development profile the server reads them from disk.
source "$(dirname "$0")/env.sh"

mark=$target/dev.mark
sources=(domain gateway server app migrations tools/site/src Cargo.toml Cargo.lock)
shown=(style public)
server= working=
# Whoever restarts wants the new one, not the end of an old answer.
export HUB_DRAIN_SECONDS=${HUB_DRAIN_SECONDS:-1}

end_server() {
    [ -n "$server" ] || return 0
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
    server=
}
# What compiles has a process group of its own: who ends this ends the compilers too, and waits for none of them.
work() {
    local code=0
    set -m
    "$@" &
    working=$!
    set +m
    wait "$working" || code=$?
    working=
    return $code
}
end_work() {
    [ -n "$working" ] || return 0
    kill -- "-$working" 2>/dev/null || true
    wait "$working" 2>/dev/null || true
    working=
}
build() { tools/build-browser.sh && cargo build --quiet "${host[@]}"; }
trap 'end_work; end_server' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

changed() { [ -n "$(find "$@" -type f -newer "$mark" -print -quit)" ]; }

work tools/setup-wasm.sh
touch "$mark"
stale=yes
while true; do
    if [ "$stale" = yes ]; then
        # The old one goes on serving while the new one is built.
        if work build; then
            end_server
            "$target/debug/aigne-hub" serve --demo "$@" &
            server=$!
        else
            say "The build failed; it is tried again at the next change."
        fi
    elif [ "$stale" = shown ]; then
        work tools/build-browser.sh || true
    fi
    stale=no
    while [ $stale = no ]; do
        sleep 1
        if changed "${sources[@]}"; then stale=yes; elif changed "${shown[@]}"; then stale=shown; fi
    done
    touch "$mark"
done

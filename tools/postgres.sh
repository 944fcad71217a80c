#!/usr/bin/env bash
# A throwaway PostgreSQL cluster on a free port of 127.0.0.1, with its data in a temporary folder.
#
#   tools/postgres.sh COMMAND…   runs the command with HUB_TEST_POSTGRES_URL set, and answers its exit code
#   tools/postgres.sh            prints the URL and runs until it is interrupted
#
# The user in the URL may create databases: tests make their own. The server refuses to run as root, so root's goes
# to the user postgres or nobody. HUB_TEST_POSTGRES_FSYNC=off trades safety at a power cut for speed.
# The cluster ends with this script, however the script ends.
source "$(dirname "$0")/env.sh"

programs=$(tools/find-postgres.sh) || stop "PostgreSQL's programs are missing; on Debian, as root: apt-get install postgresql"
folder=$(mktemp -d "${TMPDIR:-/tmp}/hub-postgres.XXXXXX")
log=$folder/log
password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
server=

finish() {
    local code=$?
    trap - EXIT
    if [ -n "$server" ] && kill -QUIT "$server" 2>/dev/null; then
        wait "$server" 2>/dev/null || true
    fi
    rm -rf "$folder"
    exit $code
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

owner=()
if [ "$(id -u)" = 0 ]; then
    name=postgres
    id "$name" >/dev/null 2>&1 || name=nobody
    owner=(setpriv "--reuid=$name" "--regid=$(id -g "$name")" --clear-groups)
    chown "$name" "$folder"
fi
# The server's folder is its user's alone, so its working folder must not be one that this user cannot enter.
cd "$folder"

# Sorting by language by default, so that a query whose order must be by bytes and does not say so is caught.
sorting=(--locale=C.UTF-8)
if "$programs/initdb" --help | grep -q icu-locale; then sorting+=(--locale-provider=icu --icu-locale=und); fi
printf '%s' "$password" >"$folder/password"
[ ${#owner[@]} = 0 ] || chown "$name" "$folder/password"
if ! "${owner[@]}" "$programs/initdb" -D "$folder/data" -U hub --pwfile="$folder/password" --encoding=UTF8 "${sorting[@]}" \
    --auth-local=trust --auth-host=password --no-sync >"$folder/initdb" 2>&1; then
    cat "$folder/initdb" >&2
    stop "PostgreSQL could not make a cluster in $folder; its words stand above"
fi

# A port that nobody answers on may still be taken in the moment before the server binds it: then the next is tried.
for _ in 1 2 3 4 5 6 7 8; do
    port=$((20000 + RANDOM % 12000))
    if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then continue; fi
    # --pdeathsig: should this script be killed, the server goes too.
    "${owner[@]}" setpriv --pdeathsig=QUIT "$programs/postgres" -D "$folder/data" -p "$port" \
        -c listen_addresses=127.0.0.1 -c unix_socket_directories="$folder" -c fsync="${HUB_TEST_POSTGRES_FSYNC:-on}" \
        -c max_connections=400 -c shared_buffers=64MB -c log_min_messages=warning >"$log" 2>&1 &
    server=$!
    for _ in $(seq 300); do
        if "$programs/pg_isready" -q -h 127.0.0.1 -p "$port"; then break 2; fi
        if ! kill -0 "$server" 2>/dev/null; then break; fi
        sleep 0.1
    done
    kill -QUIT "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
    server=
done
if [ -z "$server" ]; then
    cat "$log" >&2
    stop "PostgreSQL did not start; its log stands above"
fi
export HUB_TEST_POSTGRES_URL=postgres://hub:$password@127.0.0.1:$port/postgres

cd "$root"
if [ $# -gt 0 ]; then
    "$@"
else
    printf '%s\n' "$HUB_TEST_POSTGRES_URL"
    wait "$server"
fi

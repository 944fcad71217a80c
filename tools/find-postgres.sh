#!/usr/bin/env bash
# Prints the folder of PostgreSQL's server programs. Debian keeps them off PATH, one folder a version; the newest wins.
set -euo pipefail
for program in $(compgen -G '/usr/lib/postgresql/*/bin/initdb' | sort -Vr) "$(command -v initdb || true)"; do
    if [ -x "$program" ]; then
        dirname "$(readlink -f "$program")"
        exit 0
    fi
done
exit 1

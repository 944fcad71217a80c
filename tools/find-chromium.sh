#!/usr/bin/env bash
# Prints the path of the browser for the tests: $HUB_CHROMIUM, or the first of the usual names on PATH. Debian's headless shell
# comes first: it is the same engine and takes half of the CPU (end2end/tests/support/awake.ts says what it leaves out).
set -euo pipefail
for name in ${HUB_CHROMIUM:+"$HUB_CHROMIUM"} chromium-headless-shell chromium chromium-browser google-chrome; do
    command -v "$name" && exit 0
done
exit 1

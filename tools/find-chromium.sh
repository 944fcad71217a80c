#!/usr/bin/env bash
# Prints the path of the browser for the tests: $HUB_CHROMIUM, or the first of the usual names on PATH. Debian's headless shell
# takes half of the CPU, but not every page's idle time comes there, for which islands wait: it is the last choice.
set -euo pipefail
for name in ${HUB_CHROMIUM:+"$HUB_CHROMIUM"} chromium chromium-browser google-chrome chromium-headless-shell; do
    command -v "$name" && exit 0
done
exit 1

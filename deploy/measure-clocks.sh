#!/usr/bin/env bash
# How well browsers' clocks are measured, against the truth: real Chromiums in time namespaces of their own, whose
# monotonic clock is ahead by an amount that we choose and that the orchestrator is not told. Prints a markdown table.
#   deploy/measure-clocks.sh [--sessions N] [--browsers N] [--duration TIME]
# Each of N sessions (default 20) of N browsers (default 5) runs with idle cores, and again with every core busy: 200
# measurements in about seven minutes. Needs root, or a user that may make time namespaces (unshare -T).
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

sessions=20 browsers=5 duration=4s
while [ $# -gt 0 ]; do
    case "$1" in
        --sessions) sessions="$2" ;;
        --browsers) browsers="$2" ;;
        --duration) duration="$2" ;;
        *) fail "measure-clocks.sh knows no '$1'; it knows --sessions, --browsers and --duration." ;;
    esac
    shift 2 || fail "'$1' needs a value."
done

find_dotnet
ensure_chrome
unshare -T true 2>/dev/null || fail "This user may not make a time namespace ('unshare -T true' failed): run it as root."
say "Building"
build "$repository/src/Orchestrator.Host/Orchestrator.Host.csproj"
build "$repository/tests/Orchestrator.Benchmarks/Orchestrator.Benchmarks.csproj"
orchestrator="$repository/src/Orchestrator.Host/bin/Release/net10.0/orchestrator"

work="$(mktemp -d)"
busy=()
finish() {
    for pid in "${busy[@]}"; do kill "$pid" 2>/dev/null || true; done
    rm -rf "$work"
}
trap finish EXIT

measure() { # measure SETTING
    local session ahead folder
    for session in $(seq "$sessions"); do
        # Seconds of any size, ahead only: a clock may not go back behind the boot.
        ahead=$((RANDOM * 30 + RANDOM))
        printf '#!/bin/sh\nexec unshare -T --monotonic %s %s "$@"\n' "$ahead" "$chrome" >"$work/chrome"
        chmod +x "$work/chrome"
        folder="$work/$1-$session"
        "$orchestrator" record --launch "$browsers" --chrome "$work/chrome" --duration "$duration" --merge none \
            -o "$folder" --data "$work/data" --json >/dev/null 2>"$work/log" || { cat "$work/log" >&2; exit 1; }
        echo "${ahead}000000000 $1 $folder" >>"$work/list"
        say "$1: session $session of $sessions"
    done
}

measure idle
for _ in $(seq "$(nproc)"); do
    sh -c 'while :; do :; done' &
    busy+=($!)
done
measure busy

say ""
"$dotnet" "$repository/tests/Orchestrator.Benchmarks/bin/Release/net10.0/Orchestrator.Benchmarks.dll" clock-errors --list "$work/list"

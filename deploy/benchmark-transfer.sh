#!/usr/bin/env bash
# How fast a recording comes from one node to another over HTTP: the product's transfer, which hashes, syncs and renames, beside
# curl of the same file from the same server. Both write to the same disk. Prints a markdown table of medians.
#   deploy/benchmark-transfer.sh [--megabytes "50 500"] [--runs N]
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

megabytes="50 500" runs=5
while [ $# -gt 0 ]; do
    case "$1" in
        --megabytes) megabytes="$2" ;;
        --runs) runs="$2" ;;
        *) fail "benchmark-transfer.sh knows no '$1'; it knows --megabytes and --runs." ;;
    esac
    shift 2 || fail "'$1' needs a value."
done
command -v curl >/dev/null || fail "curl is needed: it is what the transfer is measured against."

find_dotnet
say "Building" >&2
build "$repository/tests/Orchestrator.Benchmarks/Orchestrator.Benchmarks.csproj"
benchmarks=("$dotnet" "$repository/tests/Orchestrator.Benchmarks/bin/Release/net10.0/Orchestrator.Benchmarks.dll")

work="$(mktemp -d)"
trap 'exec 8>&- 2>/dev/null || true; rm -rf "$work"' EXIT
mkdir -p "$work/spools/s/browsers" "$work/out"
mkfifo "$work/until"
"${benchmarks[@]}" spool-server --folder "$work/spools" <"$work/until" >"$work/server" &
exec 8>"$work/until"
for _ in $(seq 100); do [ -s "$work/server" ] && break; sleep 0.1; done
node="$(head -n 1 "$work/server")"
[ -n "$node" ] || fail "the server did not start"

# figure NAME LINE: the number that a JSON line has under a name.
figure() { sed -n "s/.*\"$1\":\([0-9.]*\).*/\1/p" <<<"$2"; }

median() { sort -n | awk '{ all[NR] = $1 } END { printf "%.0f", all[int((NR + 1) / 2)] }'; }

say "$(nproc) cores, .NET $("$dotnet" --version), $(curl --version | head -n 1 | cut -d' ' -f1,2); load $(cut -d' ' -f1 /proc/loadavg) before, which is other work"
say ""
say "| file | curl | curl, then sync and sha256sum | transfer | transfer / curl | transfer's peak memory |"
say "| --- | --- | --- | --- | --- | --- |"
for size in $megabytes; do
    file="$work/spools/s/browsers/b1"
    head -c "$((size * 1000000))" /dev/urandom >"$file"
    hash="$(sha256sum "$file" | cut -d' ' -f1)"
    : >"$work/curl"; : >"$work/checked"; : >"$work/ours"; memory=0
    for _ in $(seq "$runs"); do
        rm -rf "$work/out"; mkdir "$work/out"
        curl -sf -o "$work/out/curl" -w '%{speed_download}\n' "$node/spools/s/browsers/b1" | awk '{ print $1 / 1e6 }' >>"$work/curl"
        rm -f "$work/out/curl"
        began="$(date +%s%N)"
        curl -sf -o "$work/out/curl" "$node/spools/s/browsers/b1"; sync "$work/out/curl"; sha256sum "$work/out/curl" >/dev/null
        echo "$((size * 1000000)) $(($(date +%s%N) - began))" | awk '{ print $1 * 1000 / $2 }' >>"$work/checked"
        rm -f "$work/out/curl"
        line="$("${benchmarks[@]}" spool-fetch --node "$node" --session s --path browsers/b1 --bytes "$((size * 1000000))" --sha256 "$hash" --out "$work/out")"
        figure megabytesPerSecond "$line" >>"$work/ours"
        [ "$(figure peakRssMB "$line")" -gt "$memory" ] && memory="$(figure peakRssMB "$line")"
    done
    curl="$(median <"$work/curl")" checked="$(median <"$work/checked")" ours="$(median <"$work/ours")"
    say "| $size MB | $curl MB/s | $checked MB/s | $ours MB/s | $(awk "BEGIN { printf \"%.2f\", $ours / $curl }") | $memory MB |"
done
exec 8>&-
wait
say ""
say "the server's peak memory: $(figure peakRssMB "$(tail -n 1 "$work/server")") MB"

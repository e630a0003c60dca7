#!/usr/bin/env bash
# How fast traces are read and merged: beside a plain Node.js script, beside gzip, and beside the limit, a copy of the
# same bytes. Records one real trace of each format, repeats it to the size that is wanted, prints markdown tables.
#   deploy/benchmark-merge.sh [--runs N] [--largest MB]
# About ten minutes on two cores, and four times --largest (default 1000) of disk. The tables show medians of N (default 3) runs.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

runs=3 largest=1000
while [ $# -gt 0 ]; do
    case "$1" in
        --runs) runs="$2" ;;
        --largest) largest="$2" ;;
        *) fail "benchmark-merge.sh knows no '$1'; it knows --runs and --largest." ;;
    esac
    shift 2 || fail "'$1' needs a value."
done

find_dotnet
ensure_chrome
ensure_node 20
say "Building" >&2
build "$repository/src/Orchestrator.Host/Orchestrator.Host.csproj"
build "$repository/tests/Orchestrator.Benchmarks/Orchestrator.Benchmarks.csproj"
orchestrator="$repository/src/Orchestrator.Host/bin/Release/net10.0/orchestrator"
benchmarks=("$dotnet" "$repository/tests/Orchestrator.Benchmarks/bin/Release/net10.0/Orchestrator.Benchmarks.dll")
peer="$repository/tests/Orchestrator.Benchmarks/peers/merge-json.mjs"

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

record() { # record FORMAT
    "$orchestrator" record --launch 1 --chrome "$chrome" --duration 3s --format "$1" --compression none --merge none \
        -o "$work/$1" --data "$work/data" >/dev/null 2>"$work/log" || { cat "$work/log" >&2; exit 1; }
}

repeat_proto() { # repeat_proto MB FILE
    : >"$2"
    while [ "$(stat -c %s "$2")" -lt "$(($1 * 1000000))" ]; do cat "$work/proto/browsers/b1.pftrace" >>"$2"; done
}

repeat_json() { # repeat_json MB FILE: one valid trace, its events written down again and again
    node -e '
        const fs = require("fs"), [from, to, bytes] = process.argv.slice(1);
        const { traceEvents, metadata } = JSON.parse(fs.readFileSync(from)), out = fs.openSync(to, "w");
        const events = traceEvents.map((event) => JSON.stringify(event)).join(",\n");
        let written = fs.writeSync(out, "{\"traceEvents\":[\n" + events);
        while (written < bytes) written += fs.writeSync(out, ",\n" + events);
        fs.writeSync(out, "],\n\"metadata\":" + JSON.stringify(metadata) + "}");
    ' "$work/json/browsers/b1.json" "$2" "$(($1 * 1000000))"
}

# The number that a JSON line has under a name.
figure() { sed -n "s/.*\"$1\":\([0-9.]*\).*/\1/p"; }

# Runs a command N times; prints the median of a figure of its output.
median_of() { # median_of FIGURE COMMAND...
    local name="$1"
    shift
    for _ in $(seq "$runs"); do "$@" | figure "$name"; done | sort -n | sed -n "$(((runs + 1) / 2))p"
}

# Wall time of a shell line, as a JSON line.
timed() { # timed LINE
    local began ended
    began=$(date +%s%N)
    bash -c "$1"
    ended=$(date +%s%N)
    echo "{\"ms\":$(((ended - began) / 1000000))}"
}

per_second() { awk -v bytes="$1" -v ms="$2" 'BEGIN { printf "%.0f", bytes / 1000 / (ms > 0 ? ms : 1) }'; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / (b > 0 ? b : 1) }'; }

record proto
record json

say "Archives" >&2
repeat_proto 500 "$work/big.pftrace"
gzip -6 -c "$work/big.pftrace" >"$work/big.pftrace.gz"
bytes="$(stat -c %s "$work/big.pftrace")"
survey="$(median_of surveyMs "${benchmarks[@]}" survey --file "$work/big.pftrace")"
reading="$(median_of ms timed "cat '$work/big.pftrace' >/dev/null")"
plain="$(median_of archiveMs "${benchmarks[@]}" archive --files "$work/big.pftrace" --out "$work/out.tar")"
copy="$(median_of ms timed "cat '$work/big.pftrace' >'$work/copy'; sync '$work/copy'")"
packed="$(median_of archiveMs "${benchmarks[@]}" archive --files "$work/big.pftrace.gz" --out "$work/out.tar")"
regzip="$(median_of ms timed "gzip -dc '$work/big.pftrace.gz' | gzip -1 >'$work/copy'; sync '$work/copy'")"
rm -f "$work/out.tar" "$work/copy"

say "Chrome JSON" >&2
rows=""
for size in 10 100 "$largest"; do
    files="$work/j1.json,$work/j2.json,$work/j3.json"
    for number in 1 2 3; do repeat_json "$((size / 3 + 1))" "$work/j$number.json"; done
    total="$(cat "$work"/j?.json | wc -c)"
    for gzip in no yes; do
        ours="$(median_of ms "${benchmarks[@]}" merge-json --files "$files" --out "$work/merged.json" --gzip "$gzip")"
        peak="$("${benchmarks[@]}" merge-json --files "$files" --out "$work/merged.json" --gzip "$gzip" | figure peakRssMB)"
        # A string in Node.js ends at half a gibibyte.
        if [ "$size" -le 300 ]; then theirs="$(median_of ms node "$peer" --files "$files" --out "$work/merged.json" --gzip "$gzip")"; else theirs=""; fi
        rows="$rows| $((total / 1000000)) MB | $gzip | $ours ms | $(per_second "$total" "$ours") | $peak MB | ${theirs:-cannot} | ${theirs:+$(ratio "$theirs" "$ours")} |"$'\n'
    done
    [ "$size" != 100 ] || json_survey="$(median_of surveyMs "${benchmarks[@]}" survey-json --file "$work/j1.json")" json_bytes="$(stat -c %s "$work/j1.json")"
done

say ""
say "$(nproc) cores, $("$chrome" --version 2>/dev/null), Node.js $(node --version), .NET $("$dotnet" --version)"
say "" && say "### Reading a trace for its markers" && say ""
say "| format | bytes | time | MB/s | a plain read of the same |"
say "| --- | --- | --- | --- | --- |"
say "| proto | $((bytes / 1000000)) MB | $survey ms | $(per_second "$bytes" "$survey") | $reading ms |"
say "| JSON | $((json_bytes / 1000000)) MB | $json_survey ms | $(per_second "$json_bytes" "$json_survey") | |"
say "" && say "### trace.tar" && say ""
say "| source | ours, hashed and synced | limit | ours / limit |"
say "| --- | --- | --- | --- |"
say "| plain, $((bytes / 1000000)) MB | $plain ms | cat and sync: $copy ms | $(ratio "$plain" "$copy") |"
say "| gzip, expands to the same | $packed ms | gzip -d, gzip -1 and sync: $regzip ms | $(ratio "$packed" "$regzip") |"
say "" && say "### trace.json.gz" && say ""
say "| bytes | gzip | ours | MB/s | our peak memory | JSON.parse, concat, JSON.stringify in Node.js, ms | times as fast |"
say "| --- | --- | --- | --- | --- | --- | --- |"
printf '%s' "$rows"

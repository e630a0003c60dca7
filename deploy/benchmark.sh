#!/usr/bin/env bash
# Measures the DevTools client against puppeteer-core and chrome-remote-interface, side by side in one run,
# and prints markdown tables. docs/benchmarks.md tells what is measured and how to read it.
#   deploy/benchmark.sh [--runs 3] [--seconds 8] [--only browser|memory|replay]
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

runs=3 seconds=8 only=""
while [ $# -gt 1 ]; do
    case "$1" in
        --runs) runs="$2" ;;
        --seconds) seconds="$2" ;;
        --only) only="$2" ;;
        *) fail "Unknown option: $1" ;;
    esac
    shift 2
done
[ $# = 0 ] || fail "usage: deploy/benchmark.sh [--runs N] [--seconds N] [--only browser|memory|replay]"

benchmarks="$repository/tests/Orchestrator.Benchmarks"
peers="$benchmarks/peers"
program="$benchmarks/bin/Release/net10.0/Orchestrator.Benchmarks.dll"
categories='*,disabled-by-default-*'
work="$(mktemp -d)"
results="$work/results.tsv"
: >"$results"
browser_pid="" server_pid=""

clean_up() {
    for pid in $browser_pid $server_pid; do kill "$pid" 2>/dev/null || true; done
    wait 2>/dev/null || true
    # Helper processes of the browser may write a last file while its profile goes.
    rm -rf "$work" 2>/dev/null || { sleep 1; rm -rf "$work"; }
}
trap clean_up EXIT

start_browser() {
    say "Starting the browser" >&2
    local sandbox=()
    [ "$(id -u)" != 0 ] || sandbox=(--no-sandbox)
    "$chrome" --headless "${sandbox[@]}" --disable-gpu --disable-quic --no-first-run --disable-background-networking \
        --disable-component-update --disable-sync --user-data-dir="$work/profile" --remote-debugging-port=0 \
        "data:text/html,idle" >/dev/null 2>&1 &
    browser_pid=$!
    endpoint="$(cd "$peers" && node prepare-browser.mjs --profile "$work/profile" --url "file://$benchmarks/pages/busy.html")"
}

start_replay() { # FILE MODE
    say "Starting the replay server ($2, $(stat -c %s "$1" | awk '{ printf "%.0f MB", $1 / 1e6 }'))" >&2
    coproc REPLAY { exec dotnet "$program" replay-server --file "$1" --mode "$2" --sizes 1048576; }
    server_pid=$REPLAY_PID
    read -r endpoint <&"${REPLAY[0]}"
}

stop_replay() {
    kill "$server_pid" 2>/dev/null || true
    wait "$server_pid" 2>/dev/null || true
    server_pid=""
}

field() { sed -n "s/.*\"$1\":\"\{0,1\}\([^,\"}]*\).*/\1/p" <<<"$2"; }

# measure SECTION NAME COMMAND...: runs one client in a process of its own and keeps what it printed.
measure() {
    local section="$1" name="$2" line code=0
    shift 2
    line="$("$@" 2>"$work/stderr" | tail -n 1)" || code=$?
    if [ "$code" != 0 ] || [ -z "$line" ]; then
        say "  $name failed (exit code $code): $(tail -n 1 "$work/stderr")" >&2
        return 0
    fi
    say "  $name: $line" >&2
    printf '%s\t%s\t%s\t%s\t%s\n' "$section" "$name" \
        "$(field endToClosedMs "$line")" "$(field bytes "$line")" "$(field peakRssMB "$line")" >>"$results"
}

# ---- the clients ----

# OURS: verbs of tests/Orchestrator.Benchmarks/Program.cs, on Orchestrator.Cdp.
ours_record() { # MODE SECONDS
    dotnet "$program" record-end --endpoint "$endpoint" --mode "$1" --seconds "$2" --categories "$categories" --out "$work/ours.trace"
}
ours_replay() { # MODE
    dotnet "$program" replay --endpoint "$endpoint" --mode "$1" --out "$work/ours.trace"
}

puppeteer() { # SECONDS
    node "$peers/puppeteer.mjs" --endpoint "$endpoint" --seconds "$1" --categories "$categories" --out "$work/puppeteer.trace"
}
cri() { # MODE SECONDS [OPTION...]
    local mode="$1" seconds="$2"
    shift 2
    node "$peers/cri.mjs" --endpoint "$endpoint" --mode "$mode" --seconds "$seconds" --categories "$categories" --out "$work/cri-$mode.trace" "$@"
}
raw_copy() { dotnet "$program" raw-copy --endpoint "$endpoint" --out "$work/raw.trace"; }

# ---- the tables ----

# table SECTION REFERENCE: medians, in the order in which the clients first ran; the last column compares with one of them.
table() {
    awk -F '\t' -v section="$1" -v reference="$2" '
        function median(list,   parts, n, i, j, swap) {
            n = split(list, parts, " ")
            for (i = 2; i <= n; i++) for (j = i; j > 1 && parts[j - 1] + 0 > parts[j] + 0; j--) { swap = parts[j]; parts[j] = parts[j - 1]; parts[j - 1] = swap }
            low = parts[1]; high = parts[n]
            return n % 2 ? parts[(n + 1) / 2] : (parts[n / 2] + parts[n / 2 + 1]) / 2
        }
        $1 == section {
            if (!($2 in ms)) order[++clients] = $2
            ms[$2] = ms[$2] " " $3; bytes[$2] = bytes[$2] " " $4; peak[$2] = peak[$2] " " $5; count[$2]++
        }
        END {
            base = (reference in ms) ? median(ms[reference]) : 0
            print "| client | runs | end to closed file (median) | fastest - slowest | file | MB/s | peak memory | time / time of " reference " |"
            print "| --- | --- | --- | --- | --- | --- | --- | --- |"
            for (i = 1; i <= clients; i++) {
                name = order[i]
                time = median(ms[name]); from = low; to = high
                size = median(bytes[name]) / 1e6
                printf "| %s | %d | %.0f ms | %.0f - %.0f ms | %.1f MB | %.0f | %.0f MB | %s |\n", name, count[name], time, from, to, size,
                    size * 1000 / (time > 0 ? time : 1), median(peak[name]), (base > 0 ? sprintf("%.2f", time / base) : "-")
            }
        }' "$results"
}

wanted() { [ -z "$only" ] || [ "$only" = "$1" ]; }

find_dotnet
ensure_chrome
ensure_node 20
say "Building, and installing the peers" >&2
build "$benchmarks/Orchestrator.Benchmarks.csproj"
(cd "$peers" && quietly npm ci --no-audit --no-fund)

start_browser

if wanted browser; then
    for ((run = 1; run <= runs; run++)); do
        say "Recording the busy page, run $run of $runs" >&2
        measure browser "Orchestrator, proto gzip (its default)" ours_record stream-proto-gzip "$seconds"
        measure browser "puppeteer-core tracing.stop(), json" puppeteer "$seconds"
        measure browser "Orchestrator, json" ours_record stream-json "$seconds"
        measure browser "chrome-remote-interface, json" cri stream-json "$seconds"
        measure browser "Orchestrator, events" ours_record events "$seconds"
        measure browser "chrome-remote-interface, events" cri events "$seconds"
        measure browser "chrome-remote-interface, proto gzip" cri stream-proto-gzip "$seconds"
    done
fi

if wanted memory; then
    # The even rate of the busy page makes the length of the recording the size of the trace: about 25 MB of JSON a second.
    for length in 0.4 10.5; do
        say "Memory, $length s" >&2
        measure memory "Orchestrator, json, $length s" ours_record stream-json "$length"
        measure memory "Orchestrator, events, $length s" ours_record events "$length"
        measure memory "puppeteer-core, $length s" puppeteer "$length"
        measure memory "chrome-remote-interface, json, $length s" cri stream-json "$length"
    done
fi

if wanted replay; then
    say "Recording what is replayed" >&2
    cri stream-json "$seconds" >/dev/null
    cri stream-proto "$seconds" >/dev/null
    mv "$work/cri-stream-json.trace" "$work/replayed.json"
    mv "$work/cri-stream-proto.trace" "$work/replayed.pftrace"
fi

{ kill "$browser_pid" && wait "$browser_pid"; } 2>/dev/null || true
browser_pid=""

replay_all() { # SECTION MODE
    raw_copy >/dev/null
    for ((run = 1; run <= runs; run++)); do
        measure "$1" "plain socket to file" raw_copy
        measure "$1" "Orchestrator" ours_replay "$2"
        measure "$1" "puppeteer-core" puppeteer 0
        measure "$1" "chrome-remote-interface" cri "$2" 0
        measure "$1" "chrome-remote-interface, reads of 1 MiB" cri "$2" 0 --read-size 1048576
    done
}

if wanted replay; then
    start_replay "$work/replayed.json" json-string
    replay_all replay-json stream-json
    stop_replay
    start_replay "$work/replayed.pftrace" base64
    replay_all replay-proto stream-proto
    stop_replay
fi

say ""
say "$(nproc) cores, $("$chrome" --version 2>/dev/null), Node.js $(node --version), .NET $("$dotnet" --version)"
if wanted browser; then
    say "" && say "### A real browser, the busy page, all categories, ${seconds} s" && say ""
    table browser "puppeteer-core tracing.stop(), json"
fi
if wanted memory; then
    say "" && say "### Memory, from a small trace to a large one" && say ""
    table memory "-"
fi
if wanted replay; then
    say "" && say "### Replay of JSON (escaped strings)" && say ""
    table replay-json "plain socket to file"
    say "" && say "### Replay of proto (base64)" && say ""
    table replay-proto "plain socket to file"
fi

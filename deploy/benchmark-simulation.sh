#!/usr/bin/env bash
# What simulated browsers cost: sessions of thousands of them on virtual time, and how fast hundreds of them send their traces
# over real WebSockets, beside the limit, plain sockets that send as many bytes. Prints markdown tables.
#   deploy/benchmark-simulation.sh [--sizes "1000 10000 30000"] [--connections N] [--megabytes N] [--only sessions|server]
# Five to ten minutes on two cores, and 4 GB of memory for 30,000 browsers.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

sizes="1000 10000 30000" connections=500 megabytes=10 only=""
while [ $# -gt 0 ]; do
    case "$1" in
        --sizes) sizes="$2" ;;
        --connections) connections="$2" ;;
        --megabytes) megabytes="$2" ;;
        --only) only="$2" ;;
        *) fail "benchmark-simulation.sh knows no '$1'; it knows --sizes, --connections, --megabytes and --only." ;;
    esac
    shift 2 || fail "'$1' needs a value."
done
case "$only" in "" | sessions | server) ;; *) fail "--only is 'sessions' or 'server', not '$only'." ;; esac

find_dotnet
say "Building" >&2
build "$repository/tests/Orchestrator.Benchmarks/Orchestrator.Benchmarks.csproj"
benchmarks=("$dotnet" "$repository/tests/Orchestrator.Benchmarks/bin/Release/net10.0/Orchestrator.Benchmarks.dll")

# figure NAME LINE: the number that a JSON line has under a name.
figure() { sed -n "s/.*\"$1\":\([0-9.]*\).*/\1/p" <<<"$2"; }

calculate() { awk "BEGIN { printf \"$1\", $2 }"; }

sessions() {
    local size line time memory last_time="" last_memory=""
    say "| browsers | nodes | real | CPU | peak memory | commands on the wire | per command | phases | messages per phase and node | other messages per node | time per browser / row above | memory per browser / row above |"
    say "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    for size in $sizes; do
        line="$("${benchmarks[@]}" simulate --browsers "$size" --nodes "$(((size + 99) / 100))" --minutes 10)"
        time="$(calculate %f "$(figure realMs "$line") / $size")" memory="$(calculate %f "$(figure peakRssMB "$line") / $size")"
        say "| $size | $(figure nodes "$line") | $(calculate %.1f "$(figure realMs "$line") / 1000") s | $(calculate %.1f "$(figure cpuMs "$line") / 1000") s" \
            "| $(figure peakRssMB "$line") MB | $(figure commands "$line") | $(figure microsPerCommand "$line") µs" \
            "| $(figure phasesPerNode "$line") | $(figure messagesPerPhaseAndNode "$line") | $(figure otherMessagesPerNode "$line")" \
            "| ${last_time:+$(calculate %.2f "$time / ${last_time:-1}")} | ${last_memory:+$(calculate %.2f "$memory / ${last_memory:-1}")} |"
        last_time="$time" last_memory="$memory"
    done
}

drained() { # drained WHAT CONTENT CLIENT
    local line
    line="$("${benchmarks[@]}" drain --content "$2" --client "$3" --browsers "$connections" --megabytes "$megabytes")"
    say "| $1 | $(figure wireMB "$line") MB | $(calculate %.1f "$(figure ms "$line") / 1000") s | $(figure wireMBs "$line") | $(figure traceMBs "$line")" \
        "| $(calculate %.1f "$(figure serverCpuMs "$line") / 1000") s | $(calculate %.1f "$(figure clientCpuMs "$line") / 1000") s | $(figure serverPeakMB "$line") MB |"
}

server() {
    say "| server and client | on the wire | time | MB/s on the wire | MB/s of trace | server's CPU | client's CPU | server's peak memory |"
    say "| --- | --- | --- | --- | --- | --- | --- | --- |"
    drained "limit: plain sockets" plain discarding
    drained "replayed trace, discarded" replayed discarding
    drained "generated trace, discarded" generated discarding
    drained "replayed trace, our TraceStream" replayed ours
}

say "$(nproc) cores, .NET $("$dotnet" --version); load $(cut -d' ' -f1 /proc/loadavg) before, which is other work"
if [ "$only" != server ]; then
    say "" && say "### Sessions of 10 minutes on virtual time" && say ""
    sessions
fi
if [ "$only" != sessions ]; then
    say "" && say "### $connections browsers behind real WebSockets, $megabytes MiB of trace each, drained at once" && say ""
    server
fi

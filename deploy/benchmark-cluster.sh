#!/usr/bin/env bash
# What a cluster does, with the shipped settings: three nodes of the real program on this machine and a PostgreSQL of their own, and
# browsers that are simulated. Prints markdown tables.
#   skew       how far apart a session's browsers are started, beside a Promise.all in one Node.js process
#   fail-over  from the end of the coordinator's node (kill -9, SIGTERM) to another one's having taken over every open session
#   busy       whether nodes are taken for dead that are only short of CPU
#   idle       what nodes cost that have nothing to do
#   scale      5, 10 and 20 nodes of 500 browsers each, all in one process: the phases' times and messages
#   deploy/benchmark-cluster.sh [--only WHAT] [--sessions N] [--per-node N] [--runs N] [--seconds N] [--config FILE]
# Ten to fifteen minutes on two cores.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

only="" sessions=20 per_node=100 runs=5 seconds=60 config=()
while [ $# -gt 0 ]; do
    case "$1" in
        --only) only="$2" ;;
        --sessions) sessions="$2" ;;
        --per-node) per_node="$2" ;;
        --runs) runs="$2" ;;
        --seconds) seconds="$2" ;;
        --config) config=(--config "$(readlink -f "$2")") ;;
        *) fail "benchmark-cluster.sh knows no '$1'; it knows --only, --sessions, --per-node, --runs, --seconds and --config." ;;
    esac
    shift 2 || fail "'$1' needs a value."
done
case "$only" in "" | skew | fail-over | busy | idle | scale) ;; *) fail "--only is one of skew, fail-over, busy, idle and scale, not '$only'." ;; esac
wanted() { [ -z "$only" ] || [ "$only" = "$1" ]; }

find_dotnet
ensure_postgres >&2
[ -n "$postgres_bin" ] || [ "$only" = scale ] || fail "A cluster of several coordinators needs PostgreSQL."
# It refuses to run as root.
as_postgres=()
if [ "$(id -u)" = 0 ]; then as_postgres=(setpriv --reuid=postgres --regid=postgres --clear-groups); fi
if wanted skew; then
    ensure_node 20
    (cd "$repository/tests/Orchestrator.Benchmarks/peers" && quietly npm ci --no-audit --no-fund)
fi
say "Building" >&2
build "$repository/src/Orchestrator.Host/Orchestrator.Host.csproj" "$repository/tests/Orchestrator.Benchmarks/Orchestrator.Benchmarks.csproj"
benchmarks=("$dotnet" "$repository/tests/Orchestrator.Benchmarks/bin/Release/net10.0/Orchestrator.Benchmarks.dll")

work="$(mktemp -d)"
postgres=""
finish() {
    trap - EXIT
    if [ -n "$postgres" ]; then
        kill -s INT "$postgres" 2>/dev/null || true
        wait "$postgres" 2>/dev/null || true
    fi
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM HUP

# A loopback port that nobody listens at.
free_port() {
    local port="$1"
    while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done
    printf '%s' "$port"
}

start_postgres() {
    local port
    port="$(free_port 15532)"
    od -An -N16 -tx1 /dev/urandom | tr -d ' \n' >"$work/password"
    mkdir "$work/postgres"
    if [ ${#as_postgres[@]} != 0 ]; then
        chmod a+x "$work"
        chown postgres: "$work/postgres" "$work/password"
    fi
    quietly "${as_postgres[@]}" "$postgres_bin/initdb" --pgdata "$work/postgres" --username=orchestrator --pwfile="$work/password" --auth=scram-sha-256 --encoding=UTF8 --no-locale
    # In a session of its own: a Ctrl-C in this terminal reaches only this script, which then stops it.
    setsid "${as_postgres[@]}" "$postgres_bin/postgres" -D "$work/postgres" -h 127.0.0.1 -p "$port" -c unix_socket_directories='' >"$work/postgres.log" 2>&1 &
    postgres=$!
    until "$postgres_bin/pg_isready" --quiet -h 127.0.0.1 -p "$port"; do
        kill -0 "$postgres" 2>/dev/null || { cat "$work/postgres.log" >&2; fail "PostgreSQL did not start; what it said is above."; }
        sleep 0.1
    done
    (umask 077; printf 'Host=127.0.0.1;Port=%s;Database=postgres;Username=orchestrator;Password=%s\n' "$port" "$(cat "$work/password")" >"$work/connection-string")
}

# on_cluster VERB ARGUMENT...: a measurement on a cluster of its own.
on_cluster() { "${benchmarks[@]}" "$@" --program "$repository/src/Orchestrator.Host/bin/Release/net10.0/orchestrator" --connection "$work/connection-string" "${config[@]}"; }

# heading TEXT: and how busy the machine is with other work.
heading() { say "" && say "### $1 (load $(cut -d' ' -f1 /proc/loadavg) before)" && say ""; }

# figure NAME LINE: the number that a JSON line has under a name.
figure() { sed -n "s/.*\"$1\":\([0-9.]*\).*/\1/p" <<<"$2"; }

# pair PHASE LINE: what the coordinator said to a node in a phase, and what a node answered.
pair() { sed -n "s/.*\"$1\":{\"said\":\([0-9.]*\),\"answered\":\([0-9.]*\)}.*/\1 + \2/p" <<<"$2"; }

scale() {
    local nodes line
    say "| nodes | browsers | prepare | start | end | to the last browser's end | session without its window | CPU | peak memory | messages per node: prepare | start | probe | end | longest message |"
    say "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    for nodes in 5 10 20; do
        line="$("${benchmarks[@]}" cluster-scale --nodes "$nodes" --per-node 500)"
        say "| $nodes | $(figure browsers "$line") | $(figure prepareMs "$line") ms | $(figure startMs "$line") ms | $(figure endMs "$line") ms | $(figure flushMs "$line") ms" \
            "| $(figure withoutWindowMs "$line") ms | $(figure cpuMs "$line") ms | $(figure peakRssMB "$line") MB" \
            "| $(pair prepare "$line") | $(pair start "$line") | $(pair probe "$line") | $(pair end "$line") | $(sed -n 's/.*"longestKB":{"\([^"]*\)":\([0-9]*\).*/\1, \2 KB/p' <<<"$line") |"
    done
}

say "$(nproc) cores, .NET $("$dotnet" --version)"
if [ "$only" != scale ]; then start_postgres; fi
if wanted idle; then heading "Idle" && on_cluster idle-nodes --seconds 30; fi
if wanted skew; then heading "Start skew, $((3 * per_node)) browsers" && on_cluster start-skew --script "$repository/tests/Orchestrator.Benchmarks/peers/promise-all.mjs" --per-node "$per_node" --sessions "$sessions"; fi
if wanted fail-over; then heading "Fail-over" && on_cluster fail-over --runs "$runs"; fi
if wanted busy; then heading "All cores busy" && on_cluster busy-cores --seconds "$seconds"; fi
if wanted scale; then heading "500 browsers a node" && scale; fi

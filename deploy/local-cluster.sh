#!/usr/bin/env bash
# A cluster on this machine, to try it out: some nodes on loopback ports and a PostgreSQL of their own. It stays in the
# foreground; Ctrl-C or SIGTERM stops everything in order, a second one at once. A node or a PostgreSQL that is killed is started
# again five seconds later: try 'kill -9' with the pids that it tells.
#   deploy/local-cluster.sh [--nodes N] [--sqlite] [--data DIR] [--keep]
# --nodes N    how many nodes; three by default, which is the fewest that go on without any one of them
# --sqlite     no PostgreSQL: node-1 alone coordinates, and keeps the journal in a file; the others only record
# --data DIR   where everything is kept; a second run with it goes on. By default in a temporary folder, which is removed
# --keep       the temporary folder is kept
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

nodes=3
journal=postgres
data=""
keep=no
while [ $# -gt 0 ]; do
    case "$1" in
        --nodes | --data) [ $# -gt 1 ] || fail "$1 needs a value." ;;&
        --nodes) [[ "$2" =~ ^[1-9][0-9]?$ ]] || fail "--nodes '$2': not a number from 1 to 99."; nodes="$2"; shift 2 ;;
        --data) [ -n "$2" ] || fail "--data is empty; name a folder."; data="$2"; keep=yes; shift 2 ;;
        --sqlite) journal=sqlite; shift ;;
        --keep) keep=yes; shift ;;
        -h | --help) sed -n '2,/^set /{/^set /!s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"; exit 0 ;;
        *) fail "Unknown option '$1'. There are --nodes N, --sqlite, --data DIR and --keep." ;;
    esac
done

# The first port from $1 on at which nobody listens here.
free_port() {
    local port="$1"
    while listens "$port"; do port=$((port + 1)); done
    printf '%s' "$port"
}

# start NAME AFTER SIGNAL COMMAND...: runs it in the background, AFTER seconds from now; its pid is pids[NAME] at once. What it says goes to a
# file; here, only what a node says in a line of its own, not what its log tells of others' ends.
# In a session of its own, so that a Ctrl-C in this terminal reaches only this script, which then stops things in order;
# and with a SIGNAL that the kernel sends should this script die without stopping anything.
declare -A pids
start() {
    local name="$1" after="$2" signal="$3"
    shift 3
    # shellcheck disable=SC2016 # the inner shell expands these
    setsid setpriv --pdeathsig "$signal" sh -c 'sleep "$1"; shift; exec "$@"' "$name" "$after" "$@" </dev/null \
        > >(trap '' INT TERM HUP; exec tee -a "$data/$name.log" | exec sed -nu "s/^\(ready\|note\|error\|stopp\)/$name: &/p") 2>&1 &
    pids[$name]=$!
}

# Whoever becomes another user loses the signal, and sets it again.
start_postgres() {
    start postgres "$1" INT "${as_postgres[@]}" setpriv --pdeathsig INT "$postgres_bin/postgres" -D "$data/postgres" -h 127.0.0.1 -p "$postgres_port" -c unix_socket_directories=''
}

start_node() {
    local number="${1#node-}" role=() storage=(--journal sqlite)
    [ "$journal" = sqlite ] || storage=(--journal postgres --connection-string-file "$data/connection-string")
    if [ "$journal" = sqlite ] && [ "$number" != 1 ]; then
        role=(--roles browsers)
        storage=()
    fi
    start "$1" "$2" TERM "$orchestrator" node --name "$1" --data "$data/$1" --bind "127.0.0.1:${cluster_ports[number]}" --http "127.0.0.1:${http_ports[number]}" \
        "${seeds[@]}" "${storage[@]}" "${role[@]}" --chrome "$chrome"
}

is_running() { [ -n "${pids[$1]:-}" ] && kill -0 "${pids[$1]}" 2>/dev/null; }

# stop_one NAME SIGNAL: asks it to stop, and waits until it has. A second request of the user's kills nodes.
stop_one() {
    is_running "$1" || return 0
    kill -s "$2" "${pids[$1]}" 2>/dev/null || true
    while is_running "$1"; do
        [ "$requests" -lt 2 ] || [ "$1" = postgres ] || kill -s KILL "${pids[$1]}" 2>/dev/null || true
        sleep 0.1 || true
    done
}

stop_all() {
    trap - EXIT
    local number
    {
        # The first node last: it is likely the coordinator's, and need not be handed over then.
        for ((number = nodes; number >= 1; number--)); do stop_one "node-$number" TERM; done
        stop_one postgres INT
    } 2>/dev/null
    if [ "$keep" = yes ]; then say "Everything is kept in $data"; else rm -rf "$data"; fi
}

# How what was NAME ended: sets $ended.
how_it_ended() {
    local code=0
    wait "${pids[$1]}" || code=$?
    ended="ended with exit code $code"
    [ "$code" -le 128 ] || ended="was ended by signal $((code - 128))"
}

# wait_until NAME COMMAND...: asks again and again, as long as NAME runs.
wait_until() {
    local name="$1"
    shift
    until "$@"; do
        [ "$requests" = 0 ] || exit 130
        if ! is_running "$name"; then
            how_it_ended "$name"
            tail -n 20 "$data/$name.log" >&2
            fail "$name $ended before it was ready; what it said is above."
        fi
        sleep 0.1 || true
    done
}

listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

find_dotnet
ensure_chrome
as_postgres=()
if [ "$journal" = postgres ]; then
    ensure_postgres
    [ -n "$postgres_bin" ] || fail "Without PostgreSQL a cluster has one coordinator: deploy/local-cluster.sh --sqlite"
    # It refuses to run as root.
    if [ "$(id -u)" = 0 ]; then
        id postgres >/dev/null 2>&1 || fail "PostgreSQL does not run as root, and there is no user postgres to run it as." "Add one (useradd --system postgres), or run this with --sqlite."
        as_postgres=(setpriv --reuid=postgres --regid=postgres --clear-groups)
    fi
fi
say "Building (the first time takes a minute or two)"
build "$repository/src/Orchestrator.Host/Orchestrator.Host.csproj"
orchestrator="$repository/src/Orchestrator.Host/bin/Release/net10.0/orchestrator"

# Recordings and passwords are this user's.
umask 077
if [ -z "$data" ]; then
    data="$(mktemp -d "${TMPDIR:-/tmp}/orchestrator-cluster-XXXXXX")"
else
    mkdir -p "$data"
    data="$(cd "$data" && pwd)"
fi
requests=0
trap 'requests=$((requests + 1))' INT TERM HUP
trap stop_all EXIT

if [ "$journal" = postgres ]; then
    postgres_port="$(free_port 15432)"
    if [ ! -e "$data/postgres/PG_VERSION" ]; then
        say "Making a PostgreSQL database in $data/postgres"
        od -An -N16 -tx1 /dev/urandom | tr -d ' \n' >"$data/password"
        mkdir -p "$data/postgres"
        if [ ${#as_postgres[@]} != 0 ]; then
            # Its folder is within this one.
            chmod a+x "$data"
            chown postgres: "$data/postgres" "$data/password"
            "${as_postgres[@]}" test -w "$data/postgres" || fail "The user postgres, as whom PostgreSQL runs, cannot reach $data/postgres." "Name a folder with --data that is not below a private one."
        fi
        quietly "${as_postgres[@]}" "$postgres_bin/initdb" --pgdata "$data/postgres" --username=orchestrator --pwfile="$data/password" \
            --auth=scram-sha-256 --encoding=UTF8 --no-locale
    fi
    printf 'Host=127.0.0.1;Port=%s;Database=postgres;Username=orchestrator;Password=%s\n' "$postgres_port" "$(cat "$data/password")" >"$data/connection-string"
    start_postgres 0
    wait_until postgres "${as_postgres[@]}" "$postgres_bin/pg_isready" --quiet -h 127.0.0.1 -p "$postgres_port"
fi

cluster_ports=(0)
http_ports=(0)
seeds=()
for ((number = 1; number <= nodes; number++)); do
    cluster_ports[number]="$(free_port $((number == 1 ? 4053 : cluster_ports[number - 1] + 1)))"
    http_ports[number]="$(free_port $((number == 1 ? 8080 : http_ports[number - 1] + 1)))"
    # The first one forms the cluster if there is none: the same order for all.
    seeds+=(--seed "127.0.0.1:${cluster_ports[number]}")
    mkdir -p "$data/node-$number"
done
for ((number = 1; number <= nodes; number++)); do
    : >"$data/node-$number.log"
    start_node "node-$number" 0
done

for ((number = 1; number <= nodes; number++)); do wait_until "node-$number" grep -q '^ready' "$data/node-$number.log"; done

say ""
say "The cluster is there. In another terminal:"
say ""
say "  $orchestrator status --server http://127.0.0.1:${http_ports[1]}"
say "  $orchestrator record --server http://127.0.0.1:${http_ports[1]} --launch $((2 * nodes)) --duration 10s"
say ""
for ((number = 1; number <= nodes; number++)); do say "node-$number: pid ${pids[node-$number]}, http://127.0.0.1:${http_ports[number]}"; done
[ "$journal" = sqlite ] || say "postgres: pid ${pids[postgres]}, port $postgres_port"
say "What they say: $data/*.log. Ctrl-C stops everything."

# The shell would tell of what was killed in words of its own.
while [ "$requests" = 0 ]; do
    for name in "${!pids[@]}"; do
        if [ "$requests" != 0 ] || is_running "$name"; then continue; fi
        how_it_ended "$name"
        if [ "$name" = postgres ]; then start_postgres 5; else start_node "$name" 5; fi
        say "$name $ended; in 5 s it is started again, as pid ${pids[$name]}"
    done
    sleep 0.2 || true
done 2>/dev/null

say "Stopping (once more: at once)"
stop_all

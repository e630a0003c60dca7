#!/usr/bin/env bash
# Records three Chromiums together on the sample page: the main job, on a fresh machine with the .NET 10 SDK.
#   deploy/demo.sh [FOLDER] [options of 'orchestrator record'...]
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

output="./session-demo-$(date +%Y%m%d-%H%M%S)"
if [ $# -gt 0 ] && [ "${1#-}" = "$1" ]; then
    output="$1"
    shift
fi

# Where the journal is holds for both verbs.
journal=()
arguments=("$@")
for ((i = 0; i + 1 < $#; i++)); do
    case "${arguments[i]}" in --data | --config) journal+=("${arguments[i]}" "${arguments[i + 1]}") ;; esac
done

find_dotnet
ensure_chrome
say "Building (the first time takes a minute or two)"
build "$repository/src/Orchestrator.Host/Orchestrator.Host.csproj"
orchestrator="$repository/src/Orchestrator.Host/bin/Release/net10.0/orchestrator"

say "Recording three browsers for five seconds into $output"
code=0
"$orchestrator" record --launch 3 --duration 5s --chrome "$chrome" -o "$output" "$@" || code=$?
if [ ! -f "$output/session.json" ]; then
    say "No session was recorded." >&2
    exit "$((code == 0 ? 1 : code))"
fi

id="$(sed -n 's/.*"sessionId" *: *"\([^"]*\)".*/\1/p' "$output/session.json" | head -n 1)"
say ""
say "orchestrator sessions show $id"
"$orchestrator" sessions show "$id" "${journal[@]}"

say ""
say "orchestrator verify $output"
"$orchestrator" verify "$output" || code=$?

say ""
for merged in trace.tar trace.json.gz; do
    [ ! -f "$output/$merged" ] || say "All browsers on one time line, for https://ui.perfetto.dev (it stays in your browser): $output/$merged"
done
[ ! -f "$output/report.html" ] || say "What happened, to look at: $output/report.html"
exit "$code"

#!/usr/bin/env bash
# Builds everything and runs all tests; ends with the line 'N passed, N failed, N skipped'.
#   deploy/test.sh [--filter NAME] [other options of 'dotnet test']
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$repository"

find_dotnet
ensure_chrome
export ORCHESTRATOR_CHROME="$chrome"
ensure_postgres
[ -n "$postgres_bin" ] || say "No PostgreSQL: the tests that need it are skipped"
export ORCHESTRATOR_POSTGRES_BIN="$postgres_bin"
ensure_trace_engine
say "Building"
build Orchestrator.sln

results="$repository/TestResults"
rm -rf "$results"
mkdir -p "$results"

# Every <UnitTestResult> with the given outcome. XML writers break no attribute over lines, and escape '>' in them.
count() { { cat "$results"/*.trx 2>/dev/null || true; } | grep -o '<UnitTestResult [^>]*>' | grep -c "outcome=\"$1\"" || true; }

crashed=0
filtered=no
for argument in "$@"; do
    case "$argument" in --filter*) filtered=yes ;; esac
done

for project in tests/*/*.csproj; do
    grep -q '<IsTestProject>true' "$project" || continue
    name="$(basename "$project" .csproj)"
    say "$name"
    failed_before="$(count Failed)"
    code=0
    # A test that hangs is ended after five minutes, and named.
    "$dotnet" test "$project" --no-build -c Release --results-directory "$results" \
        --logger "trx;LogFileName=$name.trx" --logger "console;verbosity=minimal" \
        --blame-hang-timeout 5m --blame-hang-dump-type none "$@" </dev/null 2>&1 || code=$?
    ran="$(grep -c '<UnitTestResult ' "$results/$name.trx" 2>/dev/null || true)"
    if [ "${ran:-0}" = 0 ]; then
        [ "$filtered" = yes ] && [ "$code" = 0 ] && continue
        say "$name: ran no test (exit code $code)"
        crashed=$((crashed + 1))
    elif [ "$code" != 0 ] && [ "$(count Failed)" = "$failed_before" ]; then
        say "$name: the run broke off (exit code $code)"
        crashed=$((crashed + 1))
    fi
done

passed="$(count Passed)"
failed=$(($(count Failed) + crashed))
skipped="$(count NotExecuted)"

say ""
if [ "$skipped" != 0 ]; then
    say "Skipped:"
    # A skipped test's reason is the first message or line of output within its result.
    cat "$results"/*.trx | tr '\n' ' ' | sed 's#<UnitTestResult #\n&#g' | grep '^<UnitTestResult [^>]*outcome="NotExecuted"' |
        sed -E 's#</UnitTestResult>.*##; s#^<UnitTestResult [^>]*testName="([^"]*)"[^>]*>#\1: #; s#<[^>]*># #g; s# +# #g; s# $##; s#&quot;#"#g; s#&lt;#<#g; s#&gt;#>#g; s#&amp;#\&#g; s#^#  #'
    say ""
fi
if [ "$failed" != 0 ]; then
    say "Failed:"
    grep -ho '<UnitTestResult [^>]*outcome="Failed"[^>]*>' "$results"/*.trx | sed -E 's#.*testName="([^"]*)".*#  \1#' || true
    [ "$crashed" = 0 ] || say "  ($crashed of them: a project whose run broke off, or that ran no test)"
    say ""
fi
say "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$passed" != 0 ]

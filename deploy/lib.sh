# shellcheck shell=bash
# Shared by the scripts beside it; sourced, not run.
# Exit code 2, as in the product: something that has to be put right before anything can start.

repository="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
# Build nodes that outlive a build keep a pipe open whose reader then waits for ever.
export MSBUILDDISABLENODEREUSE=1

say() { printf '%s\n' "$*"; }

fail() {
    printf '%s\n' "$@" >&2
    exit 2
}

# The .NET 10 SDK: sets $dotnet, and tells what is started where it is.
find_dotnet() {
    local candidate
    for candidate in "$(command -v dotnet || true)" "${DOTNET_ROOT:-}/dotnet" "$HOME/.dotnet/dotnet" /usr/share/dotnet/dotnet /usr/lib/dotnet/dotnet; do
        [ -x "$candidate" ] || continue
        if "$candidate" --list-sdks 2>/dev/null | grep -q '^10\.'; then
            dotnet="$candidate"
            # The built programs look for the runtime there.
            DOTNET_ROOT="$(dirname "$(readlink -f "$candidate")")"
            export DOTNET_ROOT PATH="$DOTNET_ROOT:$PATH"
            return
        fi
    done
    fail "The .NET 10 SDK was not found: 'dotnet --list-sdks' names no 10.x." \
        "Install it (Debian and Ubuntu: the package dotnet-sdk-10.0 of Microsoft's feed; elsewhere: https://dotnet.microsoft.com/download)," \
        "or set DOTNET_ROOT to the folder that it is in, and run this again."
}

# Chromium or Chrome: sets $chrome, empty where there is none.
find_chrome() {
    local name
    chrome=""
    if [ -n "${ORCHESTRATOR_CHROME:-}" ]; then
        chrome="$(command -v "$ORCHESTRATOR_CHROME" || true)"
        [ -n "$chrome" ] || fail "ORCHESTRATOR_CHROME is '$ORCHESTRATOR_CHROME', which is no program."
        return
    fi
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        chrome="$(command -v "$name" || true)"
        [ -z "$chrome" ] || return 0
    done
}

# Finds Chromium, or installs the distribution's where that needs no question.
ensure_chrome() {
    find_chrome
    if [ -z "$chrome" ]; then
        install_packages Chromium chromium
        find_chrome
        [ -n "$chrome" ] || fail "The package chromium was installed, but there is no chromium on PATH."
    fi
    say "Browser: $chrome"
}

# ensure_node MAJOR: Node.js of that version or a newer one, and npm.
ensure_node() {
    command -v node >/dev/null && command -v npm >/dev/null || install_packages "Node.js" nodejs npm
    local major
    major="$(node --version | sed 's/^v\([0-9]*\).*/\1/')"
    [ "$major" -ge "$1" ] || fail "Node.js $1 or newer is needed; this is $(node --version)." "Put a newer one on PATH, and run this again."
}

# DevTools' own trace engine, which reads merged traces in the tests; exactly what its lock file says. Where there is no
# Node.js to be had, or npm's registry cannot be reached, the tests that need it say so and are skipped.
ensure_trace_engine() {
    local folder="$repository/tests/trace-engine"
    [ "$folder/node_modules/.package-lock.json" -nt "$folder/package-lock.json" ] && return
    say "Installing DevTools' trace engine"
    (ensure_node 18 && cd "$folder" && quietly npm ci --no-audit --no-fund) || say "It could not be installed: the tests that need it are skipped"
}

# PostgreSQL's server programs: sets $postgres_bin to the folder that has initdb and postgres, empty where there is none.
find_postgres() {
    local folder
    postgres_bin=""
    if [ -n "${ORCHESTRATOR_POSTGRES_BIN:-}" ]; then
        [ -x "$ORCHESTRATOR_POSTGRES_BIN/initdb" ] || fail "ORCHESTRATOR_POSTGRES_BIN is '$ORCHESTRATOR_POSTGRES_BIN', which has no initdb."
        postgres_bin="$ORCHESTRATOR_POSTGRES_BIN"
        return
    fi
    # Debian keeps them off PATH, by version.
    for folder in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -rV) "$(dirname "$(command -v initdb || true)")"; do
        [ -x "$folder/initdb" ] && [ -x "$folder/postgres" ] || continue
        postgres_bin="$folder"
        return
    done
}

# Finds PostgreSQL, or installs the distribution's where that needs no question; $postgres_bin is empty where there is none to be had.
# Who needs a server starts one of its own: no other one is made or started by this.
ensure_postgres() {
    find_postgres
    if [ -z "$postgres_bin" ]; then
        (install_postgres) || say "It could not be installed"
        find_postgres
    fi
    [ -z "$postgres_bin" ] || say "PostgreSQL: $postgres_bin"
}

# Debian's package makes and starts a database server on its own, unless a setting that it reads meanwhile says no.
install_postgres() {
    local as_root=() setting=/etc/postgresql-common/createcluster.d/orchestrator.conf code=0
    [ "$(id -u)" = 0 ] || as_root=(sudo -n)
    "${as_root[@]}" sh -c "mkdir -p '${setting%/*}' && echo 'create_main_cluster = false' >'$setting'" 2>/dev/null || true
    (install_packages PostgreSQL postgresql) || code=$?
    "${as_root[@]}" rm -f "$setting" 2>/dev/null || true
    return "$code"
}

# install_packages WHAT PACKAGE...: by apt-get, as root or by a sudo that asks no password.
install_packages() {
    local what="$1" root=()
    shift
    command -v apt-get >/dev/null ||
        fail "$what was not found, and there is no apt-get to install it with." "Install $what, and run this again."
    if [ "$(id -u)" != 0 ]; then
        { command -v sudo && sudo -n true; } >/dev/null 2>&1 ||
            fail "$what was not found, and this user may not install it." \
                "Run: sudo apt-get update && sudo apt-get install -y --no-install-recommends $*" \
                "(or name what is there already: ORCHESTRATOR_CHROME, a Chromium or Chrome; ORCHESTRATOR_POSTGRES_BIN, the folder of PostgreSQL's initdb)"
        root=(sudo -n)
    fi
    say "Installing: $*"
    quietly "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update
    quietly "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
}

# Runs a command and shows what it wrote only if it failed.
quietly() {
    local log code=0
    log="$(mktemp)"
    "$@" >"$log" 2>&1 </dev/null || code=$?
    [ "$code" = 0 ] || { say "Failed: $*"; cat "$log"; } >&2
    rm -f "$log"
    return "$code"
}

# build PROJECT...: restores and builds Release. CI gets exactly what the lock files say.
build() {
    local project restore=()
    [ "${CI:-}" != true ] || restore=(--locked-mode)
    for project in "$@"; do
        quietly "$dotnet" restore "$project" "${restore[@]}"
        quietly "$dotnet" build "$project" -c Release --no-restore -v quiet
    done
}

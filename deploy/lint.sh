#!/usr/bin/env bash
# Looks at what no engine here runs: scripts, container image, compose file, manifests, unit. It says for each file what was looked at, and
# what was not. That they fit the program and each other is for the tests: DeployFilesTests.
#   deploy/lint.sh
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$repository"

failed=0

# look FILE WHAT COMMAND...: runs it; what it says is shown where it fails.
look() {
    local file="$1" what="$2"
    shift 2
    if quietly "$@"; then say "$file: $what"; else failed=$((failed + 1)); fi
}

not_looked_at() { say "$1: NOT looked at: $2"; }

has() { command -v "$1" >/dev/null; }

parse_yaml() { python3 -c 'import sys, yaml; list(yaml.safe_load_all(open(sys.argv[1])))' "$1"; }

# The program is not installed here; everything else of the unit is judged.
verify_unit() {
    local folder code=0
    folder="$(mktemp -d)"
    sed 's#^ExecStart=[^ ]*#ExecStart=/bin/true#' "$1" >"$folder/$(basename "$1")"
    systemd-analyze verify "$folder/$(basename "$1")" 2>&1 | tee "$folder/said" >&2 || code=1
    # What it does not know it ignores, and only says so.
    [ ! -s "$folder/said" ] || code=1
    rm -rf "$folder"
    return "$code"
}

has shellcheck || install_packages shellcheck shellcheck
for file in deploy/*.sh .ci/run; do
    # What lib.sh sets is for those who read it.
    if [ "$file" = deploy/lib.sh ]; then unused=(--exclude=SC2034); else unused=(); fi
    look "$file" "shellcheck" shellcheck --severity=warning --external-sources --source-path=deploy "${unused[@]}" "$file"
done

if has docker && docker info >/dev/null 2>&1; then
    if docker build --help 2>/dev/null | grep -q -- --check; then
        look deploy/Dockerfile "docker build --check" docker build --check -f deploy/Dockerfile .
    else
        look deploy/Dockerfile "built" docker build -f deploy/Dockerfile .
    fi
else
    not_looked_at deploy/Dockerfile "no Docker daemon answers here"
fi

if has python3 && python3 -c 'import yaml' 2>/dev/null; then
    for file in deploy/*.yaml deploy/kubernetes/*.yaml; do look "$file" "parsed as YAML" parse_yaml "$file"; done
else
    not_looked_at "deploy/*.yaml deploy/kubernetes/*.yaml" "as YAML: there is no Python with PyYAML here (Debian: python3-yaml)"
fi
if docker compose version >/dev/null 2>&1; then
    look deploy/compose.yaml "docker compose config" docker compose -f deploy/compose.yaml config --quiet
else
    not_looked_at deploy/compose.yaml "as a compose file: there is no 'docker compose' here"
fi
if has kubectl; then
    look deploy/kubernetes "kubectl kustomize" kubectl kustomize deploy/kubernetes
    not_looked_at deploy/kubernetes "against the API's schema: that takes a Kubernetes cluster (kubectl apply --dry-run=server -k deploy/kubernetes)"
else
    not_looked_at deploy/kubernetes "there is no kubectl here"
fi

if has systemd-analyze; then
    look deploy/systemd/orchestrator-node.service "systemd-analyze verify" verify_unit deploy/systemd/orchestrator-node.service
else
    not_looked_at deploy/systemd/orchestrator-node.service "there is no systemd-analyze here"
fi

[ "$failed" = 0 ] || fail "$failed of these are not in order."

#!/usr/bin/env bash
# Makes what compose.yaml mounts into its containers, in deploy/secrets: a token, PostgreSQL's password, and certificates of a test authority.
#   deploy/compose-secrets.sh
# Called again it does nothing; remove the folder to have others (and the volume of the journal, whose password stays what it was).
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

folder="$repository/deploy/secrets"
[ ! -e "$folder" ] || { say "$folder is there already: nothing was changed"; exit 0; }
command -v openssl >/dev/null || install_packages openssl openssl

umask 077
work="$(mktemp -d "$repository/deploy/.secrets.XXXXXX")"
trap 'rm -rf "$work"' EXIT
quietly "$repository/deploy/make-test-ca.sh" "$work" node-1 node-2 node-3
openssl rand -hex 32 >"$work/token"
openssl rand -hex 24 >"$work/postgres-password"
printf 'Host=postgres;Database=orchestrator;Username=orchestrator;Password=%s\n' "$(cat "$work/postgres-password")" >"$work/connection-string"

# Compose mounts these files as they are, and their user in a container is another one than here: all may read them, and nobody
# else of this machine gets into the folder.
chmod 644 "$work"/*
chmod 600 "$work/ca.key"
mv -n -T "$work" "$folder"
say "Made in $folder: token, postgres-password, connection-string, and the certificates of a test authority"

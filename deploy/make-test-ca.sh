#!/usr/bin/env bash
# Makes a certificate authority and a certificate for each node: for tests, and to try TLS out. The authority's key lies
# beside the certificates, and nothing is revoked: a cluster that others depend on has a real authority.
#   deploy/make-test-ca.sh DIR NAME[=ADDRESS,...]...
#   deploy/make-test-ca.sh tls node-1 node-2=10.0.0.2,node-2.cluster.example
# Each certificate is for its NAME, localhost, 127.0.0.1, and the addresses and names after '='. Called again with the
# same DIR and other names, it issues further certificates of the same authority.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

days=365

[ $# -ge 2 ] || fail "Wanted: a folder and at least one node name." "For example: deploy/make-test-ca.sh tls node-1 node-2=10.0.0.2,node-2.cluster.example"
folder="$1"
shift

# Everything that is wrong, before anything is written.
problems=()
names=" "
for node in "$@"; do
    name="${node%%=*}"
    [[ "$name" =~ ^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$ ]] || problems+=("'$name' is no host name: letters, digits, dots and dashes.")
    [[ "$name" != ca ]] || problems+=("A node cannot be called 'ca': the authority's files are.")
    [[ "$names" != *" $name "* ]] || problems+=("'$name' is there twice.")
    names+="$name "
    [[ "$node" != *= ]] || problems+=("'$node': there is nothing after '='.")
    if [[ "$node" == *=* ]]; then
        IFS=, read -ra also <<<"${node#*=}"
        for address in ${also[@]+"${also[@]}"}; do
            [[ "$address" =~ ^[A-Za-z0-9.:-]+$ ]] || problems+=("'$address' of '$name' is neither an address nor a host name.")
        done
    fi
    for file in "$folder/$name.crt" "$folder/$name.key"; do
        [ ! -e "$file" ] || problems+=("$file is there already: it is not overwritten; remove it, or take another name.")
    done
done
for missing in "$folder/ca.crt $folder/ca.key" "$folder/ca.key $folder/ca.crt"; do
    read -r one other <<<"$missing"
    [ ! -e "$one" ] || [ -e "$other" ] || problems+=("$one is there, and $other is not: take another folder, or put it back.")
done
[ ${#problems[@]} = 0 ] || fail "${problems[@]}"

command -v openssl >/dev/null || install_packages openssl openssl

umask 077
mkdir -p "$folder"
folder="$(cd "$folder" && pwd)"
work="$(mktemp -d "$folder/.unfinished.XXXXXX")"
trap 'rm -rf "$work"' EXIT

new_key() { openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1"; }

# Under their final names only when they are whole, and never over another's.
keep() { mv -n "$work/$1" "$folder/$1"; }

if [ ! -e "$folder/ca.crt" ]; then
    new_key "$work/ca.key"
    openssl req -x509 -new -key "$work/ca.key" -sha256 -days $((10 * days)) -subj "/CN=orchestrator test authority $(openssl rand -hex 4)" \
        -addext "basicConstraints=critical,CA:TRUE,pathlen:0" -addext "keyUsage=critical,keyCertSign,cRLSign" -out "$work/ca.crt"
    keep ca.key
    keep ca.crt
fi

for node in "$@"; do
    name="${node%%=*}"
    also=()
    [[ "$node" != *=* ]] || IFS=, read -ra also <<<"${node#*=}"
    alternatives="DNS:$name,DNS:localhost,IP:127.0.0.1"
    for address in ${also[@]+"${also[@]}"}; do
        if [[ "$address" =~ ^[0-9.]+$ || "$address" == *:* ]]; then alternatives+=",IP:$address"; else alternatives+=",DNS:$address"; fi
    done
    printf '%s\n' "basicConstraints=critical,CA:FALSE" "keyUsage=critical,digitalSignature" "extendedKeyUsage=serverAuth,clientAuth" \
        "subjectAltName=$alternatives" "authorityKeyIdentifier=keyid" >"$work/extensions"
    new_key "$work/$name.key"
    openssl req -new -key "$work/$name.key" -subj "/CN=$name" -out "$work/request"
    quietly openssl x509 -req -in "$work/request" -CA "$folder/ca.crt" -CAkey "$folder/ca.key" -set_serial "0x$(openssl rand -hex 16)" \
        -sha256 -days "$days" -extfile "$work/extensions" -out "$work/$name.crt"
    keep "$name.key"
    keep "$name.crt"
done

say "For tests and for trying out: whoever has $folder/ca.key can make nodes of this cluster. Certificates are good for $days days."
say "In the configuration of each node (--config):"
for node in "$@"; do
    name="${node%%=*}"
    say ""
    say "# $name"
    say "orchestrator.tls {"
    say "  certificate = \"$folder/$name.crt\""
    say "  key = \"$folder/$name.key\""
    say "  ca = \"$folder/ca.crt\""
    say "}"
done

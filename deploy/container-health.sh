#!/bin/bash
# The container's health check: asks the node's /healthz, plainly and, where that is not spoken, over TLS. The certificate is not
# checked: it is this container's own. A node with certificates and without a token lets nobody ask who has no certificate; give it a token.
#   container-health.sh [PORT]
request=$'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'
port="${1:-8080}"

plainly() {
    exec 3<>"/dev/tcp/127.0.0.1/$port" || return
    printf '%s' "$request" >&3
    timeout 4 head -n 1 <&3
}

over_tls() { printf '%s' "$request" | timeout 4 openssl s_client -quiet -connect "127.0.0.1:$port" | head -n 1; }

is_well() { "$1" 2>/dev/null | grep -q '^HTTP/1.1 200'; }

is_well plainly || is_well over_tls

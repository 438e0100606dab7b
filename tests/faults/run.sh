#!/bin/sh
# Faults of real servers, proxies and networks: each case has its code and its time, and leaves
# nothing open. Prints a line for each: name, code, milliseconds, polls. Usage: run.sh PROBE
#
# Needs nginx, tinyproxy, openssl, faketime, ip, iptables and python3, and root for the network
# namespace.
set -eu

probe=$1
here=$(dirname "$0")
FAULTS=$(mktemp -d)
export FAULTS
space=pictory-$$
failures=0
. "$here/certificates.sh"
. "$here/servers.sh"

cleanup() {
    stop_nginx
    stop_tinyproxy
    ip netns delete "$space" 2>/dev/null || :
    rm -rf "$FAULTS" "/etc/netns/$space"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

# expect NAME CODE LEAST_MS MOST_MS: what the last probe wrote to $FAULTS/out.
expect() {
    read -r code ms polls descriptors threads <"$FAULTS/out" || code=nothing
    verdict=ok
    [ "$code" = "$2" ] && [ "$ms" -ge "$3" ] && [ "$ms" -le "$4" ] && [ "$descriptors" -eq 0 ] &&
        [ "$threads" -eq 0 ] || verdict=FAILED
    printf '%-6s %-44s %-32s %6s ms %4s polls\n' "$verdict" "$1" "$code" "${ms:-?}" "${polls:-?}"
    if [ "$verdict" = FAILED ]; then
        failures=$((failures + 1))
        echo "       expected $2 within $3 to $4 ms, got: $(cat "$FAULTS/out")"
        cat "$FAULTS/err"
    fi
}

# try NAME CODE LEAST_MS MOST_MS PROBE-ARGUMENT...
try() {
    name=$1 code_wanted=$2 least=$3 most=$4
    shift 4
    "$probe" "$@" >"$FAULTS/out" 2>"$FAULTS/err" || :
    expect "$name" "$code_wanted" "$least" "$most"
}

# said WORDS: the last probe did.
said() {
    grep -q "$1" "$FAULTS/err" && return
    failures=$((failures + 1))
    echo "       expected '$1' in: $(cat "$FAULTS/err")"
}

make_certificates
ca=$FAULTS/ca.pem
plain=$(free_port)
: >"$FAULTS/sites"
site "$plain" '' '' >>"$FAULTS/sites"
for kind in good expired wrong-host self-signed unknown-ca own-ca p521 sha512; do
    port=$(free_port)
    echo "$kind $port" >>"$FAULTS/ports"
    site "$port" "$kind" 'TLSv1.2 TLSv1.3' >>"$FAULTS/sites"
done
old=$(free_port)
site "$old" good TLSv1.1 >>"$FAULTS/sites"
start_nginx env
port_of() { sed -n "s/^$1 //p" "$FAULTS/ports"; }
good=$(port_of good)

# TLS.
try 'a good certificate' PICTORY_OK 0 5000 get "https://localhost:$good" --ca "$ca"
for kind in expired wrong-host self-signed unknown-ca; do
    try "certificate: $kind" PICTORY_ERROR_TLS 0 5000 \
        get "https://localhost:$(port_of $kind)" --ca "$ca"
done
# A server certificate that is its own CA, a CA with P-521, and a P-256 CA that signs with SHA-512.
for kind in own-ca p521 sha512; do
    trusted=$FAULTS/$kind-ca.pem
    [ -f "$trusted" ] || trusted=$FAULTS/$kind.pem
    try "certificate: $kind" PICTORY_ERROR_TLS 0 5000 \
        get "https://localhost:$(port_of $kind)" --ca "$trusted"
    said "$(case $kind in own-ca) echo 'is that of a CA' ;; *) echo 'not supported, such as P-521' ;; esac)"
done
try 'TLS 1.1' PICTORY_ERROR_TLS 0 5000 get "https://localhost:$old" --ca "$ca"
try 'plain http where TLS is expected' PICTORY_ERROR_TLS 0 5000 \
    get "https://localhost:$plain" --ca "$ca"

SSL_CERT_FILE=$ca SSL_CERT_DIR='' try "the system's certificates, in a file" \
    PICTORY_OK 0 5000 get "https://localhost:$good"
mkdir "$FAULTS/roots"
cp "$ca" "$FAULTS/roots/ca.pem"
SSL_CERT_FILE='' SSL_CERT_DIR=$FAULTS/roots try "the system's certificates, in a folder" \
    PICTORY_OK 0 5000 get "https://localhost:$good"
# A program that has the rights of its file's owner, where the file system grants them.
real_probe=$probe
probe=$FAULTS/as-another-user
chmod 711 "$FAULTS"
for program in "$(command -v id)" "$real_probe"; do
    cp "$program" "$FAULTS/privileged"
    chmod 4755 "$FAULTS/privileged"
    printf '#!/bin/sh\nexec setpriv --reuid=65534 --clear-groups "%s" "$@"\n' \
        "$FAULTS/privileged" >"$probe"
    chmod +x "$probe"
    [ "$program" = "$real_probe" ] || [ "$("$probe" -u)" = 0 ] || break
done
[ "$program" != "$real_probe" ] || SSL_CERT_FILE=$ca SSL_CERT_DIR='' try \
    "the user's certificates, with more rights than the user" PICTORY_ERROR_TLS 0 5000 \
    get "https://localhost:$good"
probe=$real_probe
SSL_CERT_FILE=/dev/null SSL_CERT_DIR=/nowhere try 'a system without certificates' \
    PICTORY_ERROR_CERTIFICATES 0 5000 get "https://localhost:$good"

# Proxies.
proxy=$(free_port)
start_tinyproxy "$proxy" "$good" 'BasicAuth user pass7'
try 'a proxy that wants credentials, and gets them' PICTORY_OK 0 5000 \
    get "https://localhost:$good" --ca "$ca" --proxy "http://user:pass%37@127.0.0.1:$proxy"
try 'a proxy that wants credentials, and gets others' PICTORY_ERROR_PROXY 0 5000 \
    get "https://localhost:$good" --ca "$ca" --proxy "http://user:wrong@127.0.0.1:$proxy"
stop_tinyproxy
: >"$FAULTS/tinyproxy.log"
proxy=$(free_port)
start_tinyproxy "$proxy" "$good"
try 'through a proxy' PICTORY_OK 0 5000 \
    get "https://localhost:$good" --ca "$ca" --proxy "http://127.0.0.1:$proxy"
try 'a target that the proxy refuses' PICTORY_ERROR_PROXY 0 5000 \
    get "http://127.0.0.1:$plain" --proxy "http://127.0.0.1:$proxy"
status in-progress
"$probe" wait "https://localhost:$good" --ca "$ca" --proxy "http://127.0.0.1:$proxy" \
    --interval 300 --max-wait 30000 >"$FAULTS/out" 2>"$FAULTS/err" &
waiter=$!
until grep -q CONNECT "$FAULTS/tinyproxy.log"; do sleep 0.05; done
stop_tinyproxy
wait "$waiter" || :
expect 'a proxy that dies during a wait' PICTORY_ERROR_PROXY 0 20000

# A server that is started again.
"$probe" wait "http://127.0.0.1:$plain" --interval 500 --max-wait 30000 >"$FAULTS/out" \
    2>"$FAULTS/err" &
waiter=$!
sleep 0.7
stop_nginx
sleep 0.7
status completed
start_nginx env
wait "$waiter" || :
expect 'a server started again during a wait' PICTORY_OK 1000 20000

# The wall clock jumps; the monotonic one does not.
for jump in +1d -1d; do
    status in-progress
    echo '+0' >"$FAULTS/clock"
    FAKETIME_DONT_FAKE_MONOTONIC=1 FAKETIME_TIMESTAMP_FILE=$FAULTS/clock FAKETIME_NO_CACHE=1 \
        LD_PRELOAD=$(faketime '2026-01-01' sh -c 'echo "$LD_PRELOAD"') \
        "$probe" wait "http://127.0.0.1:$plain" --interval 200 --max-wait 3000 \
        >"$FAULTS/out" 2>"$FAULTS/err" &
    waiter=$!
    sleep 1
    echo "$jump" >"$FAULTS/clock"
    wait "$waiter" || :
    expect "the wall clock jumps by $jump" PICTORY_ERROR_WAIT_TIMEOUT 2900 3500
done
status queued
try 'a status that nobody knows' PICTORY_ERROR_UNEXPECTED_STATUS 200 800 \
    wait "http://127.0.0.1:$plain" --interval 100 --max-wait 300
try 'a status that nobody knows, told to stop on it' PICTORY_ERROR_UNEXPECTED_STATUS 0 5000 \
    wait "http://127.0.0.1:$plain" --stop-on-unknown 1
status completed
try 'a port where nobody listens' PICTORY_ERROR_CONNECT 0 2000 get "http://127.0.0.1:$(free_port)"

# A network that loses packets, in a namespace of its own.
if ! ip netns add "$space" 2>/dev/null; then
    echo 'skipped: packet loss (needs root, and a kernel with network namespaces)'
else
    inside="ip netns exec $space"
    mkdir -p "/etc/netns/$space"
    {
        echo '127.0.0.1 localhost'
        printf '%s two.test\n' 2001:db8::1 127.0.0.1
        printf '%s deaf.test\n' ::1 127.0.0.1
    } >"/etc/netns/$space/hosts"
    $inside ip link set lo up
    stop_nginx
    # shellcheck disable=SC2086
    start_nginx $inside
    packets() { $inside iptables "$@"; }
    real_probe=$probe
    probe="$FAULTS/inside"
    printf '#!/bin/sh\nexec %s %s "$@"\n' "$inside" "$real_probe" >"$probe"
    chmod +x "$probe"

    $inside iptables -A INPUT -p tcp --dport 9 -j DROP
    try 'a port that drops packets' PICTORY_ERROR_TIMEOUT 500 900 \
        get http://127.0.0.1:9 --connect 500
    try 'a port that drops packets, in a wait' PICTORY_ERROR_WAIT_TIMEOUT 1000 1300 \
        wait http://127.0.0.1:9 --interval 200 --max-wait 1000
    packets -A INPUT -p tcp --dport 10 -j REJECT --reject-with icmp-port-unreachable
    try 'a port that is refused by a firewall' PICTORY_ERROR_CONNECT 0 2000 get http://127.0.0.1:10
    try 'IPv6 unreachable beside a working IPv4' PICTORY_OK 0 2000 get "http://two.test:$plain"
    $inside ip6tables -A INPUT -p tcp -j DROP
    try 'IPv6 silent beside a working IPv4' PICTORY_OK 200 2000 get "http://deaf.test:$plain"
    packets -A INPUT -m statistic --mode random --probability 0.2 -j DROP
    for attempt in 1 2 3; do
        try "20 % packet loss, attempt $attempt" PICTORY_OK 0 30000 \
            wait "https://localhost:$good" --ca "$ca" --interval 100 --max-wait 60000
    done
fi
[ "$failures" -eq 0 ]

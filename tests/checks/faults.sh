# Faults of real servers, proxies and networks: see docs/RELIABILITY.md.
. tests/checks/common.sh

needs nginx 'apt-get install nginx'
needs tinyproxy 'apt-get install tinyproxy'
needs openssl 'apt-get install openssl'
needs faketime 'apt-get install faketime'
needs ip 'apt-get install iproute2'
needs iptables 'apt-get install iptables'
needs python3 'apt-get install python3'
[ "$(id -u)" -eq 0 ] || skip 'needs root, for a network namespace'
build_debug
# shellcheck disable=SC2086
"$CC" -std=c99 $WARNINGS -Iinclude -o "$CHECK_DIR/probe" tests/faults/probe.c -L"$DEBUG" -lpictory \
    -Wl,-rpath,"$DEBUG"
tests/faults/run.sh "$CHECK_DIR/probe" >"$CHECK_DIR/faults" || {
    cat "$CHECK_DIR/faults"
    exit 1
}
cat "$CHECK_DIR/faults"
note "$(grep -c '^ok' "$CHECK_DIR/faults") faults"

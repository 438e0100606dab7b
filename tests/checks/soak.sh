# Thousands of waits with every fault of the emulator mixed in. SOAK_SECONDS says how long, for each
# of http and https.
. tests/checks/common.sh

build_debug
jobs=16000
sh tests/soak/script.sh "$jobs" >"$CHECK_DIR/soak.json"
# shellcheck disable=SC2086
"$CC" -std=c99 -O1 $WARNINGS -Iinclude -o "$CHECK_DIR/soak" tests/soak/soak.c -L"$DEBUG" -lpictory \
    -pthread -Wl,-rpath,"$DEBUG"
seconds=${SOAK_SECONDS:-30}
export EMULATOR_SCRIPT="$CHECK_DIR/soak.json"
expect 0 emulated "$CHECK_DIR/soak" "$seconds" "$jobs"
plain=$(cat "$CHECK_DIR/stdout")
EMULATOR_OPTIONS="--tls --ca $CHECK_DIR/ca.pem" \
    expect 0 emulated "$CHECK_DIR/soak" "$seconds" "$jobs" "$CHECK_DIR/ca.pem"
echo "http: $plain"
echo "https: $(cat "$CHECK_DIR/stdout")"
note "http: ${plain%%;*}; https: $(sed 's/;.*//' "$CHECK_DIR/stdout")"

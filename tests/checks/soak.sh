# Thousands of waits with every fault of the emulator mixed in. SOAK_SECONDS says how long, for each
# of http and https.
. tests/checks/common.sh

build_debug
jobs=16000
sh tests/soak/script.sh "$jobs" >"$CHECK_DIR/soak.json"
for program in soak watching; do
    # shellcheck disable=SC2086
    "$CC" -std=c99 -O1 $WARNINGS -Iinclude -o "$CHECK_DIR/$program" "tests/soak/$program.c" \
        -L"$DEBUG" -lpictory -pthread -Wl,-rpath,"$DEBUG"
done
seconds=${SOAK_SECONDS:-30}
export EMULATOR_SCRIPT="$CHECK_DIR/soak.json"

# soak PROGRAM: over HTTP and over HTTPS.
soak() {
    expect 0 emulated "$CHECK_DIR/$1" "$seconds" "$jobs"
    echo "$1, http: $(cat "$CHECK_DIR/stdout")"
    figures="$figures $(sed 's/;.*//' "$CHECK_DIR/stdout");"
    EMULATOR_OPTIONS="--tls --ca $CHECK_DIR/ca.pem" \
        expect 0 emulated "$CHECK_DIR/$1" "$seconds" "$jobs" "$CHECK_DIR/ca.pem"
    echo "$1, https: $(cat "$CHECK_DIR/stdout")"
    figures="$figures $(sed 's/;.*//' "$CHECK_DIR/stdout");"
}
figures=
soak soak
soak watching
note "http and https:${figures%;}"

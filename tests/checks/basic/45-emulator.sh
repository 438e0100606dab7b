# The emulator as a program: its options, and that it ends when it is told to.
. tests/checks/common.sh

build_debug
refused() {
    expect 2 "$EMULATOR" "$@"
    grep -q '^pictory-emulator: .' "$CHECK_DIR/stderr"
}
refused --frobnicate
refused --port x
refused --address x
refused --tls
refused --script "$CHECK_DIR/no-such-file"
refused --ready-file "$CHECK_DIR/no-such-folder/ready"
expect 0 "$EMULATOR" --help
[ "$(awk 'length > 99' "$CHECK_DIR/stdout" | wc -l)" -eq 0 ]
grep -o -e '--[a-z-]*' "$CHECK_DIR/stdout" | sort -u | while read -r word; do
    sed 's/Fl Fl /--/g' emulator/pictory-emulator.1 | grep -qF -e "$word" || {
        echo "the manual does not mention $word"
        exit 1
    }
done
if command -v mandoc >/dev/null 2>&1; then
    mandoc -T lint -W warning emulator/pictory-emulator.1
fi

# started OPTION...: it runs, and its base URL is in $CHECK_DIR/ready.
started() {
    rm -f "$CHECK_DIR/ready"
    "$EMULATOR" --ready-file "$CHECK_DIR/ready" "$@" >"$CHECK_DIR/printed" &
    pid=$!
    trap 'kill "$pid" 2>/dev/null || :' EXIT
    until [ -e "$CHECK_DIR/ready" ]; do
        kill -0 "$pid"
        sleep 0.05
    done
    PICTORY_API_BASE_URL=$(cat "$CHECK_DIR/ready") PICTORY_API_KEY=demo-key
    export PICTORY_API_BASE_URL PICTORY_API_KEY
}
ended() {
    kill -"$1" "$pid"
    status=0
    wait "$pid" || status=$?
    [ "$status" -eq 0 ]
}
started
expect 0 "$RUN_DIR/bin/get_job" "$DONE_JOB"
ended TERM
[ "$(head -n 1 "$CHECK_DIR/printed")" = "$PICTORY_API_BASE_URL" ]
grep -q '^GET .* -> 200 in-progress$' "$CHECK_DIR/printed"
started --quiet --address 127.0.0.2
[ "${PICTORY_API_BASE_URL#http://127.0.0.2:}" != "$PICTORY_API_BASE_URL" ]
expect 0 "$RUN_DIR/bin/get_job" "$DONE_JOB"
ended TERM
[ "$(wc -l <"$CHECK_DIR/printed")" -eq 1 ]

# It is there within 50 ms: of twenty starts, one at least, on a machine that is busy.
tries=0 took=1000
until [ "$took" -lt 50 ]; do
    tries=$((tries + 1))
    [ "$tries" -le 20 ] || {
        echo 'it never started within 50 ms'
        exit 1
    }
    begun=$(date +%s%N)
    case $begun in
    *N) break ;; # a date that knows no nanoseconds
    esac
    rm -f "$CHECK_DIR/ready"
    "$EMULATOR" --quiet --ready-file "$CHECK_DIR/ready" >/dev/null &
    pid=$!
    until [ -e "$CHECK_DIR/ready" ]; do kill -0 "$pid"; done
    took=$((($(date +%s%N) - begun) / 1000000))
    ended TERM
done
[ "$took" -eq 1000 ] || note "started within $took ms"

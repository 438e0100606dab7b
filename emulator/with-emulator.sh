#!/bin/sh
# Runs a command against the emulator: with-emulator.sh EMULATOR COMMAND [ARGUMENT...]
#
# EMULATOR is the program that `cargo build --example emulator` makes; EMULATOR_SCRIPT may name a
# script for it, EMULATOR_OPTIONS hold more arguments, EMULATOR_KEY the API key. The exit status is
# the command's. The emulator is stopped in every case.
set -eu

emulator=$1
shift
log=$(mktemp)
pid=

stop() {
    status=$?
    trap - EXIT
    if [ -n "$pid" ]; then
        kill "$pid" 2>/dev/null || :
        wait "$pid" 2>/dev/null || :
    fi
    rm -f "$log"
    exit "$status"
}
trap stop EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# Several words, where there are any.
# shellcheck disable=SC2086
"$emulator" ${EMULATOR_OPTIONS:-} ${EMULATOR_SCRIPT:+--script "$EMULATOR_SCRIPT"} >"$log" </dev/null &
pid=$!

# Its first line is its base URL.
tries=0
until read -r url <"$log"; do
    tries=$((tries + 1))
    if [ "$tries" -gt 100 ] || ! kill -0 "$pid" 2>/dev/null; then
        echo "with-emulator.sh: the emulator did not start" >&2
        exit 1
    fi
    sleep 0.1
done

export PICTORY_API_BASE_URL="$url" PICTORY_API_KEY="${EMULATOR_KEY:-demo-key}"
"$@"

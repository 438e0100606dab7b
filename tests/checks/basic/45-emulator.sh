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
# What is left of another is not taken for its own.
echo stale >"$CHECK_DIR/taken"
expect 2 "$EMULATOR" --ready-file "$CHECK_DIR/taken" --address 8.8.8.8
[ ! -e "$CHECK_DIR/taken" ]
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

# The tests of one's own that its README has: each starts it, gets the job and ends it.
own=$CHECK_DIR/own
mkdir "$own"
ln -s "$EMULATOR" "$own/pictory-emulator"
ln -s "$RUN_DIR/bin/get_job" "$own/program"
{
    printf '#include <pictory.h>\n#include <signal.h>\n#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n'
    printf 'static void get_the_job(pictory_config *config) {\n    pictory_client *client = NULL;\n'
    printf '    pictory_config_set_api_key(config, "any");\n    pictory_client_new(config, &client);\n'
    printf '    pictory_result *result = pictory_get_job(client, "%s", NULL);\n' "$DONE_JOB"
    printf '    puts(pictory_result_message(result));\n    pictory_result_free(result);\n'
    printf '    pictory_client_free(client);\n}\nint main(void) {\n'
    printf '    pictory_config *config = pictory_config_new_empty();\n'
    first_block c emulator/README.md
    printf '    pictory_config_free(config);\n    return 0;\n}\n'
} >"$own/own.c"
# shellcheck disable=SC2086
"$CC" -std=c99 -D_POSIX_C_SOURCE=200809L $WARNINGS -Iinclude -o "$own/own" "$own/own.c" -L"$DEBUG" -lpictory \
    -Wl,-rpath,"$DEBUG"
first_block sh emulator/README.md >"$own/own.sh"
first_block python emulator/README.md >"$own/own.py"
in_own_test() {
    # shellcheck disable=SC2016
    expect 0 env PATH="$own:$PATH" sh -c 'cd "$1" && shift && exec "$@"' sh "$own" "$@"
}
unset PICTORY_API_BASE_URL PICTORY_API_KEY
in_own_test ./own
said stdout 'the job is in progress'
in_own_test sh own.sh
said stdout in-progress
if command -v python3 >/dev/null 2>&1; then
    in_own_test python3 own.py
    said stdout in-progress
fi

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

# LeakSanitizer over the examples and the programs of tests/races: they free all that they were
# given, and so does the library. A result that is not freed is caught.
. tests/checks/common.sh
. tests/races/races.sh

echo 'int main(void) { return 0; }' >"$CHECK_DIR/nothing.c"
"$CC" -fsanitize=leak -o "$CHECK_DIR/nothing" "$CHECK_DIR/nothing.c" 2>/dev/null ||
    skip "needs a compiler that links with LeakSanitizer (apt-get install gcc)"
build_debug
compile "$CC" -fsanitize=leak "$DEBUG" tests/races/*.c examples-c/*.c
# shellcheck disable=SC2086
"$CC" -std=c99 -g -fsanitize=leak $WARNINGS -Iinclude -o "$CHECK_DIR/sanitized/pictory" \
    tool/*.c -L"$DEBUG" -lpictory -pthread -Wl,-rpath,"$DEBUG"

no_false_alarm
caught leak 'LeakSanitizer: detected memory leaks'
run_races

bin=$CHECK_DIR/sanitized
printf '%s' '{"data":{"status":"completed","videoShareURL":"https://a"}}' >"$CHECK_DIR/body"
expect 0 "$bin/parse_job" "$CHECK_DIR/body"
expect 0 emulated "$bin/get_job" "$DONE_JOB"
expect 0 emulated "$bin/wait_job" --poll-interval 0.1 "$DONE_JOB"
expect 1 emulated "$bin/wait_job" "$FAILED_JOB"
expect 4 emulated "$bin/wait_job" --poll-interval 0.1 --max-wait 1 "$ENDLESS_JOB"
expect 1 emulated "$bin/threads" "$FAILED_JOB" "$FAILED_JOB"
expect 1 emulated "$bin/watch_jobs" "$FAILED_JOB"
expect 1 emulated "$bin/event_loop" "$FAILED_JOB"
expect 1 emulated "$bin/ready" "$FAILED_JOB"
expect 1 emulated "$bin/continuation" "$FAILED_JOB" 'It goes on.'
expect 3 emulated "$bin/pictory" get "$DONE_JOB" 00000000-0000-4000-8000-00000000dead
expect 4 emulated "$bin/pictory" download --poll-interval 0.1 --max-wait 1 \
    --output "$CHECK_DIR/downloads" "$DONE_JOB" "$FAILED_JOB" 123 "$ENDLESS_JOB"
expect 2 "$bin/pictory" wait --max-wait 0 "$DONE_JOB"
expect 3 "$bin/pictory" parse README.md

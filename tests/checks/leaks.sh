# LeakSanitizer over the examples and the programs of tests/races: they free all that they were
# given, and so does the library. A result that is not freed is caught.
. tests/checks/common.sh
. tests/races/races.sh

echo 'int main(void) { return 0; }' >"$CHECK_DIR/nothing.c"
"$CC" -fsanitize=leak -o "$CHECK_DIR/nothing" "$CHECK_DIR/nothing.c" 2>/dev/null ||
    skip "needs a compiler that links with LeakSanitizer (apt-get install gcc)"
build_debug
compile "$CC" -fsanitize=leak "$DEBUG" tests/races/*.c examples-c/*.c

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

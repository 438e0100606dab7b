# The C examples touch no memory that is not theirs, and free everything, over HTTP and HTTPS.
. tests/checks/common.sh

needs valgrind 'apt-get install valgrind'
build_debug
bin=$RUN_DIR/bin

# checked STATUS COMMAND...: valgrind answers 99 in place of the status if it found something.
checked() {
    status=$1
    shift
    expect "$status" $emulated valgrind -q --error-exitcode=99 --leak-check=full \
        --errors-for-leak-kinds=definite,indirect,possible --suppressions="$suppressions" "$@"
}

emulated=emulated suppressions=tests/c/valgrind.supp

checked 0 "$bin/get_job" "$DONE_JOB"
checked 0 "$bin/wait_job" --poll-interval 0.1 "$DONE_JOB"
checked 1 "$bin/wait_job" "$FAILED_JOB"
checked 4 "$bin/wait_job" --poll-interval 0.1 --max-wait 1 "$ENDLESS_JOB"
checked 2 "$bin/wait_job" 123
expect 130 emulated sh -c 'valgrind -q --error-exitcode=99 --leak-check=full "$@" & sleep 3; kill -INT $!; wait $!' \
    sh "$bin/wait_job" "$ENDLESS_JOB"
printf '%s' '{"data":{"status":"completed","videoShareURL":"https://a"}}' >"$CHECK_DIR/body"
checked 0 "$bin/parse_job" "$CHECK_DIR/body"
printf '%s' '{"default":[{"example":"completed"}]}' >"$CHECK_DIR/script.json"
EMULATOR_SCRIPT=$CHECK_DIR/script.json checked 0 "$bin/wait_job-cpp" "$DONE_JOB"
checked 1 "$bin/wait_job-cpp" "$FAILED_JOB"
EMULATOR_SCRIPT=$CHECK_DIR/script.json checked 0 "$bin/threads" "$DONE_JOB" "$FAILED_JOB" "$ENDLESS_JOB"

# Over HTTPS; then the optimised library, which has no symbols, with the suppressions that are installed.
emulated=emulated_by_tls
export SSL_CERT_FILE="$CHECK_DIR/ca.pem"
checked 0 "$bin/get_job" "$DONE_JOB"
checked 0 "$bin/wait_job" --poll-interval 0.1 "$DONE_JOB"
checked 4 "$bin/wait_job" --poll-interval 0.1 --max-wait 1 "$ENDLESS_JOB"
EMULATOR_SCRIPT=$CHECK_DIR/script.json checked 0 "$bin/threads" "$DONE_JOB" "$FAILED_JOB" "$ENDLESS_JOB"
EMULATOR_SCRIPT=$CHECK_DIR/script.json checked 0 "$bin/watch_jobs" "$DONE_JOB"
make -s release
suppressions=packaging/valgrind.supp
LD_LIBRARY_PATH=$CARGO_TARGET_DIR/release
export LD_LIBRARY_PATH
checked 0 "$bin/get_job" "$DONE_JOB"
checked 0 "$bin/wait_job" --poll-interval 0.1 "$DONE_JOB"

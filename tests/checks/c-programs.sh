# The C test programs under valgrind: no error, no leak. Those that valgrind cannot follow say why.
. tests/checks/common.sh

needs valgrind 'apt-get install valgrind'
PICTORY_TEST_VALGRIND=1 "$CARGO" test --locked --test integration c_programs >"$CHECK_DIR/programs" 2>&1 || {
    cat "$CHECK_DIR/programs"
    exit 1
}
note "$(sed -n 's/^test result: ok\. \([0-9]* passed\).*/\1/p' "$CHECK_DIR/programs")"

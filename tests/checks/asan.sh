# AddressSanitizer, with its search for leaks, over the library and its programs: those of tests/c by
# the tests that drive them, those of tests/races, and those of tests/cpp, which UBSan looks at too.
. tests/checks/common.sh
. tests/races/races.sh
. tests/cpp/cpp.sh

needs_nightly
needs "$CLANG" "apt-get install $CLANG libclang-rt-22-dev"
build_debug

# The C in ring is instrumented by the same flags as the programs.
sanitized() {
    CARGO_TARGET_DIR=$CARGO_TARGET_DIR/asan RUSTFLAGS=-Zsanitizer=address CC=$CLANG \
        CFLAGS='-fsanitize=address -fno-omit-frame-pointer' \
        "$CARGO" +nightly "$@"
}

sanitized build --locked --target "$HOST" --lib
compile "$CLANG" -fsanitize=address "$CARGO_TARGET_DIR/asan/$HOST/debug" tests/races/*.c
no_false_alarm
caught use-after-free 'AddressSanitizer: heap-use-after-free'
caught use-after-free-in-library 'AddressSanitizer: heap-use-after-free'
caught leak 'LeakSanitizer: detected memory leaks'
run_races
cpp_programs "$CLANGXX" c++20 '-fsanitize=address,undefined -fno-sanitize-recover=all' \
    "$CARGO_TARGET_DIR/asan/$HOST/debug"

# Left out is what has no room for a sanitizer: a program under strace, programs that put their own
# pthread_create or malloc in its place, many forks of a busy process, since its allocator may be locked, and a
# search of all memory, the sanitizer's own included.
sanitized test --locked --target "$HOST" --test integration -- c_programs:: \
    --skip system_calls --skip lookups:: --skip memory:: --skip no_thread_is_to_be_had --skip children_of_a_parent_with_eight_threads \
    --skip no_copy_of_a_secret \
    >"$CHECK_DIR/tests" 2>&1 || {
    cat "$CHECK_DIR/tests"
    exit 1
}
passed=$(sed -n 's/^test result: ok. \([0-9]*\) passed.*/\1/p' "$CHECK_DIR/tests")
[ "$passed" -gt 0 ]
note "$passed tests of C programs"

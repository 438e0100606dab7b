# ThreadSanitizer over the library and the programs of tests/races and tests/cpp: no data race,
# whatever sixteen threads do with one client.
. tests/checks/common.sh
. tests/races/races.sh
. tests/cpp/cpp.sh

needs_nightly
needs "$CLANG" "apt-get install $CLANG libclang-rt-22-dev"
# The slow paths of std's locks are compiled into std: without instructions for the sanitizer in
# there, what a lock protects looks unprotected whenever two threads meet at it.
[ -e "$(rustc +nightly --print sysroot)/lib/rustlib/src/rust/library/Cargo.lock" ] ||
    skip 'needs the source of std (rustup component add rust-src --toolchain nightly)'
build_debug

CARGO_TARGET_DIR=$CARGO_TARGET_DIR/tsan RUSTFLAGS=-Zsanitizer=thread \
    "$CARGO" +nightly build --locked --target "$HOST" -Zbuild-std --lib
compile "$CLANG" -fsanitize=thread "$CARGO_TARGET_DIR/tsan/$HOST/debug" tests/races/*.c
# An exchange over a socket puts two threads in order, and hides their races: not here. A race
# whose first access is forgotten is not told either.
TSAN_OPTIONS="$TSAN_OPTIONS io_sync=0 history_size=7"
no_false_alarm
caught race 'ThreadSanitizer: data race'
caught race-in-library 'ThreadSanitizer: data race'
run_races
cpp_programs "$CLANGXX" c++20 -fsanitize=thread "$CARGO_TARGET_DIR/tsan/$HOST/debug"

# A panic in a call is reported by its result, and stderr stays empty, with a backtrace asked for too.
. tests/checks/common.sh

export CARGO_TARGET_DIR="$CARGO_TARGET_DIR/panic"
RUSTFLAGS='--cfg pictory_test_panic' "$CARGO" build --locked --lib
folder=$CARGO_TARGET_DIR/debug
ln -sf libpictory.so "$folder/libpictory.so.1"
# shellcheck disable=SC2086
"$CC" -std=c99 $WARNINGS -Iinclude -o "$CHECK_DIR/panic" tests/panic/panic.c -L"$folder" -lpictory \
    -pthread -Wl,-rpath,"$folder"
for backtrace in 0 1 full; do
    RUST_BACKTRACE=$backtrace "$CHECK_DIR/panic" >"$CHECK_DIR/said" 2>&1
    [ ! -s "$CHECK_DIR/said" ]
done

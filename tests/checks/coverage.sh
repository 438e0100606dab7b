# How many lines of src/ the C programs reach, through the C functions alone: at least 95 of 100.
. tests/checks/common.sh

needs llvm-cov-22 'apt-get install llvm-22'
export CARGO_TARGET_DIR="$CARGO_TARGET_DIR/coverage"
DEBUG=$CARGO_TARGET_DIR/debug
EMULATOR=$DEBUG/examples/emulator
export RUSTFLAGS=-Cinstrument-coverage LLVM_PROFILE_FILE="$CHECK_DIR/profiles/%p-%m"
build_debug

"$CARGO" test --locked --test integration c_programs
sh tests/soak/script.sh 1600 >"$CHECK_DIR/soak.json"
for source in tests/soak/soak.c tests/soak/watching.c tests/faults/probe.c; do
    # shellcheck disable=SC2086
    "$CC" -std=c99 $WARNINGS -Iinclude -o "$CHECK_DIR/$(basename "$source" .c)" "$source" \
        -L"$DEBUG" -lpictory -pthread -Wl,-rpath,"$DEBUG"
done
mv "$CHECK_DIR/probe" "$CHECK_DIR/faults"
export EMULATOR_SCRIPT="$CHECK_DIR/soak.json"
expect 0 emulated "$CHECK_DIR/soak" 10 1600
expect 0 emulated "$CHECK_DIR/watching" 10 1600
unset EMULATOR_SCRIPT
missing=
if command -v nginx && command -v tinyproxy && command -v faketime && [ "$(id -u)" -eq 0 ]; then
    tests/faults/run.sh "$CHECK_DIR/faults"
else
    missing=', without the faults of real servers'
fi

llvm-profdata-22 merge -sparse "$CHECK_DIR"/profiles/* -o "$CHECK_DIR/profile"
llvm-cov-22 report "$DEBUG/libpictory.so" "-instr-profile=$CHECK_DIR/profile" \
    --sources "$PWD/src" >"$CHECK_DIR/coverage" 2>/dev/null
cat "$CHECK_DIR/coverage"
lines=$(awk '/^TOTAL/ { print substr($10, 1, length($10) - 1) }' "$CHECK_DIR/coverage")
note "$lines % of the lines$missing"
awk -v lines="$lines" 'BEGIN { exit !(lines >= 95) }'

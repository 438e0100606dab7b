# Fuzzes each target of fuzz/ for FUZZ_SECONDS, from its committed corpus, with AddressSanitizer.
# What libFuzzer finds is shown, and not kept: see fuzz/README.md.
. tests/checks/common.sh
. tests/races/races.sh

needs_nightly
needs cargo-fuzz 'cargo install cargo-fuzz --locked'
seconds=${FUZZ_SECONDS:-20}
# cargo fuzz has no --locked.
"$CARGO" +nightly metadata --locked --format-version 1 --manifest-path fuzz/Cargo.toml >/dev/null
"$CARGO" +nightly fuzz build --target-dir "$CARGO_TARGET_DIR/fuzz"

runs=0 targets=0
for corpus in fuzz/corpus/*; do
    target=$(basename "$corpus")
    mkdir -p "$CHECK_DIR/fuzz"
    cp -r "$corpus" "$CHECK_DIR/fuzz/$target"
    # A fixed seed: what comes first is the same each time. Its files go where all is removed.
    TMPDIR=$CHECK_DIR/fuzz expect 0 "$CARGO_TARGET_DIR/fuzz/$HOST/release/$target" \
        "$CHECK_DIR/fuzz/$target" -seed=1 -max_total_time="$seconds" -timeout=10 \
        -print_final_stats=1 -artifact_prefix="$CHECK_DIR/fuzz/"
    count=$(sed -n 's/^stat::number_of_executed_units: *//p' "$CHECK_DIR/stderr")
    echo "$target: $count runs"
    runs=$((runs + count)) targets=$((targets + 1))
done
[ "$targets" -eq "$(grep -c '^\[\[bin\]\]' fuzz/Cargo.toml)" ]
note "$runs runs of $targets targets"

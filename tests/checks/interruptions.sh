# Downloads that are interrupted at random, held against a model of the rules: PICTORY_INTERRUPTIONS of them,
# 2,000 if it is not set.
. tests/checks/common.sh

count=${PICTORY_INTERRUPTIONS:-2000}
PICTORY_INTERRUPTIONS=$count "$CARGO" test --locked --test integration -- --exact \
    downloading_at_random::whatever_interrupts_it_a_download_ends_as_the_rules_say >"$CHECK_DIR/tested" ||
    { cat "$CHECK_DIR/tested" && exit 1; }
grep -q '^test result: ok. 1 passed' "$CHECK_DIR/tested"
note "$count interruptions"

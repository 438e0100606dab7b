# Unit and integration tests.
. tests/checks/common.sh

status=0
"$CARGO" test --locked >"$CHECK_DIR/cargo-test" 2>&1 || status=$?
cat "$CHECK_DIR/cargo-test"
note "$(awk '/^test result: / { passed += $4; failed += $6; ignored += $8 }
    END { printf "%d passed, %d failed, %d ignored", passed, failed, ignored }' "$CHECK_DIR/cargo-test")"
exit "$status"

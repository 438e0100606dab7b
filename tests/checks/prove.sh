# Each scenario that is claimed to be survived is: `make prove`, whose table is the one in docs/RELIABILITY.md. A
# claim that does not hold is seen.
. tests/checks/common.sh

build_debug
expect 0 emulator/prove.sh "$EMULATOR" "$RUN_DIR/bin/pictory"
without_times() {
    sed -n 's/^\(| .*\) | [0-9.]* s |$/\1/p' "$1"
}
without_times "$CHECK_DIR/stdout" >"$CHECK_DIR/came"
sed '1,/^## What `make prove` shows/d' docs/RELIABILITY.md >"$CHECK_DIR/documented"
without_times "$CHECK_DIR/documented" | diff - "$CHECK_DIR/came"
[ "$(wc -l <"$CHECK_DIR/came")" -eq "$(find emulator/scenarios -name '*.json' | wc -l)" ]

cp -r emulator "$CHECK_DIR/emulator"
sed -i 's/^\(failed.wait.\)JOB_FAILED/\1OK/' "$CHECK_DIR/emulator/scenarios/claims"
expect 1 "$CHECK_DIR/emulator/prove.sh" "$EMULATOR" "$RUN_DIR/bin/pictory" failed
said stdout 'JOB_FAILED (claimed: OK)'
expect 1 emulator/prove.sh "$EMULATOR" "$RUN_DIR/bin/pictory" no-such-scenario
note "$(wc -l <"$CHECK_DIR/came" | tr -d ' ') scenarios"

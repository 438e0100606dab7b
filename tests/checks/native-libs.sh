# What a program that is linked with the static library needs of the system: what rustc says is what
# the Makefile has, and so the pkg-config file and the CMake package, and what the README says.
. tests/checks/common.sh

CARGO_TERM_COLOR=never "$CARGO" rustc --locked --lib --crate-type staticlib -- --print native-static-libs \
    >"$CHECK_DIR/rustc" 2>&1 || {
    cat "$CHECK_DIR/rustc"
    exit 1
}
wanted=$(sed -n 's/^note: native-static-libs: //p' "$CHECK_DIR/rustc")
[ -n "$wanted" ]
echo "$wanted" >"$CHECK_DIR/wanted"
sed -n 's/^NATIVE = //p' Makefile | diff "$CHECK_DIR/wanted" -
sed -n 's/^cc .*libpictory\.a //p' README.md | diff "$CHECK_DIR/wanted" -
note "$wanted"

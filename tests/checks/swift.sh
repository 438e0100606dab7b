# The Swift package: it is formatted, compiles without a warning in the language mode that checks
# concurrency, and its tests pass against the emulator. Where there is no swift, in a chroot that has it.
. tests/checks/common.sh

# swift_ ARGUMENT...: on this machine, or in the chroot, where nothing can be written to but the run's folder.
swift_() {
    set -- env PKG_CONFIG_PATH="$CHECK_DIR/pkgconfig" LD_LIBRARY_PATH="$DEBUG" PICTORY_EMULATOR="$EMULATOR" \
        swift "$@"
    if [ -n "$inside" ]; then
        set -- bindings/swift/chroot.sh run "$PWD" "$CARGO_TARGET_DIR" "+$CHECK_DIR" -- "$@"
    fi
    "$@" >"$CHECK_DIR/swift.log" 2>&1 || {
        cat "$CHECK_DIR/swift.log"
        exit 1
    }
}

inside=
if ! command -v swift >/dev/null 2>&1; then
    inside=yes
    needs debootstrap 'apt-get install debootstrap; or swift'
    unshare -m true 2>/dev/null || skip 'needs swift, or root to make a chroot that has it'
    bindings/swift/chroot.sh make >"$CHECK_DIR/chroot" 2>&1 || {
        tail -3 "$CHECK_DIR/chroot"
        skip 'needs swift: a chroot that has it could not be made'
    }
fi
build_debug
describe_library

sed '1,/^\/\/ This one is in the README/d' bindings/swift/Tests/PictoryTests/Example.swift >"$CHECK_DIR/readme.swift"
in_readme swift "$CHECK_DIR/readme.swift"

package=$PWD/bindings/swift
swift_ format lint --strict --recursive --configuration "$package/.swift-format" \
    "$package/Package.swift" "$package/Sources" "$package/Tests"
set -- --package-path "$package" --scratch-path "$CHECK_DIR/swift" -Xswiftc -warnings-as-errors
swift_ build --build-tests "$@"
swift_ test --skip-build "$@"
! grep -e ' skipped ' "$CHECK_DIR/swift.log" || exit 1
note "$(sed -n 's/.*Executed \([0-9]* tests\), with 0 failures.*/\1/p' "$CHECK_DIR/swift.log" | tail -1);" \
    "$(sed -n 's/^\(1000 waits: .*\)/\1/p' "$CHECK_DIR/swift.log")"

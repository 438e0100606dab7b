# The Swift package: it is formatted, compiles without a warning in the language modes 5 and 6, a program
# outside does too, its public API is as it is recorded and has comments, and its tests pass against the
# emulator. Where there is no swift, in a chroot that has it.
. tests/checks/common.sh

# swift_ ARGUMENT...: on this machine, or in the chroot, where nothing can be written to but the run's folder.
swift_() {
    set -- env PKG_CONFIG_PATH="$CHECK_DIR/pkgconfig" LD_LIBRARY_PATH="$DEBUG" PICTORY_EMULATOR="$EMULATOR" \
        PICTORY_SWIFT_MODE="$mode" swift "$@"
    if [ -n "$inside" ]; then
        set -- bindings/swift/chroot.sh run "$PWD" "$CARGO_TARGET_DIR" "+$CHECK_DIR" -- "$@"
    fi
    "$@" >"$CHECK_DIR/swift.log" 2>&1 || {
        cat "$CHECK_DIR/swift.log"
        exit 1
    }
}

mode=6
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
in_document swift "$CHECK_DIR/readme.swift"
sed -n '/^    \/\/ From here on/,/^    \/\/ To here/p' bindings/swift/Tests/PictoryTests/OwnTest.swift |
    sed -e '1d; $d' -e 's/^    //' >"$CHECK_DIR/own.swift"
in_document swift "$CHECK_DIR/own.swift" emulator/README.md

package=$PWD/bindings/swift
sed -n '/^protocol Jobs/,$p' "$package/Tests/Outside/Sources/Outside/Fake.swift" | grep -v '^ *///' >"$CHECK_DIR/fake.swift"
sed -n '/^protocol Jobs/,/^```$/p' "$package/README.md" | sed '$d' | diff - "$CHECK_DIR/fake.swift" || {
    echo "the package's README has another fake than the program outside"
    exit 1
}

swift_ format lint --strict --recursive --configuration "$package/.swift-format" \
    "$package/Package.swift" "$package/Sources" "$package/Tests"
mkdir "$CHECK_DIR/graph"
set -- -Xswiftc -warnings-as-errors --package-path "$package" --scratch-path
swift_ build --build-tests "$@" "$CHECK_DIR/swift" \
    -Xswiftc -emit-symbol-graph -Xswiftc -emit-symbol-graph-dir -Xswiftc "$CHECK_DIR/graph"
swift_ test --skip-build "$@" "$CHECK_DIR/swift"
! grep -e ' skipped ' "$CHECK_DIR/swift.log" || exit 1
note "$(sed -n 's/.*Executed \([0-9]* tests\), with 0 failures.*/\1/p' "$CHECK_DIR/swift.log" | tail -1);" \
    "$(sed -n 's/^\(1000 waits: .*\)/\1/p' "$CHECK_DIR/swift.log")"

needs python3 'apt-get install python3'
graph=$CHECK_DIR/graph/Pictory.symbols.json
python3 tests/checks/swift-api.py "$graph" | diff "$package/api.txt" - || {
    echo 'api.txt is not the public API'
    exit 1
}
undocumented=$(python3 tests/checks/swift-api.py "$graph" --undocumented)
[ -z "$undocumented" ] || {
    echo "no comment: $undocumented"
    exit 1
}

swift_ build --build-tests "$@" "$CHECK_DIR/swift-5" -Xswiftc -swift-version -Xswiftc 5
swift_ test --skip-build --filter ServiceTests "$@" "$CHECK_DIR/swift-5" -Xswiftc -swift-version -Xswiftc 5
for mode in 5 6; do
    swift_ run -Xswiftc -warnings-as-errors --package-path "$package/Tests/Outside" \
        --scratch-path "$CHECK_DIR/outside-$mode"
done

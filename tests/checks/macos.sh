# The library for macOS: checked without a warning, and linked, since nothing here could run it. Apple's frameworks
# are stubs of what their crates declare of them, and the C library is zig's list of it: a name that neither has is
# missing.
. tests/checks/common.sh

target=aarch64-apple-darwin
needs python3 'apt-get install python3'
python3 -m ziglang version >/dev/null 2>&1 || skip 'needs zig (python3 -m pip install ziglang)'
[ -d "$(rustc --print target-libdir --target "$target")" ] ||
    skip "needs Rust's library for macOS (rustup target add $target)"

# stub FILE INSTALL-NAME [NAME...]
stub() {
    file=$1 name=$2
    shift 2
    mkdir -p "$(dirname "$file")"
    cat >"$file" <<END
--- !tapi-tbd
tbd-version: 4
targets: [ arm64-macos ]
install-name: $name
current-version: 1
compatibility-version: 1
exports:
  - targets: [ arm64-macos ]
    symbols: [ $(printf '_%s, ' "$@")_$(basename "$name")_stub ]
...
END
}

# framework NAME CRATE: all that has a name like Apple's in what the crate declares of it.
framework() {
    manifest=$("$CARGO" metadata --locked --format-version 1 --filter-platform "$target" |
        grep -o "\"manifest_path\":\"[^\"]*/$2-[0-9][^\"]*\"" | cut -d '"' -f 4)
    [ -f "$manifest" ]
    # shellcheck disable=SC2046
    stub "$CHECK_DIR/$1.framework/$1.tbd" "/System/Library/Frameworks/$1.framework/Versions/A/$1" \
        $(find "$(dirname "$manifest")/src" -name '*.rs' -exec cat {} + |
            grep -o -w 'k\{0,1\}\(Sec\|SSL\|CMS\|Authorization\|CF\)[A-Z][A-Za-z0-9_]*' | sort -u)
}
framework Security security-framework-sys
framework CoreFoundation core-foundation-sys
stub "$CHECK_DIR/libiconv.tbd" /usr/lib/libiconv.2.dylib

# cross COMMAND [OPTION...]: of cargo's.
cross() {
    command=$1
    shift
    packaging/cross.sh "$target" "$CARGO_TARGET_DIR/cross" "$CARGO" "$command" --locked --lib --target "$target" "$@"
}
expect 0 cross check
if grep -A 3 '^warning' "$CHECK_DIR/stderr"; then exit 1; fi
expect 0 cross rustc --crate-type cdylib -- -C "link-arg=-F$CHECK_DIR" -C "link-arg=-L$CHECK_DIR"
dylib=$CARGO_TARGET_DIR/$target/debug/libpictory.dylib
remarks='linked'
nm=$(command -v llvm-nm || command -v llvm-nm-22 || :)
if [ -n "$nm" ]; then
    # zig's linker exports all there is, whatever it is asked for; Apple's does not.
    "$nm" -g --defined-only "$dylib" | sed -n 's/.* _//p' | sort >"$CHECK_DIR/exported"
    sed 's/ .*//' packaging/abi/symbols | sort | comm -23 - "$CHECK_DIR/exported" >"$CHECK_DIR/missing"
    [ ! -s "$CHECK_DIR/missing" ] || {
        echo 'not exported:'
        cat "$CHECK_DIR/missing"
        exit 1
    }
    remarks="$remarks; each name of the header is exported"
else
    remarks="$remarks; its names not read: needs llvm-nm (apt-get install llvm)"
fi
note "$remarks"

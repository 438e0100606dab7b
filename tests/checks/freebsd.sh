# The library for FreeBSD: its types alone are checked, since nothing here could run it.
. tests/checks/common.sh

target=x86_64-unknown-freebsd
needs python3 'apt-get install python3'
python3 -m ziglang version >/dev/null 2>&1 || skip 'needs zig (python3 -m pip install ziglang)'
[ -d "$(rustc --print target-libdir --target "$target")" ] ||
    skip "needs Rust's library for FreeBSD (rustup target add $target)"
packaging/cross.sh "$target" "$CARGO_TARGET_DIR/cross" "$CARGO" check --locked --lib --target "$target"

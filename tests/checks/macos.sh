# The library for macOS: its types alone are checked, since nothing here could run it.
. tests/checks/common.sh

target=aarch64-apple-darwin
needs python3 'apt-get install python3'
python3 -m ziglang version >/dev/null 2>&1 || skip 'needs zig (python3 -m pip install ziglang)'
[ -d "$(rustc --print target-libdir --target "$target")" ] ||
    skip "needs Rust's library for macOS (rustup target add $target)"
export CC_aarch64_apple_darwin='python3 -m ziglang cc -target aarch64-macos'
export AR_aarch64_apple_darwin='python3 -m ziglang ar'
"$CARGO" check --locked --lib --target "$target"

# No remark of clippy, in the tests neither.
. tests/checks/common.sh

"$CARGO" clippy --version >/dev/null 2>&1 || skip 'needs clippy (rustup component add clippy)'
"$CARGO" clippy --locked --all-targets -- -D warnings

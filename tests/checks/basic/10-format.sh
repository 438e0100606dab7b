# The Rust source is formatted as rustfmt.toml says.
. tests/checks/common.sh

"$CARGO" fmt --version >/dev/null 2>&1 || skip 'needs rustfmt (rustup component add rustfmt)'
"$CARGO" fmt --check

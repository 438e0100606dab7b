# The Rust documentation has no warning. The comments of the C skin are the header's: a URL in them is
# left bare.
. tests/checks/common.sh

RUSTDOCFLAGS='-D warnings -A rustdoc::bare_urls' "$CARGO" doc --locked --no-deps --lib

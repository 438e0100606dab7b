# Licences, duplicates and sources of all crates: see deny.toml. Advisories are left out: they need a
# database from the network.
. tests/checks/common.sh

cargo deny --version >/dev/null 2>&1 || skip 'needs cargo-deny (cargo install cargo-deny --locked)'
cargo deny --locked check licenses bans sources
# What is linked into the library, and nothing else, decides its terms.
note "$("$CARGO" tree --locked -e normal --prefix none --no-dedupe -f '{p}' | sort -u | wc -l | tr -d ' ') crates in the library"

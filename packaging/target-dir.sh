#!/bin/sh
# Says where cargo puts what it builds: what the environment or cargo's configuration names, else target.
# Without cargo, which `make install` does not need once all is built, the environment alone is asked.
set -eu
cd "$(dirname "$0")/.."

folder=$("${CARGO:-cargo}" metadata --no-deps --offline --locked --format-version 1 2>/dev/null |
    sed -n 's/.*"target_directory":"\([^"]*\)".*/\1/p') || :
folder=${folder:-${CARGO_TARGET_DIR:-target}}

# Relative where it is inside the tree: make knows no name with a blank in it, and the tree's may have one.
tree=$(pwd -P)
case $folder in
"$PWD"/*) folder=${folder#"$PWD"/} ;;
"$tree"/*) folder=${folder#"$tree"/} ;;
esac
echo "$folder"

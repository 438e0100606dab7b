#!/bin/sh
# Makes of a static library one with a single object, in which only the names of the header are global:
# one-object.sh ARCHIVE OUTPUT
#
# rustc's own archive has all of Rust's standard library in it, under names that another Rust archive in the
# same program has too, and bitcode that only its own LLVM can read. It stays as it is, and that is said,
# where the linker is not one for ELF that can do this. BINUTILS is the prefix of the tools to use.
set -eu

archive=$1 output=$2
prefix=${BINUTILS:-}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

plain() {
    echo "libpictory.a is as rustc has made it, with the names of Rust's standard library: $1" >&2
    cp "$archive" "$output"
    exit
}

for tool in ld nm objcopy ar; do
    command -v "$prefix$tool" >/dev/null || plain "needs $prefix$tool (binutils)"
done
"${prefix}ld" --help | grep -q -e --force-group-allocation ||
    plain "${prefix}ld has no --force-group-allocation (binutils)"

# Some members are not for nm to read, such as the metadata of Rust: it says so, and goes on.
"${prefix}nm" -g --defined-only "$archive" 2>/dev/null | sed -n 's/.* [TDRB] \(pictory_.*\)/\1/p' |
    LC_ALL=C sort -u >"$folder/names"
[ -s "$folder/names" ] || {
    echo "$archive has no name of the header" >&2
    exit 1
}
sed 's/^/--undefined=/' "$folder/names" >"$folder/arguments"
# The object's name is in the archive.
object=$folder/pictory.o
"${prefix}ld" -r --gc-sections --force-group-allocation "@$folder/arguments" -o "$object" "$archive"
"${prefix}objcopy" --keep-global-symbols="$folder/names" --remove-section=.llvmbc --remove-section=.llvmcmd \
    --strip-unneeded "$object"
rm -f "$output"
"${prefix}ar" rcsD "$output" "$object"

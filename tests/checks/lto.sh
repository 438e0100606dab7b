# Link-time optimisation is on in the library that make, make install and make bench use, and nothing else
# that the project builds takes its place. rustc's own record: what goes into the archive that it makes
# together with the shared library. With it, that is one object, and those of compiler_builtins, which are left
# out of it; without it, one or more of each crate.
. tests/checks/common.sh

library=$CARGO_TARGET_DIR/release/libpictory.so

# crates ARCHIVE
crates() {
    ar t "$1" | grep '\.rcgu\.o$' | sed 's/[.-].*//' | sort -u | grep -vx compiler_builtins
}

make -s release emulator
[ "$(crates "$CARGO_TARGET_DIR/library/release/libpictory.a")" = pictory ]
cmp "$CARGO_TARGET_DIR/library/release/libpictory.so" "$library"
bytes=$(wc -c <"$library")
[ "$bytes" -le 2200000 ] || {
    echo "the library has grown to $bytes bytes"
    exit 1
}

# The one that cargo builds beside the emulator has none, and is told from it by both.
other=$CARGO_TARGET_DIR/emulator/deps
crates "$other/libpictory.a" | grep -qx std
[ "$(wc -c <"$other/libpictory.so")" -gt 2200000 ]

# A library that a command of cargo's own has put there does not stay, nor what was linked with it.
for file in libpictory.so libpictory.a; do
    cp "$other/$file" "$CARGO_TARGET_DIR/release/$file"
done
make -s install DESTDIR="$CHECK_DIR/machine" PREFIX=/usr
cmp "$CARGO_TARGET_DIR/library/release/libpictory.so" "$library"
cmp "$library" "$CHECK_DIR/machine/usr/lib/libpictory.so"
cmp "$CARGO_TARGET_DIR/release/libpictory.a" "$CHECK_DIR/machine/usr/lib/libpictory.a"
[ "$(ar t "$CHECK_DIR/machine/usr/lib/libpictory.a")" = pictory.o ]
note "$bytes bytes; without it $(wc -c <"$other/libpictory.so")"

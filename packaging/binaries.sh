#!/bin/sh
# Archives of all that is built, for systems without Rust: binaries.sh FOLDER VERSION TARGET... They go to
# FOLDER/binaries; what cannot be built for want of a tool is named, and left out.
#
# The same source makes the same bytes, wherever it lies: SOURCE_DATE_EPOCH, or the commit, says when.
set -eu

folder=$1 version=$2
shift 2
folder=$(mkdir -p "$folder/binaries" && cd "$folder/binaries" && pwd -P)
when=${SOURCE_DATE_EPOCH:-$(git show -s --format=%ct HEAD 2>/dev/null || date -r CHANGELOG.md +%s)}
cargo=${CARGO:-cargo}
crates=${CARGO_HOME:-$HOME/.cargo}/registry/src
OLDEST_GLIBC=2.28

# What the compilers put into a library of where the source is.
mapped() {
    printf '%s' "--remap-path-prefix=$(pwd -P)=."
    for registry in "$crates"/*; do
        [ ! -d "$registry" ] || printf '%s' " --remap-path-prefix=$registry=crates"
    done
}

# binutils TARGET: the prefix of the tools that make its archive one object.
binutils() {
    case $1 in
    "$(rustc -vV | sed -n 's/^host: //p')") ;;
    x86_64-*) [ "$(uname -m)" = x86_64 ] || echo x86_64-linux-gnu- ;;
    armv7-*) echo arm-linux-gnueabihf- ;;
    *) echo "${1%%-*}-linux-gnu-" | sed 's/^riscv64gc/riscv64/' ;;
    esac
}

# build TARGET: library, tool and emulator, into $built.
build() {
    target=$1 built=$folder/made/$1
    RUSTFLAGS=$(mapped) CARGO_TARGET_DIR=$folder/cargo
    export RUSTFLAGS CARGO_TARGET_DIR
    cross() {
        packaging/cross.sh "$target" "$folder/zig" "$@"
    }
    # shellcheck disable=SC2086
    cross "$cargo" rustc --quiet --locked --release --lib --crate-type cdylib,staticlib --target "$target" -- $COMPACT
    cross "$cargo" build --quiet --locked --profile emulator --example emulator --target "$target"
    rm -rf "$built"
    mkdir -p "$built"
    BINUTILS=$(binutils "$target") packaging/one-object.sh "$CARGO_TARGET_DIR/$target/release/libpictory.a" \
        "$built/libpictory.a"
    [ "$shared" = OFF ] || cp "$CARGO_TARGET_DIR/$target/release/libpictory.so" "$built"
    cp "$CARGO_TARGET_DIR/$target/emulator/examples/emulator" "$built/pictory-emulator"
    # shellcheck disable=SC2086
    "$folder/zig/$target-cc" -std=c99 -O2 -s $static -Iinclude -o "$built/pictory" tool/*.c "$built/libpictory.a" $libraries
}

# licences FOLDER TARGET: what each crate that is linked in says, of the emulator's too.
licences() {
    mkdir -p "$1"
    echo "Rust's standard library, $(rustc --version): MIT OR Apache-2.0" >"$1/CRATES"
    "$cargo" tree --locked --edges normal,dev --target "$2" --prefix none --format '{p}: {l}' | sed 's/ (\*)$//' |
        grep -v '^pictory ' | LC_ALL=C sort -u | tee -a "$1/CRATES" | sed 's/^\(.*\) v\([^ :]*\).*/\1-\2/' |
        while read -r crate; do
            for source in "$crates"/*/"$crate" "vendor/$crate"; do
                [ -d "$source" ] || continue
                find "$source" -maxdepth 1 -type f \( -iname 'licen[cs]e*' -o -iname 'copying*' -o -iname 'notice*' \) |
                    while read -r text; do
                        cp "$text" "$1/$crate-${text##*/}"
                    done
                break
            done
        done
    chmod -R u=rwX,go=rX "$1"
}

# refuse_newer FILE: nothing in it asks for a glibc that is newer.
refuse_newer() {
    newest=$(readelf -VW "$1" | grep -o 'GLIBC_2\.[0-9.]*' | sed 's/GLIBC_//' | sort -uV | tail -n 1)
    [ "$(printf '%s\n' "$newest" "$OLDEST_GLIBC" | sort -V | tail -n 1)" = "$OLDEST_GLIBC" ] || {
        echo "$1 needs glibc $newest" >&2
        exit 1
    }
}

# pack TARGET
pack() {
    name=pictory-$version-$(echo "$1" | sed 's/-unknown//')
    stage=$folder/made/$name
    rm -rf "$stage"
    PREFIX=/ LIBDIR=/lib INCLUDEDIR=/include BINDIR=/bin DATADIR=/share DESTDIR=$stage BUILT=$built \
        PREPARED=$built VERSION=$version NATIVE=$libraries SHARED=$shared packaging/install.sh install
    licences "$stage/share/doc/pictory/licences" "$1"
    case $1 in
    *-gnu*) for file in "$stage"/bin/* "$stage"/lib/libpictory.so; do refuse_newer "$file"; done ;;
    esac
    (cd "$stage" && find . -type f ! -name SHA256SUMS | LC_ALL=C sort | xargs sha256sum) >"$folder/made/sums"
    mv "$folder/made/sums" "$stage/SHA256SUMS"
    tar -C "$folder/made" --format=gnu --sort=name --mtime="@$when" --owner=0 --group=0 --numeric-owner \
        --mode=u+rw,go+r,go-w,a+X -cf - "$name" | gzip -n -9 >"$folder/$name.tar.gz"
    echo "$folder/$name.tar.gz"
}

python3 -m ziglang version >/dev/null 2>&1 || {
    echo 'make binaries needs zig (python3 -m pip install ziglang)' >&2
    exit 2
}
for target; do
    [ -d "$(rustc --print target-libdir --target "$target")" ] || {
        echo "not for $target: needs Rust's library for it (rustup target add $target)" >&2
        continue
    }
    case $target in
    *-musl) shared=OFF static=-static libraries='-lunwind -lc' ;;
    *) shared=ON static='' libraries=$NATIVE ;;
    esac
    build "$target"
    pack "$target"
done
rm -rf "$folder/made"
(cd "$folder" && sha256sum -- *.tar.gz >SHA256SUMS)

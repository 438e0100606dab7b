# The static library is one object with the header's names and no others, without bitcode. It links beside
# an archive that another rustc has made, in both orders, by gcc and clang, with and without their -flto, with
# each linker, static and not, and after ranlib and strip; each program runs.
. tests/checks/common.sh

needs rustup 'https://rustup.rs'
needs clang 'apt-get install clang'
needs ld.gold 'apt-get install binutils'
needs ld.lld 'apt-get install lld'
rustup toolchain list | grep -q '^nightly' || skip 'needs a nightly toolchain (rustup toolchain install nightly)'
[ "$(rustc --version)" != "$(rustc +nightly --version)" ] || skip 'needs a toolchain beside nightly'
make -s release

archive=$CARGO_TARGET_DIR/release/libpictory.a
folder=$CHECK_DIR/archive
mkdir "$folder"
[ "$(ar t "$archive")" = pictory.o ]
nm -g --defined-only "$archive" | sed -n 's/.* //; /^[a-z]/p' | sed '/:$/d' | sort >"$folder/names"
sed 's/ .*//' packaging/abi/symbols | diff - "$folder/names"
! readelf -SW "$archive" | grep -e '\.llvmbc' -e '\.llvmcmd' || exit 1
bytes=$(wc -c <"$archive")
[ "$bytes" -le 5000000 ] || {
    echo "$bytes bytes"
    exit 1
}

# The other one has rustc's own bitcode in it, which no linker of another LLVM's could take.
rustc +nightly --edition 2024 --crate-type staticlib -C panic=unwind -O -o "$folder/other.a" tests/archive/other.rs
objcopy --remove-section=.llvmbc --remove-section=.llvmcmd "$folder/other.a"
cp "$archive" "$folder/plain.a"
cp "$archive" "$folder/ranlib.a"
ranlib "$folder/ranlib.a"
cp "$archive" "$folder/strip.a"
strip --strip-unneeded "$folder/strip.a"
native=$(sed -n 's/^NATIVE = //p' Makefile)

# impossible: what no archive could change.
impossible() {
    case $1 in
    *gold*-static-pie) ;;    # gold has no --no-dynamic-linker
    gcc*lld*-flto*) ;;       # lld has no plug-in for gcc's objects
    *) return 1 ;;
    esac
}

# links COMPILER-AND-OPTIONS: with each kind of the archive, in both orders.
links() {
    ! impossible "$*" || return 0
    case $* in
    *-static*) libraries=$(echo "$native" | sed 's/-lgcc_s/-lgcc_eh/') ;;
    *) libraries=$native ;;
    esac
    for kind in plain ranlib strip; do
        for order in "$folder/$kind.a $folder/other.a" "$folder/other.a $folder/$kind.a"; do
            # shellcheck disable=SC2086
            "$@" -std=c99 -O1 -Iinclude -o "$folder/both" tests/archive/both.c $order $libraries 2>"$folder/said" || {
                cat "$folder/said"
                exit 1
            }
            "$folder/both" || {
                echo "$* with $kind: the program ends with $?"
                exit 1
            }
            programs=$((programs + 1))
        done
    done
}

programs=0
for compiler in gcc clang; do
    for linker in bfd gold lld; do
        for optimised in '' -flto; do
            for mode in '' -static -static-pie -Wl,--gc-sections; do
                # shellcheck disable=SC2086
                links $compiler -fuse-ld=$linker $optimised $mode
            done
        done
    done
done

# What rustc makes itself does not pass.
cp "$CARGO_TARGET_DIR/library/release/libpictory.a" "$folder/plain.a"
if (links gcc) >"$folder/refused"; then
    echo 'two archives of rustc link: this check proves nothing'
    exit 1
fi
grep -q 'multiple definition' "$folder/refused"
note "$bytes bytes, $programs programs"

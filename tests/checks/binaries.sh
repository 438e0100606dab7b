# The archive for systems without Rust: its checksums hold, its programs run, C builds from nothing but it, no
# glibc above 2.28 is asked for, and each crate's licence is in it. By itself (ONLY=binaries), it is made a
# second time from a copy of the tree, to the same bytes, and runs in a Debian that is older.
. tests/checks/common.sh
. tests/install/installed.sh

needs python3 'apt-get install python3'
python3 -m ziglang version >/dev/null 2>&1 || skip 'needs zig (python3 -m pip install ziglang)'
needs pkg-config 'apt-get install pkg-config'
build_debug # the emulator
target=x86_64-unknown-linux-gnu
[ "$(uname -m)" = x86_64 ] || skip 'needs a processor on which the archive runs'
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-1700000000}
export SOURCE_DATE_EPOCH

make -s binaries ONLY="$target"
tarball=$(find "$CARGO_TARGET_DIR/binaries" -name 'pictory-*-x86_64-linux-gnu.tar.gz')
(cd "$CARGO_TARGET_DIR/binaries" && sha256sum --quiet -c SHA256SUMS)
mkdir "$CHECK_DIR/binaries"
tar -xzf "$tarball" -C "$CHECK_DIR/binaries"
prefix=$(find "$CHECK_DIR/binaries" -mindepth 1 -maxdepth 1)
(cd "$prefix" && sha256sum --quiet -c SHA256SUMS)
[ "$(ar t "$prefix/lib/libpictory.a")" = pictory.o ]
for crate in rustls ring serde_json rcgen; do
    find "$prefix/share/doc/pictory/licences" -name "$crate-[0-9]*" | grep -q . || {
        echo "no licence of $crate"
        exit 1
    }
done
newest=$(readelf -VW "$prefix"/bin/* "$prefix/lib/libpictory.so" | grep -o 'GLIBC_2\.[0-9]*' | sort -uV | tail -n 1)
[ "$(printf '%s\n' "$newest" GLIBC_2.28 | sort -V | tail -n 1)" = GLIBC_2.28 ]
expect 0 emulator/with-emulator.sh "$prefix/bin/pictory-emulator" "$prefix/bin/pictory" get "$DONE_JOB"
by_pkg_config "$prefix/lib"
remarks="$(($(wc -c <"$tarball") / 1000)) kB, $newest"

if [ "$CHECK_ONLY" = binaries ]; then
    cp "$tarball" "$CHECK_DIR/first.tar.gz"
    mkdir "$CHECK_DIR/copy"
    tar -cf - --exclude=./target . | tar -xf - -C "$CHECK_DIR/copy"
    (cd "$CHECK_DIR/copy" && CARGO_TARGET_DIR=built make -s binaries ONLY="$target")
    cmp "$CHECK_DIR/first.tar.gz" "$CHECK_DIR/copy/built/binaries/$(basename "$tarball")"
    remarks="$remarks, the same bytes twice"
    if [ "$(id -u)" -eq 0 ] && command -v debootstrap >/dev/null &&
        debootstrap --variant=minbase bullseye "$CHECK_DIR/older" >"$CHECK_DIR/debootstrap" 2>&1; then
        cp -a "$prefix" "$CHECK_DIR/older/pictory"
        # shellcheck disable=SC2016
        expect 0 chroot "$CHECK_DIR/older" sh -c ': >/url; /pictory/bin/pictory-emulator >/url & pid=$!
            until read -r url </url; do kill -0 $pid || exit 1; sleep 0.1; done
            PICTORY_API_BASE_URL=$url PICTORY_API_KEY=any /pictory/bin/pictory wait --poll-interval 0.1 "$1"
            status=$?; kill $pid; exit $status' sh "$DONE_JOB"
        said stdout completed
        remarks="$remarks, run in Debian 11"
    else
        remarks="$remarks; not in an older system: needs root and debootstrap"
    fi
fi
note "$remarks"

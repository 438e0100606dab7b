# The source archive builds without a network, and without anything that cargo has at home, to a library with
# link-time optimisation; it is the same, byte for byte, whenever it is made.
. tests/checks/common.sh

git rev-parse --is-inside-work-tree >/dev/null 2>&1 || skip 'not a git checkout'
build_debug # the emulator
make -s dist >/dev/null
archive=$(find "$CARGO_TARGET_DIR/dist" -name 'pictory-*.tar.gz')
cp "$archive" "$CHECK_DIR/first.tar.gz"
(umask 077 && make -s dist >/dev/null)
cmp "$CHECK_DIR/first.tar.gz" "$archive"

mkdir "$CHECK_DIR/unpacked" "$CHECK_DIR/cargo-home"
tar -xzf "$archive" -C "$CHECK_DIR/unpacked"
source=$(find "$CHECK_DIR/unpacked" -mindepth 1 -maxdepth 1)
git ls-tree -r --name-only HEAD | sort >"$CHECK_DIR/committed"
(cd "$source" && find . -type f ! -path './vendor/*' ! -path './.cargo/*' | sed 's|^\./||' | sort) |
    diff "$CHECK_DIR/committed" -
(
    cd "$source"
    # Where rustup keeps its toolchains is not cargo's home: it is told apart from it.
    RUSTUP_HOME=${RUSTUP_HOME:-$(rustup show home 2>/dev/null || :)} CARGO_HOME=$CHECK_DIR/cargo-home \
        CARGO_NET_OFFLINE=true CARGO_TARGET_DIR=$source/target make -s release
    only=$(ar t target/library/release/libpictory.a | grep '\.rcgu\.o$' | grep -v '^compiler_builtins')
    [ "${only%%.*}" = pictory ] && [ "$(echo "$only" | wc -l)" -eq 1 ]
    # shellcheck disable=SC2086
    "$CC" -std=c99 $WARNINGS -Iinclude -o get_job examples-c/get_job.c -Ltarget/release -lpictory \
        -Wl,-rpath,"$source/target/release"
)
expect 0 emulated "$source/get_job" "$DONE_JOB"
note "$(($(wc -c <"$archive") / 1000000)) MB"

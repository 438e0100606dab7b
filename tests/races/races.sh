# Read by the checks that run the programs of this folder under a sanitizer. A sanitizer that has
# found something ends a program with 99.
# shellcheck shell=sh

# Its runtime and the one that rustc's nightly instruments for have to fit.
CLANG=${CLANG:-clang-22}
CLANGXX=${CLANGXX:-clang++-22}

export ASAN_OPTIONS=exitcode=99 LSAN_OPTIONS=exitcode=99 TSAN_OPTIONS='exitcode=99 halt_on_error=1'

needs_nightly() {
    "$CARGO" +nightly --version >/dev/null 2>&1 ||
        skip 'needs a nightly toolchain (rustup toolchain install nightly --profile minimal)'
    HOST=$("$CARGO" +nightly -vV | sed -n 's/^host: //p')
}

# compile COMPILER FLAGS FOLDER SOURCE...: C programs, linked with the library of FOLDER, go to
# $CHECK_DIR/sanitized.
compile() {
    compiler=$1 flags=$2 library=$3
    shift 3
    mkdir -p "$CHECK_DIR/sanitized"
    ln -sf libpictory.so "$library/libpictory.so.1"
    for source in "$@"; do
        # shellcheck disable=SC2086
        "$compiler" -std=c99 -g $flags $WARNINGS -Iinclude \
            -o "$CHECK_DIR/sanitized/$(basename "$source" .c)" "$source" \
            -L"$library" -lpictory -pthread -Wl,-rpath,"$library"
    done
}

# Every program but that of the mistakes must end well, over HTTP and over HTTPS.
run_races() {
    export EMULATOR_SCRIPT=tests/races/script.json
    for source in tests/races/*.c; do
        program=$(basename "$source" .c)
        [ "$program" != mistakes ] || continue
        expect 0 emulated "$CHECK_DIR/sanitized/$program"
        RACES_CA=$CHECK_DIR/ca.pem expect 0 emulated_by_tls "$CHECK_DIR/sanitized/$program"
    done
    unset EMULATOR_SCRIPT
}

# caught MISTAKE WORDS: the sanitizer must see it, and say these words.
caught() {
    expect 99 "$CHECK_DIR/sanitized/mistakes" "$1"
    said stderr "$2"
}

# The program that makes the mistakes is fine without them.
no_false_alarm() {
    expect 0 "$CHECK_DIR/sanitized/mistakes"
    [ ! -s "$CHECK_DIR/stderr" ]
}

# Read by every check. CHECK_DIR is a folder of the check's own, RUN_DIR one that the checks of a run share;
# CARGO_TARGET_DIR is set, and absolute.
# shellcheck shell=sh
set -eu

# Not exported: a crate that compiles C would be built anew.
CC=${CC:-cc}
CXX=${CXX:-c++}
CARGO=${CARGO:-cargo}
DEBUG=$CARGO_TARGET_DIR/debug
EMULATOR=$DEBUG/examples/emulator
WARNINGS='-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror'
DONE_JOB=4a09edf9-d071-4847-bda5-8dea913d80fe
FAILED_JOB=fa11ed00-0000-4000-8000-000000000000
ENDLESS_JOB=00000000-0000-4000-8000-000000000000

note() {
    echo "($*)" >"$CHECK_DIR/note"
}

skip() {
    echo "$*" >"$CHECK_DIR/note"
    exit 77
}

# needs TOOL HOW: goes on only if the tool is there.
needs() {
    command -v "$1" >/dev/null 2>&1 || skip "needs $1 ($2)"
}

has_cxx() {
    command -v "$CXX" >/dev/null 2>&1
}

# The library, the emulator, the examples and the tool, unoptimised: built once a run. Those in C++ only where
# there is a compiler for it.
build_debug() {
    [ "$(cat "$RUN_DIR/bin/built" 2>/dev/null)" != "$DEBUG" ] || return 0
    make -s debug
    mkdir -p "$RUN_DIR/bin"
    for source in examples-c/*.c tool; do
        name=$(basename "$source" .c)
        if [ "$name" = tool ]; then
            name=pictory
            set -- tool/*.c
        else
            set -- "$source"
        fi
        # shellcheck disable=SC2086
        "$CC" -std=c99 -g $WARNINGS -Iinclude -o "$RUN_DIR/bin/$name" "$@" \
            -L"$DEBUG" -lpictory -pthread -Wl,-rpath,"$DEBUG"
    done
    for source in examples-c/*.cpp; do
        has_cxx || break
        # shellcheck disable=SC2086
        "$CXX" -std=c++17 -g $WARNINGS -Iinclude -o "$RUN_DIR/bin/$(basename "$source" .cpp)-cpp" \
            "$source" -L"$DEBUG" -lpictory -pthread -Wl,-rpath,"$DEBUG"
    done
    echo "$DEBUG" >"$RUN_DIR/bin/built"
}

# For what finds the library by pkg-config: where it was built.
describe_library() {
    mkdir -p "$CHECK_DIR/pkgconfig"
    printf '%s\n' "includedir=$PWD/include" "libdir=$DEBUG" 'Name: pictory' 'Description: as it was built' \
        'Version: 0' 'Cflags: -I${includedir}' 'Libs: -L${libdir} -lpictory' >"$CHECK_DIR/pkgconfig/pictory.pc"
}

# The header without comments and directives, for what reads declarations alone, into $CHECK_DIR/declarations.h.
declarations() {
    mkdir "$CHECK_DIR/no-headers"
    for header in stdbool stddef stdint; do : >"$CHECK_DIR/no-headers/$header.h"; done
    "$CC" -E -P -nostdinc -I"$CHECK_DIR/no-headers" include/pictory.h >"$CHECK_DIR/declarations.h"
}

# first_block LANGUAGE [DOCUMENT]: the first block of this language in it, in the README if none is named.
first_block() {
    awk -v begin="^\`\`\`$1\$" '$0 ~ begin { inside = 1; next } /^```$/ { if (inside) exit } inside' "${2:-README.md}"
}

# block_with TEXT: the first block of the README in which a line begins so, into $CHECK_DIR/block.
block_with() {
    awk -v text="$1" '/^```/ { if (inside && found) { printf "%s", lines; exit }
        inside = !inside; lines = ""; found = 0; next }
        inside { lines = lines $0 "\n"; if (index($0, text) == 1) found = 1 }' README.md >"$CHECK_DIR/block"
    [ -s "$CHECK_DIR/block" ] || {
        echo "the README has no block with: $1"
        exit 1
    }
}

# in_document LANGUAGE FILE [DOCUMENT]: that block is this file, to the letter.
in_document() {
    first_block "$1" "${3:-README.md}" | diff - "$2" || {
        echo "the $1 of ${3:-README.md} is not that of the tests"
        exit 1
    }
}

# Runs a command against the emulator.
emulated() {
    emulator/with-emulator.sh "$EMULATOR" "$@"
}

# The same over HTTPS; the emulator's CA is then in $CHECK_DIR/ca.pem.
emulated_by_tls() {
    EMULATOR_OPTIONS="--tls --ca $CHECK_DIR/ca.pem" emulated "$@"
}

# expect STATUS COMMAND...: the command must end with this exit status. Its stdout and stderr are
# left in $CHECK_DIR/stdout and $CHECK_DIR/stderr.
expect() {
    wanted=$1
    shift
    got=0
    "$@" >"$CHECK_DIR/stdout" 2>"$CHECK_DIR/stderr" || got=$?
    if [ "$got" -ne "$wanted" ]; then
        echo "exit status $got, not $wanted: $*"
        cat "$CHECK_DIR/stdout" "$CHECK_DIR/stderr"
        exit 1
    fi
}

# said stdout|stderr TEXT: the last command of `expect` printed this.
said() {
    grep -qF -- "$2" "$CHECK_DIR/$1" || {
        echo "not on $1: $2"
        cat "$CHECK_DIR/$1"
        exit 1
    }
}

# tree: the state of the checkout; only of what a build may write, unless nobody else is at work.
tree() {
    command -v git >/dev/null 2>&1 || skip 'needs git (apt-get install git)'
    git rev-parse --is-inside-work-tree >/dev/null 2>&1 || skip 'not a git checkout'
    if [ -n "${CI:-}" ]; then
        git status --porcelain
    fi
    cksum include/* Cargo.lock
}

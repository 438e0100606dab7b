# The ABI is the one of packaging/abi/: nothing was taken away, nothing has another type or number.
. tests/checks/common.sh

needs abidiff 'apt-get install abigail-tools'
needs nm 'apt-get install binutils'
build_debug

# types HEADER OUTPUT
types() {
    sh packaging/abi/stub.sh "$1" >"$CHECK_DIR/stub.cpp"
    # From within, so that the record holds no path of this machine.
    (cd "$CHECK_DIR" && "$CXX" -std=c++17 -g -fPIC -shared -o stub.so stub.cpp)
    abidw --no-corpus-path --no-comp-dir-path --no-show-locs "$CHECK_DIR/stub.so" >"$2"
}

# The symbols of the library are those on record, each with the version that brought it.
nm -D --defined-only "$DEBUG/libpictory.so" | sed 's/.* //' | sort >"$CHECK_DIR/exported"
sed 's/ .*//' packaging/abi/symbols | diff - "$CHECK_DIR/exported"

types "$PWD/include/pictory.h" "$CHECK_DIR/now.abi"
abidiff --no-added-syms packaging/abi/pictory.abi "$CHECK_DIR/now.abi"
if [ -n "${RECORD_ABI:-}" ]; then
    cp "$CHECK_DIR/now.abi" packaging/abi/pictory.abi
elif ! abidiff packaging/abi/pictory.abi "$CHECK_DIR/now.abi" >/dev/null; then
    echo 'something was added: record it with `make abi`'
    exit 1
fi

# refused SED-EXPRESSION: a header changed so must not pass.
refused() {
    sed "$1" include/pictory.h >"$CHECK_DIR/changed.h"
    if cmp -s include/pictory.h "$CHECK_DIR/changed.h"; then
        echo "the header has nothing to change: $1"
        exit 1
    fi
    types "$CHECK_DIR/changed.h" "$CHECK_DIR/changed.abi"
    if abidiff --no-added-syms packaging/abi/pictory.abi "$CHECK_DIR/changed.abi" >/dev/null; then
        echo "the gate does not see: $1"
        exit 1
    fi
}
refused 's/max_wait_ms(pictory_wait_options \*options, int64_t ms/max_wait_ms(pictory_wait_options *options, int32_t ms/'
refused 's/PICTORY_ERROR_TIMEOUT = 104/PICTORY_ERROR_TIMEOUT = 114/'
refused '/^bool pictory_status_is_final(/d'
note "$(wc -l <packaging/abi/symbols | tr -d ' ') symbols; a changed parameter, number and symbol are refused"

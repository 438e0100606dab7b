# A hundred jobs in the loops that programs have: GLib's, libuv's and libevent's; and interpreters that cannot be
# called on a thread of the library's, which wait with updates. Each is passed over where it is not there.
. tests/checks/common.sh

build_debug
ran='' missing=''
printf '%s' '{"default":[{"example":"in-progress"},{"example":"completed"}]}' >"$CHECK_DIR/script.json"
export EMULATOR_SCRIPT="$CHECK_DIR/script.json" PICTORY_TEST_LATENESS_MS=2000

# loop NAME PACKAGE PKG-CONFIG-NAME
loop() {
    if ! pkg-config --exists "$3" 2>/dev/null; then
        missing="$missing $1 (apt-get install $2),"
        return
    fi
    # The headers of the loop are not this project's to mend.
    # shellcheck disable=SC2046,SC2086
    "$CC" -std=gnu99 -g $WARNINGS -Iinclude -o "$CHECK_DIR/$1" "tests/loops/$1.c" \
        $(pkg-config --cflags "$3" | sed 's/-I/-isystem /g') -L"$DEBUG" -lpictory -pthread \
        -Wl,-rpath,"$DEBUG" $(pkg-config --libs "$3")
    for _ in 1 2 3; do expect 0 emulated "$CHECK_DIR/$1"; done
    ran="$ran $1,"
}
loop glib libglib2.0-dev glib-2.0
loop libuv libuv1-dev libuv
loop libevent libevent-dev libevent

declarations
library=$DEBUG/libpictory.so
if command -v luajit >/dev/null 2>&1; then
    expect 0 emulated luajit tests/loops/wait.lua "$CHECK_DIR/declarations.h" "$library"
    ran="$ran LuaJIT,"
else
    missing="$missing luajit,"
fi
if python3 -c 'import cffi' 2>/dev/null; then
    expect 0 emulated python3 tests/loops/wait.py "$CHECK_DIR/declarations.h" "$library"
    ran="$ran cffi,"
else
    missing="$missing cffi (pip install cffi),"
fi
if command -v ruby >/dev/null 2>&1; then
    expect 0 emulated ruby tests/loops/wait.rb "$library"
    ran="$ran Ruby,"
else
    missing="$missing ruby,"
fi
[ -n "$ran" ] || skip "needs one of$missing and there is none"
note "${ran# } missing:${missing:- nothing}"

# The header as import tools take it, whole and without a hand on it: LuaJIT's ffi.cdef, Python's cffi, zig
# translate-c and SWIG. Each is passed over where it is not there.
. tests/checks/common.sh

declarations
build_debug
functions=$(sed -n 's/^[a-z].*\b\(pictory_[a-z0-9_]*\)(.*/\1/p' include/pictory.h | sort -u | wc -l | tr -d ' ')
imported='' missing=''

if command -v luajit >/dev/null 2>&1; then
    cat >"$CHECK_DIR/import.lua" <<'END'
local ffi = require "ffi"
local file = assert(io.open(arg[1])); ffi.cdef(file:read "*a"); file:close()
local pictory = ffi.load(arg[2])
assert(ffi.string(pictory.pictory_code_name(pictory.PICTORY_ERROR_NOT_WATCHED)) == "PICTORY_ERROR_NOT_WATCHED")
assert(ffi.sizeof "pictory_code" == 4 and pictory.pictory_watcher_download ~= nil)
END
    luajit "$CHECK_DIR/import.lua" "$CHECK_DIR/declarations.h" "$DEBUG/libpictory.so"
    imported="$imported LuaJIT,"
else
    missing="$missing luajit,"
fi
if python3 -c 'import cffi' 2>/dev/null; then
    python3 - "$CHECK_DIR/declarations.h" "$DEBUG/libpictory.so" "$functions" <<'END'
import cffi, sys
ffi = cffi.FFI()
ffi.cdef(open(sys.argv[1]).read())
library = ffi.dlopen(sys.argv[2])
names = [name for name in dir(library) if name.startswith("pictory_")]
assert len(names) == int(sys.argv[3]), names
assert ffi.string(library.pictory_output_name(library.PICTORY_OUTPUT_LAST_FRAME)) == b"last-frame"
END
    imported="$imported cffi,"
else
    missing="$missing cffi (pip install cffi),"
fi
if python3 -m ziglang version >/dev/null 2>&1; then
    python3 -m ziglang translate-c -lc include/pictory.h >"$CHECK_DIR/pictory.zig"
    [ "$(grep -c '^pub extern fn pictory_' "$CHECK_DIR/pictory.zig")" -eq "$functions" ]
    grep -q 'PICTORY_UNLIMITED = .*0xFFFFFFFF' "$CHECK_DIR/pictory.zig"
    imported="$imported zig,"
else
    missing="$missing zig (pip install ziglang),"
fi
if command -v swig >/dev/null 2>&1; then
    printf '%%module pictory\n%%{\n#include <pictory.h>\n%%}\n%%include <stdint.i>\n%%include "pictory.h"\n' >"$CHECK_DIR/pictory.i"
    swig -python -Wall -Werror -Iinclude -I"$CHECK_DIR/no-headers" -outdir "$CHECK_DIR" \
        -o "$CHECK_DIR/wrapped.c" "$CHECK_DIR/pictory.i"
    [ "$(grep -c '^def pictory_' "$CHECK_DIR/pictory.py")" -eq "$functions" ]
    imported="$imported SWIG,"
else
    missing="$missing swig,"
fi
[ -n "$imported" ] || skip "needs one of$missing and there is none"
note "$functions functions by$imported none by what is missing:${missing:- nothing is}"

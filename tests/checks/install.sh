# What `make install` lays down is enough to build against, by pkg-config alone and by CMake alone, also
# after it was moved; and `make uninstall` takes all of it away.
. tests/checks/common.sh
. tests/install/installed.sh

needs pkg-config 'apt-get install pkg-config'
build_debug
prefix=$CHECK_DIR/installed/opt/pictory

# made TARGET [SETTING...]: installs or uninstalls.
made() {
    make -s PREFIX=/opt/pictory DESTDIR="$CHECK_DIR/installed" "$@" >"$CHECK_DIR/log" 2>&1 || {
        cat "$CHECK_DIR/log"
        exit 1
    }
}

# serves PREFIX LIBDIR PATH, where CMake is to look.
serves() {
    expect 0 emulated "$1/bin/pictory" get "$DONE_JOB"
    by_pkg_config "$2"
    if command -v cmake >/dev/null; then
        by_cmake "$3"
    else
        without_cmake=', without CMake: needs cmake (apt-get install cmake)'
    fi
}

# moves FOLDER-BELOW-PREFIX...: all serves where it is, and where it is moved to.
moves() {
    serves "$prefix" "$prefix/$1" "$prefix/$2"
    mv "$prefix" "$CHECK_DIR/moved"
    serves "$CHECK_DIR/moved" "$CHECK_DIR/moved/$1" "$CHECK_DIR/moved/$2"
    mv "$CHECK_DIR/moved" "$prefix"
}

without_cmake=
made install
[ "$(readelf -d "$prefix/lib/libpictory.so" | sed -n 's/.*SONAME.*\[\(.*\)\]/\1/p')" = libpictory.so.1 ]
moves lib .
[ -s "$prefix/share/pictory/valgrind.supp" ]
files=$(find "$prefix" ! -type d | wc -l)

# left FILE: what is there is what the file lists.
left() {
    find "$prefix" ! -type d | diff - "$1"
}

# Folders of its own go, but for one in which somebody has put something.
touch "$prefix/share/doc/pictory/notes"
made uninstall
echo "$prefix/share/doc/pictory/notes" >"$CHECK_DIR/notes"
left "$CHECK_DIR/notes"
[ ! -e "$prefix/lib/cmake/pictory" ] && [ -d "$prefix/lib/cmake" ]
rm "$prefix/share/doc/pictory/notes"
made uninstall
left /dev/null
[ ! -e "$prefix/share/doc/pictory" ]

# Folders of one's own choice.
set -- LIBDIR=/opt/pictory/a/lib64 INCLUDEDIR=/opt/pictory/b/include
made install "$@"
[ -s "$prefix/b/include/pictory.hpp" ] && [ ! -e "$prefix/lib/libpictory.so" ]
moves a/lib64 a/lib64/cmake
made uninstall "$@"
left /dev/null
note "$files files$without_cmake"

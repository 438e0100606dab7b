# What `make install` lays down is enough to build against by pkg-config, shared and static, also after
# it was moved; and `make uninstall` takes all of it away.
. tests/checks/common.sh

needs pkg-config 'apt-get install pkg-config'
build_debug
prefix=$CHECK_DIR/installed
make -s install PREFIX=/opt/pictory DESTDIR="$prefix" LIBDIR=/opt/pictory/lib64 >"$CHECK_DIR/log" 2>&1 || {
    cat "$CHECK_DIR/log"
    exit 1
}

# builds_against FOLDER: a program, from nothing but what lies there.
builds_against() {
    export PKG_CONFIG_PATH="$1/lib64/pkgconfig"
    # shellcheck disable=SC2046
    "$CC" -o "$CHECK_DIR/shared" examples-c/get_job.c $(pkg-config --cflags --libs pictory)
    LD_LIBRARY_PATH=$1/lib64 expect 0 emulated "$CHECK_DIR/shared" "$DONE_JOB"
    # shellcheck disable=SC2046
    "$CC" -o "$CHECK_DIR/static" examples-c/get_job.c $(pkg-config --cflags pictory) \
        "$1/lib64/libpictory.a" $(pkg-config --static --libs-only-l pictory | sed 's/-lpictory//')
    expect 0 emulated "$CHECK_DIR/static" "$DONE_JOB"
    expect 0 emulated "$1/bin/pictory" get "$DONE_JOB"
}
builds_against "$prefix/opt/pictory"
mv "$prefix/opt/pictory" "$CHECK_DIR/moved"
builds_against "$CHECK_DIR/moved"
mv "$CHECK_DIR/moved" "$prefix/opt/pictory"
[ -s "$prefix/opt/pictory/share/man/man1/pictory.1" ]
files=$(find "$prefix" ! -type d | wc -l)
make -s uninstall PREFIX=/opt/pictory DESTDIR="$prefix" LIBDIR=/opt/pictory/lib64
[ -z "$(find "$prefix" ! -type d)" ]
note "$files files"

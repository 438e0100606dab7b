# Read by the checks of what is installed. Each builds in an empty folder, from nothing but what lies
# there, and runs against the emulator.
# shellcheck shell=sh

printf '%s' '{"default":[{"example":"completed"}]}' >"$CHECK_DIR/completed.json"
export EMULATOR_SCRIPT="$CHECK_DIR/completed.json"

# empty_folder: one with a C and a C++ program, in $consumer.
empty_folder() {
    consumer=$CHECK_DIR/consumer
    rm -rf "$consumer"
    mkdir "$consumer"
    cp examples-c/get_job.c examples-c/wait_job.cpp tests/install/CMakeLists.txt "$consumer"
}

# needs_library PROGRAM: whether it is linked with the shared library.
needs_library() {
    readelf -d "$1" | grep -q 'NEEDED.*libpictory\.so\.1'
}

# by_pkg_config LIBDIR: shared and static, C and C++; blanks in what pkg-config says are escaped.
by_pkg_config() {
    empty_folder
    export PKG_CONFIG_PATH="$1/pkgconfig"
    eval "archive=$(pkg-config --variable=libdir pictory)/libpictory.a"
    private=$(pkg-config --static --libs-only-l pictory | sed 's/-lpictory//')
    (
        cd "$consumer" || exit
        both=$(pkg-config --cflags --libs pictory)
        eval '"$CC" -std=c99 -o shared-c get_job.c' "$both"
        eval '"$CXX" -std=c++17 -o shared-cpp wait_job.cpp' "$both"
        cflags=$(pkg-config --cflags pictory)
        eval '"$CC" -std=c99 -o static-c get_job.c' "$cflags" '"$archive"' "$private"
        eval '"$CXX" -std=c++17 -o static-cpp wait_job.cpp' "$cflags" '"$archive"' "$private"
        # Nothing of it is shared: the linker takes the archive.
        both=$(pkg-config --static --cflags --libs pictory)
        eval '"$CC" -std=c99 -static -o wholly-static get_job.c' "$both" 2>said || {
            cat said
            exit 1
        }
    )
    expect 0 emulated "$consumer/wholly-static" "$DONE_JOB"
    ! readelf -d "$consumer/wholly-static" | grep NEEDED || exit 1
    for language in c cpp; do
        needs_library "$consumer/shared-$language"
        LD_LIBRARY_PATH=$1 expect 0 emulated "$consumer/shared-$language" "$DONE_JOB"
        if needs_library "$consumer/static-$language"; then
            echo "static-$language is not static"
            exit 1
        fi
        expect 0 emulated "$consumer/static-$language" "$DONE_JOB"
    done
}

# by_cmake PATH, where CMake is to look: both targets, C and C++; versions that are not compatible are refused.
by_cmake() {
    empty_folder
    CC=$CC CXX=$CXX expect 0 cmake -S "$consumer" -B "$consumer/build" -DCMAKE_PREFIX_PATH="$1" \
        -DCMAKE_FIND_USE_CMAKE_SYSTEM_PATH=OFF
    expect 0 cmake --build "$consumer/build"
    expect 0 emulated ctest --test-dir "$consumer/build" --output-on-failure
    said stdout '100% tests passed, 0 tests failed out of 4'
    needs_library "$consumer/build/pictory-cpp"
    if needs_library "$consumer/build/static-cpp"; then
        echo 'pictory::static is not static'
        exit 1
    fi
}

# Read by the checks that build and run the programs of this folder.
# shellcheck shell=sh

# cpp_programs COMPILER STANDARD FLAGS FOLDER: builds each, linked with the library of FOLDER, and runs
# it against the emulator. They go to $CHECK_DIR/cpp.
cpp_programs() {
    mkdir -p "$CHECK_DIR/cpp"
    ln -sf libpictory.so "$4/libpictory.so.1"
    export EMULATOR_SCRIPT=tests/cpp/script.json
    for source in tests/cpp/*.cpp; do
        program=$CHECK_DIR/cpp/$(basename "$source" .cpp)
        # shellcheck disable=SC2086
        "$1" -std="$2" -g $3 $WARNINGS -Iinclude -o "$program" "$source" \
            -L"$4" -lpictory -pthread -Wl,-rpath,"$4"
        expect 0 emulated "$program"
    done
    unset EMULATOR_SCRIPT
}

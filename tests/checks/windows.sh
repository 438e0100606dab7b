# The DLL for Windows, and programs that mingw builds against it, run under wine against the emulator: wait_job,
# the calls that rest on what differs by system, downloads among them, over HTTP and HTTPS, and those of tests/c that
# are not about POSIX. What Visual C++ links with, and the headers as far as there are others for them.
. tests/checks/common.sh

target=x86_64-pc-windows-gnu
mingw=x86_64-w64-mingw32-gcc
needs "$mingw" 'apt-get install gcc-mingw-w64-x86-64'
needs wine 'apt-get install wine'
[ -d "$(rustc --print target-libdir --target "$target")" ] ||
    skip "needs Rust's library for Windows (rustup target add $target)"
build_debug
"$CARGO" build --locked --lib --target "$target"

sed 's/ .*//' packaging/abi/symbols >"$CHECK_DIR/exported"
bin=$CHECK_DIR/windows
mkdir "$bin" "$bin/downloads"
cp "$CARGO_TARGET_DIR/$target/debug/pictory.dll" "$bin"
for source in examples-c/wait_job.c tests/windows/calls.c; do
    # shellcheck disable=SC2086
    "$mingw" -std=c99 $WARNINGS -Iinclude -o "$bin/$(basename "$source" .c).exe" "$source" \
        -L"$CARGO_TARGET_DIR/$target/debug" -lpictory
done
"$mingw" -shared -o "$bin/bcryptprimitives.dll" tests/windows/prng.c -ladvapi32

export WINEPREFIX="$CHECK_DIR/wine" WINEDEBUG=-all
trap 'wineserver -k 2>/dev/null || /usr/lib/wine/wineserver64 -k 2>/dev/null || :' EXIT
mkdir "$WINEPREFIX"
# One server for all of it: each that ends with its last program may take one with it that begins just then.
wineserver -p 2>/dev/null || /usr/lib/wine/wineserver64 -p
wine "$bin/wait_job.exe" --help # makes the prefix, which takes a while
expect 0 emulated wine "$bin/wait_job.exe" --poll-interval 0.1 "$DONE_JOB"
said stdout '/media/video.mp4'
expect 1 emulated wine "$bin/wait_job.exe" "$FAILED_JOB"
expect 2 emulated wine "$bin/wait_job.exe" 123
expect 0 emulated wine "$bin/calls.exe" "$DONE_JOB" "$ENDLESS_JOB" "Z:$bin/downloads"
expect 0 emulated_by_tls wine "$bin/calls.exe" "$DONE_JOB" "$ENDLESS_JOB" "Z:$bin/downloads" \
    "Z:$CHECK_DIR/ca.pem"
remarks=$(wine --version)

# The programs of tests/c that are not about POSIX, by the harness that runs them here. The others look at /proc,
# take the place of malloc or of the lookup of names, or are about signals, forks and descriptors.
beside=$CARGO_TARGET_DIR/$target/debug/c_programs
mkdir -p "$beside"
ln -sf ../pictory.dll "$beside/pictory.dll"
cp "$bin/bcryptprimitives.dll" "$beside"
# Their warnings are seen where they are compiled for this machine.
cat >"$bin/cc" <<END
#!/bin/sh
for argument; do
    shift
    [ "\$argument" = -ldl ] || set -- "\$@" "\$argument"
done
exec $mingw "\$@" -static -w
END
chmod +x "$bin/cc"
"$CARGO" test --quiet --locked --test integration --no-run
PICTORY_TEST_CC=$bin/cc PICTORY_TEST_LIBRARY=$CARGO_TARGET_DIR/$target/debug/pictory.dll PICTORY_TEST_RUNNER=wine \
    timeout -k 5 900 "$CARGO" test --quiet --locked --test integration -- --test-threads 2 \
    c_programs::arguments:: c_programs::page:: c_programs::reading:: c_programs::callbacks::a_callback \
    c_programs::callbacks::a_null_callback_or_token c_programs::callbacks::a_wait \
    c_programs::callbacks::many_threads c_programs::certificates:: \
    --skip certificates_that_ --skip empty_names_of_certificates >"$CHECK_DIR/programs" 2>&1 || {
    cat "$CHECK_DIR/programs"
    exit 1
}
held=$(sed -n 's/^test result: ok\. \([0-9]*\) passed.*/\1/p' "$CHECK_DIR/programs")
[ "$held" -ge 35 ]
remarks="$remarks; $held C programs"

# As Visual C++ links: by an import library that is made from the DLL.
if command -v lld-link >/dev/null && command -v llvm-dlltool >/dev/null && command -v clang >/dev/null; then
    packaging/import-library.sh "$bin/pictory.dll" "$bin"
    sed -n 's/^    //p' "$bin/pictory.def" | sort | diff - "$CHECK_DIR/exported"
    # shellcheck disable=SC2086
    clang --target=x86_64-pc-windows-msvc -ffreestanding -std=c99 $WARNINGS -Iinclude -c -o "$bin/msvc.o" \
        tests/windows/msvc.c
    # shellcheck disable=SC2086
    clang --target=x86_64-pc-windows-msvc -ffreestanding -std=c++11 $WARNINGS -Iinclude -fsyntax-only -x c++ \
        include/pictory.h
    lld-link /nodefaultlib /entry:program /subsystem:console "/out:$bin/msvc.exe" "$bin/msvc.o" "$bin/pictory.lib"
    expect 0 wine "$bin/msvc.exe"
    remarks="$remarks; linked by pictory.lib, too"
else
    remarks="$remarks; not by pictory.lib: needs clang, lld and llvm (apt-get install clang lld llvm)"
fi
# Of Visual C++'s own headers there are none: those of libc++ and mingw stand in for them.
if python3 -m ziglang version >/dev/null 2>&1; then
    printf '#include <pictory.hpp>\nint main() { return pictory::is_valid_job_id("") ? 1 : 0; }\n' >"$bin/header.cpp"
    for standard in 17 20 23; do
        # shellcheck disable=SC2086
        python3 -m ziglang c++ -target x86_64-windows-gnu -std=c++$standard $WARNINGS -Iinclude -c \
            -o "$bin/header.o" "$bin/header.cpp"
    done
    remarks="$remarks; pictory.hpp by clang"
else
    remarks="$remarks; pictory.hpp not compiled: needs zig (python3 -m pip install ziglang)"
fi
note "$remarks"

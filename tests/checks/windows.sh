# The DLL for Windows, and programs that mingw builds against it, run under wine against the emulator:
# wait_job, and the calls that rest on what differs by system, over HTTP and HTTPS.
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
wine "$bin/wait_job.exe" --help # makes the prefix, which takes a while
expect 0 emulated wine "$bin/wait_job.exe" --poll-interval 0.1 "$DONE_JOB"
said stdout '/media/video.mp4'
expect 1 emulated wine "$bin/wait_job.exe" "$FAILED_JOB"
expect 2 emulated wine "$bin/wait_job.exe" 123
expect 0 emulated wine "$bin/calls.exe" "$DONE_JOB" "$ENDLESS_JOB" "Z:$bin/downloads"
expect 0 emulated_by_tls wine "$bin/calls.exe" "$DONE_JOB" "$ENDLESS_JOB" "Z:$bin/downloads" \
    "Z:$CHECK_DIR/ca.pem"
remarks=$(wine --version)

# As Visual C++ links: by an import library that is made from the DLL.
if command -v lld-link >/dev/null && command -v llvm-dlltool >/dev/null && command -v clang >/dev/null; then
    packaging/import-library.sh "$bin/pictory.dll" "$bin"
    sed -n 's/^    //p' "$bin/pictory.def" | sort | diff - "$CHECK_DIR/exported"
    # shellcheck disable=SC2086
    clang --target=x86_64-pc-windows-msvc -ffreestanding -std=c99 $WARNINGS -Iinclude -c -o "$bin/msvc.o" \
        tests/windows/msvc.c
    lld-link /nodefaultlib /entry:program /subsystem:console "/out:$bin/msvc.exe" "$bin/msvc.o" "$bin/pictory.lib"
    expect 0 wine "$bin/msvc.exe"
    remarks="$remarks; linked by pictory.lib, too"
else
    remarks="$remarks; not by pictory.lib: needs clang, lld and llvm (apt-get install clang lld llvm)"
fi
note "$remarks"

# The library on other processors and with another libc, built by zig and run under qemu, or natively: the C
# programs of tests/c, and the tool with a get and a wait over HTTPS, a watcher of 100 jobs, and a download that is
# cut. Two of them; by itself (ONLY=platforms), all of them. tests/platforms/left-out names the tests that fail
# for qemu's sake, each with its reason.
. tests/checks/common.sh

needs python3 'apt-get install python3'
python3 -m ziglang version >/dev/null 2>&1 || skip 'needs zig (python3 -m pip install ziglang)'
needs qemu-aarch64-static 'apt-get install qemu-user-static'
[ "$(uname -m)" = x86_64 ] || skip 'needs a processor that runs what is built for x86_64'
build_debug # the emulator
"$CARGO" test --quiet --locked --test integration --no-run
folder=$CARGO_TARGET_DIR/platforms
printf '%s' '{"default":[{"example":"in-progress"},
    {"body":{"data":{"status":"completed","url":"{base}/media/video.mp4"}}}],
    "media":{"video.mp4":{"size":1000000,"steps":[{"cut_at_body":400000},{}]}}}' >"$CHECK_DIR/cut.json"

# has TARGET SYSROOT QEMU DEBIAN: whether it can be built and run here; what is missing is said.
has() {
    if [ ! -d "$(rustc --print target-libdir --target "$1")" ]; then
        missing="$missing; $1 needs Rust's library for it (rustup target add $1)"
    elif [ -n "$2" ] && [ ! -d "$2" ]; then
        missing="$missing; $1 needs $2 (apt-get install libc6-dev-$4-cross)"
    else
        return 0
    fi
    return 1
}

# tool_runs TOOL
tool_runs() {
    export PICTORY_PLATFORM_TOOL="timeout -k 5 300 $runner $1"
    # shellcheck disable=SC2016
    emulated_by_tls sh -c 'set -e
        $PICTORY_PLATFORM_TOOL get --ca-file "$1" "$2"
        $PICTORY_PLATFORM_TOOL wait --ca-file "$1" --poll-interval 0.1 "$2"' sh "$CHECK_DIR/ca.pem" "$DONE_JOB"
    i=0
    while [ "$i" -lt 100 ]; do
        printf '00000000-0000-4000-8000-%012d\n' "$i"
        i=$((i + 1))
    done >"$CHECK_DIR/ids"
    rm -rf "$CHECK_DIR/cut"
    # shellcheck disable=SC2016
    EMULATOR_SCRIPT=$CHECK_DIR/cut.json emulated sh -c 'set -e
        [ "$($PICTORY_PLATFORM_TOOL wait --json --poll-interval 0.2 - <"$1" | grep -c completed)" -eq 100 ]
        $PICTORY_PLATFORM_TOOL download --poll-interval 0.1 --only video --output "$2" "$3"' \
        sh "$CHECK_DIR/ids" "$CHECK_DIR/cut" "$DONE_JOB"
    [ "$(wc -c <"$CHECK_DIR/cut/$DONE_JOB-video.mp4")" -eq 1000000 ]
}

# limited COMMAND...: a program that an emulated processor never ends is a failure, not a check without an end.
limited() {
    timeout -k 5 3000 "$@"
}

# left_out TARGET: what tests/platforms/left-out names for it, to the letter.
left_out() {
    awk -v target="$1" -v qemu="$runner" '$1 == "*" ? qemu != "" : index(target, $1) > 0 { print $2 }' \
        tests/platforms/left-out
}

# programs TARGET LIBRARY: those of tests/c, by the harness that runs them here.
programs() {
    skipped=$(left_out "$1" | sed 's/^/--skip /' | xargs)
    # shellcheck disable=SC2086
    limited env PICTORY_TEST_CC="$folder/$1-quiet-cc" PICTORY_TEST_LIBRARY="$2" \
        ${runner:+PICTORY_TEST_RUNNER="$runner"} \
        "$CARGO" test --quiet --locked --test integration c_programs -- --test-threads 4 $skipped \
        >"$CHECK_DIR/programs" 2>&1 || {
        cat "$CHECK_DIR/programs"
        exit 1
    }
    ran="$(sed -n 's/^test result: ok\. \([0-9]*\) passed.*/\1/p' "$CHECK_DIR/programs") of $all"
}

# static_programs TARGET: the same, each with all that it needs in it. The harness knows the library by the name of a
# shared one.
static_programs() {
    cat >"$folder/$1-quiet-cc" <<END
#!/bin/sh
for argument; do
    shift
    case \$argument in
    -ldl) continue ;;
    */libpictory.so.1) argument=$built/libpictory.a ;;
    esac
    set -- "\$@" "\$argument"
done
exec $folder/$1-cc "\$@" -w -static -lunwind
END
    programs "$1" "$built/libpictory.a"
}

# static_emulator TARGET: takes the place of this machine's; neither it nor the tool needs anything of a system's.
static_emulator() {
    CARGO_TARGET_DIR=$folder packaging/cross.sh "$1" "$folder" \
        "$CARGO" build --quiet --locked --example emulator --target "$1"
    EMULATOR=$folder/$1-emulator
    printf '#!/bin/sh\nexec %s "$@"\n' "$runner $built/examples/emulator" >"$EMULATOR"
    chmod +x "$EMULATOR"
    for program in "$built/examples/emulator" "$folder/$1-pictory"; do
        if readelf -lW "$program" | grep INTERP; then
            echo "$program is not wholly static"
            exit 1
        fi
    done
}

# platform TARGET SYSROOT QEMU DEBIAN; without QEMU this machine's own processor runs the programs, which the
# libraries in SYSROOT then serve.
platform() {
    has "$@" || return 0
    runner="${3:+qemu-$3-static${2:+ -L $2}}"
    CARGO_TARGET_DIR=$folder packaging/cross.sh "$1" "$folder" \
        "$CARGO" rustc --quiet --locked --lib --crate-type cdylib,staticlib --target "$1" 2>"$CHECK_DIR/said" || {
        cat "$CHECK_DIR/said"
        exit 1
    }
    # The programs' warnings are seen where they are compiled for this machine.
    served=
    [ -n "$3" ] || [ -z "$2" ] ||
        served="-Wl,--dynamic-linker=$(echo "$2"/lib/ld-linux*.so.*) -Wl,-rpath,$2/lib"
    printf '#!/bin/sh\nexec %s "$@" -w %s\n' "$folder/$1-cc" "$served" >"$folder/$1-quiet-cc"
    chmod +x "$folder/$1-quiet-cc"
    built=$folder/$1/debug
    libraries=$(sed -n 's/^NATIVE = //p' Makefile)
    case $1 in
    *-musl) libraries='-static -lunwind' ;;
    esac
    # shellcheck disable=SC2086
    "$folder/$1-quiet-cc" -std=c99 -O1 -Iinclude -o "$folder/$1-pictory" tool/*.c "$built/libpictory.a" $libraries
    case $1 in
    *-musl) static_emulator "$1" ;;
    esac
    tool_runs "$folder/$1-pictory" >"$CHECK_DIR/said" 2>&1 || {
        cat "$CHECK_DIR/said"
        exit 1
    }
    remark=
    case $1 in
    *-musl)
        EMULATOR=$DEBUG/examples/emulator
        ran='the tool and the emulator, wholly static'
        if [ "$CHECK_ONLY" = platforms ]; then
            static_programs "$1"
            remark=', all static, the tool and the emulator too'
        fi
        ;;
    *) programs "$1" "$built/libpictory.so" ;;
    esac
    remarks="$remarks; $1: $ran$remark"
}

"$CARGO" test --quiet --locked --test integration c_programs -- --list 2>/dev/null | grep ': test$' >"$CHECK_DIR/tests"
all=$(wc -l <"$CHECK_DIR/tests" | tr -d ' ')
sed -n 's/^[^#][^ ]* \([^ ]*\) .*/\1/p' tests/platforms/left-out | while read -r name; do
    grep -qF -e "$name" "$CHECK_DIR/tests" || { echo "no test is called $name" && exit 1; }
done
# So many do not fail for qemu's sake that nothing would be proven by the others.
[ $(($(grep -c '^\*' tests/platforms/left-out) * 10)) -le "$all" ] || {
    echo "too many of $all are left out for qemu's sake"
    exit 1
}

remarks='' missing=''
if [ "$CHECK_ONLY" = platforms ]; then
    platform armv7-unknown-linux-gnueabihf /usr/arm-linux-gnueabihf arm armhf
    platform s390x-unknown-linux-gnu /usr/s390x-linux-gnu s390x s390x
    # By this machine itself: qemu 7.2 never comes back from the first pthread_create of any program for i386.
    platform i686-unknown-linux-gnu /usr/i686-linux-gnu '' i386
    platform riscv64gc-unknown-linux-gnu /usr/riscv64-linux-gnu riscv64 riscv64
    platform aarch64-unknown-linux-musl '' aarch64 ''
fi
platform aarch64-unknown-linux-gnu /usr/aarch64-linux-gnu aarch64 arm64
platform x86_64-unknown-linux-musl '' '' ''
[ -n "$remarks" ] || skip "${missing#; }"
note "${remarks#; }$missing"

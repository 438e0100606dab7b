#!/bin/sh
# Runs a command with all that cargo and a C compiler need to build for a target of Rust's by zig's compiler:
# cross.sh RUST_TARGET FOLDER COMMAND [ARGUMENT...]. Without a command it says what the target is to zig, or
# fails where that is not known.
#
# FOLDER/RUST_TARGET-cc is then the compiler, also for what is not built by cargo. glibc is one of 2018, so
# that what is built runs on systems of that age.
set -eu

target=$1
case $target in
x86_64-unknown-linux-gnu) zig=x86_64-linux-gnu.2.28 ;;
aarch64-unknown-linux-gnu) zig=aarch64-linux-gnu.2.28 ;;
armv7-unknown-linux-gnueabihf) zig=arm-linux-gnueabihf.2.28 ;;
s390x-unknown-linux-gnu) zig=s390x-linux-gnu.2.28 ;;
i686-unknown-linux-gnu) zig=x86-linux-gnu.2.28 ;;
riscv64gc-unknown-linux-gnu) zig=riscv64-linux-gnu.2.28 ;;
x86_64-unknown-linux-musl) zig=x86_64-linux-musl ;;
aarch64-unknown-linux-musl) zig=aarch64-linux-musl ;;
x86_64-unknown-freebsd) zig=x86_64-freebsd ;;
aarch64-apple-darwin) zig=aarch64-macos ;;
*)
    echo "cross.sh: what is $target to zig?" >&2
    exit 2
    ;;
esac
[ $# -gt 2 ] || {
    echo "$zig"
    exit
}

folder=$2
shift 2
mkdir -p "$folder"
# A name for the target that crates give in Rust's words is dropped: zig has its own. What zig looks for at run
# time where nothing is optimised, no other compiler would.
cat >"$folder/$target-cc" <<END
#!/bin/sh
for argument; do
    shift
    case \$argument in
    --target=*) ;;
    *) set -- "\$@" "\$argument" ;;
    esac
done
exec python3 -m ziglang cc -target $zig -fno-sanitize=undefined "\$@"
END
printf '#!/bin/sh\nexec python3 -m ziglang ar "$@"\n' >"$folder/zig-ar"
chmod +x "$folder/$target-cc" "$folder/zig-ar"

# What a program of musl's begins with is zig's, as its C library is; rustc would put its own beside it.
case $target in
*-musl) export RUSTFLAGS="${RUSTFLAGS:-} -C link-self-contained=no" ;;
esac

lower=$(echo "$target" | tr - _)
upper=$(echo "$lower" | tr '[:lower:]' '[:upper:]')
exec env "CC_$lower=$folder/$target-cc" "AR_$lower=$folder/zig-ar" \
    "CARGO_TARGET_${upper}_LINKER=$folder/$target-cc" "$@"

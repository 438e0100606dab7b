# The README's installation, typed out as it stands there, as root and for the machine: it ends in a program
# that runs. /usr/local and /etc are this check's own, and so are the folders that the loader is told of.
. tests/checks/common.sh

[ "$(id -u)" -eq 0 ] || skip 'needs root'
needs unshare 'apt-get install util-linux'
needs pkg-config 'apt-get install pkg-config'
unshare -m true 2>/dev/null || skip 'needs a system on which root may unshare mounts'
build_debug # the emulator

folder=$CHECK_DIR/machine
mkdir "$folder"
printf '%s' '{"default":[{"example":"completed"}]}' >"$CHECK_DIR/completed.json"
export EMULATOR_SCRIPT="$CHECK_DIR/completed.json" EMULATOR_KEY=your-key

first_block c >"$folder/program.c"
block_with 'sudo make install'
mv "$CHECK_DIR/block" "$folder/machine"
block_with 'make install PREFIX'
mv "$CHECK_DIR/block" "$folder/yourself"

# typed FILE: each line must succeed. program.c lies in the tree, but is not left there.
cat >"$folder/typed" <<'END'
set -eu
machine=$1 tree=$2
shift 2
mkdir "$machine/etc" "$machine/local"
cp -a /etc/. "$machine/etc"
mount --bind "$machine/etc" /etc
mount --bind "$machine/local" /usr/local
sudo() {
    "$@"
}
cd "$tree"
trap 'rm -f program.c program' EXIT
cp "$machine/program.c" program.c
. "$machine/$1"
END
typed() {
    [ ! -e program.c ] && [ ! -e program ]
    rm -rf "${folder:?}/etc" "${folder:?}/local"
    expect 0 emulated unshare -m sh "$folder/typed" "$folder" "$PWD" "$1"
    said stdout 'https://example.cloudfront.net/videos/'
}
unset PKG_CONFIG_PATH LD_LIBRARY_PATH
typed machine
[ -e "$folder/local/lib/libpictory.so.1" ]
# Rust is where it was; only what is installed has another home.
RUSTUP_HOME=${RUSTUP_HOME:-$(rustup show home 2>/dev/null || :)} CARGO_HOME=${CARGO_HOME:-$HOME/.cargo}
HOME=$folder/home
mkdir "$HOME"
export HOME RUSTUP_HOME CARGO_HOME
typed yourself
said stdout "-Wl,-rpath,'$HOME/.local/lib'"
[ ! -e "$folder/local/lib" ]

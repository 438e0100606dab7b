# What `make install` leaves alone: folders that are there, what is built, and a tree that is somebody else's.
# Names with blanks in them are taken: of the folders that it installs to, of the tree, and of cargo's folder.
. tests/checks/common.sh
. tests/install/installed.sh

needs pkg-config 'apt-get install pkg-config'
build_debug # the emulator
make -s installable
folder=$CHECK_DIR/care
root="$folder/the root"
mkdir -p "$root/usr" "$folder/bin"

# state FOLDER: all that is in it, with modes, owners and times of change.
state() {
    find "$1" -printf '%M %u %g %T@ %p\n' | sort
}

# modes FOLDER: each folder must be one that all can read, and each file.
modes() {
    ! find "$1" -mindepth 1 \( -type d ! -perm 755 -o -type f ! -perm 644 ! -perm 755 \) | grep . || exit 1
}

# A folder that is there keeps its mode; new ones can be read by all, whatever the umask.
chmod 700 "$root/usr"
mkdir -m 1777 "$root/usr/lib"
(umask 077 && expect 0 make -s install PREFIX=/usr DESTDIR="$root")
[ "$(stat -c %a "$root/usr") $(stat -c %a "$root/usr/lib")" = '700 1777' ]
chmod 755 "$root/usr/lib"
modes "$root/usr"
expect 0 make -s uninstall PREFIX=/usr DESTDIR="$root"
! find "$root" ! -type d | grep . || exit 1

# Blanks.
prefix='/opt/it is here'
expect 0 make -s install PREFIX="$prefix" INCLUDEDIR="$prefix/the headers" DESTDIR="$root"
modes "$root/opt"
by_pkg_config "$root$prefix/lib"
if command -v cmake >/dev/null; then
    by_cmake "$root$prefix"
fi
expect 0 make -s uninstall PREFIX="$prefix" INCLUDEDIR="$prefix/the headers" DESTDIR="$root"
! find "$root" ! -type d | grep . || exit 1

# A tree with a blank in its name, and cargo told in its configuration where to build.
tree="$folder/a tree"
mkdir -p "$tree/.cargo" "$tree/elsewhere"
tar -cf - --exclude=./target --exclude=./.git . | tar -xf - -C "$tree"
printf '[build]\ntarget-dir = "elsewhere"\n' >"$tree/.cargo/config.toml"
# What other crates came to is taken over, since it is the same; this one is built anew.
cp -a "$CARGO_TARGET_DIR/library" "$CARGO_TARGET_DIR/emulator" "$tree/elsewhere"
touch "$tree/src/lib.rs" "$tree/build.rs"
(
    cd "$tree" || exit
    unset CARGO_TARGET_DIR
    expect 0 make -s
    [ -x elsewhere/install/pictory ] && [ -x elsewhere/install/pictory-emulator ] && [ ! -e target ]
    expect 0 make -s install DESTDIR="$root" PREFIX=/usr
    cmp elsewhere/release/libpictory.a "$root/usr/lib/libpictory.a"
    expect 2 env CARGO_TARGET_DIR="$folder/a target" make -s
    said stderr 'which has a blank in its name'
)

# By root in another user's tree, without cargo or with one: all is taken as it is built, and nothing in the
# tree changes. Where something is missing, nothing is done.
cat >"$folder/bin/cargo" <<END
#!/bin/sh
[ "\$1" = metadata ] || echo "\$*" >>'$folder/cargo-was-called'
exec "\$(PATH=\${PATH#*:} command -v cargo)" "\$@"
END
chmod 755 "$folder/bin/cargo"
as_root() {
    rm -rf "$root"
    state "$tree" >"$folder/before"
    (cd "$tree" && expect "$1" env CARGO_TARGET_DIR=elsewhere PATH="$2" make -s install DESTDIR="$root")
    state "$tree" | diff "$folder/before" -
}
if [ "$(id -u)" -eq 0 ]; then
    chown -R nobody "$tree"
    as_root 0 /usr/bin:/bin
    expect 0 emulated "$root/usr/local/bin/pictory" get "$DONE_JOB"
    as_root 0 "$folder/bin:$PATH"
    [ ! -e "$folder/cargo-was-called" ]
    rm "$tree/elsewhere/install/pictory-emulator"
    as_root 2 /usr/bin:/bin
    said stderr 'run make first'
    [ ! -e "$root" ]
else
    note 'without a tree of another user: needs root'
fi

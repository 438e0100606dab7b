# The Debian packages: lintian finds nothing in them; they install, serve C and C++, shared and static, by
# pkg-config and by CMake, and take all away again. They go into a folder of the check, not the system.
. tests/checks/common.sh
. tests/install/installed.sh

needs dpkg-shlibdeps 'apt-get install dpkg-dev'
needs lintian 'apt-get install lintian'
needs fakeroot 'apt-get install fakeroot'
needs pkg-config 'apt-get install pkg-config'
build_debug
make -s deb >"$CHECK_DIR/log" 2>&1 || {
    cat "$CHECK_DIR/log"
    exit 1
}
packages=$CARGO_TARGET_DIR/deb
# They are for any system, and not for Debian's archive, which wants a bug that asks for a new package.
lintian --allow-root --fail-on error,warning --suppress-tags initial-upload-closes-no-bugs "$packages"/*.deb

root=$CHECK_DIR/root
libdir=$root/usr/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH)
mkdir -p "$root/var/lib/dpkg/info" "$root/var/lib/dpkg/updates" "$root/var/lib/dpkg/triggers"
: >"$root/var/lib/dpkg/status"

# What they depend on is not in there, but in the system that the check runs on.
in_root() {
    expect 0 fakeroot dpkg --root="$root" --log=/dev/null --force-not-root --force-depends \
        --force-script-chrootless "$@"
}
in_root --install "$packages"/*.deb
# The optimised one, stripped.
[ "$(wc -c <"$libdir/libpictory.so.1")" -le "$(wc -c <"$CARGO_TARGET_DIR/release/libpictory.so")" ]
needs_library "$root/usr/bin/pictory"
LD_LIBRARY_PATH=$libdir expect 0 emulated "$root/usr/bin/pictory" get "$DONE_JOB"
# The emulator that was installed, too.
LD_LIBRARY_PATH=$libdir expect 0 emulator/with-emulator.sh "$root/usr/bin/pictory-emulator" \
    "$root/usr/bin/pictory" get "$DONE_JOB"
for page in pictory pictory-emulator; do
    [ -s "$root/usr/share/man/man1/$page.1.gz" ]
done
by_pkg_config "$libdir"
if command -v cmake >/dev/null; then
    by_cmake "$root/usr"
    note "$(find "$packages" -name '*.deb' | wc -l | tr -d ' ') packages"
else
    note 'without CMake: needs cmake (apt-get install cmake)'
fi
for package in libpictory1 libpictory-dev pictory; do
    depends=$(dpkg-deb -f "$packages/$package"_*.deb Depends)
    case $package:$depends in
    libpictory-dev:*'libpictory1 (= '*) ;;
    libpictory1:*libc6* | pictory:*libc6*libpictory1*) ;;
    *) echo "$package depends on: $depends" && exit 1 ;;
    esac
done
[ "$(dpkg-deb -f "$packages"/libpictory1_*.deb Recommends)" = ca-certificates ]
in_root --purge pictory libpictory-dev libpictory1
[ ! -e "$root/usr" ] || find "$root/usr"
[ ! -e "$root/usr" ]

# Where Debian's tools are missing, that is said before anything is built.
mkdir "$CHECK_DIR/few"
ln -s /usr/bin/* /bin/* "$CHECK_DIR/few" 2>/dev/null || :
rm -f "$CHECK_DIR"/few/dpkg-*
PATH=$CHECK_DIR/few expect 2 make -s deb
said stderr 'apt-get install dpkg-dev'

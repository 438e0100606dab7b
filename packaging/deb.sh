#!/bin/sh
# Debian packages, from what is built: deb.sh TARGET VERSION. They go to TARGET/deb.
#
# DEBFULLNAME and DEBEMAIL say whose packages they are.
set -eu

target=$1 version=$2
debian=$version-1
library=libpictory.so.1.$version
maintainer="${DEBFULLNAME:-The pictory developers} <${DEBEMAIL:-pictory@example.org}>"
arch=$(dpkg-architecture -qDEB_HOST_ARCH)
triplet=$(dpkg-architecture -qDEB_HOST_MULTIARCH)
libdir=usr/lib/$triplet
when=${SOURCE_DATE_EPOCH:-$(git show -s --format=%ct HEAD 2>/dev/null || date -r CHANGELOG.md +%s)}

deb=$target/deb
rm -rf "$deb"
mkdir -p "$deb/work"
work=$(cd "$deb/work" && pwd)
all=$work/all

make -s install PREFIX=/usr LIBDIR="/$libdir" DESTDIR="$all"
# The tool is compiled anew, as Debian hardens what it compiles, and with the library of its own package.
rm "$all/usr/bin/pictory"
# shellcheck disable=SC2046
"${CC:-cc}" -std=c99 $(for flags in CPPFLAGS CFLAGS LDFLAGS; do dpkg-buildflags --get $flags; done) -Iinclude \
    -o "$all/usr/bin/pictory" tool/*.c -L"$all/$libdir" -lpictory -pthread
strip --strip-unneeded --remove-section=.comment "$all"/usr/bin/* "$all/$libdir/$library"
strip --strip-debug --enable-deterministic-archives "$all/$libdir/libpictory.a"
gzip -n -9 "$all"/usr/share/man/man1/*
# /usr/include is shared by all: the file would be that of every header there.
rm "$all/usr/include/module.modulemap"
chmod a-x "$all/$libdir/$library"

# take PACKAGE PATH...: out of all that was installed.
take() {
    package=$1
    shift
    for path in "$@"; do
        mkdir -p "$work/$package/$(dirname "$path")"
        mv "$all/$path" "$work/$package/$path"
    done
}
take libpictory1 "$libdir/$library" "$libdir/libpictory.so.1"
take libpictory-dev "$libdir/libpictory.so" "$libdir/libpictory.a" "$libdir/pkgconfig" "$libdir/cmake" \
    usr/include usr/share/doc/pictory/README.md usr/share/doc/pictory/SECURITY.md usr/share/doc/pictory/ABI.md \
    usr/share/pictory
take pictory usr/bin usr/share/man usr/share/bash-completion usr/share/doc/pictory/emulator.md
take pictory usr/share/zsh/site-functions/_pictory usr/share/fish/vendor_completions.d/pictory.fish
mv "$work/pictory/usr/share/zsh/site-functions" "$work/pictory/usr/share/zsh/vendor-completions"
mv "$work/libpictory-dev/usr/share/doc/pictory" "$work/libpictory-dev/usr/share/doc/libpictory-dev"

# needs PROGRAM...: the packages that these programs need, by Debian's own account. The library's own is not
# installed: it is found here.
needs() (
    cd "$work"
    mkdir -p debian
    : >debian/control
    dpkg-shlibdeps -O -Slibpictory1 "$@" >depends 2>said || {
        cat said >&2
        exit 1
    }
    sed 's/^shlibs:Depends=//' depends
)

# document PACKAGE: what Debian asks each package to say.
document() {
    doc=$work/$1/usr/share/doc/$1
    mkdir -p "$doc"
    cp docs/DEPENDENCIES.md "$doc"
    {
        cat packaging/debian/copyright.in
        sed -n '3s/^Copyright (c)/Copyright:/p' LICENSE
        echo 'License: MIT'
        sed -n '5,$p' LICENSE | sed 's/^$/./; s/^/ /'
    } >"$doc/copyright"
    gzip -n -9 -c CHANGELOG.md >"$doc/changelog.gz"
    printf 'pictory (%s) unstable; urgency=medium\n\n  * Packages of version %s.\n\n -- %s  %s\n' \
        "$debian" "$version" "$maintainer" "$(LC_ALL=C date -u -R -d "@$when")" |
        gzip -n -9 >"$doc/changelog.Debian.gz"
}

# build PACKAGE DEPENDS
build() {
    document "$1"
    chmod -R u=rwX,go=rX "$work/$1"
    install -d -m 755 "$work/$1/DEBIAN"
    (cd "$work/$1" && find usr -type f | LC_ALL=C sort | xargs md5sum) >"$work/$1/DEBIAN/md5sums"
    {
        awk -v wanted="Package: $1" 'BEGIN { RS = "" } index($0 "\n", wanted "\n") == 1' \
            packaging/debian/control.in
        echo "Source: pictory
Version: $debian
Architecture: $arch
Maintainer: $maintainer
Priority: optional
Homepage: https://pictory.ai
Installed-Size: $(du -ks "$work/$1/usr" | cut -f 1)
Depends: $2"
    } >"$work/$1/DEBIAN/control"
    find "$work/$1" -exec touch -h -d "@$when" {} +
    SOURCE_DATE_EPOCH=$when dpkg-deb --root-owner-group --build "$work/$1" "$deb/$1_${debian}_$arch.deb"
}

install -d -m 755 "$work/libpictory1/DEBIAN"
echo 'libpictory 1 libpictory1' >"$work/libpictory1/DEBIAN/shlibs"
echo 'activate-noawait ldconfig' >"$work/libpictory1/DEBIAN/triggers"
{
    echo 'libpictory.so.1 libpictory1 #MINVER#'
    sed 's/ /@Base /; s/^/ /' packaging/abi/symbols
} >"$work/libpictory1/DEBIAN/symbols"
library_needs=$(needs "libpictory1/$libdir/$library")
tool_needs=$(needs pictory/usr/bin/pictory pictory/usr/bin/pictory-emulator)
build libpictory1 "$library_needs"
build libpictory-dev "libpictory1 (= $debian)"
build pictory "$tool_needs"

find "$all" ! -type d ! -name LICENSE ! -name CHANGELOG.md | grep . && {
    echo 'which package has these?' >&2
    exit 1
}
rm -rf "$work"

#!/bin/sh
# make install, make uninstall: install.sh install|uninstall, with the folders in the environment.
#
# A folder that is there stays as it is, its mode and its owner too; a new one can be read by all.
set -eu
umask 022

library=libpictory.so.1.$VERSION
shared=${SHARED:-ON} # OFF: for a system without a shared library
docdir=$DATADIR/doc/pictory
cmakedir=$LIBDIR/cmake/pictory
tab=$(printf '\t')

# Each file that is installed: its mode, its folder, its name there, and where it comes from. Those from "-"
# are written here, and "link" is one to the name after it.
files() {
    list() {
        printf '%s\t%s\t%s\t%s\n' "$@"
    }
    if [ "$shared" = ON ]; then
        list 755 "$LIBDIR" "$library" "$BUILT/libpictory.so"
        list link "$LIBDIR" libpictory.so.1 "$library"
        list link "$LIBDIR" libpictory.so libpictory.so.1
    fi
    list 644 "$LIBDIR" libpictory.a "$BUILT/libpictory.a"
    list 644 "$LIBDIR/pkgconfig" pictory.pc -
    list 644 "$cmakedir" pictory-config.cmake -
    list 644 "$cmakedir" pictory-config-version.cmake -
    for header in pictory.h pictory.hpp module.modulemap; do
        list 644 "$INCLUDEDIR" "$header" "include/$header"
    done
    list 755 "$BINDIR" pictory "$PREPARED/pictory"
    list 755 "$BINDIR" pictory-emulator "$PREPARED/pictory-emulator"
    list 644 "$DATADIR/man/man1" pictory.1 tool/pictory.1
    list 644 "$DATADIR/man/man1" pictory-emulator.1 emulator/pictory-emulator.1
    list 644 "$DATADIR/bash-completion/completions" pictory tool/completions/pictory.bash
    list 644 "$DATADIR/zsh/site-functions" _pictory tool/completions/_pictory
    list 644 "$DATADIR/fish/vendor_completions.d" pictory.fish tool/completions/pictory.fish
    list 644 "$DATADIR/pictory" valgrind.supp packaging/valgrind.supp
    for text in LICENSE README.md CHANGELOG.md SECURITY.md docs/ABI.md; do
        list 644 "$docdir" "${text##*/}" "$text"
    done
    list 644 "$docdir" emulator.md emulator/README.md
}

# from_libdir FOLDER [BELOW]: the way there from LIBDIR, or from below it.
from_libdir() {
    realpath -ms --relative-to="$LIBDIR${2:-}" "$1"
}

# filled FILE: with its gaps filled in. pkg-config has a blank escaped, CMake has not. The compiler knows what
# unwinds the stack; of a wholly static program it is libgcc_eh.
filled() {
    to_prefix=$(from_libdir "$PREFIX" /pkgconfig) to_include=$(from_libdir "$INCLUDEDIR")
    case $1 in
    *.pc) to_include=$(echo "$to_include" | sed 's/ /\\ /g') to_prefix=$(echo "$to_prefix" | sed 's/ /\\ /g') ;;
    esac
    sed -e "s|@VERSION@|$VERSION|" -e "s|@NATIVE@|$(echo "$NATIVE" | sed 's/-lgcc_s/-lgcc_eh/')|" \
        -e "s|@NATIVE_LIST@|$(echo "$NATIVE" | sed 's/-lgcc_s //; s/-l//g; s/ /;/g')|" \
        -e "s|@PREFIX@|$(escaped "$to_prefix")|" -e "s|@INCLUDE@|$(escaped "$to_include")|" -e "s|@SHARED@|$shared|" \
        "packaging/$1.in"
}

# escaped TEXT: as sed takes it for what is put in.
escaped() {
    echo "$1" | sed 's/[\\|&]/\\&/g'
}

# Before anything is done.
refuse_incomplete() {
    files | while IFS=$tab read -r mode folder name from; do
        [ "$mode" = link ] || [ "$from" = - ] || [ -e "$from" ] || {
            echo "there is no $from to be installed as $folder/$name: run make first, as the user whose tree it is" >&2
            exit 1
        }
    done
}

install_all() {
    refuse_incomplete
    files | while IFS=$tab read -r mode folder name from; do
        mkdir -p "$DESTDIR$folder"
        case $mode:$from in
        link:*) ln -sf "$from" "$DESTDIR$folder/$name" ;;
        *:-)
            rm -f "$DESTDIR$folder/$name"
            filled "$name" >"$DESTDIR$folder/$name"
            ;;
        *) install -m "$mode" "$from" "$DESTDIR$folder/$name" ;;
        esac
    done
    tell_loader
}

# Whether the system's loader looks into LIBDIR by itself.
is_searched() {
    "$1" -NXv 2>/dev/null | sed -n 's/^\(\/[^:]*\):.*/\1/p' | while read -r folder; do
        [ "$(realpath -m "$folder")" != "$(realpath -m "$LIBDIR")" ] || echo yes
    done | grep -q yes
}

# A program finds the library by what ldconfig has noted, which is root's to say.
tell_loader() {
    [ -z "$DESTDIR" ] || return 0
    ldconfig=$(PATH=$PATH:/usr/sbin:/sbin command -v ldconfig) || ldconfig=
    if [ -n "$ldconfig" ] && is_searched "$ldconfig"; then
        if [ "$(id -u)" -eq 0 ]; then
            "$ldconfig"
        else
            echo 'Programs find the library once root has run ldconfig.'
        fi
        return
    fi
    echo "The system does not look for libraries in $LIBDIR. A program finds it there if it is linked with"
    echo "-Wl,-rpath,'$LIBDIR', or run with LD_LIBRARY_PATH='$LIBDIR'."
}

# The folders that are nobody else's, unless somebody has put something there.
uninstall_all() {
    files | while IFS=$tab read -r _ folder name _; do
        rm -f "$DESTDIR$folder/$name"
    done
    for folder in "$cmakedir" "$DATADIR/pictory" "$docdir"; do
        [ ! -d "$DESTDIR$folder" ] || rmdir --ignore-fail-on-non-empty "$DESTDIR$folder"
    done
}

"${1}_all"

#!/bin/sh
# Puts the library that cargo has built where programs are linked with it: place-library.sh BUILT FOLDER
#
# What is the same already is left alone, so that nothing is linked anew. A command of cargo's own may have
# put another one there, since FOLDER is cargo's: then this one comes back.
set -eu

built=$1 folder=$2

# put FILE
put() {
    cmp -s "$1" "$folder/$(basename "$1")" && return
    cp "$1" "$folder/new-library"
    mv -f "$folder/new-library" "$folder/$(basename "$1")"
}

mkdir -p "$folder" "$built/one-object"
one=$built/one-object/libpictory.a
if [ ! -e "$one" ] || [ -n "$(find "$built/libpictory.a" packaging/one-object.sh -newer "$one")" ]; then
    packaging/one-object.sh "$built/libpictory.a" "$one"
fi
put "$built/libpictory.so"
put "$one"
ln -sf libpictory.so "$folder/libpictory.so.1"

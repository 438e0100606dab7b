#!/bin/sh
# What Visual C++ links with, made from the DLL: import-library.sh DLL FOLDER. FOLDER gets pictory.def, which names
# what the DLL exports, and pictory.lib. mingw takes the DLL itself.
set -eu

dll=$1 folder=$2
mkdir -p "$folder"
{
    echo 'LIBRARY pictory.dll'
    echo 'EXPORTS'
    x86_64-w64-mingw32-objdump -p "$dll" | sed -n '/\[Ordinal\/Name Pointer\] Table/,/^$/s/.* \(pictory_[a-z0-9_]*\)$/    \1/p'
} >"$folder/pictory.def"
llvm-dlltool -m i386:x86-64 -d "$folder/pictory.def" -l "$folder/pictory.lib"

# Writes a C++ file in which every function of the header is defined, with nothing in it. Compiled,
# it has the C types that the header promises; the library's own debug information has Rust's.
# Usage: sh stub.sh HEADER
set -eu

echo "#include \"$1\""
echo 'extern "C" {'
# A declaration begins with a type at the start of a line, and ends with a semicolon.
awk '/^[a-z][^=;]*[ *]pictory_[a-z0-9_]*\(/ && !/^typedef/ { inside = 1 }
    inside { if (sub(/;$/, " { __builtin_trap(); }")) inside = 0; else again = 1; print }' "$1"
echo '}'

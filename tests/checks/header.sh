# The header's contract in every standard, with every compiler at hand: tests/header/every_name.c
# has the type of each function and the number of each code.
. tests/checks/common.sh

source=tests/header/every_name.c
compiled=0

# compile COMPILER STANDARD LANGUAGE [OPTION...]
compile() {
    compiler=$1 standard=$2 language=$3
    shift 3
    # shellcheck disable=SC2086
    $compiler "$@" -std="$standard" -x "$language" $WARNINGS -Iinclude -c -o "$CHECK_DIR/name.o" \
        "$source"
    compiled=$((compiled + 1))
}

for compiler in gcc clang clang-22; do
    command -v "$compiler" >/dev/null || continue
    for standard in c99 c11 c17 c2x; do
        compile "$compiler" "$standard" c
    done
done
for compiler in g++ clang++ clang++-22; do
    command -v "$compiler" >/dev/null || continue
    for standard in c++11 c++14 c++17 c++20 c++2b; do
        compile "$compiler" "$standard" c++
    done
done
# Alone, with all that the compilers warn of, but for what a standard has that an older one has not.
echo '#include <pictory.h>' >"$CHECK_DIR/alone.c"
for language in c:c99 c:c11 c:c17 c:c2x c++:c++11 c++:c++17 c++:c++20 c++:c++2b; do
    strict="-std=${language#*:} -x ${language%%:*} -Iinclude -Werror -Wundef -fsyntax-only $CHECK_DIR/alone.c"
    case $language in
    c:*) others=-Wc++-compat ;;
    *) others= ;;
    esac
    # shellcheck disable=SC2086
    "$CC" -Wall -Wextra -Wpedantic $others $strict
    for compiler in clang clang-22; do
        command -v "$compiler" >/dev/null || continue
        # shellcheck disable=SC2086
        "$compiler" -Weverything -Wno-unknown-warning-option -Wno-pre-c23-compat -Wno-c++98-compat \
            -Wno-c++98-compat-pedantic $strict
    done
done

missing=
if python3 -m ziglang version >/dev/null 2>&1; then
    for target in x86_64-windows-gnu aarch64-macos x86_64-linux-musl aarch64-linux-gnu; do
        compile 'python3 -m ziglang cc' c11 c -target "$target"
    done
else
    missing=', without other systems: needs zig (pip install ziglang)'
fi

# Each function of the header is in that file, and each name has the prefix.
sed -n 's/^[a-z].*\b\(pictory_[a-z0-9_]*\)(.*/\1/p' include/pictory.h | sort -u >"$CHECK_DIR/header"
sed -n 's/^    HAS(.*, \(pictory_[a-z0-9_]*\), (.*/\1/p' "$source" | sort -u | diff "$CHECK_DIR/header" -
${CC} -E -dM -Iinclude -include pictory.h -x c /dev/null | sort >"$CHECK_DIR/with"
for header in stdbool stddef stdint; do echo "#include <$header.h>"; done |
    ${CC} -E -dM -x c - | sort >"$CHECK_DIR/without"
if comm -23 "$CHECK_DIR/with" "$CHECK_DIR/without" | grep -v '^#define PICTORY_'; then
    echo 'a macro without the prefix'
    exit 1
fi
note "$compiled compilations, $(wc -l <"$CHECK_DIR/header" | tr -d ' ') functions$missing"

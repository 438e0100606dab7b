# The README: its program runs, and it is read in one sitting; the reference's table of codes is the header's.
. tests/checks/common.sh

awk '/^```c$/ { inside = 1; next } /^```$/ { if (inside) exit } inside' README.md >"$CHECK_DIR/readme.c"
# shellcheck disable=SC2086
"$CC" -std=c99 $WARNINGS -Iinclude -o "$CHECK_DIR/readme" "$CHECK_DIR/readme.c" \
    -L"$DEBUG" -lpictory -Wl,-rpath,"$DEBUG"
printf '%s' '{"default":[{"example":"completed"}]}' >"$CHECK_DIR/script.json"
EMULATOR_SCRIPT=$CHECK_DIR/script.json expect 0 emulated "$CHECK_DIR/readme" "$DONE_JOB"
said stdout 'https://example.cloudfront.net/videos/'

# Its C++ is that of a program that the check of pictory.hpp runs.
awk '/^```cpp$/ { inside = 1; next } /^```$/ { if (inside) exit } inside' README.md >"$CHECK_DIR/readme.hpp"
[ -s "$CHECK_DIR/readme.hpp" ]
awk '/^    \/\/ ----$/ { inside = !inside; next } inside' tests/cpp/readme.cpp | sed 's/^    //' |
    diff "$CHECK_DIR/readme.hpp" -

sed -n 's/^  \(PICTORY_OK\|PICTORY_ERROR_[A-Z_]*\) = \([0-9]*\),$/\2 \1/p' include/pictory.h \
    >"$CHECK_DIR/codes-header"
sed -n 's/^| \([0-9]*\) | `\(PICTORY_[A-Z_]*\)` |.*/\1 \2/p' docs/REFERENCE.md >"$CHECK_DIR/codes-readme"
diff "$CHECK_DIR/codes-header" "$CHECK_DIR/codes-readme"
[ "$(wc -l <README.md)" -le 300 ]
# What the documents refer to is there.
for document in README.md docs/*.md; do
    grep -o '](\([^)#]*\)' "$document" | sed -e 's/^](//' -e '/^http/d' -e '/^$/d' -e '/ /d' | sort -u | while read -r name; do
        [ -e "$(dirname "$document")/$name" ] || { echo "$document: there is no $name" && exit 1; }
    done
done
note "$(wc -l <"$CHECK_DIR/codes-header" | tr -d ' ') codes"

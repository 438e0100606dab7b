# The README: its program runs, and it is read in one sitting; the reference's table of codes is the header's.
. tests/checks/common.sh

first_block c >"$CHECK_DIR/readme.c"
# shellcheck disable=SC2086
"$CC" -std=c99 $WARNINGS -Iinclude -o "$CHECK_DIR/readme" "$CHECK_DIR/readme.c" \
    -L"$DEBUG" -lpictory -Wl,-rpath,"$DEBUG"
printf '%s' '{"default":[{"example":"completed"}]}' >"$CHECK_DIR/script.json"
EMULATOR_SCRIPT=$CHECK_DIR/script.json expect 0 emulated "$CHECK_DIR/readme" "$DONE_JOB"
said stdout 'https://example.cloudfront.net/videos/'

# So does its C++, as it stands; without a key it says so.
without_cxx=', C++ not tried: no c++'
if has_cxx; then
    first_block cpp >"$CHECK_DIR/readme.cpp"
    # shellcheck disable=SC2086
    "$CXX" -std=c++17 $WARNINGS -Iinclude -o "$CHECK_DIR/readme-cpp" "$CHECK_DIR/readme.cpp" \
        -L"$DEBUG" -lpictory -Wl,-rpath,"$DEBUG"
    printf '%s' '{"default":[{"body":{"data":{"status":"completed","url":"{base}/media/video.mp4"}}}],
        "media":{"video.mp4":{"size":10}}}' >"$CHECK_DIR/script.json"
    # shellcheck disable=SC2016
    EMULATOR_SCRIPT=$CHECK_DIR/script.json expect 0 emulated sh -c 'cd "$1" && ./readme-cpp "$2"' sh \
        "$CHECK_DIR" "$DONE_JOB"
    said stdout /media/video.mp4
    [ "$(wc -c <"$CHECK_DIR/video.mp4")" -eq 10 ]
    expect 1 env -u PICTORY_API_KEY "$CHECK_DIR/readme-cpp" "$DONE_JOB"
    said stderr PICTORY_API_KEY
    without_cxx=
fi

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
note "$(wc -l <"$CHECK_DIR/codes-header" | tr -d ' ') codes$without_cxx"

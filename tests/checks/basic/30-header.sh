# The header alone, in every standard that it promises.
. tests/checks/common.sh

printf '#include <pictory.h>\nint main(void) { return PICTORY_OK; }\n' >"$CHECK_DIR/header.c"
cp "$CHECK_DIR/header.c" "$CHECK_DIR/header.cpp"
for standard in c99 c11 c17 c2x; do
    # shellcheck disable=SC2086
    "$CC" -std=$standard $WARNINGS -Iinclude -fsyntax-only "$CHECK_DIR/header.c"
done
for standard in c++11 c++14 c++17 c++20; do
    # shellcheck disable=SC2086
    "$CXX" -std=$standard $WARNINGS -Iinclude -fsyntax-only "$CHECK_DIR/header.cpp"
done

# The header alone, in every standard of C that it promises; 35-cpp has those of C++.
. tests/checks/common.sh

printf '#include <pictory.h>\nint main(void) { return PICTORY_OK; }\n' >"$CHECK_DIR/header.c"
for standard in c99 c11 c17 c2x; do
    # shellcheck disable=SC2086
    "$CC" -std=$standard $WARNINGS -Iinclude -fsyntax-only "$CHECK_DIR/header.c"
done

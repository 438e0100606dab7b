# pictory.hpp in C++17: its programs run, and each function of pictory.h can be reached by it.
. tests/checks/common.sh
. tests/cpp/cpp.sh

make -s debug
cpp_programs "$CXX" c++17 '' "$DEBUG"

# An inline function is compiled only where it is used: what the program lacks is what it calls.
sed -n 's/^[a-z].*\b\(pictory_[a-z0-9_]*\)(.*/\1/p' include/pictory.h | sort -u >"$CHECK_DIR/functions"
[ -s "$CHECK_DIR/functions" ]
nm -u "$CHECK_DIR/cpp/every_function" | sed -n 's/^ *U \(pictory_[a-z0-9_]*\)$/\1/p' | sort -u |
    diff "$CHECK_DIR/functions" -

# So are the codes, statuses, levels and outputs, each with its name in lower case.
sed -n 's/^  \(PICTORY_[A-Z_]*\) = [0-9]*,$/\1/p' include/pictory.h |
    sed 's/^\(PICTORY_\(ERROR_\|STATUS_\|LOG_LEVEL_\|OUTPUT_\|\)\(.*\)\)$/\1 \3/' |
    while read -r number name; do
        echo "$(echo "$name" | tr '[:upper:]' '[:lower:]') = $number"
    done >"$CHECK_DIR/numbers"
[ -s "$CHECK_DIR/numbers" ]
sed -n 's/^    \([a-z_]* = PICTORY_[A-Z_]*\),\{0,1\}$/\1/p' include/pictory.hpp | diff "$CHECK_DIR/numbers" -
note "$(find tests/cpp -name '*.cpp' | wc -l | tr -d ' ') programs, $(wc -l <"$CHECK_DIR/functions" | tr -d ' ') functions"

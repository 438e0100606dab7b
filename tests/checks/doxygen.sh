# Every function, parameter, enumerator and type of the header has its comment.
. tests/checks/common.sh

needs doxygen 'apt-get install doxygen'
# As C++ sees it: for C the enums have a typedef besides, under the same name.
cat >"$CHECK_DIR/Doxyfile" <<EOF
INPUT = include/pictory.h
OUTPUT_DIRECTORY = $CHECK_DIR/doxygen
PREDEFINED = __cplusplus=201103L
GENERATE_LATEX = NO
HAVE_DOT = NO
QUIET = YES
WARN_NO_PARAMDOC = YES
WARN_AS_ERROR = FAIL_ON_WARNINGS
EOF
mkdir -p "$CHECK_DIR/doxygen"
doxygen "$CHECK_DIR/Doxyfile"
# It can fail: a parameter without a comment is one warning.
sed 's/ \* @param job_id .*/ */' include/pictory.h >"$CHECK_DIR/pictory.h"
if (cat "$CHECK_DIR/Doxyfile" && echo "INPUT = $CHECK_DIR/pictory.h") | doxygen - 2>/dev/null; then
    echo 'doxygen does not see a missing comment'
    exit 1
fi

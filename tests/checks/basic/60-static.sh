# The static library, with the system's libraries that the README names.
. tests/checks/common.sh

libraries=$(sed -n 's/^cc .*libpictory\.a //p' README.md)
[ -n "$libraries" ]
# shellcheck disable=SC2086
"$CC" -std=c99 $WARNINGS -Iinclude -o "$CHECK_DIR/static" examples-c/get_job.c \
    "$DEBUG/libpictory.a" $libraries
expect 0 emulated "$CHECK_DIR/static" "$DONE_JOB"
said stdout 'in-progress -'

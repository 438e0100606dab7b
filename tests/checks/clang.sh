# The examples and the tool with the other compiler.
. tests/checks/common.sh

needs clang 'apt-get install clang'
for source in examples-c/*.c tool/*.c; do
    # shellcheck disable=SC2086
    clang -std=c99 $WARNINGS -Iinclude -fsyntax-only "$source"
done
for source in examples-c/*.cpp; do
    # shellcheck disable=SC2086
    clang++ -std=c++17 $WARNINGS -Iinclude -fsyntax-only "$source"
done

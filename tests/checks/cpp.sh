# pictory.hpp in every standard from C++17 on, with every compiler at hand; its programs in C++20, where
# they have std::stop_token, and with what the compiler's own sanitizers see of the header; other systems,
# with another standard library; and the module for clang and Swift.
. tests/checks/common.sh
. tests/cpp/cpp.sh

compiled=0
for compiler in g++ clang++ clang++-22; do
    command -v "$compiler" >/dev/null || continue
    for standard in c++17 c++20 c++2b; do
        for source in tests/cpp/*.cpp examples-c/*.cpp; do
            # shellcheck disable=SC2086
            "$compiler" -std=$standard $WARNINGS -Iinclude -fsyntax-only "$source"
        done
        compiled=$((compiled + 1))
    done
done
[ "$compiled" -gt 0 ] || skip 'needs g++ or clang++ (apt-get install g++ clang)'
systems=
if python3 -m ziglang version >/dev/null 2>&1; then
    for target in x86_64-windows-gnu aarch64-macos x86_64-linux-musl; do
        # shellcheck disable=SC2086
        python3 -m ziglang c++ -target $target -std=c++20 $WARNINGS -Iinclude -c -o "$CHECK_DIR/cpp.o" \
            tests/cpp/cancelling.cpp
    done
else
    systems=', without other systems: needs zig (pip install ziglang)'
fi

make -s debug
cpp_programs "$CXX" c++20 '' "$DEBUG"
echo 'int main() { return 0; }' >"$CHECK_DIR/nothing.cpp"
sanitizers='-fsanitize=address,undefined -fno-sanitize-recover=all'
sanitized=' under AddressSanitizer and UndefinedBehaviorSanitizer'
# shellcheck disable=SC2086
if "$CXX" $sanitizers -o "$CHECK_DIR/nothing" "$CHECK_DIR/nothing.cpp" 2>/dev/null; then
    cpp_programs "$CXX" c++20 "$sanitizers" "$DEBUG"
else
    sanitized=", but under no sanitizer: $CXX does not link with them"
fi

module=', module.modulemap'
if command -v clang >/dev/null; then
    cat >"$CHECK_DIR/module.c" <<'END'
#pragma clang module import Cpictory
int main(void) { return pictory_abi_version() == PICTORY_ABI_VERSION ? 0 : 1; }
END
    clang -std=c99 -fmodules -fmodules-cache-path="$CHECK_DIR/modules" -Iinclude -Werror \
        -o "$CHECK_DIR/module" "$CHECK_DIR/module.c" -L"$DEBUG" -lpictory -Wl,-rpath,"$DEBUG"
    expect 0 "$CHECK_DIR/module"
else
    module=', without module.modulemap: needs clang (apt-get install clang)'
fi
note "$compiled compilers and standards, run in C++20$sanitized$module$systems"

# The shell scripts.
. tests/checks/common.sh

needs shellcheck 'apt-get install shellcheck'
shellcheck -s sh -e SC1091,SC2016,SC2034 emulator/*.sh tests/checks/run tests/checks/*.sh tests/checks/basic/*.sh \
    tests/races/*.sh tests/faults/*.sh tests/soak/*.sh tests/cpp/*.sh tests/install/*.sh packaging/*.sh packaging/abi/*.sh benches/run benches/*.sh bindings/swift/*.sh
shellcheck .ci/run tests/checks/completion.bash tool/completions/pictory.bash

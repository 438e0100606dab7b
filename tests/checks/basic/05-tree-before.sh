# What the build must not change.
. tests/checks/common.sh

tree >"$CHECK_DIR/tree"
note recorded

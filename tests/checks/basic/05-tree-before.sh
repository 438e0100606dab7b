# What the build must not change.
. tests/checks/common.sh

tree >"$RUN_DIR/tree"
note recorded

# The build has changed nothing that is in git: the header is the one that the source generates.
. tests/checks/common.sh

[ -s "$CHECK_DIR/tree" ] || skip 'nothing was recorded'
tree | diff "$CHECK_DIR/tree" -

# The build has changed nothing that is in git: the header is the one that the source generates.
. tests/checks/common.sh

[ -s "$RUN_DIR/tree" ] || skip 'nothing was recorded'
tree | diff "$RUN_DIR/tree" -

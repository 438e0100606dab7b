# `make demo` as a user runs it.
. tests/checks/common.sh

expect 0 make -s demo
said stderr 'poll 1 after '
said stderr 'poll 3 after '
said stderr 'poll 4 after '
said stdout 'URL         http://127.0.0.1:'
said stdout 'size        720 x 1280'
said stdout 'length      8 s'
said stdout 'AI credits  12.8'
said stdout "demo/$DONE_JOB-video.mp4: 4000000 bytes"
[ "$(wc -c <"$CARGO_TARGET_DIR/demo/$DONE_JOB-video.mp4")" -eq 4000000 ]

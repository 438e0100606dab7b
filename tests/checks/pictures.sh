# The documents' pictures: they can be made anew, they show what the traces say, the bars are those of the figures,
# and none is missing.
. tests/checks/common.sh

build_debug
mkdir "$CHECK_DIR/new"
expect 0 docs/pictures/make.sh "$EMULATOR" "$RUN_DIR/bin/pictory" "$CHECK_DIR/new"
cmp docs/pictures/bars.svg "$CHECK_DIR/new/bars.svg"

# shows NAME COUNT TEXT: so many rows with this text.
shows() {
    [ "$(grep -cF -e "$3" "$CHECK_DIR/new/$1.svg")" -eq "$2" ] || {
        echo "$1.svg does not show $2 times: $3"
        cat "$CHECK_DIR/new/$1.svg"
        exit 1
    }
}
shows wait 1 '>deadline'
shows wait 1 '>Retry-After 2 s'
shows wait 1 'HTTP 429'
shows wait 1 'HTTP 503'
shows wait 1 'the job has completed'
shows download 1 'from byte 0: the connection broke'
shows download 1 'from byte 2000000: '
shows download 2 'from byte 3500000'
printf '    0.500 debug GET /a: HTTP 200 after 250 ms: the job is <in> progress\n    1.000 info  job b: done\n' \
    >"$CHECK_DIR/trace"
awk -f docs/pictures/timeline.awk "$CHECK_DIR/trace" >"$CHECK_DIR/new/one.svg"
shows one 1 'the job is &lt;in&gt; progress'
shows one 1 '0.25 s'
printf '%s\n' '0.100 debug GET /v1/jobs/one: HTTP 200 after 1 ms: the job has failed' \
    '0.200 debug GET /v1/jobs/two: no reply after 1 ms: time ran out' >"$CHECK_DIR/trace"
awk -f docs/pictures/timeline.awk "$CHECK_DIR/trace" >"$CHECK_DIR/new/two.svg"
shows two 1 '>one: HTTP 200: the job has failed'
shows two 1 '>two: no reply: time ran out'
shows two 4 'fill="#cf222e"' # two bars, and before each row
# The curve is that of one file.
printf '%s\n' '0.100 debug GET http://a/b/one.mp4 from byte 0: HTTP 200 after 1 ms' \
    '0.200 debug GET http://a/b/two.jpg from byte 0: HTTP 200 after 1 ms' \
    '0.200 info  job c: the video was downloaded: 10 bytes (written: 10 bytes, 3 ms)' >"$CHECK_DIR/trace"
awk -f docs/pictures/timeline.awk "$CHECK_DIR/trace" >"$CHECK_DIR/new/files.svg"
shows files 1 '>one.mp4: HTTP 200, from byte 0'
shows files 0 'stroke-width="2.5"'
sed -i 2d "$CHECK_DIR/trace"
awk -f docs/pictures/timeline.awk "$CHECK_DIR/trace" >"$CHECK_DIR/new/file.svg"
shows file 1 'stroke-width="2.5"'

# What a server says is neither a time nor a header, and no letter of it is cut in two.
printf '0.000 debug GET /v1/jobs/a: HTTP 400 after 0 ms: it said: Retry-After 30 s, from byte 77 after 9000 ms: x%s\n' \
    "$(printf '\303\274%.0s' 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30)" \
    >"$CHECK_DIR/trace"
for name in odd even; do
    awk -f docs/pictures/timeline.awk "$CHECK_DIR/trace" >"$CHECK_DIR/new/$name.svg"
    shows "$name" 1 '>0.00 s'
    shows "$name" 0 '#fff1c2'
    shows "$name" 1 '>HTTP 400: it said: '
    shows "$name" 0 nan
    sed -i 's/it said: R/it said: , R/' "$CHECK_DIR/trace"
done
: >"$CHECK_DIR/trace"
expect 1 awk -f docs/pictures/timeline.awk "$CHECK_DIR/trace"
if command -v python3 >/dev/null 2>&1; then
    for picture in docs/pictures/*.svg "$CHECK_DIR"/new/*.svg; do
        python3 -c 'import sys, xml.dom.minidom as dom; dom.parse(sys.argv[1])' "$picture"
    done
fi
for picture in docs/pictures/*.svg; do
    grep -rqF "pictures/$(basename "$picture"))" README.md docs/*.md || {
        echo "no document shows $picture"
        exit 1
    }
done

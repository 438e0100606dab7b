# A picture of a trace, best of one job's, as `pictory wait --trace FILE` and `pictory download --trace FILE` write it:
#
#     awk -f docs/pictures/timeline.awk TRACE >picture.svg
#     awk -v deadline=SECONDS -f docs/pictures/timeline.awk TRACE >picture.svg
#
# Along the time: each request as a bar in the colour of what came of it, gaps that a server asked for, the
# deadline; and of a download of one file, above them, how much of it was there. Below it, a row for each request.
BEGIN {
    WIDTH = 820
    LEFT = 64
    RIGHT = WIDTH - 24
    LONGEST = 104 # letters of a row
    GOOD = "#1a7f37"
    FINE = "#0969da"
    BAD = "#cf222e"
    count = end = most = labels = files = 0
}

{
    at = $1 + 0
    message = $0
    sub(/^ *[0-9.]+ +[a-z]+ +/, "", message)
    if (at > end)
        end = at
}

# A request that has ended: GET PATH[ from byte N]: HTTP 200[, Retry-After N s,] after N ms[: WHAT CAME]
message ~ /^GET .*: (HTTP [0-9]+|no reply).* after [0-9]+ ms/ {
    count++
    # What a server says stands behind the time, and is not read.
    match(message, / after [0-9]+ ms(: )?/)
    head = substr(message, 1, RSTART - 1)
    took = substr(message, RSTART + 7) + 0
    rest = substr(message, RSTART + RLENGTH)
    match(head, /: (HTTP [0-9]+|no reply)/)
    reply[count] = substr(head, RSTART + 2, RLENGTH - 2)
    from[count] = at - took / 1000
    to[count] = at
    what[count] = rest
    asked[count] = 0
    if (match(head, /Retry-After [0-9]+ s/))
        asked[count] = substr(head, RSTART + 12, RLENGTH - 14) + 0
    offset[count] = -1
    if (match(head, / from byte [0-9]+/))
        offset[count] = substr(head, RSTART + 11, RLENGTH - 11) + 0
    label[count] = head
    sub(/:? (HTTP [0-9]|no reply|from byte).*/, "", label[count])
    sub(/^.*\//, "", label[count])
    labels += !(label[count] in seen)
    files += offset[count] >= 0 && !(label[count] in seen)
    seen[label[count]] = 1
    is_good = reply[count] ~ /^HTTP 2/ && (offset[count] >= 0 ? rest == "" : rest ~ /^the job /)
    colour[count] = is_good && rest !~ /failed|cleaned/ ? FINE : BAD
    if (is_good && (offset[count] >= 0 || rest ~ /has completed/))
        colour[count] = GOOD
}

match(message, / was downloaded: [0-9]+ bytes/) {
    most = substr(message, RSTART + 17, RLENGTH - 23) + 0
}

function escaped(text) {
    gsub(/&/, "\\&amp;", text)
    gsub(/</, "\\&lt;", text)
    gsub(/>/, "\\&gt;", text)
    return text
}

# Where awk counts bytes, no letter is cut in two.
function cut(row) {
    row = substr(row, 1, LONGEST - 1)
    sub(/[\200-\377]+$/, "", row)
    return row "..."
}

function x(seconds) {
    return LEFT + (RIGHT - LEFT) * seconds / end
}

function text(left, top, style, words) {
    printf "<text x=\"%.1f\" y=\"%.1f\"%s>%s</text>\n", left, top, style, escaped(words)
}

function line(x1, y1, x2, y2, style) {
    printf "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" %s/>\n", x1, y1, x2, y2, style
}

function box(left, top, width, height, fill) {
    printf "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"2\" fill=\"%s\"/>\n",
        left, top, width, height, fill
}

# Steps of 1, 2 or 5, about eight of them.
function step_of(span, step) {
    step = 1e-3
    while (span / step > 8)
        step *= span / step > 40 ? 10 : span / step > 16 ? 5 : 2
    return step
}

function size_of(bytes) {
    return bytes >= 1e6 ? sprintf("%.1f MB", bytes / 1e6) : sprintf("%.0f kB", bytes / 1e3)
}

# How much of the file was there: it grows while a request runs, and stays as it is between them.
function draw_file(top, bottom, i, later, height, next_offset, before) {
    height = bottom - top
    text(LEFT - 6, top + 8, " text-anchor=\"end\"", size_of(most))
    text(LEFT - 6, bottom, " text-anchor=\"end\"", "0")
    line(LEFT, top, RIGHT, top, "stroke=\"#d0d7de\"")
    before = 0
    for (i = 1; i <= count; i++) {
        if (offset[i] < 0)
            continue
        next_offset = most
        for (later = i + 1; later <= count; later++)
            if (offset[later] >= 0) {
                next_offset = offset[later]
                break
            }
        if (before > 0)
            line(x(before), bottom - height * offset[i] / most, x(from[i]), bottom - height * offset[i] / most,
                "stroke=\"#8c959f\" stroke-dasharray=\"3 3\"")
        line(x(from[i]), bottom - height * offset[i] / most, x(to[i]), bottom - height * next_offset / most,
            "stroke=\"" colour[i] "\" stroke-width=\"2.5\"")
        before = to[i]
    }
}

END {
    if (count == 0) {
        print "no request is in this trace" >"/dev/stderr"
        exit 1
    }
    if (end == 0)
        end = 0.001
    if (deadline > end)
        end = deadline
    end *= 1.02
    plot = files == 1 && most > 0 ? 110 : 0
    top = 24 + plot
    axis = top + 50
    height = axis + 44 + 19 * count
    printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" " \
        "font-family=\"system-ui, sans-serif\" font-size=\"12\" fill=\"#1f2328\">\n", WIDTH, height, WIDTH, height
    printf "<rect width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>\n", WIDTH, height
    if (plot > 0)
        draw_file(24, top - 16)
    line(LEFT, axis, RIGHT, axis, "stroke=\"#1f2328\"")
    step = step_of(end)
    for (tick = 0; tick <= end; tick += step) {
        line(x(tick), axis, x(tick), axis + 4, "stroke=\"#1f2328\"")
        text(x(tick), axis + 17, " text-anchor=\"middle\"", sprintf("%.3g s", tick))
    }
    for (i = 1; i <= count; i++)
        if (asked[i] > 0) {
            box(x(to[i]), top + 6, x(to[i] + asked[i]) - x(to[i]), axis - top - 6, "#fff1c2")
            text(x(to[i]) + 14, top + 32, "", "Retry-After " asked[i] " s")
        }
    if (deadline > 0) {
        line(x(deadline), top - 8, x(deadline), axis, "stroke=\"#1f2328\" stroke-dasharray=\"5 3\"")
        text(x(deadline) - 5, top + 2, " text-anchor=\"end\"", "deadline")
    }
    for (i = 1; i <= count; i++) {
        wide = x(to[i]) - x(from[i])
        box(x(from[i]), top + 16, wide > 5 ? wide : 5, axis - top - 16, colour[i])
        if (i == 1 || x(from[i]) - x(from[i - 1]) > 9)
            text(x(from[i]), top + 12, "", i)
        row = labels > 1 ? label[i] ": " reply[i] : reply[i]
        if (offset[i] >= 0)
            row = row ", from byte " offset[i]
        if (what[i] != "")
            row = row ": " what[i]
        if (length(row) > LONGEST)
            row = cut(row)
        box(LEFT - 14, axis + 27 + 19 * i, 9, 9, colour[i])
        text(LEFT + 14, axis + 36 + 19 * i, " text-anchor=\"end\"", i)
        text(LEFT + 66, axis + 36 + 19 * i, " text-anchor=\"end\"", sprintf("%.2f s", from[i]))
        text(LEFT + 80, axis + 36 + 19 * i, "", row)
    }
    print "</svg>"
}

# Bars of the tables that a reader of docs/PERFORMANCE.md would look at first:
#
#     awk -f docs/pictures/bars.awk docs/PERFORMANCE.md >picture.svg
BEGIN {
    FS = " *[|] *"
    WIDTH = 820
    LEFT = 190
    RIGHT = WIDTH - 80
    title["A get of a completed job"] = "CPU of a get of a completed job, microseconds"
    column["A get of a completed job"] = 4
    title["The first HTTPS get, from the start of the process to its end"] = \
        "CPU of a process that makes one HTTPS get, milliseconds"
    column["The first HTTPS get, from the start of the process to its end"] = 3
    title["Watching jobs, each polled every 15 s, answered after 200 ms"] = \
        "CPU of 1,000 polls of 10,000 watched jobs, milliseconds"
    column["Watching jobs, each polled every 15 s, answered after 200 ms"] = 5
    count = charts = 0
}

/^### / {
    name = substr($0, 5)
    next
}

# A row of a table that is drawn. Python's bar would be as long as fifteen others.
name in title && /^\|/ && !/^\|[-|]*\|$/ && $2 !~ /^1,000 / && !/Python/ {
    value = $column[name]
    gsub(/,/, "", value)
    if (value + 0 <= 0)
        next
    count++
    chart[count] = name
    label[count] = $2
    if (column[name] > 3)
        label[count] = label[count] "  " $3
    number[count] = value + 0
    if (number[count] > most[name])
        most[name] = number[count]
    charts += !(name in seen)
    seen[name] = 1
}

END {
    if (charts != 3) {
        print "these are not the figures that it draws" >"/dev/stderr"
        exit 1
    }
    height = 20 * count + 46 * charts + 10
    printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" " \
        "font-family=\"system-ui, sans-serif\" font-size=\"12\" fill=\"#1f2328\">\n", WIDTH, height, WIDTH, height
    printf "<rect width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>\n", WIDTH, height
    top = 0
    for (i = 1; i <= count; i++) {
        if (chart[i] != chart[i - 1]) {
            top += 30
            printf "<text x=\"12\" y=\"%d\" font-weight=\"bold\">%s</text>\n", top, title[chart[i]]
            top += 16
        }
        wide = (RIGHT - LEFT) * number[i] / most[chart[i]]
        printf "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>\n", LEFT - 8, top + 11, label[i]
        printf "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"14\" rx=\"2\" fill=\"%s\"/>\n", LEFT, top, wide,
            label[i] ~ /pictory|token|on_poll/ ? "#1a7f37" : "#8c959f"
        printf "<text x=\"%.1f\" y=\"%d\">%s</text>\n", LEFT + wide + 6, top + 11, number[i]
        top += 20
    }
    print "</svg>"
}

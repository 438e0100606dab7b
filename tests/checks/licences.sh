# What ends up in the library can be used under MIT, Apache-2.0, BSD, ISC or Unicode terms.
. tests/checks/common.sh

"$CARGO" tree --locked -e normal --prefix none --no-dedupe -f '{p} | {l}' |
    sed 's/ (\/[^)]*)//' | sort -u >"$CHECK_DIR/licences"
# Of alternatives one must be allowed, of what is joined by AND all of it.
awk -F ' \\| ' '
    function allowed(name) {
        return name ~ /^(MIT|Apache-2\.0|BSD-[23]-Clause|ISC|Unicode-3\.0|Unicode-DFS-2016)$/
    }
    {
        parts = split($2, part, / AND /)
        for (i = 1; i <= parts; i++) {
            gsub(/[()]/, "", part[i])
            found = 0
            for (j = split(part[i], choice, / OR |\//); j > 0; j--) found += allowed(choice[j])
            if (!found) { print "not allowed: " $0; bad = 1 }
        }
    }
    END { exit bad || !NR }
' "$CHECK_DIR/licences"
note "$(wc -l <"$CHECK_DIR/licences" | tr -d ' ') packages"

#!/bin/sh
# The source as it is committed, with all crates, in an archive that builds without a network:
# dist.sh FOLDER VERSION. The same commit makes the same bytes, whoever makes it.
set -eu

folder=$1 name=pictory-$2
commit=$(git rev-parse HEAD) || {
    echo 'make dist needs a git checkout' >&2
    exit 1
}
rm -rf "${folder:?}/$name"
mkdir -p "$folder"
git archive --prefix="$name/" "$commit" | tar -x -C "$folder"

# In the archive alone: the checkout takes its crates from wherever cargo is told to.
"${CARGO:-cargo}" vendor --quiet --locked --versioned-dirs --manifest-path "$folder/$name/Cargo.toml" \
    "$folder/$name/vendor" >/dev/null
mkdir "$folder/$name/.cargo"
cat >"$folder/$name/.cargo/config.toml" <<'END'
[source.crates-io]
replace-with = "vendored-sources"

[source.vendored-sources]
directory = "vendor"
END

tar -C "$folder" --format=gnu --sort=name --mtime="@$(git show -s --format=%ct "$commit")" \
    --owner=0 --group=0 --numeric-owner --mode=u+rw,go+r,go-w,a+X -cf - "$name" |
    gzip -n -9 >"$folder/$name.tar.gz"
rm -rf "${folder:?}/$name"
echo "$folder/$name.tar.gz"

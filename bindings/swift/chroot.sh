#!/bin/sh
# Swift for a machine that has none: a Debian trixie with swiftlang, in a folder of its own.
#
#   chroot.sh path                       where it is: $PICTORY_SWIFT_ROOT, or in the user's cache
#   chroot.sh make                       makes it, unless it is there: 3.4 GB, some minutes
#   chroot.sh run FOLDER... -- COMMAND   runs a command in it, which sees these folders where they
#                                        are outside, and may write to those that begin with "+"
#
# `make` and `run` need root. Whatever they mount is seen by them alone, and gone when they end.
set -eu

SUITE=trixie
PACKAGES='swiftlang libc6-dev libstdc++-14-dev binutils gcc git pkgconf ca-certificates'
ROOT=${PICTORY_SWIFT_ROOT:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/pictory/swift}
PART=$ROOT.part
# It says what is in there: another list of packages is another chroot.
STAMP=pictory-made-of
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8

fail() {
    echo "chroot.sh: $*" >&2
    exit 1
}

three_times() {
    "$@" || { sleep 5; "$@"; } || { sleep 15; "$@"; }
}

made() {
    [ "$(cat "$ROOT/$STAMP" 2>/dev/null)" = "$SUITE $PACKAGES" ]
}

# Debian's own archive, as apt understands the machine's sources, in either format: by its address, else
# because it has the machine's own release. (That it is Debian's, debootstrap knows by its signature.)
mirror() {
    codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-none}")
    sources=$(apt-get --print-uris update | sed -n "s|^'\\(.*/\\)dists/\\([^']*\\)/InRelease'.*|\\2 \\1|p")
    found=$(echo "$sources" | sed -n 's/.* //; /\/debian\/$/p' | head -n 1)
    [ -n "$found" ] || found=$(echo "$sources" | sed -n "s/^$codename //p" | head -n 1)
    [ -n "$found" ] || fail "apt's sources name no archive of Debian's"
    echo "$found"
}

# What apt goes through, debootstrap's wget does too.
proxies() {
    eval "$(apt-config shell http Acquire::http::Proxy https Acquire::https::Proxy)"
    # shellcheck disable=SC2154 # set by apt-config, where there is one
    {
        [ -z "${http:-}" ] || [ "$http" = DIRECT ] || export http_proxy="$http"
        [ -z "${https:-}" ] || [ "$https" = DIRECT ] || export https_proxy="$https"
    }
}

# begin MIRROR: the bare system. What a try has left half done is of no use to the next.
begin() {
    rm -rf --one-file-system "$PART"
    mkdir -p "$PART"
    debootstrap --variant=minbase "$SUITE" "$PART" "$1"
}

# The chroot's apt goes the same way: the same proxies, certificates and patience.
carry_apt() {
    ours=$PART/etc/apt/apt.conf.d/90machine
    apt-config dump | grep -E '^Acquire::(https?::(Proxy|Timeout)|Retries|Check-)' >"$ours" || true
    for bundle in "${SSL_CERT_FILE:-}" /etc/ssl/certs/ca-certificates.crt; do
        [ -f "$bundle" ] || continue
        mkdir -p "$PART/etc/ssl"
        cp -L "$bundle" "$PART/etc/ssl/machine.crt"
        echo 'Acquire::https::CAInfo "/etc/ssl/machine.crt";' >>"$ours"
        break
    done
    cp -L /etc/resolv.conf /etc/hosts "$PART/etc/" || true
    echo "deb $1 $SUITE main" >"$PART/etc/apt/sources.list"
}

mount_system() {
    mount -t proc proc "$1/proc"
    mount --rbind /dev "$1/dev"
}

# It is made beside its place: what stands there is whole, or not ours.
make_chroot() {
    [ ! -e "$ROOT" ] || [ -e "$ROOT/$STAMP" ] || fail "$ROOT is something else: remove it"
    from=$(mirror) || exit 1
    proxies
    three_times begin "$from"
    carry_apt "$from"
    mount_system "$PART"
    three_times chroot "$PART" apt-get update -q
    # shellcheck disable=SC2086 # a list
    three_times chroot "$PART" apt-get install -y -q --no-install-recommends $PACKAGES
    chroot "$PART" apt-get clean
    umount -R "$PART/proc" "$PART/dev"
    echo "$SUITE $PACKAGES" >"$PART/$STAMP"
    rm -rf --one-file-system "$ROOT"
    mv "$PART" "$ROOT"
}

# A folder stays what it is inside; only those that begin with "+" can be written to.
bind() {
    folder=${1#+}
    mkdir -p "$ROOT$folder"
    mount --bind "$folder" "$ROOT$folder"
    [ "$folder" != "$1" ] || mount -o remount,bind,ro "$ROOT$folder"
}

run() {
    mount_system "$ROOT"
    mount -t tmpfs tmpfs "$ROOT/tmp"
    while [ "$1" != -- ]; do
        bind "$1"
        shift
    done
    shift
    # It begins where it would outside, if that is there.
    [ -d "$ROOT$PWD" ] || cd /
    exec chroot "$ROOT" env -C "$PWD" -i PATH=/usr/bin:/bin:/usr/sbin:/sbin HOME=/tmp LC_ALL=C.UTF-8 "$@"
}

case ${1:-} in
path) echo "$ROOT" ;;
make | run)
    [ "$(id -u)" -eq 0 ] || fail 'needs root'
    if [ -z "${PICTORY_UNSHARED:-}" ]; then
        PICTORY_UNSHARED=yes exec unshare -m "$0" "$@"
    fi
    mkdir -p "$(dirname "$ROOT")"
    # Two that begin at once: the second waits for the first.
    exec 9>"$ROOT.lock"
    flock 9
    if [ "$1" = make ]; then
        made || make_chroot
        exit
    fi
    made || fail "no chroot in $ROOT: make it first"
    flock -u 9
    shift
    run "$@"
    ;;
*) fail 'path, make, or run' ;;
esac

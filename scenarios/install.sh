#!/bin/sh
# Installs the Debian packages that are missing for building and running loadcast; with the argument `test` also those for
# its tests, with `fuzz` also those for tests/fuzz/run.sh, with `lint` also those for tests/lint.sh (`fast-lint`: --fast),
# with `page` also those for tests/page.sh, with `mpi` also those of -DLOADCAST_MPI=ON, with `deb` also those for
# tests/install/deb.sh. Does nothing, fast, when all are there.
set -eu
packages="gcc libc6-dev cmake make pkg-config libgsl-dev libyaml-dev libjansson-dev libyajl-dev libxml2-dev zlib1g-dev lowdown
 libzstd-dev libgraphviz-dev libsqlite3-dev libcurl4-openssl-dev libmicrohttpd-dev gnuplot-nox"
case "${1:-}" in
"" | page) command -v npm >/dev/null || packages="$packages npm" ;; # for charts; a node of one's own brings it
esac
case "${1:-}" in
test) packages="$packages g++ ninja-build mold libcmocka-dev libxml2-utils zstd python3 groff-base
 python3-jsonschema python3-yaml jq" ;;
fuzz) packages="$packages clang libclang-rt-14-dev" ;;
page) packages="$packages chromium python3" ;;
fast-lint) packages="$packages g++ ninja-build libcmocka-dev libxml2-utils zstd python3 mold clang cppcheck" ;;
lint) packages="$packages g++ ninja-build libcmocka-dev python3 clang clang-format clang-tidy cppcheck" ;;
mpi) packages="$packages libopenmpi-dev openmpi-bin" ;;
deb) packages="$packages debootstrap lintian" ;;
"") ;;
*) echo "install.sh: expected nothing, test, fuzz, page, mpi, deb, lint or fast-lint, found '$1'" >&2; exit 2 ;;
esac

missing=""
for package in $packages; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

as_root=""
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "install.sh: not root and no sudo; install these packages first:$missing" >&2; exit 1; }
    as_root="sudo"
fi
echo "Installing Debian packages:$missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
wait="-o DPkg::Lock::Timeout=300" # a new machine in a cloud may be busy with upgrades of its own
if ! { $as_root apt-get $wait update -q && $as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get $wait install -q -y --no-install-recommends $missing; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    echo "install.sh: apt-get failed" >&2
    exit 1
fi

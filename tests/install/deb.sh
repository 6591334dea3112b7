#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# deb.sh: the Debian package is made, has no errors for lintian, installs on a bare Debian 12 (debootstrap), works there,
# and goes away again. Needs root.
set -eu
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
cmake -B "$work/build" -DBUILD_SHARED_LIBS=ON -DLOADCAST_TESTS=OFF >"$work/log"
cmake --build "$work/build" -j "$(nproc)" >"$work/log" 2>&1 || { tail -20 "$work/log"; exit 1; }
(cd "$work/build" && cpack >"$work/log" 2>&1) || { cat "$work/log"; exit 1; }
lintian --fail-on error "$work"/build/loadcast_*.deb

debootstrap --variant=minbase bookworm "$root" >"$work/log" 2>&1 || { tail "$work/log"; exit 1; }
rm -f "$root/etc/apt/sources.list"
cp -r /etc/apt/apt.conf.d /etc/apt/sources.list* "$root/etc/apt/" # the mirror that this machine uses
cp /etc/resolv.conf "$root/etc/"
cp "$work"/build/loadcast_*.deb "$root/tmp/loadcast.deb"
cat >"$root/tmp/try" <<'END'
set -eu
apt-get update -q
apt-get install -q -y --no-install-recommends /tmp/loadcast.deb
loadcast --version
loadcast run /usr/share/loadcast/scenarios/search/search.yaml --quiet >/tmp/out && status=0 || status=$?
[ $status = 1 ] && grep '^photo saturates first' /tmp/out
apt-get remove -q -y loadcast
left=$(find / -xdev -name '*loadcast*' -not -path '/tmp/*' -not -path '/var/*')
[ -z "$left" ] || { echo "left behind: $left"; exit 1; }
END
chroot "$root" sh /tmp/try >"$work/log" 2>&1 || { tail -20 "$work/log"; exit 1; }
grep -E '^loadcast [0-9]|^photo saturates' "$work/log"

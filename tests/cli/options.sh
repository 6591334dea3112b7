#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Command lines that are wrong: status 2 and one line, and nothing leaks on the way out (with sanitizers).
set -u
. "$SOURCE/tests/support/cli.sh"

wrong() { # ARGUMENTS…
    run 2 "$@"
    [ "$(wc -l <err)" -eq 1 ] && [ ! -s out ] || { fail "$* said more than one line"; cat out err; }
}

command=
wrong --nonsense
wrong simulat
commands=$("$LOADCAST" --help | sed -n 's/^  \([a-z]*\) .*/\1/p')
[ "$(echo "$commands" | wc -l)" -ge 7 ] || fail "too few commands are listed: $commands"
for c in $commands; do
    wrong "$c"
    wrong "$c" --nonsense-without-likeness x
    run 0 "$c" --help
done
for c in run fit; do # one parser reads the options of all
    wrong "$c" --jsn - x
    wrong "$c" -Z x
    wrong "$c" --quiet=yes x
    wrong "$c" x --json
    wrong "$c" --jobs -1 x
    wrong "$c" --seed 1.5 x
done
wrong convert x.yaml --to nonsense
wrong convert x.yaml --to yml2json
wrong extract x.json --assume-async a:b --format nonsense
wrong extract x.json --trace not-an-id
wrong simulate x.yaml --precision '20 ms'
wrong simulate x.yaml --traces t.json --trace-clock min

#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Every small wrong model of tests/data/bad gets exactly the messages of expected.txt, with line and column, and the right
# exit status. After a change that is meant: sh tests/cli/bad_models.sh FILE writes what is said now.
set -eu
export LC_ALL=C

said() {
    cd "$SOURCE/tests/data/bad"
    for model in *.lqn *.lqnx; do
        status=0
        "$LOADCAST" simulate "$model" --replications 2 --run-time 10 --warmup 0 >/dev/null 2>"$1" || status=$?
        echo "$model: status $status"
        sed 's/^loadcast: /  /' "$1"
    done
}

messages=$(mktemp)
trap 'rm -f "$messages"' EXIT
if [ $# -gt 0 ]; then
    said "$messages" >"$1"
    exit 0
fi
said "$messages" | diff -u "$SOURCE/tests/data/bad/expected.txt" - >&2 || {
    echo "bad_models.sh: other messages than expected" >&2
    exit 1
}

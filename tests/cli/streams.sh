#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Where results go to: readers that leave early, disks that are full, streams that are closed, signals while files are
# written. What is half-written is never left behind.
set -u
. "$SOURCE/tests/support/cli.sh"
data=$SOURCE/tests/data

each() { # every command, with results on standard output; the exit statuses go to the file statuses
    rm -f statuses
    while read -r arguments; do
        # shellcheck disable=SC2086 # several words
        "$@" "$LOADCAST" $arguments
    done <<END
--help
simulate --help
simulate $data/lqn/closed-1.lqnx --quiet --replications 2 --run-time 4000
simulate $data/lqn/closed-1.lqnx --quiet --replications 2 --run-time 4000 --json -
simulate $data/lqn/closed-1.lqnx --quiet --replications 2 --run-time 4000 --traces - --trace-count 500
convert $data/lqn/mixed.lqnx --to yaml -o -
convert $data/lqn/mixed.lqnx --to json -o -
compare $data/lqn/mixed.lqnx $data/lqn/mixed.lqnx
extract $data/extract/orders.json --quiet
fit $data/extract/orders.json --quiet -o -
fit $data/extract/orders.json --quiet --summary -
fit --samples $data/fit/tiny_5.txt --json -
run shop.yaml --quiet
run shop.yaml --quiet --json -
END
}
cat >shop.yaml <<END
model: model.yaml
workloads: [{name: users, entry: page, rate: 5/s}]
simulation: {replications: 2, run_time: 100 s, warmup: 0 s}
END
cat >model.yaml <<END
loadcast: model/1
processors: {host: {}}
tasks: {web: {processor: host, entries: {page: {demand: 100 ms}}}}
END

# A reader that has seen enough is no error.
gone() {
    { "$@" 2>err; echo $? >status; } | true
    { [ "$(cat status)" -eq 0 ] && [ ! -s err ]; } || fail "$*: $(cat status) for a reader that left: $(cat err)"
}
each gone

told() { # COMMAND…: of the last status
    { [ "$status" -eq 4 ] && [ "$(wc -l <err)" -eq 1 ]; } || fail "$*: $status, not one line: $(cat err)"
    holds err "loadcast: standard output: cannot be written: "
}
full() {
    status=0
    "$@" >/dev/full 2>err || status=$?
    told "$@"
}
[ ! -e /dev/full ] || each full
closed() {
    status=0
    "$@" >&- 2>err || status=$?
    told "$@"
}
each closed

# What is opened does not take the place of a stream that is closed.
"$LOADCAST" simulate "$data/lqn/closed-1.lqnx" --replications 2 --run-time 4000 --json result.json >&- 2>err
"$PYTHON" -c "import json; json.load(open('result.json'))" || fail "something else stands in the result"

rm -f .loadcast-*.tmp # of an earlier run that failed
# A signal while a file is being written ends the program by that signal.
"$PYTHON" - "$LOADCAST" simulate "$data/lqn/closed-1.lqnx" --quiet --traces never.jsonl --trace-count 100000000 <<'END' || fail "it goes on"
import os, signal, subprocess, sys, time
for number in signal.SIGINT, signal.SIGTERM, signal.SIGHUP:
    process = subprocess.Popen(sys.argv[1:])
    while process.poll() is None and not any(name.endswith(".tmp") for name in os.listdir(".")):
        time.sleep(0.01)
    process.send_signal(number)
    if process.wait() != -number:
        sys.exit(f"{number!r} gives {process.returncode}")
END
if ls -A | grep 'never\|tmp$'; then fail "something half-written is left behind"; fi

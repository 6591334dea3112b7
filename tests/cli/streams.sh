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
simulate $data/lqn/closed-1.lqnx --quiet --replications 2 --run-time 1000 --warmup 0
simulate $data/lqn/closed-1.lqnx --quiet --replications 2 --run-time 1000 --warmup 0 --json -
simulate $data/lqn/closed-1.lqnx --quiet --replications 2 --run-time 1000 --warmup 0 --traces - --trace-count 500
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

"$LOADCAST" run shop.yaml --quiet --json shop.json >out || fail "run"

# What is opened does not take the place of a stream that is closed.
"$LOADCAST" simulate "$data/lqn/closed-1.lqnx" --replications 2 --run-time 1000 --warmup 0 --json result.json >&- 2>err
"$PYTHON" -c "import json; json.load(open('result.json'))" || fail "something else stands in the result"

# A file that may not be as long as it is: one line, and nothing under its name.
while [ -z "${LEISURELY-}" ] && read -r arguments; do # sanitizers write files of their own
    # shellcheck disable=SC2086 # several words
    said=$( { ulimit -f 0; exec "$LOADCAST" $arguments --quiet; } 2>&1 >/dev/null)
    status=$?
    { [ $status = 4 ] && [ "$(echo "$said" | wc -l)" = 1 ]; } || fail "$arguments: $status for a file too long: $said"
done <<END
convert $data/lqn/mixed.lqnx -o big.yaml
fit $data/extract/orders.json -o big.yaml
extract $data/extract/orders.json --json big.json
measure $data/extract/orders.json --json big.json
calibrate $data/extract/orders.json -o big.yaml
simulate $data/lqn/closed-1.lqnx --replications 2 --run-time 1000 --warmup 0 --traces big.jsonl --trace-count 500
run shop.yaml --json big.json
run shop.yaml --report big.html
compare shop.json shop.json --json big.json
END
for f in big.*; do [ ! -e "$f" ] || fail "$f, which is too long, was made"; done

# A signal ends every command by one line, whatever it waits for or writes, and nothing half-written is left. One that
# was killed leaves its file to the next, which leaves alone what others are writing.
rm -f .loadcast-*.tmp traces # of an earlier run that failed
mkfifo traces
printf 'traces: traces\nworkloads: [{name: users, entry: page, rate: 5/s}]\n' >piped.yaml

# Who reads twice takes no pipe, which gives its bytes once, and does not wait for one; a scenario may come through it.
while read -r arguments; do
    # shellcheck disable=SC2086 # several words
    refused 3 "'traces' is a pipe or a device, which can be read once; expected a file" $arguments
done <<END
run traces $data/extract/orders.json
init traces
backtest $data/extract/orders.json traces
backtest piped.yaml
nightly piped.yaml --history never.db --release 1 --out night
compare shop.json traces
compare a b --traces traces
END
"$LOADCAST" run shop.yaml --quiet | sed 1,2d >out # but for the name
cat shop.yaml | "$LOADCAST" run /dev/stdin --quiet | sed 1,2d >piped
[ -s out ] && cmp out piped || fail "a scenario through a pipe"
cat "$data/extract/orders.json" | "$LOADCAST" run /dev/stdin >piped 2>err && fail "traces through a pipe are answered"
holds err "what comes through a pipe is read as a scenario"

"$PYTHON" - "$LOADCAST" "$data" <<'END' || fail "signals"
import glob, os, signal, subprocess, sys, time
program, data = sys.argv[1:]
some = open(data + "/extract/orders.json", "rb").read()
wrong = []

def start(words):  # a shell starts what is in the background deaf to ^C
    return subprocess.Popen([program, *words.split()], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))

def end(process, number, words):
    process.send_signal(number)
    out, err = process.communicate()
    if process.returncode != 128 + number or err.count(b"\n") != 1 or b"stopped by SIG" not in err:
        wrong.append(f"{words}: {number!r} gives {process.returncode}: {out} {err}")

def writing():
    process = start(f"simulate {data}/lqn/closed-1.lqnx --quiet --traces never.jsonl --trace-count 100000000")
    while process.poll() is None and not glob.glob(".loadcast-*.tmp"):
        time.sleep(0.01)
    return process

def other():
    subprocess.run([program, "convert", data + "/lqn/mixed.lqnx", "-o", "other.yaml"], check=True)
    return bool(glob.glob(".loadcast-*.tmp"))

for number in signal.SIGINT, signal.SIGTERM, signal.SIGHUP:
    end(writing(), number, "simulate")
for words in ("fit traces -o never.yaml", "extract traces --json never.json", "measure traces --csv never.csv",
              "calibrate traces -o never.yaml", "run piped.yaml --json never.json"):
    process = start(words)
    feed, rest = os.open("traces", os.O_RDWR | os.O_NONBLOCK), some * 30
    while rest and process.poll() is None:  # more than a pipe holds: it is reading
        try:
            rest = rest[os.write(feed, rest):]
        except BlockingIOError:
            time.sleep(0.01)
    end(process, signal.SIGTERM, words)
    os.close(feed)
if glob.glob(".loadcast-*.tmp") + glob.glob("never.[!d]*") + glob.glob("night/*"):
    wrong.append("something half-written is left behind")
process = writing()
if not other():
    wrong.append("a file that is being written was removed")
process.kill()
process.wait()
if not glob.glob(".loadcast-*.tmp"):
    wrong.append("a killed program leaves nothing: this tests nothing")
if other():
    wrong.append("the file of a killed program stays")
sys.exit("\n".join(wrong) or 0)
END

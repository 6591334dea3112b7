#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Activities: marked by tests that run at once or die, and matched with traces by time, by attribute and by baggage.
set -eu
. "$SOURCE/tests/support/cli.sh"
rm -f activities.jsonl other.jsonl

# Twelve tests at once: no line is lost or torn, and every stop finds its start.
n=0
while [ $n -lt 12 ]; do
    n=$((n + 1))
    ("$LOADCAST" activity start "test $n" --release 5.4.0 --run $n && "$LOADCAST" activity stop "test $n") 2>>said &
done
wait
[ ! -s said ] || fail "tests at once: $(cat said)"
python3 - <<'EOF' || fail "lines of tests at once"
import json, sys
lines = [json.loads(line) for line in open('activities.jsonl')]
times = [line['time'] for line in lines]
pairs = {}
for line in lines:
    pairs.setdefault((line['activity'], line['release'], line['run']), []).append(line['event'])
sys.exit(not (len(lines) == 24 and times == sorted(times) and len(pairs) == 12 and
              all(events == ['start', 'stop'] for events in pairs.values())))
EOF

# A test that died: said when it starts again, and its torn line is taken away.
run 0 activity start login --release r1 --run 1 --file other.jsonl
printf '{"event":"st' >>other.jsonl
run 0 activity start login --release r1 --run 1 --file other.jsonl
holds err "an unfinished last line is removed"
holds err "'login' was started before and not stopped"
run 0 activity start login --release r1 --run 2 --file other.jsonl
refused 3 "several starts of 'login' are not stopped yet; expected --release and --run" activity stop login --file other.jsonl
run 0 activity stop login --run 2 --file other.jsonl
run 0 activity stop login --file other.jsonl
refused 3 "expected a start of 'login' that is not stopped yet, found none" activity stop login --file other.jsonl
[ "$(wc -l <other.jsonl)" = 5 ] || fail "lines: $(cat other.jsonl)"
refused 3 "nowhere.jsonl: expected a start of 'login', found no such file" activity stop login --file nowhere.jsonl
[ ! -e nowhere.jsonl ] || fail "a stop made a file"
refused 4 "/dev/full: cannot be written: No space left on device" activity start login --file /dev/full
refused 4 "no/such: cannot be written" activity start login --file no/such
refused 2 "expected 'start' or 'stop'" activity begin login
refused 2 "found ''" activity start ''

# Ten requests, a second apart: matched by windows on a clock that is 0.4 s behind.
printf 'activity,release,run,start,end\na,r1,1,1700000000.1,1700000003.5\nb,r1,1,1700000003.6,1700000008.6\n' >windows.csv
refused 3 "expected starts and stops, found windows" activity start x --file windows.csv
trace() { # N KEY VALUE: a request of N s after 1.7e9 s, 100 ms long; only its second span has the attribute
    printf '{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"web"}},{"key":"service.version","value":{"stringValue":"r%d"}}]},"scopeSpans":[{"spans":[' $(($1 % 2))
    printf '{"traceId":"%032d","spanId":"%015d1","name":"GET /","kind":2,"startTimeUnixNano":"170000000%d000000000","endTimeUnixNano":"170000000%d100000000"},' $(($1 + 1)) "$1" "$1" "$1"
    printf '{"traceId":"%032d","spanId":"%015d2","parentSpanId":"%015d1","name":"x","kind":1,"startTimeUnixNano":"170000000%d000000000","endTimeUnixNano":"170000000%d050000000","attributes":[{"key":"%s","value":{"stringValue":"%s"}}]}]}]}]}\n' $(($1 + 1)) "$1" "$1" "$1" "$1" "$2" "$3"
}
: >web.jsonl
for n in 0 1 2 3 4; do trace $n test.case.name "first" >>web.jsonl; done
for n in 5 6 7; do trace $n http.request.header.baggage '[\"a=1, test.case.name=the%20second;x=y\"]' >>web.jsonl; done
for n in 8 9; do trace $n baggage.other x >>web.jsonl; done
python='n = {(r["release"], r["run"], r["activity"]): r["mean"] for r in v["measures"] if r["measure"] == "traces"}'
run 0 measure web.jsonl --activities windows.csv --json v.json
check "windows as they are" "n == {('r1', '1', 'a'): 3, ('r1', '1', 'b'): 5} and v['traces']['matching_none'] == 2"
holds err "2 of 10 traces belong to no activity and are not measured"
holds err "2 of them begin less than 1 s outside of a window: clocks may differ"
run 0 measure web.jsonl --activities windows.csv --clock-offset '-0.4 s' --json v.json
check "on the other clock" "n == {('r1', '1', 'a'): 4, ('r1', '1', 'b'): 5}"
run 0 measure web.jsonl --activities windows.csv --slack '150 ms' --json v.json
check "with slack" "n == {('r1', '1', 'a'): 4, ('r1', '1', 'b'): 5}"
printf 'c,r1,1,1700000006.5,1700000007.05\nd,r1,1,1600000000,1600000001\n' >>windows.csv
run 0 measure web.jsonl --activities windows.csv --json v.json
check "two at once" "v['traces']['matching_two'] == 1 and n['r1', '1', 'b'] == 4"
holds err "1 of 10 traces begin in several windows and are not measured (trace 00000000000000000000000000000008)"
holds err "2 of 4 windows hold no trace: 'c' (release 'r1', run '1'), 'd' (release 'r1', run '1')"
printf 'activity,release,run,start,end\nd,r1,1,1600000000,1600000001\n' >wrong.csv
refused 3 "the nearest misses one by 1e+08 s" measure web.jsonl --activities wrong.csv

# By what any span says, the baggage header among it; the release is the root's, or a key's, or stated.
run 0 measure web.jsonl --by test.case.name --run 7 --json v.json
check "by attribute" "n == {('r0', '7', 'first'): 3, ('r1', '7', 'first'): 2, ('r1', '7', 'the second'): 2,
    ('r0', '7', 'the second'): 1}"
run 0 measure web.jsonl --by test.case.name --release-by baggage.other --release 5 --merge-runs --json v.json
check "release stated" "n == {('5', '', 'first'): 5, ('5', '', 'the second'): 3}"
refused 3 "no trace has the attribute or baggage key 'nobody'" measure web.jsonl --by nobody

# What tests marked is what a scenario and 'measure' take.
printf '{"event":"start","activity":"a","release":"r9","run":"1","time":"1700000000"}\n' >open.jsonl
run 0 measure web.jsonl --activities open.jsonl --json v.json
check "an open start" "n == {('r9', '1', 'a'): 10}"
holds err "open.jsonl:1: 'a' was started and not stopped; it is taken to end with the last trace"

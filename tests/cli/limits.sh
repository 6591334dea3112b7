#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What ends a simulation: a queue without end, time that stands still, the clock, a signal, replicas without number.
set -u
. "$SOURCE/tests/support/cli.sh"

# model NAME THREADS THINK DEMAND REPLICAS: users of one service, closed.
model() {
    cat >"$1.yaml" <<END
loadcast: model/1
name: $1
time_unit: s
processors:
  c: {scheduling: inf}
  p: {scheduling: fcfs, multiplicity: 1, replicas: $5}
tasks:
  users:
    {scheduling: ref, processor: c, multiplicity: 10, think_time: $3 s,
     entries: {u: {demand: 0 s, calls: [{to: a, mean: 1}]}}}
  a: {processor: p, multiplicity: $2, replicas: $5, entries: {a: {demand: $4 s}}}
END
}

# No time passes: that is said, and no deadlock, whether one customer goes round or several set each other free.
model still 1 0 0 1
refused 3 "goes round for ever without any time passing (at time 0)" simulate still.yaml
model still 3 0 0 1
refused 3 "goes round for ever without any time passing (at time 0)" simulate still.yaml
refused 3 "goes round for ever without any time passing" simulate still.yaml --transient '10 s' -r 1
refused 3 "'users' goes round for ever without any time passing" solve still.yaml

# A number of replicas is a number, and too many are refused before memory is asked for.
model many 1 1 0.1 1e9
refused 3 "expected 10000000 at the most, found 2000000002 ('a' has 1000000000)" simulate many.yaml
model few 1 1 0.01 1e1
run 0 simulate few.yaml --precision '10 %'

# A text is as long as a trace may need, and many unknown keys are one line.
{ printf '{"resourceSpans":[{"name":"'; head -c 9437184 /dev/zero | tr '\0' x; echo '"}]}'; } >long.json
refused 3 "a text of more than 8 MiB begins here" extract long.json
awk 'BEGIN { print "model: few.yaml"; for (i = 0; i < 1000; i++) print "k" i ": 1" }' >keys.yaml
refused 3 "a scenario has none of the keys k0, k1, k2, k3, k4, k5, k6, k7, k8, k9 and 990 more; expected one of name" run keys.yaml
[ "$(grep -c "'\?k[0-9]" err)" = 1 ] || fail "$(cat err)"

# Ten times the load that can be served: the curves end before memory does, and name the queue.
cat >shop.yaml <<END
loadcast: model/1
name: shop
time_unit: s
processors: {p: {scheduling: fcfs, multiplicity: 1}}
tasks:
  web: {processor: p, multiplicity: 4, entries: {page: {demand: 10 ms}}}
END
cat >overload.yaml <<END
name: overload
model: shop.yaml
workloads: [{name: readers, entry: page, rate: 1000/s}]
simulation: {mode: transient, duration: 10 h, step: 10 min, replications: 2, max_queue: 20000}
END
run 5 run overload.yaml --json v.json
holds out "requests wait for 'web', more than are kept (max_queue)"
check "the curves end early, at the queue that grew" "
v['points'][0]['transient']['ends_early']['component'] == 'web'
and 20000 < v['points'][0]['transient']['ends_early']['waiting'] < 50000
and len(v['points'][0]['transient']['times']) >= 20
and 0 < v['points'][0]['transient']['ends_early']['at'] < 36000"

# Of a load that never changes a million of them tell all.
cat >flood.yaml <<'END'
loadcast: model/1
time_unit: s
processors: {cpu: {scheduling: fcfs}}
tasks:
  source: {processor: cpu, scheduling: open, arrivals: 1e-6, entries: {s: {calls: [page]}}}
  web: {processor: cpu, entries: {page: {demand: 10 ms}}}
END
run 5 simulate flood.yaml --transient '10 s' --step '50 ms' -r 1 --json v.json
check "the curves end by themselves" "1e6 < v['transient']['ends_early']['waiting'] < 1.2e6"

# The clock holds for a model whose pilots alone would take longer, and a signal ends it with what is known.
model slow 1 0 0.001 1
run 5 simulate slow.yaml -r 100000 --run-time 10 --max-time '500 ms' --json v.json
check "what is known by then is reported" "not v['converged'] and not v['partial'] and v['replications'] > 0"
cat >end_early.py <<'END'
import os, signal, subprocess, sys, time

def own_signals():  # a shell starts what is in the background deaf to ^C
    signal.signal(signal.SIGINT, signal.SIG_DFL)

def cpu_seconds(pid):
    fields = open(f'/proc/{pid}/stat').read().rsplit(') ', 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')

process = subprocess.Popen([os.environ['LOADCAST'], *sys.argv[2:]], stdout=open('out', 'w'), stderr=open('err', 'w'),
                           preexec_fn=own_signals)
while cpu_seconds(process.pid) < 0.3:
    time.sleep(0.05)
process.send_signal(int(sys.argv[1]))
status = process.wait()
print(status if status >= 0 else f'killed by {-status}')
END
ends_early() { # SIGNAL:NUMBER COMMAND…: the signal ends it with what is known
    number=${1#*:} signal=${1%:*}
    shift
    LOADCAST=$LOADCAST "$PYTHON" end_early.py "$number" "$@" >got
    [ "$(cat got)" = $((128 + number)) ] || { fail "SIG$signal gave $(cat got)"; cat out err; }
    [ "$(grep -c "stopped by SIG$signal; what was known then was reported" err)" = 1 ] || fail "$(cat err)"
}
# Curves of which no run is complete are those of one, as far as it came, without intervals.
cat >long.yaml <<'END'
loadcast: model/1
time_unit: s
processors: {cpu: {scheduling: fcfs}}
tasks:
  source: {processor: cpu, scheduling: open, pattern: {rates: [[0 s, 50/s]]}, entries: {s: {calls: [e]}}}
  t: {processor: cpu, entries: {e: {demand: 1 ms}}}
END
python='t = v.get("transient"); bins = len(t["times"])
load = [s for s in t["series"] if s["name"].startswith("t ") and s["quantity"] == "load"][0]'
unfinished='t["unfinished"] and t["replications"] == 1 and 0 < bins < 9900 and len(load["mean"]) == bins
and 0.04 < sum(load["mean"]) / bins < 0.06 and not any(x for s in t["series"] for x in s["ci95"])'
run 5 simulate long.yaml --transient '100 h' --step '36 s' -r 3 --max-time '500 ms' --json v.json
check "one run as far as it came" "$unfinished and not t['partial']"
holds err "warning: no run was complete in the time allowed: the curves are of one run until then, without intervals"
holds out "One run as far as it came in bins of 36.0 s"
ends_early INT:2 simulate long.yaml --transient '100 h' --step '36 s' -r 3 --json v.json
check "the same at a signal" "$unfinished and t['partial']"
run 5 simulate long.yaml --transient '1000 h' --step '200 h' -r 3 --max-time '100 ms'
holds err "no bin of the curves was complete after 0.1 s; allow more time"
python=
for by in TERM:15 USR1:10; do
    ends_early $by simulate slow.yaml -r 100000 --run-time 10 --json v.json
    holds out "partial: stopped by a signal"
    check "JSON is whole and marked" "v['partial'] and 0 < v['replications'] < 100000"
done
# Every way out of a verdict, and of a sweep, says that it is partial.
cat >slow_run.yaml <<END
model: shop.yaml
workloads: [{name: readers, entry: page, rate: 30/s}]
simulation: {replications: 100000, max_time: 10 min}
END
ends_early TERM:15 run slow_run.yaml -j 1 --json v.json --csv v.csv --markdown v.md --json-summary s.json --report v.html
for file in out v.md v.html; do holds $file "Partial: stopped by SIGTERM"; done
holds v.csv "run,,,,SIGTERM,partial,1"
check "JSON is marked" "v['partial'] and len(v['points']) == 1"
grep -q '"partial": true' s.json || fail "$(cat s.json)"
sed '1a variables: {x: "[1 : 3, 1]"}\nbindings: {a.multiplicity: $x}' slow.yaml >slow_sweep.yaml
ends_early INT:2 simulate slow_sweep.yaml -r 100000 --run-time 10 --json v.json
holds out "Partial: stopped by SIGINT after 1 of 3 points"
check "a sweep is marked" "v['partial'] and len(v['points']) == 1 and v['points'][0]['result']['partial']"

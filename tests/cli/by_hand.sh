#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Models and scenarios as people write them: what a list of calls means, sweeps of variables, patterns that are constant,
# byte order marks, what is assumed, cores without processor work.
set -u
. "$SOURCE/tests/support/cli.sh"
data=$SOURCE/tests/data/hand
python='
def near(x, exact, part): return abs(x - exact) <= part * exact
w = {x["name"]: x for x in v.get("workloads", [])} if isinstance(v, dict) else {}'

# M/M/1 at 0.8: one call for each arrival, so that the response is exponential with mean 4 s.
run 0 simulate "$data/mm1.yaml" --precision '2 %' --json v.json
check "M/M/1" 'near(w["in"]["response_time"]["mean"], 4, 0.04) and near(w["in"]["percentiles"]["50"], 2.7726, 0.05)
    and near(w["in"]["percentiles"]["99"], 18.42, 0.08)'
holds out "Exponential, because only a mean is stated: w;"

# Two classes, the urgent one first, of half the load each: 0.4583 and 1.0833 s.
for f in prio-det prio-det-d; do
    run 0 simulate "$data/$f.yaml" --precision '2 %' --json v.json
    check "$f" 'near(w["urgent"]["response_time"]["mean"], 0.4583, 0.03) and
        near(w["std"]["response_time"]["mean"], 1.0833, 0.05)'
done

# Exactly one call, then a geometric number with mean 1.5: 1 + G seconds, P(G > k) = 0.6^(k+1).
cat >mixed.yaml <<'END'
loadcast: model/1
processors: {c: {scheduling: inf}}
tasks:
  in: {processor: c, scheduling: open, arrivals: 1 s, entries: {e: {calls: [a, {to: b, mean: 1.5}]}}}
  s: {processor: c, scheduling: inf, multiplicity: infinite, entries:
      {a: {demand: {deterministic: 1 s}}, b: {demand: {deterministic: 1 s}}}}
END
run 0 simulate mixed.yaml --precision '2 %' --json v.json
check "a mixed list" 'near(w["in"]["response_time"]["mean"], 2.5, 0.02) and
    near(w["in"]["percentiles"]["50"], 2, 0.01) and near(w["in"]["percentiles"]["95"], 6, 0.01)'
grep -q Exponential out && fail "a constant demand is called exponential"
run 0 convert mixed.yaml -o mixed2.yaml
run 0 compare mixed.yaml mixed2.yaml
holds mixed2.yaml "mean: 1.5"
run 0 convert mixed.yaml -o mixed.lqnx
holds err "makes some calls exactly and some a random number of times"

# Conversion keeps what calls mean, in both directions.
cat >kinds.yaml <<'END'
loadcast: model/1
processors: {core: {}, delay: {scheduling: inf, multiplicity: infinite}}
tasks:
  users: {processor: delay, scheduling: ref, entries: {start: {calls: [first, second, third]}}}
  server:
    processor: core
    entries:
      first: {demand: 1 s, calls: [read, {to: write, number: 3}]}
      second: {demand: 1 s, calls: {read: 1, write: 0.5}}
      third: {demand: 1 s, calls: [{to: read, mean: 1}]}
  store: {processor: delay, entries: {read: {demand: 1 s}, write: {demand: 1 s}}}
END
for f in lqn lqnx json; do
    run 0 convert kinds.yaml -o "kinds.$f"
    run 0 convert "kinds.$f" -o back.yaml
    run 0 compare kinds.yaml back.yaml
done
holds back.yaml "number: 3"
holds back.yaml "mean: 1"

# Half a call is a random number of calls.
cat >half.yaml <<'END'
model: kinds.yaml
what_if: [{name: half, change: {entry:first.calls.read: x 0.5}}]
simulation: {replications: 2, run_time: 100 s, warmup: 0 s}
END
run 0 run half.yaml

# A sweep: the documented example, as it stands. One point at a time elsewhere, which is said.
awk '/^```/ {inside = !inside; text = ""; next} inside {text = text $0 "\n"}
    inside && /web: .*page: .demand: 1 s/ && text ~ /variables/ {printf "%s", text; exit}' "$SOURCE/docs/model-format.md" >sweep.yaml
run 0 simulate sweep.yaml -r 10 --run-time 300 --json v.json
check "the documented sweep" '[p["variables"]["n"] for p in v["points"]] == [1, 8] and
    near(v["points"][0]["result"]["workloads"][0]["throughput"]["mean"], 7.85, 0.05) and
    near(v["points"][1]["result"]["workloads"][0]["throughput"]["mean"], 9.09, 0.05)'
printf 'model: sweep.yaml\n' >one.yaml
refused 3 "the model is a sweep of 2 points; give each variable one value, or state the values under 'sweep'" run one.yaml
refused 3 "the model is a sweep of 2 points" simulate sweep.yaml --transient '1 min'
sed 's/processor: cpu, /&multiplicity: $n, /' sweep.yaml >place.yaml
refused 3 "place.yaml:7:39: multiplicity is '\$n'; expected a whole number" simulate place.yaml
holds err "variables fill what 'bindings' of the model name, such as {web.multiplicity: \$n}"

# The byte order mark of some editors.
printf '\357\273\277' | cat - "$data/mm1.yaml" >bom.yaml
run 0 simulate bom.yaml -r 2 --run-time 100
printf '\357\273\277' | cat - half.yaml >bom_half.yaml
run 0 run bom_half.yaml

# A pattern that is constant is a steady load.
cat >model.yaml <<'END'
loadcast: model/1
processors: {host: {}}
tasks: {web: {processor: host, entries: {page: {demand: 100 ms}}}}
END
cat >constant.yaml <<'END'
model: model.yaml
workloads:
  - {name: a, entry: page, arrivals: {steps: [[0 s, 2/s]]}}
  - {name: b, entry: page, users: [[0 s, 1]], think_time: 1 s}
simulation: {precision: 5 %}
END
run 0 run constant.yaml --json v.json
check "a constant pattern" 'near(v["points"][0]["result"]["workloads"][0]["throughput"]["mean"], 2, 0.05)'
holds out "Exponential, because only a mean is stated: page;"

# One run has curves and no band.
run 0 simulate "$data/mm1.yaml" --transient '1 min' -r 1 --json v.json
check "a single run" 'all(x is None for s in v["transient"]["series"] for x in s["low"] + s["ci95"])
    if "transient" in v else all(x is None for s in v["series"] for x in s["low"] + s["ci95"])'

# Values under deployment are absolute, and are refused where they stand.
for value in -2 '"- 2"' '+ 1' 'x 2' 0 2.5; do
    printf 'model: model.yaml\nworkloads: [{name: u, entry: page, rate: 5/s}]\ndeployment: {services: {web: {concurrency: %s}}}\n' \
        "$value" >s.yaml
    refused 3 "s.yaml:3:44: 'web.concurrency'" run s.yaml
done

# Own time of 20 ms at 10/s: the core is 20 % busy if all of that is processor work.
cat >truth.yaml <<'END'
loadcast: model/1
processors: {c: {scheduling: inf}}
tasks:
  in: {processor: c, scheduling: open, arrivals: 100 ms, entries: {i: {calls: [page]}}}
  web: {processor: c, scheduling: inf, multiplicity: infinite, entries: {page: {demand: {gamma: {shape: 4, scale: 5 ms}}}}}
END
run 0 simulate truth.yaml --traces t.jsonl --trace-count 400 -r 2 --run-time 100
factor() { # DEPLOYMENT WARNED FACTOR RESPONSE
    printf 'traces: {files: t.jsonl, assume_load: low}\nworkloads: [{name: u, entry: "web/page", rate: 10/s}]
simulation: {precision: 5 %%, uncertainty: none}\ndeployment: {services: {web: {concurrency: 100, %s}}}\n' "$1" >cores.yaml
    run 0 run cores.yaml --json v.json
    if [ "$2" = yes ]; then
        holds err "cores.yaml:4:"
        holds err "the cores of 'web' are stated and its processor work is not"
        holds err "deployment.services.web.cpu"
    else
        grep -q "processor work" err && { fail "$1 is warned of"; cat err; }
    fi
    check "$1" "near(v['saturation']['factor'], $3, 0.06) and
        near(v['points'][0]['result']['workloads'][0]['response_time']['mean'], $4, 0.08)"
}
factor 'cores: 1' yes 4.8 0.026
# What there is to say stands before the report, also where both go to one file.
"$LOADCAST" run cores.yaml >both 2>&1
head -1 both | grep -q '^loadcast: warning: ' || { fail 'a message does not stand before the report'; cat both; }
factor 'cores: 1, cpu: 4 ms' no 25 0.021
factor 'cores: 1, cpu_share: 10 %' no 48 0.021
factor 'cores: 1, entries: {page: {cpu: 10 ms}}' no 10 0.022
printf 'traces: t.jsonl\nworkloads: [{name: u, entry: "web/page", rate: 10/s}]
deployment: {services: {web: {cpu: 90 ms}}}\n' >cores.yaml
refused 3 "cores.yaml:3:36: 'web.cpu' is '90 ms', but 'web/page' takes" run cores.yaml

# What the engine warns of is passed on, once.
cat >heavy.yaml <<'END'
loadcast: model/1
processors: {c: {scheduling: inf}}
tasks:
  db: {processor: c, multiplicity: 1, entries: {db/query: {demand: {pareto: {shape: 1.5, minimum: 3 ms}}}}}
END
printf 'model: heavy.yaml\nworkloads: [{name: u, entry: db/query, rate: 10/s}]\nload: {factors: [1, 2]}
simulation: {replications: 2, run_time: 100 s}\n' >tail.yaml
"$LOADCAST" run tail.yaml >out 2>err
[ "$(grep -c "the mean wait for 'db' is infinite" err)" = 1 ] || fail "an infinite wait is not said once: $(cat err)"

# A what-if that only makes an open queue shorter changes no throughput; the load changes by a tenth of it. Replications
# begin empty and do not end so, which these seeds showed as a change.
printf 'G "" 1e-5 50 10 0.9 -1\nP 0 p cpu f -1\nT 0 t server f serve -1 cpu -1\nE 0 s serve 1 -1 -1\n' >queue.lqn
for seed in 6 9; do
    printf 'model: queue.lqn\nworkloads: [{name: shop, entry: serve, rate: 0.8/s}]
what_if: [{name: faster, change: {entry:serve.demand: x 0.9}}]\nsimulation: {precision: 5 %%, seed: %s}\n' $seed >paired.yaml
    run 0 run paired.yaml --json v.json
    check "the throughput of an open queue, seed $seed" '[abs(c["difference"]["mean"]) <= c["difference"]["ci95"]
        for c in v["comparisons"] if c["quantity"] == "throughput"] == [True]'
    check "the load of an open queue, seed $seed" '[abs(c["difference"]["mean"] + 0.08) <= 1.5 * c["difference"]["ci95"]
        for c in v["comparisons"] if c["quantity"] == "load"] == [True]'
done

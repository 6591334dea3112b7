#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A scenario of 20 points on a model of 50 services in five layers, every metric within 5 %. LOADCAST is the program.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
awk 'BEGIN {
    print "loadcast: model/1\ntime_unit: s\nprocessors:"
    for (i = 0; i < 50; i++) printf "  host%02d: {scheduling: ps, multiplicity: 4}\n", i
    print "tasks:"
    for (i = 0; i < 50; i++) {
        printf "  service%02d:\n    processor: host%02d\n    multiplicity: 64\n    entries:\n", i, i
        printf "      op%02d: {demand: %d ms", i, 4 + i % 7
        if (i < 40) printf ", calls: [{to: op%02d, mean: 0.8}, {to: op%02d, mean: 0.5}]", i + 10 - i % 10 + (3 * i) % 10, i + 10 - i % 10 + (3 * i + 1) % 10
        print "}"
    }
}' >"$folder/model.yaml"
awk 'BEGIN {
    print "name: fifty services\nmodel: model.yaml\nworkloads:"
    for (i = 0; i < 10; i++) printf "  - {name: load%d, entry: op%02d, rate: %d/s}\n", i, i, 6 + i
    print "load: {rate: {from: 10/s, to: 200/s, steps: 20}}\nsimulation: {precision: 5 %}"
}' >"$folder/scenario.yaml"
bash -c "TIMEFORMAT='CPU: %U s user, %S s system; %R s by the clock'; time '$LOADCAST' run --json '$folder/verdict.json' '$folder/scenario.yaml' >/dev/null" || true
python3 - "$folder/verdict.json" <<'END_OF_PYTHON'
import json, sys
verdict = json.load(open(sys.argv[1]))
results = [p['result'] for p in verdict['points'] if p['result']]
print('%d points simulated, %d reached their precision, %.1f s, %.1f million events, %d replications' % (
    len(results), sum(r['converged'] for r in results), verdict['elapsed_s'], sum(r['events'] for r in results) / 1e6,
    sum(r['replications'] for r in results)))
END_OF_PYTHON

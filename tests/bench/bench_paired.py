#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How often the 95 % intervals of paired differences hold the exact difference: what-ifs of M/M/1 and of a closed
station, over many seeds.

  bench_paired.py LOADCAST [RUNS]     100 runs of each unless given
"""
import json
import math
import os
import subprocess
import sys
import tempfile

OPEN = """G "" 1e-5 50 10 0.9 -1
P 0
p cpu f
-1
T 0
t server f serve -1 cpu
-1
E 0
s serve 1 -1
-1
"""
CLOSED = """G "" 1e-5 50 10 0.9 -1
P 0
p cpu f
p users i
-1
T 0
t users r ask -1 users z 10 m 10
t server f serve -1 cpu
-1
E 0
s ask 0 -1
f ask 1 -1
y ask serve 1 -1
s serve 1 -1
-1
"""


def open_queue(load, demand):
    """Of an M/M/1 whose demand is 1 before: throughput, mean response time, its 95th percentile, load."""
    mean = demand / (1 - load * demand)
    return [load, mean, -math.log(0.05) * mean, load * demand]


def closed_station(customers, think, demand):
    """The same by mean value analysis; the percentile is not known."""
    queue = 0
    for n in range(1, customers + 1):
        response = demand * (1 + queue)
        throughput = n / (think + response)
        queue = throughput * response
    return [throughput, response, None, throughput * demand]


def run(loadcast, model, workload, factor, seed):
    with open("scenario.yaml", "w") as out:
        out.write(f"model: {model}\n{workload}what_if: [{{name: other, change: {{entry:serve.demand: x {factor}}}}}]\n"
                  f"simulation: {{precision: 5 %, seed: {seed}}}\n")
    subprocess.run([loadcast, "run", "-q", "-j", "1", "scenario.yaml", "--json", "v.json"],
                   stdout=subprocess.DEVNULL, check=False)
    with open("v.json") as text:
        differences = json.load(text).get("comparisons", [])
    return [next((d["difference"] for d in differences if d["quantity"] == quantity), None)
            for quantity in ("throughput", "response_time", "p95", "load")]


def main():
    loadcast = os.path.abspath(sys.argv[1])
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    os.chdir(tempfile.mkdtemp())
    for name, text in (("open.lqn", OPEN), ("closed.lqn", CLOSED)):
        with open(name, "w") as out:
            out.write(text)
    arrivals = "workloads: [{{name: asked, entry: serve, rate: {}/s}}]\n"
    cases = [(f"M/M/1 at {load}, demand x {factor}", "open.lqn", arrivals.format(load), factor,
              open_queue(load, 1), open_queue(load, factor)) for load, factor in ((0.5, 0.8), (0.8, 0.9), (0.9, 0.95))]
    cases.append(("1 station, 10 customers who think 10, demand x 0.9", "closed.lqn", "", 0.9,
                  closed_station(10, 10, 1), closed_station(10, 10, 0.9)))
    for name, model, workload, factor, before, after in cases:
        held, seen = [0] * 4, [0] * 4
        for seed in range(1, runs + 1):
            for i, d in enumerate(run(loadcast, model, workload, factor, seed)):
                if d is not None and d["ci95"] is not None and before[i] is not None:
                    seen[i] += 1
                    held[i] += abs(d["mean"] - (after[i] - before[i])) <= d["ci95"]
        print(name + ": " + ", ".join(f"{what} {100 * held[i] / seen[i]:.1f} %" for i, what in
                                      enumerate(("throughput", "response", "p95", "load")) if seen[i] > 0),
              f"of {max(seen)}", flush=True)


main()

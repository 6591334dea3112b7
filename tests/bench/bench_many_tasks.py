#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Processor time of `loadcast solve` for 1,000 tasks in 10 layers, with one phase and with two.

    bench_many_tasks.py LOADCAST [TASKS [LAYERS]]

Random models of 200 customers: pools of 4 to 64 threads on 1 to 4 cores, each of which calls one to three of the next
layer; where there are second phases, three tasks of ten have one of half their first one's demand. Medians of five runs
each, with reading and writing; the last line is the largest of them.
"""
import os
import random
import statistics
import subprocess
import sys
import tempfile

RUNS = 5


def model(tasks, layers, second, seed):
    rng = random.Random(seed)
    wide = tasks // layers
    processors = ["p client i"]
    pools = ["t client r cycle -1 client z 5 m 200"]
    entries = ["s cycle 0 -1"] + [f"y cycle e0_{i} {rng.uniform(0.02, 0.1):.3f} -1" for i in range(wide)]
    for layer in range(layers):
        order = rng.sample(range(wide), wide)
        for i in range(wide):
            name = f"{layer}_{i}"
            processors.append(f"p p{name} {rng.choice('sf')} m {rng.choice([1, 1, 2, 4])}")
            pools.append(f"t t{name} n e{name} -1 p{name} m {4 * rng.choice([1, 2, 4, 8, 16])}")
            two = second and rng.random() < 0.3
            demand = rng.uniform(0.0005, 0.003)
            entries.append(f"s e{name} {demand:.5f}" + (f" {demand / 2:.5f}" if two else "") + " -1")
            if layer + 1 == layers:
                continue
            for called in sorted({order[i], *rng.sample(range(wide), rng.choice([0, 1, 2]))}):
                calls = f"{rng.uniform(0.2, 1.0):.3f}" + (" 0" if two else "")
                entries.append(f"y e{name} e{layer + 1}_{called} {calls} -1")
    parts = [('P', processors), ('T', pools), ('E', entries)]
    return 'G "many tasks" 1e-5 100 1 -1\n' + "".join(f"{k} 0\n" + "\n".join(v) + "\n-1\n" for k, v in parts)


def seconds(loadcast, file):
    before = os.times()
    subprocess.run([loadcast, "solve", file, "--quiet", "--json", os.devnull], check=True, stdout=subprocess.DEVNULL)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def main():
    loadcast = sys.argv[1]
    tasks, layers = (int(sys.argv[2]) if len(sys.argv) > 2 else 1000), (int(sys.argv[3]) if len(sys.argv) > 3 else 10)
    worst = 0
    with tempfile.TemporaryDirectory() as folder:
        for second in (False, True):
            for seed in (1, 2, 3):
                file = os.path.join(folder, "many.lqn")
                with open(file, "w", encoding="utf-8") as out:
                    out.write(model(tasks, layers, second, seed))
                taken = statistics.median(seconds(loadcast, file) for _ in range(RUNS))
                worst = max(worst, taken)
                print(f"{tasks} tasks, {layers} layers, {'two phases' if second else 'one phase'}, seed {seed}: {taken:.2f} s",
                      flush=True)
    print(f"at most {worst:.2f} s of processor time")


if __name__ == "__main__":
    main()

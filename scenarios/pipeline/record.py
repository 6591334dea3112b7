#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What rosebery would have recorded of a pipeline: record.py COUNT PAUSE_MS SEED FOLDER

A route through eight towns is looked for: creation makes a text of towns, extraction reads it, path lists all routes and
sends them on in 19 parts, two nodes of distance measure each of these, and summary keeps the shortest one when the last
part is there. COUNT texts are created, one every PAUSE_MS, as rosebery's script loop(COUNT, PAUSE_MS) does. Each node
works for one record at a time, in the order in which they come. Profiles are taken of path and distance, which keep a
core for 90 % of their time.
"""
import gzip
import heapq
import math
import os
import random
import sys
import uuid

count, pause, seed, folder = int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
START, PARTS, CPU = 1464775200000.0, 19, 0.9  # ms; 2016-06-01 10:00 UTC
rng = random.Random(seed)
times = {'creation': lambda: rng.expovariate(1 / 0.4), 'extraction': lambda: rng.gammavariate(4, 0.5),
         'path': lambda: rng.gammavariate(9, 9), 'distance': lambda: rng.gammavariate(9, 1.4),
         'summary': lambda: rng.expovariate(1 / 0.5)}  # ms
nodes = {'creation': 1, 'extraction': 1, 'path': 1, 'distance': 2, 'summary': 1}
free, left, last, waiting, rows, profiles = {}, {}, {}, [], [], []


def send(at, step, sequence):
    heapq.heappush(waiting, (at, len(rows) + len(profiles) + len(waiting), step, sequence))


def serve(at, step, sequence):
    """The node that is free first works for it. Returns when it has ended."""
    node = min((f'{step}{n + 1}' for n in range(nodes[step])), key=lambda n: free.get(n, 0))
    start = math.ceil(max(at, free.get(node, 0)))  # it looks for work every ms
    length = times[step]()
    free[node] = end = start + length
    row = f'{node};{step};{sequence};{int(start)};{int(end)};{round(length * 1e6)};OK'
    if step not in ('path', 'distance'):
        rows.append(row)
        return end
    used = round(CPU * length * 1e6)
    profiles.append(row)
    for part in (1, 2):  # rosebery writes the time since the snapshot before
        profiles.append(f'{int(start + part * length / 2)};0.61;0.4;{used};{used // 2};268435456;120000000')
    return end


at = START
for _ in range(count):
    send(at, 'creation', uuid.UUID(int=rng.getrandbits(128), version=4))
    at += pause
after = {'creation': 'extraction', 'extraction': 'path', 'path': 'distance', 'distance': 'summary'}
while waiting:
    at, _, step, sequence = heapq.heappop(waiting)
    end = serve(at, step, sequence)
    if step == 'path':
        left[sequence], last[sequence] = PARTS, 0
    if step == 'distance':
        left[sequence] -= 1
        end = last[sequence] = max(end, last[sequence])
        if left[sequence] > 0:
            continue
    for _ in range(PARTS if step == 'path' else step in after):
        send(end, after[step], sequence)

os.makedirs(folder, exist_ok=True)
for name, lines in (('RuntimePerformance', rows), ('profiling.ExecutionProfile', profiles)):
    file = f'{folder}/at.ac.tuwien.infosys.rosebery.common.model.measurement.{name}.csv.gz'
    with open(file, 'wb') as raw, gzip.GzipFile('', 'wb', fileobj=raw, mtime=0) as out:
        out.write('\n'.join(lines).encode() + b'\n')

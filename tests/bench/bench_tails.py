#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether predictions at the recording's own load hold its tail. Made systems in which requests that are slow in one
place are slow in others are recorded, learned, and asked for the load that they were recorded at; the truth is a long
simulation of the system. Counts how often the intervals of 95 % hold the true mean, p95 and p99, and how far the
predicted ones are off on the average; the same with the dependence taken out of what was learned.

  bench_tails.py LOADCAST [SYSTEMS [TRACES [SEED]]]       (12 systems of 1000 traces)"""
import json, math, os, random, re, subprocess, sys, tempfile

program = os.path.abspath(sys.argv[1])
systems, traces, seed = (int(a) for a in (sys.argv[2:] + ['12', '1000', '1'][len(sys.argv) - 2:]))
FIGURES = ['mean', 'p95', 'p99']


def loadcast(*arguments, statuses=(0, 1, 5)):
    done = subprocess.run([program, *arguments, '--quiet'], capture_output=True, text=True)
    if done.returncode not in statuses:
        sys.exit(f'{arguments}: {done.stderr}')


def distribution(g, mean):
    family = g.choice(['lognormal', 'gamma', 'weibull'])
    if family == 'lognormal':
        sigma = g.uniform(0.3, 1)
        return f'lognormal: {{mu: {math.log(mean) - sigma ** 2 / 2}, sigma: {sigma}}}'
    shape = g.uniform(0.8, 4)
    scale = mean / shape if family == 'gamma' else mean / math.gamma(1 + 1 / shape)
    return f'{family}: {{shape: {shape}, scale: {scale}}}'


def demand(g):
    r = g.uniform(0.4, 0.95) if g.random() < 0.75 else 0
    return f'{{{distribution(g, g.uniform(0.002, 0.02))}, size_correlation: {r}}}'


def system(g):
    """A front that works, calls two to four services one after the other or at once, and works again; some of these
    call another one. Pools are busy to 20 %."""
    count = g.randint(2, 4)
    text = 'loadcast: model/1\nprocessors: {p: {scheduling: inf}}\ntasks:\n' \
           '  users: {processor: p, scheduling: open, arrivals: {exponential: 0.1}, entries: {ask: {deterministic: ' \
           'true, calls: [web/page]}}}\n'
    names, calls = [f's{i}' for i in range(count)], ''
    for name in names:
        deeper = g.random() < 0.5
        if deeper:
            text += f'  {name}d: {{processor: p, scheduling: inf, entries: {{{name}d/get: {{demand: {demand(g)}}}}}}}\n'
            text += f'  {name}: {{processor: p, scheduling: inf, entries: {{{name}/do: {{start: a}}}}, activities: ' \
                    f'{{a: {{demand: {demand(g)}}}, b: {{calls: [{name}d/get], deterministic: true, replies: ' \
                    f'[{name}/do]}}}}, flow: [a -> b]}}\n'
        else:
            text += f'  {name}: {{processor: p, scheduling: inf, entries: {{{name}/do: {{demand: {demand(g)}}}}}}}\n'
        calls += f'c{name}: {{calls: [{name}/do], deterministic: true}}, '
    inner = ' & '.join('c' + name for name in names)
    flow = f'a -> {inner}, {inner} -> z' if g.random() < 0.5 else \
        ' -> '.join(['a'] + ['c' + name for name in names] + ['z'])
    if ' & ' not in flow:
        steps = flow.split(' -> ')
        flow = ', '.join(f'{one} -> {other}' for one, other in zip(steps, steps[1:]))
    return text + f'  web: {{processor: p, scheduling: inf, entries: {{web/page: {{start: a}}}}, activities: ' \
                  f'{{a: {{demand: {demand(g)}}}, {calls}z: {{demand: {demand(g)}, replies: [web/page]}}}}, flow: ' \
                  f'[{flow}]}}\n'


def predicted(cut):
    """Of the system that was recorded, at its own load: {figure: (value, low, high)}. `cut`: without the dependence."""
    options = ['--json', 'v.json', '--precision', '2 %']
    loadcast('run', 'cut.yaml' if cut else 's.yaml', *options)
    users = json.load(open('v.json'))['points'][0]['result']['workloads'][0]
    figures = {'mean': (users['response_time']['mean'], *users['response_time'].get('interval95', (0, 0)))}
    for k in '95', '99':
        figures['p' + k] = (users['percentiles'][k], *users['percentile_intervals'][k])
    return figures


g = random.Random(seed)
held, off, cut_off = ({figure: [] for figure in FIGURES} for _ in range(3))
with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    open('s.yaml', 'w').write('traces: [t.jsonl]\nworkloads: [{name: users, entry: web/page, rate: 10/s}]\n')
    open('cut.yaml', 'w').write('model: cut-model.yaml\nworkloads: [{name: users, entry: web/page, rate: 10/s}]\n')
    for i in range(systems):
        open('truth.yaml', 'w').write(system(g))
        loadcast('simulate', 'truth.yaml', '--precision', '0.5 %', '--json', 'truth.json')
        loadcast('simulate', 'truth.yaml', '--precision', '50 %', '--traces', 't.jsonl', '--trace-count', str(traces),
                 '--seed', str(seed + i))
        w = json.load(open('truth.json'))['workloads'][0]
        truth = {'mean': w['response_time']['mean'], 'p95': w['percentiles']['95'], 'p99': w['percentiles']['99']}
        loadcast('fit', 't.jsonl', '-o', 'learned.yaml')
        learned = open('learned.yaml').read()
        open('cut-model.yaml', 'w').write(re.sub(r'(?m)^ *size_correlation: .*\n', '', learned))
        with_it, without = predicted(False), predicted(True)
        for figure in FIGURES:
            value, low, high = with_it[figure]
            held[figure].append(low <= truth[figure] <= (math.inf if high is None else high))
            off[figure].append(value / truth[figure] - 1)
            cut_off[figure].append(without[figure][0] / truth[figure] - 1)
        print(f'{i:3d} {learned.count("size_correlation"):2d} times depend: ' +
              ', '.join(f'{figure} {100 * off[figure][-1]:+.1f} % (independent {100 * cut_off[figure][-1]:+.1f} %)'
                        f'{"" if held[figure][-1] else " outside"}' for figure in FIGURES), flush=True)
for figure in FIGURES:
    print(f'{figure:5s} held {sum(held[figure])} of {systems}, off by {100 * sum(off[figure]) / systems:+.1f} % on the '
          f'average; independent {100 * sum(cut_off[figure]) / systems:+.1f} %')

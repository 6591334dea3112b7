#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the solver saves: advice and capacities with it and by simulation alone (LOADCAST_UNSCREENED), in the same run,
as ratios of processor time, and whether both rank the changes alike. bench_screening.py LOADCAST [SCENARIO…]: these as
well."""
import json
import os
import resource
import subprocess
import sys
import tempfile

loadcast, more = os.path.abspath(sys.argv[1]), [os.path.abspath(f) for f in sys.argv[2:]]
scenarios = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'scenarios')
folder = tempfile.mkdtemp()


def used():
    r = resource.getrusage(resource.RUSAGE_CHILDREN)
    return r.ru_utime + r.ru_stime


def run(*arguments, unscreened=False):
    """Processor time, and what it wrote."""
    environment = dict(os.environ, **({'LOADCAST_UNSCREENED': '1'} if unscreened else {}))
    file = os.path.join(folder, 'out')
    before = used()
    done = subprocess.run([loadcast, *arguments, '--json', file], env=environment,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    seconds = used() - before
    if done.returncode not in (0, 1, 5) or (arguments[0] == 'advise' and done.returncode == 5):
        sys.exit('%s: %s' % (' '.join(arguments), done.stderr or 'max_time is over on a machine as busy as this'))
    return seconds, json.load(open(file))


def ranking(advice):
    """Of each change the load that it allows and its rank for the goal."""
    return {c['what']: (c['capacity'], (c.get('goal') or {}).get('rank')) for c in advice['changes']}


def opposite(a, b):
    """Pairs of changes that both tell apart, one way and the other."""
    both = [n for n in a if n in b and a[n][1] and b[n][1]]
    pairs = [(x, y) for i, x in enumerate(both) for y in both[:i] if a[x][1] != a[y][1] and b[x][1] != b[y][1]]
    return [(x, y) for x, y in pairs if (a[x][1] < a[y][1]) != (b[x][1] < b[y][1])], len(pairs)


def advice(scenario):
    """Traces are read and learned from before, which is the same with both."""
    cache = ('--cache', os.path.join(folder, 'cache'), '--jobs', '1')
    run('advise', scenario, *cache)
    with_it, a = run('advise', scenario, *cache)
    alone, b = run('advise', scenario, *cache, unscreened=True)
    x, y = ranking(a), ranking(b)
    other = [n for n in x if x[n] != y.get(n)]
    against, pairs = opposite(x, y)
    moved = sum(c['what'] != d['what'] for c, d in zip(a['changes'], b['changes']))
    print('advise of %s: %.2f s, simulated alone %.2f s: %.1f ×; %d of %d changes at another place, %d of another rank; '
          '%d of %d pairs the other way round'
          % (os.path.basename(scenario), with_it, alone, alone / with_it, moved, len(x), len(other), len(against), pairs))
    for n in other:
        print('  %s: rank %s, simulated alone %s' % (n, x[n][1], y[n][1]))


def overlap(a, b):
    """Whether the same load can be the limit of both brackets."""
    top = lambda c: c['misses'] if c['misses'] is not None else float('inf')
    return (a['keeps'] or 0) <= top(b) and (b['keeps'] or 0) <= top(a)


def capacities(scenario):
    with_it, a = run('run', scenario, '--jobs', '1')
    alone, b = run('run', scenario, '--jobs', '1', unscreened=True)
    print('%s: run %.2f s, unscreened %.2f s' % (os.path.basename(scenario), with_it, alone))
    for x, y in zip(a.get('capacity') or [], b.get('capacity') or []):
        print('  %s%s: %s to %s with %d simulated of %d loads; %s to %s with %d%s'
              % (x['of'], ', ' + x['change'] if x['change'] else '', x['keeps'], x['misses'], x['loads_simulated'],
                 max(x['loads_solved'], x['loads_simulated']), y['keeps'], y['misses'], y['loads_simulated'],
                 '' if overlap(x, y) else ' DIFFERENT'))


advice(os.path.join(scenarios, 'search', 'search.yaml'))
for scenario in more:
    advice(scenario)
for scenario in [os.path.join(scenarios, 'capacity.yaml')] + more:
    capacities(scenario)

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the solver saves: advice, capacities and sweeps with it and by simulation alone (LOADCAST_UNSCREENED), in the
same run, as ratios of processor time. bench_screening.py LOADCAST [SCENARIO…]: capacities of these as well."""
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


def run(*arguments, unscreened=False, out=None):
    """Processor time, and what it wrote."""
    environment = dict(os.environ, **({'LOADCAST_UNSCREENED': '1'} if unscreened else {}))
    file = os.path.join(folder, 'out')
    before = used()
    done = subprocess.run([loadcast, *arguments, '--json', file] if out is None else [loadcast, *arguments],
                          env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    seconds = used() - before
    if done.returncode not in (0, 1, 5):
        sys.exit('%s: %s' % (' '.join(arguments), done.stderr))
    return seconds, json.load(open(file)) if out is None else done.stdout


def advice():
    """Reading and fitting the traces is the same with both, and taken off."""
    search = os.path.join(scenarios, 'search', 'search.yaml')
    cache = os.path.join(folder, 'cache')
    run('advise', search, '--cache', cache)
    reading, _ = run('advise', search, '--cache', cache, '--help', out=True)
    with_it, a = run('advise', search, '--cache', cache, '--jobs', '1')
    alone, b = run('advise', search, '--cache', cache, '--jobs', '1', unscreened=True)
    names, order = [c['what'] for c in a['changes']], [c['what'] for c in b['changes']]
    moved = [n for n, o in zip(names, order) if n != o]
    print('advise of the search scenario: %.2f s, simulated alone %.2f s: %.1f ×; %d of %d changes at another place'
          % (with_it - reading, alone - reading, (alone - reading) / (with_it - reading), len(moved), len(names)))
    return moved, a, b


def overlap(a, b):
    """Whether the same load can be the limit of both brackets."""
    top = lambda c: c['misses'] if c['misses'] is not None else float('inf')
    return (a['keeps'] or 0) <= top(b) and (b['keeps'] or 0) <= top(a)


def capacities(scenario):
    with_it, a = run('run', scenario, '--jobs', '1')
    alone, b = run('run', scenario, '--jobs', '1', unscreened=True)
    print('%s: run %.2f s, unscreened %.2f s' % (os.path.basename(scenario), with_it, alone))
    for x, y in zip(a['capacity'], b['capacity']):
        print('  %s%s: %s to %s with %d simulated of %d loads; %s to %s with %d%s'
              % (x['of'], ', ' + x['change'] if x['change'] else '', x['keeps'], x['misses'], x['loads_simulated'],
                 max(x['loads_solved'], x['loads_simulated']), y['keeps'], y['misses'], y['loads_simulated'],
                 '' if overlap(x, y) else ' DIFFERENT'))


moved, a, b = advice()
for name in moved:
    print('  %s: %s' % (name, ' and '.join(str([(c['capacity'], c.get('goal')) for c in v['changes'] if c['what'] == name][0])
                                          for v in (a, b))))
for scenario in [os.path.join(scenarios, 'capacity.yaml')] + more:
    capacities(scenario)

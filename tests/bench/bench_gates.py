#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How often nights of the same release break a gate, and how often an operation that costs 10 % more is named.

  bench_gates.py LOADCAST [NIGHTS [DEAR_NIGHTS [SYSTEM]]]       (300 nights, 50; shop, even or search: one of them)

A night is a simulated recording of 300 requests with a seed of its own, measured; each is compared with the night
before. Then one operation after the other costs 10 % more, and 300 requests of before and after are compared; of the
shop also as many requests as the report says it takes. `even` is the shop whose times scatter by a quarter of their
means, as those of most programs that do the same each time."""
import json, math, os, subprocess, sys, tempfile

import yaml

program = os.path.abspath(sys.argv[1])
nights = int(sys.argv[2]) if len(sys.argv) > 2 else 300
dear_nights = int(sys.argv[3]) if len(sys.argv) > 3 else 50
only = sys.argv[4] if len(sys.argv) > 4 else None
scenarios = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'scenarios')
REQUESTS = 300
GATES = ('{demand: +10 %, response_time: +10 %, total_process_time: +10 %, db_reads: +5 %, db_writes: +5 %, '
         'cache_operations: +5 %, api_calls: +5 %, queue_dispatches: +5 %, queue_delay: +20 %, async_calls: +5 %, '
         'spans: +5 %, requests: +5 %}')


def run(*arguments, allowed=(0, 1, 5)):
    done = subprocess.run([program, *arguments], capture_output=True, text=True)
    if done.returncode not in allowed:
        sys.exit(f'{" ".join(arguments)} gave {done.returncode}: {done.stderr}')
    return done


def shop():
    with open(os.path.join(scenarios, 'shop', 'model.yaml')) as file:
        model = yaml.safe_load(file)
    for name, entry, every in ('readers', 'read', 0.1), ('buyers', 'buy', 0.4):
        model['tasks'][name] = {'processor': 'mail-host', 'scheduling': 'open', 'arrivals': {'exponential': every},
                                'entries': {name + '-come': {'calls': [entry]}}}
    return model


def even():
    model = shop()
    for task in model['tasks'].values():
        for entry in task['entries'].values():
            if 'demand' in entry:
                mean = float(entry['demand'].split()[0]) / 1000
                entry['demand'] = {'gamma': {'shape': 16, 'scale': mean / 16}}
    return model


def search():
    run('run', os.path.join(scenarios, 'search', 'search.yaml'), '--max-time', '2 s', '--at', '1', '--model', 'learned.yaml',
        '--quiet')
    with open('learned.yaml') as file:
        return yaml.safe_load(file)


def scaled(demand, by):
    """A distribution, or a time, whose mean is so many times as large."""
    if not isinstance(demand, dict):
        number, _, unit = str(demand).partition(' ')
        return f'{float(number) * by} {unit}'.strip()
    (family, parameters), = demand.items()
    if not isinstance(parameters, dict):
        return {family: parameters * by}
    of_scale = {'inverse_gaussian': ('mean', 'shape')}.get(family, ('scale', 'minimum', 'mean', 'location'))
    return {family: {key: value * by if key in of_scale else value for key, value in parameters.items()}}


def dearer(model, task, what):
    """The model in which the work of an entry, or of the activities that begin so, costs a tenth more."""
    copy = json.loads(json.dumps(model))
    for kind in 'entries', 'activities':
        for name, part in (copy['tasks'][task].get(kind) or {}).items():
            if name.startswith(what) and 'demand' in part:
                part['demand'] = scaled(part['demand'], 1.1)
    return copy


def write(model, name):
    with open(name, 'w') as file:
        json.dump(model, file)


def night(model, seed, name, requests):
    """Simulates and measures; what is measured stands in NAME.csv."""
    run('simulate', model, '--seed', str(seed), '--replications', '2', '--run-time', str(requests), '--warmup', '1', '--quiet',
        '--traces', name + '.jsonl', '--trace-count', str(requests), '--trace-without-queues', '--jobs', '1')
    run('measure', name + '.jsonl', '--csv', name + '.csv', '--quiet')
    os.remove(name + '.jsonl')


def compare(a, b):
    run('compare', a + '.csv', b + '.csv', '--scenario', 'gates.yaml', '--json', 'differences.json')
    with open('differences.json') as file:
        return json.load(file)


def same_nights(system):
    night(system + '.json', 1, 'before', REQUESTS)
    broken, named, gates = 0, 0, 0
    for seed in range(2, nights + 2):
        night(system + '.json', seed, 'after', REQUESTS)
        d = compare('before', 'after')
        broken += d['broken'] > 0
        named += any(x['significant'] for x in d['differences'])
        gates = len(d['gates'])
        os.replace('after.csv', 'before.csv')
    print(f'{system}: {nights} nights of the same release, {gates} comparisons a night: {broken} break a gate '
          f'({100 * broken / nights:.1f} %), {named} name a change ({100 * named / nights:.1f} %)', flush=True)


def is_named(d, service, operation):
    return any(x['significant'] for x in d['differences'] if x['measure'] == 'non_blocked_process_time' and
               x['service'] == service and x['operation'] == operation)


def dear_operation(system, model, task, what, service, operation):
    write(dearer(model, task, what), 'dear.json')
    named = gated = 0
    needed, spread = [], []
    for seed in range(dear_nights):
        night(system + '.json', 10000 + seed, 'before', REQUESTS)
        night('dear.json', 20000 + seed, 'after', REQUESTS)
        d = compare('before', 'after')
        named += is_named(d, service, operation)
        gated += any(x['broken'] for x in d['gates'] if x['gate'] == 'demand' and x['operation'] == operation)
        for x in d['differences']:
            if (x['measure'], x['service'], x['operation']) == ('non_blocked_process_time', service, operation):
                needed.append(x['requests_for_5_percent'] / 4) # of a change twice as large
                spread.append(x['a']['sd'] / x['a']['mean'])
    requests = math.ceil(sorted(needed)[len(needed) // 2] * 1.1) # its means are 10 % apart, and the dearer one scatters more
    enough = None
    if system == 'shop':
        enough = 0
        for seed in range(20):
            night(system + '.json', 30000 + seed, 'before', requests)
            night('dear.json', 40000 + seed, 'after', requests)
            enough += is_named(compare('before', 'after'), service, operation)
    print(f'  {service}/{operation}: s/m {sorted(spread)[len(spread) // 2]:.2f}, +10 % named in {named} of {dear_nights} nights of '
          f'{REQUESTS} requests (gate broken in {gated}); the report says it takes {requests}' +
          (f': named in {enough} of 20' if enough is not None else ''), flush=True)


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    with open('gates.yaml', 'w') as file:
        file.write(f'model: shop.json\ngates: {GATES}\n')
    shops = [('gateway', 'read', 'gateway', 'read'), ('shop', 'page', 'shop', 'page'), ('db', 'select', 'db', 'select')]
    systems = {'shop': (shop, shops), 'even': (even, shops),
               'search': (search, [('photo', '', 'photo', 'GET /photos'), ('auth', 'GET_verify', 'auth', 'GET /verify')])}
    for system, (make, operations) in systems.items():
        if only not in (None, system):
            continue
        model = make()
        write(model, system + '.json')
        same_nights(system)
        for operation in operations:
            dear_operation(system, model, *operation)

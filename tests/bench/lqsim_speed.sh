#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# How long LQSIM and loadcast take for the same: lqsim_speed.sh [MODEL…] (without: some of tests/data/lqn).
# User times of RUNS (5) interleaved runs, the sums of both divided by each other:
#   same model time    20 blocks, or replications, of BLOCK (100000) mean cycles or arrivals
#   asked              each stops by its own rule when it has reached PRECISION (1) per cent: LQSIM (blocks as above)
#                      when the half-widths of its services do in the mean, loadcast when those of all results do
#   stated             times for the same half-width as each states it in these runs, those of throughputs of tasks and
#                      services of first phases, the geometric mean of all: LQSIM states half-widths that are as many
#                      times too wide as the root of its blocks (in twelve runs of closed-think with 20 blocks each, the
#                      estimates spread by 0.0043, and 0.0155 is stated)
#   achieved           times for the same true half-width: for the same model time that the results are of, as both
#                      average over the same process. What each forgets, tries and starts up with counts as time
# Times grow with the inverse square of a half-width.
# LQSIM and LOADCAST name the programs.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
LQSIM=${LQSIM:-lqsim} LOADCAST=${LOADCAST:-$here/build/release/loadcast} RUNS=${RUNS:-5} BLOCK=${BLOCK:-100000}
PRECISION=${PRECISION:-1}
export LQSIM LOADCAST RUNS BLOCK PRECISION
[ $# -gt 0 ] || for name in open-mm1 closed-1 layers-3 multiserver nested web-shop closed-think; do
    set -- "$@" "$here/tests/data/lqn/$name.lqnx"
done
exec python3 - "$@" <<'END_OF_PYTHON'
import json, math, os, resource, statistics, subprocess, sys, tempfile
import xml.etree.ElementTree as xml

runs, precision, folder = int(os.environ['RUNS']), os.environ['PRECISION'], tempfile.mkdtemp()
models = [os.path.abspath(model) for model in sys.argv[1:]]
os.chdir(folder)

def timed(*command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode not in (0, 1, 5):
        sys.exit('%s: %s' % (' '.join(command), done.stderr.decode()))
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before, done.stdout

def simulate(model, *options):
    seconds, text = timed(os.environ['LOADCAST'], 'simulate', model, '--quiet', '--jobs', '1', '--format', 'json', *options)
    return seconds, json.loads(text)

# Seconds, model time that the results are of, and the mean and half-width of each measure.
def lqsim(model, seed, block, *options):
    seconds, _ = timed(os.environ['LQSIM'], *options, '-S', str(seed), '-x', '-o', 'out.lqxo', model)
    document, measures = xml.parse('out.lqxo'), {}
    def add(name, result, what):
        conf = None if result is None else result.find('result-conf-95')
        if conf is not None:
            measures[name] = float(result.get(what)), float(conf.get(what, 0))
    for task in document.iter('task'):
        add(('throughput', task.get('name')), task.find('result-task'), 'throughput')
    for entry in document.iter('entry'):
        for phase in entry.iter('activity'):
            if phase.get('phase') == '1':
                add(('service', entry.get('name')), phase.find('result-activity'), 'service-time')
    return seconds, block * int(document.find('.//result-general').get('iterations')), measures

def loadcast(model, seed, *options):
    seconds, result = simulate(model, '--seed', str(seed), *options)
    measures = {('throughput', t['name']): t['throughput'] for t in result['tasks']}
    measures.update({('service', e['name']): e['phases'][0]['service_time'] for e in result['entries'] if e['phases']})
    return (seconds, result['replications'] * result['simulated_time'],
            {name: (m['mean'], m['ci95']) for name, m in measures.items()})

# How many times the squares of the half-widths that LQSIM states are ours.
def squares(theirs, ours):
    names = [n for n in theirs[0][2] if all(n in run[2] and run[2][n][1] > 0 for run in [*theirs, *ours])]
    return math.exp(statistics.fmean(math.log(sum(t[2][n][1] ** 2 for t in theirs) / sum(o[2][n][1] ** 2 for o in ours))
                                     for n in names))

print('%-14s %8s %8s %16s %20s %8s %8s %9s' % ('model', 'lqsim', 'here', 'same model time', 'asked: lqsim, here',
                                               'ratio', 'stated', 'achieved'))
for model in models:
    known = simulate(model, '--precision', '20 %')[1]
    called = [t for t in known['tasks'] if t['name'] not in [w['name'] for w in known['workloads']]][0]
    block = float(os.environ['BLOCK']) / called['throughput']['mean']
    equal, asked = [], []
    for seed in range(1, runs + 1): # LQSIM stops earlier where no customer is measured: time for model time
        equal.append((lqsim(model, seed, block, '-B', '20,%g' % block),
                      loadcast(model, seed, '-r', '20', '--run-time', '%g' % block, '--warmup', '0')))
        asked.append((lqsim(model, seed, block, '-C', '%s,0,%g' % (precision, 30 * block)),
                      loadcast(model, seed, '--precision', precision + ' %')))
    def times(pairs): # of a run, and of a unit of model time
        return [(sum(run[0] for run in side) / runs, sum(run[0] for run in side) / sum(run[1] for run in side))
                for side in zip(*pairs)]
    (_, their_rate), (_, our_rate) = times(equal)
    (their_time, their_cost), (our_time, our_cost) = times(asked)
    ratio = their_time / our_time
    theirs, ours = zip(*asked)
    print('%-14s %6.2f s %6.3f s %16.1f %10.2f s %5.3f s %8.1f %8.0f %9.1f' % (
        os.path.basename(model).split('.')[0], 20 * block * their_rate, 20 * block * our_rate, their_rate / our_rate,
        their_time, our_time, ratio, ratio * squares(theirs, ours), their_cost / our_cost), flush=True)
END_OF_PYTHON

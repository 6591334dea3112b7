#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# How long LQSIM and loadcast take for the same: lqsim_speed.sh [MODEL…] (without: some of tests/data/lqn).
# Both simulate blocks, or replications, of the same model time; user times are medians of RUNS (5) interleaved runs.
# Two ratios: of the times for the same model time; and of those for the same half-width of a throughput as each states
# it, where times grow with the inverse square. LQSIM states half-widths that are as many times too wide as the root of
# its blocks: in twelve runs of closed-think with 20 blocks each, the estimates spread by 0.0043, and 0.0155 is stated.
# LQSIM and LOADCAST name the programs; BLOCK is the model time of a block in mean cycles or arrivals (100000).
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
LQSIM=${LQSIM:-lqsim} LOADCAST=${LOADCAST:-$here/build/release/loadcast} RUNS=${RUNS:-5} BLOCK=${BLOCK:-100000}
export LQSIM LOADCAST RUNS BLOCK
[ $# -gt 0 ] || for name in open-mm1 closed-1 layers-3 multiserver nested web-shop closed-think; do
    set -- "$@" "$here/tests/data/lqn/$name.lqnx"
done
exec python3 - "$@" <<'END_OF_PYTHON'
import json, os, resource, statistics, subprocess, sys, tempfile
import xml.etree.ElementTree as xml

runs, folder = int(os.environ['RUNS']), tempfile.mkdtemp()
os.chdir(folder)

def timed(*command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode not in (0, 1):
        sys.exit('%s: %s' % (' '.join(command), done.stderr.decode()))
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before, done.stdout

def simulate(model, *options):
    seconds, text = timed(os.environ['LOADCAST'], 'simulate', model, '--quiet', '--jobs', '1', '--format', 'json', *options)
    return seconds, json.loads(text)

# Seconds, those for 20 blocks (LQSIM stops earlier where no customer is measured), and the stated half-width of the
# throughput of a task.
def lqsim(model, task, block, seed):
    seconds, _ = timed(os.environ['LQSIM'], '-B', '20,%g' % block, '-S', str(seed), '-x', '-o', 'out.lqxo', model)
    document = xml.parse('out.lqxo')
    blocks = int(document.find('.//result-general').get('iterations'))
    conf = document.find(".//task[@name='%s']/result-task/result-conf-95" % task)
    return seconds, seconds * 20 / blocks, float(conf.get('throughput'))

def loadcast(model, task, block, seed):
    seconds, result = simulate(model, '-r', '20', '--run-time', '%g' % block, '--warmup', '0', '--seed', str(seed))
    return seconds, seconds, [t for t in result['tasks'] if t['name'] == task][0]['throughput']['ci95']

print('%-16s %10s %10s %16s %15s' % ('model', 'lqsim', 'here', 'same model time', 'same half-width'))
for model in sys.argv[1:]:
    known = simulate(model, '--precision', '20 %')[1]
    called = [t for t in known['tasks'] if t['name'] not in [w['name'] for w in known['workloads']]][0]
    block = float(os.environ['BLOCK']) / called['throughput']['mean']
    theirs, ours = [], []
    for seed in range(1, runs + 1):
        theirs.append(lqsim(model, called['name'], block, seed))
        ours.append(loadcast(model, called['name'], block, seed))
    (their_time, their_20, their_width), (our_time, our_20, our_width) = [
        [statistics.median(column) for column in zip(*rows)] for rows in (theirs, ours)]
    print('%-16s %8.2f s %8.3f s %16.1f %15.0f' % (os.path.basename(model).split('.')[0], their_20, our_20,
          their_20 / our_20, their_time / our_time * (their_width / our_width) ** 2), flush=True)
END_OF_PYTHON

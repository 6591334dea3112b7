#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every command that a page shows without its output runs: docs_commands.py LOADCAST PAGE…; install/install.sh has the
installed program run those of all pages.

These are the lines that begin with `loadcast` in blocks ```sh, ``` and indented ones; they run one after the other in a
folder that has the files that they name, and end with 0, 1 or 5. Commands with their outputs are ```console blocks,
which docs.py compares. What needs a network, a cluster or another program is told by its words below."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

ELSEWHERE = {  # word of a command: the test that runs it
    '--from': 'cli_pull, with servers of its own',
    'listen': 'cli_listen, with exporters of its own',
    'mpirun': 'cli_ranks and cli_cluster',
    '--activities activities.jsonl': 'cli_activity: the test that is marked runs in between',
}
MODEL = '''loadcast: model/1
name: shop
time_unit: s
processors: {users: {scheduling: inf}, web: {scheduling: ps, multiplicity: 2}, db: {multiplicity: 2}}
tasks:
  users: {scheduling: ref, processor: users, multiplicity: %d, think_time: 200 ms, entries: {visit: {calls: {page: 1}}}}
  web: {processor: web, multiplicity: 8, entries: {page: {demand: 10 ms, calls: {read: 1}}}}
  db: {processor: db, multiplicity: 2, entries: {read: {demand: 5 ms}}}
'''
SCENARIO = '''traces: traces/*.gz
deployment: {services: {web: {concurrency: 8}, db: {concurrency: 2}}}
workloads: [{name: page, entry: web/page, rate: 10/s}]
goals: {load: 80 %}
simulation: {precision: 30 %}
'''
SWEEP = '''variables: {n: "[1 : 3, 1]"}
bindings: {task:users.multiplicity: $n}
observations: {x: task/users/%f}
reports: [$n, $x]
'''


def write(name, text):
    os.makedirs(os.path.dirname(name) or '.', exist_ok=True)
    with open(name, 'w', encoding='utf-8') as file:
        file.write(text)


def busy(host):
    return 'time,component,utilization\n' + ''.join(f'{1767225600 + s},{host},5 %\n' for s in range(1, 8))


def prepare(root, run):
    """The files that pages name, of a system with two services."""
    shutil.copytree(os.path.join(root, 'scenarios'), 'scenarios')
    for folder in ('traces', 'monday', 'tuesday', 'nightly/5.3.0', 'nightly/5.4.0'):
        os.makedirs(folder)
    for users, seed, name in ((4, 1, 'monday/a.jsonl.gz'), (12, 2, 'tuesday/b.jsonl.gz')):
        write('model.yaml', MODEL % users)
        run(f'loadcast simulate model.yaml -q --seed {seed} -r 2 --run-time 8 --warmup 0 --traces {name} --trace-count 150')
        shutil.copy(name, 'traces/')
    shutil.copy('monday/a.jsonl.gz', 'nightly/5.3.0/')
    shutil.copy('monday/a.jsonl.gz', 'nightly/5.4.0/')
    write('shop.yaml', SCENARIO)
    write('search.yaml', SCENARIO)
    write('sweep.yaml', MODEL % 1 + SWEEP)
    run('loadcast convert -q model.yaml -o web-shop.lqnx')
    write('sar-web.txt', busy('web'))
    write('sar-db.txt', busy('db'))
    write('table.csv', 'release,run,time,checkout_s,db_reads\n5.3.0,1,2026-11-28T01:00:00Z,1,2\n5.4.0,1,2026-11-29T01:00:00Z,1,3\n')
    write('table_4_1.csv', 'release,row_in_release,run,scenario,a_s\n1,1,7,x,1\n2,1,8,x,2\n')
    for name in ('test.csv', 'summary.json', 'k6.json'):
        write(name, 'load;component;utilization;response_ms\n10;web;20 %;\n10;all;;20\n')
    run('loadcast fit -q tuesday/ --summary tuesday.gz')
    os.makedirs('scenarios/search', exist_ok=True)  # its own traces would take longest
    write('scenarios/search/search.yaml', SCENARIO.replace('traces/', '../../traces/') + 'load: {factors: [1, 4]}\n')
    # A history with what pages ask for: measures of an activity, and of a service.
    write('by_activity.csv', 'release,scenario,db_reads\n5.1.0,checkout,2\n5.2.0,checkout,3\n')
    run('loadcast history import -q history.db by_activity.csv --column scenario=activity')
    run('loadcast measure -q monday/ --release 5.2.0 --csv measures.csv')
    with open('measures.csv', encoding='utf-8') as file:
        write('measures.csv', file.read().replace(',db,', ',worker,'))
    run('loadcast history import -q history.db measures.csv')


def commands(text):
    text, block, kind = text.replace('\\\n', ' '), False, None
    for line in text.split('\n'):
        if line.startswith('```'):
            block, kind = not block, line[3:] or 'sh'
        elif (block and kind == 'sh' or line.startswith('    ') and not block) and \
                re.match(r'(    )?loadcast [a-z]+ ', line):
            yield re.split(r'\s+(#|\|) ', line.strip())[0].rstrip(' &')


def check(page, text, run):
    if os.path.basename(page) in ('solver.md', 'simulated-traces.md'):  # where a shop is a model
        write('shop.yaml', MODEL % 4)
    count, wrong = 0, []
    for command in commands(text):
        if any(word in command for word in ELSEWHERE):
            continue
        count += 1
        done = run(command)
        if done.returncode not in (0, 1, 5):
            wrong.append(f'{page}: {command}: status {done.returncode}\n{done.stderr}')
    return count, wrong


def main(program, *pages):
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    environment = dict(os.environ, PATH=os.path.dirname(os.path.abspath(program)) + ':' + os.environ['PATH'])
    texts, wrong, total = [(page, open(page, encoding='utf-8').read()) for page in pages], [], 0

    def run(command):
        return subprocess.run(command, shell=True, capture_output=True, text=True, env=environment, stdin=subprocess.DEVNULL)

    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        os.mkdir('prepared')
        os.chdir('prepared')
        prepare(root, run)
        os.chdir('..')
        for page, text in texts:
            shutil.copytree('prepared', 'here')
            os.chdir('here')
            count, here = check(page, text, run)
            os.chdir('..')
            shutil.rmtree('here')
            total += count
            wrong += here
        os.chdir(root)
    print(f'{total} commands of {len(pages)} pages, {len(wrong)} wrong')
    print(*wrong, sep='\n', end='')
    return len(wrong) > 0 or total == 0


sys.exit(main(*sys.argv[1:]))

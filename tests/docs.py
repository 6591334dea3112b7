#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands of docs print what the docs show: docs.py LOADCAST PAGE…

Runs each block ```console of a page in a folder that has scenarios/ and tests/data/; blocks ```yaml whose text before
ends with `NAME`: are files there. A line $ COMMAND is run, with the next line where it ends in |; the lines after it
stand in what it prints, one after the other, except that … stands for any number of lines, also at the end of a line
for the rest of it. `cd` holds for the page. On a page that says "Numbers differ" numbers are not compared, but for
those of lines that begin with "status"."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

BLOCK = re.compile(r'(?:`(?P<name>\S+)`:\n\n)?^```(?P<kind>console|yaml)\n(?P<text>.*?)^```$', re.M | re.S)


def mismatch(shown, printed):
    """What of `shown` is not in `printed` where it should be; None: all is."""
    at, free = 0, False
    for line in shown:
        if line == '…':
            free = True
            continue
        same = [i for i in range(at, len(printed)) if printed[i] == line or
                (line.endswith('…') and printed[i].startswith(line[:-1]))]
        if not same or (not free and same[0] != at):
            return f"expected {line!r}, found {printed[at] if at < len(printed) else 'the end'!r}"
        at, free = same[0] + 1, False
    return None if free or at == len(printed) else f'expected the end, found {printed[at]!r}'


def alike(line):
    """A line without its numbers, their units and what fills it up."""
    if line.startswith('status'):
        return line
    return re.sub(r'[\s─]+', ' ', re.sub(r'[-+]?[0-9][0-9.,:]*( ?(µs|ms|s|min|h)\b)?', '#', line)).strip()


def check(page, text, environment):
    count, wrong, seen = 0, [], alike if 'Numbers differ' in text else str.rstrip
    for block in BLOCK.finditer(text):
        if block['kind'] == 'yaml':
            if block['name']:
                with open(block['name'], 'w', encoding='utf-8') as file:
                    file.write(block['text'])
            continue
        for part in re.split(r'^\$ ', block['text'], flags=re.M)[1:]:
            command, *shown = part.rstrip('\n').split('\n')
            while command.endswith('|'):
                command += shown.pop(0)
            if command.startswith('cd '):
                os.chdir(command[3:])
                continue
            done = subprocess.run(command, shell=True, capture_output=True, text=True, env=environment)
            found = mismatch([seen(line) for line in shown], [seen(line) for line in done.stdout.splitlines()])
            count += 1
            if found:
                wrong.append(f'{page}: {command}: {found}\n{done.stderr}')
    return count, wrong


def main(program, *pages):
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    environment = dict(os.environ, PATH=os.path.dirname(os.path.abspath(program)) + ':' + os.environ['PATH'])
    wrong, pages = [], [(page, open(page, encoding='utf-8').read()) for page in pages]
    for page, text in pages:
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            for needed in 'scenarios', 'tests/data':
                shutil.copytree(os.path.join(root, needed), needed)
            count, here = check(page, text, environment)
            os.chdir(root)
        print(f'{page}: {count} commands, {len(here)} wrong')
        wrong += here if count else [f'{page}: no commands']
    print(*wrong, sep='\n', end='')
    return len(wrong) > 0


sys.exit(main(*sys.argv[1:]))

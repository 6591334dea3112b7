#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands of README and docs/ print what is shown: docs.py LOADCAST [--nightly] [PAGE…]

Without pages, all but those of NIGHTLY; with --nightly those. Every block of a page says what it is:
  console  commands, each with its output, which are run and compared
  sh       commands without their output, which docs_commands.py runs
  text     what no command prints: sketches, forms of files
  yaml, csv, json  parts of files
Output stands nowhere else, so that what is not compared cannot be shown.

Blocks ```console of a page run one after the other in a folder that has scenarios/ and tests/; files whose text before
ends with `NAME`: are files there. A line $ COMMAND is run, with the next line where it ends in | or \\; the lines after
it stand in what it prints, one after the other, except that … stands for any number of lines, also at the end of a line
for the rest of it. `cd` holds for the page. On a page that says "Numbers differ" numbers are not compared, but for
those of lines that begin with "status"."""
import glob
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile

# Several seconds each, or Node.js and minutes.
NIGHTLY = ['README.md', 'docs/backtest.md', 'docs/questions.md', 'docs/results.md', 'docs/tutorial.md']
FILES = ('yaml', 'csv', 'json')
BLOCK = re.compile(r'(?:`(?P<name>\S+)`:\n\n)?^```(?P<kind>\S*)\n(?P<text>.*?)^```$', re.M | re.S)


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


def misplaced(text):
    """Blocks that do not say what they are, and commands with their output where nobody compares it."""
    for block in BLOCK.finditer(text):
        kind, where = block['kind'], 'line %d' % (text.count('\n', 0, block.start('kind')) + 1)
        if kind not in ('console', 'sh', 'text') + FILES:
            yield f"{where}: expected a block of console, sh, text, {', '.join(FILES)}, found {kind!r}"
        elif kind != 'console' and re.search(r'^\$ ', block['text'], re.M):
            yield f'{where}: a command with its output stands in a block of {kind!r}; expected console'
    for command in re.findall(r'^    (?:\$|loadcast) .*', re.sub(BLOCK, '', text), re.M):
        yield f'expected the command in a block, found {command!r}'


def parts(text):
    """The commands of a block, each with the lines that it prints."""
    for part in re.split(r'^\$ ', text, flags=re.M)[1:]:
        command, *shown = part.rstrip('\n').split('\n')
        while command.endswith(('|', '\\')):
            command = command.rstrip('\\') + shown.pop(0)
        yield command, shown


def check(page, text, environment):
    count, wrong, seen = 0, [f'{page}: {what}' for what in misplaced(text)], alike if 'Numbers differ' in text else str.rstrip
    for block in BLOCK.finditer(text):
        if block['kind'] in FILES and block['name']:
            with open(block['name'], 'w', encoding='utf-8') as file:
                file.write(block['text'])
        for command, shown in parts(block['text']) if block['kind'] == 'console' else ():
            if command.startswith('cd '):
                os.chdir(command[3:])
                continue
            done = subprocess.run(command, shell=True, capture_output=True, text=True, env=environment)
            found = mismatch([seen(line) for line in shown], [seen(line) for line in done.stdout.splitlines()])
            count += 1
            if found:
                wrong.append(f'{page}: {command}: {found}\n{done.stderr}')
    return count, wrong


def pages_of(root, words):
    pages = [os.path.relpath(word, root) for word in words if word != '--nightly']
    everything = ['README.md'] + sorted(os.path.relpath(page, root) for page in glob.glob(root + '/docs/*.md'))
    return pages or (NIGHTLY if '--nightly' in words else [page for page in everything if page not in NIGHTLY])


def used():
    return sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])


def main(program, *words):
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    environment = dict(os.environ, PATH=os.path.dirname(os.path.abspath(program)) + ':' + os.environ['PATH'])
    wrong = []
    for page in pages_of(root, words):
        with open(os.path.join(root, page), encoding='utf-8') as file:
            text = file.read()
        before = used()
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            for needed in 'scenarios', 'tests/data', 'tests/support':
                shutil.copytree(os.path.join(root, needed), needed)
            count, here = check(page, text, environment)
            os.chdir(root)
        if count or here:
            print(f'{page}: {count} commands, {len(here)} wrong, {used() - before:.1f} s of a core')
        wrong += here
    print(*wrong, sep='\n', end='')
    return len(wrong) > 0


sys.exit(main(*sys.argv[1:]))

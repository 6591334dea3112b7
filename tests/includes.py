#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""No cycle by includes, among files or among folders; silent and 0 when that holds.

fit/ and sim/ do not include each other, the verdict's library (sim/predict/) includes neither fit/ nor cli/, and nothing
but cli/ and tests/ includes cli/. Learning's stages are folders, so a later one includes an earlier one, never the
reverse."""
import collections, os, re, sys

root = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..')
rooms = ['base', 'model', 'fit', 'sim', 'cli']
files = sorted(os.path.relpath(os.path.join(folder, name), root)
               for top in rooms + ['include'] for folder, _, names in os.walk(os.path.join(root, top))
               for name in names if name.endswith(('.c', '.h')))
known = set(files)

def found(includer, name):
    room = includer.split('/')[0]
    for folder in [os.path.dirname(includer), room, 'sim' if includer.startswith('sim/predict/') else room, '', 'include']:
        path = os.path.normpath(os.path.join(folder, name))
        if path in known:
            return path

edges = {f: sorted({t for t in (found(f, n) for n in re.findall(r'^\s*#\s*include\s+"([^"]+)"', open(os.path.join(root, f)).read(),
                                                               re.M)) if t and t != f}) for f in files}

def cycle(edges):
    """A cycle as a list of nodes, or None: depth first, without recursion."""
    state = {}
    for start in edges:
        path, stack = [], [(start, iter(edges[start]))]
        if start in state:
            continue
        state[start] = 1
        path.append(start)
        while stack:
            node, rest = stack[-1]
            for to in rest:
                if state.get(to) == 1:
                    return path[path.index(to):] + [to]
                if to not in state:
                    state[to] = 1
                    path.append(to)
                    stack.append((to, iter(edges.get(to, []))))
                    break
            else:
                state[node] = 2
                path.pop()
                stack.pop()

folders = collections.defaultdict(set)
why = {}
for f, targets in edges.items():
    for t in targets:
        a, b = os.path.dirname(f), os.path.dirname(t)
        if a != b:
            folders[a].add(b)
            why.setdefault((a, b), f + ' includes ' + t)
wrong = []
for name, graph in (('files', edges), ('folders', {a: sorted(b) for a, b in folders.items()})):
    c = cycle(graph)
    if c:
        wrong.append('a cycle of %s: %s' % (name, ' -> '.join(c)) +
                     ''.join('\n    ' + why.get(pair, '') for pair in zip(c, c[1:]) if pair in why))
may = {'base': {'base', 'include'}, 'model': {'model', 'base', 'include'}, 'fit': {'fit', 'model', 'base', 'include'},
       'sim': {'sim', 'model', 'base', 'include'}, 'include': {'include'}, 'cli': set(rooms) | {'include'}}
for f, targets in edges.items():
    for t in targets:
        if t.split('/')[0] not in may[f.split('/')[0]]:
            wrong.append('%s includes %s, which it may not' % (f, t))
if wrong:
    print("\n".join(wrong))
sys.exit(bool(wrong))

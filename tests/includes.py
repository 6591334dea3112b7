#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""No folder of the libraries includes one that includes it, directly or by others; silent and 0 when that holds.

Learning's stages are folders: fit/network/visits, then facts and patterns, then model; so this also says that a later
stage includes an earlier one, never the reverse."""
import os
import re
import sys

ROOMS = ("base", "fit", "sim")


def folders(root, files):
    """folder -> {folder: (file, included)} of what its files include."""
    edges = {}
    for name in files:
        with open(os.path.join(root, name), encoding="utf-8") as source:
            included = re.findall(r'^#include "([^"]+)"', source.read(), re.M)
        own = os.path.dirname(name)
        for path in included:
            places = [os.path.normpath(os.path.join(base, path)) for base in (own, name.split("/")[0], "", "include")]
            found = next((p for p in places if p in files), None)
            if found and os.path.dirname(found) != own:
                edges.setdefault(own, {}).setdefault(os.path.dirname(found), (name, found))
    return edges


def cycle(edges):
    """One cycle as a list of folders, or None."""
    done, path = set(), []

    def visit(folder):
        if folder in path:
            return path[path.index(folder):]
        if folder in done:
            return None
        path.append(folder)
        for to in sorted(edges.get(folder, {})):
            found = visit(to)
            if found:
                return found
        done.add(path.pop())
        return None

    for folder in sorted(edges):
        found = visit(folder)
        if found:
            return found
    return None


root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
sources = set()
for room in ROOMS:
    for folder, _, names in os.walk(os.path.join(root, room)):
        sources.update(os.path.relpath(os.path.join(folder, n), root) for n in names if n.endswith((".c", ".h")))
edges = folders(root, sources)
found = cycle(edges)
for at, to in zip(found or [], (found or [])[1:] + (found or [])[:1]):
    print("%s includes %s: %s has '%s'" % (at, to, *edges[at][to]))
sys.exit(1 if found else 0)

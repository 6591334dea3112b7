#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What keeps the code readable and the public surface small; silent and 0 when all of it holds.

- No function is longer than 65 lines, from its signature to its closing brace.
- The public headers declare at most 160 functions.
- A public header has void * only where memory is handed out, or handed back to a caller's own function.
- Tests read JSON with a parser, not with sed.
- Prose of the documentation wraps at 100 columns; rows of tables, headings and what is shown of commands may be wider."""
import glob
import os
import re
import subprocess
import sys

LINES, NAMES = 65, 160
root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
wrong = []


def read(name):
    with open(name, encoding="utf-8") as source:
        return source.read()


def functions(lines):
    """(first line, length, signature) of every function: the body opens with a brace of its own line."""
    start = None
    for i, line in enumerate(lines):
        if line == "{":
            start = i - 1
            while lines[start - 1] and not lines[start - 1].endswith(("*/", "}", ";")) and lines[start - 1][0] != "#":
                start -= 1
        elif re.match(r"static inline .*\) \{$", line):
            start = i
        elif line.startswith("}") and start is not None:
            yield start + 1, i - start + 1, lines[start]
            start = None


def code(folders):
    for folder in folders:
        for kind in ("c", "h"):
            yield from glob.glob(os.path.join(root, folder, "**", "*." + kind), recursive=True)


found = 0
for name in sorted(code(["base", "cli", "fit", "include", "model", "sim", "tests"])):
    for line, length, signature in functions(read(name).split("\n")):
        found += 1
        if length > LINES:
            wrong.append(f"{os.path.relpath(name, root)}:{line}: {length} lines; expected at most {LINES}: {signature}")
if found < 5000:
    wrong.append(f"only {found} functions were found in {root}")

names = set()
for name in sorted(code(["include"])):
    text = re.sub(r"/\*.*?\*/", "", read(name), flags=re.S)
    names |= set(re.findall(r"\b(lc_[a-z0-9_]+)\(", text))
    for use in re.findall(r"[^;{}]*\bvoid \*[^;]*;", text):
        if not re.search(r"void \*lc_(alloc|calloc|realloc)\(|void \*(old|context)\b", use):
            wrong.append(f"{os.path.relpath(name, root)}: a pointer to anything: {' '.join(use.split())}")
if not 100 < len(names) <= NAMES:
    wrong.append(f"the public headers declare {len(names)} functions; expected at most {NAMES}")

for name in sorted(glob.glob(os.path.join(root, "tests", "**", "*.sh"), recursive=True)):
    for number, line in enumerate(read(name).split("\n"), 1):
        if re.search(r"\bsed -n[E]? .*\\\(.*json", line):
            wrong.append(f"{os.path.relpath(name, root)}:{number}: JSON is read with sed; expected a parser")

PROSE = 100
for name in sorted(glob.glob(os.path.join(root, "docs", "*.md"))) + [os.path.join(root, "README.md")]:
    shown = False
    for number, line in enumerate(read(name).split("\n"), 1):
        shown ^= line.lstrip().startswith("```")
        wide = len(line) > PROSE and " " in line[4:PROSE]  # a link alone on its line cannot be broken
        if wide and not shown and not line.startswith(("|", "#", "<", "    ")):
            wrong.append(f"{os.path.relpath(name, root)}:{number}: {len(line)} columns; prose wraps at {PROSE}")
if wrong:
    print("\n".join(wrong))
sys.exit(bool(wrong))

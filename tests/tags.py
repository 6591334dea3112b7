#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""No tag of a struct, union or enumeration stands for two things: those with a prefix (lc_, lci_, cli_) are defined in
one place. Two files that are included together would not compile, and a reader would look at the wrong one."""
import collections
import os
import re
import sys

ROOMS = ("base", "cli", "fit", "include", "model", "sim")


def main(root):
    places = collections.defaultdict(list)
    for room in ROOMS:
        for folder, _, files in sorted(os.walk(os.path.join(root, room))):
            for name in sorted(files):
                if name.endswith((".c", ".h")):
                    path = os.path.join(folder, name)
                    with open(path, encoding="utf-8") as source:
                        text = re.sub(r"/\*.*?\*/", "", source.read(), flags=re.S)
                    for tag in re.findall(r"\b(?:struct|union|enum) ((?:lci?|cli)_\w+)\s*\{", text):
                        places[tag].append(os.path.relpath(path, root))
    twice = {tag: where for tag, where in places.items() if len(where) > 1}
    for tag, where in sorted(twice.items()):
        print(f"{tag} is defined in {', '.join(where)}; a tag is defined once")
    if len(places) < 100:
        print(f"only {len(places)} tags were found in {root}")
    return 1 if twice or len(places) < 100 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")))

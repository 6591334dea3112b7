#!/bin/sh
# What is wrong without running anything; silent and 0 when clean.
#   sh tests/lint.sh           includes, tags, limits, format, cppcheck, clang's warnings, clang-tidy, over everything
#   sh tests/lint.sh --fast    without format and clang-tidy, over the product: what CI has time for
#   sh tests/lint.sh FILE…     all of it, over some files
set -eu
cd "$(dirname "$0")/.."
if [ "${1-}" = --fast ]; then sh scenarios/install.sh fast-lint; else sh scenarios/install.sh lint; fi
# With clang's own options: some of gcc's it does not know.
cmake --preset debug -B build/lint -DCMAKE_C_COMPILER=clang -DCMAKE_CXX_COMPILER=clang++ >/dev/null

fast=""
headers=""
case ${1-} in
--fast) fast=yes sources=$(git ls-files 'base/*.c' 'model/*.c' 'fit/*.c' 'sim/*.c' 'cli/*.c') ;;
"") sources=$(git ls-files '*.c') headers=$(git ls-files '*.h') ;;
*) sources="$*" ;;
esac
status=0
python3 tests/includes.py || status=1
python3 tests/tags.py || status=1
python3 tests/limits.py || status=1
cppcheck --quiet -j "$(nproc)" --error-exitcode=1 --std=c11 --enable=warning,performance,portability --inline-suppr \
    --suppress=missingIncludeSystem --suppress=normalCheckLevelMaxBranches -D_GNU_SOURCE -I . -I include -I model -I fit -I sim \
    -I cli -I tests $sources || status=1

# As the compiler of another house reads it: each file with the options that it is built with.
python3 - $sources <<'END' | xargs -d '\n' -r -P "$(nproc)" -n 1 sh -c 'eval "$0"' || status=1
import json, os, shlex, sys
wanted = {os.path.realpath(name) for name in sys.argv[1:]}
for unit in json.load(open('build/lint/compile_commands.json')):
    if os.path.realpath(os.path.join(unit['directory'], unit['file'])) in wanted:
        words = shlex.split(unit['command'])
        o = words.index('-o')
        first = next(i for i, word in enumerate(words) if word.startswith('-')) # behind the compiler and its launcher
        words = ['clang'] + words[first:o] + words[o + 2:] + ['-Werror', '-fsyntax-only']
        print('cd', shlex.quote(unit['directory']), '&&', shlex.join(w for w in words if w != '-c'))
END
[ -z "$fast" ] || exit $status

clang-format --dry-run --Werror $sources $headers || status=1
printf '%s\n' $sources | grep '\.c$' | xargs -r -P "$(nproc)" -n 1 clang-tidy -p build/lint --quiet 2>/dev/null || status=1
exit $status

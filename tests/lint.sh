#!/bin/sh
# Format, clang-tidy and cppcheck over everything; silent and 0 when clean. `sh tests/lint.sh FILE…` looks at some files only.
set -eu
cd "$(dirname "$0")/.."
sh scenarios/install.sh lint
cmake --preset debug >/dev/null

if [ $# -gt 0 ]; then
    sources="$*"
    headers=""
else
    sources=$(git ls-files '*.c')
    headers=$(git ls-files '*.h')
fi
status=0
python3 tests/includes.py || status=1
python3 tests/tags.py || status=1
clang-format --dry-run --Werror $sources $headers || status=1
cppcheck --quiet --error-exitcode=1 --std=c11 --enable=warning,performance,portability --inline-suppr \
    --suppress=missingIncludeSystem --suppress=normalCheckLevelMaxBranches -D_GNU_SOURCE -I . -I include -I model -I fit -I sim \
    -I cli -I tests $sources || status=1
printf '%s\n' $sources | grep '\.c$' | xargs -r -P "$(nproc)" -n 1 clang-tidy -p build/debug --quiet 2>/dev/null || status=1
exit $status

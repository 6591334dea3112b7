#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# install.sh BUILD SOURCE COMPILERS…: what cmake --install puts in place works from there, for programs in C and C++ that
# find the library by pkg-config or find_package, and goes away again. COMPILERS: the C and the C++ one of the build.
set -eu
build=$1 source=$2 cc=$3 cxx=$4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
DESTDIR= cmake --install "$build" --prefix "$work/usr" >"$work/log" || { cat "$work/log"; exit 1; }
cd "$work"
PATH=$work/usr/bin:$PATH
PKG_CONFIG_PATH=$(dirname "$(find usr -name loadcast.pc)")
LD_LIBRARY_PATH=$work/$(dirname "$(find usr -name 'libloadcast.*' | head -1)")
export PATH PKG_CONFIG_PATH LD_LIBRARY_PATH

fail() {
    echo "FAILED: $*"
    exit 1
}

# The program and what it says of itself.
[ "$(command -v loadcast)" = "$work/usr/bin/loadcast" ] || fail "another loadcast is run"
for command in $(loadcast --help | sed -n 's/^  \([a-z]\{1,\}\) .*/\1/p'); do
    page=$(find usr -name "loadcast-$command.1.gz")
    gzip -dc "$page" | grep -q '^\.SH OPTIONS' || fail "no manual page of $command with its options"
    for option in $(loadcast "$command" --help | sed -n 's/^.*\(--[a-z-]*\) .*/\1/p' | head -3); do
        gzip -dc "$page" | tr -d '\\' | grep -q -e "$option" || fail "$option is not in the page of $command"
    done
done

for format in scenario model; do
    page=$(find usr -name "loadcast-$format.5.gz")
    [ -n "$page" ] && gzip -dc "$page" | grep -q '^\.TH' || fail "no manual page loadcast-$format(5)"
done

# What groff would warn of, it would show wrong.
if command -v groff >/dev/null; then
    mkdir pages
    for page in $(find usr -name '*.[15].gz'); do gzip -dc "$page" >"pages/$(basename "$page" .gz)"; done
    (cd pages && groff -man -ww -K utf8 -T utf8 -Z -- *) 2>&1 >/dev/null | tee warnings
    [ ! -s warnings ] || fail "groff warns of manual pages"
fi

# Completions ask the program.
cat >complete.bash <<'END'
. "$(find usr -path '*bash-completion*' -name loadcast)"
COMP_WORDS=(loadcast simulate --warm) COMP_CWORD=2; _loadcast; echo "${COMPREPLY[@]}"
COMP_WORDS=(loadcast sim) COMP_CWORD=1; _loadcast; echo "${COMPREPLY[@]}"
COMP_WORDS=(loadcast extract --format t) COMP_CWORD=3; _loadcast; echo "${COMPREPLY[@]}"
END
[ "$(bash complete.bash | tr '\n' ' ')" = "--warmup simulate text " ] || fail "bash completes: $(bash complete.bash)"

# Every command that README and docs/ show runs.
python3 "$source/tests/docs_commands.py" "$work/usr/bin/loadcast" "$source"/README.md "$source"/docs/*.md || fail "docs"

# Programs that use the library. The machine of a closed queue with one customer: 1 / (1 + 2).
cp "$source/tests/install/program.c" program.c
cp program.c program.cpp
cp "$source/tests/install/CMakeLists.txt" .
flags=$(pkg-config --cflags --libs loadcast)
$cc -std=c11 -Wall -Wextra -Wpedantic -Werror program.c -o by_pkg_config_c $flags
$cxx -std=c++17 -Wall -Wextra -Werror program.cpp -o by_pkg_config_cpp $flags
CC=$cc CXX=$cxx cmake -S . -B found -DCMAKE_PREFIX_PATH="$work/usr" >log &&
    cmake --build found >>log || { cat log; exit 1; }
for program in ./by_pkg_config_c ./by_pkg_config_cpp found/found_c found/found_cpp; do
    [ "$($program "$source/tests/data/lqn/closed-1.lqnx")" = 0.333333 ] || fail "$program"
done

# The library exports what the headers declare, functions alone, and a shared one nothing else.
shared=$(find usr -name 'libloadcast.so')
if [ -n "$shared" ]; then
    nm -D --defined-only "$shared" | sed -n '/ A /d;s/.* [A-Z] \([^@]*\).*/\1/p'
else
    nm --defined-only "$(find usr -name libloadcast.a)" | sed -n 's/.* [A-TV-Z] \(lc_.*\)/\1/p'
fi | sort -u >exported
sed -n '/^[A-Za-z].*[ *]\(lc_[a-z0-9_]*\)(.*/!d;/static inline/d;s/^[A-Za-z].*[ *]\(lc_[a-z0-9_]*\)(.*/\1/p' \
    "$source"/include/loadcast/*.h | sort -u >declared
diff declared exported || fail "what is declared (<) is not what is exported (>)"

# And away again.
cmake -D MANIFEST="$build/install_manifest.txt" -P "$source/cli/install/uninstall.cmake" >log
[ -z "$(find usr -type f -o -type l)" ] || fail "left behind: $(find usr -type f -o -type l)"
echo installed, used and removed

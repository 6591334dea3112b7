#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The report in headless Chromium: opens without an error, figures have marks, choosing a component filters, and nothing
# is wider than a phone. Usage: tests/page.sh LOADCAST [FOLDER for screenshots]
set -eu
cd "$(dirname "$0")/.."
loadcast=$(readlink -f "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$loadcast" run scenarios/search/search.yaml --quiet --report "$work/report.html" >"$work/out" || [ $? = 1 ]

browse() { # WIDTH FRAGMENT OPTION…
    size=$1,2400 fragment=$2
    shift 2
    chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --virtual-time-budget=10000 --enable-logging=stderr \
        --window-size="$size" "$@" "file://$work/probed.html$fragment" 2>>"$work/log"
}

# What a person would see is written into the page itself, where --dump-dom finds it.
cat "$work/report.html" - >"$work/probed.html" <<'END'
<script>
addEventListener('load', () => setTimeout(() => {
  const node = [...document.querySelectorAll('#map .node[tabindex]')].find(n => n.textContent.includes('photo'));
  const lines = () => document.querySelectorAll('#loads svg path[stroke-width="2"], #loads svg g[stroke-width="2"] path').length;
  const fits = () => document.querySelectorAll('#fits figure').length;
  const seen = {figures: document.querySelectorAll('figure').length, drawn: document.querySelectorAll('figure svg').length,
    marks: document.querySelectorAll('figure svg path, figure svg circle, figure svg rect').length,
    wide: document.documentElement.scrollWidth > innerWidth, all: [lines(), fits()]};
  node.dispatchEvent(new MouseEvent('click', {bubbles: true}));
  seen.chosen = [lines(), fits()];
  seen.hash = location.hash;
  document.body.append(Object.assign(document.createElement('code'), {id: 'seen', textContent: JSON.stringify(seen)}));
}, 500));
</script>
END
for width in 1280 500; do # narrower than 500 Chromium's window does not become; the sections adapt the same way
    : >"$work/log"
    browse $width "" --dump-dom >"$work/dom"
    ! grep -i 'console' "$work/log" || { echo "page.sh: the console has messages" >&2; exit 1; }
    python3 - "$work/dom" $width <<'END'
import html, json, sys
seen = json.loads(html.unescape(open(sys.argv[1]).read().split('<code id="seen">')[1].split('</code>')[0]))
print(f"{sys.argv[2]} px: {seen}")
assert seen["drawn"] >= 10 and seen["drawn"] >= seen["figures"] - 1, "figures without a picture"
assert seen["marks"] > 200, "pictures without marks"
assert not seen["wide"], "the page is wider than its window"
assert seen["chosen"][0] < seen["all"][0] and seen["chosen"][1] < seen["all"][1], "choosing a component does not filter"
assert seen["hash"] == "#component=photo", "what is chosen is not in the address"
END
    [ $# -lt 2 ] || browse $width "" --screenshot="$2/report-$width.png" >/dev/null
done

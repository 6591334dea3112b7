# SPDX-License-Identifier: GPL-3.0-or-later
# What the scripts of tests/cli share. A check that fails is printed and counted, the script goes on, and ends with 1.
# A script that sets `command` gets it in front of the arguments of `run` and `refused`, and `launch` in front of all.
: "${PYTHON:=python3}"
failures=0
trap 'status=$?; [ $failures -eq 0 ] || exit 1; exit $status' EXIT

fail() { # WHAT…
    echo "FAILED: $*"
    failures=$((failures + 1))
}

run() { # STATUS ARGUMENTS…: what the program prints goes to out, its messages to err
    wanted=$1
    shift
    got=0
    # shellcheck disable=SC2086 # no word where there is none
    ${launch-} "$LOADCAST" ${command-} "$@" >out 2>err || got=$?
    [ $got -eq "$wanted" ] || { fail "${command-} $* gave $got instead of $wanted"; cat out err; }
}

holds() { # FILE TEXT, in one line or broken at spaces
    grep -qF -- "$2" "$1" || tr -s ' \n' ' ' <"$1" | grep -qF -- "$2" || { fail "$1 has no '$2'"; cat "$1"; }
}

refused() { # STATUS TEXT ARGUMENTS…: a message holds the text
    text=$2
    wanted=$1
    shift 2
    run "$wanted" "$@"
    holds err "$text"
}

same() { # FILE FILE
    diff -u "$1" "$2" || fail "'$1' and '$2' differ"
}

check() { # WHAT PYTHON-EXPRESSION [FILE]: over v, the document in the file (v.json), and what $python makes of it
    "$PYTHON" -S -c "
import json, sys
v = json.load(open('${3-v.json}'))
${python-}
sys.exit(not ($2))" || fail "$1"
}

accepted() { # FILE…: by the schemas that the program prints
    "$PYTHON" "$SOURCE/tests/schemas.py" "$LOADCAST" "$@" || fail "the schema does not accept $*"
}

untimed() { # FILE [KEY]: the document without the time that it took, and without a key
    "$PYTHON" -S -c "
import json, sys
without = lambda pairs: {k: v for k, v in pairs if k not in ('elapsed_s', '${2-}')}
print(json.dumps(json.load(open('$1'), object_pairs_hook=without), indent=1))"
}

# flat FILE: what a command said, as one line: texts break at 100 columns
flat() {
    tr -s ' \n' ' ' <"$1"
}

# page_data FILE: the document that a page draws its figures from
page_data() {
    "$PYTHON" -S -c "
import sys
before, found, rest = sys.stdin.read().partition('<script type=\"application/json\" id=\"data\">')
print(rest.partition('</script>')[0] if found else sys.exit('the page has no data'))" <"$1"
}

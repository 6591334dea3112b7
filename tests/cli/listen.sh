#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# listen: what clients send, and how it is answered; what was answered is there, also after kill -9.
set -u
. "$SOURCE/tests/support/cli.sh"
rm -rf one two three four five
"$PYTHON" -S "$SOURCE/tests/support/otlp_client.py" "$LOADCAST" || failures=$((failures + 1))
refused 2 "expected --http HOST:PORT and -o DIR" listen --http 127.0.0.1:0
refused 2 "expected HOST:PORT such as 127.0.0.1:4318, found 'localhost'" listen --http localhost -o one
refused 4 "cannot listen there" listen --http 192.0.2.1:0 -o one
refused 4 "cannot be made a folder" listen --http 127.0.0.1:0 -o "$0"

#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# page.sh PROGRAM VERSION OUTPUT [COMMAND]: the manual page of a command, or of the program, from its help.
set -eu
help=$("$1" ${4-} --help)
printf '%s\n' "$help" | awk -v version="$2" -v command="${4-}" -f "$(dirname "$0")/man.awk" | gzip -9n >"$3"

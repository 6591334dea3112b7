#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# format_page.sh LOWDOWN NAME VERSION SOURCE.md: loadcast-NAME.5.gz from the page of the docs and the reference of keys.
set -eu
{
    printf 'NAME\n====\n\nloadcast-%s - %s files of loadcast\n\n' "$2" "$2"
    cat "$4"
} | "$1" -s -tman -Mtitle="LOADCAST-$2" -Msection=5 -Msource="loadcast $3" -Mvolume="File Formats" | gzip -9n >"loadcast-$2.5.gz"

#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# leaks.sh PROGRAM: whether leaks are looked for in this run. PROGRAM leaks on purpose. Ends with 77 (skipped) where
# LeakSanitizer is switched off or cannot work, so that the list of tests says that leaks were not looked for.
if "$1" >leaks.out 2>&1; then
    echo "a program that leaks on purpose was not caught: leaks are NOT looked for here (ASAN_OPTIONS=${ASAN_OPTIONS-})"
    exit 77
fi
if grep -q 'SUMMARY: AddressSanitizer: 512 byte(s) leaked' leaks.out; then
    echo "a program that leaks on purpose was caught: leaks are looked for"
    exit 0
fi
cat leaks.out
exit 1

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report_assets.h"

/* The file as it is, and a byte 0 after it. */
#define ASSET(symbol, file)                                                                                            \
    __asm__(".pushsection .rodata\n.globl " #symbol "\n" #symbol ":\n.incbin \"" file "\"\n.byte 0\n.popsection\n")

ASSET(page_script, PAGE_SCRIPT);
ASSET(page_style, PAGE_STYLE);

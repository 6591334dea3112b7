/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * LEISURELY: unoptimised or instrumented builds, which are slow. They look for errors of memory and broken asserts; how
 * right the numbers are is for the released build to tell. So tests of numbers simulate and repeat less there, and
 * allow for it: intervals are wider, and so is what they allow. */
#ifndef LEISURELY_H
#define LEISURELY_H

#if defined(__SANITIZE_ADDRESS__) || !defined(NDEBUG)
#define LEISURELY 1
#else
#define LEISURELY 0
#endif

#endif

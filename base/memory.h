/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Memory for the libraries that are used: what they cannot get ends the program as lc_alloc() does, for none of them
 * says in every place that it got nothing. lc_set_no_memory() sees to those whose allocation is global (jansson,
 * GSL, libxml2 once it is loaded); the others are given these functions with each of their objects (yajl, zlib, zstd).
 */
#ifndef LCI_BASE_MEMORY_H
#define LCI_BASE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* Calls the handler, or abort() when there is none. `wanted`: bytes, 0: not known. */
_Noreturn void lci_no_memory(size_t wanted);
/* Whether there is a handler: then libraries are to take their memory by lc_alloc(). */
bool lci_no_memory_is_told(void);

/* As yajl and zstd want them (the context is ignored), and as zlib does. */
void *lci_memory_new(void *context, size_t size);
void *lci_memory_resize(void *context, void *old, size_t size);
void lci_memory_free(void *context, void *memory);
void *lci_memory_items(void *context, unsigned count, unsigned size);

/* A copy of `count` records of `size` bytes, for free(); NULL of none. */
void *lci_copied(const void *from, size_t count, size_t size);

/* One large page of the processor (2 MiB on most), for free(): memory that is used as a whole costs one page fault
 * instead of hundreds. Arrays of lc_alloc() and its kin that are larger than two of them have it as well. */
#define LCI_LARGE_PAGE ((size_t)2 << 20)
void *lci_large_page(void);

/* GSL's default is to abort on any loss of accuracy; here the value itself tells. Only out of memory is still an error.
 * To be called before GSL is; its handler is one for all threads, and set once. */
void lci_quiet_gsl(void);

#endif

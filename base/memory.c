/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/memory.h"

#include "loadcast/base.h"

#include <gsl/gsl_errno.h>
#include <jansson.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static void (*no_memory)(size_t wanted);

_Noreturn void lci_no_memory(size_t wanted)
{
    if (no_memory != NULL)
        no_memory(wanted);
    abort();
}

/* A wish about the whole large pages in it: what the kernel cannot do it leaves. */
static void ask_for_large_pages(void *memory, size_t size)
{
    const size_t page = LCI_LARGE_PAGE, before = -(uintptr_t)memory & (page - 1);
    madvise((char *)memory + before, (size - before) & ~(page - 1), MADV_HUGEPAGE);
}

static void *checked(void *memory, size_t size)
{
    if (memory == NULL)
        lci_no_memory(size);
    if (size >= 2 * LCI_LARGE_PAGE)
        ask_for_large_pages(memory, size);
    return memory;
}

void *lci_large_page(void)
{
    void *memory = checked(aligned_alloc(LCI_LARGE_PAGE, LCI_LARGE_PAGE), LCI_LARGE_PAGE);
    ask_for_large_pages(memory, LCI_LARGE_PAGE);
    return memory;
}

void *lc_alloc(size_t size)
{
    return checked(malloc(size ? size : 1), size);
}

void *lc_calloc(size_t count, size_t size)
{
    return checked(calloc(count ? count : 1, size ? size : 1), count * size);
}

void *lc_realloc(void *old, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        lci_no_memory(SIZE_MAX);
    return checked(realloc(old, bytes ? bytes : 1), bytes);
}

char *lc_strndup(const char *text, size_t length)
{
    char *copy = lc_alloc(length + 1);
    memcpy(copy, text, length);
    copy[length] = 0;
    return copy;
}

char *lc_strdup(const char *text)
{
    return lc_strndup(text, strlen(text));
}

/* ---- for libraries ----------------------------------------------------------------------------------------------- */

void *lci_memory_new(void *context, size_t size)
{
    (void)context;
    return lc_alloc(size);
}

void *lci_memory_resize(void *context, void *old, size_t size)
{
    (void)context;
    return lc_realloc(old, size, 1);
}

void lci_memory_free(void *context, void *memory)
{
    (void)context;
    free(memory);
}

void *lci_memory_items(void *context, unsigned count, unsigned size)
{
    (void)context;
    return lc_calloc(count, size);
}

static void on_gsl_error(const char *reason, const char *file, int line, int number)
{
    (void)reason;
    (void)file;
    (void)line;
    if (number == GSL_ENOMEM)
        lci_no_memory(0);
}

static void set_gsl_handler(void)
{
    gsl_set_error_handler(on_gsl_error);
}

void lci_quiet_gsl(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, set_gsl_handler);
}

bool lci_no_memory_is_told(void)
{
    return no_memory != NULL;
}

void lc_set_no_memory(void (*handler)(size_t wanted))
{
    no_memory = handler;
    lci_quiet_gsl();
    json_set_alloc_funcs(lc_alloc, free);
}

void *lci_copied(const void *from, size_t count, size_t size)
{
    if (from == NULL || count == 0)
        return NULL;
    void *to = lc_calloc(count, size);
    memcpy(to, from, count * size);
    return to;
}

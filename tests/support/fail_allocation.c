/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * To be preloaded: the allocation number FAIL_AT fails, of the whole program with all of its libraries. With
 * FAIL_COUNT=1 none fails, and their number is the last line on standard error.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);

static atomic_long allocations;

static int fails(void)
{
    static atomic_long wanted = -1; /* getenv() takes no memory */
    if (atomic_load(&wanted) < 0) {
        const char *at = getenv("FAIL_AT");
        atomic_store(&wanted, at != NULL ? atol(at) : 0);
    }
    if (atomic_fetch_add(&allocations, 1) + 1 != atomic_load(&wanted))
        return 0;
    errno = ENOMEM;
    return 1;
}

void *malloc(size_t size)
{
    return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return fails() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    return fails() ? NULL : __libc_realloc(old, size);
}

__attribute__((destructor)) static void tell(void)
{
    char text[32];
    if (getenv("FAIL_COUNT") != NULL) {
        const int length = snprintf(text, sizeof text, "%ld\n", atomic_load(&allocations));
        if (write(STDERR_FILENO, text, (size_t)length) < 0)
            _exit(1);
    }
}

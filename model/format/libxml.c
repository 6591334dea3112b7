/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/libxml.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/memory.h"

LCI_LIBXML(LCI_DEFINED)
static const struct lci_function functions[] = {LCI_LIBXML(LCI_FUNCTION){NULL, NULL}};

static void *reallocate_bytes(void *old, size_t size)
{
    return lc_realloc(old, size, 1);
}

static void set_memory(void)
{
    if (lci_no_memory_is_told())
        xmlMemSetup(free, lc_alloc, reallocate_bytes, lc_strdup);
}

int lci_libxml_load(struct lc_diag *diag)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    if (lci_library_load(SONAME_XML, "libxml2", functions, "XML", diag) != 0)
        return -1;
    pthread_once(&once, set_memory);
    return 0;
}

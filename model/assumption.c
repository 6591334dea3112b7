/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "assumption.h"

#include "loadcast/base.h"

#include <stdlib.h>

static char *copy(const char *text)
{
    return text != NULL ? lc_strdup(text) : NULL;
}

struct lc_assumption lci_assumption_copy(const struct lc_assumption *a)
{
    return (struct lc_assumption){copy(a->what), copy(a->value),  copy(a->evidence),
                                  copy(a->key),  copy(a->no_key), a->stated};
}

void lci_assumptions_free(struct lc_assumption *assumptions, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(assumptions[i].what);
        free(assumptions[i].value);
        free(assumptions[i].evidence);
        free(assumptions[i].key);
        free(assumptions[i].no_key);
    }
    free(assumptions);
}

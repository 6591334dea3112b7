/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "estimate.h"

static const struct lci_estimator *const estimators[] = {
#define FAMILY(name)
#define FITTED(name) &lci_estimator_##name,
#include "loadcast/families.def"
    NULL,
};

const struct lci_estimator *const *lci_estimators(void)
{
    return estimators;
}

const struct lci_estimator *lci_estimator_find(const char *family)
{
    for (const struct lci_estimator *const *e = estimators; *e != NULL; e++)
        if (strcmp((*e)->family, family) == 0)
            return *e;
    return NULL;
}

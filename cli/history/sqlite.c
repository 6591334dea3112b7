/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sqlite.h"

SQLITE_FUNCTIONS(LCI_DEFINED)
static const struct lci_function functions[] = {SQLITE_FUNCTIONS(LCI_FUNCTION){NULL, NULL}};

int sqlite_load(struct lc_diag *diag)
{
    return lci_library_load(SONAME_SQLITE, "libsqlite3-0", functions, "SQLite", diag);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/library.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>

static bool is_loaded(const struct lci_function *functions)
{
    while (functions->name != NULL && *functions->to != NULL)
        functions++;
    return functions->name == NULL;
}

static int load(const char *library, const char *package, const struct lci_function *functions, const char *who,
                struct lc_diag *diag)
{
    void *loaded = dlopen(library, RTLD_LAZY | RTLD_LOCAL); /* stays until the program ends */
    if (loaded == NULL) {
        lc_error(diag, LC_MACHINE, NULL, "%s: %s cannot be loaded; expected the package %s installed", who, library,
                 package);
        return -1;
    }
    for (; functions->name != NULL; functions++) {
        void *found = dlsym(loaded, functions->name);
        if (found == NULL) {
            lc_error(diag, LC_MACHINE, NULL, "%s: %s has no function '%s'; expected a newer one", who, library,
                     functions->name);
            return -1;
        }
        memcpy(functions->to, &found, sizeof found); /* ISO C has no conversion from data to functions */
    }
    return 0;
}

int lci_library_load(const char *library, const char *package, const struct lci_function *functions, const char *who,
                     struct lc_diag *diag)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&lock);
    const int status = is_loaded(functions) ? 0 : load(library, package, functions, who, diag);
    pthread_mutex_unlock(&lock);
    return status;
}

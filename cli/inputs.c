/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What comes through a pipe comes once. */
#include "cli.h"

#include "fit/trace/source.h"

#include <sys/stat.h>

bool cli_is_special(const char *file)
{
    struct stat found;
    return stat(file, &found) == 0 && !S_ISREG(found.st_mode) && !S_ISDIR(found.st_mode);
}

static void check_one(const char *input, struct lc_diag *diag)
{
    struct lci_files files = {0};
    struct lc_diag unheard = {0}; /* what cannot be found is said when it is read */
    lci_files_find(&input, 1, &files, &unheard);
    for (size_t i = 0; i < files.count; i++)
        if (lci_comes_once(files.items[i].name)) {
            lc_error(diag, LC_INPUT, NULL,
                     "'%s' is a pipe or a device, which can be read once; expected a file, which can be read again",
                     files.items[i].name);
            break;
        }
    lci_files_free(&files);
    lc_diag_free(&unheard);
}

int cli_check_read_again(const char *const *inputs, size_t count, struct lc_diag *diag)
{
    const size_t before = diag->errors;
    for (size_t i = 0; i < count && diag->errors == before; i++)
        if (inputs[i] != NULL)
            check_one(inputs[i], diag);
    return diag->errors == before ? 0 : -1;
}

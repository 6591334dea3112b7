/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Outputs are looked at before the work is done: that they can be written, and that none of them replaces another one
 * or what is read. */
#include "cli.h"

#include "base/output.h"
#include "loadcast/format.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

bool cli_is_stdout(const char *file)
{
    return file != NULL && strcmp(file, "-") == 0;
}

static bool is_named(const char *file)
{
    return file != NULL && strcmp(file, "-") != 0;
}

/* The one way to name a file that may not exist yet: its folder without links and detours, and what a link to it leads
 * to. Owned by the caller. */
static char *whole_name(const char *file)
{
    char *whole = realpath(file, NULL);
    if (whole != NULL)
        return whole;
    char *end = lci_follow_links(file);
    if (end == NULL) /* links in a circle: what opens it says so */
        return lc_strdup(file);
    const char *slash = strrchr(end, '/');
    char *folder = slash == NULL ? lc_strdup(".") : lc_strndup(end, slash == end ? 1 : (size_t)(slash - end));
    char *real = realpath(folder, NULL);
    whole = lc_format("%s/%s", real != NULL ? real : folder, slash == NULL ? end : slash + 1);
    free(real);
    free(folder);
    free(end);
    return whole;
}

/* What exists is told by device and inode, so that a hard link is what it links to; the rest by its name. */
static bool same_file(const char *a, const char *b)
{
    if (!is_named(a) || !is_named(b) || cli_is_special(a))
        return false;
    struct stat one, other;
    if (stat(a, &one) == 0 && stat(b, &other) == 0)
        return one.st_dev == other.st_dev && one.st_ino == other.st_ino;
    char *x = whole_name(a), *y = whole_name(b);
    const bool same = strcmp(x, y) == 0;
    free(x);
    free(y);
    return same;
}

static void check_one(const struct cli_outputs *all, size_t i, struct lc_diag *diag)
{
    const struct cli_output *o = &all->items[i];
    for (size_t k = 0; k < i; k++)
        if (same_file(o->file, all->items[k].file) || (cli_is_stdout(o->file) && cli_is_stdout(all->items[k].file))) {
            lc_error(diag, LC_USAGE, NULL, "%s and %s both write to '%s'; expected two files", all->items[k].option,
                     o->option, o->file);
            return;
        }
    for (size_t k = 0; k < all->input_count; k++)
        if (same_file(o->file, all->inputs[k])) {
            lc_error(diag, LC_USAGE, NULL, "%s would replace '%s', which is read; expected another file", o->option,
                     o->file);
            return;
        }
    if (!is_named(o->file) || cli_is_special(o->file))
        return; /* a pipe or device takes several outputs, and is not opened to try */
    struct lci_output *output = lci_output_open(o->file, diag);
    if (output != NULL)
        lci_output_abandon(output);
}

int cli_check_outputs(const struct cli_outputs *all, struct lc_diag *diag)
{
    const size_t before = diag->errors;
    for (size_t i = 0; i < all->count; i++)
        if (all->items[i].file != NULL)
            check_one(all, i, diag);
    return diag->errors == before ? 0 : -1;
}

bool cli_ends_with(const char *file, const char *ending)
{
    const size_t length = strlen(file), tail = strlen(ending);
    return length >= tail && strcmp(file + length - tail, ending) == 0;
}

void cli_check_page(const struct cli_command *command, const char *file)
{
    if (is_named(file) && !cli_is_special(file) && !cli_ends_with(file, ".html") && !cli_ends_with(file, ".htm"))
        cli_usage_error(command, "--report writes a page, and '%s' does not end like one; expected FILE.html", file);
}

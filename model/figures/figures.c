/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/figures/figures_readers.h"

#include "base/names.h"
#include "base/output.h"
#include "loadcast/format.h"
#include "model/format/lqnx.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define RESULT_LIMIT ((size_t)256 << 20) /* bytes of a result file */

struct lc_figure_index {
    struct lci_names names;
};

const char *lci_figure_kind_name(enum lci_figure_kind kind)
{
    static const char *const names[LCI_FIGURE_KINDS] = {"processor", "task", "entry",   "activity",
                                                        "join",      "call", "workload"};
    return names[kind];
}

/* A byte that XML and JSON texts cannot hold keeps the parts of a key apart. */
static char *key_of(enum lci_figure_kind kind, const char *name, const char *metric)
{
    return lc_format("%d\x01%s\x01%s", (int)kind, name, metric);
}

void lci_figures_add(struct lci_figures *figures, enum lci_figure_kind kind, char *name, const char *metric,
                     const struct lc_estimate *value)
{
    if (figures->index == NULL)
        figures->index = lc_calloc(1, sizeof *figures->index);
    char *key = key_of(kind, name, metric);
    if (isnan(value->mean) || lci_names_find(&figures->index->names, key) != LC_NONE) {
        free(name);
    } else {
        lci_names_add(&figures->index->names, key, (int)figures->count);
        LC_GROW(figures->items, figures->count, figures->capacity);
        figures->items[figures->count++] = (struct lci_figure){kind, name, metric, *value};
    }
    free(key);
}

const struct lci_figure *lci_figures_find(const struct lci_figures *figures, enum lci_figure_kind kind,
                                          const char *name, const char *metric)
{
    if (figures->index == NULL)
        return NULL;
    char *key = key_of(kind, name, metric);
    const int at = lci_names_find(&figures->index->names, key);
    free(key);
    return at == LC_NONE ? NULL : &figures->items[at];
}

char *lci_phase_figure(const char *entry, int phase)
{
    return lc_format("%s, phase %d", entry, phase);
}

char *lci_activity_figure(const char *task, const char *activity)
{
    return lc_format("%s: %s", task, activity);
}

char *lci_call_figure(const char *from, const char *to, const char *kind)
{
    return lc_format("%s → %s (%s)", from, to, kind);
}

int lci_figures_parse(const char *text, size_t length, const char *name, struct lci_figures *figures,
                      struct lc_diag *diag)
{
    *figures = (struct lci_figures){0};
    const size_t blank = strspn(text, " \t\r\n");
    if (blank < length && text[blank] == '{')
        return lci_figures_json(text, length, name, figures, diag);
    if (lci_lqnx_recognise(text, length))
        return lci_figures_lqnx(text, length, name, figures, diag);
    return 0;
}

int lci_figures_read(const char *file, struct lci_figures *figures, struct lc_diag *diag)
{
    size_t length;
    *figures = (struct lci_figures){0};
    char *text = lci_file_read(file, RESULT_LIMIT, &length, diag);
    if (text == NULL)
        return -1;
    const int status = lci_figures_parse(text, length, strcmp(file, "-") == 0 ? "standard input" : file, figures, diag);
    free(text);
    return status;
}

void lci_figures_free(struct lci_figures *figures)
{
    for (size_t i = 0; i < figures->count; i++)
        free(figures->items[i].name);
    free(figures->items);
    if (figures->index != NULL)
        lci_names_free(&figures->index->names);
    free(figures->index);
    *figures = (struct lci_figures){0};
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where each number of a learned model comes from, as comments of its elements: they go with it into files.
 */
#include "fit/trace/symbols.h"
#include "network/model/build.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void add_comment(char **comment, char *text)
{
    if (*comment == NULL) {
        *comment = text;
        return;
    }
    char *longer = lc_format("%s; %s", *comment, text);
    free(*comment);
    free(text);
    *comment = longer;
}

/* Comments of entries and activities by "ENTRY" or "TASK.ACTIVITY"; of two of one name, an entry's. */
struct comments {
    struct lc_symbols *names;
    char ***of; /* by symbol */
};

static void add_place(struct comments *comments, const char *name, char **comment)
{
    if (lci_symbol_find(comments->names, name) == 0)
        comments->of[lci_symbol_of(comments->names, name, strlen(name))] = comment;
}

static struct comments list_comments(struct lc_model *m)
{
    size_t count = m->entry_count + 1;
    for (size_t t = 0; t < m->task_count; t++)
        count += m->tasks[t].activity_count;
    struct comments comments = {lci_symbols_new(), lc_alloc(count * sizeof(char **))};
    for (size_t e = 0; e < m->entry_count; e++)
        add_place(&comments, m->entries[e].name, &m->entries[e].comment);
    for (size_t t = 0; t < m->task_count; t++)
        for (size_t a = 0; a < m->tasks[t].activity_count; a++) {
            char *name = lc_format("%s.%s", m->tasks[t].name, m->tasks[t].activities[a].name);
            add_place(&comments, name, &m->tasks[t].activities[a].comment);
            free(name);
        }
    return comments;
}

static char *error_text(double error)
{
    return isnan(error) ? lc_strdup("") : lc_format(" ± %.3g", error);
}

void lci_tell_origins(struct lc_learned *learned)
{
    static const char *const attributes[][2] = {{".demand", "demand"}, {".think_time", "think time"}};
    struct comments comments = list_comments(learned->model);
    for (size_t i = 0; i < learned->parameter_count; i++) {
        const struct lc_parameter *p = &learned->parameters[i];
        for (int k = 0; k < 2; k++) {
            const size_t length = strlen(p->path), ending = strlen(attributes[k][0]);
            if (length <= ending || strcmp(p->path + length - ending, attributes[k][0]) != 0)
                continue;
            const lc_symbol name = lci_symbol_lookup(comments.names, p->path, length - ending);
            if (name == 0)
                continue;
            char *error = error_text(p->standard_error);
            add_comment(comments.of[name], lc_format("%s: n = %llu, mean %.4g%s s, %s", attributes[k][1],
                                                     (unsigned long long)p->n, p->mean, error, p->method));
            free(error);
        }
    }
    lci_symbols_free(comments.names);
    free(comments.of);
}

void lci_tell_share(struct lc_activity *activity, uint64_t count, uint64_t of)
{
    const double share = (double)count / (double)of;
    add_comment(&activity->comment, lc_format("branch: %llu of %llu visits, %.3g ± %.2g", (unsigned long long)count,
                                              (unsigned long long)of, share, sqrt(share * (1 - share) / (double)of)));
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where each number of a learned model comes from, as comments of its elements: they go with it into files.
 */
#include "learner.h"

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

/* The comment of the element that "ENTRY.demand" or "TASK.ACTIVITY.think_time" is of; NULL: of none. */
static char **comment_of(struct lc_model *m, const char *path, size_t length)
{
    for (size_t e = 0; e < m->entry_count; e++)
        if (strlen(m->entries[e].name) == length && strncmp(m->entries[e].name, path, length) == 0)
            return &m->entries[e].comment;
    for (size_t t = 0; t < m->task_count; t++) {
        const size_t task = strlen(m->tasks[t].name);
        if (task >= length || strncmp(m->tasks[t].name, path, task) != 0 || path[task] != '.')
            continue;
        for (size_t a = 0; a < m->tasks[t].activity_count; a++) {
            struct lc_activity *activity = &m->tasks[t].activities[a];
            if (strlen(activity->name) == length - task - 1 &&
                strncmp(activity->name, path + task + 1, length - task - 1) == 0)
                return &activity->comment;
        }
    }
    return NULL;
}

static char *error_text(double error)
{
    return isnan(error) ? lc_strdup("") : lc_format(" ± %.3g", error);
}

void lci_tell_origins(struct lc_learned *learned)
{
    static const char *const attributes[][2] = {{".demand", "demand"}, {".think_time", "think time"}};
    for (size_t i = 0; i < learned->parameter_count; i++) {
        const struct lc_parameter *p = &learned->parameters[i];
        for (int k = 0; k < 2; k++) {
            const size_t length = strlen(p->path), ending = strlen(attributes[k][0]);
            if (length <= ending || strcmp(p->path + length - ending, attributes[k][0]) != 0)
                continue;
            char **comment = comment_of(learned->model, p->path, length - ending);
            if (comment == NULL)
                continue;
            char *error = error_text(p->standard_error);
            add_comment(comment, lc_format("%s: n = %llu, mean %.4g%s s, %s", attributes[k][1],
                                           (unsigned long long)p->n, p->mean, error, p->method));
            free(error);
        }
    }
}

void lci_tell_share(struct lc_activity *activity, uint64_t count, uint64_t of)
{
    const double share = (double)count / (double)of;
    add_comment(&activity->comment, lc_format("branch: %llu of %llu visits, %.3g ± %.2g", (unsigned long long)count,
                                              (unsigned long long)of, share, sqrt(share * (1 - share) / (double)of)));
}

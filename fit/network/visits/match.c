/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which class of requests a tree belongs to: the first whose operation, attributes and activity all match.
 */
#include "network/visits/collect.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

static void keep_also(const char ***keep, size_t *kept, size_t *capacity, const char *key)
{
    for (size_t i = 0; i < *kept; i++)
        if (strcmp((*keep)[i], key) == 0)
            return;
    LC_GROW(*keep, *kept, *capacity);
    (*keep)[(*kept)++] = key;
}

const char **lc_learn_keep(const struct lc_request_class *classes, size_t count)
{
    const char **keep = NULL;
    size_t kept = 0, capacity = 0;
    for (size_t c = 0; c < count; c++)
        for (size_t k = 0; k < classes[c].condition_count; k++)
            keep_also(&keep, &kept, &capacity, classes[c].keys[k]);
    for (const char *const *key = lci_sampling_keys; *key != NULL; key++)
        keep_also(&keep, &kept, &capacity, *key);
    keep_also(&keep, &kept, &capacity, LCI_CACHE_HIT);
    keep_also(&keep, &kept, &capacity, LC_CPU_TIME);
    for (const struct lci_said_name *said = lci_said_names; said->name != NULL; said++)
        keep_also(&keep, &kept, &capacity, said->name);
    LC_GROW(keep, kept, capacity);
    keep[kept] = NULL;
    return keep;
}

lc_symbol lci_span_symbol(const struct lci_visits *visits, const struct lc_tree *tree, const struct lc_span *span,
                          const char *name)
{
    for (uint32_t i = 0; visits->options.keep != NULL && visits->options.keep[i] != NULL; i++)
        if (strcmp(visits->options.keep[i], name) == 0)
            return lc_span_attribute(tree->trace, span, LC_ATTR_OTHER + i);
    return 0;
}

lc_symbol lci_root_symbol(const struct lci_visits *visits, const struct lc_tree *tree, const char *name)
{
    return lci_span_symbol(visits, tree, &tree->trace->spans[tree->nodes[0].span], name);
}

const char *lci_root_attribute(const struct lci_visits *visits, const struct lc_tree *tree, const char *name)
{
    const lc_symbol value = lci_root_symbol(visits, tree, name);
    return value == 0 ? NULL : lci_text(visits, value);
}

/* The run of the activity that the time lies in; SIZE_MAX: none. */
static size_t run_of(const struct lci_visits *visits, const char *activity, int64_t time)
{
    const struct lc_activity_runs *runs = visits->options.activities;
    for (size_t i = 0; runs != NULL && i < runs->count; i++)
        if (strcmp(runs->runs[i].activity, activity) == 0 && time >= runs->runs[i].start && time <= runs->runs[i].end)
            return i;
    return SIZE_MAX;
}

static bool enters_at(const struct lc_request_class *class_, const char *task, const char *entry)
{
    const size_t length = class_->task != NULL ? strlen(class_->task) : 0;
    if (class_->task == NULL || class_->operation == NULL || strncmp(class_->task, task, length) != 0 ||
        task[length] != '/')
        return (class_->task == NULL || strcmp(class_->task, task) == 0) &&
               (class_->operation == NULL || strcmp(class_->operation, entry) == 0);
    const char *rest = task + length + 1; /* the name of a service may hold a slash itself */
    const size_t more = strlen(rest);
    return strncmp(class_->operation, rest, more) == 0 && class_->operation[more] == '/' &&
           strcmp(class_->operation + more + 1, entry) == 0;
}

static bool matches(const struct lci_visits *visits, const struct lc_request_class *class_, const struct lc_tree *tree)
{
    const struct lc_tree_node *root = &tree->nodes[0];
    if (!enters_at(class_, lci_text(visits, root->task), lci_text(visits, root->entry)))
        return false;
    for (size_t i = 0; i < class_->condition_count; i++) {
        const char *value = lci_root_attribute(visits, tree, class_->keys[i]);
        if (value == NULL || fnmatch(class_->patterns[i], value, 0) != 0)
            return false;
    }
    return class_->activity == NULL || run_of(visits, class_->activity, root->start) != SIZE_MAX;
}

size_t lci_match(struct lci_visits *visits, const struct lc_tree *tree, bool count)
{
    for (size_t i = 0; i < visits->options.class_count; i++) {
        const struct lc_request_class *class_ = &visits->options.classes[i];
        if (!matches(visits, class_, tree))
            continue;
        if (count && class_->activity != NULL)
            visits->run_traces[run_of(visits, class_->activity, tree->nodes[0].start)]++;
        return i;
    }
    return visits->options.class_count;
}

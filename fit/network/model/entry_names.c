/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What tasks and entries are called.
 */
#include "network/model/build.h"

#include <stdlib.h>

static char *append_text(char *text, const char *more)
{
    char *joined = lc_format("%s%s", text, more);
    free(text);
    return joined;
}

/* Do several services call this operation of an external server, or has it spans of its own beside those? */
static bool other_caller(const struct lci_behaviour *behaviour, const struct lci_operation *operation, size_t index)
{
    const struct lci_operation *other = &behaviour->visits.operations[index];
    return behaviour->first_unit[index] != SIZE_MAX && other->inside == operation->inside &&
           other->around == operation->around && other->caller != operation->caller;
}

static bool several_callers(const struct lci_behaviour *behaviour, const struct lci_operation *operation)
{
    const struct lci_operation *operations = behaviour->visits.operations;
    const size_t index = (size_t)(operation - operations);
    for (size_t o = index; operation->external && o > 0 && lci_same_entry(&operations[o - 1], operation); o--)
        if (other_caller(behaviour, operation, o - 1))
            return true;
    for (size_t o = index + 1;
         operation->external && o < behaviour->visits.operation_count && lci_same_entry(&operations[o], operation); o++)
        if (other_caller(behaviour, operation, o))
            return true;
    return false;
}

char *lci_task_name(const struct lci_visits *visits, const struct lci_operation *operation)
{
    const char *text = lci_text(visits, operation->task), *name = *text ? text : "unknown";
    const char *around = operation->around ? " (around)" : "";
    return operation->inside == 0   ? lc_format("%s%s", name, around)
           : operation->inside == 1 ? lc_format("%s (inside)%s", name, around)
                                    : lc_format("%s (inside %u)%s", name, operation->inside, around);
}

/* "task/operation", " from caller" where an external server has several, and "@class+class" where classes are told
 * apart. */
static char *name_with(const struct lci_behaviour *behaviour, const struct lci_unit *unit, const char *task)
{
    const struct lci_visits *visits = &behaviour->visits;
    const struct lci_operation *operation = &visits->operations[unit->operation];
    const char *entry = lci_text(visits, operation->entry);
    char *name = lc_format("%s/%s", task, *entry ? entry : "unknown");
    if (several_callers(behaviour, operation))
        name = append_text(append_text(name, " from "), lci_text(visits, operation->caller));
    if (operation->level > 0) {
        char *nested = lc_format(" (nested %u)", operation->level);
        name = append_text(name, nested);
        free(nested);
    }
    if (behaviour->units[behaviour->first_unit[unit->operation]].next != SIZE_MAX) {
        const char *separator = "@";
        for (size_t c = 0; c < visits->options.class_count; c++) {
            if (behaviour->clusters[unit->operation].of[c] != unit->cluster)
                continue;
            name = append_text(append_text(name, separator), visits->options.classes[c].name);
            separator = "+";
        }
    }
    return name;
}

char *lci_entry_name(const struct lci_behaviour *behaviour, const struct lci_unit *unit)
{
    char *task = lci_task_name(&behaviour->visits, &behaviour->visits.operations[unit->operation]);
    char *name = name_with(behaviour, unit, task);
    free(task);
    return name;
}

char *lci_spoken_name(const struct lci_behaviour *behaviour, const struct lci_unit *unit)
{
    const char *service = lci_text(&behaviour->visits, behaviour->visits.operations[unit->operation].task);
    return name_with(behaviour, unit, *service ? service : "unknown");
}

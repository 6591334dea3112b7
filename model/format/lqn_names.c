/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/lqn_names.h"

#include "base/names.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool is_word(const char *c)
{
    return isalnum((unsigned char)*c) || *c == '_';
}

/* Words that the tools around LQNS take for something else, in models or in results. */
static bool is_reserved(const char *name)
{
    static const char *const words[] = {"DP", "FQ", "NP", "OT", "PP", "VAR", "VARF", "VARW", "VARZ", "infinity"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(name, words[i]) == 0)
            return true;
    return strcasecmp(name, "inf") == 0;
}

/* Whether it begins as one: with a letter, behind any number of underscores. */
static bool begins_name(const char *name)
{
    return isalpha((unsigned char)name[strspn(name, "_")]);
}

static bool is_legal(const char *name)
{
    bool digits = true;
    for (const char *c = name; *c != 0; c++) {
        if (!is_word(c))
            return false;
        digits = digits && isdigit((unsigned char)*c);
    }
    if (digits) /* read by value */
        return name[0] != 0 && (name[0] != '0' || name[1] == 0);
    return begins_name(name) && name[1] != 0 && !is_reserved(name);
}

/* A legal name like `name` that `used` does not hold. */
static char *make_legal(const char *name, const struct lci_names *used)
{
    static const char *const fill[] = {"__", "_", ""}; /* two characters at least */
    char *words = lc_strdup(name);
    for (char *c = words; *c != 0; c++)
        if (!is_word(c))
            *c = '_';
    const char *prefix = begins_name(words) || words[0] == 0 ? "" : "n";
    const size_t length = is_reserved(name) ? 1 : strlen(prefix) + strlen(name);
    char *base = lc_format("%s%s%s", prefix, words, fill[length < 2 ? length : 2]);
    free(words);
    char *candidate = lc_strdup(base);
    for (unsigned n = 2; lci_names_find(used, candidate) != LC_NONE; n++) {
        free(candidate);
        candidate = lc_format("%s_%u", base, n);
    }
    free(base);
    return candidate;
}

/* The names of `count` records of `size` bytes, each of which starts with its name. */
static char **legal(const void *records, size_t count, size_t size, const char *what, struct lc_diag *diag)
{
    struct lci_names used = {0};
    char **names = lc_calloc(count, sizeof *names);
    for (size_t i = 0; i < count; i++) {
        const char *name = *(const char *const *)(const void *)((const char *)records + i * size);
        if (!is_legal(name) || lci_names_find(&used, name) != LC_NONE)
            continue;
        names[i] = lc_strdup(name);
        lci_names_add(&used, name, (int)i);
    }
    for (size_t i = 0; i < count; i++) {
        const char *name = *(const char *const *)(const void *)((const char *)records + i * size);
        if (names[i] != NULL)
            continue;
        names[i] = make_legal(name, &used);
        lci_names_add(&used, names[i], (int)i);
        lc_warn(diag, NULL, "the name of %s '%s' becomes '%s' in LQN text", what, name, names[i]);
    }
    lci_names_free(&used);
    return names;
}

struct lci_legal_names lci_legal_names(const struct lc_model *m, struct lc_diag *diag)
{
    struct lci_legal_names n = {
        .processors = legal(m->processors, m->processor_count, sizeof *m->processors, "processor", diag),
        .groups = legal(m->groups, m->group_count, sizeof *m->groups, "group", diag),
        .tasks = legal(m->tasks, m->task_count, sizeof *m->tasks, "task", diag),
        .entries = legal(m->entries, m->entry_count, sizeof *m->entries, "entry", diag),
        .activities = lc_calloc(m->task_count, sizeof *n.activities),
    };
    for (size_t t = 0; t < m->task_count; t++)
        n.activities[t] =
            legal(m->tasks[t].activities, m->tasks[t].activity_count, sizeof *m->tasks[t].activities, "activity", diag);
    return n;
}

static void free_names(char **names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(names[i]);
    free(names);
}

void lci_legal_names_free(struct lci_legal_names *n, const struct lc_model *m)
{
    free_names(n->processors, m->processor_count);
    free_names(n->groups, m->group_count);
    free_names(n->tasks, m->task_count);
    free_names(n->entries, m->entry_count);
    for (size_t t = 0; t < m->task_count; t++)
        free_names(n->activities[t], m->tasks[t].activity_count);
    free(n->activities);
}

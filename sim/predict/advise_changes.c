/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The changes that a team can make. */
#include "model/elastic.h"
#include "model/traffic.h"
#include "predict.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/policy.h"

/* Takes over `what` and `path`. */
static void add(struct lc_advice *advice, char *what, char *path, const char *value, const char *about)
{
    LC_GROW(advice->options, advice->count, advice->capacity);
    struct lc_edit *edit = lc_calloc(1, sizeof *edit);
    *edit = (struct lc_edit){.path = path, .value = lc_strdup(value), .place = LC_NOWHERE};
    advice->options[advice->count++] = (struct lc_advised_change){
        .what = what,
        .change = {.name = lc_strdup(what), .edits = edit, .edit_count = 1, .edit_capacity = 1},
        .about = lc_strdup(about),
    };
}

/* Another edit of the option that was added last. */
static void also(struct lc_advice *advice, char *path, const char *value)
{
    struct lc_what_if *change = &advice->options[advice->count - 1].change;
    change->edits = lc_realloc(change->edits, change->edit_count + 1, sizeof *change->edits);
    change->edits[change->edit_count++] =
        (struct lc_edit){.path = path, .value = lc_strdup(value), .place = LC_NOWHERE};
}

static bool has_demand(const struct lc_model *m, const struct lc_task *t)
{
    for (size_t i = 0; i < t->activity_count; i++)
        if (t->activities[i].demand.family != NULL)
            return true;
    for (size_t i = 0; i < t->entry_count; i++)
        for (int k = 0; k < LC_PHASES; k++)
            if (m->entries[t->entries[i]].phases[k].demand.family != NULL)
                return true;
    return false;
}

static void add_size(const struct lc_model *m, const struct lc_task *t, struct lc_advice *advice)
{
    const bool threads = isfinite(lci_task_threads(t)), pool = strchr(t->name, '>') != NULL;
    const bool cores = isfinite(lci_processor_servers(&m->processors[t->processor]));
    const bool scales = lci_elastic_scales(&t->elastic);
    if (threads)
        add(advice, lc_format("one more %s of %s", pool ? "connection" : "thread", t->name),
            lc_format("task:%s.concurrency", t->name), "+ 1", t->name);
    if (threads && cores && !pool) { /* where both are full, neither helps alone */
        const char *processor = m->processors[t->processor].name;
        add(advice, lc_format("one more thread of %s and one more core of %s", t->name, processor),
            lc_format("task:%s.concurrency", t->name), "+ 1", t->name);
        also(advice, lc_format("processor:%s.multiplicity", processor), "+ 1");
    }
    if ((threads || cores) && !pool && !scales)
        add(advice, lc_format("one more replica of %s", t->name), lc_format("%s.replicas", t->name), "+ 1", t->name);
    if (scales) {
        add(advice, lc_format("one more replica of %s at the most", t->name), lc_format("%s.scaling.max", t->name),
            "+ 1", t->name);
        add(advice, lc_format("one more replica of %s at the least", t->name), lc_format("%s.scaling.min", t->name),
            "+ 1", t->name);
        advice->options[advice->count - 1].kind = LC_ADVISED_POLICY;
    }
    if (has_demand(m, t))
        add(advice, lc_format("%s 20 %% faster", t->name), lc_format("task:%s.demand", t->name), "x 0.8", t->name);
}

/* What is set for the calls to a task is loosened, or taken back: near saturation it may do harm. */
static void add_policies(const struct lc_model *m, const struct lc_task *t, struct lc_advice *advice)
{
    for (size_t i = 0; i < t->policy_count; i++) {
        const struct lc_policy *p = &t->policies[i];
        char *path =
            p->from == LC_NONE ? lc_strdup(t->name) : lc_format("%s.calls.%s", m->tasks[p->from].name, t->name);
        char *of = p->from == LC_NONE ? lc_format("calls of %s", t->name)
                                      : lc_format("calls of %s by %s", t->name, m->tasks[p->from].name);
        const size_t before = advice->count;
        if (p->retries_max > 0)
            add(advice, lc_format("no retries of %s", of), lc_format("%s.retries.max", path), "0", t->name);
        if (p->hedge_after > 0 && !(p->hedge_max == 0))
            add(advice, lc_format("no copies of %s", of), lc_format("%s.hedge.max", path), "0", t->name);
        if (isfinite(p->bulkhead))
            add(advice, lc_format("one more of the %s at a time", of), lc_format("%s.bulkhead", path), "+ 1", t->name);
        if (isfinite(p->limit_rate))
            add(advice, lc_format("20 %% more %s allowed", of), lc_format("%s.rate_limit.rate", path), "x 1.2",
                t->name);
        for (size_t k = before; k < advice->count; k++)
            advice->options[k].kind = LC_ADVISED_POLICY;
        free(path);
        free(of);
    }
}

/* A helper is named like the task that it helps, with more in parentheses: between the two there is no request. Returns
 * the length of that task's name. */
static size_t helped(const struct lc_task *t)
{
    const char *more = t->service ? NULL : strstr(t->name, " (");
    return more != NULL ? (size_t)(more - t->name) : strlen(t->name);
}

static bool is_request(const struct lc_task *from, const struct lc_task *to)
{
    const size_t length = helped(to);
    const bool known = to->service || to->name[length] != 0;
    return known && (helped(from) != length || strncmp(from->name, to->name, length) != 0);
}

/* The entry as people know it: without what its task is to another. */
static char *known_name(const struct lc_model *m, const struct lc_entry *entry)
{
    const struct lc_task *task = &m->tasks[entry->task];
    const size_t length = strlen(task->name);
    if (strncmp(entry->name, task->name, length) != 0)
        return lc_strdup(entry->name);
    return lc_format("%.*s%s", (int)helped(task), task->name, entry->name + length);
}

static char *known_task(const struct lc_task *task)
{
    return lc_format("%.*s", (int)helped(task), task->name);
}

static bool is_listed(const struct lc_advice *advice, const char *path)
{
    for (size_t i = 0; i < advice->count; i++)
        if (strcmp(advice->options[i].change.edits[0].path, path) == 0)
            return true;
    return false;
}

/* What stands between two services, for all of the calls of one to the other. */
static void add_cache(const struct lc_model *m, int from, int to, struct lc_advice *advice)
{
    char *path = lc_format("%s.calls.%s.cache.hit_ratio", m->tasks[from].name, m->tasks[to].name);
    char *caller = known_task(&m->tasks[from]), *callee = known_task(&m->tasks[to]);
    if (is_listed(advice, path))
        free(path);
    else
        add(advice, lc_format("half of the calls of %s by %s from a cache", callee, caller), path, "50 %", callee);
    free(callee);
    free(caller);
}

static void add_call(const struct lc_model *m, const struct lc_entry *from, const struct lc_activity *a,
                     const struct lc_call *call, struct lc_advice *advice)
{
    const struct lc_entry *to = &m->entries[call->entry];
    char *about = known_task(&m->tasks[to->task]);
    char *callee = known_name(m, to), *caller = known_name(m, from);
    const size_t before = advice->count;
    add(advice, lc_format("no call of %s by %s", callee, caller), lc_format("entry:%s.calls.%s", from->name, to->name),
        "0", about);
    if (a->deterministic) /* whole numbers of calls */
        add_cache(m, from->task, to->task, advice);
    else
        add(advice, lc_format("half of the calls of %s by %s from a cache", callee, caller),
            lc_format("entry:%s.calls.%s", from->name, to->name), "x 0.5", about);
    for (size_t k = before; k < advice->count; k++)
        advice->options[k].kind = LC_ADVISED_CALL;
    if (call->kind == LC_CALL_SYNC) {
        char *waits = known_task(&m->tasks[from->task]);
        add(advice, lc_format("%s does not wait for %s", caller, callee),
            lc_format("entry:%s.call_kind.%s", from->name, to->name), "async", waits);
        free(waits);
    }
    free(about);
    free(callee);
    free(caller);
}

static void add_calls(const struct lc_model *m, const struct lc_entry *from, const struct lc_activity *a,
                      struct lc_advice *advice, int *seen, int mark)
{
    for (size_t i = 0; i < a->call_count; i++) {
        const struct lc_entry *to = &m->entries[a->calls[i].entry];
        if (seen[a->calls[i].entry] == mark || !(a->calls[i].mean > 0) ||
            !is_request(&m->tasks[from->task], &m->tasks[to->task]))
            continue;
        seen[a->calls[i].entry] = mark;
        add_call(m, from, a, &a->calls[i], advice);
    }
}

void lcp_collect_changes(const struct lc_model *m, struct lc_advice *advice)
{
    int *seen = lc_calloc(m->entry_count, sizeof *seen);
    for (size_t t = 0; t < m->task_count; t++)
        if (m->tasks[t].service && !lc_is_source(&m->tasks[t])) {
            add_size(m, &m->tasks[t], advice);
            add_policies(m, &m->tasks[t], advice);
        }
    for (size_t p = 0; p < m->processor_count; p++)
        for (size_t t = 0; t < m->task_count && isfinite(lci_processor_servers(&m->processors[p])); t++)
            if (m->tasks[t].processor == (int)p && !lc_is_source(&m->tasks[t])) {
                add(advice, lc_format("one more core of %s", m->processors[p].name),
                    lc_format("processor:%s.multiplicity", m->processors[p].name), "+ 1", m->processors[p].name);
                break;
            }
    for (size_t e = 0; e < m->entry_count; e++) {
        const struct lc_entry *entry = &m->entries[e];
        const struct lc_task *task = &m->tasks[entry->task];
        if (lc_is_source(task))
            continue;
        for (int k = 0; k < LC_PHASES && entry->start == LC_NONE; k++)
            add_calls(m, entry, &entry->phases[k], advice, seen, (int)e + 1);
        if (entry->start == LC_NONE)
            continue;
        /* Activities that do not belong to the entry give edits that fail, and those are left out. */
        for (size_t i = 0; i < task->activity_count; i++)
            add_calls(m, entry, &task->activities[i], advice, seen, (int)e + 1);
    }
    free(seen);
}

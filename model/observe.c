/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "observe.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct lc_estimate unknown = {NAN, NAN, NAN};

bool lci_observed_parse(const char *text, struct lci_observed *observed)
{
    *observed = (struct lci_observed){.phase = 0};
    size_t length = 0;
    if (*text++ != '%')
        return false;
    while (isalpha((unsigned char)*text) && length + 1 < sizeof observed->quantity)
        observed->quantity[length++] = *text++;
    const size_t digits = strlen(text);
    if (length == 0 || text[strspn(text, "0123456789")] != 0)
        return false;
    if (digits % 2 == 1) /* a phase is one digit, an interval two */
        observed->phase = *text++ - '0';
    if (*text != 0)
        observed->interval = (int)strtol(text, NULL, 10);
    return observed->phase <= LC_PHASES && strlen(text) <= 2 &&
           (*text == 0 || observed->interval == 95 || observed->interval == 99);
}

const char *lci_observed_part(const char *key)
{
    const char *slash = strrchr(key, '/');
    return slash != NULL && slash[1] == '%' ? slash + 1 : NULL;
}

/* ---- which element ----------------------------------------------------------------------------------------------- */

/* The element part of a key: the text before "/%…". */
struct key {
    const char *text;
    size_t length;
    struct lci_observed what;
};

/* Takes a prefix from the front of the key. */
static bool begins(struct key *key, const char *prefix)
{
    const size_t length = strlen(prefix);
    if (length > key->length || memcmp(key->text, prefix, length) != 0)
        return false;
    key->text += length;
    key->length -= length;
    return true;
}

static bool is(const struct key *key, const char *name)
{
    return strlen(name) == key->length && memcmp(name, key->text, key->length) == 0;
}

/* ---- what of it -------------------------------------------------------------------------------------------------- */

struct quantity {
    const char *name;
    struct lc_estimate estimate;
};

/* The one of a list (ends with a NULL name) that the key names. */
static bool choose(const struct key *key, const struct quantity *list, struct lc_estimate *to)
{
    for (; list->name != NULL; list++)
        if (strcmp(list->name, key->what.quantity) == 0) {
            *to = list->estimate;
            return true;
        }
    return false;
}

static bool of_model(const struct key *key, const struct lc_result *r, struct lc_estimate *to)
{
    static const struct lc_estimate none = {NAN, NAN, NAN};
    const struct quantity list[] = {{"i", {r->replications, NAN, NAN}},
                                    {"time", {r->elapsed_s, NAN, NAN}},
                                    {"usr", none},
                                    {"sys", none},
                                    {"w", none},
                                    {"s", none},
                                    {NULL, none}};
    return choose(key, list, to);
}

struct lc_estimate lci_group_utilization(const struct lc_result *r, int group)
{
    struct lc_estimate sum = {0, NAN, NAN};
    size_t count = 0;
    for (size_t t = 0; t < r->model->task_count; t++)
        if (r->model->tasks[t].group == group) {
            const struct lc_estimate *one = &r->tasks[t].processor_utilization;
            sum = (struct lc_estimate){sum.mean + one->mean, one->ci95, one->ci99};
            count++;
        }
    if (count != 1)
        sum.ci95 = sum.ci99 = NAN;
    return sum;
}

static bool of_group(const struct key *key, const struct lc_result *r, int group, struct lc_estimate *to)
{
    const struct quantity list[] = {{"u", lci_group_utilization(r, group)}, {NULL, unknown}};
    return choose(key, list, to);
}

static bool of_task(const struct key *key, const struct lc_task_result *t, struct lc_estimate *to)
{
    const int phase = key->what.phase;
    const struct quantity list[] = {{"f", t->throughput},
                                    {"u", phase > 0 ? t->phase_utilization[phase - 1] : t->utilization},
                                    {"pu", t->processor_utilization},
                                    {NULL, unknown}};
    return choose(key, list, to);
}

static bool of_entry(const struct key *key, const struct lc_entry_result *e, struct lc_estimate *to)
{
    const int phase = key->what.phase;
    const struct lc_activity_result *p = &e->phases[phase > 0 ? phase - 1 : 0];
    const struct quantity list[] = {{"f", e->throughput},
                                    {"fb", {e->throughput_bound > 0 ? e->throughput_bound : NAN, NAN, NAN}},
                                    {"u", phase > 0 ? p->utilization : e->utilization},
                                    {"pu", phase > 0 ? p->processor_utilization : e->processor_utilization},
                                    {"s", p->service_time},
                                    {"v", p->service_time_variance},
                                    {"pw", p->processor_waiting},
                                    {"x", p->exceeded},
                                    {NULL, unknown}};
    return choose(key, list, to);
}

static bool of_activity(const struct key *key, const struct lc_activity_result *a, struct lc_estimate *to)
{
    const struct quantity list[] = {{"f", a->throughput},
                                    {"u", a->utilization},
                                    {"pu", a->processor_utilization},
                                    {"s", a->service_time},
                                    {"v", a->service_time_variance},
                                    {"pw", a->processor_waiting},
                                    {"x", a->exceeded},
                                    {NULL, unknown}};
    return choose(key, list, to);
}

static struct lc_estimate at(const struct lc_estimate *list, size_t index)
{
    return list != NULL ? list[index] : unknown;
}

static bool of_call(const struct key *key, struct lc_estimate waiting, struct lc_estimate variance,
                    struct lc_estimate *to)
{
    const struct quantity list[] = {{"w", waiting}, {"wv", variance}, {NULL, unknown}};
    return choose(key, list, to);
}

/* ---- calls ------------------------------------------------------------------------------------------------------- */

/* The call of a phase or activity to the entry that the key names. */
static bool calls_of(const struct key *key, const struct lc_result *r, const struct lc_activity *a,
                     const struct lc_activity_result *result, struct lc_estimate *to)
{
    for (size_t c = 0; c < a->call_count; c++)
        if (is(key, r->model->entries[a->calls[c].entry].name))
            return of_call(key, at(result->calls, c), at(result->call_variance, c), to);
    return false;
}

static bool of_entry_calls(const struct key *key, const struct lc_result *r, size_t entry, struct lc_estimate *to)
{
    const struct lc_entry *e = &r->model->entries[entry];
    const struct lc_entry_result *result = &r->entries[entry];
    for (int p = 0; p < LC_PHASES; p++)
        if ((key->what.phase == 0 || key->what.phase == p + 1) &&
            calls_of(key, r, &e->phases[p], &result->phases[p], to))
            return true;
    for (size_t f = 0; f < e->forward_count; f++)
        if (is(key, r->model->entries[e->forwards[f].entry].name))
            return of_call(key, at(result->forwards, f), at(result->forward_variance, f), to);
    return false;
}

/* "ENTRY/TO" or "TASK:ACTIVITY/TO". */
static bool call(const struct key *key, const struct lc_result *r, struct lc_estimate *to)
{
    const struct lc_model *m = r->model;
    for (size_t e = 0; e < m->entry_count; e++) {
        struct key rest = *key;
        if (begins(&rest, m->entries[e].name) && begins(&rest, "/") && of_entry_calls(&rest, r, e, to))
            return true;
    }
    for (size_t t = 0; t < m->task_count; t++) {
        struct key rest = *key;
        if (!begins(&rest, m->tasks[t].name) || !begins(&rest, ":"))
            continue;
        for (size_t a = 0; a < m->tasks[t].activity_count; a++) {
            struct key last = rest;
            if (begins(&last, m->tasks[t].activities[a].name) && begins(&last, "/") &&
                calls_of(&last, r, &m->tasks[t].activities[a], &r->activities[t][a], to))
                return true;
        }
    }
    return false;
}

/* "TASK/NAME" */
static bool activity(const struct key *key, const struct lc_result *r, struct lc_estimate *to)
{
    const struct lc_model *m = r->model;
    for (size_t t = 0; t < m->task_count; t++) {
        struct key rest = *key;
        if (!begins(&rest, m->tasks[t].name) || !begins(&rest, "/"))
            continue;
        for (size_t a = 0; a < m->tasks[t].activity_count; a++)
            if (is(&rest, m->tasks[t].activities[a].name))
                return of_activity(key, &r->activities[t][a], to);
    }
    return false;
}

/* ---- the whole --------------------------------------------------------------------------------------------------- */

static bool open_arrivals(const struct key *key, const struct lc_entry_result *e, struct lc_estimate *to)
{
    const struct quantity list[] = {{"w", e->open_response_time}, {NULL, unknown}};
    return choose(key, list, to);
}

bool lci_observe(const struct lc_result *result, const char *text, struct lc_estimate *to)
{
    const struct lc_model *m = result->model;
    const char *part = lci_observed_part(text);
    struct key key = {.text = text};
    *to = unknown;
    if (part == NULL || !lci_observed_parse(part, &key.what))
        return false;
    key.length = (size_t)(part - text) - 1;
    if (is(&key, "model"))
        return of_model(&key, result, to);
    if (begins(&key, "processor/")) {
        for (size_t p = 0; p < m->processor_count; p++)
            if (is(&key, m->processors[p].name))
                return choose(&key,
                              (const struct quantity[]){{"u", result->processors[p].utilization}, {NULL, unknown}}, to);
    } else if (begins(&key, "group/")) {
        for (size_t g = 0; g < m->group_count; g++)
            if (is(&key, m->groups[g].name))
                return of_group(&key, result, (int)g, to);
    } else if (begins(&key, "task/")) {
        for (size_t t = 0; t < m->task_count; t++)
            if (is(&key, m->tasks[t].name))
                return of_task(&key, &result->tasks[t], to);
    } else if (begins(&key, "entry/")) {
        for (size_t e = 0; e < m->entry_count; e++)
            if (is(&key, m->entries[e].name))
                return of_entry(&key, &result->entries[e], to);
    } else if (begins(&key, "open/")) {
        for (size_t e = 0; e < m->entry_count; e++)
            if (is(&key, m->entries[e].name))
                return open_arrivals(&key, &result->entries[e], to);
    } else if (begins(&key, "activity/")) {
        return activity(&key, result, to);
    } else if (begins(&key, "call/")) {
        return call(&key, result, to);
    }
    return false;
}

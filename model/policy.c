/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/policy.h"

#include "base/buffer.h"
#include "base/text.h"
#include "loadcast/base.h"
#include "model/lqn.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const jitters[] = {"none", "full", "equal", "exponential", NULL};
static const char *const reasons[] = {"any", "timeout", "error", NULL};
static const char *const losers[] = {"abandon", "cancel", NULL};
static const char *const errors[] = {"pass", "ignore", NULL};
static const char *const overflows[] = {"reject", "wait", NULL};

#define AT(member) offsetof(struct lc_policy, member)
#define WORD(name, member, w, about)                                                                                   \
    {                                                                                                                  \
        name, AT(member), LC_NUMBER, 1, 1e9, true, false, 1, w, about                                                  \
    }
#define TIME(name, member, def, about)                                                                                 \
    {                                                                                                                  \
        name, AT(member), LC_TIME, 0, 1e300, false, false, def, NULL, about                                            \
    }

const struct lci_policy_field lci_policy_table[] = {
    {"timeout", AT(timeout), LC_TIME, 0, INFINITY, false, true, INFINITY, NULL,
     "an attempt is given up when it has taken so long, waiting for a token included"},
    WORD("errors", errors, errors, "what an error of a call makes of the caller's own answer: pass makes it an error"),
    {"retries.max", AT(retries_max), LC_NUMBER, 0, INFINITY, true, false, NAN, NULL, "attempts after the first one"},
    TIME("retries.backoff", backoff, 0, "the pause before the first retry"),
    {"retries.factor", AT(factor), LC_NUMBER, 1, 1e6, false, false, 2, NULL,
     "by which each pause is longer than the one before; 2 unless given"},
    WORD("retries.jitter", jitter, jitters,
         "what chance makes of the pause p: none p, full 0 to p, equal p/2 to p, exponential with mean p"),
    {"retries.cap", AT(cap), LC_TIME, 0, INFINITY, false, true, INFINITY, NULL, "the longest pause"},
    {"retries.budget", AT(budget), LC_FRACTION, 0, INFINITY, false, false, INFINITY, NULL,
     "tokens that each request earns; a retry spends one"},
    WORD("retries.on", retry_on, reasons, "what is tried again"),
    {"breaker.window", AT(breaker_window), LC_TIME, 0, 1e300, false, true, NAN, NULL,
     "the time over which attempts are counted"},
    {"breaker.failure_ratio", AT(breaker_ratio), LC_FRACTION, 0, 1, false, true, 0.5, NULL,
     "the part of failed attempts at which the breaker opens; 50 % unless given"},
    {"breaker.minimum", AT(breaker_minimum), LC_NUMBER, 1, 1e9, true, false, 10, NULL,
     "attempts that must have ended in the window; 10 unless given"},
    {"breaker.open_time", AT(breaker_open), LC_TIME, 0, 1e300, false, true, NAN, NULL,
     "how long attempts fail at once"},
    {"breaker.probes", AT(breaker_probes), LC_NUMBER, 1, 1e9, true, false, 1, NULL,
     "attempts that a half-open breaker lets pass; 1 unless given"},
    {"bulkhead", AT(bulkhead), LC_NUMBER, 1, INFINITY, true, false, INFINITY, NULL,
     "attempts under way at a time, of each replica of the caller; one more is an error"},
    {"rate_limit.rate", AT(limit_rate), LC_RATE, 0, 1e300, false, true, NAN, NULL, "tokens per time"},
    {"rate_limit.burst", AT(limit_burst), LC_NUMBER, 1, 1e9, false, false, 1, NULL,
     "tokens that the bucket holds; 1 unless given"},
    WORD("rate_limit.overflow", limit_overflow, overflows,
         "what happens without a token: an error, or waiting for the next one"),
    {"shed.queue_length", AT(shed_length), LC_NUMBER, 0, INFINITY, true, false, INFINITY, NULL,
     "an error when no thread is idle and so many requests wait; 0: nobody waits"},
    {"shed.age", AT(shed_age), LC_TIME, 0, INFINITY, false, true, INFINITY, NULL,
     "what has waited for so long is taken out of the queue with an error"},
    {"hedge.after", AT(hedge_after), LC_TIME, 0, 1e300, false, false, NAN, NULL,
     "the time without an answer after which a copy is sent"},
    {"hedge.max", AT(hedge_max), LC_NUMBER, 0, 100, true, false, 1, NULL, "copies at the most; 1 unless given"},
    WORD("hedge.losers", hedge_losers, losers,
         "whether copies that are no longer needed are served all the same, or cancelled while they wait"),
    {"cache.hit_ratio", AT(hit_ratio), LC_FRACTION, 0, 1, false, false, NAN, NULL,
     "the part of the requests that is answered without a call"},
    TIME("cache.hit_time", hit_time, 0, "how long that takes"),
    {0},
};

const struct lci_policy_field *lci_policy_find(const char *name)
{
    for (const struct lci_policy_field *f = lci_policy_table; f->name != NULL; f++)
        if (strcmp(f->name, name) == 0)
            return f;
    return NULL;
}

/* The tables reach every enumeration as the unsigned integer that it is kept in. */
_Static_assert(sizeof(enum lci_errors) == sizeof(unsigned) && sizeof(enum lci_jitter) == sizeof(unsigned) &&
                   sizeof(enum lci_retry_on) == sizeof(unsigned) && sizeof(enum lci_losers) == sizeof(unsigned) &&
                   sizeof(enum lci_limit_overflow) == sizeof(unsigned),
               "enumerations without negative members are unsigned");

double lci_policy_get(const struct lc_policy *policy, const struct lci_policy_field *field)
{
    const void *at = (const char *)policy + field->offset;
    if (field->words == NULL)
        return *(const double *)at;
    const unsigned word = *(const unsigned *)at;
    return word > 0 ? (double)word : NAN;
}

void lci_policy_set(struct lc_policy *policy, const struct lci_policy_field *field, double value)
{
    void *at = (char *)policy + field->offset;
    assert(isnan(value) || lci_policy_fits(field, value));
    if (field->words == NULL)
        *(double *)at = value;
    else
        *(unsigned *)at = isnan(value) ? 0 : (unsigned)value;
}

double lci_policy_word(const struct lci_policy_field *field, const char *word)
{
    for (int i = 0; field->words != NULL && field->words[i] != NULL; i++)
        if (strcmp(field->words[i], word) == 0)
            return i + 1;
    return NAN;
}

static double most_of(const struct lci_policy_field *f)
{
    double count = 0;
    while (f->words != NULL && f->words[(size_t)count] != NULL)
        count++;
    return f->words != NULL ? count : f->maximum;
}

bool lci_policy_fits(const struct lci_policy_field *f, double value)
{
    return value >= f->minimum && value <= most_of(f) && (!f->open || value > f->minimum) &&
           (!f->whole || isinf(value) || value == floor(value));
}

char *lci_policy_expected(const struct lci_policy_field *f)
{
    static const char *const things[] = {"number", "time", "rate", "fraction", "growth"};
    if (f->words == NULL) {
        char *most = isinf(f->maximum)    ? lc_strdup(", or infinite")
                     : f->maximum < 1e300 ? lc_format(", at the most %g", f->maximum)
                                          : lc_strdup("");
        char *text = lc_format("a %s%s %s %g%s", f->whole ? "whole " : "", things[f->dimension],
                               f->open ? "above" : "from", f->minimum, most);
        free(most);
        return text;
    }
    struct lci_buffer text = {0};
    for (size_t i = 0; f->words[i] != NULL; i++)
        lci_buffer_add(&text, "%s%s", i > 0 ? ", " : "one of ", f->words[i]);
    return lci_buffer_take(&text);
}

struct lc_policy lci_policy_none(int from)
{
    struct lc_policy none = {.from = from, .place = LC_NOWHERE};
    for (const struct lci_policy_field *f = lci_policy_table; f->name != NULL; f++)
        lci_policy_set(&none, f, NAN);
    return none;
}

static const struct lc_policy *find(const struct lc_task *t, int from)
{
    for (size_t i = 0; i < t->policy_count; i++)
        if (t->policies[i].from == from)
            return &t->policies[i];
    return NULL;
}

struct lc_policy *lci_policies_of(struct lc_model *model, int task, int from, bool make)
{
    struct lc_task *t = &model->tasks[task];
    const struct lc_policy *found = find(t, from);
    if (found != NULL)
        return &t->policies[found - t->policies];
    if (!make)
        return NULL;
    t->policies = lc_realloc(t->policies, t->policy_count + 1, sizeof *t->policies);
    t->policies[t->policy_count] = lci_policy_none(from);
    return &t->policies[t->policy_count++];
}

/* ---- between two tasks ------------------------------------------------------------------------------------------- */

/* What a pool's name begins with, and what the rest of it names. */
static int pool_side(const struct lc_model *m, int pool, bool target)
{
    const char *sign = strchr(m->tasks[pool].name, '>');
    if (sign == NULL)
        return LC_NONE;
    for (size_t i = 0; i < m->task_count; i++) {
        if (!lci_is_pool_of(m, pool, (int)i))
            continue;
        return target ? lc_find_task(m, m->tasks[pool].name + strlen(m->tasks[i].name) + 1) : (int)i;
    }
    return LC_NONE;
}

int lci_policy_target(const struct lc_model *model, int from, int to)
{
    if (pool_side(model, from, false) != LC_NONE)
        return LC_NONE;
    return pool_side(model, to, false) == from ? pool_side(model, to, true) : to;
}

/* "retries" of "retries.max": as long as names are of one group. */
static bool same_group(const struct lci_policy_field *a, const struct lci_policy_field *b)
{
    const size_t length = strcspn(a->name, ".");
    return a == b || (a->name[length] == '.' && strncmp(a->name, b->name, length + 1) == 0);
}

bool lci_policy_between(const struct lc_model *model, int from, int to, struct lc_policy *merged)
{
    const int target = lci_policy_target(model, from, to);
    *merged = lci_policy_none(from);
    if (target == LC_NONE || model->tasks[target].policy_count == 0)
        return false;
    const struct lc_policy *own = find(&model->tasks[target], from), *every = find(&model->tasks[target], LC_NONE);
    bool any = false;
    for (const struct lci_policy_field *f = lci_policy_table; f->name != NULL; f++) {
        double value = own != NULL ? lci_policy_get(own, f) : NAN;
        if (isnan(value) && every != NULL)
            value = lci_policy_get(every, f);
        lci_policy_set(merged, f, value);
        any |= !isnan(value);
    }
    merged->place = own != NULL ? own->place : every != NULL ? every->place : merged->place;
    const struct lc_policy set = *merged;
    for (const struct lci_policy_field *f = lci_policy_table; f->name != NULL; f++) {
        bool group = false;
        for (const struct lci_policy_field *g = lci_policy_table; g->name != NULL; g++)
            group |= same_group(f, g) && !isnan(lci_policy_get(&set, g));
        if (group && isnan(lci_policy_get(&set, f)))
            lci_policy_set(merged, f, f->standard);
    }
    return any;
}

enum { SOME_CALLS = 1, SOME_WAITED_FOR = 2 };

bool lci_policy_limits(const struct lc_model *model, int task, int from)
{
    const struct lc_policy *own = find(&model->tasks[task], from);
    return own != NULL && !isnan(own->limit_rate);
}

static void mark_calls(const struct lc_model *m, const struct lc_activity *a, char *row)
{
    for (size_t i = 0; i < a->call_count; i++)
        if (a->calls[i].mean > 0)
            row[m->entries[a->calls[i].entry].task] |=
                a->calls[i].kind == LC_CALL_SYNC ? SOME_CALLS | SOME_WAITED_FOR : SOME_CALLS;
}

bool lci_policy_admits(const struct lc_policy *p)
{
    return !isnan(p->limit_rate) || !isnan(p->shed_length) || !isnan(p->shed_age);
}

struct lci_policy_pair *lci_policy_pairs(const struct lc_model *m, size_t *count)
{
    struct lci_policy_pair *pairs = NULL;
    size_t capacity = 0;
    bool any = false;
    *count = 0;
    for (size_t i = 0; i < m->task_count; i++)
        any |= m->tasks[i].policy_count > 0;
    char *row = lc_calloc(m->task_count + 1, sizeof *row);
    for (size_t i = 0; any && i < m->task_count; i++) {
        const struct lc_task *t = &m->tasks[i];
        memset(row, 0, m->task_count);
        for (size_t e = 0; e < t->entry_count; e++)
            for (int k = 0; k < LC_PHASES; k++)
                mark_calls(m, &m->entries[t->entries[e]].phases[k], row);
        for (size_t k = 0; k < t->activity_count; k++)
            mark_calls(m, &t->activities[k], row);
        for (size_t to = 0; to < m->task_count; to++) {
            struct lc_policy merged;
            if (!row[to] || !lci_policy_between(m, (int)i, (int)to, &merged))
                continue;
            LC_GROW(pairs, *count, capacity);
            pairs[(*count)++] = (struct lci_policy_pair){
                (int)i, (int)to, (row[to] & SOME_WAITED_FOR) != 0 || lci_policy_admits(&merged)};
        }
    }
    free(row);
    return pairs;
}

bool lci_model_fails(const struct lc_model *m)
{
    for (size_t i = 0; i < m->task_count; i++)
        if (m->tasks[i].policy_count > 0 || m->tasks[i].decision_count > 0 ||
            (m->tasks[i].queue_length > 0 && m->tasks[i].overflow == LC_OVERFLOW_REJECT))
            return true;
    return false;
}

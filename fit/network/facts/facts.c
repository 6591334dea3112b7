/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the traces tell about the system beside the model's numbers, for people who check or complete a model: how
 * requests arrive, how often calls are repeated, retried or made at the same time, what fails, how often a cache saves
 * a question, and how many threads and connections were used. All of it is about the release that is learned.
 */
#include "network/facts/facts.h"

#include "network/facts/load_bins.h"

#include "base/buffer.h"
#include "base/sort.h"

#include <gsl/gsl_cdf.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FEW_ARRIVALS 10
#define SELDOM       0.02 /* a share below it, or above 1 − it, is no choice between two ways */
#define REJECTED     0.01 /* probability below which numbers of calls are not geometric */
#define LEAST_CELL   5    /* expected visits in a cell of the χ² test (Cochran 1954) */

void lci_say(struct lc_learned *learned, const char *kind, char *subject, char *value, char *evidence)
{
    LC_GROW(learned->facts, learned->fact_count, learned->fact_capacity);
    learned->facts[learned->fact_count++] =
        (struct lc_fact){.kind = kind, .subject = subject, .value = value, .evidence = evidence};
}

void lci_assume(struct lc_learned *learned, char *what, char *value, char *evidence, char *key)
{
    LC_GROW(learned->assumptions, learned->assumption_count, learned->assumption_capacity);
    learned->assumptions[learned->assumption_count++] =
        (struct lc_assumption){.what = what, .value = value, .evidence = evidence, .key = key};
}

void lci_assume_for_good(struct lc_learned *learned, char *what, char *value, char *evidence, char *no_key)
{
    lci_assume(learned, what, value, evidence, lc_strdup(""));
    learned->assumptions[learned->assumption_count - 1].no_key = no_key;
}

static char *name_of(const struct lci_visits *visits, uint32_t index)
{
    const struct lci_operation *operation = &visits->operations[index];
    return lc_format("%s/%s", lci_text(visits, operation->task), lci_text(visits, operation->entry));
}

/* ---- one operation's visits, of all classes ---------------------------------------------------------------------- */

struct executions {
    const struct lci_visit **items;
    const struct lci_call **calls; /* of each visit */
    size_t count, capacity;
    uint64_t seen;
};

static struct executions executions_of(const struct lci_visits *visits, const struct lci_operation *operation)
{
    struct executions executions = {0};
    for (size_t c = 0; c < visits->class_count; c++) {
        const struct lci_variant *variant = &operation->variants[c];
        executions.seen += variant->seen;
        for (size_t v = 0; v < variant->visit_count; v++) {
            if (executions.count == executions.capacity) {
                executions.capacity = executions.capacity ? 2 * executions.capacity : 64;
                executions.items = lc_realloc(executions.items, executions.capacity, sizeof *executions.items);
                executions.calls = lc_realloc(executions.calls, executions.capacity, sizeof *executions.calls);
            }
            executions.items[executions.count] = &variant->visits[v];
            executions.calls[executions.count++] = lci_calls_of(variant, &variant->visits[v]);
        }
    }
    return executions;
}

/* A call, and the number of its visit among the visits of the operation. */
struct asked {
    uint32_t callee;
    size_t visit;
    const struct lci_call *call;
};

struct pair { /* the calls of one operation to another one, visit by visit */
    uint32_t caller, callee;
    const struct executions *executions; /* all of the caller */
    const struct asked *calls;
    size_t count;
};

static int by_callee(const void *a, const void *b)
{
    const struct asked *x = a, *y = b;
    if (x->callee != y->callee)
        return x->callee < y->callee ? -1 : 1;
    if (x->visit != y->visit)
        return x->visit < y->visit ? -1 : 1;
    return (x->call > y->call) - (x->call < y->call); /* of one visit: by time */
}

/* Every call of the visits, the callees one after the other. */
static struct asked *calls_of(const struct executions *executions, size_t *count)
{
    struct asked *calls = NULL;
    size_t capacity = 0;
    *count = 0;
    for (size_t v = 0; v < executions->count; v++)
        for (uint32_t i = 0; i < executions->items[v]->call_count; i++) {
            const struct lci_call *call = &executions->calls[v][i];
            LC_GROW(calls, *count, capacity);
            calls[(*count)++] = (struct asked){call->operation, v, call};
        }
    if (*count > 1)
        qsort(calls, *count, sizeof *calls, by_callee);
    return calls;
}

static struct pair *pairs_of(uint32_t caller, const struct executions *executions, const struct asked *calls,
                             size_t count, size_t *pair_count)
{
    struct pair *pairs = NULL;
    size_t capacity = 0;
    *pair_count = 0;
    for (size_t first = 0, next; first < count; first = next) {
        for (next = first; next < count && calls[next].callee == calls[first].callee; next++)
            ;
        LC_GROW(pairs, *pair_count, capacity);
        pairs[(*pair_count)++] = (struct pair){caller, calls[first].callee, executions, calls + first, next - first};
    }
    return pairs;
}

static char *pair_text(const struct lci_visits *visits, const struct pair *pair, const char *between)
{
    char *caller = name_of(visits, pair->caller), *called = name_of(visits, pair->callee);
    char *text = lc_format("%s %s %s", caller, between, called);
    free(caller);
    free(called);
    return text;
}

/* ---- arrivals ---------------------------------------------------------------------------------------------------- */

/* When the operation's requests of a stretch began: of `count` sorted times from `from` on, so many. */
static size_t starts_within(const int64_t *starts, size_t from, size_t count, const struct lci_stretch *stretch)
{
    size_t to = from;
    while (to < count && starts[to] <= stretch->end)
        to++;
    return to - from;
}

/* Rate and variation of one recording. Adds to the texts, which are the caller's. */
static void tell_stretch(const int64_t *starts, size_t count, double kept, bool several, char **value, char **evidence)
{
    const double seconds = (double)(starts[count - 1] - starts[0]) * 1e-9, mean = seconds / (double)(count - 1);
    double squares = 0;
    for (size_t i = 1; i < count; i++)
        squares += pow((double)(starts[i] - starts[i - 1]) * 1e-9 - mean, 2);
    const double scv = squares / (double)(count - 2) / (mean * mean);
    char *variation = kept < 1  ? lc_format(", of a sample of %zu", count)
                      : several ? lc_format(", %.2g", scv)
                                : lc_format(", squared coefficient of variation of the gaps %.2g%s", scv,
                                            scv > 0.7 && scv < 1.4 ? ", about that of a Poisson process" : "");
    char *rate = lc_format("%s%s%.3g/s", *value, **value ? ", " : "", 1 / mean / kept);
    char *told =
        lc_format("%s%s%zu requests in %.3g s%s", *evidence, **evidence ? "; " : "", count, seconds, variation);
    free(variation);
    free(*value);
    free(*evidence);
    *value = rate;
    *evidence = told;
}

/* Of each recording, not over the pauses between them. */
static void tell_arrivals(const struct lci_visits *visits, uint32_t index, const struct executions *executions,
                          const struct lci_stretch *stretches, size_t stretch_count, struct lc_learned *learned)
{
    enum { SHOWN = 12 };
    int64_t *starts = lc_alloc((executions->count + 1) * sizeof *starts);
    char *value = lc_strdup(""), *evidence = lc_strdup("");
    size_t count = 0, shown = 0, more = 0;
    double requests = 0, lost = 0; /* that these stand for; of whose traces nothing but the arrival counts */
    for (size_t c = 0; c < visits->class_count; c++) {
        const struct lci_variant *variant = &visits->operations[index].variants[c];
        lost += (double)variant->lost_roots;
        for (size_t v = 0; v < variant->visit_count; v++)
            if (variant->visits[v].root) {
                starts[count++] = variant->visits[v].start;
                requests += lci_requests_each(visits, variant);
            }
    }
    lci_sort_int64(starts, count);
    const double kept = (double)count / requests;
    for (size_t s = 0, from = 0; s < stretch_count; s++) {
        while (from < count && starts[from] < stretches[s].begin)
            from++;
        const size_t here = starts_within(starts, from, count, &stretches[s]);
        if (here >= FEW_ARRIVALS && starts[from + here - 1] > starts[from]) {
            more += shown >= SHOWN;
            if (shown++ < SHOWN)
                tell_stretch(starts + from, here, kept, stretch_count > 1, &value, &evidence);
        }
        from += here;
    }
    if (shown > 0)
        lci_say(learned, "arrivals", name_of(visits, index),
                more > 0 ? lc_format("%s and %zu more", value, more) : lc_strdup(value),
                shown > 1  ? lc_format("%zu recordings, at rates of their own or with pauses between, with the squared "
                                        "coefficient of variation of "
                                        "the gaps: %s",
                                       shown, evidence)
                : lost > 0 ? lc_format("%s, those whose traces lost no spans; %.0f did", evidence, lost)
                           : lc_strdup(evidence));
    free(value);
    free(evidence);
    free(starts);
}

/* ---- numbers of calls -------------------------------------------------------------------------------------------- */

struct numbers { /* how many visits made how many calls to one operation */
    uint32_t least, most;
    double mean;
    uint64_t *visits; /* [number] */
};

static void count_visit(struct numbers *n, uint32_t number)
{
    n->least = number < n->least ? number : n->least;
    n->most = number > n->most ? number : n->most;
    n->mean += (double)number;
    n->visits[number]++;
}

/* Of the visits that call at all, and those that do not. */
static struct numbers count_calls(const struct pair *pair)
{
    struct numbers n = {.least = UINT32_MAX, .visits = lc_calloc(pair->count + 1, sizeof *n.visits)};
    size_t calling = 0;
    for (size_t first = 0, next; first < pair->count; first = next, calling++) {
        for (next = first; next < pair->count && pair->calls[next].visit == pair->calls[first].visit; next++)
            ;
        count_visit(&n, (uint32_t)(next - first));
    }
    if (calling < pair->executions->count) {
        count_visit(&n, 0);
        n.visits[0] = pair->executions->count - calling;
    }
    n.mean /= (double)pair->executions->count;
    return n;
}

/* χ² test of P(least + k) = (1 − p) p^k with the estimated p; neighbouring cells are joined until enough is expected in
 * each. False also when there are too few cells to tell. */
static bool is_geometric(const struct numbers *n, size_t executions)
{
    const double above = n->mean - n->least, p = above / (1 + above);
    double statistic = 0, expected = 0, seen = 0, left = (double)executions;
    size_t cells = 0;
    for (uint32_t k = n->least; k <= n->most; k++) {
        const double here = (double)executions * (1 - p) * pow(p, k - n->least);
        expected += here;
        left -= here;
        seen += (double)n->visits[k];
        if (k == n->most || left < LEAST_CELL) { /* all the rest */
            expected += left;
            for (k++; k <= n->most; k++)
                seen += (double)n->visits[k];
        } else if (expected < LEAST_CELL) {
            continue;
        }
        statistic += (seen - expected) * (seen - expected) / expected;
        cells++;
        expected = seen = 0;
    }
    return cells > 2 && gsl_cdf_chisq_Q(statistic, (double)cells - 2) >= REJECTED;
}

static void tell_repetition(const struct lci_visits *visits, const struct pair *pair, struct lc_learned *learned)
{
    const size_t executions = pair->executions->count;
    const struct numbers n = count_calls(pair);
    if (n.most > 1) {
        char *how = n.least == n.most ? lc_format("always %" PRIu32, n.least)
                    : is_geometric(&n, executions)
                        ? lc_format("%.3g on the average, geometrically distributed from %" PRIu32, n.mean, n.least)
                        : lc_format("%.3g on the average, %" PRIu32 "…%" PRIu32, n.mean, n.least, n.most);
        lci_say(learned, "repeated calls", pair_text(visits, pair, "→"), how, lc_format("%zu visits", executions));
    }
    free(n.visits);
}

/* Calls of the callee that were sent after one of the same visit had failed. */
static void tell_retries(const struct lci_visits *visits, const struct pair *pair, struct lc_learned *learned)
{
    size_t failed = 0, retried = 0;
    double before = INFINITY; /* when one had failed */
    for (size_t i = 0; i < pair->count; i++) {
        const struct lci_call *call = pair->calls[i].call;
        if (i > 0 && pair->calls[i].visit != pair->calls[i - 1].visit)
            before = INFINITY;
        retried += call->sent >= before;
        before = call->failed ? call->answered : INFINITY;
        failed += call->failed;
    }
    if (retried > 0)
        lci_say(learned, "retries", pair_text(visits, pair, "→"),
                lc_format("%.3g %% of the calls", 100 * (double)retried / (double)pair->count),
                lc_format("%zu of %zu calls failed, %zu of these were followed by another one", failed, pair->count,
                          retried));
}

/* Calls that the callee's spans know nothing of, and those whose caller did not wait for the callee's end. */
static void tell_failures(const struct lci_visits *visits, const struct pair *pair, struct lc_learned *learned)
{
    size_t refused = 0, given_up = 0;
    double least = INFINITY, most = 0;
    for (size_t i = 0; i < pair->count; i++) {
        const struct lci_call *call = pair->calls[i].call;
        refused += call->refused;
        if (call->refused || !call->failed || call->forget || call->outside >= 0)
            continue;
        given_up++;
        least = fmin(least, call->answered - call->sent);
        most = fmax(most, call->answered - call->sent);
    }
    char *called = name_of(visits, pair->callee);
    if (refused > 0)
        lci_say(learned, "refused calls", pair_text(visits, pair, "→"),
                lc_format("%.3g %% of the calls", 100 * (double)refused / (double)pair->count),
                lc_format("%zu of %zu calls failed and have no span of %s", refused, pair->count,
                          lci_text(visits, visits->operations[pair->callee].task)));
    if (given_up > 0)
        lci_say(learned, "given up", pair_text(visits, pair, "→"),
                most - least <= 0.01 * most ? lc_format("after %.3g ms", most * 1e3)
                                            : lc_format("after %.3g…%.3g ms", least * 1e3, most * 1e3),
                lc_format("%zu of %zu calls failed before %s had ended", given_up, pair->count, called));
    free(called);
}

static void tell_forwarding(const struct lci_visits *visits, const struct pair *pair, struct lc_learned *learned)
{
    size_t forwarded = 0;
    for (size_t i = 0; i < pair->count; i++)
        forwarded += pair->calls[i].call->forwarded;
    if (forwarded == 0)
        return;
    char *called = name_of(visits, pair->callee);
    lci_say(learned, "forwarding", pair_text(visits, pair, "→"),
            lc_format("%.3g %%", 100 * (double)forwarded / (double)pair->executions->count),
            lc_format("%zu of %zu visits ended before their callers had an answer, which came at the end of %s",
                      forwarded, pair->executions->count, called));
    free(called);
}

/* ---- forks ------------------------------------------------------------------------------------------------------- */

static void tell_forks(const struct lci_visits *visits, uint32_t index, const struct executions *executions,
                       struct lc_learned *learned)
{
    long least = LONG_MAX, most = 0;
    double sum = 0;
    for (size_t v = 0; v < executions->count; v++) {
        const long width = lci_width_of(executions->items[v], executions->calls[v]);
        least = width < least ? width : least;
        most = width > most ? width : most;
        sum += (double)width;
    }
    if (most > 1)
        lci_say(learned, "calls at a time", name_of(visits, index),
                least == most ? lc_format("%ld", most)
                              : lc_format("%ld…%ld, %.3g on the average", least, most, sum / (double)executions->count),
                lc_format("%zu visits", executions->count));
}

/* ---- errors and caches ------------------------------------------------------------------------------------------- */

static void tell_errors(const struct lci_visits *visits, uint32_t index, const struct executions *executions,
                        struct lc_learned *learned)
{
    size_t failed = 0;
    double failed_time = 0, good_time = 0;
    for (size_t v = 0; v < executions->count; v++) {
        failed += executions->items[v]->error;
        *(executions->items[v]->error ? &failed_time : &good_time) += executions->items[v]->duration;
    }
    if (failed == 0)
        return;
    char *others = failed < executions->count
                       ? lc_format(", the others %.3g ms", good_time / (double)(executions->count - failed) * 1e3)
                       : lc_strdup("");
    lci_say(learned, "errors", name_of(visits, index),
            lc_format("%.3g %%", 100 * (double)failed / (double)executions->count),
            lc_format("%zu of %zu visits; these took %.3g ms%s", failed, executions->count,
                      failed_time / (double)failed * 1e3, others));
    free(others);
}

static size_t executions_with(const struct pair *pair)
{
    size_t with = 0;
    for (size_t i = 0; i < pair->count; i++)
        with += i == 0 || pair->calls[i].visit != pair->calls[i - 1].visit;
    return with;
}

/* A cache is asked nearly always, a database in the other cases only. */
static void tell_cache(const struct lci_visits *visits, const struct pair *pairs, size_t count,
                       struct lc_learned *learned)
{
    bool cached = false;
    for (size_t i = 0; i < count; i++)
        cached |= visits->operations[pairs[i].callee].class_ == LC_CLASS_CACHE &&
                  (double)executions_with(&pairs[i]) > (1 - SELDOM) * (double)pairs[i].executions->count;
    for (size_t i = 0; i < count && cached; i++) {
        const size_t with = executions_with(&pairs[i]), all = pairs[i].executions->count;
        const double share = (double)with / (double)all;
        if (visits->operations[pairs[i].callee].class_ != LC_CLASS_DATABASE || share < SELDOM || share > 1 - SELDOM)
            continue;
        char *called = name_of(visits, pairs[i].callee);
        lci_say(learned, "cache hits", pair_text(visits, &pairs[i], "instead of"),
                lc_format("%.3g %%", 100 * (1 - share)),
                lc_format("%zu of %zu visits, which all asked a cache, asked %s too", with, all, called));
        free(called);
    }
}

/* A cache that says itself whether it had the answer. */
static void tell_answers(const struct lci_visits *visits, const struct pair *pair, struct lc_learned *learned)
{
    size_t hits = 0, misses = 0;
    for (size_t i = 0; i < pair->count; i++) {
        hits += pair->calls[i].call->hit;
        misses += pair->calls[i].call->miss;
    }
    if (hits + misses > 0)
        lci_say(learned, "cache hits", pair_text(visits, pair, "→"),
                lc_format("%.3g %%", 100 * (double)hits / (double)(hits + misses)),
                lc_format(LCI_CACHE_HIT " of %zu of %zu calls", hits + misses, pair->count));
}

/* ---- pools ------------------------------------------------------------------------------------------------------- */

/* Takes the subject. */
static void tell_pool(const struct lci_peak *peak, struct lc_seen_pool pool, char *subject, const char *kind,
                      struct lc_learned *learned)
{
    LC_GROW(learned->pools, learned->pool_count, learned->pool_capacity);
    learned->pools[learned->pool_count++] = pool;
    if (peak->most < 2) {
        free(subject);
        return;
    }
    char *seen = peak->instants > 0 ? lc_format("seen at %zu instants, one in %.3g s, ", peak->instants, peak->apart)
                                    : lc_strdup("");
    lci_say(learned, kind, subject, lc_format(pool.limit ? "%ld, which looks like a limit" : "at most %ld", peak->most),
            lc_format("%s%.3g %% of the busy time at %ld, %.3g %% at %ld, at one instance", seen,
                      100 * peak->at_most / peak->busy, peak->most, 100 * peak->one_less / peak->busy, peak->most - 1));
    free(seen);
}

static void tell_threads(const struct lci_visits *visits, const struct lci_task *task,
                         const struct lci_stretch *stretches, size_t count, struct lc_learned *learned)
{
    struct lci_uses uses = lci_threads_used(visits, task);
    const struct lci_peak peak = lci_peak_within(visits, &uses, NULL);
    const struct lc_seen_pool pool = {
        .service = lc_strdup(lci_text(visits, task->name)),
        .most = peak.most,
        .limit = peak.most > 1 && lci_peak_is_limit(visits, &uses, stretches, count),
    };
    tell_pool(&peak, pool, lc_strdup(pool.service), "requests at a time", learned);
    free(uses.items);
}

static void tell_instances(const struct lci_visits *visits, const struct lci_task *task, struct lc_learned *learned)
{
    if (task->instance_count < 2)
        return;
    const struct lci_alive alive = lci_alive_of(visits, task);
    lci_say(learned, "instances", lc_strdup(lci_text(visits, task->name)),
            alive.least < alive.most ? lc_format("%zu to %zu at a time", alive.least, alive.most)
                                     : lc_format("%zu at a time", alive.most),
            lc_format("%zu in all; %zu or more for %.3g %% of the time, each from its first request to its last",
                      task->instance_count, alive.most, 100 * alive.share));
}

/* Calls of one service to external servers: connections. */
static void tell_connections(const struct lci_visits *visits, const struct lci_task *task,
                             const struct lci_stretch *stretches, size_t count, struct lc_learned *learned)
{
    struct lci_uses *servers = lci_connections_used(visits, task);
    for (const struct lci_uses *uses = servers; uses->server != 0; uses++) {
        const struct lci_peak peak = lci_peak_within(visits, uses, NULL);
        const struct lc_seen_pool pool = {
            .service = lc_strdup(lci_text(visits, task->name)),
            .server = lc_strdup(lci_text(visits, uses->server)),
            .most = peak.most,
            .limit = peak.most > 1 && lci_peak_is_limit(visits, uses, stretches, count),
        };
        tell_pool(&peak, pool, lc_format("%s>%s", pool.service, pool.server), "connections", learned);
    }
    free(servers->items);
    free(servers);
}

/* ---- the whole --------------------------------------------------------------------------------------------------- */

/* One of the messages stands for all of a batch: the others' senders call nobody. */
static void tell_batches(const struct lci_visits *visits, uint32_t index, struct lc_learned *learned)
{
    const struct lci_operation *operation = &visits->operations[index];
    uint64_t jobs = 0, batches = 0, messages = 0;
    for (size_t c = 0; c < visits->class_count; c++) {
        jobs += operation->variants[c].seen;
        batches += operation->variants[c].batches;
        messages += operation->variants[c].messages;
    }
    if (batches == 0)
        return;
    const uint64_t all = jobs - batches + messages;
    const double size = (double)all / (double)jobs;
    char *name = name_of(visits, index);
    char *evidence = lc_format("%" PRIu64 " messages in %" PRIu64 " jobs, by the links of their spans", all, jobs);
    lci_say(learned, "batches", lc_strdup(name), lc_format("%.3g messages in a job", size), lc_strdup(evidence));
    lci_assume_for_good(learned, lc_format("each message starts a job of %s by chance", name),
                        lc_format("with probability %.3g", 1 / size), evidence,
                        lc_strdup("a model starts jobs one by one"));
    free(name);
}

static char *names_of(const struct lci_visits *visits, const uint32_t *operations, size_t count)
{
    struct lci_buffer parts = {0};
    for (size_t i = 0; i < count; i++) {
        char *name = name_of(visits, operations[i]);
        lci_buffer_join(&parts, ", ", "%s", name);
        free(name);
    }
    return lci_buffer_take(&parts);
}

char *lci_join_callers(const struct lci_visits *visits, const struct lci_join_found *join)
{
    return names_of(visits, join->callers, join->caller_count);
}

char *lci_join_callees(const struct lci_visits *visits, const struct lci_join_found *join)
{
    return names_of(visits, join->callees, join->callee_count);
}

static void tell_joins(const struct lci_visits *visits, struct lc_learned *learned)
{
    size_t count;
    struct lci_join_found *joins = lci_joins_of(visits, &count);
    for (size_t i = 0; i < count; i++) {
        struct lci_join_found *join = &joins[i];
        char *callers = lci_join_callers(visits, join), *callees = lci_join_callees(visits, join);
        char *number =
            join->fewest == join->most ? lc_format("%zu", join->most) : lc_format("%zu…%zu", join->fewest, join->most);
        lci_say(learned, "joins", lc_format("%s → %s", callers, callees),
                lc_format("one of %s requests makes the call, when the others have ended", number),
                lc_format("in %" PRIu64 " of %" PRIu64 " traces the last one did, and no other", join->by_last,
                          join->traces));
        free(number);
        free(callers);
        free(callees);
        lci_join_free(join);
    }
    free(joins);
}

static void tell_operation(const struct lci_visits *visits, uint32_t o, const struct lci_stretch *stretches,
                           size_t stretch_count, struct lc_learned *learned)
{
    struct executions executions = executions_of(visits, &visits->operations[o]);
    size_t call_count, count;
    struct asked *calls = calls_of(&executions, &call_count);
    struct pair *pairs = pairs_of(o, &executions, calls, call_count, &count);
    tell_arrivals(visits, o, &executions, stretches, stretch_count, learned);
    for (size_t i = 0; i < count; i++) {
        tell_repetition(visits, &pairs[i], learned);
        tell_retries(visits, &pairs[i], learned);
        tell_failures(visits, &pairs[i], learned);
        tell_forwarding(visits, &pairs[i], learned);
        tell_answers(visits, &pairs[i], learned);
    }
    tell_forks(visits, o, &executions, learned);
    tell_cache(visits, pairs, count, learned);
    tell_errors(visits, o, &executions, learned);
    tell_batches(visits, o, learned);
    free(pairs);
    free(calls);
    free(executions.items);
    free(executions.calls);
}

static void tell_facts(const struct lci_visits *visits, const struct lci_stretch *stretches, size_t stretch_count,
                       struct lc_learned *learned)
{
    lci_tell_sampling(visits, learned);
    lci_tell_starts(visits, learned);
    for (uint32_t o = 0; o < visits->operation_count; o++)
        tell_operation(visits, o, stretches, stretch_count, learned);
    tell_joins(visits, learned);
    for (size_t t = 0; t < visits->task_count; t++) {
        if (visits->tasks[t].external)
            continue;
        tell_threads(visits, &visits->tasks[t], stretches, stretch_count, learned);
        tell_instances(visits, &visits->tasks[t], learned);
        tell_connections(visits, &visits->tasks[t], stretches, stretch_count, learned);
    }
}

void lci_facts_free(struct lc_learned *learned)
{
    for (size_t i = 0; i < learned->fact_count; i++) {
        free(learned->facts[i].subject);
        free(learned->facts[i].value);
        free(learned->facts[i].evidence);
    }
    free(learned->facts);
    for (size_t i = 0; i < learned->arrival_count; i++) {
        free(learned->arrivals[i].operation);
        free(learned->arrivals[i].pattern);
    }
    free(learned->arrivals);
    for (size_t i = 0; i < learned->pool_count; i++) {
        free(learned->pools[i].service);
        free(learned->pools[i].server);
    }
    free(learned->pools);
    lci_load_bins_free(&learned->bins);
    lc_measured_free(&learned->measured);
}

void lci_tell_all(const struct lci_visits *executions, struct lc_learned *learned)
{
    size_t count;
    struct lci_stretch *stretches = lci_stretches_of(executions, &count);
    tell_facts(executions, stretches, count, learned);
    lci_tell_recordings(executions, stretches, count, learned);
    learned->bins = lci_load_bins_of(executions, stretches, count);
    free(stretches);
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Steps → patterns. A pattern's signature names its steps and the operations they call: of calls that are waited for
 * one by one, of sends which operations but not how often, since their number is a distribution of its own.
 *
 * When the numbers of calls one after the other vary so much that most patterns are rare, such calls are gathered to
 * runs, whose number is then a distribution as well.
 */
#include "network/patterns/timeline.h"

#include <stdlib.h>
#include <string.h>

#define FEW_COVERED 0.8 /* frequent patterns should cover at least this share of the visits */
#define MANY_KEPT   12  /* more branches are too many if runs can do with fewer */
#define MOST_KEPT   40  /* patterns of one entry, whatever their share */
#define LONGEST     256 /* tokens that the edit distance looks at */

static void free_pattern(struct lci_pattern *pattern)
{
    for (size_t s = 0; s < pattern->step_count; s++) {
        struct lci_pattern_step *step = &pattern->steps[s];
        for (size_t i = 0; i < step->call_count; i++)
            lci_samples_free(&step->calls[i].offset);
        for (size_t i = 0; i < step->count_count; i++) {
            free(step->counts[i].numbers);
            free(step->counts[i].traces.items);
        }
        lci_samples_free(&step->inner);
        lci_samples_free(&step->took);
        free(step->calls);
        free(step->counts);
    }
    for (size_t s = 0; s <= pattern->step_count; s++)
        lci_samples_free(&pattern->segments[s]);
    free(pattern->segments);
    free(pattern->traces.items);
    free(pattern->steps);
    free(pattern->signature.items);
}

void lci_patterns_free(struct lci_patterns *patterns)
{
    for (size_t i = 0; i < patterns->count; i++)
        free_pattern(&patterns->items[i]);
    free(patterns->items);
    free(patterns->pooling.used);
    *patterns = (struct lci_patterns){0};
}

/* ---- signatures -------------------------------------------------------------------------------------------------- */

static void add_pattern(struct lci_patterns *patterns, const struct lci_timeline *timeline,
                        const struct lci_tokens *tokens)
{
    LC_GROW(patterns->items, patterns->count, patterns->capacity);
    struct lci_pattern *pattern = &patterns->items[patterns->count++];
    *pattern = (struct lci_pattern){.step_count = timeline->step_count};
    for (size_t t = 0; t < tokens->count; t++)
        lci_token_add(&pattern->signature, tokens->items[t]);
    pattern->steps = lc_calloc(timeline->step_count, sizeof *pattern->steps);
    pattern->segments = lc_calloc(timeline->step_count + 1, sizeof *pattern->segments);
    size_t t = 0;
    for (size_t s = 0; s < timeline->step_count; s++) {
        struct lci_pattern_step *step = &pattern->steps[s];
        step->kind = timeline->steps[s].kind;
        const size_t first = ++t;
        while (t < tokens->count && (tokens->items[t] & LCI_STEP_TOKEN) == 0)
            t++;
        step->call_count = t - first;
        step->calls = lc_calloc(step->call_count, sizeof *step->calls);
        for (size_t i = 0; i < step->call_count; i++)
            step->calls[i].operation = tokens->items[first + i];
    }
}

/* ---- samples ----------------------------------------------------------------------------------------------------- */

/* Adds a visit's numbers of calls; the list stays sorted. */
static void count_numbers(struct lci_pattern_step *step, const uint32_t *numbers, uint32_t trace)
{
    size_t low = 0;
    for (; low < step->count_count; low++) {
        int order = 0;
        for (size_t i = 0; i < step->call_count && order == 0; i++)
            order = (step->counts[low].numbers[i] > numbers[i]) - (step->counts[low].numbers[i] < numbers[i]);
        if (order == 0) {
            step->counts[low].visits++;
            lci_traces_add(&step->counts[low].traces, trace);
            return;
        }
        if (order > 0)
            break;
    }
    LC_GROW(step->counts, step->count_count, step->count_capacity);
    memmove(step->counts + low + 1, step->counts + low, (step->count_count - low) * sizeof *step->counts);
    step->count_count++;
    step->counts[low] = (struct lci_counts){.visits = 1};
    lci_traces_add(&step->counts[low].traces, trace);
    step->counts[low].numbers = lc_alloc(step->call_count * sizeof *numbers);
    memcpy(step->counts[low].numbers, numbers, step->call_count * sizeof *numbers);
}

static void add_step_samples(struct lci_pattern_step *step, const struct lci_timeline *timeline,
                             const struct lci_step *seen, const struct lci_visit *visit)
{
    const bool counted = step->kind != LCI_STEP_CALLS, timed = visit->fit;
    const uint32_t trace = (uint32_t)visit->trace;
    uint32_t *numbers = counted ? lc_calloc(step->call_count, sizeof *numbers) : NULL;
    size_t position = 0;
    for (size_t i = 0; i < seen->count; i++) {
        const struct lci_call *call = &timeline->calls[seen->first + i];
        if (i > 0 && (!counted || call[-1].operation != call->operation))
            position++;
        if (counted)
            numbers[position]++;
        else if (timed)
            lci_samples_add(&step->calls[position].offset, call->sent - seen->begin, trace);
    }
    if (counted)
        count_numbers(step, numbers, trace);
    free(numbers);
    if (timed && step->kind == LCI_STEP_RUN)
        lci_samples_add(&step->inner, seen->inner, trace);
    if (timed)
        lci_samples_add(&step->took, seen->end - seen->begin, trace);
}

static void add_visit(struct lci_pattern *pattern, const struct lci_timeline *timeline, const struct lci_visit *visit)
{
    const bool timed = visit->fit;
    pattern->visits++;
    lci_traces_add(&pattern->traces, (uint32_t)visit->trace);
    pattern->own++;
    pattern->timed += timed;
    pattern->self_visits += timed;
    for (size_t s = 0; s < pattern->step_count; s++)
        add_step_samples(&pattern->steps[s], timeline, &timeline->steps[s], visit);
    for (size_t s = 0; timed && s <= pattern->step_count; s++) {
        lci_samples_add(&pattern->segments[s], timeline->segments[s], (uint32_t)visit->trace);
        pattern->self += timeline->segments[s];
        if (s < pattern->step_count)
            pattern->self += timeline->steps[s].inner;
    }
}

static int most_frequent_first(const void *a, const void *b)
{
    const struct lci_pattern *x = a, *y = b;
    if (x->own != y->own)
        return x->own > y->own ? -1 : 1;
    const struct lci_tokens *s = &x->signature, *t = &y->signature;
    for (size_t i = 0; i < s->count && i < t->count; i++)
        if (s->items[i] != t->items[i])
            return s->items[i] < t->items[i] ? -1 : 1;
    return (s->count > t->count) - (s->count < t->count);
}

void lci_patterns_see(const struct lci_variant *variants, const bool *member, size_t class_count,
                      const struct lci_readings *readings, struct lci_patterns *patterns)
{
    struct lci_timeline timeline = {0};
    struct lci_tokens tokens = {0};
    struct lci_table table = {0}; /* by signature */
    const uint64_t last = lci_common_traces(variants, member, class_count);
    for (size_t i = 0; i < patterns->count; i++)
        lci_table_add(&table, lci_tokens_hash(&patterns->items[i].signature), i);
    for (size_t c = 0; c < class_count; c++) {
        const struct lci_variant *variant = &variants[c];
        patterns->seen += member[c] ? variant->seen : 0;
        for (size_t v = 0; member[c] && v < variant->visit_count; v++) {
            if (variant->visits[v].trace > last)
                continue;
            lci_timeline_make(variant, &variant->visits[v], readings, patterns->runs, &timeline);
            lci_timeline_sign(&timeline, &tokens);
            const uint32_t hash = lci_tokens_hash(&tokens);
            uint32_t at;
            LCI_TABLE_FIND(&table, hash, at, lci_tokens_equal(&patterns->items[at].signature, &tokens));
            if (at == LCI_ABSENT) {
                at = (uint32_t)patterns->count;
                lci_table_add(&table, hash, at);
                add_pattern(patterns, &timeline, &tokens);
            }
            add_visit(&patterns->items[at], &timeline, &variant->visits[v]);
            patterns->visits++;
        }
    }
    lci_table_free(&table);
    free(tokens.items);
    lci_timeline_free(&timeline);
    if (patterns->count > 1)
        qsort(patterns->items, patterns->count, sizeof *patterns->items, most_frequent_first);
}

/* ---- rare ones --------------------------------------------------------------------------------------------------- */

/* Levenshtein's distance of two signatures (their first tokens, where they are very long). */
static size_t distance(const struct lci_pattern *a, const struct lci_pattern *b)
{
    const size_t n = a->signature.count < LONGEST ? a->signature.count : LONGEST;
    const size_t m = b->signature.count < LONGEST ? b->signature.count : LONGEST;
    size_t row[LONGEST + 1];
    for (size_t j = 0; j <= m; j++)
        row[j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            const size_t above = row[j];
            size_t best = diagonal + (a->signature.items[i - 1] != b->signature.items[j - 1]);
            if (above + 1 < best)
                best = above + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
            diagonal = above;
        }
    }
    return row[m];
}

/* The first `kept` patterns take in the visits of the others: their number, and their self time, so that the mean over
 * all visits stays what it was. What the rare ones called is not called in the model. */
static void merge(struct lci_patterns *patterns, size_t kept)
{
    for (size_t i = kept; i < patterns->count; i++) {
        struct lci_pattern *rare = &patterns->items[i];
        size_t nearest = 0;
        for (size_t k = 1; k < kept; k++)
            if (distance(rare, &patterns->items[k]) < distance(rare, &patterns->items[nearest]))
                nearest = k;
        patterns->items[nearest].visits += rare->visits;
        patterns->items[nearest].self += rare->self;
        patterns->items[nearest].self_visits += rare->self_visits;
        for (size_t t = 0; t < rare->traces.count; t++)
            lci_traces_add(&patterns->items[nearest].traces, rare->traces.items[t]);
        patterns->merged_visits += rare->visits;
        patterns->merged_kinds++;
        free_pattern(rare);
    }
    patterns->count = kept;
}

/* How many patterns are frequent, and which share of the visits they cover. */
static size_t frequent(const struct lci_patterns *patterns, double rare, double *covered)
{
    size_t kept = 0;
    uint64_t visits = 0;
    while (kept < patterns->count && kept < MOST_KEPT &&
           (double)patterns->items[kept].own >= rare * (double)patterns->visits)
        visits += patterns->items[kept++].own;
    *covered = patterns->visits > 0 ? (double)visits / (double)patterns->visits : 1;
    return kept;
}

void lci_patterns_gather(const struct lci_visits *visits, const struct lci_operation *operation, const bool *member,
                         const struct lci_readings *readings, struct lci_patterns *patterns)
{
    *patterns = (struct lci_patterns){0};
    lci_patterns_see(operation->variants, member, visits->class_count, readings, patterns);
    double covered = 1;
    size_t kept = frequent(patterns, visits->options.rare, &covered);
    /* Of few visits each has its own pattern as soon as numbers vary: one or two of a kind are no branch. */
    const bool sparse = covered < FEW_COVERED || (patterns->count > 2 && 2 * patterns->count > patterns->visits);
    if (sparse || kept > MANY_KEPT) {
        struct lci_patterns runs = {.runs = true};
        lci_patterns_see(operation->variants, member, visits->class_count, readings, &runs);
        if (runs.count < patterns->count) {
            lci_patterns_free(patterns);
            *patterns = runs;
            kept = frequent(patterns, visits->options.rare, &covered);
        } else {
            lci_patterns_free(&runs);
        }
    }
    if (kept == 0 && patterns->count > 0)
        kept = patterns->count < MOST_KEPT ? patterns->count : MOST_KEPT;
    merge(patterns, kept);
    lci_pool_patterns(visits, operation, member, readings, patterns);
}

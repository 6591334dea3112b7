/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Traces of several releases. What one release does is learned of its own traces; how long it takes may be told by
 * others as well: where a pattern of calls is the same in another release, and a Kolmogorov–Smirnov test does not tell
 * the times at one of its places apart, those of both are taken. Each release is compared with the learned one alone,
 * so that the result does not depend on their order.
 */
#include "learner.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define APART 0.01 /* below this, a test tells two releases apart */
#define SHOWN 12   /* names in a message */

/* ---- which release ----------------------------------------------------------------------------------------------- */

/* That of the activity's run in which the tree began; else what the root's span says; "" when neither is known. */
static const char *release_name(const struct lc_learner *learner, const struct lc_tree *tree)
{
    const struct lc_activity_runs *runs = learner->options.activities;
    const int64_t time = tree->nodes[0].start;
    for (size_t i = 0; runs != NULL && i < runs->count; i++)
        if (*runs->runs[i].release != 0 && time >= runs->runs[i].start && time <= runs->runs[i].end)
            return runs->runs[i].release;
    const lc_symbol version = tree->trace->spans[tree->nodes[0].span].release;
    return version != 0 ? lci_text(learner, version) : "";
}

size_t lci_release_find(struct lc_learner *learner, const char *name, lc_symbol service)
{
    for (size_t i = 0; i < learner->release_count; i++)
        if (learner->releases[i].service == service && strcmp(learner->releases[i].name, name) == 0)
            return i;
    LC_GROW(learner->releases, learner->release_count, learner->release_capacity);
    learner->releases[learner->release_count] = (struct lci_release){.name = lc_strdup(name), .service = service};
    return learner->release_count++;
}

size_t lci_release_of(struct lc_learner *learner, const struct lc_tree *tree)
{
    const char *asked = learner->options.release, *name = release_name(learner, tree);
    if (asked != NULL && strcmp(asked, name) == 0)
        return LCI_THIS_RELEASE;
    if (*name == 0) {
        learner->left_out += asked != NULL;
        return asked != NULL ? LCI_LEFT_OUT : LCI_THIS_RELEASE;
    }
    const size_t release = lci_release_find(learner, name, asked != NULL ? 0 : tree->nodes[0].task);
    learner->releases[release].trees++;
    if (asked == NULL)
        return LCI_THIS_RELEASE;
    /* Waiting can be taken out of the traces of one deployment only. */
    return learner->options.load == LC_LOAD_MEASURED ? LCI_LEFT_OUT : release;
}

/* The names of the releases of a service, separated by commas. */
static char *names_of(const struct lc_learner *learner, lc_symbol service, size_t *count)
{
    char *text = lc_strdup("");
    *count = 0;
    for (size_t i = 0; i < learner->release_count; i++) {
        if (learner->releases[i].service != service || (*count)++ > SHOWN)
            continue;
        char *longer = lc_format("%s%s%s", text, *text ? ", " : "", *count > SHOWN ? "…" : learner->releases[i].name);
        free(text);
        text = longer;
    }
    return text;
}

/* Services whose traces are of several releases, although none was asked for. */
static void warn_of_mixture(const struct lc_learner *learner, struct lc_diag *diag)
{
    for (size_t i = 0; i < learner->release_count; i++) {
        const lc_symbol service = learner->releases[i].service;
        bool first = true;
        for (size_t k = 0; k < i; k++)
            first &= learner->releases[k].service != service;
        size_t count = 0;
        char *names = names_of(learner, service, &count);
        if (first && count > 1)
            lc_warn(diag, NULL,
                    "the traces that begin with '%s' are of the releases %s, and are taken for one; name the one to "
                    "learn (release: under traces, or --release), and the others give their times only",
                    lci_text(learner, service), names);
        free(names);
    }
}

int lci_releases_check(const struct lc_learner *learner, struct lc_diag *diag)
{
    const char *asked = learner->options.release;
    if (asked == NULL) {
        warn_of_mixture(learner, diag);
        return 0;
    }
    size_t count = 0;
    char *names = names_of(learner, 0, &count);
    const bool none = learner->trees == 0;
    if (none)
        lc_error(diag, LC_INPUT, NULL, "no trace is of the release '%s'; %s%s", asked,
                 count > 0 ? "there are " : "the traces name none (service.version of a root's span)", names);
    else if (learner->left_out > 0)
        lc_note(diag, NULL, "%" PRIu64 " traces that name no release are left out", learner->left_out);
    if (!none && count > 0 && learner->options.load == LC_LOAD_MEASURED)
        lc_note(diag, NULL,
                "traces of the releases %s are left out: under load, times of other releases hold other waiting",
                names);
    free(names);
    return none ? -1 : 0;
}

/* ---- times ------------------------------------------------------------------------------------------------------- */

void lci_pool_samples(const struct lc_learner *learner, size_t release, struct lci_samples *own,
                      const struct lci_samples *other, struct lci_pooling *pooling)
{
    if (own->count - own->others == 0 || other->count == 0)
        return;
    if (pooling->used == NULL) {
        pooling->used = lc_calloc(learner->release_count, sizeof *pooling->used);
        pooling->least = 1;
    }
    pooling->comparisons++;
    const double probability = lci_samples_alike(own, other);
    if (probability < APART)
        return;
    pooling->alike++;
    pooling->least = fmin(pooling->least, probability);
    pooling->used[release] = true;
    for (size_t i = 0; i < other->count; i++)
        lci_samples_add(own, other->values[i], other->traces[i]);
    own->others += other->count;
    own->others_sum += other->sum;
    pooling->most = own->count > pooling->most ? own->count : pooling->most;
}

static struct lci_pattern *same_pattern(const struct lci_patterns *patterns, const struct lci_pattern *pattern)
{
    for (size_t i = 0; i < patterns->count; i++)
        if (lci_tokens_equal(&patterns->items[i].signature, &pattern->signature))
            return &patterns->items[i];
    return NULL;
}

void lci_pool_patterns(const struct lc_learner *learner, const struct lci_operation *operation, const bool *member,
                       const struct lci_readings *readings, struct lci_patterns *patterns)
{
    for (size_t r = 0; r < operation->elsewhere_count; r++) {
        struct lci_patterns others = {.runs = patterns->runs};
        if (operation->elsewhere[r] == NULL)
            continue;
        lci_patterns_see(operation->elsewhere[r], member, learner->class_count, readings, &others);
        for (size_t i = 0; i < patterns->count; i++) {
            struct lci_pattern *own = &patterns->items[i];
            const struct lci_pattern *other = same_pattern(&others, own);
            for (size_t s = 0; other != NULL && s <= own->step_count; s++)
                lci_pool_samples(learner, r, &own->segments[s], &other->segments[s], &patterns->pooling);
        }
        lci_patterns_free(&others);
    }
}

/* ---- what is said ------------------------------------------------------------------------------------------------ */

void lci_pooling_add(const struct lc_learner *learner, struct lci_pooling *sum, const struct lci_pooling *one)
{
    if (one->comparisons == 0)
        return;
    if (sum->used == NULL)
        sum->used = lc_calloc(learner->release_count, sizeof *sum->used);
    sum->least = sum->comparisons > 0 ? fmin(sum->least, one->least) : one->least;
    sum->comparisons += one->comparisons;
    sum->alike += one->alike;
    sum->most = one->most > sum->most ? one->most : sum->most;
    for (size_t r = 0; r < learner->release_count; r++)
        sum->used[r] |= one->used[r];
}

void lci_assume_pooling(const struct lc_learner *learner, struct lc_learned *learned, const struct lci_pooling *pooling)
{
    if (pooling->comparisons == 0)
        return;
    if (pooling->alike == 0) {
        lci_assume(learned, lc_format("times of release %s", learner->options.release), lc_strdup("not pooled"),
                   lc_format("Kolmogorov–Smirnov tells those of other releases apart (p < %g) in all %zu comparisons",
                             APART, pooling->comparisons),
                   lc_strdup("traces.release"));
        return;
    }
    char *names = lc_strdup(learner->options.release);
    for (size_t r = 0; r < learner->release_count; r++) {
        char *longer =
            lc_format("%s%s%s", names, pooling->used[r] ? ", " : "", pooling->used[r] ? learner->releases[r].name : "");
        free(names);
        names = longer;
    }
    lci_assume(learned, lc_format("times of releases %s", names),
               lc_format("pooled in %zu of %zu comparisons, up to %zu samples at a place", pooling->alike,
                         pooling->comparisons, pooling->most),
               lc_format("there Kolmogorov–Smirnov does not tell them apart (p ≥ %.2g)", pooling->least),
               lc_strdup("traces.release"));
    free(names);
}

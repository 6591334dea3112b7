/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "interlock.h"

#include "loadcast/base.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_CHAINS = 200 }; /* of more each has a small part in anything */

static bool waits_for_it(const struct lcs_network *n, const struct lcs_root *root, int step)
{
    return lcs_is_source_chain(n, root->chain) ||
           (root->thread != LCS_AFTER && (step < 0 || n->steps[step].phase == 1));
}

/* Of each link the visits and the work before the reply. */
static void find_parts(struct lcs_network *n)
{
    for (size_t i = 0; i < n->link_count; i++)
        n->links[i].visits_before = n->links[i].work_before = 0;
    for (size_t i = 0; i < n->use_count; i++) {
        const struct lcs_use *u = &n->uses[i];
        const struct lcs_root *root = &n->roots[u->root];
        const struct lcs_step_info *step = &n->steps[u->step];
        if (u->link < 0 || !waits_for_it(n, root, u->step))
            continue;
        const double slices = root->rate * u->visits * step->slices;
        n->links[u->link].visits_before += slices * step->turns;
        n->links[u->link].work_before += slices * step->slice.mean;
    }
    for (size_t i = 0; i < n->arc_count; i++) {
        const struct lcs_arc *a = &n->arcs[i];
        const struct lcs_root *root = &n->roots[a->root];
        if (a->link < 0 || a->async || !waits_for_it(n, root, a->step))
            continue;
        n->links[a->link].visits_before += root->rate * a->visits;
        n->links[a->link].work_before += root->rate * a->visits * n->entries[a->entry].total.mean;
    }
    for (size_t i = 0; i < n->link_count; i++) {
        struct lcs_link *l = &n->links[i];
        const double all = l->rate * n->stations[l->station].copies;
        l->visits_before = all > 0 ? fmin(1, l->visits_before / all) : 0;
        l->work_before = all * l->service > 0 ? fmin(1, l->work_before / (all * l->service)) : 0;
    }
}

/* The parts of a chain's runs that a call of another one makes; `waits`: of them those that are made before a reply. */
static void find_calls(const struct lcs_network *n, double *calls, double *waits)
{
    const size_t chains = n->chain_count;
    for (size_t i = 0; i < n->arc_count; i++) {
        const struct lcs_arc *a = &n->arcs[i];
        const struct lcs_root *root = &n->roots[a->root];
        const int after = n->entries[a->entry].after;
        if (after != LC_NONE && !a->async && !n->chains[root->chain].open) /* what comes behind the reply to it */
            calls[(size_t)n->roots[after].chain * chains + (size_t)root->chain] += root->rate * a->visits;
        if (a->link < 0 || a->async || n->chains[root->chain].open)
            continue;
        const size_t at = (size_t)n->task_chain[n->model->entries[a->entry].task] * chains + (size_t)root->chain;
        calls[at] += root->rate * a->visits;
        waits[at] += waits_for_it(n, root, a->step) ? root->rate * a->visits : 0;
    }
    for (size_t b = 0; b < chains; b++)
        for (size_t a = 0; a < chains; a++) {
            const double all = n->chains[b].rate;
            calls[b * chains + a] = all > 0 ? fmin(1, calls[b * chains + a] / all) : 0;
            waits[b * chains + a] = all > 0 ? fmin(1, waits[b * chains + a] / all) : 0;
        }
    for (size_t i = 0; i < n->root_count; i++) { /* branches work for their main thread */
        const struct lcs_chain *c = &n->chains[n->roots[i].chain];
        if (n->roots[i].thread > 0 && !c->open && n->task_chain[c->task] != LC_NONE) {
            const size_t at = (size_t)n->roots[i].chain * chains + (size_t)n->task_chain[c->task];
            calls[at] = waits[at] = 1;
        }
    }
}

/* Who comes to a station while somebody else waits for it there is there in place of that one. */
static void find_alone(struct lcs_network *n, const struct lcs_station *s, const double *calls, const double *waits,
                       double *instead)
{
    const size_t chains = n->chain_count;
    memset(instead, 0, chains * sizeof *instead);
    for (size_t i = 0; i < n->root_count; i++) { /* callers first: how much of a chain is for one that comes here */
        const size_t b = (size_t)n->roots[i].chain;
        double sum = 0;
        for (size_t x = 0; x < chains; x++) {
            bool here = false;
            for (size_t k = 0; k < n->chains[x].link_count && calls[b * chains + x] > 0; k++)
                here |= &n->stations[n->links[n->chains[x].links[k]].station] == s;
            sum += here ? calls[b * chains + x] : waits[b * chains + x] * instead[x];
        }
        instead[b] = fmin(1, sum);
    }
    for (size_t i = 0; i < s->link_count; i++) {
        struct lcs_link *l = &n->links[s->links[i]];
        l->alone = n->chains[l->chain].open ? 1 : 1 - l->work_before * instead[l->chain];
    }
}

void lcs_interlock_find(struct lcs_network *n)
{
    const size_t chains = n->chain_count;
    if (chains > MOST_CHAINS)
        return;
    find_parts(n);
    if (n->works_for == NULL)
        n->works_for = lc_calloc(chains * chains, sizeof *n->works_for);
    double *calls = lc_calloc(chains * chains, sizeof *calls), *waits = lc_calloc(chains * chains, sizeof *waits);
    memset(n->works_for, 0, chains * chains * sizeof *n->works_for);
    find_calls(n, calls, waits);
    for (size_t i = 0; i < n->root_count; i++) { /* callers first */
        const size_t b = (size_t)n->roots[i].chain;
        for (size_t x = 0; x < chains; x++) {
            double sum = calls[b * chains + x];
            for (size_t a = 0; a < chains; a++)
                sum += waits[b * chains + a] * n->works_for[a * chains + x];
            n->works_for[b * chains + x] = fmin(1, sum);
        }
    }
    double *instead = lc_calloc(chains, sizeof *instead);
    for (size_t s = 0; s < n->station_count; s++)
        find_alone(n, &n->stations[s], calls, waits, instead);
    free(calls);
    free(waits);
    free(instead);
}

struct lcs_interlocked lcs_interlocked(const struct lcs_network *n, const struct lcs_link *arrives,
                                       const struct lcs_link *found)
{
    struct lcs_interlocked parts = {0};
    const size_t chains = n->chain_count, a = (size_t)arrives->chain, b = (size_t)found->chain;
    if (n->works_for == NULL || a == b || n->chains[a].open || n->chains[b].open)
        return parts;
    for (size_t x = 0; x < chains; x++) {
        const double one = x == a ? 1 : arrives->visits_before * n->works_for[a * chains + x];
        const double other = x == b ? 1 : n->works_for[b * chains + x];
        if (!(one * other > 0))
            continue;
        const double same = one * other / (n->chains[x].population * n->chains[x].replicas);
        parts.waiting = fmax(parts.waiting, same * (x == b ? 1 : found->visits_before));
        parts.serving = fmax(parts.serving, same * (x == b ? 1 : found->work_before));
    }
    parts.waiting = fmin(1, parts.waiting);
    parts.serving = fmin(1, parts.serving);
    return parts;
}

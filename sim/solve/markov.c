/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The chain's probabilities by Gauss and Seidel's iteration, and what follows from them by Little's law: how many are
 * in a line in the mean, divided by how many come.
 */
#include "markov.h"

#include "loadcast/base.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SWEEPS = 2000, EVERY = 10 };
#define SETTLED 1e-13 /* the sum of the changes of all probabilities */

/* ---- probabilities ----------------------------------------------------------------------------------------------- */

/* Transitions by the state that they lead to. */
struct incoming {
    size_t *first;
    int *from;
    double *rate, *leaves; /* leaves: per state, the rate of all that lead elsewhere */
};

static struct incoming incoming_of(const struct lcs_markov *m)
{
    struct incoming in = {.first = lc_calloc(m->state_count + 2, sizeof *in.first),
                          .from = lc_calloc(m->transition_count + 1, sizeof *in.from),
                          .rate = lc_calloc(m->transition_count + 1, sizeof *in.rate),
                          .leaves = lc_calloc(m->state_count, sizeof *in.leaves)};
    for (size_t i = 0; i < m->transition_count; i++)
        in.first[m->transitions[i].to + 2] += m->transitions[i].from != m->transitions[i].to;
    for (size_t s = 0; s < m->state_count; s++)
        in.first[s + 2] += in.first[s + 1];
    for (size_t i = 0; i < m->transition_count; i++) {
        const struct lcs_transition t = m->transitions[i];
        if (t.from == t.to)
            continue;
        const size_t at = in.first[t.to + 1]++;
        in.from[at] = t.from;
        in.rate[at] = t.rate;
        in.leaves[t.from] += t.rate;
    }
    return in;
}

static void incoming_free(struct incoming *in)
{
    free(in->first);
    free(in->from);
    free(in->rate);
    free(in->leaves);
}

/* Makes so much of each change. Returns the sum of all changes, once probabilities add up to 1. */
static double sweep(const struct lcs_markov *m, const struct incoming *in, double underway, double *p)
{
    double sum = 0, change = 0;
    for (size_t s = 0; s < m->state_count; s++) {
        double comes = 0;
        for (size_t i = in->first[s]; i < in->first[s + 1]; i++)
            comes += p[in->from[i]] * in->rate[i];
        const double now = in->leaves[s] > 0 ? comes / in->leaves[s] : p[s];
        change += fabs(now - p[s]);
        p[s] += underway * (now - p[s]);
        sum += p[s];
    }
    for (size_t s = 0; s < m->state_count; s++)
        p[s] /= sum;
    return change / sum;
}

/* As far as a sweep went, it goes on as a geometric series whose ratio is that of the last two changes (Aitken). */
static void extrapolate(const struct lcs_markov *m, const double *before, double ratio, double *p)
{
    double sum = 0;
    for (size_t s = 0; s < m->state_count; s++) {
        p[s] = fmax(0, p[s] + (p[s] - before[s]) * ratio / (1 - ratio));
        sum += p[s];
    }
    for (size_t s = 0; s < m->state_count; s++)
        p[s] /= sum;
}

/* Returns the change of the last sweep. */
static double find_probabilities(const struct lcs_markov *m, double *p, unsigned *sweeps)
{
    struct incoming in = incoming_of(m);
    double *before = lc_calloc(m->state_count, sizeof *before), change = 1, last = 1, ago = INFINITY, underway = 1;
    for (size_t s = 0; s < m->state_count; s++)
        p[s] = 1 / (double)m->state_count;
    for (*sweeps = 0; *sweeps < SWEEPS && change > SETTLED; ++*sweeps) {
        const bool now = *sweeps % EVERY == EVERY - 1;
        if (now) {
            memcpy(before, p, m->state_count * sizeof *p);
            underway = change > 0.9 * ago ? 0.5 : underway; /* states that follow each other in a circle go round */
            ago = change;
        }
        last = change;
        change = sweep(m, &in, underway, p);
        if (now && change < last && change > SETTLED)
            extrapolate(m, before, change / last, p);
    }
    free(before);
    incoming_free(&in);
    return change;
}

/* ---- means ------------------------------------------------------------------------------------------------------- */

/* Of those in lines. */
struct means {
    double *waits, *shares; /* per step: for a processor, or at one that is shared */
    double *under_way;      /* per step: all */
    double **calls;         /* per step: per call */
    double **forwards;      /* per entry: per forward */
    double **sent, **delayed;
    double *cycles; /* per task: rate */
};

static struct means means_new(const struct lcs_network *n)
{
    const size_t entries = n->model->entry_count;
    struct means v = {.waits = lc_calloc(n->step_count, sizeof(double)),
                      .shares = lc_calloc(n->step_count, sizeof(double)),
                      .under_way = lc_calloc(n->step_count, sizeof(double)),
                      .calls = lc_calloc(n->step_count, sizeof(double *)),
                      .sent = lc_calloc(n->step_count, sizeof(double *)),
                      .delayed = lc_calloc(n->step_count, sizeof(double *)),
                      .forwards = lc_calloc(entries, sizeof(double *)),
                      .cycles = lc_calloc(n->model->task_count, sizeof(double))};
    for (size_t s = 0; s < n->step_count; s++) {
        const size_t calls = n->steps[s].activity->call_count;
        v.calls[s] = lc_calloc(calls, sizeof(double));
        v.sent[s] = lc_calloc(calls, sizeof(double));
        v.delayed[s] = lc_calloc(calls, sizeof(double));
    }
    for (size_t e = 0; e < entries; e++)
        v.forwards[e] = lc_calloc(n->model->entries[e].forward_count, sizeof(double));
    return v;
}

static void means_free(const struct lcs_network *n, struct means *v)
{
    for (size_t s = 0; s < n->step_count; s++) {
        free(v->calls[s]);
        free(v->sent[s]);
        free(v->delayed[s]);
    }
    for (size_t e = 0; e < n->model->entry_count; e++)
        free(v->forwards[e]);
    free(v->waits);
    free(v->shares);
    free(v->under_way);
    free(v->calls);
    free(v->sent);
    free(v->delayed);
    free(v->forwards);
    free(v->cycles);
}

static void add_state(const struct lcs_markov *m, size_t state, double p, struct means *v)
{
    const int *item = m->items + m->first[state];
    for (size_t place = 0; place < m->places; place++) {
        const double servers = lcs_markov_servers(m, place);
        const bool shares = lcs_markov_shares(m, place);
        const int count = *item++;
        for (int i = 0; i < count; i++) {
            const struct lcs_node *node = &m->nodes[*item];
            for (int of = *item++; of != LC_NONE; of = m->nodes[of].parent)
                if (m->nodes[of].what == LCS_RUNS || m->nodes[of].what == LCS_PAUSES || m->nodes[of].what == LCS_CALLS)
                    v->under_way[m->nodes[of].of] += p;
            if (node->what == LCS_RUNS && shares)
                v->shares[node->of] += p;
            else if (node->what == LCS_RUNS && i >= servers)
                v->waits[node->of] += p;
            else if (node->what == LCS_MESSAGE && node->at == LC_NONE)
                v->calls[m->nodes[node->parent].of][m->nodes[node->parent].which] += p;
            else if (node->what == LCS_MESSAGE)
                v->forwards[node->at][node->which] += p;
        }
    }
}

static void add_up(const struct lcs_markov *m, const double *p, struct means *v)
{
    for (size_t s = 0; s < m->state_count; s++)
        add_state(m, s, p[s], v);
    for (size_t i = 0; i < m->event_count; i++) {
        const struct lcs_event *e = &m->events[i];
        if (e->task != LC_NONE) {
            v->cycles[e->task] += p[e->state] * e->rate;
            continue;
        }
        v->sent[e->step][e->call] += p[e->state] * e->rate;
        v->delayed[e->step][e->call] += e->delayed ? p[e->state] * e->rate : 0;
    }
}

/* ---- the network ------------------------------------------------------------------------------------------------- */

static double ratio(double a, double b)
{
    return b > 0 ? a / b : 0;
}

static void set_waits(struct lcs_network *n, const struct means *v)
{
    for (size_t s = 0; s < n->step_count; s++) {
        struct lcs_step_info *step = &n->steps[s];
        step->takes = ratio(v->under_way[s], step->rate);
        step->waits = ratio(v->waits[s], step->rate * step->slices);
        step->stretch = fmax(1, ratio(v->shares[s], step->rate * step->slices * step->slice.mean));
        for (size_t c = 0; c < step->activity->call_count; c++) {
            step->call_waits[c] = ratio(v->calls[s][c], step->rate * step->activity->calls[c].mean);
            step->call_delayed[c] = ratio(v->delayed[s][c], v->sent[s][c]);
        }
    }
    for (size_t e = 0; e < n->model->entry_count; e++) {
        n->entries[e].overlap = 0;
        for (size_t f = 0; f < n->model->entries[e].forward_count; f++) {
            n->entries[e].forward_waits[f] =
                ratio(v->forwards[e][f], n->entries[e].rate * n->model->entries[e].forwards[f].probability);
            n->entries[e].forward_delayed[f] = 1;
        }
    }
}

/* What steps and calls wait, by the links that their chains wait on. */
static void set_links(struct lcs_network *n)
{
    for (size_t i = 0; i < n->link_count; i++) {
        n->links[i].waits = 0;
        n->links[i].stretch = 1;
    }
    for (size_t i = 0; i < n->use_count; i++) {
        const struct lcs_use *u = &n->uses[i];
        const struct lcs_step_info *step = &n->steps[u->step];
        const double slices = n->roots[u->root].rate * u->visits * step->slices;
        if (u->link < 0)
            continue;
        struct lcs_link *l = &n->links[u->link];
        l->waits += ratio(slices * step->waits, l->rate);
        l->stretch += ratio(slices * step->slice.mean * (step->stretch - 1), l->rate * l->service);
    }
    for (size_t i = 0; i < n->arc_count; i++) {
        const struct lcs_arc *a = &n->arcs[i];
        if (a->link < 0)
            continue;
        const double wait =
            a->step >= 0 ? n->steps[a->step].call_waits[a->call] : n->entries[a->from].forward_waits[a->call];
        n->links[a->link].waits += ratio(n->roots[a->root].rate * a->visits * wait, n->links[a->link].rate);
    }
}

static void set_network(struct lcs_network *n, const struct lcs_markov *m, const double *p)
{
    struct means v = means_new(n);
    add_up(m, p, &v);
    for (size_t i = 0; i < n->chain_count; i++)
        if (lcs_is_source_chain(n, (int)i))
            n->chains[i].rate = v.cycles[n->chains[i].task];
    lcs_network_traffic(n);
    set_waits(n, &v);
    lcs_network_compose(n);
    lcs_network_traffic(n);
    set_links(n);
    means_free(n, &v);
}

bool lcs_markov_solve(struct lcs_network *n, double *residual, unsigned *iterations)
{
    struct lcs_markov *m = lcs_markov_new(n);
    if (m == NULL)
        return false;
    double *p = lc_calloc(m->state_count, sizeof *p);
    const double change = find_probabilities(m, p, iterations);
    const bool settled = change <= SETTLED;
    if (settled) {
        set_network(n, m, p);
        *residual = fmax(change, lcs_network_gap(n));
    }
    free(p);
    lcs_markov_free(m);
    return settled;
}

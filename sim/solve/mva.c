/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Mean value analysis (Reiser & Lavenberg 1980): what an arrival finds is what there is on the average with one
 * customer of its chain less. Where there are few populations below the one at hand, all of them are gone through, and
 * networks with a product form are solved exactly. Elsewhere the Linearizer (Chandy & Neuse 1982, in the form of de
 * Souza e Silva & Muntz 1990): the fractions of a chain's customers at a station change linearly; with many chains not
 * at all (Schweitzer 1979).
 */
#include "mva.h"

#include "interlock.h"
#include "limited.h"
#include "loadcast/base.h"
#include "outcomes.h"
#include "second_phase.h"
#include "station.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SELDOM_AWAY 0.05 /* the least part of the time that customers are taken to be elsewhere */
#define SETTLED     1e-9 /* relative change of a time */
#define NEVER       1e-14
enum {
    MOST_STATES = 60000, /* populations × links that are gone through, where there is a product form; */
    SOME_STATES = 300,   /* elsewhere */
    LINEAR_CHAINS = 24,  /* with more the fractions stay */
    STEPS = 200,
    CROWD = 100000, /* threads of a task; more are not in each other's way that often */
};

/* A link as one copy sees it. */
struct local {
    struct lcs_link *link;
    int chain;                   /* of the component; −1: open */
    double customers, per_cycle; /* at one copy: that can come, visits of each of them in a cycle */
    double waiting, serving;     /* per customer: parts of it */
};

struct work {
    struct lcs_network *n;
    struct lcs_component *c;
    struct local *locals; /* by station */
    size_t count;
    size_t *first; /* per station: its first local */
    int *closed;   /* indices of closed chains in the network */
    size_t closed_count;
    size_t **of; /* per closed chain: its locals */
    size_t *of_count;
    double *rate;                   /* per closed chain: cycles of one customer per time unit */
    double *waiting, *serving;      /* scratch: what is found */
    size_t *row;                    /* per local: its first in `locked` … */
    struct lcs_interlocked *locked; /* … of what it finds of each link of its station */
    bool interlocks;
    bool product_form; /* what an arrival finds does not depend on how fast it comes */
    double close;      /* relative change at which an iteration ends */
    unsigned steps;
};

/* ---- setting up -------------------------------------------------------------------------------------------------- */

static bool has_product_form(const struct work *w)
{
    for (size_t s = 0; s < w->c->station_count; s++) {
        const struct lcs_station *station = &w->n->stations[w->c->stations[s]];
        if (station->kind == LCS_AT_SHARING)
            continue;
        if (station->kind != LCS_AT_FCFS)
            return false;
        for (size_t i = w->first[s]; i < w->first[s + 1]; i++) {
            const struct lcs_link *l = w->locals[i].link;
            if (l->second > 0 || fabs(l->variance - l->service * l->service) > 1e-9 * l->variance)
                return false;
        }
    }
    return true;
}

static void set_up_interlocks(struct work *w)
{
    size_t count = 0;
    if (w->n->works_for == NULL)
        return;
    w->row = lc_calloc(w->count + 1, sizeof *w->row);
    for (size_t s = 0; s < w->c->station_count; s++)
        count += (w->first[s + 1] - w->first[s]) * (w->first[s + 1] - w->first[s]);
    w->locked = lc_calloc(count + 1, sizeof *w->locked);
    count = 0;
    for (size_t s = 0; s < w->c->station_count; s++)
        for (size_t i = w->first[s]; i < w->first[s + 1]; i++) {
            w->row[i] = count;
            for (size_t k = w->first[s]; k < w->first[s + 1]; k++) {
                const struct lcs_interlocked part = lcs_interlocked(w->n, w->locals[i].link, w->locals[k].link);
                w->locked[count++] = part;
                w->interlocks |= part.waiting + part.serving > 0;
            }
        }
}

static void set_up(struct work *w)
{
    struct lcs_network *n = w->n;
    const struct lcs_component *c = w->c;
    int *index = lc_calloc(n->chain_count, sizeof *index);
    size_t links = 0;
    for (size_t s = 0; s < c->station_count; s++)
        links += n->stations[c->stations[s]].link_count;
    w->closed = lc_calloc(c->chain_count, sizeof(int));
    w->of = lc_calloc(c->chain_count, sizeof *w->of);
    w->of_count = lc_calloc(c->chain_count, sizeof *w->of_count);
    w->rate = lc_calloc(c->chain_count, sizeof(double));
    w->locals = lc_calloc(links, sizeof *w->locals);
    w->first = lc_calloc(c->station_count + 1, sizeof *w->first);
    w->waiting = lc_calloc(links, sizeof(double));
    w->serving = lc_calloc(links, sizeof(double));
    for (size_t i = 0; i < c->chain_count; i++) {
        const struct lcs_chain *chain = &n->chains[c->chains[i]];
        index[c->chains[i]] = -1;
        if (chain->open || isinf(chain->away) || !(chain->population > 0))
            continue;
        index[c->chains[i]] = (int)w->closed_count;
        w->of[w->closed_count] = lc_calloc(chain->link_count, sizeof(size_t));
        w->closed[w->closed_count++] = c->chains[i];
    }
    for (size_t s = 0; s < c->station_count; s++) {
        const struct lcs_station *station = &n->stations[c->stations[s]];
        w->first[s] = w->count;
        for (size_t k = 0; k < station->link_count; k++) {
            struct lcs_link *l = &n->links[station->links[k]];
            const struct lcs_chain *chain = &n->chains[l->chain];
            struct local *local = &w->locals[w->count];
            *local = (struct local){.link = l, .chain = index[l->chain]};
            if (local->chain >= 0) {
                local->customers = l->sees;
                local->per_cycle = l->visits * l->share * chain->population * chain->replicas / l->sees;
                w->of[local->chain][w->of_count[local->chain]++] = w->count;
            }
            w->count++;
        }
    }
    w->first[c->station_count] = w->count;
    w->product_form = has_product_form(w);
    set_up_interlocks(w);
    free(index);
}

static void tear_down(struct work *w)
{
    for (size_t i = 0; i < w->closed_count; i++)
        free(w->of[i]);
    void *const arrays[] = {
        w->locals, w->first, w->closed, w->of, w->of_count, w->rate, w->waiting, w->serving, w->row, w->locked,
    };
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        free(arrays[i]);
}

/* The rate at which a customer of the chain comes when it is elsewhere. */
static double returning(const struct lcs_link *l, double rate)
{
    const double elsewhere = rate * l->visits > 0 ? 1 / (rate * l->visits) - l->waits - l->stays : 0;
    return 1 / fmax(elsewhere, 1e-9 * l->service);
}

/* Of a geometric number of visits so many (`again`) follow another one of the same cycle, `soon` after it, with a slice
 * of the chain's delays between them; before the others lies the rest of the time. */
static void find_returns(const struct work *w, const struct lcs_link *l, double *again, double *soon, double *visits)
{
    const struct lcs_chain *c = &w->n->chains[l->chain];
    const double cycles = c->open ? c->rate : 1;
    double all = 0;
    *visits = cycles > 0 ? l->visits / cycles : 0;
    *again = *soon = 0;
    if (!(*visits > 0) || l->once)
        return;
    for (size_t i = 0; i < c->link_count; i++) {
        const struct lcs_link *other = &w->n->links[c->links[i]];
        all += other->visits / cycles * (other->stretch * other->stays + other->waits);
    }
    const double delays = c->open ? 0 : fmax(0, c->busy - c->held);
    /* Calls are a geometric number; of the slices of a step the first is always there. */
    const bool calls = w->n->stations[l->station].task != LC_NONE;
    *again = calls ? *visits / (1 + *visits) : fmax(0, 1 - 1 / *visits);
    *soon = fmax(0, all / *visits - l->waits - l->stays) + delays / (1 + *visits);
}

/* What the second phase of the customer's own last visit leaves in its way: it may come back before that is over. */
static double own_after(const struct work *w, const struct lcs_station *s, const struct lcs_link *l, double rate,
                        double again, double soon, double visits)
{
    if (!(l->second > 0) || s->servers > 1 || !(visits > 0))
        return 0;
    double after = again * l->second * l->second / (l->second + soon);
    if (!w->n->chains[l->chain].open && rate > 0) {
        const double mean = fmax(0, 1 / (rate * visits) - l->waits - l->stays);
        after += (1 - again) * l->second * l->second / (l->second + fmax(0, (mean - again * soon) / (1 - again)));
    }
    return after;
}

/* The customers of closed chains that come to a station besides the one that arrives (NULL: none of them), and the rate
 * at which each comes when it is elsewhere. At several servers those who differ count as so many alike as would be
 * there as many in the mean, with the same variance, if nobody waited: N p = Σ p, N p² = Σ p². `less`: so many of each
 * chain are gone, and behind them their sum. */
static void others_of(const struct work *w, size_t station, const struct local *arrives, const double *less,
                      double *customers, double *calling)
{
    const int own = arrives != NULL ? arrives->chain : -1;
    const struct lcs_interlocked *locked =
        own >= 0 && w->locked != NULL ? w->locked + w->row[arrives - w->locals] : NULL;
    double visits = 0, here = 0, all = 0, rate = 0, work = 0, parts = 0, square = 0, alone = 0;
    for (size_t i = w->first[station]; i < w->first[station + 1]; i++) {
        const struct local *l = &w->locals[i];
        if (l->chain < 0)
            continue;
        const double part = locked != NULL ? 1 - locked[i - w->first[station]].serving : 1;
        const double count = part * fmax(0, l->customers - less[l->chain] - (l->chain == own ? 1 : 0));
        const double stays = l->link->stays / fmax(l->link->service, 1e-300);
        const double each = w->rate[l->chain] * l->per_cycle;
        alone += l->link->alone * fmax(0, l->customers - less[l->chain]);
        const double calls = each / fmax(1 - l->waiting - stays * l->serving, SELDOM_AWAY);
        const double load = calls * l->link->stays, busy = load / (1 + load);
        all += count;
        visits += count * each;
        here += count * (l->waiting + l->serving);
        rate += count * calls;
        work += count * load;
        parts += count * busy;
        square += count * busy * busy;
    }
    const bool several = w->n->stations[w->c->stations[station]].servers > 1;
    *customers = !several ? all : square > 0 ? parts * parts / square : 0;
    /* Threads work for customers, who are not more than there are, and for other threads, which are elsewhere then. */
    *customers = fmin(*customers, fmax(0, fmin(w->n->customers - less[w->closed_count], alone) - (own >= 0 ? 1 : 0)));
    const double part = *customers > 0 ? parts / *customers : 0;
    if (!several)
        *calling = *customers > 0 ? visits / fmax(*customers - here, 0.02 * *customers) : 1e12;
    else
        *calling = part > 0 ? part / fmax(1 - part, SELDOM_AWAY) * rate / work : 1e12;
}

/* How far what comes along a link is that of a limited number of customers, who come the less the more of them are
 * there. Threads of a task that open arrivals keep busy are so many only while they are all busy. */
static double as_customers(const struct lcs_network *n, const struct lcs_link *link)
{
    const struct lcs_chain *c = &n->chains[link->chain];
    const int pool = c->task != LC_NONE ? n->task_station[c->task] : -1;
    double rate = 0, delayed = 0;
    if (pool < 0 || isfinite(n->customers))
        return 1;
    for (size_t i = 0; i < n->stations[pool].link_count; i++) {
        const struct lcs_link *l = &n->links[n->stations[pool].links[i]];
        rate += l->rate;
        delayed += l->rate * l->delayed;
    }
    return rate > 0 ? fmin(1, delayed / rate) : 1;
}

/* Who comes to a station with limited room, those who are turned away included. */
static struct lcs_demand demand_at(const struct work *w, size_t station, const double *less)
{
    const struct lcs_station *s = &w->n->stations[w->c->stations[station]];
    struct lcs_demand d = {0};
    double rate = 0, square = 0, all = 0, closed = 0;
    others_of(w, station, NULL, less, &d.others, &d.calling);
    for (size_t i = w->first[station]; i < w->first[station + 1]; i++) {
        const struct lcs_link *l = w->locals[i].link;
        rate += l->rate;
        all += w->locals[i].chain < 0 ? 0 : l->rate / (1 - s->lost);
        closed += w->locals[i].chain < 0 ? 0 : l->rate / (1 - s->lost) * as_customers(w->n, l);
        d.open += w->locals[i].chain < 0 ? l->rate / (1 - s->lost) : 0;
        d.mean += l->rate * l->service;
        square += l->rate * (l->variance + l->service * l->service);
    }
    d.mean /= rate > 0 ? rate : 1;
    /* Threads that are in each other's way end as the work at what they wait for does. */
    d.cv2 = lcs_is_crowded(s) ? lcs_work_cv2(w->n, s->task)
            : d.mean > 0      ? fmax(0, square / rate / (d.mean * d.mean) - 1)
                              : 1;
    const double few = 0.05; /* so small a part makes no difference */
    closed = closed < few * (d.open + all) ? 0 : closed;
    d.open += all - closed;
    d.others *= all > 0 ? closed / all : 0;
    d.calling = d.others > 0 ? d.calling / (1 - s->lost) : 0;
    return d;
}

static struct lcs_wait limited_wait(const struct work *w, size_t station, const double *less)
{
    const struct lcs_demand d = demand_at(w, station, less);
    const struct lcs_limited found = lcs_limited_queue(&w->n->stations[w->c->stations[station]], &d, NULL);
    return (struct lcs_wait){.waits = found.waits, .stretch = 1, .delayed = found.delayed};
}

static struct lcs_wait wait_of(struct work *w, size_t station, size_t local, double all_busy, const double *less)
{
    const struct lcs_station *s = &w->n->stations[w->c->stations[station]];
    const struct local *own = &w->locals[local];
    if (isfinite(s->room))
        return limited_wait(w, station, less);
    struct lcs_found found = {
        .waiting = w->waiting + w->first[station], .serving = w->serving + w->first[station], .all_busy = all_busy};
    double visits;
    find_returns(w, own->link, &found.again, &found.soon, &visits);
    found.own_after =
        own_after(w, s, own->link, own->chain >= 0 ? w->rate[own->chain] : 0, found.again, found.soon, visits);
    if (own->chain >= 0) {
        found.returning = returning(own->link, w->rate[own->chain]);
    }
    if (s->kind != LCS_AT_SHARING || s->servers > 1) {
        others_of(w, station, own, less, &found.others, &found.calling);
        if (!(found.others > 0) && own->chain >= 0)
            found.calling = found.returning; /* the only customer is the one that comes */
    }
    struct lcs_wait wait = lcs_station_wait(w->n, s, own->link, &found);
    wait.waits += own->chain >= 0 ? s->extra : 0;
    return wait;
}

/* The waits of what is open, which finds what there is on the average. */
static void solve_open(struct work *w)
{
    double *less = lc_calloc(w->closed_count + 1, sizeof *less);
    for (size_t s = 0; s < w->c->station_count; s++)
        for (size_t i = w->first[s]; i < w->first[s + 1]; i++) {
            w->waiting[i] = w->locals[i].customers * w->locals[i].waiting;
            w->serving[i] = w->locals[i].customers * w->locals[i].serving;
        }
    for (size_t s = 0; s < w->c->station_count; s++)
        for (size_t i = w->first[s]; i < w->first[s + 1]; i++) {
            struct lcs_link *l = w->locals[i].link;
            if (w->locals[i].chain >= 0 || !(l->rate > 0))
                continue;
            const struct lcs_wait found = wait_of(w, s, i, NAN, less);
            l->waits = found.waits;
            l->stretch = found.stretch;
            l->delayed = found.delayed;
        }
    free(less);
}

/* The rate of one customer of a chain, and the parts of it that are at its stations. */
static double advance(struct work *w, size_t chain, double underway)
{
    const struct lcs_chain *c = &w->n->chains[w->closed[chain]];
    double cycle = c->away;
    for (size_t k = 0; k < w->of_count[chain]; k++) {
        const struct lcs_link *l = w->locals[w->of[chain][k]].link;
        cycle += l->visits * (l->stretch * l->stays + l->waits);
    }
    const double now = cycle > 0 ? 1 / cycle : 0, before = w->rate[chain];
    const double rate = before + underway * (now - before);
    double change = fabs(now - before) / fmax(now, 1e-300);
    w->rate[chain] = rate;
    for (size_t k = 0; k < w->of_count[chain]; k++) {
        struct local *l = &w->locals[w->of[chain][k]];
        const double visits = rate * l->per_cycle, serving = visits * l->link->service;
        const double waiting = visits * ((l->link->stretch - 1) * l->link->service + l->link->waits);
        change = fmax(change, fabs(waiting - l->waiting) + fabs(serving - l->serving));
        l->waiting += underway * (waiting - l->waiting);
        l->serving += underway * (serving - l->serving);
    }
    return change;
}

/* ---- approximate ------------------------------------------------------------------------------------------------- */

/* A thread and the branches that it waits for are never at work together. */
static bool exclude(const struct work *w, int a, int b)
{
    const struct lcs_network *n = w->n;
    if (a == b)
        return true;
    if (a < 0 || b < 0 || n->chains[w->closed[a]].task != n->chains[w->closed[b]].task)
        return false;
    const int main = n->task_chain[n->chains[w->closed[a]].task];
    return w->closed[a] == main || w->closed[b] == main;
}

/* What an arrival of a closed chain finds when `less` customers are gone already. */
static void find(struct work *w, size_t station, size_t local, const double *less)
{
    const int chain = w->locals[local].chain;
    const struct lcs_interlocked *locked = w->locked != NULL ? w->locked + w->row[local] : NULL;
    const double *waiting = NULL, *serving = NULL;
    /* At several servers those who wait do not change linearly at all. */
    if (chain >= 0 && w->c->change_waiting != NULL && w->n->stations[w->c->stations[station]].servers == 1) {
        waiting = w->c->change_waiting + (size_t)chain * w->count;
        serving = w->c->change_serving + (size_t)chain * w->count;
    }
    for (size_t i = w->first[station]; i < w->first[station + 1]; i++) {
        const struct local *l = &w->locals[i];
        if (l->chain < 0)
            continue;
        const double left = fmax(0, l->customers - less[l->chain] - (exclude(w, l->chain, chain) ? 1 : 0));
        const struct lcs_interlocked part =
            locked != NULL ? locked[i - w->first[station]] : (struct lcs_interlocked){0, 0};
        w->waiting[i] = (1 - part.waiting) * left * fmax(0, l->waiting + (waiting != NULL ? waiting[i] : 0));
        w->serving[i] = (1 - part.serving) * left * fmax(0, l->serving + (serving != NULL ? serving[i] : 0));
    }
}

/* Until nothing changes; `gone` is a chain that has one customer less, or −1. */
static void core(struct work *w, int gone)
{
    double *less = lc_calloc(w->closed_count + 1, sizeof *less);
    if (gone >= 0)
        less[gone] = less[w->closed_count] = 1;
    double change = 1, last = INFINITY, underway = 1;
    for (int step = 0; step < STEPS && change > w->close; step++) {
        change = 0;
        for (size_t s = 0; s < w->c->station_count; s++)
            for (size_t i = w->first[s]; i < w->first[s + 1]; i++) {
                const struct local *l = &w->locals[i];
                if (l->chain < 0 || !(l->link->visits > 0))
                    continue;
                find(w, s, i, less);
                const struct lcs_wait found = wait_of(w, s, i, NAN, less);
                l->link->waits = found.waits;
                l->link->stretch = found.stretch;
                l->link->delayed = found.delayed;
            }
        for (size_t c = 0; c < w->closed_count; c++)
            change = fmax(change, advance(w, c, underway));
        if (change > last * 0.95)
            underway = fmax(0.1, underway * 0.8);
        last = change;
        w->steps++;
    }
    free(less);
}

static void copy_parts(struct work *w, double *waiting, double *serving)
{
    for (size_t i = 0; i < w->count; i++) {
        waiting[i] = w->locals[i].waiting;
        serving[i] = w->locals[i].serving;
    }
}

/* With one customer less of each chain in turn. */
static void find_changes(struct work *w)
{
    double *waiting = lc_calloc(w->count, sizeof *waiting), *serving = lc_calloc(w->count, sizeof *serving);
    double *rate = lc_calloc(w->closed_count + 1, sizeof *rate);
    double *next_waiting = lc_calloc(w->c->changes, sizeof(double));
    double *next_serving = lc_calloc(w->c->changes, sizeof(double));
    copy_parts(w, waiting, serving);
    memcpy(rate, w->rate, w->closed_count * sizeof *rate);
    for (size_t c = 0; c < w->closed_count; c++) {
        core(w, (int)c);
        for (size_t i = 0; i < w->count; i++) {
            const size_t at = c * w->count + i; /* half of it: rounds may turn back and forth */
            next_waiting[at] = (w->c->change_waiting[at] + w->locals[i].waiting - waiting[i]) / 2;
            next_serving[at] = (w->c->change_serving[at] + w->locals[i].serving - serving[i]) / 2;
            w->locals[i].waiting = waiting[i];
            w->locals[i].serving = serving[i];
        }
        memcpy(w->rate, rate, w->closed_count * sizeof *rate);
    }
    free(w->c->change_waiting);
    free(w->c->change_serving);
    w->c->change_waiting = next_waiting;
    w->c->change_serving = next_serving;
    free(waiting);
    free(serving);
    free(rate);
}

/* One round of the Linearizer: the iterations over the layers are rounds enough. */
static void linearize(struct work *w)
{
    const size_t changes = w->closed_count * w->count;
    if (w->closed_count > LINEAR_CHAINS) {
        core(w, -1);
        return;
    }
    if (w->c->changes != changes) {
        free(w->c->change_waiting);
        free(w->c->change_serving);
        w->c->change_waiting = lc_calloc(changes, sizeof(double));
        w->c->change_serving = lc_calloc(changes, sizeof(double));
        w->c->changes = changes;
    }
    core(w, -1);
    find_changes(w);
    core(w, -1);
}

/* ---- all populations --------------------------------------------------------------------------------------------- */

struct states {
    size_t count;
    size_t *stride, *size;     /* per closed chain; size: customers + 1 */
    double *waiting, *serving; /* [state][local]: customers */
    double **few;              /* per station with several servers: [state][number below servers] */
};

/* The populations as the copies see them, if all copies that a chain comes to see the same ones. */
static bool set_up_states(struct work *w, struct states *all)
{
    all->count = 1;
    if (w->interlocks)
        return false;
    for (size_t c = 0; c < w->closed_count; c++) {
        double customers = 0;
        for (size_t k = 0; k < w->of_count[c]; k++) {
            const double here = w->locals[w->of[c][k]].customers;
            if (here != floor(here) || (customers > 0 && here != customers))
                return false;
            customers = here;
        }
        for (size_t b = 0; b < c; b++)
            if (exclude(w, (int)b, (int)c))
                return false;
        all->stride[c] = all->count;
        all->size[c] = (size_t)customers + 1;
        if ((double)all->count * (customers + 1) * (double)(w->count + 1) >
            (w->product_form ? MOST_STATES : SOME_STATES))
            return false;
        all->count *= all->size[c];
    }
    for (size_t s = 0; s < w->c->station_count; s++) {
        const struct lcs_station *station = &w->n->stations[w->c->stations[s]];
        if (!(station->servers > 1))
            continue;
        if ((double)all->count * station->servers > MOST_STATES)
            return false;
        for (size_t i = w->first[s]; i < w->first[s + 1]; i++)
            if (w->locals[i].chain < 0)
                return false; /* with open customers there is no end of the numbers */
    }
    return true;
}

static size_t customers_in(const struct states *all, size_t state, size_t chain)
{
    return state / all->stride[chain] % all->size[chain];
}

/* p(j | n) = Σ λ S(j) p(j − 1 | n − 1) / j; what is left is p(0 | n). */
static void count_few(struct work *w, struct states *all, size_t state, size_t s)
{
    const struct lcs_station *station = &w->n->stations[w->c->stations[s]];
    const size_t m = (size_t)station->servers;
    double *now = all->few[s] + state * m, busy = 0, few = 0;
    for (size_t j = 1; j < m; j++)
        now[j] = 0;
    for (size_t i = w->first[s]; i < w->first[s + 1]; i++) {
        const int c = w->locals[i].chain;
        busy += all->serving[state * w->count + i];
        if (c < 0 || customers_in(all, state, (size_t)c) == 0)
            continue;
        const double *before = all->few[s] + (state - all->stride[c]) * m;
        for (size_t j = 1; j < m; j++)
            now[j] += all->serving[state * w->count + i] * before[j - 1] * lcs_crowding(station, (double)j) / (double)j;
    }
    for (size_t j = 1; j < m; j++) {
        few += now[j];
        busy -= (double)j * now[j] / lcs_crowding(station, (double)j);
    }
    now[0] = fmax(0, 1 - few - busy * lcs_crowding(station, (double)m) / (double)m);
}

static double all_busy(const struct work *w, const struct states *all, size_t state, size_t s)
{
    const double servers = w->n->stations[w->c->stations[s]].servers;
    if (!(servers > 1) || !w->product_form || w->n->stations[w->c->stations[s]].points > 1)
        return NAN;
    double few = 0;
    for (size_t j = 0; j < (size_t)servers; j++)
        few += all->few[s][state * (size_t)servers + j];
    return fmin(1, fmax(0, 1 - few));
}

/* The waits of who is in the state; what they find depends on how fast they come, unless there is a product form. */
static void state_waits(struct work *w, const struct states *all, size_t state, const double *less)
{
    for (size_t s = 0; s < w->c->station_count; s++)
        for (size_t i = w->first[s]; i < w->first[s + 1]; i++) {
            const struct local *l = &w->locals[i];
            if (l->chain < 0 || customers_in(all, state, (size_t)l->chain) == 0 || !(l->link->visits > 0))
                continue;
            const size_t before = state - all->stride[l->chain], size = w->first[s + 1] - w->first[s];
            memcpy(w->waiting + w->first[s], all->waiting + before * w->count + w->first[s], size * sizeof(double));
            memcpy(w->serving + w->first[s], all->serving + before * w->count + w->first[s], size * sizeof(double));
            const struct lcs_wait found = wait_of(w, s, i, all_busy(w, all, before, s), less);
            l->link->waits = found.waits;
            l->link->stretch = found.stretch;
            l->link->delayed = found.delayed;
        }
}

static void solve_state(struct work *w, struct states *all, size_t state)
{
    double change = 1, *less = lc_calloc(w->closed_count + 1, sizeof *less);
    for (size_t c = 0; c < w->closed_count; c++)
        less[w->closed_count] += less[c] = (double)(all->size[c] - 1 - customers_in(all, state, c));
    for (int again = 0; again < 30 && change > 1e-9; again++) {
        state_waits(w, all, state, less);
        change = 0;
        for (size_t c = 0; c < w->closed_count; c++)
            if (customers_in(all, state, c) > 0)
                change = fmax(change, advance(w, c, again < 10 ? 1 : 0.5));
        if (again == 0 && w->product_form)
            break;
        w->steps++;
    }
    for (size_t c = 0; c < w->closed_count; c++)
        for (size_t k = 0; k < w->of_count[c]; k++) {
            const size_t i = w->of[c][k];
            all->waiting[state * w->count + i] = (double)customers_in(all, state, c) * w->locals[i].waiting;
            all->serving[state * w->count + i] = (double)customers_in(all, state, c) * w->locals[i].serving;
        }
    for (size_t s = 0; s < w->c->station_count; s++)
        if (all->few[s] != NULL)
            count_few(w, all, state, s);
    free(less);
}

/* False: too many populations. */
static bool solve_all(struct work *w)
{
    struct states all = {.stride = lc_calloc(w->closed_count + 1, sizeof(size_t)),
                         .size = lc_calloc(w->closed_count + 1, sizeof(size_t)),
                         .few = lc_calloc(w->c->station_count, sizeof(double *))};
    const bool possible = set_up_states(w, &all);
    if (possible) {
        all.waiting = lc_calloc(all.count * w->count, sizeof(double));
        all.serving = lc_calloc(all.count * w->count, sizeof(double));
        for (size_t s = 0; s < w->c->station_count; s++) {
            const size_t m = (size_t)w->n->stations[w->c->stations[s]].servers;
            if (m > 1) {
                all.few[s] = lc_calloc(all.count * m, sizeof(double));
                all.few[s][0] = 1;
            }
        }
        for (size_t state = 1; state < all.count; state++)
            solve_state(w, &all, state);
        for (size_t s = 0; s < w->c->station_count; s++)
            free(all.few[s]);
        free(all.waiting);
        free(all.serving);
    }
    free(all.stride);
    free(all.size);
    free(all.few);
    return possible;
}

/* ---- capacity ---------------------------------------------------------------------------------------------------- */

/* Approximations may let more through a station than it can serve. What customers must then wait besides is what makes
 * their cycles so much longer that they do not (N = X · C). */
static void keep_capacity(struct work *w)
{
    for (size_t s = 0; s < w->c->station_count; s++) {
        struct lcs_station *station = &w->n->stations[w->c->stations[s]];
        double customers = 0, rate = 0, load = 0;
        for (size_t i = w->first[s]; i < w->first[s + 1]; i++) {
            const struct local *l = &w->locals[i];
            load += l->link->rate * l->link->service / station->servers;
            customers += l->chain >= 0 ? l->customers : 0;
            rate += l->chain >= 0 ? l->link->rate : 0;
        }
        if (!(rate > 0) || !(load > 1 || station->extra > 0))
            continue;
        /* Corrections that turn back go too far. */
        const bool turned = (load - 1) * station->beyond < 0;
        station->damped = turned ? station->damped + 0.2 * (0.9 - station->damped) : 0.98 * station->damped;
        station->beyond = load - 1;
        const double part = w->n->underway * w->n->underway / 4 * (1 - station->damped);
        station->extra = fmax(0, station->extra + part * (load - 1) * customers / rate);
    }
}

/* ---- crowding ---------------------------------------------------------------------------------------------------- */

/* The services of a task's threads by how many of them are busy: what is below them is taken for one station whose rate
 * depends on the customers in it (flow equivalence; Chandy, Herzog & Woo 1975, Courtois 1977). */
struct crowd {
    struct work *w;
    size_t chain, links;
    struct lcs_chain *c;
    struct lcs_station *station; /* of the task */
    double *less;
    size_t *at;                /* per link: its station in the component */
    double *waiting, *serving; /* per link: the customers of the chain there with one busy thread less */
    double *waits, *stretch;   /* sums by weight */
};

/* A cycle with so many busy threads, when the links hold what is found. */
static double crowd_step(struct crowd *x, double threads)
{
    struct work *w = x->w;
    double cycle = x->c->away;
    for (size_t k = 0; k < x->links; k++) {
        const size_t i = w->of[x->chain][k];
        struct local *l = &w->locals[i];
        if (!(l->link->visits > 0))
            continue;
        const double scale = l->customers / x->c->population;
        x->less[x->chain] = x->less[w->closed_count] = l->customers - threads * scale;
        find(w, x->at[k], i, x->less);
        for (size_t j = 0; j < x->links; j++)
            if (x->at[j] == x->at[k]) {
                w->waiting[w->of[x->chain][j]] = x->waiting[j] * scale;
                w->serving[w->of[x->chain][j]] = x->serving[j] * scale;
            }
        const struct lcs_wait found = wait_of(w, x->at[k], i, NAN, x->less);
        l->link->waits = found.waits;
        l->link->stretch = found.stretch;
        cycle += l->link->visits * (found.stretch * l->link->stays + found.waits);
    }
    w->rate[x->chain] = cycle > 0 ? 1 / cycle : 0;
    return cycle;
}

/* What `threads` busy threads leave at the links. */
static void crowd_leave(struct crowd *x, double threads)
{
    for (size_t k = 0; k < x->links; k++) {
        struct local *l = &x->w->locals[x->w->of[x->chain][k]];
        const double visits = x->w->rate[x->chain] * l->per_cycle;
        l->serving = visits * l->link->service;
        l->waiting = visits * ((l->link->stretch - 1) * l->link->service + l->link->waits);
        x->serving[k] = threads * l->serving;
        x->waiting[k] = threads * l->waiting;
    }
}

/* The time at one point: with so many busy threads, when the links hold what one of them less leaves. */
static double crowd_point(struct crowd *x, double busy, bool next)
{
    double time = crowd_step(x, busy), before = INFINITY;
    for (int again = 0; !next && again < 10 && fabs(time - before) > SETTLED * before; again++) {
        before = time; /* the number before is too far below */
        crowd_leave(x, busy);
        for (size_t i = 0; i < x->links; i++) {
            x->waiting[i] *= (busy - 1) / busy;
            x->serving[i] *= (busy - 1) / busy;
        }
        time = crowd_step(x, busy);
    }
    return time;
}

/* Behind how many points no service is made: their times change with that of the last one before. */
static int crowd_end(const struct lcs_station *s, int points)
{
    int end = points;
    while (end > 1 && s->points == points && s->weights[end - 1] < NEVER)
        end--;
    return end > 1 && end < points ? end + 1 : points;
}

static void crowd_points(struct crowd *x)
{
    struct lcs_station *s = x->station;
    const int threads = (int)fmin(x->c->population, 1e6), points = threads < LCS_POINTS ? threads : LCS_POINTS;
    const int end = crowd_end(s, points);
    const double last = s->times[end - 1];
    s->points = points;
    for (int k = 0; k < end; k++) {
        const double busy = points == threads ? k + 1 : 1 + (double)k * (threads - 1) / (points - 1);
        s->at[k] = busy;
        s->times[k] = crowd_point(x, busy, points == threads);
        if (k > 0)
            s->times[k] = fmax(s->times[k], s->times[k - 1]);
        const double weight = s->weights[k];
        for (size_t i = 0; i < x->links; i++) {
            x->waits[i] += weight * x->w->locals[x->w->of[x->chain][i]].link->waits;
            x->stretch[i] += weight * x->w->locals[x->w->of[x->chain][i]].link->stretch;
        }
        crowd_leave(x, busy);
    }
    const double longer = s->times[end - 1] / last;
    for (int k = end; k < points && longer > 0 && isfinite(longer); k++)
        s->times[k] *= longer;
}

static bool has_crowd(const struct work *w, size_t chain)
{
    const struct lcs_chain *c = &w->n->chains[w->closed[chain]];
    return c->task != LC_NONE && w->n->task_station[c->task] >= 0 && w->n->task_chain[c->task] == w->closed[chain] &&
           c->population > 1 && w->n->stations[w->n->task_station[c->task]].servers <= CROWD && c->busy > 0;
}

/* The waits of the chain are the mean of those at the points; until the layer above has told how often each occurs,
 * those of the chain as it is. */
static void find_crowding(struct work *w, size_t chain)
{
    struct lcs_chain *c = &w->n->chains[w->closed[chain]];
    struct crowd x = {
        w,    chain, w->of_count[chain], c, &w->n->stations[w->n->task_station[c->task]], NULL, NULL, NULL, NULL,
        NULL, NULL};
    const double away = c->away, rate = w->rate[chain];
    struct lcs_link *kept = lc_calloc(x.links, sizeof *kept);
    struct local *parts = lc_calloc(x.links, sizeof *parts);
    double total = 0, at = 0;
    x.less = lc_calloc(w->closed_count + 1, sizeof(double));
    x.at = lc_calloc(x.links, sizeof(size_t));
    x.waiting = lc_calloc(4 * x.links, sizeof(double));
    x.serving = x.waiting + x.links;
    x.waits = x.serving + x.links;
    x.stretch = x.waits + x.links;
    for (size_t k = 0; k < x.links; k++) {
        const size_t i = w->of[chain][k];
        while (i >= w->first[x.at[k] + 1])
            x.at[k]++;
        kept[k] = *w->locals[i].link;
        parts[k] = w->locals[i];
        at += kept[k].visits * (kept[k].stretch * kept[k].stays + kept[k].waits);
    }
    for (int k = 0; k < LCS_POINTS; k++)
        total += x.station->weights[k];
    c->away = fmax(0, c->busy - c->held);
    crowd_points(&x);
    for (size_t k = 0; k < x.links; k++) {
        struct local *l = &w->locals[w->of[chain][k]];
        *l->link = kept[k];
        *l = parts[k];
        if (total > 0) {
            l->link->waits = x.waits[k];
            l->link->stretch = fmax(1, x.stretch[k]); /* weights sum up to 1 but for rounding */
        }
    }
    if (!(total > 0))
        x.station->usual = c->away + at;
    c->away = away;
    w->rate[chain] = rate;
    free(x.less);
    free(x.at);
    free(x.waiting);
    free(kept);
    free(parts);
}

/* How often a service of a station's threads is made while so many are busy; `busy` (servers + 1): the chances. */
static void weigh(struct lcs_station *s, const double *busy, double underway)
{
    double sum = 0, before = 0, old[LCS_POINTS];
    for (int k = 0; k < LCS_POINTS; k++) {
        before += old[k] = s->weights[k];
        s->weights[k] = 0;
    }
    for (size_t j = 1; j <= (size_t)s->servers; j++)
        lcs_crowd(s, (double)j, busy[j] * (double)j / lcs_crowding(s, (double)j));
    for (int k = 0; k < s->points; k++)
        sum += s->weights[k];
    s->usual = 0;
    for (int k = 0; k < s->points; k++) {
        s->weights[k] = sum > 0 ? s->weights[k] / sum : old[k];
        if (before > 0)
            s->weights[k] = old[k] + underway * (s->weights[k] - old[k]);
        s->usual += s->weights[k] * s->times[k];
    }
}

/* What a station with limited room turns away, and the numbers of its busy threads. */
static void weigh_limited(struct work *w, size_t station, const double *less)
{
    struct lcs_station *s = &w->n->stations[w->c->stations[station]];
    double *busy = lc_calloc((size_t)s->servers + 1, sizeof *busy);
    s->demand = demand_at(w, station, less);
    const struct lcs_limited found = lcs_limited_queue(s, &s->demand, busy);
    double sent = 0;
    for (size_t i = w->first[station]; i < w->first[station + 1]; i++)
        sent += w->locals[i].link->rate / (1 - s->lost);
    /* How often closed customers come is not known that well: no more can be let in than is served. */
    const double served = s->demand.mean > 0 ? s->servers / s->demand.mean : INFINITY;
    const double lost = fmax(found.lost, sent > served ? 1 - served / sent : 0);
    s->moved = fabs(lost - s->lost);
    s->lost = fmin(0.999999, s->lost + w->n->underway * (lost - s->lost));
    if (s->points > 1)
        weigh(s, busy, fmin(0.5, w->n->underway));
    free(busy);
}

/* The numbers of busy threads of the tasks in the component. */
static void weigh_crowds(struct work *w)
{
    double *less = lc_calloc(w->closed_count + 1, sizeof *less);
    for (size_t s = 0; s < w->c->station_count; s++) {
        struct lcs_station *station = &w->n->stations[w->c->stations[s]];
        if (isfinite(station->room))
            weigh_limited(w, s, less);
        if (station->points < 2 || isfinite(station->room))
            continue;
        double *busy = lc_calloc((size_t)station->servers + 1, sizeof *busy);
        struct lcs_callers callers = {0};
        double rate = 0, work = 0, closed = 0, after = 0, waiting, full;
        others_of(w, s, NULL, less, &callers.others, &callers.calling);
        for (size_t i = w->first[s]; i < w->first[s + 1]; i++) {
            const struct lcs_link *l = w->locals[i].link;
            rate += l->rate;
            work += l->rate * l->service;
            closed += w->locals[i].chain < 0 ? 0 : l->rate * l->service;
            after += w->locals[i].chain < 0 ? 0 : l->rate * l->second;
            callers.open += w->locals[i].chain < 0 ? l->rate : 0;
        }
        callers.after = closed > 0 ? after / closed : 0;
        if (rate > 0) {
            if (!lcs_second_phase(station, work / rate, &callers, &waiting, &full, busy))
                lcs_finite_source(station, work / rate, &callers, &waiting, &full, busy);
            weigh(station, busy, fmin(0.5, w->n->underway));
        }
        free(busy);
    }
    free(less);
}

/* ------------------------------------------------------------------------------------------------------------------ */

unsigned lcs_mva_solve(struct lcs_network *n, struct lcs_component *component)
{
    struct work w = {.n = n, .c = component, .close = fmin(1e-4, fmax(1e-10, 1e-3 * n->residual))};
    set_up(&w);
    keep_capacity(&w);
    for (size_t i = 0; i < w.closed_count; i++) /* a first guess */
        advance(&w, i, 1);
    if (!solve_all(&w))
        linearize(&w);
    solve_open(&w);
    for (size_t i = 0; i < w.closed_count; i++)
        if (has_crowd(&w, i))
            find_crowding(&w, i);
    weigh_crowds(&w);
    for (size_t i = 0; i < w.closed_count; i++)
        if (lcs_is_source_chain(n, w.closed[i]))
            n->chains[w.closed[i]].rate =
                w.rate[i] * n->chains[w.closed[i]].population * n->chains[w.closed[i]].replicas;
    tear_down(&w);
    return w.steps;
}

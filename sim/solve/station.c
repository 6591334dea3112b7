/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Order of arrival, one server: every one that waits is served before, and what is left of the one in service
 * (S (1 + c²) / 2; Reiser 1979). Open customers that wait are as many as come while one of them waits: with A the work
 * found and ρ the open load, W = A / (1 − ρ); in product form these are the mixed networks of Baskett et al. 1975, with
 * open chains alone the formula of Pollaczek and Khinchine. Open arrivals that are no Poisson process: Kraemer &
 * Langenbach-Belz 1976.
 * Several servers: the work found is done by all of them, if they are all busy. Their number has the distribution of a
 * finite source of the same rate (machine repair; Erlang C where all is open); other service times than exponential
 * ones by the factor (1 + c²) / 2 (Lee & Longton 1959).
 * Sharing: the time is stretched by who is there. Priorities: Chandy & Lakshmi 1983 (head of line), Bryant et al. 1984
 * (preemptive): who waits or is served before, and a server that those of higher priority slow down.
 */
#include "station.h"

#include "second_phase.h"

#include <math.h>

#define FAR    4        /* times as many as there are closed customers: nearly all of these are there */
#define SELDOM 1e-9     /* a chance of waiting of which the shape of services changes nothing that counts */
#define NEVER  1e-18    /* a chance that is lost in the rounding of the others */
#define MANY   500.0    /* servers or customers */
#define FULL   0.999999 /* the most that a load can be while the solution is still looked for */

/* The sums over links of what is found. */
struct sums {
    double waiting, serving; /* customers of closed chains */
    double queued;           /* work of those who wait */
    double work;             /* of closed chains: S of who waits, the rest of who is served */
    double open, open_rest;  /* open load in servers; work in service */
    double mean, cv2;        /* of a service, by rate */
    double second, after;    /* work behind replies; the part of all work of closed chains */
    double within;           /* c² of the services of one link, by the work that they make */
    double open_rate;        /* of arrivals */
};

/* What is left of a service that an arrival finds. A customer that comes back after an exponential time of rate ν,
 * which began before the service did, finds (S − E u | u < S) of it: S / (1 − L(ν)) − 1 / ν with the transform L of a
 * gamma distribution; of one that comes from nowhere ν = 0: S (1 + c²) / 2. */
static double rest_of(const struct lcs_link *l, double returning)
{
    const double mean = l->service;
    if (!(mean > 0))
        return 0;
    const double cv2 = l->variance / (mean * mean), x = returning * mean;
    if (x < 1e-4 || fabs(cv2 - 1) < 1e-12)
        return mean * (1 + cv2) / 2;
    if (x > 1e6)
        return mean;
    const double transform = cv2 > 1e-6 ? -log1p(cv2 * x) / cv2 : -x; /* its logarithm */
    return mean / -expm1(transform) - 1 / returning;
}

/* What is left of a service with these moments for who comes back after `soon`: all of it at once, for it began when
 * the server became free, and S (1 + c²) / 2 after long. */
static double rest_soon(double mean, double cv2, double soon)
{
    return mean + mean * (cv2 - 1) / 2 * soon / (soon + mean);
}

/* The same for who comes again soon in a part of all cases, and else as if from nowhere. */
static double rest_for(const struct lcs_link *l, const struct lcs_found *found)
{
    const double rest = rest_of(l, 0);
    if (!(found->again > 0) || !(l->service > 0))
        return rest;
    return found->again * rest_soon(l->service, l->variance / (l->service * l->service), found->soon) +
           (1 - found->again) * rest;
}

/* How many times as often as at any time a customer finds a service of another link under way in a single server of
 * order of arrival, when it comes after `elsewhere`. In a cycle W + s + e (wait, own service s, elsewhere) the others'
 * work ρ (W + s + e) is done: what is found on arrival, B r + ρ W with the rest r of the service that is under way with
 * probability B, and B e meanwhile; so B = ρ (e + s) / (e + r). Where all services are alike that is ρ. */
static double met_after(const struct lcs_link *arrives, const struct lcs_link *served, double elsewhere)
{
    const double rest = served->service; /* of an exponential one; others are corrected for later */
    return (elsewhere + arrives->service) / (elsewhere + rest);
}

static double met(const struct lcs_link *arrives, const struct lcs_link *served, const struct lcs_found *found)
{
    if (!(found->returning > 0) || !(served->service > 0) || served == arrives)
        return 1;
    const double mean = 1 / found->returning, again = found->again;
    const double rare = again < 1 ? fmax(0, (mean - again * found->soon) / (1 - again)) : mean;
    return again * met_after(arrives, served, found->soon) + (1 - again) * met_after(arrives, served, rare);
}

/* Of what comes behind replies the part that the arriving customer has asked for itself. */
static double own_part(const struct lcs_network *n, const struct lcs_link *arrives, const struct lcs_link *open)
{
    const struct lcs_chain *c = &n->chains[arrives->chain];
    if (n->works_for == NULL || c->open)
        return 0;
    return n->works_for[(size_t)open->chain * n->chain_count + (size_t)arrives->chain] / (c->population * c->replicas);
}

static struct sums add_up(const struct lcs_network *n, const struct lcs_station *s, const struct lcs_link *arrives,
                          const struct lcs_found *found)
{
    const bool in_order = s->servers == 1 && s->kind == LCS_AT_FCFS;
    struct sums sums = {0};
    double rate = 0, busy = 0, square = 0, within = 0, closed = 0;
    for (size_t i = 0; i < s->link_count; i++) {
        const struct lcs_link *l = &n->links[s->links[i]];
        const double times = in_order ? met(arrives, l, found) : 1;
        rate += l->rate;
        busy += l->rate * l->service;
        square += l->rate * (l->variance + l->service * l->service);
        within += l->rate * l->variance;
        if (n->chains[l->chain].open) {
            const double cv2 = l->variance / fmax(l->service * l->service, 1e-300);
            const double arrivals = (l->cv2 + cv2) / (1 + cv2);
            const double rate_of_others = l->rate * (1 - own_part(n, arrives, l));
            sums.open += rate_of_others * l->service;
            sums.open_rest += times * rate_of_others * l->service * l->service * arrivals;
            sums.open_rate += rate_of_others;
            continue;
        }
        sums.waiting += found->waiting[i];
        sums.queued += found->waiting[i] * l->service;
        sums.serving += found->serving[i];
        sums.second += l->rate * l->second;
        closed += l->rate * l->service;
        sums.work += found->waiting[i] * l->service +
                     times * found->serving[i] * (l->second > 0 ? rest_for(l, found) : l->service);
    }
    sums.after = closed > 0 ? sums.second / closed : 0;
    sums.mean = rate > 0 ? busy / rate : 0;
    sums.within = square > within ? within / (square - within) : 1;
    sums.cv2 = busy > 0 ? fmax(0, rate * square / (busy * busy) - 1) : 1;
    return sums;
}

/* From the point `*k` on, which moves to the one before `busy`. */
static inline double crowding_from(const struct lcs_station *s, double busy, int *k)
{
    if (s->points < 2 || !(s->usual > 0))
        return 1;
    while (*k + 2 < s->points && s->at[*k + 1] < busy)
        ++*k;
    const double part = (busy - s->at[*k]) / (s->at[*k + 1] - s->at[*k]);
    const double inside = part < 0 ? 0 : part > 1 ? 1 : part;
    return (s->times[*k] + inside * (s->times[*k + 1] - s->times[*k])) / s->usual;
}

double lcs_crowding(const struct lcs_station *s, double busy)
{
    int k = 0;
    return crowding_from(s, busy, &k);
}

bool lcs_is_crowded(const struct lcs_station *s)
{
    const double longer = 1.05;
    return s->points > 1 && s->times[s->points - 1] > longer * s->times[0];
}

void lcs_crowd(struct lcs_station *s, double busy, double weight)
{
    int k = 0;
    while (k + 2 < s->points && s->at[k + 1] < busy)
        k++;
    const double part = fmin(1, fmax(0, (busy - s->at[k]) / (s->at[k + 1] - s->at[k])));
    s->weights[k] += weight * (1 - part);
    s->weights[k + 1] += weight * part;
}

static double falls_by(double load, double spread)
{
    return load < 1 ? load * spread / (1 - load + load * spread) : (load - 1 + spread) / spread;
}

/* A birth and death process of the requests that are there. The customer of a second phase is elsewhere already, and
 * may come again: in the mean the part `after` of those that are served have none. */
struct source {
    const struct lcs_station *station;
    double mean, others, calling, open, after;
    bool one;
    double servers, scale; /* of very many servers and customers so many count as one, */
    double beside;         /* and of very many customers these are left out */
    double p, sum, i;      /* so far; p: of i customers, which no other number is more than 1e200 times as likely as */
    int point;
};

/* Of i who are there a are closed customers with the weight C(N, a) C(i, a) a! (ν / λ)^a: all are served alike, so that
 * there is a product form. Returns how many closed ones are elsewhere in the mean; where they are many, by the largest
 * weight. */
static double elsewhere(const struct source *b)
{
    const double few = 16, many = 24; /* between them the one becomes the other */
    const double others = b->others + b->after * fmin(b->i, b->servers);
    const double most = b->i < others ? b->i : others;
    if (!(b->open > 0) || !(most > 0))
        return others > b->i ? others - b->i : 0;
    double largest = 0;
    if (most > few) {
        const double v = b->calling, sum = v * (others + b->i) + b->open;
        largest = (sum - sqrt(sum * sum - 4 * v * v * others * b->i)) / (2 * v);
        if (most >= many)
            return fmax(0, others - largest);
    }
    double weight = 1, all = 1, closed = 0;
    for (int a = 0; a < most; a++) {
        weight *= (others - a) * (b->i - a) / (a + 1) * b->calling / b->open;
        all += weight;
        closed += (a + 1) * weight;
    }
    const double part = fmax(0, (most - few) / (many - few));
    return fmax(0, others - (1 - part) * closed / all - part * largest);
}

/* Queues of thousands change in proportion; to go through millions takes too long. */
static struct source source_of(const struct lcs_station *s, double mean, const struct lcs_callers *c)
{
    const double at_once = 1e6; /* times the open rate: nobody is elsewhere, and rounding is far away */
    const double scale = s->servers > MANY ? s->servers / MANY : 1, others = c->others / scale;
    struct source b = {.station = s,
                       .mean = mean,
                       .others = fmin(others, MANY),
                       .calling = c->calling * fmax(1, others / MANY),
                       .open = c->open / scale,
                       .after = c->after,
                       .one = c->one,
                       .servers = fmin(s->servers, MANY),
                       .scale = scale,
                       .beside = fmax(0, others - MANY),
                       .p = 1};
    b.calling = b.open > 0 ? fmin(b.calling, at_once * b.open) : b.calling;
    return b;
}

/* Of those that are left out so many wait, as all but few are elsewhere or in line when they are so many. */
static double beside_waiting(const struct source *b)
{
    const double least =
        b->servers / (b->others * b->calling * b->mean * lcs_crowding(b->station, b->station->servers));
    return b->beside > 0 ? b->beside * fmax(0, 1 - least) : 0;
}

/* `away`: so many of the closed customers are elsewhere. */
static double load_of(struct source *b, double away)
{
    const double born = away * b->calling + b->open, next = b->i + 1, served = next < b->servers ? next : b->servers;
    return born * b->mean * crowding_from(b->station, b->scale * next, &b->point) / served;
}

/* As long as not all servers are busy. False: so many are never there. */
static bool walk_free(struct source *b, double *busy)
{
    while (b->i < b->servers) {
        const double away = elsewhere(b);
        b->sum += b->one ? b->p * away : b->p;
        if (busy != NULL)
            busy[(size_t)(b->scale * b->i)] = b->p;
        const double load = load_of(b, away);
        if (!(load > 0) || (load < 1 && b->p < 1e-14 * b->sum))
            return false;
        b->p *= load;
        if (b->p > 1e200) {
            b->p *= 1e-200;
            b->sum *= 1e-200;
            for (size_t k = 0; busy != NULL && k <= (size_t)(b->scale * b->i); k++)
                busy[k] *= 1e-200;
        }
        b->i++;
    }
    return true;
}

/* From there on. With other service times than exponential ones the queue falls off as that of M/G/1 does at the load r
 * at hand: by r f / (1 − r + r f) with f = (1 + c²) / 2, and above 1 it grows by the inverse. */
static void walk_full(struct source b, double spread, double *queue, double *full, double *free_part)
{
    const double servers = b.servers;
    *queue = *full = 0;
    *free_part = b.sum;
    while (true) {
        const double away = elsewhere(&b), counted = b.one ? b.p * away : b.p; /* for what is sought */
        *full += counted;
        *queue += (b.i - servers) * counted;
        if (b.i >= servers + FAR * (b.others + 1) || away * b.calling <= 1e-9 * b.open) {
            /* all of the others are there, and the rest is geometric */
            const double r = fmin(FULL, falls_by(load_of(&b, 0), spread)), tail = counted * r / (1 - r);
            *full += tail;
            *queue += tail * (b.i - servers + 1 / (1 - r));
            break;
        }
        const double ratio = falls_by(load_of(&b, away), spread);
        if (!(ratio > 0) || (ratio < 1 && b.p < 1e-14 * (*full + *free_part)))
            break;
        b.p *= ratio;
        b.i++;
        if (b.p > 1e200) {
            b.p *= 1e-200;
            *full *= 1e-200;
            *queue *= 1e-200;
            *free_part *= 1e-200;
        }
    }
}

void lcs_finite_source(const struct lcs_station *s, double mean, const struct lcs_callers *callers, double *waiting,
                       double *all_busy, double *busy)
{
    struct source b = source_of(s, mean, callers);
    double queue, full, free_part;
    *waiting = *all_busy = 0;
    if (!(mean > 0))
        return;
    if (walk_free(&b, busy)) {
        walk_full(b, 1, &queue, &full, &free_part);
        *waiting = b.scale * (queue / (free_part + full) + beside_waiting(&b));
        *all_busy = full / (free_part + full);
    }
    for (size_t k = 0; busy != NULL && k < (size_t)s->servers; k++)
        busy[k] *= (1 - *all_busy) / b.sum;
    if (busy != NULL)
        busy[(size_t)s->servers] = *all_busy;
}

/* How many times longer the queue of a finite source is, while all servers are busy, when service times have another
 * variation than exponential ones; `spread` is (1 + c²) / 2. */
static double finite_source_factor(const struct lcs_station *s, double mean, double spread,
                                   const struct lcs_callers *callers)
{
    struct source b = source_of(s, mean, callers);
    double queue, full, free_part;
    if (!walk_free(&b, NULL))
        return 1;
    walk_full(b, 1, &queue, &full, &free_part);
    const double exponential = queue / full;
    walk_full(b, spread, &queue, &full, &free_part);
    return exponential > 1e-12 ? queue / full / exponential : 1;
}

/* Kraemer & Langenbach-Belz's correction of P–K's mean for arrivals more regular or more bursty than Poisson's. */
static double arrival_factor(double load, double arrivals, double services)
{
    if (arrivals == 1 || !(load > 0))
        return 1;
    const double sum = arrivals + services;
    if (!(sum > 0))
        return 1;
    if (arrivals < 1)
        return exp(-2 * (1 - load) * (1 - arrivals) * (1 - arrivals) / (3 * load * sum));
    return exp(-(1 - load) * (arrivals - 1) / (arrivals + 4 * services));
}

/* The wait in M/G/1 with so many customers, each of which comes at the rate `calling` when it is elsewhere (Takács
 * 1962, ch. 5): in a busy period Σ C(n − 1, k) Π (1 / L(i ν) − 1) are served, with L of a gamma distribution. */
static double finite_wait(double mean, double cv2, unsigned customers, double calling)
{
    double served = 1, term = 1;
    for (unsigned k = 1; k < customers && served < 1e15; k++) {
        const double x = k * calling * mean, lost = cv2 > 1e-6 ? log1p(cv2 * x) / cv2 : x; /* −log of L */
        term *= (double)(customers - k) / k * expm1(lost);
        served += term;
        if (term < 1e-17 * served)
            break; /* they only become fewer from there on */
    }
    return customers * (mean + 1 / (customers * calling * served)) - 1 / calling - mean;
}

/* The same where their number is none that can be counted. */
static double wait_among(double mean, double cv2, double customers, double calling)
{
    const double few = fmax(1, fmin(1e6, floor(customers))), part = fmin(1, fmax(0, customers - few));
    const double wait = finite_wait(mean, cv2, (unsigned)few, calling);
    return part > 0 ? wait + part * (finite_wait(mean, cv2, (unsigned)few + 1, calling) - wait) : wait;
}

/* How many times longer a queue is than with exponential service times. Threads that are in each other's way share what
 * is below, which makes their number insensitive to the distribution. */
static double spread_factor(const struct lcs_station *s, const struct sums *sums, const struct lcs_found *found,
                            bool open)
{
    const double alone = s->points > 1 ? s->times[0] / s->times[s->points - 1] : 1;
    const double cv2 = 1 + (sums->within - 1) * alone, customers = found->others + (open ? 0 : 1);
    if (s->kind == LCS_AT_SHARING || fabs(cv2 - 1) < 1e-12 || (s->servers == 1 && sums->second > 0) ||
        !(sums->mean > 0))
        return 1;
    if (s->servers > 1 || sums->open > 0)
        return finite_source_factor(
            s, sums->mean, (1 + cv2) / 2,
            &(struct lcs_callers){customers, found->calling, sums->open_rate, s->servers > 1 ? sums->after : 0, false});
    const double exponential = wait_among(sums->mean, 1, customers, found->calling);
    const double other = wait_among(sums->mean, cv2, customers, found->calling);
    return exponential > 1e-12 * sums->mean ? fmax(0, other) / exponential : 1;
}

/* Who comes again soon finds a service that has hardly begun. */
static double factor_of(const struct lcs_station *s, const struct sums *sums, const struct lcs_found *found, bool open)
{
    const double factor = spread_factor(s, sums, found, open);
    if (factor == 1 || !(found->again > 0))
        return factor;
    const double soon = rest_soon(sums->mean, sums->within, found->soon) / sums->mean;
    return found->again * soon + (1 - found->again) * factor;
}

static struct lcs_wait one_server(const struct lcs_network *n, const struct lcs_station *s, const struct lcs_link *link,
                                  const struct lcs_found *found)
{
    const struct sums sums = add_up(n, s, link, found);
    const struct lcs_chain *c = &n->chains[link->chain];
    const double load = fmin(sums.open, FULL);
    /* One request is served at a time: it may be the customer's own last one. */
    const double own = link->second > 0 ? fmin(1, found->own_after / link->second) : 0;
    struct lcs_wait w = {.stretch = 1, .delayed = fmin(1, sums.serving + sums.open + own)};
    if (s->kind == LCS_AT_SHARING) {
        w.stretch = (1 + sums.waiting + sums.serving) / (1 - load);
        w.delayed = 1;
        return w;
    }
    /* Those who wait are so many more already. */
    const double factor = factor_of(s, &sums, found, c->open);
    const double others = sums.serving + own > 1 ? (1 - own) / sums.serving : 1;
    w.waits =
        (sums.queued + others * factor * (sums.work - sums.queued + sums.open_rest) + found->own_after) / (1 - load);
    if (c->open && link->cv2 != 1)
        w.waits *= arrival_factor(load, link->cv2, sums.cv2);
    return w;
}

/* Whether a chance that all servers are busy is lost in rounding, even if all others always came (Erlang's formula). */
static bool is_never_full(const struct lcs_station *s, double mean, const struct lcs_callers *c)
{
    const double work = (c->others * c->calling + c->open) * mean * lcs_crowding(s, s->servers);
    int sign; /* lgamma() is not for several threads */
    return work < s->servers && !(s->servers * log(fmax(work, 1e-300)) - lgamma_r(s->servers + 1, &sign) > log(NEVER));
}

/* How long an arrival at several servers waits, and the chance that it does. Its own last request may still be there
 * behind the reply. */
static void find_several(const struct lcs_network *n, const struct lcs_station *s, const struct lcs_link *link,
                         const struct lcs_found *found, const struct sums *sums, double *waits, double *full)
{
    struct lcs_callers callers = {found->others, found->calling, sums->open_rate, sums->after, false};
    if (callers.after > 0 && !n->chains[link->chain].open) {
        callers.calling = (callers.others * callers.calling + found->returning) / (callers.others + 1);
        callers.others++;
        callers.one = true;
    }
    if (is_never_full(s, sums->mean, &callers)) {
        *waits = *full = 0;
        return;
    }
    if (lcs_second_phase(s, sums->mean, &callers, waits, full, NULL))
        return;
    double waiting;
    lcs_finite_source(s, sums->mean, &callers, &waiting, full, NULL);
    *waits = (waiting + *full) * sums->mean * lcs_crowding(s, s->servers) / s->servers;
}

static struct lcs_wait several_servers(const struct lcs_network *n, const struct lcs_station *s,
                                       const struct lcs_link *link, const struct lcs_found *found)
{
    const struct sums sums = add_up(n, s, link, found);
    struct lcs_wait w = {.stretch = 1};
    double full = found->all_busy;
    if (isnan(full))
        find_several(n, s, link, found, &sums, &w.waits, &full);
    else
        w.waits = (sums.queued + full * sums.mean) * lcs_crowding(s, s->servers) / s->servers;
    w.delayed = full;
    if (full > SELDOM)
        w.waits *= spread_factor(s, &sums, found, n->chains[link->chain].open);
    if (s->kind == LCS_AT_SHARING) {
        w.stretch = sums.mean > 0 ? 1 + w.waits / sums.mean : 1;
        w.waits = 0;
        w.delayed = 1;
        return w;
    }
    if (n->chains[link->chain].open && link->cv2 != 1)
        w.waits *=
            (link->cv2 + sums.cv2) / (1 + sums.cv2) * arrival_factor(sums.open / s->servers, link->cv2, sums.cv2);
    return w;
}

static struct lcs_wait by_priority(const struct lcs_network *n, const struct lcs_station *s,
                                   const struct lcs_link *link, const struct lcs_found *found)
{
    double work = found->own_after, above = 0, same = 0, busy = 0;
    for (size_t i = 0; i < s->link_count; i++) {
        const struct lcs_link *l = &n->links[s->links[i]];
        const bool open = n->chains[l->chain].open;
        const double serving = open ? l->rate * l->service : found->serving[i];
        const double waiting = open && l->priority != link->priority ? l->rate * l->waits
                               : open                                ? 0
                                                                     : found->waiting[i];
        busy += serving;
        if (l->priority > link->priority)
            above += l->rate * l->service;
        if (l->priority == link->priority && open)
            same += l->rate * l->service;
        if (l->priority >= link->priority)
            work += waiting * l->service;
        if (l->priority >= link->priority || s->kind == LCS_AT_HEAD)
            work += serving * (open ? rest_for(l, found) : rest_of(l, found->returning));
    }
    const double m = s->servers, load = fmin(FULL, (above + same) / m), higher = fmin(FULL, above / m);
    struct lcs_wait w = {.stretch = 1, .delayed = fmin(1, busy / m)};
    double chance = 1; /* that all servers are busy, of which the work found makes use */
    if (m > 1) {
        const struct sums sums = add_up(n, s, link, found);
        double waits, full = found->all_busy;
        if (isnan(full))
            find_several(n, s, link, found, &sums, &waits, &full);
        w.delayed = full;
        chance = busy > 0 ? fmin(1, full * m / busy) : 0;
    }
    w.waits = work * chance / m / (1 - load);
    if (s->kind == LCS_AT_PREEMPTS)
        w.stretch = 1 / (1 - higher * chance);
    return w;
}

struct lcs_wait lcs_station_wait(const struct lcs_network *n, const struct lcs_station *s, const struct lcs_link *link,
                                 const struct lcs_found *found)
{
    if (s->kind == LCS_AT_HEAD || s->kind == LCS_AT_PREEMPTS)
        return by_priority(n, s, link, found);
    return s->servers > 1 ? several_servers(n, s, link, found) : one_server(n, s, link, found);
}

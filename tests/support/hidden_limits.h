/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A station with a limit that nobody states, simulated request by request: when requests come and leave, at several
 * loads one after the other. Apart from the engine, so that both can be checked.
 */
#ifndef HIDDEN_LIMITS_H
#define HIDDEN_LIMITS_H

#include "loadcast/random.h"
#include "model/random/generator.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum hidden_kind { HIDDEN_NONE, HIDDEN_THREADS, HIDDEN_CORES, HIDDEN_LOCK };

struct hidden {
    enum hidden_kind kind;
    int size;                   /* threads or cores */
    double before, work, after; /* s, means: beside the limit, what it limits (all of it but for locks), beside it */
    int shape;                  /* of each time: Erlang; 1 is exponential; 0: hyperexponential, c² 4 */
    int threads;                /* that requests wait for before they come to cores; 0: they do not */
};

struct hidden_request {
    double begin, end, served; /* served: what it would have taken alone */
};

static inline double hidden_time(struct lc_random *random, double mean, int shape)
{
    double sum = 0;
    if (shape == 0) /* two exponential branches with balanced means */
        return lci_random_exponential(random) * mean / (2 * (lci_random_uniform(random) < 0.887 ? 0.887 : 0.113));
    for (int i = 0; i < shape; i++)
        sum += lci_random_exponential(random);
    return mean * sum / shape;
}

struct hidden_turn {
    double ready;
    size_t request;
};

static inline int hidden_by_ready(const void *a, const void *b)
{
    const struct hidden_turn *x = a, *y = b;
    return (x->ready > y->ready) - (x->ready < y->ready);
}

/* First come, first served, by `size` servers: `ready` is when each wants one, in any order. */
static inline void hidden_queue(const double *ready, const double *work, size_t count, int size, double *end)
{
    double *free_at = calloc((size_t)size, sizeof *free_at);
    struct hidden_turn *turns = calloc(count, sizeof *turns);
    for (size_t i = 0; i < count; i++)
        turns[i] = (struct hidden_turn){ready[i], i};
    qsort(turns, count, sizeof *turns, hidden_by_ready);
    for (size_t i = 0; i < count; i++) {
        const size_t next = turns[i].request;
        int server = 0;
        for (int s = 1; s < size; s++)
            server = free_at[s] < free_at[server] ? s : server;
        end[next] = fmax(ready[next], free_at[server]) + work[next];
        free_at[server] = end[next];
    }
    free(free_at);
    free(turns);
}

/* Up to `threads` at a time share the cores, the others wait. */
static inline void hidden_share(const double *ready, const double *work, size_t count, int cores, size_t threads,
                                double *end)
{
    double *left = calloc(count, sizeof *left), now = 0;
    size_t first = 0, came = 0, taken = 0, present = 0;
    memcpy(left, work, count * sizeof *left);
    while (first < count) {
        const double speed = present > (size_t)cores ? (double)cores / (double)present : 1;
        double step = came < count ? ready[came] - now : INFINITY;
        size_t leaves = count;
        for (size_t i = first; i < taken; i++)
            if (left[i] >= 0 && left[i] / speed < step) {
                step = left[i] / speed;
                leaves = i;
            }
        for (size_t i = first; i < taken; i++)
            left[i] -= left[i] >= 0 ? step * speed : 0;
        now += step;
        if (leaves == count) {
            came++;
        } else {
            end[leaves] = now;
            left[leaves] = -1;
            present--;
        }
        for (; taken < came && present < threads; taken++)
            present++;
        while (first < taken && left[first] < 0)
            first++;
    }
    free(left);
}

/* `count` requests a load, at these rates, with a pause of 1000 s between loads. */
static inline void hidden_run(const struct hidden *h, uint64_t seed, const double *rates, size_t loads, size_t count,
                              struct hidden_request *requests)
{
    struct lc_random random;
    double *ready = calloc(4 * count, sizeof *ready), *work = ready + count, *end = work + count, *after = end + count;
    double now = 0;
    lc_random_init(&random, seed, 0, "hidden", "station");
    for (size_t l = 0; l < loads; l++, now += 1000) {
        struct hidden_request *r = requests + l * count;
        for (size_t i = 0; i < count; i++) {
            now += lci_random_exponential(&random) / rates[l];
            const double before = h->kind == HIDDEN_LOCK ? hidden_time(&random, h->before, h->shape) : 0;
            work[i] = hidden_time(&random, h->work, h->shape);
            after[i] = h->kind == HIDDEN_LOCK ? hidden_time(&random, h->after, h->shape) : 0;
            r[i] = (struct hidden_request){.begin = now, .served = before + work[i] + after[i]};
            ready[i] = now + before;
        }
        if (h->kind == HIDDEN_CORES)
            hidden_share(ready, work, count, h->size, h->threads > 0 ? (size_t)h->threads : count, end);
        else if (h->kind != HIDDEN_NONE)
            hidden_queue(ready, work, count, h->kind == HIDDEN_LOCK ? 1 : h->size, end);
        for (size_t i = 0; i < count; i++) {
            r[i].end = h->kind == HIDDEN_NONE ? r[i].begin + r[i].served : end[i] + after[i];
            now = fmax(now, r[i].end);
        }
    }
    free(ready);
}

#endif

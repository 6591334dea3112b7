/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Estimators of waiting from arrivals and departures: first come, first served by threads; and complete information for
 * processor sharing (Perez, Casale and Pacheco-Sanchez, "Estimating computational requirements in multi-threaded
 * applications", IEEE TSE 2015).
 */
#include "network/patterns/waiting_estimators.h"

#include "loadcast/base.h"

#include <math.h>
#include <stdlib.h>

struct event {
    double time;
    double shown; /* when the job shows that it is served */
    size_t job;
    bool ends;
};

static int by_time(const void *a, const void *b)
{
    const struct event *x = a, *y = b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    if (x->ends != y->ends) /* departures first: touching is not overlapping */
        return x->ends ? -1 : 1;
    if (x->shown != y->shown)
        return x->shown < y->shown ? -1 : 1;
    return (x->job > y->job) - (x->job < y->job);
}

static struct event *events_of(const double *begin, const double *end, const double *shown, size_t count)
{
    struct event *events = lc_alloc((2 * count + 1) * sizeof *events);
    for (size_t i = 0; i < count; i++) {
        events[2 * i] = (struct event){begin[i], shown[i], i, false};
        events[2 * i + 1] = (struct event){end[i], shown[i], i, true};
    }
    qsort(events, 2 * count, sizeof *events, by_time);
    return events;
}

void lci_complete_information(const double *begin, const double *end, const uint32_t *kind, size_t count,
                              double servers, const double *share, size_t kinds, double *demand)
{
    struct event *events = events_of(begin, end, end, count);
    struct lci_speeds *speeds = lci_speeds_new(servers, share, kinds);
    double *virtual_time = lc_calloc(kinds, sizeof *virtual_time), last = 0;
    size_t *present = lc_calloc(kinds, sizeof *present), all = 0;
    for (size_t e = 0; e < 2 * count; e++) {
        const double *speed = all > 0 ? lci_speeds_of(speeds, present) : NULL;
        for (size_t k = 0; all > 0 && k < kinds; k++)
            virtual_time[k] += present[k] > 0 ? (events[e].time - last) * speed[k] : 0;
        last = events[e].time;
        const size_t job = events[e].job, k = kind != NULL ? kind[job] : 0;
        if (!(end[job] > begin[job])) { /* its end sorts before its begin */
            demand[job] = 0;
        } else if (events[e].ends) {
            demand[job] = virtual_time[k] - demand[job];
            present[k]--;
            all--;
        } else {
            demand[job] = virtual_time[k];
            present[k]++;
            all++;
        }
    }
    free(events);
    lci_speeds_free(speeds);
    free(virtual_time);
    free(present);
}

double lci_response_time_approximation(const double *begin, const double *end, size_t count, double servers)
{
    struct event *events = events_of(begin, end, end, count);
    size_t present = 0, free_ones = 0;
    double sum = 0;
    for (size_t e = 0; e < 2 * count; e++) {
        const size_t job = events[e].job;
        if (events[e].ends) {
            present -= end[job] > begin[job];
            continue;
        }
        present += end[job] > begin[job];
        if ((double)present <= servers) {
            sum += end[job] - begin[job];
            free_ones++;
        }
    }
    free(events);
    return free_ones > 0 ? sum / (double)free_ones : NAN;
}

/* How many threads that are free after event `from`, a departure, are taken by jobs that begin before the next one:
 * these have waited as well, and nothing tells since when. */
static size_t soon_taken(const struct event *events, size_t from, size_t count, const bool *taken)
{
    size_t jobs = 0, freed = 0;
    for (size_t e = from + 1; e < count && (!events[e].ends || events[e].time == events[from].time); e++) {
        jobs += !events[e].ends && taken[events[e].job];
        freed += events[e].ends;
    }
    return jobs > freed ? jobs - freed : 0;
}

size_t lci_fifo_starts(const double *begin, const double *end, const double *shown, const bool *taken, size_t count,
                       size_t servers, double *start)
{
    enum { WAITING, SERVED, GONE };
    struct event *events = events_of(begin, end, shown != NULL ? shown : end, count);
    size_t *queue = lc_alloc((count + 1) * sizeof *queue), head = 0, tail = 0, busy = 0, contradictions = 0;
    char *state = lc_calloc(count + 1, 1);
    for (size_t e = 0; e < 2 * count; e++) {
        const size_t job = events[e].job;
        if (!events[e].ends) {
            start[job] = begin[job];
            if (end[job] <= begin[job]) {
                state[job] = GONE;
            } else if (busy < servers || (taken != NULL && taken[job])) {
                contradictions += busy >= servers;
                state[job] = SERVED;
                busy++;
            } else {
                queue[tail++] = job;
            }
            continue;
        }
        if (state[job] == SERVED)
            busy--;
        else if (state[job] == WAITING && end[job] > begin[job])
            contradictions++; /* was served out of turn: keeps its time */
        state[job] = GONE;
        const size_t kept = taken != NULL && head < tail ? soon_taken(events, e, 2 * count, taken) : 0;
        for (; busy + kept < servers && head < tail; head++) {
            if (state[queue[head]] != WAITING)
                continue;
            state[queue[head]] = SERVED;
            start[queue[head]] = events[e].time;
            busy++;
        }
    }
    free(events);
    free(queue);
    free(state);
    return contradictions;
}

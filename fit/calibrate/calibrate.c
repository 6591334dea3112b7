/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "loadcast/calibrate.h"

#include "calibrate/judge.h"
#include "calibrate/measured.h"
#include "calibrate/words.h"
#include "network/facts/load_bins.h"
#include "network/visits/collect.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ALL 0.99 /* part of the requests that may be taken for all of them */

const char *lc_limit_word(enum lc_limit_kind kind)
{
    static const char *const words[] = {
        [LC_LIMIT_NONE] = "none",     [LC_LIMIT_THREADS] = "threads", [LC_LIMIT_BEFORE] = "threads before the span",
        [LC_LIMIT_CORES] = "cores",   [LC_LIMIT_LOCK] = "lock",       [LC_LIMIT_CONNECTIONS] = "connections",
        [LC_LIMIT_GROWTH] = "growth", [LC_LIMIT_UNKNOWN] = "unknown",
    };
    return words[kind];
}

/* ---- what is asked about ----------------------------------------------------------------------------------------- */

/* Somebody has said what the limits of the service are. */
static bool is_stated(const struct lci_visits *visits, lc_symbol task)
{
    for (size_t i = 0; i < visits->options.capacity_count; i++) {
        const struct lc_capacity *c = &visits->options.capacities[i];
        if (strcmp(c->task, lci_text(visits, task)) == 0 &&
            (c->threads > 0 || c->cores > 0 || c->locks || c->unlimited))
            return true;
    }
    return false;
}

static bool states_pool(const struct lci_visits *visits, lc_symbol task, lc_symbol target)
{
    for (size_t i = 0; i < visits->options.capacity_count; i++) {
        const struct lc_capacity *c = &visits->options.capacities[i];
        for (size_t k = 0; k < c->pool_count && strcmp(c->task, lci_text(visits, task)) == 0; k++)
            if (strcmp(c->pools[k].target, lci_text(visits, target)) == 0)
                return true;
    }
    return false;
}

/* The rate at which a measured part would be all of it. */
static double full_at(const struct lci_measured *measured)
{
    if (measured->cores || !(measured->busy > 0))
        return NAN;
    return isnan(measured->work) ? measured->throughput / measured->busy
                                 : fmax(0, 1 - measured->background) / measured->work;
}

static void add(struct lc_calibration *calibration, const struct lc_load_bins *bins, const struct lc_calibrated *found)
{
    LC_GROW(calibration->items, calibration->count, calibration->capacity);
    struct lc_calibrated *item = &calibration->items[calibration->count++];
    *item = *found;
    for (size_t l = 0; l < item->load_count; l++) {
        item->loads[l].rate = bins->bins[l].rate;
        item->loads[l].one_by_one = bins->bins[l].one_by_one;
    }
    item->evidence = lci_evidence(item, calibration->gaps);
    item->remains = lci_remains(item);
}

static void ask(struct lc_calibration *calibration, const struct lc_load_bins *bins, const struct lci_stays *stays,
                const struct lci_measured *measured, const char *component, const char *target)
{
    if (stays->count == 0)
        return;
    struct lc_calibrated found = {.component = lc_strdup(component),
                                  .target = target != NULL ? lc_strdup(target) : NULL,
                                  .measured = measured->busy,
                                  .measured_cores = measured->cores,
                                  .work = measured->work,
                                  .work_error = measured->work_error,
                                  .background = measured->background,
                                  .full = full_at(measured)};
    struct lc_calibrated inner = {.measured = NAN, .work = NAN, .background = NAN, .full = NAN};
    const size_t loads = calibration->gaps ? SIZE_MAX : isnan(measured->busy) ? 2 : 1;
    lci_judge(stays, target != NULL ? LC_LIMIT_CONNECTIONS : LC_LIMIT_THREADS, loads, &found, &inner);
    add(calibration, bins, &found);
    if (inner.kind == LC_LIMIT_UNKNOWN)
        return;
    inner.component = lc_strdup(component);
    inner.target = target != NULL ? lc_strdup(target) : NULL;
    add(calibration, bins, &inner);
}

static void ask_service(struct lc_calibration *calibration, const struct lci_visits *visits,
                        const struct lc_load_bins *bins, const struct lci_task *task)
{
    struct lci_stays stays = lci_stays_in(visits, bins, task);
    const struct lci_measured measured = lci_measured_of(visits, task);
    lci_stays_ask(&stays, visits, task);
    ask(calibration, bins, &stays, &measured, lci_text(visits, task->name), NULL);
    lci_stays_free(&stays);
}

/* Calls of servers that write no spans. */
static void ask_calls(struct lc_calibration *calibration, const struct lci_visits *visits,
                      const struct lc_load_bins *bins, const struct lci_task *caller)
{
    for (size_t t = 0; t < visits->task_count; t++) {
        const struct lci_task *server = &visits->tasks[t];
        if (!server->external || is_stated(visits, server->name) || states_pool(visits, caller->name, server->name))
            continue;
        struct lci_stays stays = lci_stays_on(visits, bins, server, caller);
        ask(calibration, bins, &stays, &(struct lci_measured){.busy = NAN, .work = NAN, .background = NAN},
            lci_text(visits, caller->name), lci_text(visits, server->name));
        lci_stays_free(&stays);
    }
}

/* A rebuilt wait is that of the requests before it: those that are missing are waits that nobody sees. */
static void warn_of_lost(const struct lci_visits *visits, struct lc_diag *diag)
{
    uint64_t roots = 0, lost = 0;
    for (size_t o = 0; o < visits->operation_count; o++)
        for (size_t c = 0; c < visits->class_count; c++) {
            roots += visits->operations[o].variants[c].roots;
            lost += visits->operations[o].variants[c].lost_roots;
        }
    if ((double)lost > 0.01 * (double)(roots + lost))
        lc_warn(diag, NULL,
                "%.3g %% of the requests lost spans and are left out; limits are found from all requests of a time, so "
                "what is found here may be too low",
                100 * (double)lost / (double)(roots + lost));
}

int lc_calibrate(struct lc_learner *learner, struct lc_calibration *calibration, struct lc_diag *diag)
{
    *calibration = (struct lc_calibration){0};
    if (lci_visits_finish(&learner->visits, diag) != 0)
        return -1;
    const struct lci_visits *visits = &learner->visits;
    size_t count;
    struct lci_stretch *stretches = lci_stretches_of(visits, &count);
    struct lc_load_bins bins = lci_load_bins_of(visits, stretches, count);
    calibration->loads = bins.count;
    calibration->sampled = lci_sampled(visits);
    calibration->gaps = calibration->sampled < ALL;
    warn_of_lost(visits, diag);
    for (size_t t = 0; t < visits->task_count; t++) {
        if (visits->tasks[t].external)
            continue;
        if (!is_stated(visits, visits->tasks[t].name))
            ask_service(calibration, visits, &bins, &visits->tasks[t]);
        ask_calls(calibration, visits, &bins, &visits->tasks[t]);
    }
    lci_load_bins_free(&bins);
    free(stretches);
    return 0;
}

void lc_calibration_free(struct lc_calibration *calibration)
{
    for (size_t i = 0; i < calibration->count; i++) {
        struct lc_calibrated *found = &calibration->items[i];
        free(found->component);
        free(found->target);
        free(found->loads);
        free(found->evidence);
        free(found->remains);
    }
    free(calibration->items);
    *calibration = (struct lc_calibration){0};
}

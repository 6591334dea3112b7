/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "calibrate/words.h"

#include "base/buffer.h"

#include <math.h>
#include <stdlib.h>

#define DIFFERS 0.05 /* part of the recorded time by which what is rebuilt may grow from load to load */
#define CERTAIN 3    /* standard errors of that */
#define TELLING 0.02 /* part of what was measured from which what is there without requests is said */

/* The quietest and the busiest load with visits. */
static const struct lc_calibrated_load *end_of(const struct lc_calibrated *found, bool busiest)
{
    const struct lc_calibrated_load *end = NULL;
    for (size_t l = 0; l < found->load_count; l++)
        if (found->loads[l].visits > 0 && (end == NULL || busiest))
            end = &found->loads[l];
    return end;
}

static const char *what_of(const struct lc_calibrated *found)
{
    return found->target != NULL            ? "the time of its calls"
           : found->kind == LC_LIMIT_BEFORE ? "the time before its spans begin"
                                            : "its own time (without that of its calls)";
}

static char *rise(const struct lc_calibrated *found)
{
    const struct lc_calibrated_load *quiet = end_of(found, false), *busy = end_of(found, true);
    if (quiet == busy)
        return lc_format("at %.3g requests/s %s is %.3g ms", quiet->rate, what_of(found), 1e3 * quiet->recorded);
    char *from = quiet->one_by_one ? lc_strdup(", one request at a time,") : lc_format(" at %.3g/s", quiet->rate);
    char *text = lc_format("%s %s from %.3g ms%s to %.3g ms at %.3g requests/s", what_of(found),
                           busy->recorded >= quiet->recorded ? "rises" : "falls", 1e3 * quiet->recorded, from,
                           1e3 * busy->recorded, busy->rate);
    free(from);
    return text;
}

/* "without the wait for it 188, 184, 187 ms at the 3 loads". */
static char *left(const struct lc_calibrated *found)
{
    struct lci_buffer list = {0};
    size_t loads = 0;
    for (size_t l = 0; l < found->load_count; l++)
        if (!isnan(found->loads[l].unhindered)) {
            lci_buffer_join(&list, ", ", "%.3g", 1e3 * found->loads[l].unhindered);
            loads++;
        }
    char *text = lci_buffer_take(&list);
    char *sentence = lc_format("%s %s ms at the %zu loads",
                               found->kind == LC_LIMIT_LOCK ? "for those that found nobody" : "without the wait for it",
                               text, loads);
    free(text);
    return sentence;
}

static char *size_of(const struct lc_calibrated *found)
{
    switch (found->kind) {
    case LC_LIMIT_THREADS: return lc_format("%.0f at a time [%.0f, %.0f]", found->size, found->low, found->high);
    case LC_LIMIT_BEFORE:
        return lc_format("%.0f at a time [%.0f, %.0f], whose spans begin when it is their turn: %s", found->size,
                         found->low, found->high, found->size > 1 ? "threads" : "a thread, or an event loop");
    case LC_LIMIT_CORES:
        return lc_format("%.0f core%s [%.0f, %.0f]", found->size, found->size > 1 ? "s" : "", found->low, found->high);
    case LC_LIMIT_CONNECTIONS:
        return lc_format("%.0f connection%s [%.0f, %.0f]", found->size, found->size > 1 ? "s" : "", found->low,
                         found->high);
    default:
        return lc_format("a lock held for %.3g ms [%.3g, %.3g]", 1e3 * found->size, 1e3 * found->low,
                         1e3 * found->high);
    }
}

/* "; each request works 3.1 ms (24 % of its own time) on a processor, and 0.12 cores are busy without any". */
static char *work_of(const struct lc_calibrated *found)
{
    struct lci_buffer text = {0};
    if (found->measured_cores) {
        lci_buffer_add(&text, "; each request works %.3g ms ± %.2g on a processor", 1e3 * found->work,
                       1e3 * 1.96 * found->work_error);
        if (found->own > 0)
            lci_buffer_add(&text, ", %.0f %% of its own time (cpu_share)", 100 * found->work / found->own);
    }
    if (found->background > TELLING * found->measured)
        lci_buffer_add(&text,
                       found->measured_cores ? "; %.3g cores are busy without any request"
                                             : "; %.3g %% are busy without any request",
                       found->measured_cores ? found->background : 100 * found->background);
    return lci_buffer_take(&text);
}

/* The text, which it takes, with what was measured beside the traces. */
static char *with_measured(const struct lc_calibrated *found, char *text)
{
    struct lci_buffer all = {0};
    lci_buffer_add(&all, "%s", text);
    if (!isnan(found->full))
        lci_buffer_add(&all, "; %.3g %% of it was measured to be busy, so that it saturates at %.3g requests/s",
                       100 * found->measured, found->full);
    else if (!isnan(found->measured) && found->capacity * found->held > 2 * found->measured)
        lci_buffer_add(&all, "; its processors had %.3g cores busy on the average", found->measured);
    if (!isnan(found->pauses.every))
        lci_buffer_add(&all,
                       "; every %.3g s the longest times are %.3g ms longer than usual: pauses, as those of garbage "
                       "collection%s",
                       found->pauses.every, 1e3 * found->pauses.length,
                       found->kind == LC_LIMIT_NONE ? "" : ", which can look like a limit");
    if (!isnan(found->work)) {
        char *work = work_of(found);
        lci_buffer_add(&all, "%s", work);
        free(work);
    }
    free(text);
    return lci_buffer_take(&all);
}

char *lci_evidence(const struct lc_calibrated *found, bool gaps)
{
    if (found->kind == LC_LIMIT_UNKNOWN)
        return with_measured(found, lc_format("%s: %zu visits, up to %zu at a time, of whom some may have waited",
                                              gaps ? "a sample, which does not tell who waited for whom"
                                              : found->load_count == 1 ? "recorded at one load"
                                                                       : "too few, or too short for the clock",
                                              found->visits, found->most));
    char *rises = rise(found), *text;
    if (found->kind == LC_LIMIT_NONE) {
        text = lc_format("up to %zu at a time; %s", found->most, rises);
    } else if (found->kind == LC_LIMIT_GROWTH) {
        text = lc_format("%s, and no queue, processor or lock explains it", rises);
    } else {
        char *size = size_of(found), *rest = left(found);
        text = lc_format("%s: %s; %s; log likelihood %.0f above %s", rises, size, rest, found->ahead,
                         found->second == LC_LIMIT_NONE ? "no limit" : lc_limit_word(found->second));
        free(size);
        free(rest);
    }
    free(rises);
    return with_measured(found, text);
}

char *lci_remains(const struct lc_calibrated *found)
{
    const struct lc_calibrated_load *quiet = end_of(found, false), *busy = end_of(found, true);
    if (found->kind == LC_LIMIT_UNKNOWN || found->kind == LC_LIMIT_GROWTH || quiet == busy ||
        !(quiet->unhindered > 0) || isnan(busy->unhindered))
        return NULL;
    const double more = busy->unhindered - quiet->unhindered;
    if (!(more > DIFFERS * quiet->recorded) || !(more > CERTAIN * hypot(busy->error, quiet->error)))
        return NULL;
    return lc_format("not explained by it: at the busiest load %.3g ms more than at the quietest", 1e3 * more);
}

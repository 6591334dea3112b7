/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * When the files were recorded. Between two files whose times do not touch a recording may have ended and another one
 * begun (stretches.c). Files of the same time are parts of one recording, such as those of several collectors.
 */
#include "network/visits/collect.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LATEST (INT64_C(1) << 62)
#define LEAST  20  /* requests of a file, to speak of its rate */
#define SAME   0.5 /* part of the longer of two files' times that both cover */
#define APART  1.25
#define FAR    4 /* standard errors between two rates that are not the same */

static int by_begin(const void *a, const void *b)
{
    const struct lc_interval *x = a, *y = b;
    return (x->begin > y->begin) - (x->begin < y->begin);
}

void lci_files_add(struct lci_visits *visits, int64_t begin, int64_t end)
{
    LC_GROW(visits->files, visits->file_count, visits->file_capacity);
    visits->files[visits->file_count++] = (struct lc_interval){begin, end};
}

void lci_files_settle(struct lci_visits *visits)
{
    if (visits->file_count > 1)
        qsort(visits->files, visits->file_count, sizeof *visits->files, by_begin);
    size_t count = 0;
    for (size_t i = 0; i < visits->file_count; i++) {
        const struct lc_interval *file = &visits->files[i];
        if (count > 0 && file->begin <= visits->files[count - 1].end) {
            int64_t *end = &visits->files[count - 1].end;
            *end = file->end > *end ? file->end : *end;
        } else {
            visits->files[count++] = *file;
        }
    }
    visits->file_count = count;
}

size_t lci_file_at(const struct lci_visits *visits, int64_t time)
{
    size_t low = 0, high = visits->file_count; /* the first that begins later */
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (visits->files[middle].begin <= time)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? low - 1 : 0;
}

json_t *lci_files_json(const struct lci_visits *visits)
{
    json_t *files = json_array();
    for (size_t i = 0; i < visits->file_count; i++)
        json_array_append_new(
            files, json_pack("[I, I]", (json_int_t)visits->files[i].begin, (json_int_t)visits->files[i].end));
    return files;
}

bool lci_files_read(struct lci_visits *visits, const json_t *files)
{
    for (size_t i = 0; i < json_array_size(files); i++) {
        json_int_t begin, end;
        if (json_unpack(json_array_get(files, i), "[I, I!]", &begin, &end) != 0 || begin > end || begin < -LATEST ||
            end > LATEST)
            return false;
        lci_files_add(visits, begin, end);
    }
    return true;
}

static double rate_of(const struct lc_file_times *file)
{
    return (double)file->roots / (1e-9 * (double)(file->end - file->begin));
}

/* Two files that cover the same time and whose rates are not those of shares of one load. */
static bool are_odd(const struct lc_file_times *a, const struct lc_file_times *b)
{
    const int64_t from = a->begin > b->begin ? a->begin : b->begin, to = a->end < b->end ? a->end : b->end;
    const double longer = fmax((double)(a->end - a->begin), (double)(b->end - b->begin));
    if (a->roots < LEAST || b->roots < LEAST || !((double)(to - from) > SAME * longer))
        return false;
    const double ratio = rate_of(a) / rate_of(b), error = sqrt(1 / (double)a->roots + 1 / (double)b->roots);
    return fmax(ratio, 1 / ratio) >= APART && fabs(log(ratio)) > FAR * error;
}

void lci_files_note(const struct lc_reading *reading, struct lc_diag *diag)
{
    for (size_t i = 1; i < reading->time_count; i++) {
        const struct lc_file_times *a = &reading->times[i - 1], *b = &reading->times[i];
        if (!are_odd(a, b))
            continue;
        lc_note(diag, NULL,
                "two of the files were recorded at the same time, with %.3g and %.3g requests/s: they count as one "
                "recording, with the requests of both; of recordings of their own, learn from one at a time",
                rate_of(a), rate_of(b));
        return;
    }
}

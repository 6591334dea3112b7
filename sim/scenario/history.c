/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "history.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/csv.h"
#include "base/output.h"
#include "loadcast/format.h"
#include "sim/scenario/growth.h"

#define LARGEST_HISTORY ((size_t)16 << 20) /* bytes */

struct columns {
    char separator;
    int date, rate;
};

static int read_header(char *line, const char *date, const char *rate, const struct lc_place *place,
                       struct columns *columns, struct lc_diag *diag)
{
    struct lci_buffer names = {0};
    char *fields[LCI_CSV_FIELDS];
    *columns = (struct columns){lci_csv_separator(line), -1, -1};
    const size_t count = lci_csv_cut(line, columns->separator, fields);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(fields[i], date) == 0)
            columns->date = (int)i;
        if (strcmp(fields[i], rate) == 0)
            columns->rate = (int)i;
        lci_buffer_join(&names, ", ", "'%s'", fields[i]);
    }
    for (int i = 0; i < 2; i++)
        if ((i == 0 ? columns->date : columns->rate) < 0)
            lc_error(diag, LC_INPUT, place,
                     "there is no column '%s' in this header; expected one of %s (growth: columns)",
                     i == 0 ? date : rate, names.text);
    free(names.text);
    return columns->date >= 0 && columns->rate >= 0 ? 0 : -1;
}

static void read_line(char *line, const struct columns *columns, const struct lc_place *place,
                      struct lci_history *history, struct lc_diag *diag)
{
    const char *rest;
    char *end, *fields[LCI_CSV_FIELDS];
    const int count = (int)lci_csv_cut(line, columns->separator, fields);
    const char *date = columns->date < count ? fields[columns->date] : "";
    const char *rate = columns->rate < count ? fields[columns->rate] : "";
    double day = 0;
    const double value = strtod(rate, &end);
    if (!lci_date_parse(date, &day, &rest) || (*rest != 0 && *rest != 'T' && *rest != ' ')) {
        lc_error(diag, LC_INPUT, place, "expected a date such as 2026-12-01, found '%s'", date);
    } else if (end == rate || *end != 0 || !isfinite(value) || !(value > 0)) {
        lc_error(diag, LC_INPUT, place, "expected a rate above 0, found '%s'", rate);
    } else {
        if (history->count == history->capacity) {
            history->capacity = history->capacity > 0 ? 2 * history->capacity : 64;
            history->days = lc_realloc(history->days, history->capacity, sizeof(double));
            history->rates = lc_realloc(history->rates, history->capacity, sizeof(double));
        }
        history->days[history->count] = day;
        history->rates[history->count++] = value;
    }
}

/* The dates of a file may go backwards. Insertion is enough: nearly all of them are in order. */
static void sort(struct lci_history *h)
{
    for (size_t i = 1; i < h->count; i++)
        for (size_t k = i; k > 0 && h->days[k - 1] > h->days[k]; k--) {
            const double day = h->days[k], rate = h->rates[k];
            h->days[k] = h->days[k - 1];
            h->rates[k] = h->rates[k - 1];
            h->days[k - 1] = day;
            h->rates[k - 1] = rate;
        }
}

int lci_history_read(const char *file, const char *date, const char *rate, struct lci_history *history,
                     struct lc_diag *diag)
{
    const size_t before = diag->errors;
    size_t length;
    char *text = lci_file_read(file, LARGEST_HISTORY, &length, diag);
    if (text == NULL)
        return -1;
    struct lc_place place = {.file = file, .offset = -1};
    struct columns columns = {.date = -1};
    char *line = text;
    while (line != NULL && diag->errors == before) {
        char *end = strchr(line, '\n'), *next = end != NULL ? end + 1 : NULL;
        if (end != NULL)
            *end = 0;
        place.line++;
        if (line[strspn(line, " \t\r")] != 0 && *line != '#') {
            if (columns.date < 0)
                read_header(line, date, rate, &place, &columns, diag);
            else
                read_line(line, &columns, &place, history, diag);
        }
        line = next;
    }
    free(text);
    sort(history);
    return diag->errors == before ? 0 : -1;
}

int lci_history_fit(const struct lci_history *h, const char *file, int shape, struct lc_trend *trend,
                    struct lc_diag *diag)
{
    const struct lc_place place = {.file = file, .offset = -1};
    const size_t least = shape < 0 ? 5 : 3;
    if (h->count < least || h->days[0] == h->days[h->count - 1]) {
        lc_error(diag, LC_INPUT, &place, "%zu points on %s are no history; expected %zu or more%s", h->count,
                 h->count > 1 && h->days[0] < h->days[h->count - 1] ? "several days" : "one day", least,
                 shape < 0 ? ", or 3 and a 'trend' that is set" : "");
        return -1;
    }
    struct lc_trend trends[2];
    double criteria[2];
    for (int i = 0; i < 2; i++)
        criteria[i] = lci_trend_fit(h->days, h->rates, h->count, (enum lc_shape)i, &trends[i]);
    *trend = trends[shape >= 0 ? shape : criteria[LC_LINEAR] < criteria[LC_EXPONENTIAL] ? LC_LINEAR : LC_EXPONENTIAL];
    return 0;
}

void lci_history_free(struct lci_history *history)
{
    free(history->days);
    free(history->rates);
}

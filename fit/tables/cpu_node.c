/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Counters of node_exporter (node_cpu_seconds_total) in CSV: a row for each counter with columns for time, host, cpu,
 * mode and value; or a row for each time with a column for each counter, named by its labels or by its mode.
 */
#include "base/csv.h"
#include "tables/cpu_samples.h"
#include "tables/times.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LABEL 64

enum role { TIME, COMPONENT, INSTANCE, CPU, MODE, VALUE, COUNTER, ROLES };
static const struct {
    const char *name;
    enum role role;
} names[] = {
    {"time", TIME},         {"timestamp", TIME},    {"component", COMPONENT},
    {"service", COMPONENT}, {"job", COMPONENT},     {"instance", INSTANCE},
    {"node", INSTANCE},     {"nodename", INSTANCE}, {"host", INSTANCE},
    {"hostname", INSTANCE}, {"cpu", CPU},           {"mode", MODE},
    {"value", VALUE},       {"seconds", VALUE},     {"node_cpu_seconds_total", VALUE},
};
static const char *const modes[] = {"user", "nice", "system", "irq", "softirq", "idle", "iowait", "steal"};
#define BUSY 5 /* of these, the first */

struct header {
    size_t count, column[ROLES]; /* LCI_CSV_FIELDS: there is none */
    struct counter {             /* of a column of its own; mode "": the column is none */
        char mode[LABEL], cpu[LABEL], instance[LABEL], component[LABEL];
    } counters[LCI_CSV_FIELDS];
    size_t counter_count;
};

static bool is_mode(const char *text, size_t from, size_t to)
{
    bool known = false;
    for (size_t i = from; i < to; i++)
        known |= strcasecmp(text, modes[i]) == 0;
    return known;
}

/* The value of a label in NAME{a="x", b="y"}. */
static void take_label(const char *text, const char *name, char *value)
{
    const size_t length = strlen(name);
    for (const char *at = text; (at = strstr(at, name)) != NULL; at += length)
        if (at > text && strchr("{, ", at[-1]) != NULL && at[length] == '=') {
            const char *begin = at + length + 1 + (at[length + 1] == '"');
            snprintf(value, LABEL, "%.*s", (int)strcspn(begin, "\",}"), begin);
            return;
        }
}

static void take_column(struct header *h, size_t i, const char *text)
{
    struct counter *c = &h->counters[i];
    if (strchr(text, '{') != NULL) {
        take_label(text, "mode", c->mode);
        take_label(text, "cpu", c->cpu);
        take_label(text, "instance", c->instance);
        take_label(text, "job", c->component);
        take_label(text, "service", c->component);
    } else if (is_mode(text, 0, sizeof modes / sizeof *modes)) {
        snprintf(c->mode, sizeof c->mode, "%s", text);
    }
    h->counter_count += c->mode[0] != 0;
}

/* Knows the table by its columns: time, and mode and value, or some counters of their own. */
static bool take_header(char **fields, size_t count, struct header *h)
{
    *h = (struct header){.count = count};
    for (int role = 0; role < ROLES; role++)
        h->column[role] = LCI_CSV_FIELDS;
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < sizeof names / sizeof *names; k++)
            if (strcasecmp(fields[i], names[k].name) == 0 && h->column[names[k].role] == LCI_CSV_FIELDS)
                h->column[names[k].role] = i;
        take_column(h, i, fields[i]);
    }
    const bool rows = h->column[MODE] < LCI_CSV_FIELDS && h->column[VALUE] < LCI_CSV_FIELDS;
    return h->column[TIME] < LCI_CSV_FIELDS && (rows || h->counter_count >= 2);
}

struct state {
    struct lci_cpu_samples *samples;
    struct lci_cpu_counters counters;
    struct header header;
    int line;
};

static const char *or_else(const char *text, const char *other)
{
    return *text != 0 ? text : other;
}

static void take_counter(struct state *s, char **fields, const struct counter *c, const char *value, int64_t time)
{
    const struct header *h = &s->header;
    char *end;
    const double seconds = strtod(value, &end);
    const char *row_instance = h->column[INSTANCE] < h->count ? fields[h->column[INSTANCE]] : "",
               *row_component = h->column[COMPONENT] < h->count ? fields[h->column[COMPONENT]] : "";
    const char *instance = or_else(row_instance, c->instance), *component = or_else(row_component, c->component);
    if (*value == 0 || *end != 0 || !(seconds >= 0)) {
        lc_error(s->samples->diag, LC_INPUT, &(struct lc_place){s->samples->file, s->line, 0, -1},
                 "expected a counter of seconds, found '%s'", value);
        return;
    }
    char *name = lc_format("%s %s", c->cpu, c->mode);
    lci_cpu_count(&s->counters, s->samples->service != NULL ? s->samples->service : or_else(component, instance),
                  instance, name, time, seconds, s->line);
    free(name);
}

static void take_row(struct state *s, char **fields, size_t count)
{
    const struct header *h = &s->header;
    int64_t time;
    const struct lc_place place = {s->samples->file, s->line, 0, -1};
    if (count != h->count) {
        lc_error(s->samples->diag, LC_INPUT, &place, "expected %zu fields, found %zu", h->count, count);
        return;
    }
    if (!lci_time_read(fields[h->column[TIME]], &time)) {
        lc_error(s->samples->diag, LC_INPUT, &place, "expected a time such as 2026-11-22T01:59:07Z, found '%s'",
                 fields[h->column[TIME]]);
        return;
    }
    if (h->column[MODE] < LCI_CSV_FIELDS) {
        struct counter c = {0};
        snprintf(c.mode, sizeof c.mode, "%s", fields[h->column[MODE]]);
        if (h->column[CPU] < LCI_CSV_FIELDS)
            snprintf(c.cpu, sizeof c.cpu, "%s", fields[h->column[CPU]]);
        if (is_mode(c.mode, 0, BUSY))
            take_counter(s, fields, &c, fields[h->column[VALUE]], time);
        return;
    }
    for (size_t i = 0; i < h->count; i++) {
        struct counter c = h->counters[i];
        if (h->column[CPU] < LCI_CSV_FIELDS)
            snprintf(c.cpu, sizeof c.cpu, "%s", fields[h->column[CPU]]);
        if (is_mode(c.mode, 0, BUSY) && *fields[i] != 0)
            take_counter(s, fields, &c, fields[i], time);
    }
}

bool lci_cpu_read_node(struct lci_cpu_samples *samples, char *text, size_t length)
{
    (void)length;
    char *first = lc_strndup(text, strcspn(text, "\r\n")), *fields[LCI_CSV_FIELDS];
    const char separator = lci_csv_separator(first);
    struct state *s = lc_calloc(1, sizeof *s);
    s->samples = samples;
    const bool known = take_header(fields, lci_csv_cut(first, separator, fields), &s->header);
    free(first);
    char *rest = text;
    for (char *line; known && (line = strsep(&rest, "\n")) != NULL;) {
        line[strcspn(line, "\r")] = 0;
        if (s->line++ > 0 && *line != 0)
            take_row(s, fields, lci_csv_cut(line, separator, fields));
    }
    if (known)
        lci_cpu_differences(&s->counters, samples);
    free(s);
    return known;
}

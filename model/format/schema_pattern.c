/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Patterns of load in documents:
 *   {rates: [[TIME, RATE], …], period: TIME}     linear between points
 *   {steps: [[TIME, RATE], …], period: TIME}     each from its time on; becomes `rates` with jumps
 *   {diurnal: [RATE, …]}                         one for each hour of a day (24) or a week (168); becomes `rates`
 *   {mmpp: {rates: [RATE, …], times: [TIME, …]}} mean times in the states, each other one may follow alike
 *   {mmpp: {rates: […], generator: [[…], …]}}
 *   {times: [TIME, …], period: TIME}   {script: "loop(25, 1000)"}   {users: [[TIME, USERS], …]}
 * each with {batch: 5}, {batch: {2: 0.5, 10: 0.5}} or {batch: {geometric: 3}} if need be. */
#include "base/text.h"
#include "format/schema.h"
#include "model/pattern.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define HOUR 3600.0 /* seconds */

struct pattern_reader {
    struct lci_reader *r;
    enum lc_dimension rate; /* LC_NUMBER: multiples of another rate */
    struct lc_pattern *to;
    size_t capacity[2];
    int kinds; /* so far; there may be one */
};

static void add_point(struct pattern_reader *p, double time, double value)
{
    struct lc_pattern *to = p->to;
    size_t count = to->count;
    LC_GROW(to->times, count, p->capacity[0]);
    LC_GROW(to->values, count, p->capacity[1]);
    to->times[to->count] = time;
    to->values[to->count++] = value;
}

static bool read_pairs(struct pattern_reader *p, const struct lci_node *node, const char *what,
                       enum lc_dimension dimension, bool steps)
{
    struct lc_diag *diag = p->r->build.diag;
    if (lci_node_is(node, LCI_NODE_LIST, what, diag) != 0)
        return false;
    bool right = true;
    for (size_t i = 0; i < node->count; i++) {
        const struct lci_node *pair = &node->items[i];
        double time, value;
        if (pair->kind != LCI_NODE_LIST || pair->count != 2) {
            lc_error(diag, LC_INPUT, &pair->place,
                     "a point of %s is not a pair; expected [TIME, VALUE], such as [60 s, %s]", what,
                     dimension == LC_RATE ? "20/s" : "20");
            right = false;
            continue;
        }
        if (lci_read_number(p->r, &pair->items[0], LC_TIME, "the time of a point", &time) != 0 ||
            lci_read_number(p->r, &pair->items[1], dimension, "the value of a point", &value) != 0) {
            right = false;
            continue;
        }
        if (steps && p->to->count > 0)
            add_point(p, time, p->to->values[p->to->count - 1]);
        add_point(p, time, value);
    }
    return right;
}

static void read_diurnal(struct pattern_reader *p, const struct lci_node *node)
{
    struct lc_diag *diag = p->r->build.diag;
    const double hour = HOUR / (p->r->unit > 0 ? p->r->unit : 1);
    if (lci_node_is(node, LCI_NODE_LIST, "'diurnal'", diag) != 0)
        return;
    if (node->count != 24 && node->count != 168)
        lc_error(diag, LC_INPUT, &node->place,
                 "'diurnal' has %zu values; expected one for each hour of a day (24) or of a week (168)", node->count);
    for (size_t i = 0; i < node->count; i++) {
        double value;
        if (lci_read_number(p->r, &node->items[i], p->rate, "the rate of an hour", &value) != 0)
            continue;
        if (p->to->count > 0)
            add_point(p, (double)i * hour, p->to->values[p->to->count - 1]);
        add_point(p, (double)i * hour, value);
    }
    p->to->period = (double)node->count * hour;
}

static bool read_list(struct pattern_reader *p, const struct lci_node *node, enum lc_dimension dimension,
                      const char *what, double *values, size_t count)
{
    struct lc_diag *diag = p->r->build.diag;
    if (lci_node_is(node, LCI_NODE_LIST, what, diag) != 0)
        return false;
    if (node->count != count)
        lc_error(diag, LC_INPUT, &node->place, "%s has %zu values; expected %zu", what, node->count, count);
    bool right = node->count == count;
    for (size_t i = 0; i < node->count && right; i++)
        right = lci_read_number(p->r, &node->items[i], dimension, what, &values[i]) == 0;
    return right;
}

static void read_generator(struct pattern_reader *p, const struct lci_node *rows)
{
    const size_t n = p->to->count;
    if (lci_node_is(rows, LCI_NODE_LIST, "'generator'", p->r->build.diag) != 0)
        return;
    if (rows->count != n)
        lc_error(p->r->build.diag, LC_INPUT, &rows->place,
                 "'generator' has %zu rows; expected one for each of %zu rates", rows->count, n);
    for (size_t i = 0; i < rows->count && i < n; i++)
        read_list(p, &rows->items[i], LC_RATE, "a row of 'generator'", p->to->generator + i * n, n);
}

static void read_sojourns(struct pattern_reader *p, const struct lci_node *node)
{
    const size_t n = p->to->count;
    double *times = lc_calloc(n, sizeof *times);
    if (read_list(p, node, LC_TIME, "'times'", times, n))
        for (size_t i = 0; i < n; i++) {
            if (!(times[i] > 0))
                lc_error(p->r->build.diag, LC_INPUT, &node->place,
                         "the mean time in state %zu is %g; expected more than 0", i + 1, times[i]);
            for (size_t j = 0; j < n; j++)
                p->to->generator[i * n + j] = i == j ? -1 / times[i] : 1 / times[i] / (double)(n - 1);
        }
    free(times);
}

struct mmpp_nodes {
    const struct lci_node *rates, *times, *generator;
};
const struct lci_field lci_mmpp_fields[] = {
    LCI_NODE(mmpp_nodes, rates, "[rate]", "of arrivals in each state"),
    LCI_NODE(mmpp_nodes, times, "[time]", "the mean time in each state; each other one may follow alike"),
    LCI_NODE(mmpp_nodes, generator, "[[rate]]", "or the rates of going from state to state, row by row"),
    {0},
};

static void read_mmpp(struct pattern_reader *p, const struct lci_node *node)
{
    enum { MOST = 100 };
    struct mmpp_nodes n = {0};
    struct lc_diag *diag = p->r->build.diag;
    if (lci_read_nodes(node, "'mmpp'", lci_mmpp_fields, &n, diag) != 0)
        return;
    const struct lci_node *rates = n.rates, *times = n.times, *generator = n.generator;
    if (rates == NULL || rates->kind != LCI_NODE_LIST || rates->count < 2 || rates->count > MOST ||
        (times == NULL) == (generator == NULL)) {
        lc_error(diag, LC_INPUT, &node->place,
                 "'mmpp' is incomplete; expected {rates: [5/s, 50/s], times: [20 s, 1 s]}, or 'generator' instead of "
                 "'times', for 2 to 100 states");
        return;
    }
    p->to->count = rates->count;
    p->to->values = lc_calloc(rates->count, sizeof(double));
    p->to->generator = lc_calloc(rates->count * rates->count, sizeof(double));
    read_list(p, rates, p->rate, "'rates'", p->to->values, rates->count);
    if (times != NULL)
        read_sojourns(p, times);
    else
        read_generator(p, generator);
}

static void read_at_least(struct pattern_reader *p, const struct lci_node *node, enum lc_dimension dimension,
                          const char *what, double least, double *value)
{
    if (lci_read_number(p->r, node, dimension, what, value) == 0 && !(*value >= least))
        lc_error(p->r->build.diag, LC_INPUT, &node->place, "%s is '%s'; expected %s", what, node->text,
                 least == 1 ? "1 or more" : "more than 0");
}

static void read_batch(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, void *value)
{
    (void)r;
    (void)f;
    struct pattern_reader *p = value;
    struct lc_diag *diag = p->r->build.diag;
    struct lc_pattern *to = p->to;
    if (node->kind == LCI_NODE_MAP && lci_node_get(node, "geometric") != NULL) {
        static const char *const geometric[] = {"geometric", NULL};
        if (lci_node_keys(node, geometric, "'batch'", diag) == 0)
            read_at_least(p, lci_node_get(node, "geometric"), LC_NUMBER, "'geometric'", 1, &to->batch_mean);
        return;
    }
    const size_t count = node->kind == LCI_NODE_MAP ? node->count : 1;
    to->batch_sizes = lc_calloc(count, sizeof(double));
    to->batch_probabilities = lc_calloc(count, sizeof(double));
    to->batch_count = count;
    for (size_t i = 0; i < count; i++) {
        const bool map = node->kind == LCI_NODE_MAP;
        lci_read_number(p->r, map ? &node->keys[i] : node, LC_NUMBER, "a batch size", &to->batch_sizes[i]);
        to->batch_probabilities[i] = 1;
        if (map)
            lci_read_number(p->r, &node->items[i], LC_FRACTION, "the probability of a batch size",
                            &to->batch_probabilities[i]);
    }
}

static void read_times(struct pattern_reader *p, const struct lci_node *node)
{
    if (lci_node_is(node, LCI_NODE_LIST, "'times'", p->r->build.diag) != 0)
        return;
    p->to->count = node->count;
    p->to->times = lc_calloc(node->count, sizeof(double));
    for (size_t i = 0; i < node->count; i++)
        lci_read_number(p->r, &node->items[i], LC_TIME, "a time", &p->to->times[i]);
}

static void read_kind(struct pattern_reader *p, const char *key, const struct lci_node *value)
{
    static const char *const points[] = {"rates", "steps", "diurnal", "users"};
    struct lc_pattern *to = p->to;
    for (size_t i = 0; i < sizeof points / sizeof *points; i++)
        if (strcmp(key, points[i]) == 0)
            to->kind = i < 3 ? LC_PATTERN_RATES : LC_PATTERN_USERS;
    if (strcmp(key, "diurnal") == 0) {
        read_diurnal(p, value);
    } else if (to->kind == LC_PATTERN_RATES) {
        read_pairs(p, value, key, p->rate, strcmp(key, "steps") == 0);
    } else if (to->kind == LC_PATTERN_USERS) {
        read_pairs(p, value, key, LC_NUMBER, false);
    } else if (strcmp(key, "mmpp") == 0) {
        to->kind = LC_PATTERN_MMPP;
        read_mmpp(p, value);
    } else if (strcmp(key, "times") == 0) {
        to->kind = LC_PATTERN_TIMES;
        read_times(p, value);
    } else {
        const char *text;
        to->kind = LC_PATTERN_SCRIPT;
        to->script_unit = 1e-3 / (p->r->unit > 0 ? p->r->unit : 1);
        if (lci_node_text(value, "'script'", &text, p->r->build.diag) == 0)
            to->script = lc_strdup(text);
    }
}

static void read_period(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, void *value)
{
    (void)r;
    (void)f;
    struct pattern_reader *p = value;
    read_at_least(p, node, LC_TIME, "'period'", DBL_MIN, &p->to->period);
}

static void read_one_kind(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, void *value)
{
    struct pattern_reader *p = value;
    if (p->kinds++ == 0)
        read_kind(p, f->name, node);
    else
        lc_error(r->build.diag, LC_INPUT, &r->key->place, "'%s' is one kind of load pattern too many; expected one",
                 f->name);
}

static const struct lci_type type_kind = {read_one_kind}, type_period = {read_period, NULL, "time"},
                             type_batch = {read_batch, NULL, "number | sizes"};

const struct lci_field lci_pattern_fields[] = {
    {"rates", &type_kind, .shape = "[any]", .about = "[[TIME, RATE], …]: Poisson arrivals, linear between the points"},
    {"steps", &type_kind, .shape = "[any]", .about = "[[TIME, RATE], …]: Poisson arrivals, each rate from its time on"},
    {"diurnal", &type_kind, .shape = "[rate]", .about = "a rate for each hour of a day (24) or of a week (168)"},
    {"mmpp", &type_kind, .shape = "mmpp", .about = "bursts: rates that change at random"},
    {"times", &type_kind, .shape = "[time]", .about = "exactly then"},
    {"script", &type_kind, .shape = "text", .about = "the language of a load driver: loop(25, 1000)"},
    {"users", &type_kind, .shape = "[any]", .about = "[[TIME, USERS], …]: customers of a closed source"},
    {"period", &type_period, .about = "the load pattern repeats with this period"},
    {"batch", &type_batch, .about = "several requests at once: 5, {1: 0.9, 10: 0.1} or {geometric: 3}"},
    {0},
};

/* Appends errors; the pattern is then not to be used. */
static void read_all(struct pattern_reader *p, const struct lci_node *node)
{
    const struct lci_part part = {lci_pattern_fields, p};
    if (lci_node_is(node, LCI_NODE_MAP, "a load pattern", p->r->build.diag) == 0)
        lci_read_fields(p->r, node, "a load pattern", &part, 1);
}

static void read_pattern(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, void *value)
{
    (void)f;
    const size_t before = r->build.diag->errors;
    struct pattern_reader p = {.r = r, .rate = LC_RATE, .to = value};
    lci_pattern_free(p.to);
    read_all(&p, node);
    if (r->build.diag->errors == before)
        lci_pattern_check(p.to, "the load pattern", r->build.diag, &node->place);
    if (r->build.diag->errors > before)
        lci_pattern_free(p.to);
}

int lci_node_pattern(const struct lci_node *node, bool multiples, struct lc_pattern *pattern, struct lc_diag *diag)
{
    struct lci_reader reader = {.build.diag = diag};
    const size_t before = diag->errors;
    *pattern = (struct lc_pattern){0};
    struct pattern_reader p = {.r = &reader, .rate = multiples ? LC_NUMBER : LC_RATE, .to = pattern};
    read_all(&p, node);
    if (diag->errors == before)
        lci_pattern_check(pattern, "the load pattern", diag, &node->place);
    if (diag->errors == before)
        return 0;
    lci_pattern_free(pattern);
    return -1;
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

static struct lci_doc pairs(const struct lc_pattern *p)
{
    struct lci_doc list = lci_doc_list();
    for (size_t i = 0; i < p->count; i++)
        lci_doc_add(&list, lci_doc_numbers((const double[]){p->times[i], p->values[i]}, 2));
    return list;
}

static struct lci_doc mmpp(const struct lc_pattern *p)
{
    struct lci_doc map = lci_doc_map(), rows = lci_doc_list();
    for (size_t i = 0; i < p->count; i++)
        lci_doc_add(&rows, lci_doc_numbers(p->generator + i * p->count, p->count));
    lci_doc_put(&map, "rates", lci_doc_numbers(p->values, p->count));
    lci_doc_put(&map, "generator", rows);
    return map;
}

static void put_batch(const struct lc_pattern *p, struct lci_doc *map)
{
    if (!lci_pattern_is_batch(p))
        return;
    struct lci_doc batch = lci_doc_map();
    if (p->batch_mean > 0)
        lci_doc_put(&batch, "geometric", lci_doc_number(p->batch_mean));
    for (size_t i = 0; i < p->batch_count; i++) {
        char size[32];
        lci_doc_put(&batch, lci_number_text(p->batch_sizes[i], size), lci_doc_number(p->batch_probabilities[i]));
    }
    lci_doc_put(map, "batch", batch);
}

static bool write_pattern(const struct lci_layout *l, const struct lci_field *f, const void *value, struct lci_doc *doc)
{
    (void)l;
    (void)f;
    const struct lc_pattern *p = value;
    if (p->kind == LC_PATTERN_NONE && !lci_pattern_is_batch(p))
        return false;
    *doc = lci_doc_map();
    switch (p->kind) {
    case LC_PATTERN_NONE: break;
    case LC_PATTERN_RATES: lci_doc_put(doc, "rates", pairs(p)); break;
    case LC_PATTERN_MMPP: lci_doc_put(doc, "mmpp", mmpp(p)); break;
    case LC_PATTERN_TIMES: lci_doc_put(doc, "times", lci_doc_numbers(p->times, p->count)); break;
    case LC_PATTERN_SCRIPT: lci_doc_put(doc, "script", lci_doc_text(p->script)); break;
    case LC_PATTERN_USERS: lci_doc_put(doc, "users", pairs(p)); break;
    }
    if (p->period > 0)
        lci_doc_put(doc, "period", lci_doc_number(p->period));
    put_batch(p, doc);
    return true;
}

const struct lci_type lci_type_pattern = {read_pattern, write_pattern, "pattern"};

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `growth`: how it goes on, and the points that come of it. */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "history.h"
#include "scenario_reader.h"
#include "sim/scenario/growth.h"

enum { MOST_STEPS = 500 };

/* "month", with its place in the text. */
static int read_period(const struct lci_node *node, const char *word, enum lc_period *period, struct lc_diag *diag)
{
    while (isspace((unsigned char)*word))
        word++;
    const int found = lci_period_find(word, strlen(word));
    if (found < 0) {
        lc_error(diag, LC_INPUT, &node->place, "'%s' has no period of the calendar; expected day, week, month or year",
                 node->text);
        return -1;
    }
    *period = (enum lc_period)found;
    return 0;
}

/* "2 weeks", "month". */
static int read_span(const struct lci_node *node, const char *what, struct lc_duration *span, struct lc_diag *diag)
{
    const char *text;
    if (lci_node_text(node, what, &text, diag) != 0)
        return -1;
    const size_t digits = strspn(text, "0123456789.");
    char *number = digits > 0 ? lc_strndup(text, digits) : lc_strdup("1");
    int status = lci_quantity(number, LC_NUMBER, &span->count, diag, &node->place);
    free(number);
    if (status == 0 && !(span->count > 0)) {
        lc_error(diag, LC_INPUT, &node->place, "%s is '%s'; expected more than 0, such as 12 months", what, text);
        status = -1;
    }
    return status == 0 ? read_period(node, text + digits, &span->period, diag) : -1;
}

static int read_date(const struct lci_node *node, const char *what, double *day, struct lc_diag *diag)
{
    const char *text, *end = "";
    if (lci_node_text(node, what, &text, diag) != 0)
        return -1;
    if (lci_date_parse(text, day, &end) && *end == 0)
        return 0;
    lc_error(diag, LC_INPUT, &node->place, "%s is '%s'; expected a date of the calendar such as 2026-12-01", what,
             text);
    return -1;
}

/* "10 % / month"; a linear growth also "3/s / month" of all open workloads together. */
static void read_amount(const struct lci_node *node, enum lc_shape shape, struct lc_scenario *s, struct lc_diag *diag)
{
    struct lc_growth *g = &s->growth;
    const char *text;
    g->shape = shape;
    if (lci_node_text(node, shape == LC_LINEAR ? "'linear'" : "'rate'", &text, diag) != 0)
        return;
    const char *slash = strrchr(text, '/');
    if (slash == NULL) {
        lc_error(diag, LC_INPUT, &node->place, "'%s' does not say in which time; expected a growth such as %s", text,
                 shape == LC_LINEAR ? "3/s / month" : "10 % / month");
        return;
    }
    char *amount = lc_strndup(text, (size_t)(slash - text));
    const bool rate = shape == LC_LINEAR && strchr(amount, '/') != NULL;
    if (read_period(node, slash + 1, &g->period, diag) == 0 &&
        lci_quantity(amount, rate ? LC_RATE : LC_FRACTION, &g->amount, diag, &node->place) == 0) {
        const double open = rate ? lci_open_rate(s, &node->place, diag) : 1;
        if (!(open > 0))
            lc_error(diag, LC_INPUT, &node->place, "a growth of '%s' needs a workload that has a rate", text);
        else
            g->amount /= open;
        if (shape == LC_EXPONENTIAL && !(g->amount > -1))
            lc_error(diag, LC_INPUT, &node->place, "a load cannot shrink by %s; expected less than 100 %%", amount);
    }
    free(amount);
    g->every = (struct lc_duration){1, g->period};
}

struct growth_nodes {
    const struct lci_node *rate, *linear, *history, *columns, *trend, *start, *every, *horizon;
};
const struct lci_field lci_growth_fields[] = {
    LCI_NODE(growth_nodes, rate, "text", "10 % / month: of what it is, so that months multiply"),
    LCI_NODE(growth_nodes, linear, "text", "3/s / month or 10 % / month: the same each month"),
    LCI_NODE(growth_nodes, history, "text", "a CSV file: the trend of the past goes on"),
    LCI_NODE(growth_nodes, columns, "columns", "of the history"),
    LCI_NODE(growth_nodes, trend, "=exponential | =linear | =auto", "of the history; the better one unless given"),
    LCI_NODE(growth_nodes, start, "text", "the date of the load as it stands; the last one of a history unless given"),
    LCI_NODE(growth_nodes, every, "text", "the step, such as 2 weeks; the period of the rate unless given"),
    LCI_NODE(growth_nodes, horizon, "text", "a date, or a time such as 12 months"),
    {0},
};

struct column_nodes {
    const struct lci_node *date, *rate;
};
const struct lci_field lci_column_fields[] = {
    LCI_NODE(column_nodes, date, "text", "the column of dates; `date` unless given"),
    LCI_NODE(column_nodes, rate, "text", "the column of rates; `rate` unless given"),
    {0},
};

/* FILE.csv, and how to read it. */
static void read_history(const struct growth_nodes *n, struct lc_scenario *s, struct lc_diag *diag)
{
    static const char *const shapes[] = {"exponential", "linear", "auto"};
    const struct lci_node *trend = n->trend;
    const char *file, *date = "date", *rate = "rate", *word = "auto";
    struct column_nodes columns = {0};
    if (n->columns != NULL && lci_read_nodes(n->columns, "'columns'", lci_column_fields, &columns, diag) == 0) {
        if (columns.date != NULL)
            lci_node_text(columns.date, "date", &date, diag);
        if (columns.rate != NULL)
            lci_node_text(columns.rate, "rate", &rate, diag);
    }
    if (trend != NULL && lci_node_text(trend, "'trend'", &word, diag) != 0)
        return;
    int shape = 0;
    while (shape < 3 && strcmp(shapes[shape], word) != 0)
        shape++;
    if (shape == 3) {
        lc_error(diag, LC_INPUT, &trend->place, "'trend' is '%s'; expected exponential, linear or auto", word);
        return;
    }
    if (lci_node_text(n->history, "'history'", &file, diag) != 0)
        return;
    char *path = lci_resolve(s, file);
    struct lci_history history = {0};
    if (lci_history_read(path, date, rate, &history, diag) == 0 &&
        lci_history_fit(&history, path, shape == 2 ? -1 : shape, &s->growth.trend, diag) == 0 && history.count > 0)
        s->growth.start = history.days[history.count - 1];
    lci_history_free(&history);
    free(path);
    s->growth.every = (struct lc_duration){1, LC_MONTH};
}

static void read_way(const struct lci_node *node, const struct growth_nodes *n, struct lc_scenario *s,
                     struct lc_diag *diag)
{
    const struct lci_node *rate = n->rate, *linear = n->linear, *history = n->history;
    const int given = (rate != NULL) + (linear != NULL) + (history != NULL);
    if (given != 1)
        lc_error(diag, LC_INPUT, &node->place,
                 "'growth' has %s 'rate' (such as 10 %% / month), 'linear' (3/s / month) and 'history' (a CSV file); "
                 "expected one of them",
                 given == 0 ? "none of" : "several of");
    else if (history != NULL)
        read_history(n, s, diag);
    else
        read_amount(rate != NULL ? rate : linear, rate != NULL ? LC_EXPONENTIAL : LC_LINEAR, s, diag);
    const struct lci_node *const stray = history != NULL ? NULL : n->columns != NULL ? n->columns : n->trend;
    if (stray != NULL)
        lc_error(diag, LC_INPUT, &stray->place, "'%s' is about a history; there is none",
                 stray == n->columns ? "columns" : "trend");
}

/* Months are written without their day where all of them begin with it. */
static void add_points(const struct lci_node *node, struct lc_scenario *s, struct lc_diag *diag)
{
    const struct lc_growth *g = &s->growth;
    char first[32], text[32];
    lci_date_text(g->start, first);
    const bool months =
        g->every.period >= LC_MONTH && strcmp(first + 8, "01") == 0 && g->every.count == floor(g->every.count);
    for (int i = 0;; i++) {
        const double day = lci_date_add(g->start, i * g->every.count, g->every.period);
        if (day > g->end + 1e-6)
            break;
        const double factor = lci_growth_factor(g, day);
        if (i > MOST_STEPS || !(factor > 0) || !isfinite(factor)) {
            if (i > MOST_STEPS)
                lc_error(diag, LC_INPUT, &node->place,
                         "'growth' has more than %d points to look at; expected a shorter horizon or longer steps "
                         "('every')",
                         MOST_STEPS);
            else
                lc_error(diag, LC_INPUT, &node->place, "by this growth the load of %s is × %.4g; expected above 0",
                         lci_date_text(day, text), factor);
            return;
        }
        lci_date_text(day, text);
        struct lc_load_point *p = lci_add_load_point(s, lc_strndup(text, months ? 7 : 10), factor);
        p->dated = true;
        p->day = day;
    }
}

void lci_read_growth(const struct lci_node *node, struct lc_scenario *s, struct lc_diag *diag)
{
    const size_t before = diag->errors;
    struct lc_growth *g = &s->growth;
    struct growth_nodes n = {0};
    if (lci_read_nodes(node, "'growth'", lci_growth_fields, &n, diag) != 0)
        return;
    g->given = true;
    read_way(node, &n, s, diag);
    const struct lci_node *start = n.start, *horizon = n.horizon, *every = n.every;
    struct lc_duration span;
    const char *end;
    if (start != NULL)
        read_date(start, "'start'", &g->start, diag);
    else if (n.history == NULL)
        lc_error(diag, LC_INPUT, &node->place, "'growth' lacks 'start', the date of the load as it stands: 2026-12-01");
    if (every != NULL && read_span(every, "'every'", &span, diag) == 0)
        g->every = span;
    if (horizon == NULL)
        lc_error(diag, LC_INPUT, &node->place, "'growth' lacks 'horizon', such as 12 months or 2027-12-01");
    else if (horizon->kind == LCI_NODE_SCALAR && lci_date_parse(horizon->text, &g->end, &end) && *end == 0)
        ;
    else if (read_span(horizon, "'horizon'", &span, diag) == 0)
        g->end = lci_date_add(g->start, span.count, span.period);
    if (diag->errors == before && g->end < g->start)
        lc_error(diag, LC_INPUT, &horizon->place, "'horizon' lies before 'start'");
    if (diag->errors == before)
        add_points(node, s, diag);
}

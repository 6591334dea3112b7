/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How the requests of a workload come, beyond a plain rate or number of users. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/output.h"
#include "base/sort.h"
#include "base/text.h"
#include "loadcast/format.h"
#include "model/pattern.h"
#include "scenario_reader.h"

#define LARGEST_REPLAY ((size_t)512 << 20) /* bytes */

/* ---- replay ------------------------------------------------------------------------------------------------------ */

/* The first field of a line as a time: a number of seconds, or with its unit. */
static int field_time(const char *line, double *time)
{
    const size_t length = strcspn(line, ",;\t\r");
    char *field = lc_strndup(line, length);
    const int status =
        lci_quantity(field, LC_NUMBER, time, NULL, NULL) == 0 ? 0 : lci_quantity(field, LC_TIME, time, NULL, NULL);
    free(field);
    return status;
}

static int read_times(char *text, const char *file, struct lc_pattern *pattern, struct lc_diag *diag)
{
    size_t capacity = 0;
    int line = 0;
    for (char *rest = text, *at; (at = strsep(&rest, "\n")) != NULL;) {
        double time;
        line++;
        if (at[strspn(at, " \t\r")] == 0)
            continue;
        if (field_time(at, &time) == 0 && isfinite(time)) {
            LC_GROW(pattern->times, pattern->count, capacity);
            pattern->times[pattern->count++] = time;
        } else if (line > 1) { /* the first line may be a heading */
            lc_error(diag, LC_INPUT, &(struct lc_place){file, line, 1, -1},
                     "'%.40s' begins with no time; expected a number of seconds, or a time such as '20 ms'", at);
            return -1;
        }
    }
    if (pattern->count == 0) {
        lc_error(diag, LC_INPUT, &(struct lc_place){file, 0, 0, -1},
                 "there is no arrival in the file; expected one time a line");
        return -1;
    }
    lci_sort_doubles(pattern->times, pattern->count);
    for (size_t i = pattern->count; i-- > 0;)
        pattern->times[i] -= pattern->times[0];
    return 0;
}

/* The times are known when the traces are read. Until then the rate is that of one request. */
static void replay_traces(const struct lci_node *node, const struct lc_scenario *s, struct lc_workload *w,
                          struct lc_diag *diag)
{
    w->pattern = (struct lc_pattern){.kind = LC_PATTERN_TIMES, .times = lc_calloc(1, sizeof(double)), .count = 1};
    if (s->traces == NULL)
        lc_error(
            diag, LC_INPUT, &node->place,
            "'replay: traces' needs a scenario on traces; with a model it takes a file of times, such as ./traces");
    else if (w->activity != NULL || w->steps != NULL)
        lc_error(diag, LC_INPUT, &node->place,
                 "workload '%s' replays traces, and they tell the times of single requests; expected an 'entry' or a "
                 "'mix', not %s",
                 w->name, w->activity != NULL ? "an activity" : "a session");
}

static void read_replay(const struct lci_node *node, const struct lc_scenario *s, struct lc_workload *w,
                        struct lc_diag *diag)
{
    const char *name;
    size_t length;
    if (lci_node_text(node, "'replay'", &name, diag) != 0)
        return;
    w->replays_traces = strcmp(name, "traces") == 0;
    if (w->replays_traces) {
        replay_traces(node, s, w, diag);
        return;
    }
    char *file = lci_resolve(s, name), *text = lci_file_read(file, LARGEST_REPLAY, &length, diag);
    w->pattern.kind = LC_PATTERN_TIMES;
    if (text != NULL)
        read_times(text, file, &w->pattern, diag);
    free(text);
    free(file);
}

/* ---- arrivals ---------------------------------------------------------------------------------------------------- */

static bool is_pattern(const struct lci_node *arrivals)
{
    for (const struct lci_field *f = lci_pattern_fields; f->name != NULL; f++)
        if (lci_node_get(arrivals, f->name) != NULL)
            return true;
    return false;
}

/* Whether the workload comes by itself, without users: open. */
bool lci_is_open(const struct lci_workload_nodes *n)
{
    return n->rate != NULL || n->script != NULL ||
           (n->users == NULL && n->arrivals != NULL && n->arrivals->kind == LCI_NODE_MAP);
}

static void no_rate(const struct lc_workload *w, const struct lc_place *place, bool wanted, struct lc_diag *diag)
{
    if (wanted)
        lc_error(diag, LC_INPUT, place, "workload '%s' lacks 'rate', such as 12/s", w->name);
    else
        lc_error(diag, LC_INPUT, place,
                 "workload '%s' has times of its own and a rate; leave 'rate' out (load factors make it faster)",
                 w->name);
}

/* The pattern's rates become absolute, and the workload's rate is the one that was given, or the mean. */
static void settle_rate(struct lc_workload *w, bool given)
{
    const double batch = lci_pattern_batch(&w->pattern);
    for (size_t i = 0; given && w->pattern.values != NULL && i < w->pattern.count; i++)
        w->pattern.values[i] *= w->rate / batch;
    if (!given)
        w->rate = lci_pattern_rate(&w->pattern) * batch;
}

struct replay_nodes {
    const struct lci_node *replay;
};
const struct lci_field lci_replay_fields[] = {
    LCI_NODE(replay_nodes, replay, "text", "a file of times, or traces: at the times of the recorded requests"),
    {0},
};

static void read_pattern(const struct lci_node *arrivals, const struct lci_node *rate, const struct lc_scenario *s,
                         struct lc_workload *w, struct lc_diag *diag)
{
    struct replay_nodes n = {0};
    const size_t before = diag->errors;
    if (lci_node_get(arrivals, lci_replay_fields[0].name) != NULL) {
        if (lci_read_nodes(arrivals, "a replay", lci_replay_fields, &n, diag) == 0)
            read_replay(n.replay, s, w, diag);
    } else {
        lci_node_pattern(arrivals, rate != NULL && lci_node_get(arrivals, "times") == NULL, &w->pattern, diag);
    }
    if (diag->errors > before)
        return;
    const enum lc_pattern_kind kind = w->pattern.kind;
    if (kind == LC_PATTERN_USERS || kind == LC_PATTERN_SCRIPT)
        lc_error(diag, LC_INPUT, &arrivals->place, "'%s' stands beside 'arrivals', not in it",
                 kind == LC_PATTERN_USERS ? "users" : "script");
    else if (kind == LC_PATTERN_TIMES && rate != NULL)
        no_rate(w, &rate->place, false, diag);
    else if (kind == LC_PATTERN_NONE && rate == NULL)
        no_rate(w, &arrivals->place, true, diag);
    else
        settle_rate(w, rate != NULL);
}

void lci_read_arrivals(const struct lci_workload_nodes *n, const struct lc_scenario *s, struct lc_workload *w,
                       struct lc_diag *diag)
{
    const struct lci_node *arrivals = n->arrivals, *rate = n->rate, *script = n->script;
    const char *text;
    if (script != NULL) {
        if (rate != NULL)
            no_rate(w, &rate->place, false, diag);
        if (arrivals != NULL)
            lc_error(diag, LC_INPUT, &arrivals->place, "workload '%s' has both 'arrivals' and a script; expected one",
                     w->name);
        w->pattern = (struct lc_pattern){.kind = LC_PATTERN_SCRIPT, .script_unit = 1e-3};
        if (lci_node_text(script, "'script'", &text, diag) == 0)
            w->pattern.script = lc_strdup(text);
        if (w->pattern.script != NULL && lci_pattern_check(&w->pattern, "the script", diag, &script->place) == 0)
            settle_rate(w, false);
        return;
    }
    if (rate != NULL)
        lci_read_positive(rate, LC_RATE, "'rate'", &w->rate, diag);
    if (arrivals == NULL || (arrivals->kind == LCI_NODE_SCALAR && strcmp(arrivals->text, "poisson") == 0))
        return;
    if (arrivals->kind == LCI_NODE_SCALAR)
        lc_error(diag, LC_INPUT, &arrivals->place,
                 "'arrivals' is '%s'; expected poisson, a distribution such as {gamma: {shape: 0.5, scale: 1 s}}, or a "
                 "load pattern such as {steps: [[0 s, 1], [60 s, 5]]}",
                 arrivals->text);
    else if (is_pattern(arrivals) || lci_node_get(arrivals, lci_replay_fields[0].name) != NULL)
        read_pattern(arrivals, rate, s, w, diag);
    else if (lci_node_distribution(arrivals, "'arrivals'", &w->arrivals, diag) == 0 && rate == NULL)
        no_rate(w, &arrivals->place, true, diag);
}

/* A number, or a list of points in time. */
void lci_read_users(const struct lci_node *users, struct lc_workload *w, struct lc_diag *diag)
{
    uint64_t count;
    if (users->kind != LCI_NODE_LIST) {
        if (lci_node_count(users, 1, 1000000000, "'users'", &count, diag) == 0)
            w->users = (uint32_t)count;
        return;
    }
    char word[] = "users";
    struct lci_node key = {.kind = LCI_NODE_SCALAR, .text = word, .place = users->place}, value = *users;
    const struct lci_node map = {
        .kind = LCI_NODE_MAP, .keys = &key, .items = &value, .count = 1, .place = users->place};
    double most = 1;
    if (lci_node_pattern(&map, false, &w->pattern, diag) != 0)
        return;
    for (size_t i = 0; i < w->pattern.count; i++)
        most = fmax(most, ceil(w->pattern.values[i]));
    w->users = (uint32_t)most;
}

/* ---- curves ------------------------------------------------------------------------------------------------------ */

/* {mode: transient, duration: 10 min, step: 5 s, replications: 100} */
void lci_read_curves(const struct lci_node *node, const struct lci_simulation_nodes *n, struct lc_scenario *s,
                     struct lc_diag *diag)
{
    const struct lci_node *mode = n->mode, *duration = n->duration, *step = n->step;
    const char *text = "steady";
    s->curves = lc_transient_defaults();
    if (mode != NULL && lci_node_text(mode, "'mode'", &text, diag) != 0)
        return;
    const bool transient = strcmp(text, "transient") == 0;
    if (!transient && strcmp(text, "steady") != 0)
        lc_error(diag, LC_INPUT, &mode->place, "'mode' is '%s'; expected steady, or transient for curves over time",
                 text);
    const struct lci_node *stray = !transient ? (duration != NULL ? duration : step) : NULL;
    if (stray != NULL)
        lc_error(diag, LC_INPUT, &stray->place, "'%s' is for curves over time; add 'mode: transient', or leave it out",
                 duration != NULL ? "duration" : "step");
    if (!transient)
        return;
    if (duration == NULL)
        lc_error(diag, LC_INPUT, &node->place, "'mode: transient' lacks 'duration', such as 10 min");
    else
        lci_read_positive(duration, LC_TIME, "'duration'", &s->curves.duration, diag);
    s->curves.step = s->curves.duration / 60;
    if (step != NULL)
        lci_read_positive(step, LC_TIME, "'step'", &s->curves.step, diag);
    const struct lci_node *const steady[] = {n->precision, n->confidence};
    for (int i = 0; i < 2; i++)
        if (steady[i] != NULL)
            lc_error(diag, LC_INPUT, &steady[i]->place,
                     "'%s' is for a steady state; with 'mode: transient' a number of 'replications' is expected",
                     i == 0 ? "precision" : "confidence");
    if (s->simulation.replications > 0)
        s->curves.replications = s->simulation.replications;
    s->curves.warmup = s->simulation.warmup > 0 ? s->simulation.warmup : 0;
}

static void check_steady(const struct lc_workload *w, size_t count, struct lc_diag *diag)
{
    for (size_t i = 0; w != NULL && i < count; i++)
        if (lci_pattern_varies(&w[i].pattern))
            lc_error(diag, LC_INPUT, &w[i].place,
                     "the load of workload '%s' changes with time, so that there is no steady state; expected "
                     "simulation: {mode: transient, duration: 10 min}",
                     w[i].name);
}

/* Load that changes with time has no steady state. */
void lci_check_mode(const struct lc_scenario *s, struct lc_diag *diag)
{
    if (s->curves.duration > 0)
        return;
    check_steady(s->workloads, s->workload_count, diag);
    for (size_t i = 0; i < s->what_if_count; i++)
        check_steady(s->what_ifs[i].workloads, s->workload_count, diag);
}

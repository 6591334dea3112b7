/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "loadcast/scenario.h"
#include "base/buffer.h"
#include "base/output.h"
#include "base/text.h"
#include "model/assumption.h"
#include "model/pattern.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/shown.h"
#include "loadcast/format.h"
#include "scenario_reader.h"

#define LARGEST_SCENARIO ((size_t)16 << 20) /* bytes; they are written by people */
#define DEFAULT_MAX_TIME 600.0              /* seconds for all points together */

struct lci_node *lci_read_yaml(const char *file, struct lc_diag *diag)
{
    size_t length;
    char *text = lci_file_read(file, LARGEST_SCENARIO, &length, diag);
    if (text == NULL)
        return NULL;
    struct lci_node *root = lci_yaml_parse(text, length, file, diag);
    free(text);
    return root;
}

bool lc_scenario_recognise(const char *file)
{
    const char *ending = strrchr(file, '.');
    if (ending == NULL || (strcmp(ending, ".yaml") != 0 && strcmp(ending, ".yml") != 0))
        return false;
    struct lc_diag unheard = {0};
    struct lci_node *root = lci_read_yaml(file, &unheard);
    const bool scenario = root != NULL && root->kind == LCI_NODE_MAP && lci_node_get(root, "tasks") == NULL &&
                          (lci_node_get(root, "traces") != NULL || lci_node_get(root, "model") != NULL ||
                           lci_node_get(root, "workloads") != NULL);
    lci_node_free(root);
    lc_diag_free(&unheard);
    return scenario;
}

int lci_read_positive(const struct lci_node *node, enum lc_dimension dimension, const char *what, double *value,
                      struct lc_diag *diag)
{
    double v;
    if (lci_node_quantity(node, dimension, what, &v, diag) != 0)
        return -1;
    if (v > 0) {
        *value = v;
        return 0;
    }
    lc_error(diag, LC_INPUT, &node->place, "%s is '%s'; expected more than 0", what, node->text);
    return -1;
}

/* ---- where the model comes from ---------------------------------------------------------------------------------- */

/* Relative paths start where the scenario stands. */
char *lci_resolve(const struct lc_scenario *s, const char *path)
{
    if (path[0] == '/' || strcmp(path, "-") == 0 || strcmp(s->folder, ".") == 0)
        return lc_strdup(path);
    return lc_format("%s/%s", s->folder, path);
}

static void read_files(const struct lci_node *node, struct lc_scenario *s, struct lc_diag *diag)
{
    const bool list = node->kind == LCI_NODE_LIST;
    const size_t count = list ? node->count : 1;
    size_t kept = 0;
    if (count == 0)
        lc_error(diag, LC_INPUT, &node->place,
                 "no trace files are named; expected a list of files, folders or wildcards");
    s->traces = lc_calloc(count + 1, sizeof *s->traces);
    for (size_t i = 0; i < count; i++) {
        const char *text;
        if (lci_node_text(list ? &node->items[i] : node, "a trace file", &text, diag) == 0)
            s->traces[kept++] = lci_resolve(s, text);
    }
}

struct trace_nodes {
    const struct lci_node *files, *activities, *release, *assume_load, *utilization;
};
const struct lci_field lci_trace_fields[] = {
    LCI_NODE(trace_nodes, files, "text | [text]", "files, folders or wildcards"),
    LCI_NODE(trace_nodes, activities, "text", "a file that says which test ran when"),
    LCI_NODE(trace_nodes, release, "text", "the one to predict, when the traces are of several"),
    LCI_NODE(trace_nodes, assume_load, "=auto | =low | =measured",
             "whether requests waited for each other while they were recorded"),
    LCI_NODE(trace_nodes, utilization, "text",
             "files that say how busy processors were meanwhile, as FILE or SERVICE=FILE"),
    {0},
};

/* A text of one line under a key, as a file where relative paths start. */
static void read_path(const struct lci_node *node, const char *what, const struct lc_scenario *s, char **path,
                      struct lc_diag *diag)
{
    const char *text;
    if (node != NULL && lci_node_text(node, what, &text, diag) == 0)
        *path = lci_resolve(s, text);
}

/* FILE or SERVICE=FILE, with commas between several: each file stands where the scenario does. */
static void read_utilization(const struct lci_node *node, struct lc_scenario *s, struct lc_diag *diag)
{
    const char *text;
    struct lci_buffer files = {0};
    if (node == NULL || lci_node_text(node, "'utilization'", &text, diag) != 0)
        return;
    for (const char *at = text; at != NULL;) {
        const size_t length = strcspn(at, ",");
        char *part = lc_strndup(at + strspn(at, " "), length - strspn(at, " ")), *equals = strchr(part, '=');
        char *file = lci_resolve(s, equals != NULL ? equals + 1 : part);
        lci_buffer_join(&files, ",", "%.*s%s", equals != NULL ? (int)(equals - part) + 1 : 0, part, file);
        free(part);
        free(file);
        at = at[length] != 0 ? at + length + 1 : NULL;
    }
    s->utilization = lci_buffer_take(&files);
}

static void read_traces(const struct lci_node *node, struct lc_scenario *s, struct lc_diag *diag)
{
    struct trace_nodes n = {0};
    if (node->kind != LCI_NODE_MAP) {
        read_files(node, s, diag);
        return;
    }
    lci_read_nodes(node, "'traces'", lci_trace_fields, &n, diag);
    const char *text;
    if (n.files == NULL)
        lc_error(diag, LC_INPUT, &node->place, "'traces' lacks 'files', such as [traces/*.jsonl.gz]");
    else
        read_files(n.files, s, diag);
    read_path(n.activities, "'activities'", s, &s->activities, diag);
    read_utilization(n.utilization, s, diag);
    if (n.release != NULL && lci_node_text(n.release, "'release'", &text, diag) == 0)
        s->release = lc_strdup(text);
    if (n.assume_load == NULL || lci_node_text(n.assume_load, "'assume_load'", &text, diag) != 0)
        return;
    if (!lc_assumed_load_of(text, &s->load))
        lc_error(diag, LC_INPUT, &n.assume_load->place,
                 "'assume_load': expected auto (found out, the default), low (requests did not wait for each other) or "
                 "measured (waiting is taken out), found '%s'",
                 text);
}

static void read_source(const struct lci_node *root, const struct lci_root_nodes *n, struct lc_scenario *s,
                        struct lc_diag *diag)
{
    const struct lci_node *traces = n->traces, *model = n->model, *deployment = n->deployment;
    const char *text;
    if ((traces == NULL) == (model == NULL))
        lc_error(diag, LC_INPUT, &root->place, "a scenario has %s 'traces' %s 'model'; expected one of them",
                 traces != NULL ? "both" : "neither", traces != NULL ? "and" : "nor");
    if (traces != NULL)
        read_traces(traces, s, diag);
    read_path(model, "'model'", s, &s->model, diag);
    if (deployment == NULL)
        return;
    if (deployment->kind != LCI_NODE_SCALAR) {
        lci_read_deployment(deployment, &s->deployment, diag);
    } else if (lci_node_text(deployment, "'deployment'", &text, diag) == 0) {
        char *file = lci_resolve(s, text);
        lc_deployment_read(file, &s->deployment, diag);
        free(file);
    }
}

/* ---- how it is simulated ----------------------------------------------------------------------------------------- */

static void read_confidence(const struct lci_node *node, struct lc_sim_options *o, struct lc_diag *diag)
{
    double value;
    if (lci_node_quantity(node, LC_FRACTION, "'confidence'", &value, diag) != 0)
        return;
    if (fabs(value - 0.95) < 1e-9 || fabs(value - 0.99) < 1e-9) /* 95 times a hundredth is not 0.95 */
        o->confidence = value < 0.97 ? 0.95 : 0.99;
    else
        lc_error(diag, LC_INPUT, &node->place, "'confidence' is %s; expected 95 %% or 99 %%", node->text);
}

static void read_uncertainty(const struct lci_node *node, struct lc_scenario *s, struct lc_diag *diag)
{
    const char *text;
    if (lci_node_text(node, "'uncertainty'", &text, diag) != 0)
        return;
    s->uncertainty = strcmp(text, "traces") == 0;
    if (!s->uncertainty && strcmp(text, "none") != 0)
        lc_error(diag, LC_INPUT, &node->place,
                 "'uncertainty' is '%s'; expected traces (intervals include the error of a limited number of traces), "
                 "or none",
                 text);
}

const struct lci_field lci_simulation_fields[] = {
    LCI_NODE(lci_simulation_nodes, precision, "fraction", "relative half-width of the intervals; 1 % unless given"),
    LCI_NODE(lci_simulation_nodes, confidence, "fraction", "of the intervals: 95 % or 99 %"),
    LCI_NODE(lci_simulation_nodes, seed, "size", "of the random numbers; 1 unless given"),
    LCI_NODE(lci_simulation_nodes, warmup, "=auto | time", "what is left out at the beginning: a time, or auto"),
    LCI_NODE(lci_simulation_nodes, run_time, "time", "of each replication after its warm-up; chosen unless given"),
    LCI_NODE(lci_simulation_nodes, max_time, "time", "for the whole scenario; 10 min unless given"),
    LCI_NODE(lci_simulation_nodes, max_queue, "count", "requests in one queue at which a simulation ends"),
    LCI_NODE(lci_simulation_nodes, replications, "count", "exactly so many, instead of a precision"),
    LCI_NODE(lci_simulation_nodes, uncertainty, "=traces | =none",
             "whether intervals include the error of a limited number of traces"),
    LCI_NODE(lci_simulation_nodes, mode, "=steady | =transient", "a steady state, or curves over time"),
    LCI_NODE(lci_simulation_nodes, duration, "time", "of the curves"),
    LCI_NODE(lci_simulation_nodes, step, "time",
             "between two points of the curves; a 60th of the duration unless given"),
    {0},
};

static void read_simulation(const struct lci_node *node, struct lc_scenario *s, struct lc_diag *diag)
{
    struct lc_sim_options *o = &s->simulation;
    struct lci_simulation_nodes n = {0};
    lci_read_nodes(node, "'simulation'", lci_simulation_fields, &n, diag);
    if (n.uncertainty != NULL)
        read_uncertainty(n.uncertainty, s, diag);
    uint64_t count;
    s->precision_stated = n.precision != NULL;
    if (n.precision != NULL && lci_read_positive(n.precision, LC_FRACTION, "'precision'", &o->precision, diag) == 0 &&
        o->precision >= 1)
        lc_error(diag, LC_INPUT, &n.precision->place, "'precision' is %s; expected less than 100 %%, such as 2 %%",
                 n.precision->text);
    if (n.confidence != NULL)
        read_confidence(n.confidence, o, diag);
    if (n.seed != NULL)
        lci_node_count(n.seed, 0, UINT64_MAX, "'seed'", &o->seed, diag);
    if (n.warmup != NULL && (n.warmup->kind != LCI_NODE_SCALAR || strcmp(n.warmup->text, "auto") != 0) &&
        lci_node_quantity(n.warmup, LC_TIME, "'warmup'", &o->warmup, diag) == 0 && o->warmup < 0)
        lc_error(diag, LC_INPUT, &n.warmup->place, "'warmup' is negative; expected auto, or a time such as '20 s'");
    if (n.run_time != NULL)
        lci_read_positive(n.run_time, LC_TIME, "'run_time'", &o->run_time, diag);
    if (n.max_time != NULL)
        lci_read_positive(n.max_time, LC_TIME, "'max_time'", &o->max_time_s, diag);
    if (n.max_queue != NULL && lci_node_count(n.max_queue, 1, UINT32_MAX, "'max_queue'", &count, diag) == 0)
        o->max_queue = (double)count;
    if (n.replications != NULL && lci_node_count(n.replications, 2, 100000, "'replications'", &count, diag) == 0)
        o->replications = (unsigned)count;
    lci_read_curves(node, &n, s, diag);
}

/* ------------------------------------------------------------------------------------------------------------------ */

const struct lci_field lci_root_fields[] = {
    LCI_NODE(lci_root_nodes, name, "text", "for headings; the file's name unless given"),
    LCI_NODE(lci_root_nodes, traces, "text | [text] | traces", "files, folders or wildcards of traces"),
    LCI_NODE(lci_root_nodes, model, "text", "instead of traces: a model in any format"),
    LCI_NODE(lci_root_nodes, deployment, "text | deployment", "what traces do not say; here, or in a file named here"),
    LCI_NODE(lci_root_nodes, workloads, "[workload]", "who asks for what, and how often"),
    LCI_NODE(lci_root_nodes, load, "load", "the levels to look at; the workloads as they stand unless given"),
    LCI_NODE(lci_root_nodes, growth, "growth", "how the load grows over the calendar; each step is a level"),
    LCI_NODE(lci_root_nodes, sweep, "{[value]}", "quantities with several values each; every combination is looked at"),
    LCI_NODE(lci_root_nodes, what_if, "[what_if]", "changes, each looked at at every level"),
    LCI_NODE(lci_root_nodes, goals, "goals", "what must hold"),
    LCI_NODE(lci_root_nodes, gates, "gates", "by how much a release may differ from the one before"),
    LCI_NODE(lci_root_nodes, capacity, "text | [text] | capacity", "search for the highest load that keeps every goal"),
    LCI_NODE(lci_root_nodes, cost, "{price}", "prices of components, by their names"),
    LCI_NODE(lci_root_nodes, simulation, "simulation", "how exactly and how long"),
    {0},
};

static void read_root(const struct lci_node *root, struct lc_scenario *s, struct lc_diag *diag)
{
    const size_t before = diag->errors;
    struct lci_root_nodes n = {0};
    if (lci_node_get(root, "loadcast") != NULL && lci_node_get(root, "tasks") != NULL) {
        lc_error(diag, LC_INPUT, &root->place,
                 "expected a scenario, found a model; 'model:' of a scenario names it, and simulate and solve take it");
        return;
    }
    lci_read_nodes(root, "a scenario", lci_root_fields, &n, diag);
    if (root->kind != LCI_NODE_MAP)
        return;
    const char *text;
    if (n.name != NULL && lci_node_text(n.name, "'name'", &text, diag) == 0)
        s->name = lci_shown(text, strlen(text), false);
    read_source(root, &n, s, diag);
    if (n.workloads != NULL)
        lci_read_workloads(n.workloads, s, diag);
    if (n.growth == NULL || n.load != NULL)
        lci_read_load(n.load, s, diag);
    if (n.growth != NULL)
        lci_read_growth(n.growth, s, diag);
    if (n.goals != NULL)
        lci_read_goals(n.goals, s, diag);
    if (n.gates != NULL)
        lci_read_gates(n.gates, s, diag);
    if (n.what_if != NULL)
        lci_read_what_ifs(n.what_if, s, diag);
    if (n.simulation != NULL)
        read_simulation(n.simulation, s, diag);
    if (n.sweep != NULL)
        lci_read_sweep(n.sweep, s, diag);
    if (n.capacity != NULL)
        lci_read_capacity(n.capacity, s, diag);
    if (s->capacity.count > 0 && s->curves.duration > 0)
        lc_error(diag, LC_INPUT, &n.capacity->place,
                 "'capacity' asks for a steady state; expected without 'mode: transient'");
    for (size_t i = 0; i < s->goal_count; i++)
        if (s->goals[i].completion && s->curves.duration > 0)
            lc_error(diag, LC_INPUT, &s->goals[i].place,
                     "a goal for the completion time asks for a steady state; expected without 'mode: transient'");
    if (n.cost != NULL)
        lci_read_cost(n.cost, s, diag);
    const bool sound = diag->errors == before;
    for (size_t i = 0; sound && i < s->what_if_count; i++)
        if (diag->errors == before || !s->what_ifs[i].swept) /* points of a grid are wrong in the same way */
            lci_settle_changes(root, &n, s, &s->what_ifs[i], diag);
    lci_check_mode(s, diag);
}

/* Where the files that it names are looked for: beside it, or here when it came through a pipe (/dev/fd/63). */
static char *folder_of(const char *file)
{
    const char *slash = strrchr(file, '/');
    struct stat found;
    if (slash == NULL || (stat(file, &found) == 0 && !S_ISREG(found.st_mode)))
        return lc_strdup(".");
    return slash == file ? lc_strdup("/") : lc_strndup(file, (size_t)(slash - file));
}

/* The file's name without folder and ending, for scenarios that give themselves none. */
static char *stem_of(const char *file)
{
    const char *slash = strrchr(file, '/'), *start = slash != NULL ? slash + 1 : file;
    const char *dot = strrchr(start, '.');
    return dot != NULL && dot != start ? lc_strndup(start, (size_t)(dot - start)) : lc_strdup(start);
}

struct lc_scenario *lc_scenario_read(const char *file, struct lc_diag *diag)
{
    size_t length;
    char *text = lci_file_read(file, LARGEST_SCENARIO, &length, diag);
    struct lc_scenario *s = text != NULL ? lc_scenario_parse(text, length, file, diag) : NULL;
    free(text);
    return s;
}

struct lc_scenario *lc_scenario_parse(const char *text, size_t length, const char *file, struct lc_diag *diag)
{
    const size_t before = diag->errors;
    struct lc_scenario *s = lc_calloc(1, sizeof *s);
    s->file = lc_strdup(file);
    s->folder = folder_of(file);
    s->simulation = lc_sim_defaults();
    s->simulation.max_time_s = DEFAULT_MAX_TIME;
    s->uncertainty = true;
    struct lci_node *root = lci_yaml_parse(text, length, s->file, diag);
    if (root != NULL)
        read_root(root, s, diag);
    s->tree = root;
    if (s->name == NULL)
        s->name = stem_of(file);
    if (diag->errors == before)
        return s;
    lc_scenario_free(s);
    return NULL;
}

static void free_workload(struct lc_workload *w)
{
    lci_free_session(w);
    for (size_t i = 0; i < w->mix_count; i++)
        free(w->mix[i].entry);
    for (size_t i = 0; i < w->condition_count; i++) {
        free(w->keys[i]);
        free(w->patterns[i]);
    }
    free(w->name);
    free(w->mix);
    free(w->activity);
    free(w->keys);
    free(w->patterns);
    lc_dist_free(&w->arrivals);
    lci_pattern_free(&w->pattern);
    lc_dist_free(&w->think_time);
}

void lc_scenario_free(struct lc_scenario *s)
{
    if (s == NULL)
        return;
    for (size_t i = 0; s->traces != NULL && s->traces[i] != NULL; i++)
        free(s->traces[i]);
    for (size_t i = 0; i < s->workload_count; i++)
        free_workload(&s->workloads[i]);
    for (size_t i = 0; i < s->point_count; i++) {
        free(s->points[i].name);
        free(s->points[i].levels);
    }
    for (size_t i = 0; i < s->what_if_count; i++) {
        for (size_t w = 0; s->what_ifs[i].workloads != NULL && w < s->workload_count; w++)
            free_workload(&s->what_ifs[i].workloads[w]);
        free(s->what_ifs[i].workloads);
        free(s->what_ifs[i].levels);
        free(s->what_ifs[i].prices);
        free(s->what_ifs[i].name);
        lci_free_edits(s->what_ifs[i].edits, s->what_ifs[i].edit_count);
    }
    for (size_t i = 0; i < s->goal_count; i++) {
        free(s->goals[i].component);
        free(s->goals[i].workload);
    }
    for (size_t i = 0; i < s->axis_count; i++) {
        for (size_t k = 0; k < s->axes[i].count; k++)
            free(s->axes[i].values[k]);
        free(s->axes[i].values);
        free(s->axes[i].path);
    }
    for (size_t i = 0; i < s->price_count; i++)
        free(s->prices[i].component);
    lci_assumptions_free(s->stated, s->stated_count);
    free(s->axes);
    free(s->prices);
    free(s->capacity.of);
    lc_deployment_free(&s->deployment);
    lci_node_free(s->tree);
    free(s->traces);
    free(s->workloads);
    free(s->points);
    free(s->what_ifs);
    free(s->goals);
    free(s->gates);
    free(s->name);
    free(s->file);
    free(s->folder);
    free(s->activities);
    free(s->utilization);
    free(s->release);
    free(s->model);
    free(s);
}

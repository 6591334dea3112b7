/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "loadcast/scenario.h"
#include "base/text.h"
#include "model/pattern.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/shown.h"
#include "loadcast/format.h"
#include "reader.h"

#define LARGEST_SCENARIO ((size_t)16 << 20) /* bytes; they are written by people */
#define DEFAULT_MAX_TIME 600.0              /* seconds for all points together */

struct lci_node *lci_read_yaml(const char *file, struct lc_diag *diag)
{
    size_t length;
    char *text = lc_file_read(file, LARGEST_SCENARIO, &length, diag);
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
                 "no trace files are named; expected a list of files, folders or patterns");
    s->traces = lc_calloc(count + 1, sizeof *s->traces);
    for (size_t i = 0; i < count; i++) {
        const char *text;
        if (lci_node_text(list ? &node->items[i] : node, "a trace file", &text, diag) == 0)
            s->traces[kept++] = lci_resolve(s, text);
    }
}

static void read_traces(const struct lci_node *node, struct lc_scenario *s, struct lc_diag *diag)
{
    static const char *const known[] = {"files", "activities", "release", "assume_load", "utilization", NULL};
    if (node->kind != LCI_NODE_MAP) {
        read_files(node, s, diag);
        return;
    }
    lci_node_keys(node, known, "'traces'", diag);
    const struct lci_node *files = lci_node_get(node, "files"), *activities = lci_node_get(node, "activities");
    const struct lci_node *release = lci_node_get(node, "release"), *load = lci_node_get(node, "assume_load");
    const char *text;
    if (files == NULL)
        lc_error(diag, LC_INPUT, &node->place, "'traces' lacks 'files', such as [traces/*.jsonl.gz]");
    else
        read_files(files, s, diag);
    if (activities != NULL && lci_node_text(activities, "'activities'", &text, diag) == 0)
        s->activities = lci_resolve(s, text);
    const struct lci_node *utilization = lci_node_get(node, "utilization");
    if (utilization != NULL && lci_node_text(utilization, "'utilization'", &text, diag) == 0)
        s->utilization = lci_resolve(s, text);
    if (release != NULL && lci_node_text(release, "'release'", &text, diag) == 0)
        s->release = lc_strdup(text);
    if (load == NULL || lci_node_text(load, "'assume_load'", &text, diag) != 0)
        return;
    if (!lc_assumed_load_of(text, &s->load))
        lc_error(diag, LC_INPUT, &load->place,
                 "'assume_load': expected auto (found out, the default), low (requests did not wait for each other) or "
                 "measured (waiting is taken out), found '%s'",
                 text);
}

static void read_source(const struct lci_node *root, struct lc_scenario *s, struct lc_diag *diag)
{
    const struct lci_node *traces = lci_node_get(root, "traces"), *model = lci_node_get(root, "model");
    const struct lci_node *deployment = lci_node_get(root, "deployment");
    const char *text;
    if ((traces == NULL) == (model == NULL))
        lc_error(diag, LC_INPUT, &root->place, "a scenario has %s 'traces' %s 'model'; expected one of them",
                 traces != NULL ? "both" : "neither", traces != NULL ? "and" : "nor");
    if (traces != NULL)
        read_traces(traces, s, diag);
    if (model != NULL && lci_node_text(model, "'model'", &text, diag) == 0)
        s->model = lci_resolve(s, text);
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
        lc_error(
            diag, LC_INPUT, &node->place,
            "'uncertainty' is '%s'; expected traces (intervals hold what the number of traces leaves open), or none",
            text);
}

static void read_simulation(const struct lci_node *node, struct lc_scenario *s, struct lc_diag *diag)
{
    static const char *const known[] = {"precision", "confidence",   "seed",        "warmup", "run_time", "max_time",
                                        "max_queue", "replications", "uncertainty", "mode",   "duration", "step",
                                        NULL};
    struct lc_sim_options *o = &s->simulation;
    lci_node_keys(node, known, "'simulation'", diag);
    const struct lci_node *uncertainty = lci_node_get(node, "uncertainty");
    if (uncertainty != NULL)
        read_uncertainty(uncertainty, s, diag);
    const struct lci_node *precision = lci_node_get(node, "precision"), *confidence = lci_node_get(node, "confidence");
    const struct lci_node *seed = lci_node_get(node, "seed"), *warmup = lci_node_get(node, "warmup");
    const struct lci_node *max_time = lci_node_get(node, "max_time"),
                          *replications = lci_node_get(node, "replications");
    uint64_t count;
    s->precision_stated = precision != NULL;
    if (precision != NULL && lci_read_positive(precision, LC_FRACTION, "'precision'", &o->precision, diag) == 0 &&
        o->precision >= 1)
        lc_error(diag, LC_INPUT, &precision->place, "'precision' is %s; expected less than 100 %%, such as 2 %%",
                 precision->text);
    if (confidence != NULL)
        read_confidence(confidence, o, diag);
    if (seed != NULL)
        lci_node_count(seed, 0, UINT64_MAX, "'seed'", &o->seed, diag);
    if (warmup != NULL && (warmup->kind != LCI_NODE_SCALAR || strcmp(warmup->text, "auto") != 0) &&
        lci_node_quantity(warmup, LC_TIME, "'warmup'", &o->warmup, diag) == 0 && o->warmup < 0)
        lc_error(diag, LC_INPUT, &warmup->place, "'warmup' is negative; expected auto, or a time such as '20 s'");
    const struct lci_node *run_time = lci_node_get(node, "run_time");
    if (run_time != NULL)
        lci_read_positive(run_time, LC_TIME, "'run_time'", &o->run_time, diag);
    if (max_time != NULL)
        lci_read_positive(max_time, LC_TIME, "'max_time'", &o->max_time_s, diag);
    const struct lci_node *max_queue = lci_node_get(node, "max_queue");
    if (max_queue != NULL && lci_node_count(max_queue, 1, UINT32_MAX, "'max_queue'", &count, diag) == 0)
        o->max_queue = (double)count;
    if (replications != NULL && lci_node_count(replications, 2, 100000, "'replications'", &count, diag) == 0)
        o->replications = (unsigned)count;
}

/* ------------------------------------------------------------------------------------------------------------------ */

static void read_root(const struct lci_node *root, struct lc_scenario *s, struct lc_diag *diag)
{
    static const char *const known[] = {"name",  "traces",  "model", "deployment", "workloads", "load",       "growth",
                                        "sweep", "what_if", "goals", "capacity",   "cost",      "simulation", NULL};
    const size_t before = diag->errors;
    lci_node_keys(root, known, "a scenario", diag);
    if (root->kind != LCI_NODE_MAP)
        return;
    const struct lci_node *name = lci_node_get(root, "name"), *workloads = lci_node_get(root, "workloads");
    const struct lci_node *growth = lci_node_get(root, "growth"), *what_if = lci_node_get(root, "what_if");
    const struct lci_node *goals = lci_node_get(root, "goals"), *simulation = lci_node_get(root, "simulation");
    const char *text;
    if (name != NULL && lci_node_text(name, "'name'", &text, diag) == 0)
        s->name = lci_shown(text, strlen(text), false);
    read_source(root, s, diag);
    if (workloads != NULL)
        lci_read_workloads(workloads, s, diag);
    else if (lci_node_get(root, "model") == NULL)
        lc_error(diag, LC_INPUT, &root->place,
                 "a scenario on traces lacks 'workloads': traces do not tell the load to come");
    if (growth == NULL || lci_node_get(root, "load") != NULL)
        lci_read_load(lci_node_get(root, "load"), s, diag);
    if (growth != NULL)
        lci_read_growth(growth, s, diag);
    if (goals != NULL)
        lci_read_goals(goals, s, diag);
    if (what_if != NULL)
        lci_read_what_ifs(what_if, s, diag);
    if (simulation != NULL) {
        read_simulation(simulation, s, diag);
        lci_read_curves(simulation, s, diag);
    }
    if (lci_node_get(root, "sweep") != NULL)
        lci_read_sweep(lci_node_get(root, "sweep"), s, diag);
    if (lci_node_get(root, "capacity") != NULL)
        lci_read_capacity(lci_node_get(root, "capacity"), s, diag);
    if (s->capacity.count > 0 && s->curves.duration > 0)
        lc_error(diag, LC_INPUT, &lci_node_get(root, "capacity")->place,
                 "'capacity' asks for a steady state; expected without 'mode: transient'");
    if (lci_node_get(root, "cost") != NULL)
        lci_read_cost(lci_node_get(root, "cost"), s, diag);
    const bool sound = diag->errors == before;
    for (size_t i = 0; sound && i < s->what_if_count; i++)
        if (diag->errors == before || !s->what_ifs[i].swept) /* points of a grid are wrong in the same way */
            lci_settle_changes(root, s, &s->what_ifs[i], diag);
    lci_check_mode(s, diag);
}

static char *folder_of(const char *file)
{
    const char *slash = strrchr(file, '/');
    if (slash == NULL)
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
    const size_t before = diag->errors;
    struct lc_scenario *s = lc_calloc(1, sizeof *s);
    s->file = lc_strdup(file);
    s->folder = folder_of(file);
    s->simulation = lc_sim_defaults();
    s->simulation.max_time_s = DEFAULT_MAX_TIME;
    s->uncertainty = true;
    struct lci_node *root = lci_read_yaml(s->file, diag);
    if (root != NULL)
        read_root(root, s, diag);
    lci_node_free(root);
    if (s->name == NULL)
        s->name = stem_of(file);
    if (diag->errors == before)
        return s;
    lc_scenario_free(s);
    return NULL;
}

void lci_free_workload(struct lc_workload *w)
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
        lci_free_workload(&s->workloads[i]);
    for (size_t i = 0; i < s->point_count; i++) {
        free(s->points[i].name);
        free(s->points[i].levels);
    }
    for (size_t i = 0; i < s->what_if_count; i++) {
        for (size_t w = 0; s->what_ifs[i].workloads != NULL && w < s->workload_count; w++)
            lci_free_workload(&s->what_ifs[i].workloads[w]);
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
    free(s->axes);
    free(s->prices);
    free(s->capacity.of);
    lc_deployment_free(&s->deployment);
    free(s->traces);
    free(s->workloads);
    free(s->points);
    free(s->what_ifs);
    free(s->goals);
    free(s->name);
    free(s->file);
    free(s->folder);
    free(s->activities);
    free(s->utilization);
    free(s->release);
    free(s->model);
    free(s);
}

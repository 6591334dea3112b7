/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "prepare.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/sort.h"
#include "base/text.h"
#include "capacity.h"
#include "fit/trace/symbols.h"
#include "loadcast/edit.h"
#include "loadcast/format.h"
#include "model/assumption.h"
#include "model/pattern.h"
#include "sweep.h"

/* ---- from traces ------------------------------------------------------------------------------------------------- */

/* The classes of requests that the learner is to tell apart: one for each element of each workload's mix. */
struct classes {
    struct lc_request_class *items;
    char **texts; /* the services' names */
    size_t count;
};

static struct classes make_classes(const struct lc_scenario *s)
{
    struct classes classes = {0};
    size_t most = 0;
    for (size_t w = 0; w < s->workload_count; w++)
        most += s->workloads[w].mix_count + 1;
    classes.items = lc_calloc(most, sizeof *classes.items);
    classes.texts = lc_calloc(most, sizeof *classes.texts);
    for (size_t w = 0; w < s->workload_count; w++) {
        const struct lc_workload *load = &s->workloads[w];
        const size_t parts = load->activity != NULL ? 1 : load->mix_count;
        for (size_t i = 0; i < parts; i++) {
            struct lc_request_class *c = &classes.items[classes.count];
            *c = (struct lc_request_class){.name = load->name,
                                           .keys = (const char *const *)load->keys,
                                           .patterns = (const char *const *)load->patterns,
                                           .condition_count = load->condition_count,
                                           .activity = load->activity,
                                           .starts = load->replays_traces};
            const char *entry = load->activity != NULL ? NULL : load->mix[i].entry;
            const char *slash = entry != NULL ? strchr(entry, '/') : NULL;
            if (slash != NULL) {
                classes.texts[classes.count] = lc_strndup(entry, (size_t)(slash - entry));
                c->task = classes.texts[classes.count];
                c->operation = slash + 1;
            } else {
                c->operation = entry;
            }
            classes.count++;
        }
    }
    return classes;
}

static void free_classes(struct classes *classes)
{
    for (size_t i = 0; i < classes->count; i++)
        free(classes->texts[i]);
    free(classes->texts);
    free(classes->items);
}

/* No trace belongs to the class: says whether its entry, its conditions or its activity are at fault. */
static void no_match(const struct lc_workload *w, const struct lc_mix *mix, char *const *roots, struct lc_diag *diag)
{
    if (mix == NULL) {
        lc_error(diag, LC_INPUT, &w->place, "workload '%s': no trace lies in a run of the activity '%s'", w->name,
                 w->activity);
        return;
    }
    bool known = false;
    for (size_t i = 0; roots[i] != NULL; i++)
        known |= strcmp(roots[i], mix->entry) == 0;
    const char *nearest = lci_nearest(mix->entry, (const char *const *)roots);
    char *list = lci_names_list(roots);
    if (known && w->condition_count > 0)
        lc_error(diag, LC_INPUT, &w->place, "workload '%s': no request to '%s' has '%s' like '%s'", w->name, mix->entry,
                 w->keys[0], w->patterns[0]);
    else if (nearest != NULL)
        lc_error(diag, LC_INPUT, &mix->place, "no request of the traces enters at '%s'; did you mean '%s'?", mix->entry,
                 nearest);
    else
        lc_error(diag, LC_INPUT, &mix->place, "no request of the traces enters at '%s'; they enter at %s", mix->entry,
                 list);
    free(list);
}

static int match_workloads(const struct prepared *p, struct lc_diag *diag)
{
    const struct lc_scenario *s = p->scenario;
    const size_t before = diag->errors;
    size_t class_ = 0;
    for (size_t w = 0; w < s->workload_count; w++) {
        const struct lc_workload *load = &s->workloads[w];
        const size_t parts = load->activity != NULL ? 1 : load->mix_count;
        for (size_t i = 0; i < parts; i++, class_++)
            if (p->learned.class_entry[class_] == LC_NONE)
                no_match(load, load->activity != NULL ? NULL : &load->mix[i], p->learned.roots, diag);
    }
    return diag->errors == before ? 0 : -1;
}

/* The requests of a workload come when they came in the traces. Time 0 is the first request of all workloads that do
 * so: what came together comes together. */
static void replay_traces(struct prepared *p)
{
    struct lc_scenario *s = p->scenario;
    int64_t first = INT64_MAX;
    for (size_t c = 0; c < p->learned.class_count; c++)
        if (p->learned.class_starts[c].count > 0 && p->learned.class_starts[c].times[0] < first)
            first = p->learned.class_starts[c].times[0];
    size_t class_ = 0;
    for (size_t w = 0; w < s->workload_count; w++) {
        struct lc_workload *load = &s->workloads[w];
        const struct lc_starts *starts = &p->learned.class_starts[class_];
        const size_t parts = load->activity != NULL ? 1 : load->mix_count;
        class_ += parts;
        if (!load->replays_traces)
            continue;
        size_t capacity = 0;
        load->pattern.count = 0; /* what was there stood for the times to come */
        for (size_t i = 0; i < parts; i++)
            for (size_t k = 0; k < starts[i].count; k++) {
                LC_GROW(load->pattern.times, load->pattern.count, capacity);
                load->pattern.times[load->pattern.count++] = (double)(starts[i].times[k] - first) * 1e-9;
            }
        lci_sort_doubles(load->pattern.times, load->pattern.count);
        load->rate = lci_pattern_rate(&load->pattern);
        for (size_t i = 0; i < s->what_if_count; i++)
            if (s->what_ifs[i].workloads != NULL && s->what_ifs[i].workloads[w].replays_traces) {
                lci_pattern_free(&s->what_ifs[i].workloads[w].pattern);
                s->what_ifs[i].workloads[w].pattern = lci_pattern_copy(&load->pattern);
                s->what_ifs[i].workloads[w].rate = load->rate;
            }
    }
}

struct reading {
    struct cli_progress progress;
};

static void show_reading(void *context, uint64_t done, uint64_t total)
{
    cli_progress_show(&((struct reading *)context)->progress, (double)done / 1e6, (double)total / 1e6);
}

static struct lc_learner *read_traces(struct prepared *p, const struct lc_learn_options *learn_options,
                                      struct lc_diag *diag)
{
    const struct lc_scenario *s = p->scenario;
    size_t files = 0;
    while (s->traces[files] != NULL)
        files++;
    struct reading reading;
    cli_progress_start(&reading.progress, "reading traces", "MB", p->common);
    const struct lc_tree_options options = {
        .reader = {.keep = learn_options->keep, .strict = p->strict, .progress = show_reading, .context = &reading},
        .slots = learn_options->slots,
        .slot_count = learn_options->slot_count,
    };
    struct lc_learner *learner = lc_learner_collect(p->cache, (const char *const *)s->traces, files, &options,
                                                    learn_options, p->symbols, &p->extraction, diag);
    cli_progress_end(&reading.progress);
    return learner;
}

/* What learning is asked for by the scenario, and what that borrows. */
struct asked {
    struct lc_activity_runs activities;
    struct lc_utilization utilization;
    struct classes classes;
    struct cli_capacities capacities;
    const char **keep;
    struct lc_tree_slot *slots;
    struct lc_learn_options options;
};

static void free_asked(struct asked *asked)
{
    free(asked->keep);
    free(asked->slots);
    cli_capacities_free(&asked->capacities);
    free_classes(&asked->classes);
    lc_activities_free(&asked->activities);
    lc_utilization_free(&asked->utilization);
}

static int ask(const struct prepared *p, struct asked *asked, struct lc_diag *diag)
{
    enum {
        REPLICATES = 200,
        SHAPES = 40
    }; /* bootstrap replicates: enough for quantiles at 2.5 %; those that are simulated */
    const struct lc_scenario *s = p->scenario;
    *asked = (struct asked){0};
    if ((s->activities != NULL && lc_activities_read(s->activities, &asked->activities, diag) != 0) ||
        (s->utilization != NULL && lc_utilization_read(s->utilization, &asked->utilization, diag) != 0))
        return -1;
    asked->classes = make_classes(s);
    asked->capacities = cli_capacities(&s->deployment);
    asked->keep = lc_learn_keep(asked->classes.items, asked->classes.count);
    asked->slots = cli_slots(&s->deployment);
    asked->options = (struct lc_learn_options){
        .classes = asked->classes.items,
        .class_count = asked->classes.count,
        .activities = s->activities != NULL ? &asked->activities : NULL,
        .release = s->release,
        .load = s->load,
        .capacities = asked->capacities.items,
        .capacity_count = asked->capacities.count,
        .utilization = s->utilization != NULL ? &asked->utilization : NULL,
        .replicates = s->uncertainty ? REPLICATES : 0,
        .shapes = s->uncertainty ? SHAPES : 0,
        .rare = 0.01,
        .keep = asked->keep,
        .slots = asked->slots,
        .slot_count = s->deployment.slot_count,
        .cache = p->cache,
        .within = p->within,
        .within_count = p->within_count,
    };
    return 0;
}

static int learn(struct prepared *p, struct lc_diag *diag)
{
    struct asked asked;
    int status = ask(p, &asked, diag);
    p->symbols = lci_symbols_new();
    struct lc_learner *learner = status == 0 ? read_traces(p, &asked.options, diag) : NULL;
    if (learner == NULL)
        status = -1;
    if (status == 0) {
        struct lc_diag own = {0};
        status = lc_learner_finish(learner, &p->learned, &own);
        p->has_learned = true;
        /* That a workload matches nothing is said where it stands in the scenario. */
        if (p->learned.roots != NULL && match_workloads(p, diag) != 0)
            status = -1;
        else
            lc_diag_append(diag, &own);
        if (status == 0)
            replay_traces(p);
        lc_diag_free(&own);
        lc_cache_write(p->cache, diag);
        lc_learner_free(learner);
    }
    free_asked(&asked);
    return status;
}

static int open_cache(struct prepared *p, struct lc_diag *diag)
{
    const bool traces = p->scenario->traces != NULL;
    if (p->folder != NULL && !traces)
        lc_note(diag, NULL, "the scenario names a model, not traces: there is nothing to keep in %s", p->folder);
    return p->folder == NULL || !traces || (p->cache = lc_cache_new(p->folder, diag)) != NULL ? 0 : -1;
}

static size_t length_of(const char *const *texts)
{
    size_t count = 0;
    while (texts != NULL && texts[count] != NULL)
        count++;
    return count;
}

int take_traces(struct lc_scenario *s, const char *const *traces, size_t count, struct lc_diag *diag)
{
    if (s->traces == NULL) {
        lc_error(diag, LC_INPUT, &(struct lc_place){.file = s->file, .offset = -1},
                 "expected a scenario on traces, which others take the place of; found one with a model");
        return -1;
    }
    for (size_t i = 0; s->traces[i] != NULL; i++)
        free(s->traces[i]);
    s->traces = lc_realloc(s->traces, count + 1, sizeof *s->traces);
    for (size_t i = 0; i < count; i++)
        s->traces[i] = lc_strdup(traces[i]);
    s->traces[count] = NULL;
    return 0;
}

int check_scenario_outputs(const struct cli_output *outputs, size_t count, const char *file,
                           const struct lc_scenario *scenario, const char *const *more, struct lc_diag *diag)
{
    const struct lc_scenario none = {0}, *s = scenario != NULL ? scenario : &none;
    const size_t traces = length_of((const char *const *)s->traces), others = length_of(more);
    const char *const named[] = {file, s->model, s->deployment.file, s->activities, s->utilization};
    enum { NAMED = sizeof named / sizeof *named };
    const char **inputs = lc_calloc(NAMED + traces + others, sizeof *inputs);
    memcpy(inputs, named, sizeof named);
    assert(traces == 0 || s->traces != NULL);
    for (size_t i = 0; i < traces; i++)
        inputs[NAMED + i] = s->traces[i];
    for (size_t i = 0; i < others; i++)
        inputs[NAMED + traces + i] = more[i];
    const int status = cli_check_outputs(&(struct cli_outputs){outputs, count, inputs, NAMED + traces + others}, diag);
    free(inputs);
    return status;
}

int check_read_again(const struct lc_scenario *s, struct lc_diag *diag)
{
    const char *const *traces = (const char *const *)s->traces, *const more[] = {s->activities, s->utilization};
    const int status = cli_check_read_again(traces, length_of(traces), diag);
    return status == 0 ? cli_check_read_again(more, sizeof more / sizeof *more, diag) : status;
}

int prepare_learned(struct prepared *p, struct lc_learned *learned, struct lc_diag *diag)
{
    struct asked asked = {0};
    *learned = (struct lc_learned){0};
    int status = open_cache(p, diag) == 0 && ask(p, &asked, diag) == 0 ? 0 : -1;
    p->symbols = lci_symbols_new();
    struct lc_learner *learner = status == 0 ? read_traces(p, &asked.options, diag) : NULL;
    status = learner != NULL ? lc_learner_tell(learner, learned, diag) : -1;
    lc_cache_write(p->cache, diag);
    lc_learner_free(learner);
    free_asked(&asked);
    lc_extraction_free(&p->extraction);
    lci_symbols_free(p->symbols);
    lc_cache_free(p->cache);
    p->extraction = (struct lc_extraction){0};
    p->symbols = NULL;
    p->cache = NULL;
    return status;
}

/* Where the numbers that have bootstrap replicates come from. */
static void count_samples(struct prepared *p)
{
    const struct lc_learned *learned = &p->learned;
    p->samples = lc_calloc(learned->replicated_count, sizeof *p->samples);
    p->entry_samples = lc_calloc(learned->model->entry_count, sizeof *p->entry_samples);
    for (size_t i = 0; i < learned->replicated_count; i++)
        for (size_t k = 0; k < learned->parameter_count && p->samples[i] == 0; k++)
            if (strcmp(learned->parameters[k].path, learned->replicated[i].path) == 0)
                p->samples[i] = learned->parameters[k].n;
    for (size_t i = 0; i < learned->entry_count; i++)
        p->entry_samples[learned->entries[i].entry] = learned->entries[i].fitted;
}

static struct lc_evidence evidence_of(const struct prepared *p)
{
    const struct lc_learned *learned = &p->learned;
    return (struct lc_evidence){.traces = p->extraction.reading.traces,
                                .replicated = learned->replicated,
                                .replicated_count = learned->replicated_count,
                                .samples = p->samples,
                                .entry_samples = p->entry_samples,
                                .replicates = learned->replicates,
                                .shapes = learned->shapes,
                                .class_count = learned->class_count,
                                .class_entry = learned->class_entry,
                                .class_calls = learned->class_calls,
                                .class_traces = learned->class_traces,
                                .recordings = learned->recordings,
                                .recording_count = learned->recording_count,
                                .assumptions = learned->assumptions,
                                .assumption_count = learned->assumption_count,
                                .operations = learned->operations,
                                .operation_count = learned->operation_count,
                                .services = learned->services};
}

/* What sources told of the deployment stands in the first scenario, so that learning does not tell it any more. */
static void add_told(struct prepared *p)
{
    struct lc_learned *learned = &p->learned;
    for (size_t i = 0; i < p->scenario->stated_count; i++) {
        bool known = false;
        for (size_t k = 0; k < learned->assumption_count; k++)
            known |= strcmp(learned->assumptions[k].key, p->scenario->stated[i].key) == 0;
        if (known)
            continue;
        LC_GROW(learned->assumptions, learned->assumption_count, learned->assumption_capacity);
        learned->assumptions[learned->assumption_count++] = lci_assumption_copy(&p->scenario->stated[i]);
    }
}

/* ---- the whole --------------------------------------------------------------------------------------------------- */

/* The end is always shown. */
static void show_simulating(void *context, double done)
{
    struct cli_progress *progress = context;
    if (done >= 1 && progress->shown)
        progress->last = 0;
    cli_progress_show(progress, done, 1);
}

static struct lc_verdict *verdict_of(struct prepared *p, const struct lc_model *model, struct lc_diag *diag)
{
    struct lc_evidence evidence = {0};
    if (p->has_learned)
        evidence = evidence_of(p);
    const struct lc_question question = {.scenario = p->scenario,
                                         .model = model,
                                         .evidence = p->has_learned ? &evidence : NULL,
                                         .jobs = p->common->jobs,
                                         .unscreened = getenv("LOADCAST_UNSCREENED") != NULL, /* to measure the gain */
                                         .progress = show_simulating,
                                         .context = &p->progress};
    return lc_verdict_new(&question, diag);
}

int prepare(struct prepared *p, struct lc_diag *diag)
{
    const struct lc_scenario *s = p->scenario;
    if (s->traces != NULL && s->workload_count == 0) {
        lc_error(diag, LC_INPUT, &(struct lc_place){s->file, 1, 1, -1},
                 "a scenario on traces lacks 'workloads': traces do not tell the load to come");
        return -1;
    }
    if (open_cache(p, diag) != 0)
        return -1;
    if (s->traces != NULL) {
        if (learn(p, diag) != 0)
            return -1;
        count_samples(p);
        add_told(p);
        p->verdict = verdict_of(p, p->learned.model, diag);
    } else {
        struct lc_diag own = {0}; /* what is doubtful is said when the workloads are there: of the first point */
        struct lc_model *model = lc_model_read(s->model, &own);
        if (model == NULL)
            lc_diag_append(diag, &own);
        else if (sweep_is_one(model, "give each variable one value, or state the values under 'sweep'", diag))
            p->verdict = verdict_of(p, model, diag);
        lc_diag_free(&own);
        lc_model_free(model);
    }
    return p->verdict != NULL ? 0 : -1;
}

int prepared_predict(struct prepared *p, struct lc_diag *diag)
{
    cli_progress_start(&p->progress, "simulating", "", p->common);
    const int status = lc_predict(p->verdict, diag);
    cli_progress_end(&p->progress);
    p->seconds = lci_seconds() - p->started;
    return status;
}

int prepared_advise(struct prepared *p, struct lc_advice *advice, struct lc_diag *diag)
{
    cli_progress_start(&p->progress, "simulating", "", p->common);
    const int status = lc_advise(p->verdict, advice, diag);
    cli_progress_end(&p->progress);
    return status;
}

void prepared_free(struct prepared *p)
{
    lc_verdict_free(p->verdict);
    if (p->has_learned)
        lc_learned_free(&p->learned);
    free(p->samples);
    free(p->entry_samples);
    lc_extraction_free(&p->extraction);
    if (p->symbols != NULL)
        lci_symbols_free(p->symbols);
    lc_cache_free(p->cache);
    lc_scenario_free(p->scenario);
}

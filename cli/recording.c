/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "recording.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "render/json.h"
#include "render/verdict_render.h"

static void add_parameters(struct history_record *record, const struct lc_learned *learned)
{
    for (size_t i = 0; i < learned->parameter_count; i++) {
        const struct lc_parameter *p = &learned->parameters[i];
        const struct lc_fit *best =
            p->choice.count > 0 && !p->choice.empirical ? &p->choice.fits[p->choice.best] : NULL;
        const char *family = best != NULL && best->dist.family != NULL ? best->dist.family->name
                             : p->choice.empirical                     ? "empirical"
                                                                       : "";
        history_record_parameter(record,
                                 &(struct history_parameter){p->path, family, p->mean, p->standard_error, p->n});
    }
}

/* The interval is that of 95 %; without one a load is only a mean. */
static void add_load(struct history_record *record, const struct lc_point *p, const struct lc_component *c)
{
    const struct lc_estimate *load =
        c->processor ? &p->result->processors[c->index].load : &p->result->tasks[c->index].load;
    const struct lc_estimate *busy =
        c->processor ? &p->result->processors[c->index].utilization : &p->result->tasks[c->index].utilization;
    struct history_load l = {.label = p->load->name,
                             .component = c->name,
                             .processor = c->processor,
                             .factor = p->load->factor,
                             .load = load->mean,
                             .utilization = busy->mean};
    lc_estimate_interval(load, 0.95, &l.low, &l.high);
    history_record_load(record, &l);
}

static void add_loads(struct history_record *record, const struct lc_verdict *verdict)
{
    for (size_t i = 0; i < verdict->point_count; i++) {
        const struct lc_point *p = &verdict->points[i];
        if (p->change != NULL || p->result == NULL)
            continue;
        size_t count;
        struct lc_component *components = lc_components(p->model, &count);
        for (size_t k = 0; k < count; k++)
            if (components[k].limited)
                add_load(record, p, &components[k]);
        free(components);
    }
}

static void add_limits(struct history_record *record, const struct lc_verdict *verdict)
{
    const size_t count = verdict->limits != NULL ? verdict->limits[0].count : 0;
    for (size_t i = 0; i < count; i++) {
        const struct lc_limit *l = &verdict->limits[0].items[i];
        history_record_limit(
            record, &(struct history_limit){l->component.name, l->component.processor, l->factor, l->low, l->high});
    }
}

void recording_fill(struct history_record *record, const struct prepared *p)
{
    char *options = lc_format("%s, seed %llu", p->scenario->name, (unsigned long long)p->scenario->simulation.seed);
    record->program = lci_measure_table_name(&record->measures, LOADCAST_VERSION);
    record->options = lci_measure_table_name(&record->measures, options);
    free(options);
    if (p->has_learned)
        add_parameters(record, &p->learned);
    add_loads(record, p->verdict);
    add_limits(record, p->verdict);
}

void recording_judge(struct history_record *record, const struct prepared *p, const struct gate_outcomes *gates,
                     enum lc_status status)
{
    json_t *summary = verdict_summary_json(p->verdict, gates);
    record->status = (int)status;
    free(record->summary);
    record->summary = json_dumps(summary, JSON_COMPACT | JSON_REAL_PRECISION(CLI_JSON_SIMULATED));
    json_decref(summary);
}

int record_verdict(struct history *history, const char *release, const char *run, const struct prepared *p,
                   struct lc_diag *diag)
{
    struct history_records records = {0};
    struct history_record *record = history_records_of(&records, release, run != NULL ? run : "");
    recording_fill(record, p);
    recording_judge(record, p, NULL, p->verdict->status);
    const int status = history_write(history, &records, diag);
    history_records_free(&records);
    return status;
}

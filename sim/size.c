/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "size.h"
#include "compile.h"
#include "model/dist/dist.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

/* Quantiles at normal scores from −END to END, PER_UNIT a unit, between which a time is interpolated: its mean is off
 * by about the relative second derivative times 1/(8 PER_UNIT²), 10⁻⁴. */
enum { END = 6, PER_UNIT = 32, POINTS = 2 * END * PER_UNIT + 1 };

static bool depends(const struct lc_dist *dist)
{
    return dist->family != NULL && dist->size_correlation != 0;
}

bool lci_model_is_sized(const struct lc_model *model)
{
    for (size_t i = 0; i < model->entry_count; i++)
        for (int k = 0; k < LC_PHASES; k++) {
            const struct lc_activity *phase = &model->entries[i].phases[k];
            if (phase->present && (depends(&phase->demand) || depends(&phase->think)))
                return true;
        }
    for (size_t i = 0; i < model->task_count; i++)
        for (size_t k = 0; k < model->tasks[i].activity_count; k++)
            if (depends(&model->tasks[i].activities[k].demand) || depends(&model->tasks[i].activities[k].think))
                return true;
    return false;
}

void lci_compile_size_begin(struct lci_program *p, const char *entry)
{
    if (p->sized)
        lci_add_instruction(
            p, (struct lci_instruction){.code = LCI_SIZE_BEGIN, .b = lci_add_stream(p, entry, "size of requests")});
}

/* The table of quantiles in the place of the program's distribution. */
static void make_table(struct lc_dist *dist)
{
    double *values = lc_alloc(POINTS * sizeof *values);
    for (int i = 0; i < POINTS; i++) {
        const double z = (double)i / PER_UNIT - END;
        values[i] = lc_dist_quantile(dist, gsl_cdf_ugaussian_P(z));
    }
    lc_dist_free(dist);
    *dist = lc_dist_make(lc_family_find("empirical"), 0, values, POINTS);
    free(values);
}

void lci_compile_size(struct lci_program *p, const struct lc_dist *dist, uint32_t sampler)
{
    if (!depends(dist))
        return;
    const double r = dist->size_correlation;
    make_table(p->dists[sampler]);
    p->samplers[sampler] =
        (struct lci_sampler){.kind = LCI_SIZED, .a = r, .b = sqrt(1 - r * r), .dist = p->dists[sampler]};
    lci_add_instruction(p, (struct lci_instruction){.code = LCI_SIZE, .a = sampler});
}

/* Requests with policies and the like are records between the callee and the caller whose size it is. */
void lci_size_begin(struct lci_engine *e, uint32_t thread, const struct lci_instruction *in)
{
    struct lci_thread *t = &e->threads[thread];
    uint32_t caller = t->caller;
    while (caller != LCI_NIL && e->threads[caller].size == 0)
        caller = e->threads[caller].caller;
    t->size = caller != LCI_NIL ? e->threads[caller].size : (float)lci_ziggurat_normal(&e->streams[in->b]);
}

void lci_size_look(struct lci_engine *e, uint32_t thread, const struct lci_instruction *in)
{
    e->samplers[in->a].c = e->threads[thread].size;
}

double lci_sample_sized(struct lci_sampler *s)
{
    const double z = s->a * s->c + s->b * lci_ziggurat_normal(&s->stream);
    const double place = fmin(fmax((z + END) * PER_UNIT, 0), POINTS - 1.0001);
    const size_t i = (size_t)place;
    const double *values = s->dist->parameters;
    return values[i] + (place - (double)i) * (values[i + 1] - values[i]);
}

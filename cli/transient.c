/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transient.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "render/curves_render.h"
#include "render/json.h"
#include "sim/transient.h"

static void show(void *context, double done, double precision)
{
    (void)precision;
    cli_progress_show(context, done, 1);
}

static void write_json(const struct lc_transient *t, const char *file, struct lc_diag *diag)
{
    json_t *root = json_pack("{s:s, s:o, s:I, s:I, s:f, s:o}", "schema", "loadcast.transient/1", "model",
                             cli_json_text(t->model->name), "seed", (json_int_t)t->seed, "events",
                             (json_int_t)t->events, "elapsed_s", t->elapsed_s, "transient", curves_json(t));
    cli_json_write(root, CLI_JSON_SIMULATED, file, diag);
}

enum lc_status transient_simulate(const struct lc_model *model, struct lc_transient_options *options,
                                  const struct cli_common *common, struct lc_diag *diag)
{
    double unit = 1;
    if (model->time_unit != NULL) {
        char *one = lc_format("1 %s", model->time_unit);
        lci_quantity(one, LC_TIME, &unit, diag, NULL);
        free(one);
    }
    options->duration /= unit;
    options->step /= unit;
    struct cli_progress progress;
    cli_progress_start(&progress, "simulating", "", common);
    struct lc_transient_options watched = *options;
    watched.progress = show;
    watched.context = &progress;
    struct lc_transient *t = lc_simulate_transient(model, &watched, diag);
    cli_progress_end(&progress);
    if (t == NULL)
        return LC_OK; /* the messages say what is wrong */
    if (common->json != NULL)
        write_json(t, common->json, diag);
    if (!cli_is_stdout(common->json))
        curves_text(t, unit, common->verbose, stdout);
    char *short_of = lci_curves_short(t, options->replications);
    if (short_of != NULL)
        lc_warn(diag, NULL, "%s", short_of);
    free(short_of);
    const bool complete = t->complete;
    lc_transient_free(t);
    return complete ? LC_OK : LC_UNDECIDED;
}

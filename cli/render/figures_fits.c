/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "figures.h"
#include "json.h"
#include "model/dist/dist.h"

enum { POINTS = 60 };

/* Values of the distribution at probabilities from 0.1 to 99.9 %, as the model has it: with the samples' mean. */
static json_t *curve_json(const struct lc_fit *fit, double sample_mean)
{
    struct lc_dist dist = lci_dist_copy(&fit->dist);
    const double mean = lc_dist_mean(&dist);
    if (mean > 0 && isfinite(mean))
        lci_dist_scale(&dist, sample_mean / mean);
    json_t *curve = json_array();
    for (int i = 0; i <= POINTS; i++) {
        const double p = 0.001 + 0.998 * i / POINTS;
        json_array_append_new(curve, json_pack("[f, o]", p, cli_json_number(lc_dist_quantile(&dist, p))));
    }
    lc_dist_free(&dist);
    return curve;
}

/* NULL: it is no time with samples (a share, a constant). */
static json_t *fit_json(const struct lc_parameter *parameter)
{
    const struct lc_choice *choice = &parameter->choice;
    const bool fitted = choice->best < choice->count && choice->fits[choice->best].dist.family != NULL;
    if (!(parameter->quantiles[LC_QUANTILES - 1] > 0) || !fitted)
        return NULL;
    json_t *samples = json_array();
    for (size_t i = 0; i < LC_QUANTILES; i++)
        json_array_append_new(
            samples, json_pack("[f, o]", ((double)i + 0.5) / LC_QUANTILES, cli_json_number(parameter->quantiles[i])));
    char *family = lc_dist_text(&choice->fits[choice->best].dist, "s");
    json_t *o = json_pack("{s:o, s:I, s:o, s:o, s:o, s:o, s:o}", "path", cli_json_text(parameter->path), "n",
                          (json_int_t)parameter->n, "mean", cli_json_number(parameter->mean), "error",
                          cli_json_number(parameter->standard_error), "distribution", cli_json_text(family), "samples",
                          samples, "curve", curve_json(&choice->fits[choice->best], parameter->mean));
    free(family);
    return o;
}

void figures_add_fits(const struct lc_learned *learned, json_t *document)
{
    json_t *list = json_array();
    for (size_t i = 0; i < learned->parameter_count; i++) {
        json_t *fit = fit_json(&learned->parameters[i]);
        if (fit != NULL)
            json_array_append_new(list, fit);
    }
    json_object_set_new(document, "fits", list);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fit_samples.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fit_plot.h"
#include "loadcast/fit.h"
#include "loadcast/format.h"
#include "samples.h"

/* ---- JSON -------------------------------------------------------------------------------------------------------- */

static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

/* "shape", or "mean2" in families of varying size, whose names are those of one component. */
static char *parameter_name(const struct lc_dist *d, size_t i)
{
    if (strcmp(d->family->name, "phase_type") == 0) {
        const size_t n = (size_t)d->parameters[0];
        if (i <= n)
            return i == 0 ? lc_strdup("n") : lc_format("alpha%zu", i);
        return lc_format("T%zu_%zu", (i - 1 - n) / n + 1, (i - 1 - n) % n + 1);
    }
    size_t width = 0;
    while (d->family->parameter_names[width] != NULL)
        width++;
    const char *name = d->family->parameter_names[i % width];
    return d->family->fixed ? lc_strdup(name) : lc_format("%s%zu", name, i / width + 1);
}

static json_t *parameters(const struct lc_dist *d, const double *values)
{
    json_t *object = json_object();
    for (size_t i = 0; i < d->count; i++) {
        char *name = parameter_name(d, i);
        json_object_set_new(object, name, number(values[i]));
        free(name);
    }
    return object;
}

static json_t *fit_to_json(const struct lc_fit *fit)
{
    json_t *object = json_object();
    json_object_set_new(object, "family", json_string(fit->dist.family->name));
    json_object_set_new(object, "parameters", parameters(&fit->dist, fit->dist.parameters));
    if (fit->standard_errors != NULL)
        json_object_set_new(object, "standard_errors", parameters(&fit->dist, fit->standard_errors));
    json_object_set_new(object, "free_parameters", json_integer((json_int_t)fit->free_parameters));
    json_object_set_new(object, "log_likelihood", number(fit->log_likelihood));
    json_object_set_new(object, "aic", number(fit->aic));
    json_object_set_new(object, "aicc", number(fit->aicc));
    json_object_set_new(object, "bic", number(fit->bic));
    json_object_set_new(object, "ks", number(fit->ks));
    json_object_set_new(object, "ad", number(fit->ad));
    json_object_set_new(object, "cvm", number(fit->cvm));
    if (!isnan(fit->p_value))
        json_object_set_new(object, "p_value", number(fit->p_value));
    if (fit->note != NULL)
        json_object_set_new(object, "note", json_string(fit->note));
    return object;
}

static int write_json(const struct lc_choice *choice, const char *file, struct lc_diag *diag)
{
    json_t *object = json_object(), *fits = json_array();
    for (size_t i = 0; i < choice->count; i++)
        json_array_append_new(fits, fit_to_json(&choice->fits[i]));
    json_object_set_new(object, "n", json_integer((json_int_t)choice->n));
    json_object_set_new(object, "fits", fits);
    json_object_set_new(object, "best", json_string(choice->fits[choice->best].dist.family->name));
    json_object_set_new(object, "reason", json_string(choice->reason));
    json_object_set_new(object, "empirical", json_boolean(choice->empirical));
    json_object_set_new(object, "few", json_boolean(choice->few));
    json_object_set_new(object, "lag1", number(choice->lag1));
    struct lc_output *output = lc_output_open(file, diag);
    int status = -1;
    if (output != NULL) {
        json_dumpf(object, lc_output_stream(output), JSON_INDENT(2) | JSON_REAL_PRECISION(17));
        fputc('\n', lc_output_stream(output));
        status = lc_output_close(output, diag);
    }
    json_decref(object);
    return status;
}

/* ---- the table --------------------------------------------------------------------------------------------------- */

/* `digits` after the point, or significant ones where `significant`. */
static void print_cell(int width, double value, int digits, bool significant)
{
    if (!isfinite(value))
        printf("%*s–", width - 1, "");
    else if (significant)
        printf("%*.*g", width, digits, value);
    else
        printf("%*.*f", width, digits, value);
}

static void print_fit(const struct lc_choice *choice, size_t i, bool p_values)
{
    const struct lc_fit *fit = &choice->fits[i];
    printf("%s %-18s", i == choice->best ? "*" : " ", fit->dist.family->name);
    print_cell(15, fit->log_likelihood, 3, false);
    print_cell(13, fit->aic, 2, false);
    print_cell(13, fit->bic, 2, false);
    print_cell(9, fit->ks, 4, false);
    print_cell(10, fit->ad, 4, true);
    print_cell(10, fit->cvm, 4, true);
    if (p_values)
        print_cell(8, fit->p_value, 3, false);
    char *text = lc_dist_text(&fit->dist, "");
    const char *parameters_text = strchr(text, '(');
    printf("  %s\n", parameters_text == NULL ? text : parameters_text);
    free(text);
}

static void print_notes(const struct lc_choice *choice)
{
    for (size_t i = 0; i < choice->count; i++) {
        const char *note = choice->fits[i].note;
        bool new = note != NULL;
        for (size_t k = 0; k < i; k++)
            new = new && choice->fits[k].note != note;
        if (!new)
            continue;
        const char *separator = "";
        for (size_t k = i; k < choice->count; k++)
            if (choice->fits[k].note == note) {
                printf("%s%s", separator, choice->fits[k].dist.family->name);
                separator = ", ";
            }
        printf(": %s\n", note);
    }
}

static void print_table(const struct lc_choice *choice, bool p_values)
{
    printf("%-20s%15s%13s%13s%9s%10s%10s%s  parameters\n", "  family", "log-likelihood", "AIC", "BIC", "KS", "AD",
           "CvM", p_values ? "       p" : "");
    for (size_t i = 0; i < choice->count; i++)
        print_fit(choice, i, p_values);
    printf("\n* %s\n", choice->reason);
    print_notes(choice);
    if (choice->n >= 30 && fabs(choice->lag1) > 2.576 / sqrt((double)choice->n))
        printf("Successive values depend on each other (lag-1 autocorrelation %.2f): they tell less than as many\n"
               "independent ones would, and the intervals of a prediction come out too narrow.\n",
               choice->lag1);
}

int cli_fit_samples(const struct cli_fit_samples *options, const struct cli_common *common)
{
    struct lc_diag diag = {0};
    struct samples samples = {0};
    if (samples_read(options->file, &samples, &diag) != 0) {
        samples_free(&samples);
        return cli_report(&diag, common);
    }
    const struct lc_sample sample = {samples.low, samples.high, samples.weight, samples.count};
    const struct lc_choice_options choose = {
        .exhaustive = true, .bootstrap = (int)fmin(options->bootstrap, 1e6), .seed = common->seed};
    struct lc_choice choice;
    lc_choose(&sample, &choose, &choice);
    if (common->json != NULL)
        write_json(&choice, common->json, &diag);
    if (options->plot != NULL)
        fit_plot(&sample, &choice.fits[choice.best], options->plot, &diag);
    if (!common->quiet && (common->json == NULL || strcmp(common->json, "-") != 0))
        print_table(&choice, options->bootstrap > 0);
    lc_choice_free(&choice);
    samples_free(&samples);
    return cli_report(&diag, common);
}

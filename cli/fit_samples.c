/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fit_samples.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "fit_plot.h"
#include "loadcast/fit.h"
#include "loadcast/format.h"
#include "render/json.h"
#include "samples.h"

/* ---- JSON -------------------------------------------------------------------------------------------------------- */

/* "shape", or "mean2" in families of varying size, whose names are those of one component. */
static char *parameter_name(const struct lc_dist *d, size_t i)
{
    if (strcmp(d->family->name, "phase_type") == 0) {
        const size_t n = (size_t)d->parameters[0];
        if (i <= n || n == 0)
            return i == 0 ? lc_strdup("n") : lc_format("alpha%zu", i);
        return lc_format("T%zu_%zu", (i - 1 - n) / n + 1, (i - 1 - n) % n + 1);
    }
    size_t width = 1; /* every family has a parameter */
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
        json_object_set_new(object, name, cli_json_number(values[i]));
        free(name);
    }
    return object;
}

static void put_intervals(json_t *object, const struct lc_fit *fit)
{
    json_t *intervals = json_object();
    for (size_t i = 0; i < fit->dist.count; i++) {
        char *name = parameter_name(&fit->dist, i);
        json_object_set_new(
            intervals, name,
            json_pack("[o, o]", cli_json_number(fit->interval_low[i]), cli_json_number(fit->interval_high[i])));
        free(name);
    }
    json_object_set_new(object, "profile_intervals", intervals);
}

static void put_characteristics(json_t *object, const struct lc_fit *fit)
{
    json_t *all = json_object();
    for (int i = 0; i < LC_CHARACTERISTICS; i++) {
        json_t *one = json_pack("{s:o, s:o}", "value", cli_json_number(fit->characteristics[i]), "standard_error",
                                cli_json_number(fit->characteristic_errors[i]));
        if (!isnan(fit->characteristic_bootstrap[i]))
            json_object_set_new(one, "bootstrap_error", cli_json_number(fit->characteristic_bootstrap[i]));
        if (!isnan(fit->characteristic_low[i]))
            json_object_set_new(one, "interval",
                                json_pack("[o, o]", cli_json_number(fit->characteristic_low[i]),
                                          cli_json_number(fit->characteristic_high[i])));
        json_object_set_new(all, lc_characteristic_name((enum lc_characteristic)i), one);
    }
    json_object_set_new(object, "characteristics", all);
}

static void put_uncertainty(json_t *object, const struct lc_fit *fit)
{
    if (fit->standard_errors != NULL)
        json_object_set_new(object, "standard_errors", parameters(&fit->dist, fit->standard_errors));
    if (fit->bootstrap_errors != NULL)
        json_object_set_new(object, "bootstrap_errors", parameters(&fit->dist, fit->bootstrap_errors));
    if (fit->interval_low != NULL)
        put_intervals(object, fit);
}

static json_t *fit_to_json(const struct lc_fit *fit)
{
    json_t *object = json_object();
    json_object_set_new(object, "family", json_string(fit->dist.family->name));
    json_object_set_new(object, "parameters", parameters(&fit->dist, fit->dist.parameters));
    if (fit->dist.shift > 0)
        json_object_set_new(object, "shift", cli_json_number(fit->dist.shift));
    put_uncertainty(object, fit);
    put_characteristics(object, fit);
    json_object_set_new(object, "free_parameters", json_integer((json_int_t)fit->free_parameters));
    const struct {
        const char *name;
        double value;
    } numbers[] = {{"log_likelihood", fit->log_likelihood},
                   {"aic", fit->aic},
                   {"aicc", fit->aicc},
                   {"bic", fit->bic},
                   {"ks", fit->ks},
                   {"ad", fit->ad},
                   {"cvm", fit->cvm}};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        json_object_set_new(object, numbers[i].name, cli_json_number(numbers[i].value));
    if (!isnan(fit->p_value)) {
        json_object_set_new(object, "p_value", cli_json_number(fit->p_value));
        json_object_set_new(object, "p_ad", cli_json_number(fit->p_ad));
        json_object_set_new(object, "p_cvm", cli_json_number(fit->p_cvm));
    }
    if (fit->note != NULL)
        json_object_set_new(object, "note", json_string(fit->note));
    return object;
}

static int write_json(const struct lc_choice *choice, const char *file, struct lc_diag *diag)
{
    json_t *object = json_object(), *fits = json_array();
    for (size_t i = 0; i < choice->count; i++)
        json_array_append_new(fits, fit_to_json(&choice->fits[i]));
    json_object_set_new(object, "schema", json_string("loadcast.samples/1"));
    json_object_set_new(object, "n", json_integer((json_int_t)choice->n));
    json_object_set_new(object, "fits", fits);
    json_object_set_new(object, "best", json_string(choice->fits[choice->best].dist.family->name));
    json_object_set_new(object, "best_index", json_integer((json_int_t)choice->best));
    json_object_set_new(object, "reason", json_string(choice->reason));
    json_object_set_new(object, "empirical", json_boolean(choice->empirical));
    json_object_set_new(object, "few", json_boolean(choice->few));
    if (choice->averaged_families > 1) {
        json_t *averages = json_object();
        for (int i = 0; i < LC_CHARACTERISTICS; i++)
            json_object_set_new(averages, lc_characteristic_name((enum lc_characteristic)i),
                                json_pack("{s:o, s:[o, o]}", "value", cli_json_number(choice->averaged[i]), "interval",
                                          cli_json_number(choice->averaged_low[i]),
                                          cli_json_number(choice->averaged_high[i])));
        json_object_set_new(averages, "families", json_integer((json_int_t)choice->averaged_families));
        json_object_set_new(object, "averaged", averages);
    }
    json_object_set_new(object, "unit", choice->unit > 0 ? json_real(choice->unit) : json_null());
    if (choice->unit > 0)
        json_object_set_new(object, "rounded_share", json_real(choice->odd));
    json_object_set_new(object, "lag1", cli_json_number(choice->lag1));
    json_object_set_new(object, "ljung_box",
                        json_pack("{s:o, s:I, s:o}", "q", cli_json_number(choice->ljung_box), "lags",
                                  (json_int_t)choice->ljung_box_lags, "p_value", cli_json_number(choice->ljung_box_p)));
    return cli_json_write(object, CLI_JSON_ALL, file, diag);
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

static void print_fit(const struct lc_choice *choice, size_t i, int width, bool p_values)
{
    const struct lc_fit *fit = &choice->fits[i];
    char *name = lc_fit_name(fit, "");
    printf("%s %-*s", i == choice->best ? "*" : " ", width, name);
    free(name);
    print_cell(15, fit->log_likelihood, 3, false);
    print_cell(13, fit->aic, 2, false);
    print_cell(13, fit->aicc, 2, false);
    print_cell(13, fit->bic, 2, false);
    print_cell(9, fit->ks, 4, false);
    print_cell(10, fit->ad, 4, true);
    print_cell(10, fit->cvm, 4, true);
    if (p_values) {
        print_cell(8, fit->p_value, 3, false);
        print_cell(8, fit->p_ad, 3, false);
        print_cell(8, fit->p_cvm, 3, false);
    }
    char *text = lc_dist_text(&fit->dist, "");
    const char *parameters_text = strchr(text, '(');
    printf("  %s\n", parameters_text == NULL ? text : parameters_text);
    free(text);
}

/* The parameters of the choice, each with what is known of its error. */
static void print_errors(const struct lc_fit *fit)
{
    enum { SHOWN = 12 };
    const bool any = fit->standard_errors != NULL || fit->bootstrap_errors != NULL;
    for (size_t i = 0; any && i < fit->dist.count && i < SHOWN; i++) {
        char *name = parameter_name(&fit->dist, i);
        const bool open = fit->interval_low != NULL && isinf(fit->interval_high[i]);
        printf("  %-10s", name);
        free(name);
        if (open) { /* as likely as not it is far above: the point says nothing */
            printf("    ≥ %.4g (the 95 %% profile interval is open above; most likely %.5g)\n", fit->interval_low[i],
                   fit->dist.parameters[i]);
            continue;
        }
        printf(" %12.5g", fit->dist.parameters[i]);
        if (fit->standard_errors != NULL && isfinite(fit->standard_errors[i]))
            printf(" ± %.3g", fit->standard_errors[i]);
        if (fit->bootstrap_errors != NULL)
            printf(" (bootstrap ± %.3g)", fit->bootstrap_errors[i]);
        if (fit->interval_low != NULL && !isnan(fit->interval_low[i]))
            printf(", 95 %% profile interval [%.4g, %.4g]", fit->interval_low[i], fit->interval_high[i]);
        putchar('\n');
    }
}

static void print_characteristics(const struct lc_fit *fit)
{
    for (int i = 0; i < LC_CHARACTERISTICS; i++) {
        printf("%s%s %.4g", i == 0 ? "  " : ", ", lc_characteristic_name((enum lc_characteristic)i),
               fit->characteristics[i]);
        if (!isnan(fit->characteristic_errors[i]))
            printf(" ± %.2g", fit->characteristic_errors[i]);
        if (!isnan(fit->characteristic_bootstrap[i]))
            printf(" (bootstrap ± %.2g)", fit->characteristic_bootstrap[i]);
    }
    putchar('\n');
    bool any = false;
    for (int i = 0; i < LC_CHARACTERISTICS; i++) {
        if (isnan(fit->characteristic_low[i]))
            continue;
        printf("%s%s ", any ? ", " : "  95 % intervals: ", lc_characteristic_name((enum lc_characteristic)i));
        if (isinf(fit->characteristic_high[i]))
            printf("≥ %.4g", fit->characteristic_low[i]);
        else
            printf("%.4g … %.4g", fit->characteristic_low[i], fit->characteristic_high[i]);
        any = true;
    }
    if (any)
        putchar('\n');
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
        enum { NAMED = 6 };
        size_t same = 0;
        for (size_t k = i; k < choice->count; k++)
            same += choice->fits[k].note == note;
        if (same > NAMED)
            printf("%zu of the candidates", same);
        for (size_t k = i, named = 0; k < choice->count && same <= NAMED; k++)
            if (choice->fits[k].note == note) {
                char *name = lc_fit_name(&choice->fits[k], "");
                printf("%s%s", named++ > 0 ? ", " : "", name);
                free(name);
            }
        printf(": %s\n", note);
    }
}

static bool dependent(const struct lc_choice *choice)
{
    return choice->n >= 30 && (fabs(choice->lag1) > 2.576 / sqrt((double)choice->n) || choice->ljung_box_p < 0.01);
}

static void print_dependence(const struct lc_choice *choice)
{
    if (!dependent(choice))
        return;
    printf(
        "Successive values depend on each other (lag-1 autocorrelation %.2f, Ljung-Box Q %.1f over %zu lags, p %.2g).\n"
        "The likelihood multiplies densities as if they did not: estimates stay right on the average, but ",
        choice->lag1, choice->ljung_box, choice->ljung_box_lags, choice->ljung_box_p);
    if (choice->lag1 > 0)
        printf("these %zu\nvalues are worth about %.0f independent ones: standard errors, p values and differences "
               "of\nAIC and BIC look more certain than they are.\n",
               choice->n, lc_choice_independent(choice));
    else
        printf("standard\nerrors, p values and differences of AIC and BIC are not what they would be for independent "
               "ones.\n");
}

static void print_unit(const struct lc_choice *choice, bool stated)
{
    if (!(choice->unit > 0))
        return;
    printf("%s in units of %.6g: each value stands for an interval of that width%s\n",
           stated ? "Read" : "Most are multiples of one unit, and were read", choice->unit,
           stated ? "." : " (--unit states another, or none).");
    if (choice->odd > 0)
        printf("%.2g %% of them are no multiples, and were rounded to one.\n", 100 * choice->odd);
}

/* What was read. */
static void print_sample(const struct lc_sample *sample)
{
    size_t cut_off = 0, intervals = 0;
    double least = INFINITY, greatest = 0, weight = 0;
    for (size_t i = 0; i < sample->count; i++) {
        const double low = sample->low[i], high = sample->high != NULL ? sample->high[i] : low;
        cut_off += isinf(high) ? 1 : 0;
        intervals += high > low && !isinf(high) ? 1 : 0;
        least = fmin(least, low);
        greatest = fmax(greatest, isinf(high) ? low : high);
        weight += sample->weight != NULL ? sample->weight[i] : 1;
    }
    printf("%zu observation%s from %.6g to %.6g", sample->count, sample->count == 1 ? "" : "s", least, greatest);
    if (cut_off > 0)
        printf(", %zu of them cut off", cut_off);
    if (intervals > 0)
        printf(", %zu in intervals", intervals);
    if (sample->weight != NULL)
        printf(", of total weight %.6g", weight);
    putchar('\n');
}

static size_t first_cut_off(const struct lc_sample *sample)
{
    size_t i = 0;
    while (!isinf(sample->high[i]))
        i++;
    return i;
}

/* What the choice among families that the data do not tell apart leaves open, beyond the errors of each. */
static void print_averages(const struct lc_choice *choice)
{
    static const enum lc_characteristic shown[] = {LC_MEAN, LC_SD, LC_P95, LC_P99};
    if (choice->averaged_families < 2)
        return;
    printf("  by all %zu families that the data do not tell apart (95 %% intervals): ", choice->averaged_families);
    for (size_t k = 0; k < sizeof shown / sizeof *shown; k++) {
        const double low = choice->averaged_low[shown[k]], high = choice->averaged_high[shown[k]];
        printf("%s%s ", k > 0 ? ", " : "", lc_characteristic_name(shown[k]));
        if (isinf(high))
            printf("≥ %.4g", low);
        else
            printf("%.4g [%.4g, %.4g]", choice->averaged[shown[k]], low, high);
    }
    putchar('\n');
}

static void print_table(const struct lc_choice *choice, bool p_values)
{
    int width = 18;
    for (size_t i = 0; i < choice->count; i++) {
        char *name = lc_fit_name(&choice->fits[i], "");
        const int length = (int)strlen(name);
        width = length > width ? length : width;
        free(name);
    }
    printf("  %-*s%15s%13s%13s%13s%9s%10s%10s%s  parameters\n", width, "family", "log-likelihood", "AIC", "AICc", "BIC",
           "KS", "AD", "CvM", p_values ? "    p KS    p AD   p CvM" : "");
    for (size_t i = 0; i < choice->count; i++)
        print_fit(choice, i, width, p_values);
    printf("\n* %s\n", choice->reason);
    print_errors(&choice->fits[choice->best]);
    print_characteristics(&choice->fits[choice->best]);
    print_averages(choice);
    print_notes(choice);
    print_dependence(choice);
}

double cli_fit_unit(const char *text)
{
    if (text == NULL)
        return LC_UNIT_FOUND;
    if (strcmp(text, "none") == 0)
        return LC_UNIT_NONE;
    char *end;
    const double unit = strtod(text, &end);
    if (end == text || *end != 0 || !(unit > 0) || !isfinite(unit))
        cli_usage_error(&cmd_fit, "--unit: expected a number greater than 0 or 'none', found '%s'", text);
    return unit;
}

int cli_fit_samples(const struct cli_fit_samples *options, const struct cli_common *common)
{
    struct lc_diag diag = {0};
    struct samples samples = {0};
    const double unit = cli_fit_unit(options->unit);
    if (samples_read(options->file, &samples, &diag) != 0) {
        samples_free(&samples);
        return (int)cli_report(&diag, common);
    }
    const struct lc_sample sample = {samples.low, samples.high, samples.weight, samples.count};
    const struct lc_choice_options choose = {.exhaustive = true,
                                             .bootstrap = (int)fmin(options->bootstrap, 1e6),
                                             .seed = common->seed,
                                             .intervals = true,
                                             .unit = unit};
    struct lc_choice choice;
    lc_choose(&sample, &choose, &choice);
    if (common->json != NULL)
        write_json(&choice, common->json, &diag);
    if (options->plot != NULL)
        fit_plot(&sample, &choice.fits[choice.best], options->plot, &diag);
    if (!common->quiet && !cli_is_stdout(common->json)) {
        print_sample(&sample);
        if (samples.tied > 0)
            printf(
                "The greatest value stands there %zu times: taken as cut off, as if written '>%.6g' ('A..A' states a "
                "value as it is).\n",
                samples.tied, sample.low[first_cut_off(&sample)]);
        print_unit(&choice, options->unit != NULL);
        putchar('\n');
        print_table(&choice, options->bootstrap > 0);
    }
    lc_choice_free(&choice);
    samples_free(&samples);
    return (int)cli_report(&diag, common);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "loadcast/dist.h"
#include "model/dist/dist.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "families.h"

static const struct lc_family *const families[] = {
#define FAMILY(name) &lci_family_##name,
#include "loadcast/families.def"
    NULL,
};

const struct lc_family *const *lci_families(void)
{
    return families;
}

static bool same_name(const char *a, const char *b)
{
    for (; *a != 0 && *b != 0; a++, b++)
        if (*a != (*b == '-' || *b == ' ' ? '_' : *b))
            return false;
    return *a == *b;
}

const struct lc_family *lc_family_find(const char *name)
{
    for (const struct lc_family *const *f = families; *f != NULL; f++)
        if (same_name((*f)->name, name))
            return *f;
    return NULL;
}

struct lc_dist lc_dist_make(const struct lc_family *family, double shift, const double *parameters, size_t count)
{
    struct lc_dist d = {.family = family, .shift = shift, .count = count};
    d.parameters = lc_calloc(count, sizeof *d.parameters);
    if (count > 0)
        memcpy(d.parameters, parameters, count * sizeof *parameters);
    return d;
}

struct lc_dist lc_dist_named(const char *family, size_t count, ...)
{
    struct lc_dist d = {.family = lc_family_find(family), .count = count};
    d.parameters = lc_calloc(count, sizeof *d.parameters);
    va_list list;
    va_start(list, count);
    for (size_t i = 0; i < count; i++)
        d.parameters[i] = va_arg(list, double);
    va_end(list);
    return d;
}

struct lc_dist lc_dist_exponential(double mean)
{
    return lc_dist_make(&lci_family_exponential, 0, &mean, 1);
}

struct lc_dist lc_dist_deterministic(double value)
{
    return lc_dist_make(&lci_family_deterministic, 0, &value, 1);
}

struct lc_dist lci_dist_moments(double mean, double cv2)
{
    return lc_dist_make(&lci_family_moments, 0, (const double[]){mean, cv2}, 2);
}

struct lc_dist lci_dist_copy(const struct lc_dist *d)
{
    if (d->family == NULL)
        return (struct lc_dist){0};
    struct lc_dist copy = lc_dist_make(d->family, d->shift, d->parameters, d->count);
    copy.assumed = d->assumed;
    copy.size_correlation = d->size_correlation;
    return copy;
}

void lc_dist_free(struct lc_dist *d)
{
    free(d->parameters);
    *d = (struct lc_dist){0};
}

bool lci_dist_equal(const struct lc_dist *a, const struct lc_dist *b)
{
    if (a->family != b->family || a->family == NULL)
        return a->family == b->family;
    if (a->shift != b->shift || a->count != b->count || a->size_correlation != b->size_correlation)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (a->parameters[i] != b->parameters[i])
            return false;
    return true;
}

int lci_dist_check(const struct lc_dist *d, struct lc_diag *diag, const struct lc_place *place)
{
    if (d->family == NULL)
        return 0;
    const char *name = d->family->name;
    if (!(d->shift >= 0) || !isfinite(d->shift)) {
        lc_error(diag, LC_INPUT, place, "%s: shift %g; a shift is at least 0", name, d->shift);
        return -1;
    }
    if (!(fabs(d->size_correlation) < 1)) {
        lc_error(diag, LC_INPUT, place, "%s: size_correlation; expected more than -1 and less than 1, found %g", name,
                 d->size_correlation);
        return -1;
    }
    if (d->family->fixed && d->count != d->family->minimum_count) {
        lc_error(diag, LC_INPUT, place, "%s has %zu parameters; expected %zu", name, d->count,
                 d->family->minimum_count);
        return -1;
    }
    bool finite = d->count >= d->family->minimum_count;
    for (size_t i = 0; i < d->count; i++)
        finite = finite && isfinite(d->parameters[i]);
    if (finite && d->family->valid(d->parameters, d->count))
        return 0;
    char *text = lc_dist_text(d, "");
    lc_error(diag, LC_INPUT, place, "%s is out of range; expected %s", text, d->family->range);
    free(text);
    return -1;
}

int lci_dist_check_alone(const struct lc_dist *d, struct lc_diag *diag, const struct lc_place *place)
{
    if (d->family == NULL || d->size_correlation == 0)
        return lci_dist_check(d, diag, place);
    lc_error(diag, LC_INPUT, place,
             "%s has a size_correlation; expected one of a demand or think time of a phase or activity only",
             d->family->name);
    return -1;
}

/* ---- with the shift ---------------------------------------------------------------------------------------------- */

double lc_dist_mean(const struct lc_dist *d)
{
    double mean, variance;
    d->family->moments(d->parameters, d->count, &mean, &variance);
    return d->shift + mean;
}

double lc_dist_variance(const struct lc_dist *d)
{
    double mean, variance;
    d->family->moments(d->parameters, d->count, &mean, &variance);
    return variance;
}

double lc_dist_cv2(const struct lc_dist *d)
{
    double mean, variance;
    d->family->moments(d->parameters, d->count, &mean, &variance);
    mean += d->shift;
    return mean == 0 ? 0 : variance / (mean * mean);
}

double lc_dist_log_density(const struct lc_dist *d, double x)
{
    return d->family->log_density(d->parameters, d->count, x - d->shift);
}

double lc_dist_cdf(const struct lc_dist *d, double x)
{
    return d->family->cdf(d->parameters, d->count, x - d->shift);
}

double lc_dist_survival(const struct lc_dist *d, double x)
{
    return d->family->survival(d->parameters, d->count, x - d->shift);
}

double lc_dist_quantile(const struct lc_dist *d, double u)
{
    return d->shift + d->family->quantile(d->parameters, d->count, u);
}

double lc_dist_sample(const struct lc_dist *d, struct lc_random *r)
{
    return d->shift + d->family->sample(d->parameters, d->count, r);
}

void lci_dist_scale(struct lc_dist *d, double factor)
{
    d->shift *= factor;
    d->family->scale(d->parameters, d->count, factor);
}

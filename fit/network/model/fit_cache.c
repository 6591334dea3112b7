/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A fit, written to a list and read from it by the same functions, so that both know the same fields in the same order.
 * Numbers are kept as their bits.
 */
#include "network/model/fit_cache.h"

#include <stdlib.h>
#include <string.h>

struct tape {
    json_t *list;
    size_t at;
    bool reading, wrong;
};

_Static_assert(sizeof(void *) != 8 || (sizeof(struct lc_fit) == 376 && sizeof(struct lc_choice) == 240),
               "a new field is to be kept as well, below");

static json_t *next(struct tape *tape)
{
    return json_array_get(tape->list, tape->at++);
}

static void integer(struct tape *tape, int64_t *value)
{
    if (!tape->reading) {
        json_array_append_new(tape->list, json_integer(*value));
        return;
    }
    const json_t *item = next(tape);
    tape->wrong |= !json_is_integer(item);
    *value = json_integer_value(item);
}

static void real(struct tape *tape, double *value)
{
    int64_t bits;
    memcpy(&bits, value, sizeof bits);
    integer(tape, &bits);
    memcpy(value, &bits, sizeof bits);
}

/* Of things that follow: there are no more of them than items of the list. */
static void count(struct tape *tape, size_t *value)
{
    int64_t number = (int64_t)*value;
    integer(tape, &number);
    if (tape->reading && (number < 0 || (size_t)number > json_array_size(tape->list))) {
        tape->wrong = true;
        number = 0;
    }
    *value = (size_t)number;
}

static void size(struct tape *tape, size_t *value)
{
    int64_t number = (int64_t)*value;
    integer(tape, &number);
    *value = (size_t)number;
}

static void flag(struct tape *tape, bool *value)
{
    int64_t number = *value;
    integer(tape, &number);
    *value = number != 0;
}

/* NULL stays NULL. What is read is borrowed from the list. */
static void borrowed(struct tape *tape, const char **text)
{
    if (!tape->reading) {
        json_array_append_new(tape->list, *text != NULL ? json_string(*text) : json_null());
        return;
    }
    const json_t *item = next(tape);
    tape->wrong |= !json_is_string(item) && !json_is_null(item);
    *text = json_string_value(item);
}

static void text(struct tape *tape, char **owned)
{
    const char *value = *owned;
    borrowed(tape, &value);
    if (tape->reading)
        *owned = value != NULL ? lc_strdup(value) : NULL;
}

static void reals(struct tape *tape, double *values, size_t number)
{
    for (size_t i = 0; i < number; i++)
        real(tape, &values[i]);
}

/* NULL stays NULL. */
static void list_of_reals(struct tape *tape, double **values, size_t number)
{
    bool there = *values != NULL;
    flag(tape, &there);
    if (tape->reading)
        *values = there ? lc_calloc(number, sizeof **values) : NULL;
    if (there)
        reals(tape, *values, number);
}

static void dist(struct tape *tape, struct lc_dist *d)
{
    const char *family = d->family != NULL ? d->family->name : NULL;
    borrowed(tape, &family);
    real(tape, &d->shift);
    real(tape, &d->size_correlation);
    flag(tape, &d->assumed);
    count(tape, &d->count);
    list_of_reals(tape, &d->parameters, d->count);
    if (tape->reading) {
        d->family = family != NULL ? lc_family_find(family) : NULL;
        tape->wrong |= d->family == NULL;
    }
}

static void fit(struct tape *tape, struct lc_fit *f)
{
    dist(tape, &f->dist);
    real(tape, &f->log_likelihood);
    real(tape, &f->aic);
    real(tape, &f->aicc);
    real(tape, &f->bic);
    real(tape, &f->ks);
    real(tape, &f->ad);
    real(tape, &f->cvm);
    real(tape, &f->p_value);
    list_of_reals(tape, &f->standard_errors, f->dist.count);
    size(tape, &f->free_parameters);
    borrowed(tape, &f->note);
    real(tape, &f->p_ad);
    real(tape, &f->p_cvm);
    list_of_reals(tape, &f->bootstrap_errors, f->dist.count);
    reals(tape, f->characteristics, LC_CHARACTERISTICS);
    reals(tape, f->characteristic_errors, LC_CHARACTERISTICS);
    reals(tape, f->characteristic_bootstrap, LC_CHARACTERISTICS);
    reals(tape, f->characteristic_low, LC_CHARACTERISTICS);
    reals(tape, f->characteristic_high, LC_CHARACTERISTICS);
    list_of_reals(tape, &f->interval_low, f->dist.count);
    list_of_reals(tape, &f->interval_high, f->dist.count);
}

static void choice(struct tape *tape, struct lc_choice *c)
{
    count(tape, &c->count);
    if (tape->reading)
        c->fits = c->count > 0 ? lc_calloc(c->count, sizeof *c->fits) : NULL;
    for (size_t i = 0; i < c->count; i++)
        fit(tape, &c->fits[i]);
    count(tape, &c->best);
    tape->wrong |= c->count > 0 && c->best >= c->count;
    size(tape, &c->n);
    flag(tape, &c->empirical);
    flag(tape, &c->few);
    real(tape, &c->lag1);
    text(tape, &c->reason);
    real(tape, &c->ljung_box);
    real(tape, &c->ljung_box_p);
    size(tape, &c->ljung_box_lags);
    real(tape, &c->unit);
    real(tape, &c->odd);
    real(tape, &c->total);
    real(tape, &c->cv2);
    reals(tape, c->averaged, LC_CHARACTERISTICS);
    reals(tape, c->averaged_low, LC_CHARACTERISTICS);
    reals(tape, c->averaged_high, LC_CHARACTERISTICS);
    size(tape, &c->averaged_families);
}

static void fitted_on(struct tape *tape, const struct lc_learned *learned, struct lci_fitted *f)
{
    dist(tape, &f->dist);
    choice(tape, &f->choice);
    text(tape, &f->method);
    list_of_reals(tape, &f->replicates.ratios, learned->replicates);
    list_of_reals(tape, &f->replicates.table, LC_SHAPE);
    list_of_reals(tape, &f->replicates.powers, learned->shapes);
    real(tape, &f->replicates.cv2);
}

json_t *lci_fitted_json(const struct lc_learned *learned, const struct lci_fitted *fitted)
{
    struct tape tape = {.list = json_array()};
    struct lci_fitted copy = *fitted; /* writing changes nothing */
    fitted_on(&tape, learned, &copy);
    return tape.list;
}

bool lci_fitted_read(const struct lc_learned *learned, json_t *list, struct lci_fitted *fitted)
{
    struct tape tape = {.list = list, .reading = true};
    *fitted = (struct lci_fitted){0};
    fitted_on(&tape, learned, fitted);
    if (!tape.wrong && fitted->method != NULL && tape.at == json_array_size(list))
        return true;
    lc_dist_free(&fitted->dist);
    lc_choice_free(&fitted->choice);
    free(fitted->method);
    lci_time_replicates_free(&fitted->replicates);
    *fitted = (struct lci_fitted){0};
    return false;
}

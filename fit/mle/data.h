/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A sample made ready for estimation: moments that do not cancel, logarithms and order computed once, equal rows of
 * interval data merged, quantised clocks recognised.
 */
#ifndef MLE_DATA_H
#define MLE_DATA_H

#include "loadcast/fit.h"

struct lci_data {
    size_t n;             /* rows */
    const double *x;      /* exact: the values; otherwise the lower ends */
    const double *high;   /* upper ends; NULL: all exact */
    const double *weight; /* NULL: all 1 */
    double total;         /* sum of the weights */
    double unit;          /* that most values are multiples of: these stand for intervals of this width; 0: none */
    double odd;           /* part of the weight that was no multiple of it, and was rounded to one */
    double grain;         /* components of mixtures are at least so wide and so far from the origin; 0: no limit */
    bool rough;           /* iterations may stop early: only to compare shifts by */
    bool censored_zeros;  /* zeros stand for [0, smallest positive value] */

    /* Of the values, for intervals of their middles (lower ends where there is no upper end). */
    double minimum, maximum, mean, variance;

    /* On demand. */
    double *logs, mean_log, variance_log; /* of exact values, all > 0 */
    double *sorted, *cumulated;           /* distinct exact values and the weight up to each */
    size_t distinct;

    struct lci_split *split; /* of intervals (split.c) */
    double widest;           /* interval that may be a point; 0: not known yet */

    double *own_x, *own_high, *own_weight; /* memory of rows that are not the caller's */
};

/* Interval data in two parts: those as good as points, exact, and those that are not. */
struct lci_split {
    struct lci_data points, near;
    double log_widths; /* what the likelihood of the points has more than the sum of their log densities */
};

/* The sample's arrays are borrowed as long as `data` lives. Rows of weight 0 are allowed, negative ones are not. */
void lci_data_init(struct lci_data *data, const struct lc_sample *sample);
/* The same with the unit of lc_choice_options. */
void lci_data_read(struct lci_data *data, const struct lc_sample *sample, double unit);
void lci_data_free(struct lci_data *data);
/* Exact data of the rows' middles, zeros moved to half the smallest positive one: to start iterations from. */
void lci_data_middles(struct lci_data *plain, const struct lci_data *data);
/* The same observations counted from `shift` on (negative: from below 0), which is at most the least of them. */
void lci_data_shifted(struct lci_data *shifted, const struct lci_data *data, double shift);
/* Much exact data as weighted rows: the means of the values within each of `bins` equal steps of log x. A sum over the
 * values of a function g of log x is off by about g″ step²/24 a value; moments and mean logarithms are those of
 * the values themselves. False when there is so little that this would not save time. */
bool lci_data_binned(struct lci_data *binned, struct lci_data *data, size_t bins);
/* Every k-th row of much exact data, likewise; false when there is so little that this would not save time. */
bool lci_data_thin(struct lci_data *thin, const struct lci_data *data);

/* Moments and range of the rows. */
void lci_summarise(struct lci_data *data);
/* Whether an interval is so narrow, compared with the sample's spread and its distance from the origin, that its middle
 * is as good. */
bool lci_is_point(struct lci_data *data, size_t i);
/* NULL where the data are exact, or hold too few such rows. Owned by the data. */
const struct lci_split *lci_data_split(struct lci_data *data);

static inline double lci_weight(const struct lci_data *data, size_t i)
{
    return data->weight == NULL ? 1 : data->weight[i];
}
/* Values that are all cut off are the likelier the greater the fit: there is no maximum. */
bool lci_all_cut_off(const struct lci_data *data);
/* The point that stands for row i where one number is needed. */
double lci_middle(const struct lci_data *data, size_t i);

/* Fills `logs`, `mean_log`, `variance_log`. */
void lci_data_logs(struct lci_data *data);
/* Fills `sorted`, `cumulated`, `distinct`: of the values of exact rows, of the middles of intervals. */
void lci_data_sort(struct lci_data *data);
/* quantum.c: the unit in which most of the exact values were read, 0: none. */
double lci_find_unit(struct lci_data *data);
bool lci_is_multiple(double x, double unit);
/* Sorts non-negative numbers; n of any size. */
void lci_sort(double *x, size_t n);

/* Mean and variance (divided by the sum of weights) in two passes around the first value: exact to the last digits also
 * where the mean is much greater than the deviation. `weight` may be NULL. */
void lci_moments(const double *x, const double *weight, size_t n, double *mean, double *variance);
/* Autocorrelation of successive values; 0 for fewer than 3 or constant ones. */
double lci_lag1(const double *x, size_t n);
/* Ljung & Box (1978): Q = n (n + 2) Σ r_k² / (n − k) over the first min(10, n/5) lags, chi-squared under independence
 * with as many degrees of freedom. Returns the number of lags; 0, and NaN, where there is nothing to tell. */
size_t lci_ljung_box(const double *x, size_t n, double *q, double *p);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Fitting distributions to samples by maximum likelihood, and choosing among them.
 */
#ifndef LOADCAST_FIT_H
#define LOADCAST_FIT_H

#include "dist.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Observations. Value i lies in [low[i], high[i]]: equal for exact ones, high = +∞ for those cut off by a timeout
 * (right censored), low = 0 for left censored ones. `high` NULL: all exact. `weight` NULL: all 1. Borrowed. */
struct lc_sample {
    const double *low, *high, *weight;
    size_t count;
};

/* What a distribution says, whatever its parameters: these have standard errors where parameters have none. */
enum lc_characteristic { LC_MEAN, LC_SD, LC_MEDIAN, LC_P95, LC_P99, LC_CHARACTERISTICS };
const char *lc_characteristic_name(enum lc_characteristic which);

struct lc_fit {
    struct lc_dist dist; /* owned; family NULL: this family cannot be fitted (see `note`) */
    double log_likelihood, aic, aicc, bic;
    double ks, ad, cvm;      /* Kolmogorov–Smirnov D, Anderson–Darling A², Cramér–von Mises W² */
    double p_value;          /* of `ks`, allowing for estimated parameters; NaN when not asked for */
    double *standard_errors; /* one per parameter, from the observed information; NULL if not known */
    size_t free_parameters;
    const char *note;         /* static text or NULL */
    double p_ad, p_cvm;       /* like p_value, of `ad` and `cvm` */
    double *bootstrap_errors; /* one per parameter: its spread over the bootstrap's fits; NULL when not asked for */
    double characteristics[LC_CHARACTERISTICS];          /* in the sample's unit; may be infinite */
    double characteristic_errors[LC_CHARACTERISTICS];    /* by the delta method; NaN when not known */
    double characteristic_bootstrap[LC_CHARACTERISTICS]; /* their spread over the bootstrap's fits; NaN when not asked
                                                            for */
    /* 95 % intervals of the choice's, when `intervals` are asked for: by profile likelihood below 300 values, else on
     * the logarithmic scale; infinite where the likelihood does not fall; NaN where not known. */
    double characteristic_low[LC_CHARACTERISTICS], characteristic_high[LC_CHARACTERISTICS];
    double *interval_low;  /* ends of 95 % profile-likelihood intervals, one per parameter, NaN where there is none; */
    double *interval_high; /* NULL for 50 values or more, or families of more than two parameters */
};
void lc_fit_free(struct lc_fit *fit);
/* "gamma", or "gamma + 2.1 ms" where it is shifted; unit may be "". Owned by the caller. */
char *lc_fit_name(const struct lc_fit *fit, const char *unit);

/* Fits one family. Returns 0; −1 when it cannot be fitted to this sample (too few distinct values, zeros outside the
 * support …), with `fit->note` saying why. Sample values ≥ 0, finite lows; count ≥ 1. Nothing is owned by the result.
 */
int lc_fit_family(const struct lc_family *family, const struct lc_sample *sample, struct lc_fit *fit);

struct lc_choice {
    struct lc_fit *fits; /* every family that could be fitted, best first */
    size_t count;
    size_t best; /* index into fits */
    size_t n;
    bool empirical; /* no family fits: the empirical distribution is the choice */
    bool few;       /* too few samples to tell families apart (n < 30) */
    double lag1;    /* autocorrelation of successive samples */
    char *reason;   /* a sentence; owned */
    /* Ljung–Box Q over the first `ljung_box_lags` autocorrelations, and its p value under independence; NaN below 5
     * samples and where nothing varies. */
    double ljung_box, ljung_box_p;
    size_t ljung_box_lags;
    double unit;  /* that most values are multiples of, each standing for an interval of this width; 0: none */
    double odd;   /* part of the values that are no multiples of it, and were rounded to one */
    double total; /* weight of the values */
    double cv2;   /* squared coefficient of variation of the sample; NaN where values are cut off */
    /* Over the families that the data do not tell apart, by exp(−ΔBIC/2), on the logarithmic scale: the average and a
     * 95 % interval that allows for their differences; NaN where one family stands alone or has none. */
    double averaged[LC_CHARACTERISTICS], averaged_low[LC_CHARACTERISTICS], averaged_high[LC_CHARACTERISTICS];
    size_t averaged_families;
};
#define LC_UNIT_FOUND 0
#define LC_UNIT_NONE  (-1)

struct lc_choice_options {
    const char *const *families; /* ends with NULL, tried as they are; NULL: in steps, see lc_choose() */
    bool exhaustive;             /* mixtures, phase-type, … in any case */
    int bootstrap;               /* parametric bootstrap samples for p values and standard errors; 0: none */
    uint64_t seed;
    bool intervals; /* profile-likelihood intervals for small samples */
    double unit;    /* that exact values were read in (> 0), LC_UNIT_FOUND: what most of them are multiples of,
                       LC_UNIT_NONE: values are taken as they are */
};
/* Fits the families and chooses by BIC among those that fit: first those of one or two parameters, each also with a
 * shift where the likelihood gains by it; when none of them fits, mixtures; when none of these does, the empirical
 * distribution is kept. Free with lc_choice_free(). */
void lc_choose(const struct lc_sample *sample, const struct lc_choice_options *options, struct lc_choice *choice);
void lc_choice_free(struct lc_choice *choice);
/* How many independent values are worth as much for the mean as the choice's n, of which successive ones depend on each
 * other: n (1 − r)/(1 + r), at least 1, which is right for an autoregressive sequence of lag-1 correlation r. */
double lc_choice_independent(const struct lc_choice *choice);

#ifdef __cplusplus
}
#endif

#endif

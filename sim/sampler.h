/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A distribution made ready for the event loop: the common families behind a switch, every other one through its
 * family, each with a random stream of its own. Exponential times are drawn one ahead: what is scheduled next, and
 * which branches the processor is to guess, depends on the time, and then it need not wait for the generator (a seventh
 * of the time of an M/M/1).
 */
#ifndef LCI_SAMPLER_H
#define LCI_SAMPLER_H

#include "loadcast/dist.h"
#include "model/random/variates.h"

enum lci_sampler_kind {
    LCI_EXPONENTIAL,  /* a: mean; no shift */
    LCI_SHIFTED,      /* exponential; a: mean beyond the shift */
    LCI_CONSTANT,     /* a: value */
    LCI_UNIFORM,      /* a + b u */
    LCI_TWO_BRANCHES, /* hyperexponential: c: probability of mean a, else mean b */
    LCI_ERLANG,       /* n phases of mean a */
    LCI_LOGNORMAL,    /* a: mu, b: sigma */
    LCI_OTHER_FAMILY,
    LCI_SIZED, /* a: correlation with the request's size, b: √(1 − a²), c: that size; dist: the table of size.h */
};

struct lci_sampler {
    struct lc_random stream;
    double ahead; /* LCI_EXPONENTIAL: the next one */
    double a, b, c, shift;
    enum lci_sampler_kind kind;
    uint32_t n;                 /* of phases, of parameters */
    const struct lc_dist *dist; /* borrowed from the program; LCI_OTHER_FAMILY and LCI_SIZED only */
};

/* `dist` times `factor`; what is not inlined is kept in `storage`, which must outlive the sampler. */
struct lci_sampler lci_sampler_make(const struct lc_dist *dist, double factor, struct lc_dist *storage);

/* When its stream has been seeded, before anything is sampled. */
static inline void lci_sampler_begin(struct lci_sampler *s)
{
    if (s->kind == LCI_EXPONENTIAL)
        s->ahead = s->a * lci_ziggurat_exponential(&s->stream);
}

double lci_sample_rest(struct lci_sampler *s);

/* The most common family inline, the others behind a call. */
__attribute__((always_inline)) static inline double lci_sample(struct lci_sampler *s)
{
    if (__builtin_expect(s->kind == LCI_EXPONENTIAL, 1)) {
        const double x = s->ahead, next = lci_ziggurat_exponential(&s->stream);
        s->ahead = s->a * next;
        return x;
    }
    return lci_sample_rest(s);
}

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sampler.h"
#include "model/dist/dist.h"
#include "model/random/generator.h"
#include "size.h"

#include <math.h>
#include <string.h>

static void two_branches(struct lci_sampler *s, double p, double first, double second)
{
    s->kind = LCI_TWO_BRANCHES;
    s->c = p;
    s->a = first;
    s->b = second;
}

/* What LQN files say: mean and squared coefficient of variation. Gamma, between 0 and 1, is left to the family. */
static bool inline_moments(struct lci_sampler *s, double mean, double cv2)
{
    if (cv2 > 0 && cv2 < 1)
        return false;
    if (cv2 > 1) {
        const double p = 0.5 * (1 - sqrt((cv2 - 1) / (cv2 + 1)));
        two_branches(s, p, mean / (2 * p), mean / (2 * (1 - p)));
        return true;
    }
    s->kind = cv2 == 0 ? LCI_CONSTANT : s->shift == 0 ? LCI_EXPONENTIAL : LCI_SHIFTED;
    s->a = s->kind == LCI_CONSTANT ? mean + s->shift : mean;
    return true;
}

static bool inline_family(struct lci_sampler *s, const char *name, const double *p, size_t n)
{
    if (strcmp(name, "exponential") == 0)
        return inline_moments(s, p[0], 1);
    if (strcmp(name, "deterministic") == 0)
        return inline_moments(s, p[0], 0);
    if (strcmp(name, "moments") == 0)
        return inline_moments(s, p[0], p[1]);
    if (strcmp(name, "uniform") == 0) {
        s->kind = LCI_UNIFORM;
        s->a = s->shift + p[0];
        s->b = p[1] - p[0];
        return true;
    }
    if (strcmp(name, "hyperexponential") == 0 && n == 4) {
        two_branches(s, p[0], p[1], p[3]);
        return true;
    }
    if (strcmp(name, "erlang") == 0 && p[0] <= 32) {
        s->kind = LCI_ERLANG;
        s->n = (uint32_t)p[0];
        s->a = p[1] / p[0];
        return true;
    }
    if (strcmp(name, "lognormal") == 0) {
        s->kind = LCI_LOGNORMAL;
        s->a = p[0];
        s->b = p[1];
        return true;
    }
    return false;
}

struct lci_sampler lci_sampler_make(const struct lc_dist *dist, double factor, struct lc_dist *storage)
{
    *storage = lci_dist_copy(dist);
    if (factor > 0)
        lci_dist_scale(storage, factor);
    else
        *storage = (lc_dist_free(storage), lc_dist_deterministic(0));
    struct lci_sampler s = {.kind = LCI_OTHER_FAMILY, .shift = storage->shift, .n = (uint32_t)storage->count};
    if (!inline_family(&s, storage->family->name, storage->parameters, storage->count))
        s.dist = storage;
    return s;
}

double lci_sample_rest(struct lci_sampler *s)
{
    switch (s->kind) {
    case LCI_CONSTANT: return s->a;
    case LCI_SHIFTED: return s->shift + s->a * lci_ziggurat_exponential(&s->stream);
    case LCI_UNIFORM: return s->a + s->b * lci_random_uniform(&s->stream);
    case LCI_TWO_BRANCHES: {
        const double mean = lci_random_uniform(&s->stream) < s->c ? s->a : s->b;
        return s->shift + mean * lci_ziggurat_exponential(&s->stream);
    }
    case LCI_ERLANG: {
        double sum = 0;
        for (uint32_t i = 0; i < s->n; i++)
            sum += lci_ziggurat_exponential(&s->stream);
        return s->shift + s->a * sum;
    }
    case LCI_LOGNORMAL: return s->shift + exp(s->a + s->b * lci_ziggurat_normal(&s->stream));
    case LCI_SIZED: return lci_sample_sized(s);
    default: return lc_dist_sample(s->dist, &s->stream);
    }
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "families.h"
#include "model/dist/dist.h"

#include "base/buffer.h"

/* Parameters printed at the most; longer lists are summed up. */
enum { SHOWN = 12 };

/* Which parameters are times shows in how they scale: by 4 (a power of two is exact), by 1/4 for rates. */
static char *parameter_text(double value, double scaled, const char *unit)
{
    if (unit[0] == 0 || value == 0)
        return lc_format("%.4g", value);
    if (scaled == 4 * value)
        return lc_format("%.4g %s", value, unit);
    return scaled == value / 4 ? lc_format("%.4g/%s", value, unit) : lc_format("%.4g", value);
}

static char *summary(const struct lc_dist *d, const char *unit)
{
    const char *space = unit[0] ? " " : "";
    if (d->family == &lci_family_empirical)
        return lc_format("empirical(%zu values, %.4g … %.4g%s%s)", d->count, d->parameters[0] + d->shift,
                         d->parameters[d->count - 1] + d->shift, space, unit);
    if (d->family == &lci_family_phase_type)
        return lc_format("phase_type(n %g, mean %.4g%s%s)", d->parameters[0], lc_dist_mean(d), space, unit);
    return lc_format("%s(%zu parameters, mean %.4g%s%s)", d->family->name, d->count, lc_dist_mean(d), space, unit);
}

char *lc_dist_text(const struct lc_dist *d, const char *unit)
{
    if (d->family == NULL)
        return lc_strdup("none");
    const bool vectors = d->family == &lci_family_empirical || d->family == &lci_family_phase_type;
    if (d->count > 0 && (d->count > SHOWN || vectors) && d->family->valid(d->parameters, d->count))
        return summary(d, unit);
    const char *const *names = d->family->parameter_names;
    size_t width = 0;
    while (names[width] != NULL)
        width++;
    const size_t shown = d->count > SHOWN ? SHOWN : d->count;
    struct lc_dist four = lci_dist_copy(d);
    if (d->count >= d->family->minimum_count && d->family->valid(d->parameters, d->count))
        d->family->scale(four.parameters, four.count, 4);
    struct lci_buffer text = {0};
    lci_buffer_add(&text, "%s(", d->family->name);
    if (d->shift != 0)
        lci_buffer_add(&text, "shift %.4g%s%s%s", d->shift, unit[0] ? " " : "", unit, shown > 0 ? ", " : "");
    for (size_t i = 0; i < shown; i++) {
        char *value = parameter_text(d->parameters[i], four.parameters[i], unit);
        const char *separator = i == 0 ? "" : i % width == 0 && !d->family->fixed ? "; " : ", ";
        lci_buffer_add(&text, "%s%s %s", separator, names[i % width], value);
        free(value);
    }
    lci_buffer_add(&text, "%s", d->count > shown ? ", …)" : ")");
    lc_dist_free(&four);
    return lci_buffer_take(&text);
}

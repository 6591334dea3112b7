/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Most readings of a fine unit lie so far above it that their intervals are as good as points: log P(x ± w/2) is
 * log w + log f(x) + (w²/24) f″/f, and f″/f, whose mean is 0, is about 1/x² near a steep origin and 1/sd² elsewhere.
 * What is left of the sample, the readings near the origin, stays intervals. Points have the closed forms of exact
 * data.
 */
#include <math.h>
#include <stdlib.h>

#include "data.h"

#define NEAR   10 /* widths: below this from the origin an interval is none but itself */
#define WIDEST (1 / 8.0)
enum { FEWEST = 16 /* points that are worth it */ };

/* The distance between the quartiles of the rows' middles, which are in order. */
static double quartiles_apart(const struct lci_data *data)
{
    double ends[2] = {0}, sum = 0;
    for (size_t i = 0, k = 0; i < data->n && k < 2; i++) {
        sum += lci_weight(data, i);
        while (k < 2 && sum >= (k == 0 ? 0.25 : 0.75) * data->total)
            ends[k++] = lci_middle(data, i);
    }
    return ends[1] - ends[0];
}

bool lci_is_point(struct lci_data *data, size_t i)
{
    const double width = data->high[i] - data->x[i];
    if (width == 0)
        return true;
    if (data->widest == 0) {
        const double spread = fmin(sqrt(data->variance), quartiles_apart(data));
        data->widest = spread > 0 ? WIDEST * spread : -1;
    }
    return width <= data->widest && data->x[i] >= NEAR * width;
}

const struct lci_split *lci_data_split(struct lci_data *data)
{
    if (data->high == NULL)
        return NULL;
    if (data->split != NULL)
        return data->split->points.n > 0 ? data->split : NULL;
    struct lci_split *split = data->split = lc_calloc(1, sizeof *split);
    size_t count = 0;
    for (size_t i = 0; i < data->n; i++)
        count += lci_is_point(data, i);
    if (count < FEWEST)
        return NULL;
    const size_t rest = data->n - count;
    double *memory = lc_alloc((2 * count + 3 * rest) * sizeof *memory);
    double *x = memory, *weight = x + count, *low = weight + count, *high = low + rest, *near = high + rest;
    size_t k = 0, l = 0;
    for (size_t i = 0; i < data->n; i++) {
        const double w = lci_weight(data, i), width = data->high[i] - data->x[i];
        if (lci_is_point(data, i)) {
            x[k] = lci_middle(data, i);
            weight[k++] = w;
            split->log_widths += width > 0 ? w * log(width) : 0;
        } else {
            low[l] = data->x[i];
            high[l] = data->high[i];
            near[l++] = w;
        }
    }
    split->points = (struct lci_data){.n = count, .x = x, .own_x = memory, .weight = weight};
    split->near = (struct lci_data){.n = rest, .x = low, .high = high, .weight = near};
    lci_summarise(&split->points);
    lci_data_logs(&split->points);
    return split;
}

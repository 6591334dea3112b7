/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "turns.h"

#include "loadcast/base.h"

enum { MOST_TURNS = 1000, PARTS = 64 }; /* of a slice; of a quantum */

/* How many turns a slice takes in the mean, and their moments: E K = Σ P(S > k q), of turn k min(S − k q, q). */
static void find_turns(struct lcs_step_info *step, double scale, double quantum)
{
    const struct lc_dist *demand = &step->activity->demand;
    const double tail = 1e-9;
    double turns = 0, mean = 0, square = 0;
    if (lc_dist_survival(demand, quantum / scale) < tail)
        return; /* one turn */
    for (int k = 0; k < MOST_TURNS; k++) {
        const double goes_on = lc_dist_survival(demand, k * quantum / scale);
        turns += goes_on;
        if (goes_on < tail)
            break;
        for (int i = 0; i < PARTS; i++) { /* the smaller, the closer to the beginning */
            const double from = quantum * pow((double)i / PARTS, 3), to = quantum * pow((i + 1.0) / PARTS, 3);
            const double longer = lc_dist_survival(demand, (k * quantum + (from + to) / 2) / scale);
            mean += (to - from) * longer;
            square += (to * to - from * from) * longer;
        }
    }
    const double error = step->slice.mean / mean; /* of the sums */
    step->turns = fmax(1, turns);
    step->turn.mean = step->slice.mean / step->turns;
    step->turn.variance = fmax(0, error * error * square / step->turns - step->turn.mean * step->turn.mean);
}

static bool is_at(const struct lcs_network *n, const struct lcs_step_info *step, int processor)
{
    return n->model->tasks[n->model->entries[step->entry].task].processor == processor && step->slice.mean > 0;
}

bool lcs_takes_turns(struct lcs_network *n, int processor)
{
    const struct lc_processor *p = &n->model->processors[processor];
    double shortest = INFINITY, longest = 0;
    for (size_t s = 0; s < n->step_count; s++)
        if (is_at(n, &n->steps[s], processor)) {
            shortest = fmin(shortest, n->steps[s].slice.mean);
            longest = fmax(longest, n->steps[s].slice.mean);
        }
    if (p->scheduling != LC_PS || !lcs_turns_count(p->quantum, shortest) || longest > LCS_MOST_QUANTA * p->quantum)
        return false;
    for (size_t s = 0; s < n->step_count; s++)
        if (is_at(n, &n->steps[s], processor))
            find_turns(&n->steps[s], n->steps[s].slice.mean / lc_dist_mean(&n->steps[s].activity->demand), p->quantum);
    return true;
}

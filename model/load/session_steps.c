/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sessions: customers that go from entry to entry of their source, by probabilities, until they leave. */
#include "loadcast/lqn.h"
#include "model/lqn.h"

#include <math.h>
#include <stdlib.h>

bool lci_is_session(const struct lc_model *model, const struct lc_task *task)
{
    for (size_t i = 0; i < task->entry_count; i++)
        if (model->entries[task->entries[i]].next_count > 0)
            return true;
    return false;
}

/* v = start + v P, by elimination: steps leave for others with at most what comes, so the pivots on the diagonal are
 * above 0 unless sessions never end. */
static int solve(double *a, double *v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const double pivot = a[i * n + i];
        if (!(pivot > 1e-12))
            return -1;
        for (size_t row = i + 1; row < n; row++) {
            const double factor = a[row * n + i] / pivot;
            for (size_t k = i; k < n && factor != 0; k++)
                a[row * n + k] -= factor * a[i * n + k];
            v[row] -= factor * v[i];
        }
    }
    for (size_t i = n; i-- > 0;) {
        for (size_t k = i + 1; k < n; k++)
            v[i] -= a[i * n + k] * v[k];
        v[i] /= a[i * n + i];
    }
    return 0;
}

/* Adds −P to the matrix, or −Pᵀ. */
static void subtract_steps(const struct lc_model *model, const struct lc_task *task, bool transposed, double *a)
{
    const size_t n = task->entry_count;
    for (size_t i = 0; i < n; i++) {
        const struct lc_entry *e = &model->entries[task->entries[i]];
        for (size_t k = 0; k < e->next_count; k++)
            for (size_t to = 0; to < n; to++)
                if (task->entries[to] == e->next[k].entry)
                    a[transposed ? to * n + i : i * n + to] -= e->next[k].probability;
    }
}

int lci_session_ahead(const struct lc_model *model, const struct lc_task *task, double *values)
{
    const size_t n = task->entry_count;
    double *a = lc_calloc(n * n, sizeof *a); /* I − P */
    for (size_t i = 0; i < n; i++)
        a[i * n + i] = 1;
    subtract_steps(model, task, false, a);
    const int status = solve(a, values, n);
    free(a);
    return status;
}

int lci_session_visits(const struct lc_model *model, const struct lc_task *task, double *visits)
{
    const size_t n = task->entry_count;
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += model->entries[task->entries[i]].probability;
    for (size_t i = 0; i < n; i++)
        visits[i] = sum > 0 ? model->entries[task->entries[i]].probability / sum : 1 / (double)n;
    if (!lci_is_session(model, task))
        return 0;
    double *a = lc_calloc(n * n, sizeof *a); /* I − Pᵀ */
    for (size_t i = 0; i < n; i++)
        a[i * n + i] = 1;
    subtract_steps(model, task, true, a);
    const int status = solve(a, visits, n);
    free(a);
    return status;
}

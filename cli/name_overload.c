/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "name_overload.h"

#include "loadcast/format.h"
#include "loadcast/solve.h"
#include "loadcast/traffic.h"

#include <stdlib.h>
#include <string.h>

void name_overload(const struct lc_model *model, const char *where, const struct cli_common *common)
{
    enum {
        LARGE = 64,
        STEPS = 2000
    }; /* tasks, and what they do; of more the solver may take longer than the simulation */
    size_t steps = model->entry_count;
    for (size_t t = 0; t < model->task_count; t++)
        steps += model->tasks[t].activity_count;
    struct lc_diag unheard = {0}, diag = {0};
    struct lc_solve_options quick = lc_solve_defaults();
    struct lc_traffic traffic = {0};
    quick.tolerance = 1e-4;
    quick.iterations = 100;
    if (model->task_count <= LARGE && steps <= STEPS && lc_traffic_solve(model, &traffic, &unheard) == 0 &&
        traffic.load < 1 && lc_solve_accepts(model, &unheard)) {
        struct lc_result *r = lc_solve(model, &quick, &unheard);
        for (size_t i = 0; r == NULL && i < unheard.count; i++)
            if (strstr(unheard.messages[i].text, "no steady state") != NULL)
                lc_note(&diag, NULL, "%sby the solver, %s", where, unheard.messages[i].text);
        lc_result_free(r);
    }
    lc_traffic_free(&traffic);
    lc_diag_free(&unheard);
    cli_report(&diag, common);
}

void name_overloads(const struct lc_verdict *verdict, const struct cli_common *common)
{
    const struct lc_scenario *s = verdict->scenario;
    if (verdict->method == LC_METHOD_ANALYTIC || s->curves.duration > 0)
        return;
    for (size_t i = 0; i < s->point_count; i++) {
        struct lc_diag unheard = {0}; /* what is wrong with a load is said when it is built for its prediction */
        struct lc_model *model = lc_verdict_model_at(verdict, s->points[i].name, &unheard);
        if (model != NULL && lc_model_check(model, &unheard) == 0) {
            char *where = lc_format("load %s: ", s->points[i].name);
            name_overload(model, where, common);
            free(where);
        }
        lc_model_free(model);
        lc_diag_free(&unheard);
    }
}

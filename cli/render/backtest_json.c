/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>

#include "backtest_render.h"
#include "json.h"

static json_t *interval(double low, double high)
{
    return json_pack("[o, o]", cli_json_number(low), cli_json_number(high));
}

static json_t *cell_json(const struct lc_backtest_cell *c)
{
    const struct lc_measured_cell *m = c->measured;
    json_t *json = json_pack("{s:s, s:s, s:s?, s:o, s:o, s:o, s:I, s:o, s:o, s:o, s:o, s:b, s:b}", "quantity",
                             lc_measure_name(m->measure), "of", m->subject, "caller", m->caller, "percentile",
                             m->percentile > 0 ? json_integer(m->percentile) : json_null(), "recorded",
                             cli_json_number(m->value), "recorded95", interval(c->recorded_low, c->recorded_high),
                             "requests", (json_int_t)m->n, "predicted", cli_json_number(c->predicted), "predicted95",
                             interval(c->low, c->high), "difference", cli_json_number(c->difference), "difference95",
                             interval(c->from, c->to), "inside", (int)c->inside, "broken", (int)c->broken);
    return json;
}

static json_t *level_json(const struct lc_backtest_level *level)
{
    const struct lc_measured_level *m = level->measured;
    json_t *cells = json_array();
    for (size_t i = 0; i < m->count; i++)
        if (level->cells[i].compared)
            json_array_append_new(cells, cell_json(&level->cells[i]));
    return json_pack("{s:s, s:o, s:o, s:f, s:b, s:b, s:b, s:b, s:b, s:o}", "name", m->name, "rate",
                     cli_json_number(m->rate), "factor", cli_json_number(level->factor), "seconds", m->seconds,
                     "learned", (int)m->learned, "one_by_one", (int)m->one_by_one, "overloaded",
                     (int)level->point->overloaded, "simulated", (int)level->simulated, "holds",
                     (int)(level->simulated && level->broken == 0), "figures", cells);
}

int backtest_json(const struct backtest_page *page, const char *file, struct lc_diag *diag)
{
    const struct lc_backtest *b = page->backtest;
    char *sentence = lc_backtest_sentence(b);
    json_t *levels = json_array();
    for (size_t i = 0; i < b->count; i++)
        json_array_append_new(levels, level_json(&b->levels[i]));
    const struct lc_backtest_level *last = b->holds > 0 ? &b->levels[b->holds - 1] : NULL;
    json_t *json = json_pack("{s:s, s:s, s:s, s:b, s:o, s:o, s:f, s:I, s:I, s:o, s:b}", "loadcast", "backtest/1",
                             "title", page->title, "answer", sentence, "holds", (int)(b->holds == b->count),
                             "holds_up_to", last != NULL ? cli_json_number(last->measured->rate) : json_null(),
                             "holds_up_to_factor", last != NULL ? cli_json_number(last->factor) : json_null(),
                             "tolerance", b->tolerance, "figures", (json_int_t)b->compared, "inside",
                             (json_int_t)b->inside, "levels", levels, "partial", (int)(page->stopped_by != NULL));
    free(sentence);
    return cli_json_write(json, CLI_JSON_SIMULATED, file, diag);
}

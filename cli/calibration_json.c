/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "calibration.h"

#include "render/json.h"

static json_t *loads_of(const struct lc_calibrated *found)
{
    json_t *loads = json_array();
    for (size_t l = 0; l < found->load_count; l++) {
        const struct lc_calibrated_load *load = &found->loads[l];
        json_array_append_new(loads, json_pack("{s:o, s:b, s:I, s:o, s:o, s:o}", "rate", cli_json_number(load->rate),
                                               "one_by_one", (int)load->one_by_one, "visits", (json_int_t)load->visits,
                                               "recorded", cli_json_number(load->recorded), "unhindered",
                                               cli_json_number(load->unhindered), "standard_error",
                                               cli_json_number(load->error)));
    }
    return loads;
}

static json_t *found_json(const struct lc_calibrated *found)
{
    return json_pack(
        "{s:o, s:o, s:s, s:o, s:[o, o], s:o, s:o, s:o, s:o, s:o, s:s, s:I, s:I, s:o, s:o, s:o, s:o, s:o, "
        "s:o, s:o, s:o, s:o, s:o}",
        "component", cli_json_text(found->component), "target", cli_json_text(found->target), "kind",
        lc_limit_word(found->kind), "size", cli_json_number(found->size), "interval95", cli_json_number(found->low),
        cli_json_number(found->high), "cv2", cli_json_number(found->cv2), "held", cli_json_number(found->held), "own",
        cli_json_number(found->own), "capacity", cli_json_number(found->capacity), "ahead",
        cli_json_number(found->ahead), "second", lc_limit_word(found->second), "most", (json_int_t)found->most,
        "visits", (json_int_t)found->visits, "loads", loads_of(found), "measured", cli_json_number(found->measured),
        "full", cli_json_number(found->full), "work", cli_json_number(found->work), "work_error",
        cli_json_number(found->work_error), "background", cli_json_number(found->background), "pauses_every",
        cli_json_number(found->pauses.every), "pause", cli_json_number(found->pauses.length), "evidence",
        cli_json_text(found->evidence), "remains", cli_json_text(found->remains));
}

int write_calibration_json(const struct lc_calibration *calibration, const char *file, struct lc_diag *diag)
{
    json_t *components = json_array();
    for (size_t i = 0; i < calibration->count; i++)
        json_array_append_new(components, found_json(&calibration->items[i]));
    json_t *document = json_pack("{s:s, s:I, s:o}", "loadcast", "calibration/1", "loads",
                                 (json_int_t)calibration->loads, "components", components);
    return cli_json_write(document, CLI_JSON_SIMULATED, file, diag);
}

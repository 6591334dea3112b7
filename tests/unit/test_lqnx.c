/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit/lqn_files.h"

#include "format/formats.h"

static void same_again(const char *file)
{
    struct lc_model *model = read_model(&lci_format_lqnx, file);
    assert_round_trip(&lci_format_lqnx, model);
    lc_model_free(model);
}

static void files_survive_a_round_trip(void **state)
{
    (void)state;
    for_each_file(TEST_DATA "/lqn/*.lqnx", 39, same_again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_survive_a_round_trip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

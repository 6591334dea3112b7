/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A program that uses the installed library, compiled as C and as C++: the throughput of a closed model's customers. */
#include <loadcast.h>

#include <stdio.h>

int main(int argc, char **argv)
{
    static struct lc_diag diag; /* zeros */
    const struct lc_solve_options options = lc_solve_defaults();
    struct lc_model *model = argc == 2 ? lc_model_read(argv[1], &diag) : NULL;
    struct lc_result *result = model != NULL ? lc_solve(model, &options, &diag) : NULL;
    if (result != NULL)
        printf("%.6f\n", result->tasks[0].throughput.mean);
    lc_result_free(result);
    lc_model_free(model);
    lc_diag_free(&diag);
    return result != NULL ? 0 : 1;
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Change points of synthetic series: precision and recall beside those of the published method, kind by kind, and the
 * time of 10,000 series of 500 releases. bench_series [SERIES] (500). */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "fit/series/changes.h"
#include "loadcast/base.h"
#include "tests/support/stepped.h"

int main(int argc, char **argv)
{
    const size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : 500;
    struct lci_change_options published = lci_change_defaults;
    published.published = true;
    published.least = 1;
    printf("%-26s %8s %8s   %8s %8s\n", "", "here", "", "published", "");
    printf("%-26s %8s %8s   %8s %8s\n", "500 series of", "precision", "recall", "precision", "recall");
    for (int kind = 0; kind <= STEPPED_KINDS; kind++) {
        struct score here = {0}, there = {0};
        for (size_t i = 0; i < count; i++)
            if (kind == STEPPED_KINDS || (int)(i % STEPPED_KINDS) == kind) {
                struct stepped s = stepped_series(i);
                score_changes(&s, &lci_change_defaults, &here);
                score_changes(&s, &published, &there);
            }
        printf("%-26s %7.1f%% %7.1f%%   %7.1f%% %7.1f%%  (%zu steps)\n",
               kind < STEPPED_KINDS ? stepped_names[kind] : "all", 100 * precision(&here), 100 * recall(&here),
               100 * precision(&there), 100 * recall(&there), here.steps);
    }
    enum { MANY = 10000 };
    struct lci_level_change changes[STEPPED_MOST];
    double values[STEPPED_MOST];
    size_t found = 0;
    double seconds = 0;
    for (size_t i = 0; i < MANY; i++) {
        stepped_noise(i, values, STEPPED_MOST);
        const clock_t start = clock();
        found += lci_changes(values, STEPPED_MOST, &lci_change_defaults, changes);
        seconds += (double)(clock() - start) / CLOCKS_PER_SEC;
    }
    printf("%d series of %d releases: %.2f s of a core (at most 5 s are asked for), %zu changes\n", MANY, STEPPED_MOST,
           seconds, found);
    return 0;
}

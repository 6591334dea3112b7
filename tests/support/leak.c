/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Leaks on purpose, and ends with 0 unless that is found out: the test `leaks_are_looked_for` runs it. */
#include <stdlib.h>

int main(void)
{
    void *volatile *leaked = malloc(64 * sizeof *leaked);
    if (leaked != NULL)
        leaked[0] = NULL;
    leaked = NULL;
    return leaked != NULL;
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * All public headers together, as a program in C sees them. */
#include "loadcast.h"

int main(void)
{
    struct lc_diag diag = {0};
    lc_diag_free(&diag);
    return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * All public headers together, as a program in C++ sees them: it compiles, and links with what C calls the same. */
#include "loadcast.h"

int main()
{
    lc_diag diag = {};
    lc_diag_free(&diag);
    return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli.h"

#include "base/output.h"
#include "base/ranks.h"
#include "base/text.h"
#include "loadcast/format.h"

#include <math.h>
#include <unistd.h>

enum lc_status cli_report(struct lc_diag *diag, const struct cli_common *common)
{
    const enum lc_status status = lc_diag_status(diag);
    if (diag->count > 0)
        fflush(stdout); /* what is printed so far stays before the messages, also where both go to one file */
    for (size_t i = 0; i < diag->count; i++) {
        const struct lc_message *m = &diag->messages[i];
        if (m->severity == LC_ERROR)
            fprintf(stderr, "loadcast: %s\n", m->text);
        else if (!common->quiet)
            fprintf(stderr, "loadcast: %s: %s\n", m->severity == LC_WARNING ? "warning" : "note", m->text);
    }
    if (diag->dropped > 0)
        fprintf(stderr, "loadcast: %zu further messages are not shown\n", diag->dropped);
    lc_diag_free(diag);
    return status;
}

int cli_finish(int status)
{
    struct lc_diag diag = {0};
    if (cli_stopped() != 0 && status != LC_MACHINE)
        status = 128 + cli_stopped();
    if (status == LC_MACHINE || lci_output_close(lci_output_open("-", &diag), &diag) == 0)
        return status;
    return (int)cli_report(&diag, &(struct cli_common){0});
}

bool cli_is_terminal(int fd)
{
    return isatty(fd) && !lci_ranks_managed();
}

void cli_progress_start(struct cli_progress *p, const char *what, const char *unit, const struct cli_common *common)
{
    *p = (struct cli_progress){.what = what, .unit = unit, .on = !common->quiet && cli_is_terminal(STDERR_FILENO)};
    p->started = p->last = lci_seconds();
}

void cli_progress_show(struct cli_progress *p, double done, double total)
{
    enum { WIDTH = 30 };
    const double now = lci_seconds();
    if (!p->on || now - p->last < 0.1)
        return;
    p->last = now;
    p->shown = true;
    const double rate = done / (now - p->started);
    if (!(total > 0)) {
        fprintf(stderr, "\r%s: %.3g %s, %.3g %s/s\033[K", p->what, done, p->unit, rate, p->unit);
        return;
    }
    const double part = fmin(done / total, 1);
    char bar[WIDTH + 1];
    for (int i = 0; i < WIDTH; i++)
        bar[i] = i < part * WIDTH ? '#' : '.';
    bar[WIDTH] = 0;
    fprintf(stderr, "\r%s [%s] %3.0f %%", p->what, bar, 100 * part);
    if (p->unit[0] != 0)
        fprintf(stderr, ", %.3g %s/s", rate, p->unit);
    if (part > 0.01)
        fprintf(stderr, ", %.0f s left", (now - p->started) * (1 - part) / part);
    fprintf(stderr, "\033[K");
}

void cli_progress_end(struct cli_progress *p)
{
    if (p->shown)
        fprintf(stderr, "\r\033[K");
    p->shown = false;
}

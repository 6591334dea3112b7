/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "unlimited_render.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "table.h"

enum { LOADS = 6, SIZES = 4, SHOWN = 20 };
static const int sizes[SIZES] = {1, 2, 4, 8};

/* Busy threads of the service at a point: as simulated, or as they would have to be. */
static char *busy_text(const struct lc_point *p, const char *name)
{
    const int task = lc_find_task(p->model, name);
    if (task == LC_NONE)
        return lc_strdup("–");
    return number_text(p->result != NULL ? p->result->tasks[task].utilization.mean : p->traffic.task_utilization[task]);
}

static void add_service(struct table *table, const struct lc_point *const *points, size_t count,
                        const struct lc_unlimited *u)
{
    char *cells[1 + LOADS + SIZES];
    cells[0] = lc_strdup(u->name);
    for (size_t i = 0; i < count; i++)
        cells[1 + i] = busy_text(points[i], u->name);
    for (size_t k = 0; k < SIZES; k++) {
        char *number = number_text(sizes[k] * u->replicas / u->busy);
        cells[1 + count + k] = lc_format("× %s", number);
        free(number);
    }
    table_add(table, cells);
}

static void print_table(const struct page *page, const struct lc_limits *limits)
{
    const struct lc_verdict *verdict = page->verdict;
    const struct lc_point *points[LOADS];
    const char *headers[1 + LOADS + SIZES] = {"busy threads at load"};
    size_t count = 0;
    for (size_t i = 0; i < verdict->point_count && count < LOADS; i++)
        if (verdict->points[i].change == limits->change) {
            points[count] = &verdict->points[i];
            headers[1 + count++] = verdict->points[i].load->name;
        }
    static const char *const full[SIZES] = {"full with 1 at", "with 2", "with 4", "with 8 threads"};
    for (size_t k = 0; k < SIZES; k++)
        headers[1 + count + k] = full[k];
    struct table table = table_new(1 + count + SIZES, headers);
    const size_t shown = page->verbose || limits->unlimited_count <= SHOWN ? limits->unlimited_count : SHOWN;
    for (size_t i = 0; i < shown; i++)
        add_service(&table, points, count, &limits->unlimited[i]);
    table_print(&table, page->out, "  ");
    table_free(&table);
    if (shown < limits->unlimited_count)
        fprintf(page->out, "  … and %zu less busy ones (--verbose shows all)\n", limits->unlimited_count - shown);
}

void print_unlimited(const struct page *page, const struct lc_limits *limits)
{
    if (limits->unlimited_count == 0) {
        fputs("Nothing saturates: no component that is used has a limit.\n", page->out);
        return;
    }
    const struct lc_unlimited *first = &limits->unlimited[0];
    if (page->verdict->lacks_limits)
        paint(page, PAINT_YELLOW, "What saturates is not known: ");
    else
        fputs("Nothing saturates: ", page->out);
    fputs("no limit is stated of any component that is used.\n", page->out);
    print_table(page, limits);
    fprintf(
        page->out,
        "  Of services with equally many threads %s is full first. State its limit first, and then those of the "
        "others:\n  deployment.services.%s.concurrency (requests at a time of each replica) or .cores; infinite, if it "
        "has none.\n",
        first->name, first->name);
    if (page->verdict->learned)
        fputs("  'loadcast calibrate' looks for limits in traces that were recorded at two loads or more.\n",
              page->out);
    if (page->verdict->learned && page->verdict->reference != NULL)
        fprintf(page->out, "  (× is of the load '%s'.)\n", page->verdict->reference);
}

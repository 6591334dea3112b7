/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What calibrate found: for people, and as a deployment that scenarios include. */
#include "calibration.h"
#include "render/json.h"
#include "render/paragraph.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ALL  0.97 /* part of an operation's own time from which a lock covers all of it */
#define SAFE 0.9  /* up to this, a time is not more than the own time that learning finds */

/* ---- for people -------------------------------------------------------------------------------------------------- */

static void print_paragraph(FILE *out, const char *text)
{
    fputs("    ", out);
    paragraph(out, 4, 4, "%s\n", text);
}

static bool is_limit(const struct lc_calibrated *found)
{
    return found->kind != LC_LIMIT_NONE && found->kind != LC_LIMIT_UNKNOWN && found->kind != LC_LIMIT_GROWTH;
}

static char *answer(const struct lc_calibrated *found)
{
    const char *plural = found->size > 1 ? "s" : "";
    switch (found->kind) {
    case LC_LIMIT_THREADS:
    case LC_LIMIT_BEFORE: return lc_format("%.0f request%s at a time", found->size, plural);
    case LC_LIMIT_CORES: return lc_format("%.0f core%s", found->size, plural);
    case LC_LIMIT_CONNECTIONS: return lc_format("%.0f connection%s", found->size, plural);
    case LC_LIMIT_LOCK: return lc_format("a lock, held for %.3g ms", 1e3 * found->size);
    case LC_LIMIT_GROWTH: return lc_format("grows by %.0f %%, unexplained", 100 * (found->size - 1));
    case LC_LIMIT_UNKNOWN: return lc_strdup("not known");
    default: return lc_strdup("no sign of a limit");
    }
}

static void print_found(FILE *out, const struct lc_calibrated *found)
{
    char *text = answer(found);
    fprintf(out, "%s%s%s: %s", found->component, found->target != NULL ? ">" : "",
            found->target != NULL ? found->target : "", text);
    free(text);
    if (is_limit(found))
        fprintf(out, ", saturates at %.3g requests/s", found->capacity);
    fputc('\n', out);
    print_paragraph(out, found->evidence);
    if (found->remains != NULL)
        print_paragraph(out, found->remains);
}

bool calibration_tells(const struct lc_calibration *calibration)
{
    for (size_t i = 0; i < calibration->count; i++)
        if (calibration->items[i].kind != LC_LIMIT_UNKNOWN)
            return true;
    return calibration->loads > 1 && !calibration->gaps;
}

void print_calibration(const struct lc_calibration *c, FILE *out)
{
    size_t limits = 0;
    for (size_t i = 0; i < c->count; i++)
        limits += is_limit(&c->items[i]);
    if (c->gaps)
        fprintf(out,
                "The traces hold about %.3g %% of the requests: who waited for whom is not in them, so that no limit "
                "can be estimated. Record all requests for a while, at two loads.\n",
                100 * c->sampled);
    else if (!calibration_tells(c))
        fprintf(out,
                "The traces were recorded at one load, which gives lower bounds only. Record another load as well.\n");
    else
        fprintf(out, "%zu limit%s found, from %zu load%s.\n", limits, limits == 1 ? "" : "s", c->loads,
                c->loads == 1 ? ", where utilization was measured" : "s");
    for (int pass = 0; pass < 3; pass++) /* limits, what is unexplained, the others */
        for (size_t i = 0; i < c->count; i++) {
            const struct lc_calibrated *found = &c->items[i];
            if (is_limit(found) ? pass == 0 : pass == (found->kind == LC_LIMIT_GROWTH ? 1 : 2)) {
                fputc('\n', out);
                print_found(out, found);
            }
        }
}

/* ---- as a deployment --------------------------------------------------------------------------------------------- */

static void print_comment(FILE *out, const char *name, const char *text)
{
    fprintf(out, "  # %s%s", name, *name != 0 ? ": " : "");
    for (; *text != 0; text++)
        fputc(*text == '\n' ? ' ' : *text, out);
    fputc('\n', out);
}

static void print_lock(FILE *out, const struct lc_calibrated *found)
{
    const double share = found->size / found->own;
    if (share >= ALL)
        fprintf(out, "lock: {hold: 100 %%}");
    else if (found->operations > 1 || share > SAFE)
        fprintf(out, "lock: {hold: %.3g %%}", 100 * share);
    else
        fprintf(out, "lock: {hold: {mean: %.4g ms, cv2: %.3g}}", 1e3 * found->size, found->cv2);
}

static void print_value(FILE *out, const struct lc_calibrated *found)
{
    switch (found->kind) {
    case LC_LIMIT_THREADS:
    case LC_LIMIT_BEFORE: fprintf(out, "concurrency: %.0f", found->size); break;
    case LC_LIMIT_CORES: fprintf(out, "cores: %.0f", found->size); break;
    case LC_LIMIT_LOCK: print_lock(out, found); break;
    default: break;
    }
}

/* Whose key states it: a pool is its owner's, another limit of a server that is called is the server's. */
static const char *owner_of(const struct lc_calibrated *found)
{
    return found->target != NULL && found->kind != LC_LIMIT_CONNECTIONS ? found->target : found->component;
}

static void write_service(const struct lc_calibration *c, const char *service, FILE *out)
{
    for (size_t i = 0; i < c->count; i++)
        if (is_limit(&c->items[i]) && strcmp(owner_of(&c->items[i]), service) == 0)
            print_comment(out, c->items[i].target != NULL ? c->items[i].target : "", c->items[i].evidence);
    fprintf(out, "  ");
    cli_json_put_text(out, service);
    fprintf(out, ": {");
    size_t keys = 0, pools = 0;
    for (size_t i = 0; i < c->count; i++) {
        const struct lc_calibrated *found = &c->items[i];
        if (!is_limit(found) || strcmp(owner_of(found), service) != 0 || found->kind == LC_LIMIT_CONNECTIONS)
            continue;
        if (found->target != NULL && keys > 0) /* several callers tell of one server */
            continue;
        fprintf(out, "%s", keys++ > 0 ? ", " : "");
        print_value(out, found);
    }
    for (size_t i = 0; i < c->count; i++) {
        const struct lc_calibrated *found = &c->items[i];
        if (found->kind != LC_LIMIT_CONNECTIONS || strcmp(found->component, service) != 0)
            continue;
        fprintf(out, "%s", pools > 0 ? ", " : keys > 0 ? ", connections: {" : "connections: {");
        pools++;
        cli_json_put_text(out, found->target);
        fprintf(out, ": %.0f", found->size);
    }
    fprintf(out, "%s}\n", pools > 0 ? "}" : "");
}

void write_calibration(const struct lc_calibration *c, FILE *out)
{
    size_t services = 0;
    fprintf(out, "# Limits found by 'loadcast calibrate'. 'deployment: THIS FILE' of a scenario includes them.\n"
                 "# Limits that are not listed cannot be told from the traces:\n");
    for (size_t i = 0; i < c->count; i++)
        if (!is_limit(&c->items[i])) {
            char *name = lc_format("%s%s%s", c->items[i].component, c->items[i].target != NULL ? ">" : "",
                                   c->items[i].target != NULL ? c->items[i].target : "");
            print_comment(out, name, c->items[i].evidence);
            free(name);
        }
    for (size_t i = 0; i < c->count; i++) {
        bool first = is_limit(&c->items[i]);
        for (size_t k = 0; k < i && first; k++)
            first = !is_limit(&c->items[k]) || strcmp(owner_of(&c->items[k]), owner_of(&c->items[i])) != 0;
        if (!first)
            continue;
        if (services++ == 0)
            fprintf(out, "services:\n");
        write_service(c, owner_of(&c->items[i]), out);
    }
    if (services == 0)
        fprintf(out, "services: {}\n");
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Traces of several releases: which one a tree is of, and which is learned.
 */
#include "network/visits/collect.h"

#include "base/buffer.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define SHOWN 12 /* names in a message */

/* That of the activity's run in which the tree began; else what the root's span says; "" when neither is known. */
static const char *release_name(const struct lci_visits *visits, const struct lc_tree *tree)
{
    const struct lc_activity_runs *runs = visits->options.activities;
    const int64_t time = tree->nodes[0].start;
    for (size_t i = 0; runs != NULL && i < runs->count; i++)
        if (*runs->runs[i].release != 0 && time >= runs->runs[i].start && time <= runs->runs[i].end)
            return runs->runs[i].release;
    const lc_symbol version = tree->trace->spans[tree->nodes[0].span].release;
    return version != 0 ? lci_text(visits, version) : "";
}

size_t lci_release_find(struct lci_visits *visits, const char *name, lc_symbol service)
{
    for (size_t i = 0; i < visits->release_count; i++)
        if (visits->releases[i].service == service && strcmp(visits->releases[i].name, name) == 0)
            return i;
    LC_GROW(visits->releases, visits->release_count, visits->release_capacity);
    visits->releases[visits->release_count] = (struct lci_release){.name = lc_strdup(name), .service = service};
    return visits->release_count++;
}

size_t lci_release_of(struct lci_visits *visits, const struct lc_tree *tree)
{
    const char *asked = visits->options.release, *name = release_name(visits, tree);
    if (asked != NULL && strcmp(asked, name) == 0)
        return LCI_THIS_RELEASE;
    if (*name == 0) {
        visits->left_out += asked != NULL;
        return asked != NULL ? LCI_LEFT_OUT : LCI_THIS_RELEASE;
    }
    const size_t release = lci_release_find(visits, name, asked != NULL ? 0 : tree->nodes[0].task);
    visits->releases[release].trees++;
    if (asked == NULL)
        return LCI_THIS_RELEASE;
    /* Waiting can be taken out of the traces of one deployment only. */
    return visits->options.load == LC_LOAD_MEASURED ? LCI_LEFT_OUT : release;
}

/* The names of the releases of a service, separated by commas. */
static char *names_of(const struct lci_visits *visits, lc_symbol service, size_t *count)
{
    struct lci_buffer parts = {0};
    *count = 0;
    for (size_t i = 0; i < visits->release_count; i++) {
        if (visits->releases[i].service != service || (*count)++ > SHOWN)
            continue;
        lci_buffer_join(&parts, ", ", "%s", *count > SHOWN ? "…" : visits->releases[i].name);
    }
    return lci_buffer_take(&parts);
}

/* Services whose traces are of several releases, although none was asked for. */
static void warn_of_mixture(const struct lci_visits *visits, struct lc_diag *diag)
{
    for (size_t i = 0; i < visits->release_count; i++) {
        const lc_symbol service = visits->releases[i].service;
        bool first = true;
        for (size_t k = 0; k < i; k++)
            first &= visits->releases[k].service != service;
        size_t count = 0;
        char *names = names_of(visits, service, &count);
        if (first && count > 1)
            lc_warn(diag, NULL,
                    "the traces that begin with '%s' are of the releases %s, and are taken for one; name the one to "
                    "learn (release: under traces, or --release), and the others give their times only",
                    lci_text(visits, service), names);
        free(names);
    }
}

int lci_releases_check(const struct lci_visits *visits, struct lc_diag *diag)
{
    const char *asked = visits->options.release;
    if (asked == NULL) {
        warn_of_mixture(visits, diag);
        return 0;
    }
    size_t count = 0;
    char *names = names_of(visits, 0, &count);
    const bool none = visits->trees == 0;
    if (none)
        lc_error(diag, LC_INPUT, NULL, "no trace is of the release '%s'; %s%s", asked,
                 count > 0 ? "expected one of " : "the traces name none (service.version of a root's span)", names);
    else if (visits->left_out > 0)
        lc_note(diag, NULL, "%" PRIu64 " traces that name no release are left out", visits->left_out);
    if (!none && count > 0 && visits->options.load == LC_LOAD_MEASURED)
        lc_note(diag, NULL,
                "traces of the releases %s are left out: under load, times of other releases hold other waiting",
                names);
    free(names);
    return none ? -1 : 0;
}

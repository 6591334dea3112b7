/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "flow_losses.h"

#include "symbols.h"

#include <inttypes.h>
#include <stdlib.h>

#define FEW  5   /* calls that may be at the edges of a recording */
#define PART 100 /* of fewer than one in this many nothing is said */
#define TOLD 5   /* pairs of services that are told one by one */

void lci_flow_note_call(struct lci_flow_losses *l, lc_symbol client, lc_symbol server, bool client_seen,
                        bool server_seen)
{
    if (client == 0 || server == 0)
        return;
    const uint32_t hash = lci_hash_pair(client, server);
    uint32_t at;
    LCI_TABLE_FIND(&l->table, hash, at, l->pairs[at].client == client && l->pairs[at].server == server);
    if (at == LCI_ABSENT) {
        LC_GROW(l->pairs, l->count, l->capacity);
        at = (uint32_t)l->count++;
        l->pairs[at] = (struct lci_flow_pair){.client = client, .server = server};
        lci_table_add(&l->table, hash, at);
    }
    struct lci_flow_pair *p = &l->pairs[at];
    p->both += client_seen && server_seen;
    p->client_alone += client_seen && !server_seen;
    p->server_alone += !client_seen && server_seen;
}

static bool is_loss(uint64_t lost, const struct lci_flow_pair *p)
{
    return p->both > 0 && lost > FEW && PART * lost > p->both + p->client_alone + p->server_alone;
}

void lci_flow_warn_losses(const struct lci_flow_losses *l, const struct lc_symbols *symbols, struct lc_diag *diag)
{
    size_t told = 0;
    for (size_t i = 0; i < l->count; i++) {
        const struct lci_flow_pair *p = &l->pairs[i];
        for (int client = 0; client < 2; client++) {
            const uint64_t lost = client ? p->server_alone : p->client_alone;
            if (!is_loss(lost, p) || told++ >= TOLD)
                continue;
            lc_warn(diag, NULL,
                    "DeepFlow: %" PRIu64 " of %" PRIu64
                    " calls from %s to %s were seen in the process of the %s alone, "
                    "others in both: the %s's agent lost records, and %s",
                    lost, p->both + p->client_alone + p->server_alone, lci_symbol_text(symbols, p->client),
                    lci_symbol_text(symbols, p->server), client ? "server" : "client", client ? "client" : "server",
                    client ? "these calls have no caller" : "what these calls did at the server is missing");
        }
    }
    if (told > TOLD)
        lc_warn(diag, NULL, "DeepFlow: %zu more pairs of services with such losses", told - TOLD);
}

void lci_flow_losses_free(struct lci_flow_losses *l)
{
    free(l->pairs);
    lci_table_free(&l->table);
}

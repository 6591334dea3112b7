/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a person wants to see of the fit: per entry its patterns in words, per pair of services the time on the wire.
 */
#include "learner.h"

#include <stdlib.h>
#include <string.h>

static char *append(char *text, const char *separator, char *more)
{
    char *joined = lc_format("%s%s%s", text, *text ? separator : "", more);
    free(text);
    free(more);
    return joined;
}

static char *numbers_text(const struct lci_pattern_step *step, size_t call)
{
    uint32_t least = UINT32_MAX, most = 0;
    if (step->count_count == 0)
        return lc_strdup("");
    for (size_t k = 0; k < step->count_count; k++) {
        const uint32_t number = step->counts[k].numbers[call];
        least = number < least ? number : least;
        most = number > most ? number : most;
    }
    if (most == 1)
        return lc_strdup("");
    return least == most ? lc_format(" × %u", most) : lc_format(" × %u…%u", least, most);
}

static char *step_text(const struct lci_builder *builder, const struct lci_pattern_step *step)
{
    char *text = lc_strdup("");
    for (size_t i = 0; i < step->call_count; i++) {
        const struct lci_operation *callee = &builder->learner->operations[step->calls[i].operation];
        char *numbers = numbers_text(step, i);
        text = append(text, step->kind == LCI_STEP_CALLS ? " | " : " and ",
                      lc_format("%s/%s%s", lci_text(builder->learner, callee->task),
                                lci_text(builder->learner, callee->entry), numbers));
        free(numbers);
    }
    return step->kind == LCI_STEP_SENDS ? append(lc_strdup("send "), "", text) : text;
}

void lci_summarise_entry(const struct lci_builder *builder, int entry, const struct lci_patterns *patterns)
{
    struct lc_learned *learned = builder->learned;
    LC_GROW(learned->entries, learned->entry_count, learned->entry_capacity);
    struct lc_entry_summary *summary = &learned->entries[learned->entry_count++];
    *summary = (struct lc_entry_summary){.entry = entry, .visits = patterns->seen, .fitted = patterns->visits};
    summary->patterns = lc_calloc(patterns->count, sizeof *summary->patterns);
    summary->pattern_count = patterns->count;
    for (size_t i = 0; i < patterns->count; i++) {
        const struct lci_pattern *pattern = &patterns->items[i];
        struct lc_pattern_summary *row = &summary->patterns[i];
        row->visits = pattern->visits;
        row->share = (double)pattern->visits / (double)patterns->visits;
        row->self = pattern->self_visits > 0 ? pattern->self / (double)pattern->self_visits : 0;
        row->calls = lc_strdup("");
        for (size_t s = 0; s < pattern->step_count; s++)
            row->calls = append(row->calls, ", ", step_text(builder, &pattern->steps[s]));
        summary->self += row->share * row->self;
    }
}

void lci_summarise_wires(const struct lci_builder *builder)
{
    struct lc_learned *learned = builder->learned;
    for (size_t i = 0; i < builder->wires.count; i++) {
        const struct lci_wire *wire = &builder->wires.items[i];
        const struct lci_operation *caller = &builder->learner->operations[wire->caller];
        const struct lci_operation *callee = &builder->learner->operations[wire->callee];
        if (wire->dist.family == NULL)
            continue; /* no such call in the model, or no time on the way */
        LC_GROW(learned->wires, learned->wire_count, learned->wire_capacity);
        learned->wires[learned->wire_count++] = (struct lc_wire_summary){
            .caller = caller->entry_of[wire->caller_cluster] != LC_NONE ? caller->entry_of[wire->caller_cluster]
                                                                        : caller->async_entry_of[wire->caller_cluster],
            .callee = callee->entry_of[wire->callee_cluster],
            .n = wire->samples.count,
            .mean = wire->mean,
            .text = lc_dist_text(&wire->dist, "s"),
        };
    }
}

void lci_summaries_free(struct lc_learned *learned)
{
    for (size_t i = 0; i < learned->entry_count; i++) {
        for (size_t p = 0; p < learned->entries[i].pattern_count; p++)
            free(learned->entries[i].patterns[p].calls);
        free(learned->entries[i].patterns);
    }
    free(learned->entries);
    for (size_t i = 0; i < learned->wire_count; i++)
        free(learned->wires[i].text);
    free(learned->wires);
}

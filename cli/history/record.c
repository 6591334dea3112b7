/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record.h"

#include <stdlib.h>

#include "base/table.h"

struct history_record history_record_new(const char *release, const char *run)
{
    struct history_record record = {.status = -1};
    record.release = lci_measure_table_name(&record.measures, release);
    record.run = lci_measure_table_name(&record.measures, run);
    record.program = record.options = lci_measure_table_name(&record.measures, "");
    return record;
}

void history_record_free(struct history_record *record)
{
    lci_measure_table_free(&record->measures);
    free(record->parameters);
    free(record->loads);
    free(record->limits);
    free(record->summary);
    *record = (struct history_record){.status = -1};
}

void history_record_parameter(struct history_record *record, const struct history_parameter *parameter)
{
    LC_GROW(record->parameters, record->parameter_count, record->parameter_room);
    struct history_parameter *kept = &record->parameters[record->parameter_count++];
    *kept = *parameter;
    kept->path = lci_measure_table_name(&record->measures, parameter->path);
    kept->family = lci_measure_table_name(&record->measures, parameter->family);
}

void history_record_load(struct history_record *record, const struct history_load *load)
{
    LC_GROW(record->loads, record->load_count, record->load_room);
    struct history_load *kept = &record->loads[record->load_count++];
    *kept = *load;
    kept->label = lci_measure_table_name(&record->measures, load->label);
    kept->component = lci_measure_table_name(&record->measures, load->component);
}

void history_record_limit(struct history_record *record, const struct history_limit *limit)
{
    LC_GROW(record->limits, record->limit_count, record->limit_room);
    struct history_limit *kept = &record->limits[record->limit_count++];
    *kept = *limit;
    kept->component = lci_measure_table_name(&record->measures, limit->component);
}

struct history_record *history_records_of(struct history_records *records, const char *release, const char *run)
{
    const uint32_t hash = lci_hash_pair(lci_hash_bytes(release, strlen(release)), lci_hash_bytes(run, strlen(run)));
    uint32_t at;
    LCI_TABLE_FIND(&records->table, hash, at,
                   strcmp(records->items[at].release, release) == 0 && strcmp(records->items[at].run, run) == 0);
    if (at == LCI_ABSENT) {
        LC_GROW(records->items, records->count, records->room);
        at = (uint32_t)records->count;
        records->items[records->count++] = history_record_new(release, run);
        lci_table_add(&records->table, hash, at);
    }
    return &records->items[at];
}

void history_records_free(struct history_records *records)
{
    for (size_t i = 0; i < records->count; i++)
        history_record_free(&records->items[i]);
    free(records->items);
    lci_table_free(&records->table);
    *records = (struct history_records){0};
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "loadcast/trace.h"

/* One row a kind of repair: its key in summaries and how a count of it reads on. The rules stand in docs/traces.md. */
static const struct {
    const char *name, *sentence;
} repairs[LC_REPAIR_KINDS] = {
    [LC_REPAIR_ORPHAN] = {"orphan", "orphan spans kept as roots"},
    [LC_REPAIR_DUPLICATE] = {"duplicate", "duplicate spans merged into the more complete one"},
    [LC_REPAIR_SHARED_ID] = {"shared_id", "spans that came with the id of another span given an id of their own"},
    [LC_REPAIR_SELF_PARENT] = {"self_parent", "spans that named themselves as parent kept as roots"},
    [LC_REPAIR_CYCLE] = {"cycle", "cycles of parents cut at the span that started first"},
    [LC_REPAIR_NO_ID] = {"no_id", "spans without an id left out"},
    [LC_REPAIR_DAMAGED] = {"damaged", "spans in damaged lines or inputs left out"},
    [LC_REPAIR_NAMED_ID] = {"named_id",
                            "spans whose ids are neither hexadecimal nor base64 told apart by them all the same"},
    [LC_REPAIR_NO_DURATION] = {"no_duration",
                               "spans without an end closed at their last event or child, or not fitted"},
    [LC_REPAIR_NO_START] = {"no_start", "spans without a start given that of their parent"},
    [LC_REPAIR_NEGATIVE] = {"negative", "spans that ended before they started given the duration 0"},
    [LC_REPAIR_ABSURD_TIME] = {"absurd_time", "spans with impossible times left out"},
    [LC_REPAIR_UTF8] = {"utf8", "texts with invalid UTF-8 mended"},
    [LC_REPAIR_LATE] = {"late",
                        "spans that came after their trace had been closed to save memory made traces of their own; "
                        "expected files in which the spans of a trace are near each other"},
    [LC_REPAIR_SKEW_ADJUSTED] = {"skew_adjusted",
                                 "spans whose times the recording side had already moved; export the traces raw"},
    [LC_REPAIR_NO_SERVICE] = {"no_service", "spans without a service name taken as service \"unknown\""},
    [LC_REPAIR_NETWORK_POINT] = {"network_point", "observations on the network taken as parts of their calls"},
    [LC_REPAIR_ONE_WAY] = {"one_way",
                           "answers that were logged apart joined with their requests, or left out without one"},
};

const char *lc_repair_name(enum lc_repair kind)
{
    return (unsigned)kind < LC_REPAIR_KINDS ? repairs[kind].name : "";
}

const char *lc_repair_sentence(enum lc_repair kind)
{
    return (unsigned)kind < LC_REPAIR_KINDS ? repairs[kind].sentence : "";
}

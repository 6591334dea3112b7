/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The one mechanism for every change of a model: deployment facts, what-ifs, sweeps, growth, advice and the parameters
 * of LQN files are edits of a model by a path of names.
 *
 *   COMPONENT.concurrency | multiplicity     threads of the task, per replica ("infinite" is allowed)
 *   COMPONENT.replicas                       of the task, and of its processor when no other service uses that
 *   COMPONENT.cores | speed | quantum        multiplicity, speed, quantum of the task's processor
 *   COMPONENT.cpu | cpu_share, ENTRY.cpu …   processor work per request, or its share of the component's own time: the
 *                                            rest of the demand becomes think time; absolute values only
 *   COMPONENT.lock.hold, ENTRY.lock.hold,    how long a request holds a lock: a time, its distribution or a share of
 *   COMPONENT.locks.NAME.hold, …             the own time, which moves to a task `lock of COMPONENT` (`lock NAME of
 *                                            COMPONENT`) of one thread; once that is there, the path changes its hold
 *   COMPONENT.entries.ENTRY.…                as ENTRY.…, by the name that the entry has within the component
 *   COMPONENT.scheduling                     of the task's processor when a word for processors
 *   COMPONENT.task_scheduling, .balance, .queue_length, .overflow, .priority, .think_time, .users, .rate, .arrivals
 *   COMPONENT.kind                           "delay": threads and processor without limit
 *   COMPONENT.connections.TARGET             puts the pool task `COMPONENT>TARGET` between them, per replica
 *   CALLER.network.COMPONENT                 mean time on the way of a call that is waited for: the think times of all
 *                                            steps of CALLER that call COMPONENT are scaled; 0 in all of them: each
 *                                            gets that much per call. Entries weigh by their calls per invocation
 *   COMPONENT.timeout, .retries.max, …       policies of the calls to the component (policy.h), by any caller
 *   COMPONENT.scaling.max, .failures.up, …   replicas that come and go (elastic.h)
 *   CALLER.calls.COMPONENT.timeout …         the same by one caller
 *   COMPONENT.demand, ENTRY.demand, ENTRY.phase2.demand, COMPONENT.ACTIVITY.demand     mean or distribution
 *   ENTRY.think_time, ENTRY.open_rate, ENTRY.cv2, …    every attribute of lqn.h has a path
 *   ENTRY.calls.DESTINATION, COMPONENT.ACTIVITY.calls.DESTINATION      mean number of calls, of any kind;
 *                                            sync_calls and async_calls tell them apart
 *   ENTRY.call_kind.DESTINATION              async: nobody waits for the answer any more; sync
 *   COMPONENT.ACTIVITY.probability           of the branch of an or-fork that begins with the activity; the others stay
 *                                            until lci_edit_share_branches()
 *   COMPONENT.ACTIVITY.count                 mean number of turns of the loop's body that begins with the activity
 *   PROCESSOR.…                              as above for a processor that no task is named like
 *   task:NAME.…, entry:NAME.…, processor:NAME.…, group:NAME.…   the element of that kind, whatever else has the name;
 *                                            task:NAME.replicas is the task's alone
 *
 * Names may hold '.', '/', ':' and blanks: the longest name that matches and has the attribute wins. Values are texts:
 * absolute ("8", "20 ms"), or relative ("x 2", "* 0.8", "+ 1", "- 20 %").
 */
#ifndef LOADCAST_EDIT_H
#define LOADCAST_EDIT_H

#include "lqn.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a value does to the number that is there: factor × number + plus. */
struct lc_change {
    double factor, plus;
};

/* Applies one edit. Returns 0, or −1 with errors that name the candidates when a name matches nothing, the nearest
 * known attribute when that does not exist, or what value would be right. The model is unchanged on an error. */
int lc_edit(struct lc_model *model, const char *path, const char *value, struct lc_diag *diag,
            const struct lc_place *place);
/* The present value of a numeric path; −1 and an error where it has none. The model stays as it is; the path is
 * resolved as for a change. */
int lc_edit_get(struct lc_model *model, const char *path, double *value, struct lc_diag *diag,
                const struct lc_place *place);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Typical mistakes in LQN XML: what replaces what in a right model, and the message. */
static const struct mistake {
    const char *right, *wrong, *message;
} xml_mistakes[] = {
    {"<lqn-model name", "<lqn-model nam", "m.lqnx:2:12: <lqn-model> has no attribute 'nam'; did you mean 'name'?"},
    {"<lqn-model", "<lqn", NULL},
    {"<processor name=\"cpu\"", "<procesor name=\"cpu\"", NULL},
    {"scheduling=\"ps\"", "scheduling=\"fifo\"", "m.lqnx:11:25: scheduling=\"fifo\" is wrong; expected fcfs"},
    {"scheduling=\"ps\"", "scheduling=\"lcf\"", "m.lqnx:11:25: scheduling=\"lcf\" is wrong; expected lcfs"},
    {"scheduling=\"ps\"", "sheduling=\"ps\"",
     "m.lqnx:11:25: <processor> has no attribute 'sheduling'; did you mean 'scheduling'?"},
    {"quantum=\"0.1\"", "quantum=\"fast\"", "m.lqnx:11:41: quantum=\"fast\" is wrong; expected a number of at least 0"},
    {"quantum=\"0.1\"", "quantum=\"1e999\"",
     "m.lqnx:11:41: quantum=\"1e999\" is wrong; expected a number of at least 0"},
    {"quantum=\"0.1\"", "quantum=\"0x10\"", "m.lqnx:11:41: quantum=\"0x10\" is wrong; expected a number of at least 0"},
    {"quantum=\"0.1\"", "quantum=\"$q\"", "m.lqnx:11:41: the variable $q is not defined"},
    {"multiplicity=\"4\"", "multiplicity=\"0\"",
     "m.lqnx:12:40: multiplicity=\"0\" is wrong; expected a whole number from 1 to 4294967294, or @infinity"},
    {"multiplicity=\"4\"", "multiplicity=\"2.5\"",
     "m.lqnx:12:40: multiplicity=\"2.5\" is wrong; expected a whole number from 1 to 4294967294, or @infinity"},
    {"multiplicity=\"4\"", "multiplicity=\"-1\"",
     "m.lqnx:12:40: multiplicity=\"-1\" is wrong; expected a whole number from 1 to 4294967294, or @infinity"},
    {"<task name=\"app\" ", "<task ", "m.lqnx:12:5: <task> needs the attribute 'name'"},
    {"<task name=\"app\"", "<task name=\"users\"", "m.lqnx:12:5: there are two tasks 'users'; the first is in line 4"},
    {"<processor name=\"cpu\"", "<processor name=\"client\"",
     "m.lqnx:11:3: there are two processors 'client'; the first is in line 3"},
    {"<entry name=\"query\"", "<entry name=\"serve\"",
     "m.lqnx:19:7: there are two entries 'serve'; the first is in line 13"},
    {"type=\"NONE\"", "type=\"GRAF\"",
     "m.lqnx:19:27: type=\"GRAF\" is wrong; expected PH1PH2 for phases, NONE for activities"},
    {"dest=\"serve\"", "dest=\"server\"", "m.lqnx:7:80: there is no entry 'server'; did you mean 'serve'?"},
    {"dest=\"serve\"", "dest=\"nowhere\"", "m.lqnx:7:80: there is no entry 'nowhere'"},
    {" dest=\"serve\"", "", "m.lqnx:7:68: <synch-call> needs the attribute 'dest'"},
    {" calls-mean=\"3\"", "", "m.lqnx:7:68: <synch-call> needs the attribute 'calls-mean'"},
    {"phase=\"2\"", "phase=\"4\"", "m.lqnx:16:36: the phase is wrong; expected 1, 2 or 3"},
    {"phase=\"2\"", "phase=\"1\"", "m.lqnx:16:36: entry 'serve' has two phases 1"},
    {"phase=\"2\"", "", "m.lqnx:16:11: <activity> needs the attribute 'phase'"},
    {"host-demand-mean=\"0.2\"", "host-demand=\"0.2\"",
     "m.lqnx:16:46: <activity> has no attribute 'host-demand'; did you mean 'host-demand-mean'?"},
    {"host-demand-mean=\"0.2\"", "host-demand-mean=\"-0.2\"",
     "m.lqnx:16:46: host-demand-mean=\"-0.2\" is wrong; expected a number of at least 0"},
    {"call-order=\"DETERMINISTIC\"", "call-order=\"FIXED\"",
     "m.lqnx:15:69: call-order=\"FIXED\" is wrong; expected STOCHASTIC or DETERMINISTIC"},
    {"bound-to-entry=\"query\"", "bound-to-entry=\"think\"", "m.lqnx:21:32: entry 'think' is not one of task 'app'"},
    {"bound-to-entry=\"query\"", "bound-to-entry=\"quer\"",
     "m.lqnx:21:32: there is no entry 'quer'; did you mean 'query'?"},
    {"<activity name=\"b1\" ", "<activity name=\"start\" ",
     "m.lqnx:22:9: there are two activities 'start'; the first is in line 21"},
    {"<post><activity name=\"b1\"/>", "<post><activity name=\"b2\"/>",
     "m.lqnx:23:72: there is no activity 'b2'; did you mean 'b1'?"},
    {"<post>", "<post><activity name=\"start\"/>", "m.lqnx:23:56: <post> holds 2 activities; expected one"},
    {"<pre>", "<pre/><pre>", "m.lqnx:23:27: a precedence has one pre side; <pre> is a second one"},
    {"<precedence><pre>", "<precedence><bfore>", NULL},
    {"<reply-activity name=\"b1\"/>", "<reply-activity name=\"c1\"/>",
     "m.lqnx:24:51: there is no activity 'c1'; did you mean 'b1'?"},
    {"</lqn-model>", "", NULL},
    {"conv_val=\"1e-05\"", "convval=\"1e-05\"",
     "m.lqnx:2:56: <solver-params> has no attribute 'convval'; did you mean 'conv_val'?"},
    {"<solver-params", "<!DOCTYPE a><solver-params", NULL},
    {"comment=\"right\"", "comment=\"&nothing;\"", NULL},
};

static const char right_model[] =
    "<?xml version=\"1.0\"?>\n"
    "<lqn-model name=\"right\"><solver-params comment=\"right\" conv_val=\"1e-05\"/>\n"
    "  <processor name=\"client\" scheduling=\"inf\">\n"
    "    <task name=\"users\" scheduling=\"ref\" multiplicity=\"20\" think-time=\"5\">\n"
    "      <entry name=\"think\" type=\"PH1PH2\">\n"
    "        <entry-phase-activities>\n"
    "          <activity name=\"think_1\" phase=\"1\" host-demand-mean=\"1\"> <synch-call dest=\"serve\" "
    "calls-mean=\"3\"/><synch-call dest=\"query\" calls-mean=\"1\"/></activity>\n"
    "        </entry-phase-activities>\n"
    "      </entry></task>\n"
    "  </processor>\n"
    "  <processor name=\"cpu\" scheduling=\"ps\" quantum=\"0.1\">\n"
    "    <task name=\"app\" scheduling=\"fcfs\" multiplicity=\"4\">\n"
    "      <entry name=\"serve\" type=\"PH1PH2\">\n"
    "        <entry-phase-activities>\n"
    "          <activity name=\"serve_1\" phase=\"1\" host-demand-mean=\"0.4\" call-order=\"DETERMINISTIC\"/>\n"
    "          <activity name=\"serve_2\" phase=\"2\" host-demand-mean=\"0.2\"/>\n"
    "        </entry-phase-activities>\n"
    "      </entry>\n"
    "      <entry name=\"query\" type=\"NONE\"/>\n"
    "      <task-activities>\n"
    "        <activity name=\"start\" bound-to-entry=\"query\" host-demand-mean=\"0.1\"/>\n"
    "        <activity name=\"b1\" host-demand-mean=\"0.2\"/>\n"
    "        <precedence><pre><activity name=\"start\"/></pre><post><activity name=\"b1\"/></post></precedence>\n"
    "        <reply-entry name=\"query\"><reply-activity name=\"b1\"/></reply-entry>\n"
    "      </task-activities>\n"
    "    </task>\n"
    "  </processor>\n"
    "</lqn-model>\n";

# SPDX-License-Identifier: GPL-3.0-or-later
# loadcast COMMAND --help | awk -v command=COMMAND -v version=V -f man.awk > loadcast-COMMAND.1
# Without a command: the page of the program, from loadcast --help.
function text(line) {
    gsub(/\\/, "\\e", line)
    gsub(/-/, "\\-", line)
    if (line ~ /^[.']/)
        line = "\\&" line
    return line
}
function paragraph() { # lines that begin with blanks are shown as they are
    if (line ~ /^ / && !shown)
        print ".nf\n.RS"
    if (line !~ /^ / && shown)
        print ".RE\n.fi"
    shown = line ~ /^ /
    sub(/^ +/, "", line)
    print text(line)
}
function close_shown() {
    if (shown)
        print ".RE\n.fi"
    shown = 0
}
NR == 1 {
    title = "loadcast" (command == "" ? "" : "-" command)
    printf ".TH %s 1 \"\" \"loadcast %s\" \"User Commands\"\n.SH NAME\n", toupper(title), version
    if (command != "") {
        usage = $0
        sub(/^usage: /, "", usage)
        next
    }
    printf "%s \\- predicts which component saturates first, at which load and when\n", title
    print ".SH SYNOPSIS\n.B loadcast\nCOMMAND [arguments]\n.SH DESCRIPTION"
}
command != "" && NR == 3 {
    summary = $0
    sub(/\.$/, "", summary)
    printf "%s \\- %s\n.SH SYNOPSIS\n.nf\n%s\n.fi\n.SH DESCRIPTION\n", title, text(summary), text(usage)
    next
}
command == "" && /^usage: / {
    print ".SH COMMANDS"
    commands = 1
    next
}
commands && /^  / {
    name = $1
    sub(/^ +[^ ]+ +/, "")
    also = also (also == "" ? "" : ",\n") ".BR loadcast\\-" name " (1)"
    printf ".TP\n.B %s\n%s\n", name, text($0)
    next
}
/^options:$/ {
    close_shown()
    print ".SH OPTIONS"
    options = 1
    next
}
options && /^ +-/ {
    match($0, /^ +(-[a-zA-Z], )?--[a-z-]+( [^ ]+)?/)
    name = substr($0, 1, RLENGTH)
    rest = substr($0, RLENGTH + 1)
    sub(/^ +/, "", name)
    sub(/^ +/, "", rest)
    printf ".TP\n.B %s\n%s\n", text(name), text(rest)
    next
}
/^Exit status: / {
    close_shown()
    print ".SH EXIT STATUS"
    sub(/^Exit status: /, "")
}
/^example: / {
    close_shown()
    printf ".SH EXAMPLES\n.nf\n%s\n.fi\n", text(substr($0, 10))
    next
}
/^$/ {
    close_shown()
    if (!options)
        print ".PP"
    next
}
{
    line = $0
    paragraph()
}
END {
    close_shown()
    print ".SH SEE ALSO"
    printf "%s\n", command == "" ? also ",\n.BR loadcast\\-scenario (5)" : ".BR loadcast (1),\n.BR loadcast\\-scenario (5),\n.BR loadcast\\-model (5)"
}

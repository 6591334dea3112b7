# SPDX-License-Identifier: GPL-3.0-or-later
# Completion for fish: commands and options, with what they do, come from the program's help.
function __loadcast_options
    set -l words (commandline -opc)
    loadcast $words[2] --help 2>/dev/null | string replace -rf '^ *(?:-., )?(--[a-z-]+)(?: \S+)? +(.*)' '$1\t$2'
end
# The words that the option before the cursor takes.
function __loadcast_words
    set -l words (commandline -opc)
    string match -q -- '-*' $words[-1]
    and loadcast $words[2] --help 2>/dev/null | string replace -rf "^ *(?:-., )?$words[-1] ([a-z0-9]+\|[a-z0-9|]+) .*" '$1' |
        string split '|'
end
complete -c loadcast -n __fish_use_subcommand -f -a "(loadcast --help | string replace -rf '^  ([a-z]+) +(.*)' '\$1\t\$2')"
complete -c loadcast -n 'not __fish_use_subcommand; and string match -q -- "-*" (commandline -ct)' -f -a '(__loadcast_options)'
complete -c loadcast -n 'not __fish_use_subcommand; and count (__loadcast_words) >/dev/null' -f -a '(__loadcast_words)'

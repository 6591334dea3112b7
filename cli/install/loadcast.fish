# SPDX-License-Identifier: GPL-3.0-or-later
# Completion for fish: commands and options, with what they do, come from the program's help.
function __loadcast_options
    set -l words (commandline -opc)
    loadcast $words[2] --help 2>/dev/null | string replace -rf '^ *(?:-., )?(--[a-z-]+)(?: \S+)? +(.*)' '$1\t$2'
end
complete -c loadcast -n __fish_use_subcommand -f -a "(loadcast --help | string replace -rf '^  ([a-z]+) +(.*)' '\$1\t\$2')"
complete -c loadcast -n 'not __fish_use_subcommand; and string match -q -- "-*" (commandline -ct)' -f -a '(__loadcast_options)'

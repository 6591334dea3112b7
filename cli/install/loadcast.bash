# SPDX-License-Identifier: GPL-3.0-or-later
# Completion for bash: commands, options and the words that an option takes come from the program's help.
_loadcast() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} words
    if [ "$COMP_CWORD" -eq 1 ]; then
        words="--help --version $(loadcast --help | sed -n 's/^  \([a-z]\{1,\}\) .*/\1/p')"
    elif [[ $before == -* ]]; then
        words=$(loadcast "${COMP_WORDS[1]}" --help 2>/dev/null |
            sed -n "s/^ *\(-., \)\{0,1\}$before \([a-z0-9]*|[a-z0-9|]*\) .*/\2/p" | tr '|' ' ')
    elif [[ $word == -* ]]; then
        words=$(loadcast "${COMP_WORDS[1]}" --help 2>/dev/null | sed -n 's/^ *\(-., \)\{0,1\}\(--[a-z-]*\).*/\2/p')
    fi
    COMPREPLY=($(compgen -W "$words" -- "$word"))
    [ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "$word"))
}
complete -o filenames -F _loadcast loadcast

#compdef keyctl skeyctl
# Completion of keyctl for zsh; keyctl itself knows the candidates.
# Try it with: source <(keyctl completions zsh)

_keyctl() {
    local program=${(Q)words[1]} line text
    local -a typed=("${(@Q)words}") whole open
    # Up to the cursor.
    typed[CURRENT]=${(Q)PREFIX}
    # What was typed goes through a pipe: arguments show in process lists.
    for line in ${(f)"$(printf '%s\0' "${(@)typed}" |
        KEYCTL_COMPLETE=$((CURRENT - 1)) ${program/#\~\//$HOME/} 2>/dev/null)"}; do
        text=${${${line%%$'\t'*}//\\/\\\\}//:/\\:}
        [[ $line == *$'\t'* ]] && text+=:${line#*$'\t'}
        # More of the same word is to come where it ends so.
        if [[ ${line%%$'\t'*} == *[/=:,] ]]; then open+=("$text"); else whole+=("$text"); fi
    done
    local found=1
    (($#whole)) && _describe -V candidate whole && found=0
    (($#open)) && _describe -V candidate open -S '' && found=0
    return found
}

if [[ $funcstack[1] == _keyctl ]]; then
    _keyctl "$@"
else
    compdef _keyctl keyctl skeyctl
fi

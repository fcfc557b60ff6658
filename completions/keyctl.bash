# Completion of keyctl for bash 4 and later; keyctl itself knows the candidates.
# Try it with: source <(keyctl completions bash)

_keyctl() {
    # What was typed goes through a pipe: arguments show in process lists.
    local program=${BASH_ALIASES[$1]:-$1}
    mapfile -t COMPREPLY < <(
        printf '%s\0' "${COMP_LINE:0:COMP_POINT}" "${COMP_LINE:COMP_POINT}" "$2" |
            KEYCTL_COMPLETE=line "${program/#\~\//"$HOME/"}" 2>/dev/null
    )
    # More of the same word is to come.
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[/=:,] ]]; then
        compopt -o nospace
    fi
}

complete -o nosort -F _keyctl keyctl skeyctl 2>/dev/null || complete -F _keyctl keyctl skeyctl

# Completion of keyctl for fish 3.1 and later; keyctl itself knows the candidates.
# Try it with: keyctl completions fish | source

function __keyctl_complete
    set -l words (commandline --current-process --tokenize --cut-at-cursor)
    set -l index (count $words)
    set -l all (commandline --current-process --tokenize)
    set -l word (commandline --current-token --cut-at-cursor)
    set -l next (math $index + 1)
    set -l whole (commandline --current-token)
    if test -n "$whole"
        set next (math $next + 1)
    end
    # The quote that is still open is not part of the word.
    set -a words (string replace --regex '^["\']' '' -- "$word")
    # A store may be named behind the cursor.
    if test $next -le (count $all)
        set -a words $all[$next..-1]
    end
    set -l program (string replace --regex '^~/' "$HOME/" -- $words[1])
    # What was typed goes through a pipe: arguments show in process lists.
    printf '%s\0' $words | KEYCTL_COMPLETE=$index $program 2>/dev/null
end

complete --command keyctl --command skeyctl --no-files --keep-order --arguments '(__keyctl_complete)'

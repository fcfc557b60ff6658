# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_keyctl_global_optspecs
    string join \n store= profile= o/output= color= lock-timeout= y/yes q/quiet v/verbose h/help V/version
end

function __fish_keyctl_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_keyctl_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_keyctl_using_subcommand
    set -l cmd (__fish_keyctl_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c keyctl -n "__fish_keyctl_needs_command" -l store -d 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE' -r
complete -c keyctl -n "__fish_keyctl_needs_command" -l profile -d 'Profile of the configuration file: settings for what is not said here' -r
complete -c keyctl -n "__fish_keyctl_needs_command" -s o -l output -d 'How data is printed: a table on a terminal, plain elsewhere' -r -f -a "table\t''
json\t''
jsonl\t''
csv\t''
plain\t''"
complete -c keyctl -n "__fish_keyctl_needs_command" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c keyctl -n "__fish_keyctl_needs_command" -l lock-timeout -d 'How long to wait for another process\'s change to end, as in 30s [default: 1500ms]' -r
complete -c keyctl -n "__fish_keyctl_needs_command" -s y -l yes -d 'Answer yes where a command asks whether you mean it'
complete -c keyctl -n "__fish_keyctl_needs_command" -s q -l quiet -d 'Print errors only'
complete -c keyctl -n "__fish_keyctl_needs_command" -s v -l verbose -d 'Say which configuration and store are used, and why'
complete -c keyctl -n "__fish_keyctl_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyctl -n "__fish_keyctl_needs_command" -s V -l version -d 'Print version'
complete -c keyctl -n "__fish_keyctl_needs_command" -f -a "mint" -d 'Make a new key and print its token, once'
complete -c keyctl -n "__fish_keyctl_needs_command" -f -a "create" -d 'Make a new key and print its token, once'
complete -c keyctl -n "__fish_keyctl_needs_command" -f -a "list" -d 'List keys'
complete -c keyctl -n "__fish_keyctl_needs_command" -f -a "ls" -d 'List keys'
complete -c keyctl -n "__fish_keyctl_needs_command" -f -a "show" -d 'Show keys'
complete -c keyctl -n "__fish_keyctl_needs_command" -f -a "verify" -d 'Verify a token, read from standard input'
complete -c keyctl -n "__fish_keyctl_needs_command" -f -a "rotate" -d 'Give a key a new token'
complete -c keyctl -n "__fish_keyctl_needs_command" -f -a "revoke" -d 'Revoke keys'
complete -c keyctl -n "__fish_keyctl_needs_command" -f -a "suspend" -d 'Stop keys for a while'
complete -c keyctl -n "__fish_keyctl_needs_command" -f -a "resume" -d 'Let suspended keys work again'
complete -c keyctl -n "__fish_keyctl_needs_command" -f -a "edit" -d 'Change a live key'
complete -c keyctl -n "__fish_keyctl_needs_command" -f -a "scope" -d 'See and change what a key may do'
complete -c keyctl -n "__fish_keyctl_needs_command" -f -a "can" -d 'Say whether a key or an owner may do something, and which rule decides'
complete -c keyctl -n "__fish_keyctl_needs_command" -f -a "owner" -d 'Keep the principals that keys act for'
complete -c keyctl -n "__fish_keyctl_needs_command" -f -a "role" -d 'Name sets of scopes that many keys share'
complete -c keyctl -n "__fish_keyctl_needs_command" -f -a "audit" -d 'Read the log of all changes, and check that it is whole'
complete -c keyctl -n "__fish_keyctl_needs_command" -f -a "store" -d 'Make a store, look at it, bring it up to date, check it'
complete -c keyctl -n "__fish_keyctl_needs_command" -f -a "config" -d 'Show the settings, and the profiles of the configuration file'
complete -c keyctl -n "__fish_keyctl_needs_command" -f -a "completions" -d 'Print a completion script for a shell'
complete -c keyctl -n "__fish_keyctl_needs_command" -f -a "man" -d 'Print the manual page of a command'
complete -c keyctl -n "__fish_keyctl_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c keyctl -n "__fish_keyctl_using_subcommand mint" -l name -d 'What the key is called [default: default, else a random name]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand mint" -l scope -d 'What it may do: memories, memories:read, files:*; repeat it or separate by commas' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand mint" -l role -d 'A role whose scopes it gets, too; repeat it for more' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand mint" -l parent -d 'Make it a child of this key: it may do what its parent may, too, and dies with it' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand mint" -l expires -d 'When it ends: a duration (30d), a time (2027-01-31T12:00:00Z) or never [default: 90d]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand mint" -l not-before -d 'When it begins, as in 2027-01-31T12:00:00Z' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand mint" -l prefix -d 'What its token starts with, as in acme or k2 [default: sks]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand mint" -l rate -d 'How often it may be used, as in 600/m' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand mint" -l quota -d 'How often it may be used in all, as in 10000/day' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand mint" -l allow-ip -d 'From which addresses or networks, as in 10.0.0.0/8' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand mint" -l label -d 'Something to find it by, as in team=search' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand mint" -l out-file -d 'Write the token into this new file (mode 0600) instead' -r -F
complete -c keyctl -n "__fish_keyctl_using_subcommand mint" -l store -d 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand mint" -l profile -d 'Profile of the configuration file: settings for what is not said here' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand mint" -s o -l output -d 'How data is printed: a table on a terminal, plain elsewhere' -r -f -a "table\t''
json\t''
jsonl\t''
csv\t''
plain\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand mint" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand mint" -l lock-timeout -d 'How long to wait for another process\'s change to end, as in 30s [default: 1500ms]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand mint" -l allow-all -d 'Let the scope * stand, which allows everything'
complete -c keyctl -n "__fish_keyctl_using_subcommand mint" -l if-absent -d 'If an equal key is there already, do nothing and print nothing'
complete -c keyctl -n "__fish_keyctl_using_subcommand mint" -l dry-run -d 'Try everything, change nothing, print no token'
complete -c keyctl -n "__fish_keyctl_using_subcommand mint" -s y -l yes -d 'Answer yes where a command asks whether you mean it'
complete -c keyctl -n "__fish_keyctl_using_subcommand mint" -s q -l quiet -d 'Print errors only'
complete -c keyctl -n "__fish_keyctl_using_subcommand mint" -s v -l verbose -d 'Say which configuration and store are used, and why'
complete -c keyctl -n "__fish_keyctl_using_subcommand mint" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyctl -n "__fish_keyctl_using_subcommand create" -l name -d 'What the key is called [default: default, else a random name]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand create" -l scope -d 'What it may do: memories, memories:read, files:*; repeat it or separate by commas' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand create" -l role -d 'A role whose scopes it gets, too; repeat it for more' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand create" -l parent -d 'Make it a child of this key: it may do what its parent may, too, and dies with it' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand create" -l expires -d 'When it ends: a duration (30d), a time (2027-01-31T12:00:00Z) or never [default: 90d]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand create" -l not-before -d 'When it begins, as in 2027-01-31T12:00:00Z' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand create" -l prefix -d 'What its token starts with, as in acme or k2 [default: sks]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand create" -l rate -d 'How often it may be used, as in 600/m' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand create" -l quota -d 'How often it may be used in all, as in 10000/day' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand create" -l allow-ip -d 'From which addresses or networks, as in 10.0.0.0/8' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand create" -l label -d 'Something to find it by, as in team=search' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand create" -l out-file -d 'Write the token into this new file (mode 0600) instead' -r -F
complete -c keyctl -n "__fish_keyctl_using_subcommand create" -l store -d 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand create" -l profile -d 'Profile of the configuration file: settings for what is not said here' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand create" -s o -l output -d 'How data is printed: a table on a terminal, plain elsewhere' -r -f -a "table\t''
json\t''
jsonl\t''
csv\t''
plain\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand create" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand create" -l lock-timeout -d 'How long to wait for another process\'s change to end, as in 30s [default: 1500ms]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand create" -l allow-all -d 'Let the scope * stand, which allows everything'
complete -c keyctl -n "__fish_keyctl_using_subcommand create" -l if-absent -d 'If an equal key is there already, do nothing and print nothing'
complete -c keyctl -n "__fish_keyctl_using_subcommand create" -l dry-run -d 'Try everything, change nothing, print no token'
complete -c keyctl -n "__fish_keyctl_using_subcommand create" -s y -l yes -d 'Answer yes where a command asks whether you mean it'
complete -c keyctl -n "__fish_keyctl_using_subcommand create" -s q -l quiet -d 'Print errors only'
complete -c keyctl -n "__fish_keyctl_using_subcommand create" -s v -l verbose -d 'Say which configuration and store are used, and why'
complete -c keyctl -n "__fish_keyctl_using_subcommand create" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyctl -n "__fish_keyctl_using_subcommand list" -l owner -d 'The same' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand list" -l role -d 'Only keys with this role' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand list" -l scope -d 'Only keys that may do this, as a verification would decide' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand list" -l state -d 'Only keys in this state; repeat it or separate by commas for more' -r -f -a "active\t''
not_yet_valid\t''
expired\t''
revoked\t''
suspended\t''
owner_disabled\t''
parent_dead\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand list" -l label -d 'Only keys with this label: name=value, or name for any value' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand list" -l expiring -d 'Only keys that work now and end within this time, as in 14d' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand list" -l unused -d 'Only keys that no service has seen for this time, as in 90d' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand list" -l sort -d 'In which order' -r -f -a "created\t'Newest first'
name\t'By owner and name'
expiry\t'The next to expire first'"
complete -c keyctl -n "__fish_keyctl_using_subcommand list" -l limit -d 'At most so many; 0 for all' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand list" -l cursor -d 'Only those behind this key: the last one of the page before' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand list" -l columns -d 'Which columns, in this order, separated by commas, as in key,state,labels' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand list" -l store -d 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand list" -l profile -d 'Profile of the configuration file: settings for what is not said here' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand list" -s o -l output -d 'How data is printed: a table on a terminal, plain elsewhere' -r -f -a "table\t''
json\t''
jsonl\t''
csv\t''
plain\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand list" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand list" -l lock-timeout -d 'How long to wait for another process\'s change to end, as in 30s [default: 1500ms]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand list" -s a -l all -d 'Revoked keys, too'
complete -c keyctl -n "__fish_keyctl_using_subcommand list" -s y -l yes -d 'Answer yes where a command asks whether you mean it'
complete -c keyctl -n "__fish_keyctl_using_subcommand list" -s q -l quiet -d 'Print errors only'
complete -c keyctl -n "__fish_keyctl_using_subcommand list" -s v -l verbose -d 'Say which configuration and store are used, and why'
complete -c keyctl -n "__fish_keyctl_using_subcommand list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyctl -n "__fish_keyctl_using_subcommand ls" -l owner -d 'The same' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand ls" -l role -d 'Only keys with this role' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand ls" -l scope -d 'Only keys that may do this, as a verification would decide' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand ls" -l state -d 'Only keys in this state; repeat it or separate by commas for more' -r -f -a "active\t''
not_yet_valid\t''
expired\t''
revoked\t''
suspended\t''
owner_disabled\t''
parent_dead\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand ls" -l label -d 'Only keys with this label: name=value, or name for any value' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand ls" -l expiring -d 'Only keys that work now and end within this time, as in 14d' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand ls" -l unused -d 'Only keys that no service has seen for this time, as in 90d' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand ls" -l sort -d 'In which order' -r -f -a "created\t'Newest first'
name\t'By owner and name'
expiry\t'The next to expire first'"
complete -c keyctl -n "__fish_keyctl_using_subcommand ls" -l limit -d 'At most so many; 0 for all' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand ls" -l cursor -d 'Only those behind this key: the last one of the page before' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand ls" -l columns -d 'Which columns, in this order, separated by commas, as in key,state,labels' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand ls" -l store -d 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand ls" -l profile -d 'Profile of the configuration file: settings for what is not said here' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand ls" -s o -l output -d 'How data is printed: a table on a terminal, plain elsewhere' -r -f -a "table\t''
json\t''
jsonl\t''
csv\t''
plain\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand ls" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand ls" -l lock-timeout -d 'How long to wait for another process\'s change to end, as in 30s [default: 1500ms]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand ls" -s a -l all -d 'Revoked keys, too'
complete -c keyctl -n "__fish_keyctl_using_subcommand ls" -s y -l yes -d 'Answer yes where a command asks whether you mean it'
complete -c keyctl -n "__fish_keyctl_using_subcommand ls" -s q -l quiet -d 'Print errors only'
complete -c keyctl -n "__fish_keyctl_using_subcommand ls" -s v -l verbose -d 'Say which configuration and store are used, and why'
complete -c keyctl -n "__fish_keyctl_using_subcommand ls" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyctl -n "__fish_keyctl_using_subcommand show" -l store -d 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand show" -l profile -d 'Profile of the configuration file: settings for what is not said here' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand show" -s o -l output -d 'How data is printed: a table on a terminal, plain elsewhere' -r -f -a "table\t''
json\t''
jsonl\t''
csv\t''
plain\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand show" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand show" -l lock-timeout -d 'How long to wait for another process\'s change to end, as in 30s [default: 1500ms]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand show" -s y -l yes -d 'Answer yes where a command asks whether you mean it'
complete -c keyctl -n "__fish_keyctl_using_subcommand show" -s q -l quiet -d 'Print errors only'
complete -c keyctl -n "__fish_keyctl_using_subcommand show" -s v -l verbose -d 'Say which configuration and store are used, and why'
complete -c keyctl -n "__fish_keyctl_using_subcommand show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyctl -n "__fish_keyctl_using_subcommand verify" -l scope -d 'The permission that is needed' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand verify" -l owner -d 'Whose data is touched' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand verify" -l ip -d 'The client\'s address, where it is known for sure' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand verify" -l store -d 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand verify" -l profile -d 'Profile of the configuration file: settings for what is not said here' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand verify" -s o -l output -d 'How data is printed: a table on a terminal, plain elsewhere' -r -f -a "table\t''
json\t''
jsonl\t''
csv\t''
plain\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand verify" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand verify" -l lock-timeout -d 'How long to wait for another process\'s change to end, as in 30s [default: 1500ms]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand verify" -s y -l yes -d 'Answer yes where a command asks whether you mean it'
complete -c keyctl -n "__fish_keyctl_using_subcommand verify" -s q -l quiet -d 'Print errors only'
complete -c keyctl -n "__fish_keyctl_using_subcommand verify" -s v -l verbose -d 'Say which configuration and store are used, and why'
complete -c keyctl -n "__fish_keyctl_using_subcommand verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyctl -n "__fish_keyctl_using_subcommand rotate" -l grace -d 'How long the old token keeps working, 0 to 30d [default: 24h]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand rotate" -l expires -d 'When the key ends from now on: a duration, a time or never' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand rotate" -l prefix -d 'What the new token starts with [default: as the old one]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand rotate" -l out-file -d 'Write the token into this file (mode 0600) instead, in place of what it holds' -r -F
complete -c keyctl -n "__fish_keyctl_using_subcommand rotate" -l store -d 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand rotate" -l profile -d 'Profile of the configuration file: settings for what is not said here' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand rotate" -s o -l output -d 'How data is printed: a table on a terminal, plain elsewhere' -r -f -a "table\t''
json\t''
jsonl\t''
csv\t''
plain\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand rotate" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand rotate" -l lock-timeout -d 'How long to wait for another process\'s change to end, as in 30s [default: 1500ms]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand rotate" -l dry-run -d 'Try everything, change nothing, print no token'
complete -c keyctl -n "__fish_keyctl_using_subcommand rotate" -s y -l yes -d 'Answer yes where a command asks whether you mean it'
complete -c keyctl -n "__fish_keyctl_using_subcommand rotate" -s q -l quiet -d 'Print errors only'
complete -c keyctl -n "__fish_keyctl_using_subcommand rotate" -s v -l verbose -d 'Say which configuration and store are used, and why'
complete -c keyctl -n "__fish_keyctl_using_subcommand rotate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyctl -n "__fish_keyctl_using_subcommand revoke" -l owner -d 'All live keys of this owner' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand revoke" -l label -d 'All live keys with this label: name=value, or name for any value' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand revoke" -l created-after -d 'All live keys made at this time or later, as in 2027-01-31T12:00:00Z' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand revoke" -l reason -d 'Why, kept with the key and in the audit log' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand revoke" -l store -d 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand revoke" -l profile -d 'Profile of the configuration file: settings for what is not said here' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand revoke" -s o -l output -d 'How data is printed: a table on a terminal, plain elsewhere' -r -f -a "table\t''
json\t''
jsonl\t''
csv\t''
plain\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand revoke" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand revoke" -l lock-timeout -d 'How long to wait for another process\'s change to end, as in 30s [default: 1500ms]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand revoke" -l wait -d 'Return when it is in force everywhere, and say what may still be accepted where'
complete -c keyctl -n "__fish_keyctl_using_subcommand revoke" -l dry-run -d 'Try everything, change nothing'
complete -c keyctl -n "__fish_keyctl_using_subcommand revoke" -s y -l yes -d 'Answer yes where a command asks whether you mean it'
complete -c keyctl -n "__fish_keyctl_using_subcommand revoke" -s q -l quiet -d 'Print errors only'
complete -c keyctl -n "__fish_keyctl_using_subcommand revoke" -s v -l verbose -d 'Say which configuration and store are used, and why'
complete -c keyctl -n "__fish_keyctl_using_subcommand revoke" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyctl -n "__fish_keyctl_using_subcommand suspend" -l owner -d 'All live keys of this owner' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand suspend" -l label -d 'All live keys with this label: name=value, or name for any value' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand suspend" -l created-after -d 'All live keys made at this time or later, as in 2027-01-31T12:00:00Z' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand suspend" -l reason -d 'Why, kept in the audit log' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand suspend" -l store -d 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand suspend" -l profile -d 'Profile of the configuration file: settings for what is not said here' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand suspend" -s o -l output -d 'How data is printed: a table on a terminal, plain elsewhere' -r -f -a "table\t''
json\t''
jsonl\t''
csv\t''
plain\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand suspend" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand suspend" -l lock-timeout -d 'How long to wait for another process\'s change to end, as in 30s [default: 1500ms]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand suspend" -l dry-run -d 'Try everything, change nothing'
complete -c keyctl -n "__fish_keyctl_using_subcommand suspend" -s y -l yes -d 'Answer yes where a command asks whether you mean it'
complete -c keyctl -n "__fish_keyctl_using_subcommand suspend" -s q -l quiet -d 'Print errors only'
complete -c keyctl -n "__fish_keyctl_using_subcommand suspend" -s v -l verbose -d 'Say which configuration and store are used, and why'
complete -c keyctl -n "__fish_keyctl_using_subcommand suspend" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyctl -n "__fish_keyctl_using_subcommand resume" -l store -d 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand resume" -l profile -d 'Profile of the configuration file: settings for what is not said here' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand resume" -s o -l output -d 'How data is printed: a table on a terminal, plain elsewhere' -r -f -a "table\t''
json\t''
jsonl\t''
csv\t''
plain\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand resume" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand resume" -l lock-timeout -d 'How long to wait for another process\'s change to end, as in 30s [default: 1500ms]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand resume" -l dry-run -d 'Try everything, change nothing'
complete -c keyctl -n "__fish_keyctl_using_subcommand resume" -s y -l yes -d 'Answer yes where a command asks whether you mean it'
complete -c keyctl -n "__fish_keyctl_using_subcommand resume" -s q -l quiet -d 'Print errors only'
complete -c keyctl -n "__fish_keyctl_using_subcommand resume" -s v -l verbose -d 'Say which configuration and store are used, and why'
complete -c keyctl -n "__fish_keyctl_using_subcommand resume" -s h -l help -d 'Print help'
complete -c keyctl -n "__fish_keyctl_using_subcommand edit" -l name -d 'Another name' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand edit" -l expires -d 'When it ends: a duration from now, a time or never' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand edit" -l not-before -d 'When it begins, as in 2027-01-31T12:00:00Z, or none for at once' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand edit" -l rate -d 'How often it may be used, as in 600/m, or none' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand edit" -l quota -d 'How often it may be used in all, as in 10000/day, or none' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand edit" -l allow-ip -d 'From which addresses or networks, in place of those it has, or any' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand edit" -l label -d 'A label to set (name=value) or to take away (name-)' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand edit" -l role -d 'Its roles, in place of those it has, or none' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand edit" -l store -d 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand edit" -l profile -d 'Profile of the configuration file: settings for what is not said here' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand edit" -s o -l output -d 'How data is printed: a table on a terminal, plain elsewhere' -r -f -a "table\t''
json\t''
jsonl\t''
csv\t''
plain\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand edit" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand edit" -l lock-timeout -d 'How long to wait for another process\'s change to end, as in 30s [default: 1500ms]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand edit" -l dry-run -d 'Try everything, change nothing'
complete -c keyctl -n "__fish_keyctl_using_subcommand edit" -s y -l yes -d 'Answer yes where a command asks whether you mean it'
complete -c keyctl -n "__fish_keyctl_using_subcommand edit" -s q -l quiet -d 'Print errors only'
complete -c keyctl -n "__fish_keyctl_using_subcommand edit" -s v -l verbose -d 'Say which configuration and store are used, and why'
complete -c keyctl -n "__fish_keyctl_using_subcommand edit" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and not __fish_seen_subcommand_from list ls add remove rm set help" -l store -d 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and not __fish_seen_subcommand_from list ls add remove rm set help" -l profile -d 'Profile of the configuration file: settings for what is not said here' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and not __fish_seen_subcommand_from list ls add remove rm set help" -s o -l output -d 'How data is printed: a table on a terminal, plain elsewhere' -r -f -a "table\t''
json\t''
jsonl\t''
csv\t''
plain\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and not __fish_seen_subcommand_from list ls add remove rm set help" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and not __fish_seen_subcommand_from list ls add remove rm set help" -l lock-timeout -d 'How long to wait for another process\'s change to end, as in 30s [default: 1500ms]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and not __fish_seen_subcommand_from list ls add remove rm set help" -s y -l yes -d 'Answer yes where a command asks whether you mean it'
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and not __fish_seen_subcommand_from list ls add remove rm set help" -s q -l quiet -d 'Print errors only'
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and not __fish_seen_subcommand_from list ls add remove rm set help" -s v -l verbose -d 'Say which configuration and store are used, and why'
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and not __fish_seen_subcommand_from list ls add remove rm set help" -s h -l help -d 'Print help'
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and not __fish_seen_subcommand_from list ls add remove rm set help" -f -a "list" -d 'List the scopes of a key, and where each comes from'
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and not __fish_seen_subcommand_from list ls add remove rm set help" -f -a "ls" -d 'List the scopes of a key, and where each comes from'
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and not __fish_seen_subcommand_from list ls add remove rm set help" -f -a "add" -d 'Give a key more scopes'
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and not __fish_seen_subcommand_from list ls add remove rm set help" -f -a "remove" -d 'Take scopes from a key'
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and not __fish_seen_subcommand_from list ls add remove rm set help" -f -a "rm" -d 'Take scopes from a key'
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and not __fish_seen_subcommand_from list ls add remove rm set help" -f -a "set" -d 'Give a key these scopes in place of those it was given itself'
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and not __fish_seen_subcommand_from list ls add remove rm set help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from list" -l store -d 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from list" -l profile -d 'Profile of the configuration file: settings for what is not said here' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from list" -s o -l output -d 'How data is printed: a table on a terminal, plain elsewhere' -r -f -a "table\t''
json\t''
jsonl\t''
csv\t''
plain\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from list" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from list" -l lock-timeout -d 'How long to wait for another process\'s change to end, as in 30s [default: 1500ms]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer yes where a command asks whether you mean it'
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print errors only'
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say which configuration and store are used, and why'
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from ls" -l store -d 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from ls" -l profile -d 'Profile of the configuration file: settings for what is not said here' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from ls" -s o -l output -d 'How data is printed: a table on a terminal, plain elsewhere' -r -f -a "table\t''
json\t''
jsonl\t''
csv\t''
plain\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from ls" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from ls" -l lock-timeout -d 'How long to wait for another process\'s change to end, as in 30s [default: 1500ms]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from ls" -s y -l yes -d 'Answer yes where a command asks whether you mean it'
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from ls" -s q -l quiet -d 'Print errors only'
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from ls" -s v -l verbose -d 'Say which configuration and store are used, and why'
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from ls" -s h -l help -d 'Print help'
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from add" -l store -d 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from add" -l profile -d 'Profile of the configuration file: settings for what is not said here' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from add" -s o -l output -d 'How data is printed: a table on a terminal, plain elsewhere' -r -f -a "table\t''
json\t''
jsonl\t''
csv\t''
plain\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from add" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from add" -l lock-timeout -d 'How long to wait for another process\'s change to end, as in 30s [default: 1500ms]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from add" -l allow-all -d 'Let the scope * stand, which allows everything'
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from add" -l dry-run -d 'Try everything, change nothing'
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from add" -s y -l yes -d 'Answer yes where a command asks whether you mean it'
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from add" -s q -l quiet -d 'Print errors only'
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from add" -s v -l verbose -d 'Say which configuration and store are used, and why'
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help'
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from remove" -l store -d 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from remove" -l profile -d 'Profile of the configuration file: settings for what is not said here' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from remove" -s o -l output -d 'How data is printed: a table on a terminal, plain elsewhere' -r -f -a "table\t''
json\t''
jsonl\t''
csv\t''
plain\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from remove" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from remove" -l lock-timeout -d 'How long to wait for another process\'s change to end, as in 30s [default: 1500ms]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from remove" -l dry-run -d 'Try everything, change nothing'
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from remove" -s y -l yes -d 'Answer yes where a command asks whether you mean it'
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from remove" -s q -l quiet -d 'Print errors only'
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from remove" -s v -l verbose -d 'Say which configuration and store are used, and why'
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from rm" -l store -d 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from rm" -l profile -d 'Profile of the configuration file: settings for what is not said here' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from rm" -s o -l output -d 'How data is printed: a table on a terminal, plain elsewhere' -r -f -a "table\t''
json\t''
jsonl\t''
csv\t''
plain\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from rm" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from rm" -l lock-timeout -d 'How long to wait for another process\'s change to end, as in 30s [default: 1500ms]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from rm" -l dry-run -d 'Try everything, change nothing'
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from rm" -s y -l yes -d 'Answer yes where a command asks whether you mean it'
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from rm" -s q -l quiet -d 'Print errors only'
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from rm" -s v -l verbose -d 'Say which configuration and store are used, and why'
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from rm" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from set" -l store -d 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from set" -l profile -d 'Profile of the configuration file: settings for what is not said here' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from set" -s o -l output -d 'How data is printed: a table on a terminal, plain elsewhere' -r -f -a "table\t''
json\t''
jsonl\t''
csv\t''
plain\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from set" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from set" -l lock-timeout -d 'How long to wait for another process\'s change to end, as in 30s [default: 1500ms]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from set" -l none -d 'No scopes at all'
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from set" -l allow-all -d 'Let the scope * stand, which allows everything'
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from set" -l dry-run -d 'Try everything, change nothing'
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from set" -s y -l yes -d 'Answer yes where a command asks whether you mean it'
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from set" -s q -l quiet -d 'Print errors only'
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from set" -s v -l verbose -d 'Say which configuration and store are used, and why'
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help'
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the scopes of a key, and where each comes from'
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from help" -f -a "add" -d 'Give a key more scopes'
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from help" -f -a "remove" -d 'Take scopes from a key'
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from help" -f -a "set" -d 'Give a key these scopes in place of those it was given itself'
complete -c keyctl -n "__fish_keyctl_using_subcommand scope; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c keyctl -n "__fish_keyctl_using_subcommand can" -l store -d 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand can" -l profile -d 'Profile of the configuration file: settings for what is not said here' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand can" -s o -l output -d 'How data is printed: a table on a terminal, plain elsewhere' -r -f -a "table\t''
json\t''
jsonl\t''
csv\t''
plain\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand can" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand can" -l lock-timeout -d 'How long to wait for another process\'s change to end, as in 30s [default: 1500ms]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand can" -s y -l yes -d 'Answer yes where a command asks whether you mean it'
complete -c keyctl -n "__fish_keyctl_using_subcommand can" -s q -l quiet -d 'Print errors only'
complete -c keyctl -n "__fish_keyctl_using_subcommand can" -s v -l verbose -d 'Say which configuration and store are used, and why'
complete -c keyctl -n "__fish_keyctl_using_subcommand can" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and not __fish_seen_subcommand_from add list ls show disable enable delete help" -l store -d 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and not __fish_seen_subcommand_from add list ls show disable enable delete help" -l profile -d 'Profile of the configuration file: settings for what is not said here' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and not __fish_seen_subcommand_from add list ls show disable enable delete help" -s o -l output -d 'How data is printed: a table on a terminal, plain elsewhere' -r -f -a "table\t''
json\t''
jsonl\t''
csv\t''
plain\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and not __fish_seen_subcommand_from add list ls show disable enable delete help" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and not __fish_seen_subcommand_from add list ls show disable enable delete help" -l lock-timeout -d 'How long to wait for another process\'s change to end, as in 30s [default: 1500ms]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and not __fish_seen_subcommand_from add list ls show disable enable delete help" -s y -l yes -d 'Answer yes where a command asks whether you mean it'
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and not __fish_seen_subcommand_from add list ls show disable enable delete help" -s q -l quiet -d 'Print errors only'
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and not __fish_seen_subcommand_from add list ls show disable enable delete help" -s v -l verbose -d 'Say which configuration and store are used, and why'
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and not __fish_seen_subcommand_from add list ls show disable enable delete help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and not __fish_seen_subcommand_from add list ls show disable enable delete help" -f -a "add" -d 'Make an owner without keys'
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and not __fish_seen_subcommand_from add list ls show disable enable delete help" -f -a "list" -d 'List owners'
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and not __fish_seen_subcommand_from add list ls show disable enable delete help" -f -a "ls" -d 'List owners'
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and not __fish_seen_subcommand_from add list ls show disable enable delete help" -f -a "show" -d 'Show one owner'
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and not __fish_seen_subcommand_from add list ls show disable enable delete help" -f -a "disable" -d 'Stop all keys of an owner at once'
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and not __fish_seen_subcommand_from add list ls show disable enable delete help" -f -a "enable" -d 'Bring all keys of an owner back'
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and not __fish_seen_subcommand_from add list ls show disable enable delete help" -f -a "delete" -d 'Take an owner off the list'
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and not __fish_seen_subcommand_from add list ls show disable enable delete help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from add" -l store -d 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from add" -l profile -d 'Profile of the configuration file: settings for what is not said here' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from add" -s o -l output -d 'How data is printed: a table on a terminal, plain elsewhere' -r -f -a "table\t''
json\t''
jsonl\t''
csv\t''
plain\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from add" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from add" -l lock-timeout -d 'How long to wait for another process\'s change to end, as in 30s [default: 1500ms]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from add" -l if-absent -d 'If it is there already, do nothing'
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from add" -l dry-run -d 'Try everything, change nothing'
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from add" -s y -l yes -d 'Answer yes where a command asks whether you mean it'
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from add" -s q -l quiet -d 'Print errors only'
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from add" -s v -l verbose -d 'Say which configuration and store are used, and why'
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help'
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from list" -l store -d 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from list" -l profile -d 'Profile of the configuration file: settings for what is not said here' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from list" -s o -l output -d 'How data is printed: a table on a terminal, plain elsewhere' -r -f -a "table\t''
json\t''
jsonl\t''
csv\t''
plain\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from list" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from list" -l lock-timeout -d 'How long to wait for another process\'s change to end, as in 30s [default: 1500ms]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer yes where a command asks whether you mean it'
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print errors only'
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say which configuration and store are used, and why'
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from ls" -l store -d 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from ls" -l profile -d 'Profile of the configuration file: settings for what is not said here' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from ls" -s o -l output -d 'How data is printed: a table on a terminal, plain elsewhere' -r -f -a "table\t''
json\t''
jsonl\t''
csv\t''
plain\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from ls" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from ls" -l lock-timeout -d 'How long to wait for another process\'s change to end, as in 30s [default: 1500ms]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from ls" -s y -l yes -d 'Answer yes where a command asks whether you mean it'
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from ls" -s q -l quiet -d 'Print errors only'
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from ls" -s v -l verbose -d 'Say which configuration and store are used, and why'
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from ls" -s h -l help -d 'Print help'
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from show" -l store -d 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from show" -l profile -d 'Profile of the configuration file: settings for what is not said here' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from show" -s o -l output -d 'How data is printed: a table on a terminal, plain elsewhere' -r -f -a "table\t''
json\t''
jsonl\t''
csv\t''
plain\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from show" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from show" -l lock-timeout -d 'How long to wait for another process\'s change to end, as in 30s [default: 1500ms]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from show" -s y -l yes -d 'Answer yes where a command asks whether you mean it'
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print errors only'
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say which configuration and store are used, and why'
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from disable" -l reason -d 'Why, kept in the audit log' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from disable" -l store -d 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from disable" -l profile -d 'Profile of the configuration file: settings for what is not said here' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from disable" -s o -l output -d 'How data is printed: a table on a terminal, plain elsewhere' -r -f -a "table\t''
json\t''
jsonl\t''
csv\t''
plain\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from disable" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from disable" -l lock-timeout -d 'How long to wait for another process\'s change to end, as in 30s [default: 1500ms]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from disable" -l dry-run -d 'Try everything, change nothing'
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from disable" -s y -l yes -d 'Answer yes where a command asks whether you mean it'
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from disable" -s q -l quiet -d 'Print errors only'
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from disable" -s v -l verbose -d 'Say which configuration and store are used, and why'
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from disable" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from enable" -l store -d 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from enable" -l profile -d 'Profile of the configuration file: settings for what is not said here' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from enable" -s o -l output -d 'How data is printed: a table on a terminal, plain elsewhere' -r -f -a "table\t''
json\t''
jsonl\t''
csv\t''
plain\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from enable" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from enable" -l lock-timeout -d 'How long to wait for another process\'s change to end, as in 30s [default: 1500ms]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from enable" -l dry-run -d 'Try everything, change nothing'
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from enable" -s y -l yes -d 'Answer yes where a command asks whether you mean it'
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from enable" -s q -l quiet -d 'Print errors only'
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from enable" -s v -l verbose -d 'Say which configuration and store are used, and why'
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from enable" -s h -l help -d 'Print help'
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from delete" -l reason -d 'Why, kept with the keys and in the audit log' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from delete" -l store -d 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from delete" -l profile -d 'Profile of the configuration file: settings for what is not said here' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from delete" -s o -l output -d 'How data is printed: a table on a terminal, plain elsewhere' -r -f -a "table\t''
json\t''
jsonl\t''
csv\t''
plain\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from delete" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from delete" -l lock-timeout -d 'How long to wait for another process\'s change to end, as in 30s [default: 1500ms]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from delete" -l revoke-keys -d 'Revoke its live keys, which is final'
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from delete" -l dry-run -d 'Try everything, change nothing'
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from delete" -s y -l yes -d 'Answer yes where a command asks whether you mean it'
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from delete" -s q -l quiet -d 'Print errors only'
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from delete" -s v -l verbose -d 'Say which configuration and store are used, and why'
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from delete" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from help" -f -a "add" -d 'Make an owner without keys'
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from help" -f -a "list" -d 'List owners'
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show one owner'
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from help" -f -a "disable" -d 'Stop all keys of an owner at once'
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from help" -f -a "enable" -d 'Bring all keys of an owner back'
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from help" -f -a "delete" -d 'Take an owner off the list'
complete -c keyctl -n "__fish_keyctl_using_subcommand owner; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and not __fish_seen_subcommand_from set list ls show delete help" -l store -d 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and not __fish_seen_subcommand_from set list ls show delete help" -l profile -d 'Profile of the configuration file: settings for what is not said here' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and not __fish_seen_subcommand_from set list ls show delete help" -s o -l output -d 'How data is printed: a table on a terminal, plain elsewhere' -r -f -a "table\t''
json\t''
jsonl\t''
csv\t''
plain\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and not __fish_seen_subcommand_from set list ls show delete help" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and not __fish_seen_subcommand_from set list ls show delete help" -l lock-timeout -d 'How long to wait for another process\'s change to end, as in 30s [default: 1500ms]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and not __fish_seen_subcommand_from set list ls show delete help" -s y -l yes -d 'Answer yes where a command asks whether you mean it'
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and not __fish_seen_subcommand_from set list ls show delete help" -s q -l quiet -d 'Print errors only'
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and not __fish_seen_subcommand_from set list ls show delete help" -s v -l verbose -d 'Say which configuration and store are used, and why'
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and not __fish_seen_subcommand_from set list ls show delete help" -s h -l help -d 'Print help'
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and not __fish_seen_subcommand_from set list ls show delete help" -f -a "set" -d 'Make a role, or give it other scopes'
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and not __fish_seen_subcommand_from set list ls show delete help" -f -a "list" -d 'List roles'
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and not __fish_seen_subcommand_from set list ls show delete help" -f -a "ls" -d 'List roles'
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and not __fish_seen_subcommand_from set list ls show delete help" -f -a "show" -d 'Show one role'
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and not __fish_seen_subcommand_from set list ls show delete help" -f -a "delete" -d 'Delete a role'
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and not __fish_seen_subcommand_from set list ls show delete help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and __fish_seen_subcommand_from set" -l scope -d 'What its keys may do: memories, memories:read, files:*; repeat it or separate by commas' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and __fish_seen_subcommand_from set" -l store -d 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and __fish_seen_subcommand_from set" -l profile -d 'Profile of the configuration file: settings for what is not said here' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and __fish_seen_subcommand_from set" -s o -l output -d 'How data is printed: a table on a terminal, plain elsewhere' -r -f -a "table\t''
json\t''
jsonl\t''
csv\t''
plain\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and __fish_seen_subcommand_from set" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and __fish_seen_subcommand_from set" -l lock-timeout -d 'How long to wait for another process\'s change to end, as in 30s [default: 1500ms]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and __fish_seen_subcommand_from set" -l allow-all -d 'Let the scope * stand, which allows everything'
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and __fish_seen_subcommand_from set" -l dry-run -d 'Try everything, change nothing'
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and __fish_seen_subcommand_from set" -s y -l yes -d 'Answer yes where a command asks whether you mean it'
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and __fish_seen_subcommand_from set" -s q -l quiet -d 'Print errors only'
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and __fish_seen_subcommand_from set" -s v -l verbose -d 'Say which configuration and store are used, and why'
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and __fish_seen_subcommand_from list" -l store -d 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and __fish_seen_subcommand_from list" -l profile -d 'Profile of the configuration file: settings for what is not said here' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and __fish_seen_subcommand_from list" -s o -l output -d 'How data is printed: a table on a terminal, plain elsewhere' -r -f -a "table\t''
json\t''
jsonl\t''
csv\t''
plain\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and __fish_seen_subcommand_from list" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and __fish_seen_subcommand_from list" -l lock-timeout -d 'How long to wait for another process\'s change to end, as in 30s [default: 1500ms]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer yes where a command asks whether you mean it'
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print errors only'
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say which configuration and store are used, and why'
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and __fish_seen_subcommand_from ls" -l store -d 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and __fish_seen_subcommand_from ls" -l profile -d 'Profile of the configuration file: settings for what is not said here' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and __fish_seen_subcommand_from ls" -s o -l output -d 'How data is printed: a table on a terminal, plain elsewhere' -r -f -a "table\t''
json\t''
jsonl\t''
csv\t''
plain\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and __fish_seen_subcommand_from ls" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and __fish_seen_subcommand_from ls" -l lock-timeout -d 'How long to wait for another process\'s change to end, as in 30s [default: 1500ms]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and __fish_seen_subcommand_from ls" -s y -l yes -d 'Answer yes where a command asks whether you mean it'
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and __fish_seen_subcommand_from ls" -s q -l quiet -d 'Print errors only'
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and __fish_seen_subcommand_from ls" -s v -l verbose -d 'Say which configuration and store are used, and why'
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and __fish_seen_subcommand_from ls" -s h -l help -d 'Print help'
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and __fish_seen_subcommand_from show" -l store -d 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and __fish_seen_subcommand_from show" -l profile -d 'Profile of the configuration file: settings for what is not said here' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and __fish_seen_subcommand_from show" -s o -l output -d 'How data is printed: a table on a terminal, plain elsewhere' -r -f -a "table\t''
json\t''
jsonl\t''
csv\t''
plain\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and __fish_seen_subcommand_from show" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and __fish_seen_subcommand_from show" -l lock-timeout -d 'How long to wait for another process\'s change to end, as in 30s [default: 1500ms]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and __fish_seen_subcommand_from show" -s y -l yes -d 'Answer yes where a command asks whether you mean it'
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print errors only'
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say which configuration and store are used, and why'
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and __fish_seen_subcommand_from delete" -l store -d 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and __fish_seen_subcommand_from delete" -l profile -d 'Profile of the configuration file: settings for what is not said here' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and __fish_seen_subcommand_from delete" -s o -l output -d 'How data is printed: a table on a terminal, plain elsewhere' -r -f -a "table\t''
json\t''
jsonl\t''
csv\t''
plain\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and __fish_seen_subcommand_from delete" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and __fish_seen_subcommand_from delete" -l lock-timeout -d 'How long to wait for another process\'s change to end, as in 30s [default: 1500ms]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and __fish_seen_subcommand_from delete" -l from-keys -d 'Take it from the keys that have it'
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and __fish_seen_subcommand_from delete" -l dry-run -d 'Try everything, change nothing'
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and __fish_seen_subcommand_from delete" -s y -l yes -d 'Answer yes where a command asks whether you mean it'
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and __fish_seen_subcommand_from delete" -s q -l quiet -d 'Print errors only'
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and __fish_seen_subcommand_from delete" -s v -l verbose -d 'Say which configuration and store are used, and why'
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and __fish_seen_subcommand_from delete" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and __fish_seen_subcommand_from help" -f -a "set" -d 'Make a role, or give it other scopes'
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and __fish_seen_subcommand_from help" -f -a "list" -d 'List roles'
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show one role'
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and __fish_seen_subcommand_from help" -f -a "delete" -d 'Delete a role'
complete -c keyctl -n "__fish_keyctl_using_subcommand role; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and not __fish_seen_subcommand_from list verify help" -l store -d 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and not __fish_seen_subcommand_from list verify help" -l profile -d 'Profile of the configuration file: settings for what is not said here' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and not __fish_seen_subcommand_from list verify help" -s o -l output -d 'How data is printed: a table on a terminal, plain elsewhere' -r -f -a "table\t''
json\t''
jsonl\t''
csv\t''
plain\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and not __fish_seen_subcommand_from list verify help" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and not __fish_seen_subcommand_from list verify help" -l lock-timeout -d 'How long to wait for another process\'s change to end, as in 30s [default: 1500ms]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and not __fish_seen_subcommand_from list verify help" -s y -l yes -d 'Answer yes where a command asks whether you mean it'
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and not __fish_seen_subcommand_from list verify help" -s q -l quiet -d 'Print errors only'
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and not __fish_seen_subcommand_from list verify help" -s v -l verbose -d 'Say which configuration and store are used, and why'
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and not __fish_seen_subcommand_from list verify help" -s h -l help -d 'Print help'
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and not __fish_seen_subcommand_from list verify help" -f -a "list" -d 'List the records, oldest first'
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and not __fish_seen_subcommand_from list verify help" -f -a "verify" -d 'Check that no record is missing or altered'
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and not __fish_seen_subcommand_from list verify help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and __fish_seen_subcommand_from list" -l limit -d 'Only the newest so many; 0 for all' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and __fish_seen_subcommand_from list" -l store -d 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and __fish_seen_subcommand_from list" -l profile -d 'Profile of the configuration file: settings for what is not said here' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and __fish_seen_subcommand_from list" -s o -l output -d 'How data is printed: a table on a terminal, plain elsewhere' -r -f -a "table\t''
json\t''
jsonl\t''
csv\t''
plain\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and __fish_seen_subcommand_from list" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and __fish_seen_subcommand_from list" -l lock-timeout -d 'How long to wait for another process\'s change to end, as in 30s [default: 1500ms]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer yes where a command asks whether you mean it'
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print errors only'
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say which configuration and store are used, and why'
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -l store -d 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -l profile -d 'Profile of the configuration file: settings for what is not said here' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -s o -l output -d 'How data is printed: a table on a terminal, plain elsewhere' -r -f -a "table\t''
json\t''
jsonl\t''
csv\t''
plain\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -l lock-timeout -d 'How long to wait for another process\'s change to end, as in 30s [default: 1500ms]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -s y -l yes -d 'Answer yes where a command asks whether you mean it'
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -s q -l quiet -d 'Print errors only'
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -s v -l verbose -d 'Say which configuration and store are used, and why'
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the records, oldest first'
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and __fish_seen_subcommand_from help" -f -a "verify" -d 'Check that no record is missing or altered'
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and not __fish_seen_subcommand_from init status migrate check help" -l store -d 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and not __fish_seen_subcommand_from init status migrate check help" -l profile -d 'Profile of the configuration file: settings for what is not said here' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and not __fish_seen_subcommand_from init status migrate check help" -s o -l output -d 'How data is printed: a table on a terminal, plain elsewhere' -r -f -a "table\t''
json\t''
jsonl\t''
csv\t''
plain\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and not __fish_seen_subcommand_from init status migrate check help" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and not __fish_seen_subcommand_from init status migrate check help" -l lock-timeout -d 'How long to wait for another process\'s change to end, as in 30s [default: 1500ms]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and not __fish_seen_subcommand_from init status migrate check help" -s y -l yes -d 'Answer yes where a command asks whether you mean it'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and not __fish_seen_subcommand_from init status migrate check help" -s q -l quiet -d 'Print errors only'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and not __fish_seen_subcommand_from init status migrate check help" -s v -l verbose -d 'Say which configuration and store are used, and why'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and not __fish_seen_subcommand_from init status migrate check help" -s h -l help -d 'Print help'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and not __fish_seen_subcommand_from init status migrate check help" -f -a "init" -d 'Create a store'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and not __fish_seen_subcommand_from init status migrate check help" -f -a "status" -d 'Show what the store is and holds'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and not __fish_seen_subcommand_from init status migrate check help" -f -a "migrate" -d 'Bring an older store\'s schema up to date'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and not __fish_seen_subcommand_from init status migrate check help" -f -a "check" -d 'Recompute and compare everything that can be'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and not __fish_seen_subcommand_from init status migrate check help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from init" -l prefix -d 'What tokens start with, as in acme or k2 [default: sks]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from init" -l expires -d 'How long keys live where nobody says otherwise: a duration or never [default: 90d]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from init" -l store -d 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from init" -l profile -d 'Profile of the configuration file: settings for what is not said here' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from init" -s o -l output -d 'How data is printed: a table on a terminal, plain elsewhere' -r -f -a "table\t''
json\t''
jsonl\t''
csv\t''
plain\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from init" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from init" -l lock-timeout -d 'How long to wait for another process\'s change to end, as in 30s [default: 1500ms]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from init" -l dry-run -d 'Try everything, change nothing'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from init" -s y -l yes -d 'Answer yes where a command asks whether you mean it'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from init" -s q -l quiet -d 'Print errors only'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from init" -s v -l verbose -d 'Say which configuration and store are used, and why'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from status" -l store -d 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from status" -l profile -d 'Profile of the configuration file: settings for what is not said here' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from status" -s o -l output -d 'How data is printed: a table on a terminal, plain elsewhere' -r -f -a "table\t''
json\t''
jsonl\t''
csv\t''
plain\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from status" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from status" -l lock-timeout -d 'How long to wait for another process\'s change to end, as in 30s [default: 1500ms]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from status" -s y -l yes -d 'Answer yes where a command asks whether you mean it'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Print errors only'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from status" -s v -l verbose -d 'Say which configuration and store are used, and why'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from migrate" -l store -d 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from migrate" -l profile -d 'Profile of the configuration file: settings for what is not said here' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from migrate" -s o -l output -d 'How data is printed: a table on a terminal, plain elsewhere' -r -f -a "table\t''
json\t''
jsonl\t''
csv\t''
plain\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from migrate" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from migrate" -l lock-timeout -d 'How long to wait for another process\'s change to end, as in 30s [default: 1500ms]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from migrate" -l dry-run -d 'Try everything, change nothing'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from migrate" -s y -l yes -d 'Answer yes where a command asks whether you mean it'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from migrate" -s q -l quiet -d 'Print errors only'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from migrate" -s v -l verbose -d 'Say which configuration and store are used, and why'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from migrate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from check" -l store -d 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from check" -l profile -d 'Profile of the configuration file: settings for what is not said here' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from check" -s o -l output -d 'How data is printed: a table on a terminal, plain elsewhere' -r -f -a "table\t''
json\t''
jsonl\t''
csv\t''
plain\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from check" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from check" -l lock-timeout -d 'How long to wait for another process\'s change to end, as in 30s [default: 1500ms]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from check" -s y -l yes -d 'Answer yes where a command asks whether you mean it'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from check" -s q -l quiet -d 'Print errors only'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from check" -s v -l verbose -d 'Say which configuration and store are used, and why'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from help" -f -a "init" -d 'Create a store'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from help" -f -a "status" -d 'Show what the store is and holds'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from help" -f -a "migrate" -d 'Bring an older store\'s schema up to date'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from help" -f -a "check" -d 'Recompute and compare everything that can be'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c keyctl -n "__fish_keyctl_using_subcommand config; and not __fish_seen_subcommand_from show profiles help" -l store -d 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand config; and not __fish_seen_subcommand_from show profiles help" -l profile -d 'Profile of the configuration file: settings for what is not said here' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand config; and not __fish_seen_subcommand_from show profiles help" -s o -l output -d 'How data is printed: a table on a terminal, plain elsewhere' -r -f -a "table\t''
json\t''
jsonl\t''
csv\t''
plain\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand config; and not __fish_seen_subcommand_from show profiles help" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand config; and not __fish_seen_subcommand_from show profiles help" -l lock-timeout -d 'How long to wait for another process\'s change to end, as in 30s [default: 1500ms]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand config; and not __fish_seen_subcommand_from show profiles help" -s y -l yes -d 'Answer yes where a command asks whether you mean it'
complete -c keyctl -n "__fish_keyctl_using_subcommand config; and not __fish_seen_subcommand_from show profiles help" -s q -l quiet -d 'Print errors only'
complete -c keyctl -n "__fish_keyctl_using_subcommand config; and not __fish_seen_subcommand_from show profiles help" -s v -l verbose -d 'Say which configuration and store are used, and why'
complete -c keyctl -n "__fish_keyctl_using_subcommand config; and not __fish_seen_subcommand_from show profiles help" -s h -l help -d 'Print help'
complete -c keyctl -n "__fish_keyctl_using_subcommand config; and not __fish_seen_subcommand_from show profiles help" -f -a "show" -d 'Show the settings in force'
complete -c keyctl -n "__fish_keyctl_using_subcommand config; and not __fish_seen_subcommand_from show profiles help" -f -a "profiles" -d 'List the profiles of the configuration file'
complete -c keyctl -n "__fish_keyctl_using_subcommand config; and not __fish_seen_subcommand_from show profiles help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c keyctl -n "__fish_keyctl_using_subcommand config; and __fish_seen_subcommand_from show" -l store -d 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand config; and __fish_seen_subcommand_from show" -l profile -d 'Profile of the configuration file: settings for what is not said here' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand config; and __fish_seen_subcommand_from show" -s o -l output -d 'How data is printed: a table on a terminal, plain elsewhere' -r -f -a "table\t''
json\t''
jsonl\t''
csv\t''
plain\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand config; and __fish_seen_subcommand_from show" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand config; and __fish_seen_subcommand_from show" -l lock-timeout -d 'How long to wait for another process\'s change to end, as in 30s [default: 1500ms]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand config; and __fish_seen_subcommand_from show" -l origin -d 'Who set each: a flag, a variable, a line of the file or nobody'
complete -c keyctl -n "__fish_keyctl_using_subcommand config; and __fish_seen_subcommand_from show" -s y -l yes -d 'Answer yes where a command asks whether you mean it'
complete -c keyctl -n "__fish_keyctl_using_subcommand config; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print errors only'
complete -c keyctl -n "__fish_keyctl_using_subcommand config; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say which configuration and store are used, and why'
complete -c keyctl -n "__fish_keyctl_using_subcommand config; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyctl -n "__fish_keyctl_using_subcommand config; and __fish_seen_subcommand_from profiles" -l store -d 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand config; and __fish_seen_subcommand_from profiles" -l profile -d 'Profile of the configuration file: settings for what is not said here' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand config; and __fish_seen_subcommand_from profiles" -s o -l output -d 'How data is printed: a table on a terminal, plain elsewhere' -r -f -a "table\t''
json\t''
jsonl\t''
csv\t''
plain\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand config; and __fish_seen_subcommand_from profiles" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand config; and __fish_seen_subcommand_from profiles" -l lock-timeout -d 'How long to wait for another process\'s change to end, as in 30s [default: 1500ms]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand config; and __fish_seen_subcommand_from profiles" -s y -l yes -d 'Answer yes where a command asks whether you mean it'
complete -c keyctl -n "__fish_keyctl_using_subcommand config; and __fish_seen_subcommand_from profiles" -s q -l quiet -d 'Print errors only'
complete -c keyctl -n "__fish_keyctl_using_subcommand config; and __fish_seen_subcommand_from profiles" -s v -l verbose -d 'Say which configuration and store are used, and why'
complete -c keyctl -n "__fish_keyctl_using_subcommand config; and __fish_seen_subcommand_from profiles" -s h -l help -d 'Print help'
complete -c keyctl -n "__fish_keyctl_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show the settings in force'
complete -c keyctl -n "__fish_keyctl_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "profiles" -d 'List the profiles of the configuration file'
complete -c keyctl -n "__fish_keyctl_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c keyctl -n "__fish_keyctl_using_subcommand completions" -l store -d 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand completions" -l profile -d 'Profile of the configuration file: settings for what is not said here' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand completions" -s o -l output -d 'How data is printed: a table on a terminal, plain elsewhere' -r -f -a "table\t''
json\t''
jsonl\t''
csv\t''
plain\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand completions" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand completions" -l lock-timeout -d 'How long to wait for another process\'s change to end, as in 30s [default: 1500ms]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand completions" -s y -l yes -d 'Answer yes where a command asks whether you mean it'
complete -c keyctl -n "__fish_keyctl_using_subcommand completions" -s q -l quiet -d 'Print errors only'
complete -c keyctl -n "__fish_keyctl_using_subcommand completions" -s v -l verbose -d 'Say which configuration and store are used, and why'
complete -c keyctl -n "__fish_keyctl_using_subcommand completions" -s h -l help -d 'Print help'
complete -c keyctl -n "__fish_keyctl_using_subcommand man" -l store -d 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand man" -l profile -d 'Profile of the configuration file: settings for what is not said here' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand man" -s o -l output -d 'How data is printed: a table on a terminal, plain elsewhere' -r -f -a "table\t''
json\t''
jsonl\t''
csv\t''
plain\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand man" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand man" -l lock-timeout -d 'How long to wait for another process\'s change to end, as in 30s [default: 1500ms]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand man" -s y -l yes -d 'Answer yes where a command asks whether you mean it'
complete -c keyctl -n "__fish_keyctl_using_subcommand man" -s q -l quiet -d 'Print errors only'
complete -c keyctl -n "__fish_keyctl_using_subcommand man" -s v -l verbose -d 'Say which configuration and store are used, and why'
complete -c keyctl -n "__fish_keyctl_using_subcommand man" -s h -l help -d 'Print help'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and not __fish_seen_subcommand_from mint list show verify rotate revoke suspend resume edit scope can owner role audit store config completions man help" -f -a "mint" -d 'Make a new key and print its token, once'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and not __fish_seen_subcommand_from mint list show verify rotate revoke suspend resume edit scope can owner role audit store config completions man help" -f -a "list" -d 'List keys'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and not __fish_seen_subcommand_from mint list show verify rotate revoke suspend resume edit scope can owner role audit store config completions man help" -f -a "show" -d 'Show keys'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and not __fish_seen_subcommand_from mint list show verify rotate revoke suspend resume edit scope can owner role audit store config completions man help" -f -a "verify" -d 'Verify a token, read from standard input'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and not __fish_seen_subcommand_from mint list show verify rotate revoke suspend resume edit scope can owner role audit store config completions man help" -f -a "rotate" -d 'Give a key a new token'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and not __fish_seen_subcommand_from mint list show verify rotate revoke suspend resume edit scope can owner role audit store config completions man help" -f -a "revoke" -d 'Revoke keys'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and not __fish_seen_subcommand_from mint list show verify rotate revoke suspend resume edit scope can owner role audit store config completions man help" -f -a "suspend" -d 'Stop keys for a while'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and not __fish_seen_subcommand_from mint list show verify rotate revoke suspend resume edit scope can owner role audit store config completions man help" -f -a "resume" -d 'Let suspended keys work again'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and not __fish_seen_subcommand_from mint list show verify rotate revoke suspend resume edit scope can owner role audit store config completions man help" -f -a "edit" -d 'Change a live key'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and not __fish_seen_subcommand_from mint list show verify rotate revoke suspend resume edit scope can owner role audit store config completions man help" -f -a "scope" -d 'See and change what a key may do'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and not __fish_seen_subcommand_from mint list show verify rotate revoke suspend resume edit scope can owner role audit store config completions man help" -f -a "can" -d 'Say whether a key or an owner may do something, and which rule decides'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and not __fish_seen_subcommand_from mint list show verify rotate revoke suspend resume edit scope can owner role audit store config completions man help" -f -a "owner" -d 'Keep the principals that keys act for'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and not __fish_seen_subcommand_from mint list show verify rotate revoke suspend resume edit scope can owner role audit store config completions man help" -f -a "role" -d 'Name sets of scopes that many keys share'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and not __fish_seen_subcommand_from mint list show verify rotate revoke suspend resume edit scope can owner role audit store config completions man help" -f -a "audit" -d 'Read the log of all changes, and check that it is whole'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and not __fish_seen_subcommand_from mint list show verify rotate revoke suspend resume edit scope can owner role audit store config completions man help" -f -a "store" -d 'Make a store, look at it, bring it up to date, check it'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and not __fish_seen_subcommand_from mint list show verify rotate revoke suspend resume edit scope can owner role audit store config completions man help" -f -a "config" -d 'Show the settings, and the profiles of the configuration file'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and not __fish_seen_subcommand_from mint list show verify rotate revoke suspend resume edit scope can owner role audit store config completions man help" -f -a "completions" -d 'Print a completion script for a shell'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and not __fish_seen_subcommand_from mint list show verify rotate revoke suspend resume edit scope can owner role audit store config completions man help" -f -a "man" -d 'Print the manual page of a command'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and not __fish_seen_subcommand_from mint list show verify rotate revoke suspend resume edit scope can owner role audit store config completions man help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and __fish_seen_subcommand_from scope" -f -a "list" -d 'List the scopes of a key, and where each comes from'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and __fish_seen_subcommand_from scope" -f -a "add" -d 'Give a key more scopes'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and __fish_seen_subcommand_from scope" -f -a "remove" -d 'Take scopes from a key'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and __fish_seen_subcommand_from scope" -f -a "set" -d 'Give a key these scopes in place of those it was given itself'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and __fish_seen_subcommand_from owner" -f -a "add" -d 'Make an owner without keys'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and __fish_seen_subcommand_from owner" -f -a "list" -d 'List owners'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and __fish_seen_subcommand_from owner" -f -a "show" -d 'Show one owner'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and __fish_seen_subcommand_from owner" -f -a "disable" -d 'Stop all keys of an owner at once'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and __fish_seen_subcommand_from owner" -f -a "enable" -d 'Bring all keys of an owner back'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and __fish_seen_subcommand_from owner" -f -a "delete" -d 'Take an owner off the list'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and __fish_seen_subcommand_from role" -f -a "set" -d 'Make a role, or give it other scopes'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and __fish_seen_subcommand_from role" -f -a "list" -d 'List roles'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and __fish_seen_subcommand_from role" -f -a "show" -d 'Show one role'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and __fish_seen_subcommand_from role" -f -a "delete" -d 'Delete a role'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and __fish_seen_subcommand_from audit" -f -a "list" -d 'List the records, oldest first'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and __fish_seen_subcommand_from audit" -f -a "verify" -d 'Check that no record is missing or altered'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and __fish_seen_subcommand_from store" -f -a "init" -d 'Create a store'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and __fish_seen_subcommand_from store" -f -a "status" -d 'Show what the store is and holds'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and __fish_seen_subcommand_from store" -f -a "migrate" -d 'Bring an older store\'s schema up to date'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and __fish_seen_subcommand_from store" -f -a "check" -d 'Recompute and compare everything that can be'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "show" -d 'Show the settings in force'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "profiles" -d 'List the profiles of the configuration file'


use builtin;
use str;

set edit:completion:arg-completer[keyctl] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'keyctl'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'keyctl'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand mint 'Make a new key and print its token, once'
            cand create 'Make a new key and print its token, once'
            cand list 'List keys'
            cand ls 'List keys'
            cand show 'Show keys'
            cand verify 'Verify a token, read from standard input'
            cand rotate 'Give a key a new token'
            cand revoke 'Revoke keys'
            cand suspend 'Stop keys for a while'
            cand resume 'Let suspended keys work again'
            cand edit 'Change a live key'
            cand scope 'See and change what a key may do'
            cand can 'Say whether a key or an owner may do something, and which rule decides'
            cand usage 'Show what keys were used for'
            cand expiring 'List what ends soon, the first end first'
            cand notify 'Tell somebody of what ends soon: 14, 3 and 1 day before it, and when it ended; and of leaks and canaries that were seen'
            cand owner 'Keep the principals that keys act for'
            cand role 'Name sets of scopes that many keys share'
            cand secret 'Keep providers'' keys, sealed under a master key, and say who gets which'
            cand resolve 'Turn a client''s token, read from standard input, into the provider''s secret'
            cand exec 'Run a command with secrets in its environment'
            cand oauth 'Keep OAuth credentials, and have new tokens for them before the old ones end'
            cand lease 'Use the token of a credential for a while, in which nobody gets a new one that ends it'
            cand jwt 'Exchange a key for a short-lived token (JWT), and verify one'
            cand signing-key 'Keep the keys that sign short-lived tokens (JWTs)'
            cand trust 'Let the pipelines of a CI get short-lived tokens without a key'
            cand federation 'Get providers'' tokens for a signed identity, and store no key of theirs'
            cand invite 'Invite somebody to make keys of their own, by a link that works once'
            cand invitation 'See whom links are out for, and take links back'
            cand session 'See who is signed in to the portal, and sign them out'
            cand client 'Register programs that people may let in at the portal'
            cand master 'Keep the key that all provider secrets are sealed under'
            cand plan 'Show what a manifest would change'
            cand apply 'Make the store as a manifest declares it'
            cand dump 'Write the manifest of what is in the store'
            cand export 'Write keys out, for another store or for a list'
            cand import 'Move keys in that exist elsewhere'
            cand audit 'Read the log of all changes, and check that it is whole'
            cand store 'Make a store, look at it, bring it up to date, check it, back it up, copy it, move it'
            cand policy 'Set what the store asks of every key that is made or changed'
            cand leaks 'Find tokens that stand where they should not, and stop them'
            cand doctor 'Look for everything that can be wrong here, and say what to do about each'
            cand serve 'Answer gateways and servers over HTTP: who is this, and may it?'
            cand portal 'Serve the pages where people get their own keys'
            cand config 'Show the settings, and the profiles of the configuration file'
            cand conformance 'Prove that another program agrees with keyctl''s formats'
            cand completions 'Print a completion script for a shell'
            cand man 'Print the manual page of a command'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'keyctl;mint'= {
            cand --name 'What the key is called [default: default, else a random name]'
            cand --subject 'As whom services know the owner, as in auth0|5f7c [default: what it has; of a new one its name]'
            cand --scope 'What it may do: memories, memories:read, files:*; repeat it or separate by commas'
            cand --role 'A role whose scopes it gets, too; repeat it for more'
            cand --parent 'Make it a child of this key: it may do what its parent may, too, and dies with it'
            cand --expires 'When it ends: a duration (30d, 6mo), a day (2027-01-31, its end in UTC), a time (2027-01-31T12:00:00Z) or never [default: 90d]'
            cand --not-before 'When it begins, as in 2027-01-31T12:00:00Z'
            cand --prefix 'What its token starts with, as in acme or k2 [default: sks]'
            cand --rate 'How often it may be used, as in 600/m'
            cand --quota 'How often it may be used in all, as in 10000/day'
            cand --allow-ip 'From which addresses or networks, as in 10.0.0.0/8'
            cand --label 'Something to find it by, as in team=search'
            cand --out-file 'Write the token into this new file (mode 0600) instead'
            cand --claim-ttl 'With --claim: how long the link works, at most 30d [default: 1d]'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --allow-all 'Let the scope * stand, which allows everything'
            cand --allow-jwt 'Issue short-lived tokens for it although it has --allow-ip, --rate or --quota, which services that verify those by themselves cannot hold'
            cand --if-absent 'If an equal key is there already, do nothing and print nothing'
            cand --claim 'Print a link in place of the token, which is made when somebody opens it: so nobody else sees it'
            cand --canary 'Make a key that is there to be found: every service refuses it as one that was revoked, and keyctl serve and the intake of leaks sound an alarm where it appears'
            cand --dry-run 'Try everything, change nothing, print no token'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;create'= {
            cand --name 'What the key is called [default: default, else a random name]'
            cand --subject 'As whom services know the owner, as in auth0|5f7c [default: what it has; of a new one its name]'
            cand --scope 'What it may do: memories, memories:read, files:*; repeat it or separate by commas'
            cand --role 'A role whose scopes it gets, too; repeat it for more'
            cand --parent 'Make it a child of this key: it may do what its parent may, too, and dies with it'
            cand --expires 'When it ends: a duration (30d, 6mo), a day (2027-01-31, its end in UTC), a time (2027-01-31T12:00:00Z) or never [default: 90d]'
            cand --not-before 'When it begins, as in 2027-01-31T12:00:00Z'
            cand --prefix 'What its token starts with, as in acme or k2 [default: sks]'
            cand --rate 'How often it may be used, as in 600/m'
            cand --quota 'How often it may be used in all, as in 10000/day'
            cand --allow-ip 'From which addresses or networks, as in 10.0.0.0/8'
            cand --label 'Something to find it by, as in team=search'
            cand --out-file 'Write the token into this new file (mode 0600) instead'
            cand --claim-ttl 'With --claim: how long the link works, at most 30d [default: 1d]'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --allow-all 'Let the scope * stand, which allows everything'
            cand --allow-jwt 'Issue short-lived tokens for it although it has --allow-ip, --rate or --quota, which services that verify those by themselves cannot hold'
            cand --if-absent 'If an equal key is there already, do nothing and print nothing'
            cand --claim 'Print a link in place of the token, which is made when somebody opens it: so nobody else sees it'
            cand --canary 'Make a key that is there to be found: every service refuses it as one that was revoked, and keyctl serve and the intake of leaks sound an alarm where it appears'
            cand --dry-run 'Try everything, change nothing, print no token'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;list'= {
            cand --owner 'The same'
            cand --role 'Only keys with this role'
            cand --scope 'Only keys that a verification would let do this, from a fitting address: they work now, and their scopes, their roles and their parent allow it; with --all or --state also keys that do not work now; repeat it or separate by commas for keys that may do all of it'
            cand --state 'Only keys in this state; repeat it or separate by commas for more'
            cand --label 'Only keys with this label: name=value, or name for any value'
            cand --expiring 'Only keys that work now and end within this time, as in 14d'
            cand --unused 'Only keys that keyctl serve has not seen for this time, as in 90d; services that read the store themselves say nothing of it'
            cand --sort 'In which order'
            cand --limit 'At most so many; 0 for all'
            cand --cursor 'Only those behind this key: the last one of the page before'
            cand --columns 'Which columns, in this order, separated by commas, as in key,state,labels; where they do not fit side by side, each stands on a line of its own'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand -a 'Revoked keys, too'
            cand --all 'Revoked keys, too'
            cand --canaries 'Only canaries, which mint --canary made: every service refuses them as revoked keys'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;ls'= {
            cand --owner 'The same'
            cand --role 'Only keys with this role'
            cand --scope 'Only keys that a verification would let do this, from a fitting address: they work now, and their scopes, their roles and their parent allow it; with --all or --state also keys that do not work now; repeat it or separate by commas for keys that may do all of it'
            cand --state 'Only keys in this state; repeat it or separate by commas for more'
            cand --label 'Only keys with this label: name=value, or name for any value'
            cand --expiring 'Only keys that work now and end within this time, as in 14d'
            cand --unused 'Only keys that keyctl serve has not seen for this time, as in 90d; services that read the store themselves say nothing of it'
            cand --sort 'In which order'
            cand --limit 'At most so many; 0 for all'
            cand --cursor 'Only those behind this key: the last one of the page before'
            cand --columns 'Which columns, in this order, separated by commas, as in key,state,labels; where they do not fit side by side, each stands on a line of its own'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand -a 'Revoked keys, too'
            cand --all 'Revoked keys, too'
            cand --canaries 'Only canaries, which mint --canary made: every service refuses them as revoked keys'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;show'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --skip-unknown 'Go on without the names and lines that name no key, and say which these are'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;verify'= {
            cand --scope 'The permission that is needed'
            cand --owner 'Whose data is touched: an owner''s subject, which is its name unless one was set'
            cand --ip 'The client''s address, where it is known for sure'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;rotate'= {
            cand --owner 'All live keys of this owner'
            cand --label 'All live keys with this label: name=value, or name for any value'
            cand --created-after 'All live keys made at this time or later, as in 2027-01-31T12:00:00Z'
            cand --older-than 'Only those of many whose token was made this long ago, as in 60d: what is interrupted is finished by the same command'
            cand --if-expiring 'Only what ends within this time, as in 14d, and has no old token in its grace, or with --grace 0: it is renewed, for as long as it was given last; of what ends later nothing is changed'
            cand --out-dir 'Write the tokens of many into this folder, one file (mode 0600) for each key: OWNER/NAME'
            cand --grace 'How long the old token keeps working, 0 to 30d [default: 24h]'
            cand --expires 'When the key ends from now on: a duration, a day (its end in UTC), a time or never'
            cand --prefix 'What the new token starts with [default: as the old one]'
            cand --out-file 'Write the token into this file (mode 0600) instead, in place of a token that it holds'
            cand --finish-when-unused 'Make no token, but end the old one of a rotation before its grace ends, if it was not used for this time, as in 24h; else say when and from where it was'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --all 'All live keys, in place of one; several together are rotated, with a question before'
            cand --overwrite 'Replace the file also if it holds something else than a token'
            cand --serve-only 'Your word that keyctl serve alone reads the store: what other services accept is written down by nobody'
            cand --dry-run 'Try everything, change nothing, print no token'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;revoke'= {
            cand --owner 'All live keys of this owner'
            cand --label 'All live keys with this label: name=value, or name for any value'
            cand --created-after 'All live keys made at this time or later, as in 2027-01-31T12:00:00Z'
            cand --reason 'Why, kept with the key and in the audit log'
            cand --wait 'Return when it is in force everywhere, 5 seconds after the change, and say what may still be accepted where; --wait=serve returns as soon as each running keyctl serve answers by it, of which the audit log gets a receipt'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --skip-unknown 'Go on without the names and lines that name no key, and say which these are'
            cand --if-exists 'Succeed also where there is no such key: nothing is to be revoked then'
            cand --keep-made 'Leave the keys that somebody made in the portal who had signed in with one of these, or was invited with it'
            cand --dry-run 'Try everything, change nothing'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;suspend'= {
            cand --owner 'All live keys of this owner'
            cand --label 'All live keys with this label: name=value, or name for any value'
            cand --created-after 'All live keys made at this time or later, as in 2027-01-31T12:00:00Z'
            cand --reason 'Why, kept in the audit log'
            cand --for 'For how long, as in 1h; by itself, they work again then [default: until keyctl resume]'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --skip-unknown 'Go on without the names and lines that name no key, and say which these are'
            cand --dry-run 'Try everything, change nothing'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;resume'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --skip-unknown 'Go on without the names and lines that name no key, and say which these are'
            cand --dry-run 'Try everything, change nothing'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;edit'= {
            cand --name 'Another name'
            cand --expires 'When it ends: a duration from now, a day (its end in UTC), a time or never'
            cand --not-before 'When it begins, as in 2027-01-31T12:00:00Z, or none for at once'
            cand --rate 'How often it may be used, as in 600/m, or none'
            cand --quota 'How often it may be used in all, as in 10000/day, or none'
            cand --allow-ip 'From which addresses or networks, in place of those it has, or any'
            cand --label 'A label to set (name=value) or to take away (name-)'
            cand --role 'Its roles, in place of those it has, or none'
            cand --note 'A note for people: one line without a secret, which keyctl show prints; empty for none'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --allow-jwt 'Issue short-lived tokens for it in spite of its networks, rate or quota'
            cand --no-allow-jwt 'Issue none while it has networks, a rate or a quota; those that there are end at once'
            cand --dry-run 'Try everything, change nothing'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;scope'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help'
            cand --help 'Print help'
            cand list 'List the scopes of a key, and where each comes from'
            cand ls 'List the scopes of a key, and where each comes from'
            cand add 'Give a key more scopes'
            cand remove 'Take scopes from a key'
            cand rm 'Take scopes from a key'
            cand set 'Give a key these scopes in place of those it was given itself'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'keyctl;scope;list'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'keyctl;scope;ls'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'keyctl;scope;add'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --allow-all 'Let the scope * stand, which allows everything'
            cand --dry-run 'Try everything, change nothing'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'keyctl;scope;remove'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --dry-run 'Try everything, change nothing'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;scope;rm'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --dry-run 'Try everything, change nothing'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;scope;set'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --none 'No scopes at all'
            cand --allow-all 'Let the scope * stand, which allows everything'
            cand --dry-run 'Try everything, change nothing'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'keyctl;scope;help'= {
            cand list 'List the scopes of a key, and where each comes from'
            cand add 'Give a key more scopes'
            cand remove 'Take scopes from a key'
            cand set 'Give a key these scopes in place of those it was given itself'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'keyctl;scope;help;list'= {
        }
        &'keyctl;scope;help;add'= {
        }
        &'keyctl;scope;help;remove'= {
        }
        &'keyctl;scope;help;set'= {
        }
        &'keyctl;scope;help;help'= {
        }
        &'keyctl;can'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;usage'= {
            cand --owner 'The same'
            cand --role 'Only keys with this role'
            cand --scope 'Only keys that a verification would let do this, from a fitting address: they work now, and their scopes, their roles and their parent allow it; with --all or --state also keys that do not work now; repeat it or separate by commas for keys that may do all of it'
            cand --state 'Only keys in this state; repeat it or separate by commas for more'
            cand --label 'Only keys with this label: name=value, or name for any value'
            cand --expiring 'Only keys that work now and end within this time, as in 14d'
            cand --unused 'Only keys that keyctl serve has not seen for this time, as in 90d; services that read the store themselves say nothing of it'
            cand --days 'How many days, of which today in UTC is the last'
            cand --by 'By what it is summed up'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --would-deny 'What policies of keyctl serve that only observe would have denied, by policy and reason'
            cand --canaries 'Where canaries were seen, by keyctl serve and by the intake of leaks: keys that mint --canary made'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;expiring'= {
            cand --within 'What ends within this'
            cand --since 'And what ended since, as in 7d; or none [default: none, and 7d with --prometheus]'
            cand --limit 'At most so many; 0 for all'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --prometheus 'Count them instead, as a file for the textfile collector of Prometheus'' node exporter'
            cand --exit-code 'End with 10 if there is anything'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;notify'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --dry-run 'List what would be told, tell nobody'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;owner'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand add 'Make an owner without keys'
            cand list 'List owners'
            cand ls 'List owners'
            cand show 'Show one owner'
            cand set 'Give an owner another subject, or a quota'
            cand rename 'Call an owner otherwise'
            cand disable 'Stop all keys of an owner at once'
            cand enable 'Bring all keys of an owner back'
            cand delete 'Take an owner off the list'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'keyctl;owner;add'= {
            cand --subject 'As whom services know it, as in auth0|5f7c [default: its name]'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --if-absent 'If it is there already, do nothing'
            cand --dry-run 'Try everything, change nothing'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'keyctl;owner;list'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'keyctl;owner;ls'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'keyctl;owner;show'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;owner;set'= {
            cand --subject 'As whom services know it: 1 to 255 visible ASCII characters'
            cand --quota 'How often its keys may be used together, as in 10000/day, or none'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --dry-run 'Try everything, change nothing'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;owner;rename'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --dry-run 'Try everything, change nothing'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;owner;disable'= {
            cand --reason 'Why, kept in the audit log'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --dry-run 'Try everything, change nothing'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;owner;enable'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --dry-run 'Try everything, change nothing'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'keyctl;owner;delete'= {
            cand --reason 'Why, kept with the keys and in the audit log'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --revoke-keys 'Revoke its live keys, which is final'
            cand --dry-run 'Try everything, change nothing'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;owner;help'= {
            cand add 'Make an owner without keys'
            cand list 'List owners'
            cand show 'Show one owner'
            cand set 'Give an owner another subject, or a quota'
            cand rename 'Call an owner otherwise'
            cand disable 'Stop all keys of an owner at once'
            cand enable 'Bring all keys of an owner back'
            cand delete 'Take an owner off the list'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'keyctl;owner;help;add'= {
        }
        &'keyctl;owner;help;list'= {
        }
        &'keyctl;owner;help;show'= {
        }
        &'keyctl;owner;help;set'= {
        }
        &'keyctl;owner;help;rename'= {
        }
        &'keyctl;owner;help;disable'= {
        }
        &'keyctl;owner;help;enable'= {
        }
        &'keyctl;owner;help;delete'= {
        }
        &'keyctl;owner;help;help'= {
        }
        &'keyctl;role'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help'
            cand --help 'Print help'
            cand set 'Make a role, or give it other scopes'
            cand list 'List roles'
            cand ls 'List roles'
            cand show 'Show one role'
            cand delete 'Delete a role'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'keyctl;role;set'= {
            cand --scope 'What its keys may do: memories, memories:read, files:*; repeat it or separate by commas'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --allow-all 'Let the scope * stand, which allows everything'
            cand --dry-run 'Try everything, change nothing'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;role;list'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'keyctl;role;ls'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'keyctl;role;show'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;role;delete'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --from-keys 'Take it from the keys that have it'
            cand --dry-run 'Try everything, change nothing'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;role;help'= {
            cand set 'Make a role, or give it other scopes'
            cand list 'List roles'
            cand show 'Show one role'
            cand delete 'Delete a role'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'keyctl;role;help;set'= {
        }
        &'keyctl;role;help;list'= {
        }
        &'keyctl;role;help;show'= {
        }
        &'keyctl;role;help;delete'= {
        }
        &'keyctl;role;help;help'= {
        }
        &'keyctl;secret'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand set 'Keep a provider''s key, or give the one of this name a new value'
            cand rotate 'Give a secret a new value'
            cand list 'List secrets, without their values'
            cand ls 'List secrets, without their values'
            cand show 'Show one secret: its versions and who uses it, without its value'
            cand get 'Print a secret''s value'
            cand rollback 'Hand out an earlier version again, or bring a deleted secret back'
            cand delete 'Take a secret off the list, or wipe it'
            cand bind 'Say who gets a secret'
            cand unbind 'Take a secret from those who are bound to it'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'keyctl;secret;set'= {
            cand --file 'Read the value from this file instead of standard input'
            cand --command 'Run this command with sh and take what it prints'
            cand --federation 'Keep no value: whoever asks gets a token by this federation'
            cand --subject 'Whom the federation''s assertions are about, with {store}, {secret} and, between : or /, {owner} [default: keyctl:{store}:{secret}]'
            cand --expires 'When the value ends at the provider: a duration, a day (its end in UTC), a time or never [default: never]'
            cand --label 'A label, name=value, or name- to take it away; may be repeated'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --multiline 'The value has several lines, as a PEM or JSON file'
            cand --any-text 'Take a value that looks wrong: with letters outside ASCII, in quotes, NAME=value, behind Bearer'
            cand --dry-run 'Try everything, change nothing'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;secret;rotate'= {
            cand --file 'Read the value from this file instead of standard input'
            cand --command 'Run this command with sh and take what it prints'
            cand --expires 'When the value ends at the provider: a duration, a day (its end in UTC), a time or never [default: never]'
            cand --label 'A label, name=value, or name- to take it away; may be repeated'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --multiline 'The value has several lines, as a PEM or JSON file'
            cand --any-text 'Take a value that looks wrong: with letters outside ASCII, in quotes, NAME=value, behind Bearer'
            cand --dry-run 'Try everything, change nothing'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;secret;list'= {
            cand --provider 'Only those for this provider'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --deleted 'Deleted ones, too'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'keyctl;secret;ls'= {
            cand --provider 'Only those for this provider'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --deleted 'Deleted ones, too'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'keyctl;secret;show'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --deleted 'Also one that was deleted'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'keyctl;secret;get'= {
            cand --version 'Another version than the current one'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --reveal 'Show it on a terminal, too'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;secret;rollback'= {
            cand --to 'The version [default: the one before the current]'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --dry-run 'Try everything, change nothing'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;secret;delete'= {
            cand --version 'Wipe this version alone, which must not be the current one'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --purge 'Wipe all its versions; of a name that is not in use, those of the secret deleted last'
            cand --unbind 'Take it from those who are bound to it'
            cand --dry-run 'Try everything, change nothing'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;secret;bind'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --default 'Everybody who has no nearer binding'
            cand --dry-run 'Try everything, change nothing'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;secret;unbind'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --default 'Everybody who has no nearer binding'
            cand --dry-run 'Try everything, change nothing'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;secret;help'= {
            cand set 'Keep a provider''s key, or give the one of this name a new value'
            cand rotate 'Give a secret a new value'
            cand list 'List secrets, without their values'
            cand show 'Show one secret: its versions and who uses it, without its value'
            cand get 'Print a secret''s value'
            cand rollback 'Hand out an earlier version again, or bring a deleted secret back'
            cand delete 'Take a secret off the list, or wipe it'
            cand bind 'Say who gets a secret'
            cand unbind 'Take a secret from those who are bound to it'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'keyctl;secret;help;set'= {
        }
        &'keyctl;secret;help;rotate'= {
        }
        &'keyctl;secret;help;list'= {
        }
        &'keyctl;secret;help;show'= {
        }
        &'keyctl;secret;help;get'= {
        }
        &'keyctl;secret;help;rollback'= {
        }
        &'keyctl;secret;help;delete'= {
        }
        &'keyctl;secret;help;bind'= {
        }
        &'keyctl;secret;help;unbind'= {
        }
        &'keyctl;secret;help;help'= {
        }
        &'keyctl;resolve'= {
            cand --provider 'Whom the secret is for'
            cand --scope 'The permission that is needed'
            cand --owner 'Whose data is touched: an owner''s subject, which is its name unless one was set'
            cand --ip 'The client''s address, where it is known for sure'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --reveal 'Show the secret on a terminal, too'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;exec'= {
            cand --only 'Only the key''s or owner''s secrets for this provider; repeatable, or with commas between'
            cand --oauth 'The token of this OAuth credential, too; repeatable'
            cand --env 'The variable for a provider''s secret, instead of the usual one; repeatable'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --no-mask 'Mask nothing: the command takes the place of keyctl'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;oauth'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand add 'Keep a credential whose tokens you have'
            cand login 'Sign in at a provider, and keep the credential'
            cand list 'List OAuth credentials: when they end, and what went wrong with them'
            cand ls 'List OAuth credentials: when they end, and what went wrong with them'
            cand show 'Show one credential, without its tokens'
            cand refresh 'Get a new token for a credential'
            cand replace 'Give a credential new tokens, after a new sign-in'
            cand watch 'Get new tokens for all credentials that are in use, before they end'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'keyctl;oauth;add'= {
            cand --provider 'Whose tokens they are'
            cand --token-endpoint 'Where new tokens are to be had'
            cand --client-id 'The client that the tokens were given to'
            cand --client-auth 'How the client proves itself: none, client_secret_basic, client_secret_post or private_key_jwt'
            cand --issuer 'What the provider calls itself, as assertions of private_key_jwt name it [default: the token endpoint]'
            cand --client-key-id 'The id of the client''s key, where the provider asks for one'
            cand --account 'Whose credential it is at the provider: those of one client and account may end together'
            cand --scope 'What the tokens may do, where their JSON does not say it; may be repeated'
            cand --file 'Read the JSON object from this file instead of standard input'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --refresh-invalidates 'A new token ends the one before, so that nobody may be using it'
            cand --dry-run 'Try everything, change nothing'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;oauth;login'= {
            cand --provider 'Whose tokens they are'
            cand --issuer 'Who says where its endpoints are, and in whose name it answers'
            cand --authorization-endpoint 'Where somebody signs in'
            cand --token-endpoint 'Where tokens are to be had'
            cand --device-endpoint 'Where a code for another device is to be had'
            cand --client-id 'The client that the tokens are for'
            cand --client-auth 'How the client proves itself: none, client_secret_basic, client_secret_post or private_key_jwt'
            cand --client-key-id 'The id of the client''s key, where the provider asks for one'
            cand --account 'Whose credential it is at the provider: those of one client and account may end together'
            cand --scope 'What the tokens shall be able to do; may be repeated [default with --replace: what the old ones can]'
            cand --parameter 'What else the provider is told with the address, as access_type=offline; may be repeated'
            cand --file 'Read the JSON object from this file instead of standard input'
            cand --wait 'How long somebody is waited for [default: 5m; with --device as long as the code lives]'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --refresh-invalidates 'A new token ends the one before, so that nobody may be using it'
            cand --device 'Sign in on another device, by a code'
            cand --open 'Show the address in a browser: by $BROWSER, else xdg-open'
            cand --replace 'Give a credential that is there new tokens'
            cand --allow-narrower 'The new tokens may do less than the old ones, and may have no refresh token'
            cand --dry-run 'Look at everything that can be looked at, and let nobody sign in'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;oauth;list'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'keyctl;oauth;ls'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'keyctl;oauth;show'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'keyctl;oauth;refresh'= {
            cand --min-valid 'How long it must still live to be left as it is'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --force 'Also if the token that is there lives on'
            cand --allow-narrower 'Take a token that may do less than the one before'
            cand --dry-run 'Say whether the provider would be asked, and do not ask it'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;oauth;replace'= {
            cand --scope 'What the tokens may do, where their JSON does not say it; may be repeated'
            cand --file 'Read the JSON object from this file instead of standard input'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --allow-narrower 'The new tokens may do less than the old ones, and may have no refresh token'
            cand --dry-run 'Try everything, change nothing'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;oauth;watch'= {
            cand --min-valid 'How long a token must still live to be left as it is'
            cand --every 'How often to look'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --once 'Look once and end: with exit code 8 where a token could not be had'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;oauth;help'= {
            cand add 'Keep a credential whose tokens you have'
            cand login 'Sign in at a provider, and keep the credential'
            cand list 'List OAuth credentials: when they end, and what went wrong with them'
            cand show 'Show one credential, without its tokens'
            cand refresh 'Get a new token for a credential'
            cand replace 'Give a credential new tokens, after a new sign-in'
            cand watch 'Get new tokens for all credentials that are in use, before they end'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'keyctl;oauth;help;add'= {
        }
        &'keyctl;oauth;help;login'= {
        }
        &'keyctl;oauth;help;list'= {
        }
        &'keyctl;oauth;help;show'= {
        }
        &'keyctl;oauth;help;refresh'= {
        }
        &'keyctl;oauth;help;replace'= {
        }
        &'keyctl;oauth;help;watch'= {
        }
        &'keyctl;oauth;help;help'= {
        }
        &'keyctl;lease'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand acquire 'Take a lease: print the token, and what the lease is given up with'
            cand renew 'Hold a lease for longer: its holder token is read from standard input'
            cand release 'Give a lease up: its holder token is read from standard input'
            cand list 'List the leases that are held'
            cand ls 'List the leases that are held'
            cand break 'Take a lease from its holder'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'keyctl;lease;acquire'= {
            cand --for 'How long it is held unless it is renewed'
            cand --wait 'How long others are waited for'
            cand --min-valid 'How long a token must still live; half of its life is enough'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;lease;renew'= {
            cand --for 'How long from now on'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;lease;release'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;lease;list'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'keyctl;lease;ls'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'keyctl;lease;break'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --dry-run 'Try everything, change nothing'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;lease;help'= {
            cand acquire 'Take a lease: print the token, and what the lease is given up with'
            cand renew 'Hold a lease for longer: its holder token is read from standard input'
            cand release 'Give a lease up: its holder token is read from standard input'
            cand list 'List the leases that are held'
            cand break 'Take a lease from its holder'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'keyctl;lease;help;acquire'= {
        }
        &'keyctl;lease;help;renew'= {
        }
        &'keyctl;lease;help;release'= {
        }
        &'keyctl;lease;help;list'= {
        }
        &'keyctl;lease;help;break'= {
        }
        &'keyctl;lease;help;help'= {
        }
        &'keyctl;jwt'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help'
            cand --help 'Print help'
            cand issue 'Print a short-lived token for a key, whose own token is read from standard input'
            cand verify 'Verify a short-lived token, read from standard input'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'keyctl;jwt;issue'= {
            cand --scope 'What it may do, at most what the key may [default: all of that]'
            cand --audience 'For whom it is: the issuer, or one of the store''s audiences; repeat it for several [default: the issuer]'
            cand --ttl 'How long it lives, at most 1h [default: 5m]'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;jwt;verify'= {
            cand --audience 'For whom it must be [default: the issuer]'
            cand --scope 'The permission that is needed'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;jwt;help'= {
            cand issue 'Print a short-lived token for a key, whose own token is read from standard input'
            cand verify 'Verify a short-lived token, read from standard input'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'keyctl;jwt;help;issue'= {
        }
        &'keyctl;jwt;help;verify'= {
        }
        &'keyctl;jwt;help;help'= {
        }
        &'keyctl;signing-key'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand list 'List the signing keys, the oldest first'
            cand ls 'List the signing keys, the oldest first'
            cand rotate 'Let the next key sign, and publish another'
            cand revoke 'Take a signing key out at once, and all tokens that it signed'
            cand jwks 'Print the public keys as verifiers want them: a JWK Set (RFC 7517)'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'keyctl;signing-key;list'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;signing-key;ls'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;signing-key;rotate'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --dry-run 'Try everything, change nothing'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;signing-key;revoke'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --dry-run 'Try everything, change nothing'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;signing-key;jwks'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;signing-key;help'= {
            cand list 'List the signing keys, the oldest first'
            cand rotate 'Let the next key sign, and publish another'
            cand revoke 'Take a signing key out at once, and all tokens that it signed'
            cand jwks 'Print the public keys as verifiers want them: a JWK Set (RFC 7517)'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'keyctl;signing-key;help;list'= {
        }
        &'keyctl;signing-key;help;rotate'= {
        }
        &'keyctl;signing-key;help;revoke'= {
        }
        &'keyctl;signing-key;help;jwks'= {
        }
        &'keyctl;signing-key;help;help'= {
        }
        &'keyctl;trust'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand add 'Trust what a CI says of its jobs'
            cand list 'List the trusts'
            cand ls 'List the trusts'
            cand show 'Show one trust'
            cand delete 'Delete a trust, and revoke its key'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'keyctl;trust;add'= {
            cand --issuer 'Whose tokens are taken, as they say it themselves: https, or http on a loopback address'
            cand --audience 'Whom such a token must be for; the job asks its CI for one that is'
            cand --claim 'What it must say, as in project_id=123; repeat it for more'
            cand --owner 'Who the jobs act for; made if new'
            cand --scope 'What they may do: deploy, files:*; repeat it or separate by commas'
            cand --role 'A role whose scopes they get, too; repeat it for more'
            cand --ttl 'How long a token lives that a job gets, at most 1h [default: 10m]'
            cand --jwks 'The issuer''s public keys in this file, a JWK Set, or - for standard input [default: fetched from the issuer]'
            cand --expires 'When the trust ends: a duration (30d, 6mo), a day (2027-01-31, its end in UTC), a time (2027-01-31T12:00:00Z) or never [default: 90d]'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --any-ref 'Let any branch or tag do, and a name that can be registered anew for an id'
            cand --allow-all 'Let the scope * stand, which allows everything'
            cand --dry-run 'Try everything, change nothing'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;trust;list'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'keyctl;trust;ls'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'keyctl;trust;show'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'keyctl;trust;delete'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --dry-run 'Try everything, change nothing'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;trust;help'= {
            cand add 'Trust what a CI says of its jobs'
            cand list 'List the trusts'
            cand show 'Show one trust'
            cand delete 'Delete a trust, and revoke its key'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'keyctl;trust;help;add'= {
        }
        &'keyctl;trust;help;list'= {
        }
        &'keyctl;trust;help;show'= {
        }
        &'keyctl;trust;help;delete'= {
        }
        &'keyctl;trust;help;help'= {
        }
        &'keyctl;federation'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand add 'Agree with a provider that a signed identity takes the place of a key'
            cand list 'List federations'
            cand ls 'List federations'
            cand show 'Show one federation, its keys and the secrets that are got by it'
            cand export 'Print the document that the provider is given'
            cand activate 'Let the next key of a federation sign'
            cand rotate 'Make the next key of a federation'
            cand delete 'Delete a federation and its keys'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'keyctl;federation;add'= {
            cand --kind 'What the provider takes: rfc8693, rfc7523, anthropic or openai'
            cand --issuer 'Whom assertions are from: a URL of yours, which the provider is told, and not that of short-lived tokens'
            cand --token-endpoint 'Where tokens are asked for [default: that of the kind, if it has one]'
            cand --audience 'Whom assertions are for, as the provider knows itself [default: that of the kind, if it has one]'
            cand --typ 'What an assertion says that it is, never at+jwt [default: JWT]'
            cand --present 'How the provider is presented its tokens: bearer or x-api-key [default: bearer]'
            cand --parameter 'What every request says besides, as the ids that the provider shows; repeatable'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --dry-run 'Try everything, change nothing'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;federation;list'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'keyctl;federation;ls'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'keyctl;federation;show'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'keyctl;federation;export'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;federation;activate'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --uploaded 'The provider has what keyctl federation export prints'
            cand --dry-run 'Try everything, change nothing'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;federation;rotate'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --dry-run 'Try everything, change nothing'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;federation;delete'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --dry-run 'Try everything, change nothing'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;federation;help'= {
            cand add 'Agree with a provider that a signed identity takes the place of a key'
            cand list 'List federations'
            cand show 'Show one federation, its keys and the secrets that are got by it'
            cand export 'Print the document that the provider is given'
            cand activate 'Let the next key of a federation sign'
            cand rotate 'Make the next key of a federation'
            cand delete 'Delete a federation and its keys'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'keyctl;federation;help;add'= {
        }
        &'keyctl;federation;help;list'= {
        }
        &'keyctl;federation;help;show'= {
        }
        &'keyctl;federation;help;export'= {
        }
        &'keyctl;federation;help;activate'= {
        }
        &'keyctl;federation;help;rotate'= {
        }
        &'keyctl;federation;help;delete'= {
        }
        &'keyctl;federation;help;help'= {
        }
        &'keyctl;invite'= {
            cand --scope 'What keys made with it may do at most: memories, files:*; repeat it or separate by commas'
            cand --subject 'As whom services know the owner, as in auth0|5f7c [default: what it has; of a new one its name]'
            cand --ttl 'How long the link works, at most 30d [default: 1d]'
            cand --expires 'How long keys made with it may live [default: as long as the store allows]'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --allow-all 'Let the scope * stand, which allows everything'
            cand --dry-run 'Try everything, change nothing, print no link'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;invitation'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand list 'List the invitations whose links work, newest first'
            cand ls 'List the invitations whose links work, newest first'
            cand revoke 'Take an invitation back'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'keyctl;invitation;list'= {
            cand --owner 'Those of this owner'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --all 'Also those that were redeemed, expired or taken back'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'keyctl;invitation;ls'= {
            cand --owner 'Those of this owner'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --all 'Also those that were redeemed, expired or taken back'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'keyctl;invitation;revoke'= {
            cand --reason 'Why, kept in the audit log'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --dry-run 'Try everything, change nothing'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;invitation;help'= {
            cand list 'List the invitations whose links work, newest first'
            cand revoke 'Take an invitation back'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'keyctl;invitation;help;list'= {
        }
        &'keyctl;invitation;help;revoke'= {
        }
        &'keyctl;invitation;help;help'= {
        }
        &'keyctl;session'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand list 'List the sessions that last, newest first'
            cand ls 'List the sessions that last, newest first'
            cand end 'End a session, or all of an owner'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'keyctl;session;list'= {
            cand --owner 'Those of this owner'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --all 'Also those that are over'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'keyctl;session;ls'= {
            cand --owner 'Those of this owner'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --all 'Also those that are over'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'keyctl;session;end'= {
            cand --owner 'All sessions of this owner'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --dry-run 'Try everything, change nothing'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;session;help'= {
            cand list 'List the sessions that last, newest first'
            cand end 'End a session, or all of an owner'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'keyctl;session;help;list'= {
        }
        &'keyctl;session;help;end'= {
        }
        &'keyctl;session;help;help'= {
        }
        &'keyctl;client'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand add 'Register a program, which gets a client id'
            cand list 'List the programs that are registered, the oldest first'
            cand ls 'List the programs that are registered, the oldest first'
            cand delete 'Delete a program, and end all that people let it do'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'keyctl;client;add'= {
            cand --redirect-uri 'Where browsers may be sent back to: https, or http on this machine; repeat it for several'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --device 'Let it show codes, as programs without a browser do'
            cand --dry-run 'Try everything, change nothing'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;client;list'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'keyctl;client;ls'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'keyctl;client;delete'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --dry-run 'Try everything, change nothing'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;client;help'= {
            cand add 'Register a program, which gets a client id'
            cand list 'List the programs that are registered, the oldest first'
            cand delete 'Delete a program, and end all that people let it do'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'keyctl;client;help;add'= {
        }
        &'keyctl;client;help;list'= {
        }
        &'keyctl;client;help;delete'= {
        }
        &'keyctl;client;help;help'= {
        }
        &'keyctl;master'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand init 'Make a master key, and print the line that sets it'
            cand status 'Show the store''s master keys: how much each one seals, and which are loaded'
            cand check 'Open every envelope, and say which ones do not open'
            cand rotate 'Replace the master key, without a stop'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'keyctl;master;init'= {
            cand --out-file 'Write the key alone into this new file (mode 0600), for KEYCTL_MASTER_KEY_FILE'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;master;status'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;master;check'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --failing 'Only those that do not open'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;master;rotate'= {
            cand --lost 'Give up the master key with this id, which is lost'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --dry-run 'Look at everything, change nothing'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;master;help'= {
            cand init 'Make a master key, and print the line that sets it'
            cand status 'Show the store''s master keys: how much each one seals, and which are loaded'
            cand check 'Open every envelope, and say which ones do not open'
            cand rotate 'Replace the master key, without a stop'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'keyctl;master;help;init'= {
        }
        &'keyctl;master;help;status'= {
        }
        &'keyctl;master;help;check'= {
        }
        &'keyctl;master;help;rotate'= {
        }
        &'keyctl;master;help;help'= {
        }
        &'keyctl;plan'= {
            cand -f 'The manifest: a file, a folder of them, or - for standard input; repeat it for more of the same manifest'
            cand --file 'The manifest: a file, a folder of them, or - for standard input; repeat it for more of the same manifest'
            cand --select 'Only keys with this label, as in team=search or team, and nothing else of the manifest'
            cand --prune-max 'So many at most [default: 5]'
            cand --sink-root 'Below which all files of sinks are [default: the folder of the first manifest]'
            cand --out 'Write the plan into this file, for keyctl apply --plan'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --prune 'Revoke the keys that this manifest made and does not declare any more'
            cand --replace-revoked 'Make keys again that were revoked'
            cand --exit-code 'Exit with 10 if there is something to change'
            cand --schema 'Print the JSON Schema of manifests, for an editor, and do nothing else'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;apply'= {
            cand -f 'The manifest: a file, a folder of them, or - for standard input; repeat it for more of the same manifest'
            cand --file 'The manifest: a file, a folder of them, or - for standard input; repeat it for more of the same manifest'
            cand --select 'Only keys with this label, as in team=search or team, and nothing else of the manifest'
            cand --prune-max 'So many at most [default: 5]'
            cand --sink-root 'Below which all files of sinks are [default: the folder of the first manifest]'
            cand --plan 'Carry out this plan of keyctl plan --out: just that, or nothing if what it read has changed'
            cand --wait 'How long to wait while somebody else applies the same manifest, as in 10m'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --prune 'Revoke the keys that this manifest made and does not declare any more'
            cand --replace-revoked 'Make keys again that were revoked'
            cand --dry-run 'Try everything, change nothing, deliver nothing'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;dump'= {
            cand --name 'What the manifest is called'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;export'= {
            cand --role 'Only keys with this role'
            cand --scope 'Only keys that a verification would let do this, from a fitting address: they work now, and their scopes, their roles and their parent allow it; with --all or --state also keys that do not work now; repeat it or separate by commas for keys that may do all of it'
            cand --state 'Only keys in this state; repeat it or separate by commas for more'
            cand --label 'Only keys with this label: name=value, or name for any value'
            cand --expiring 'Only keys that work now and end within this time, as in 14d'
            cand --unused 'Only keys that keyctl serve has not seen for this time, as in 90d; services that read the store themselves say nothing of it'
            cand --out-file 'Write into this new file (mode 0600) instead; it appears complete or not at all'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --with-hashes 'The hashes of their tokens, too'
            cand -a 'Revoked keys, too'
            cand --all 'Revoked keys, too'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;import'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help'
            cand --help 'Print help'
            cand mem0 'Keep the keys working that stand in an .env file as API_KEYS'
            cand csv 'Import keys as SHA-256 hashes of their tokens, from CSV'
            cand jsonl 'Import keys as SHA-256 hashes of their tokens, from JSON lines'
            cand apollo 'Take over the clients of an OpenFn Apollo in the store''s own database'
            cand litellm 'Keep the keys of a LiteLLM proxy working'
            cand better-auth 'Keep the keys working that the API-key plugin of better-auth issued'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'keyctl;import;mem0'= {
            cand --scope 'What the keys may do: memories, memories:read, files:*; repeat it or separate by commas'
            cand --role 'A role whose scopes they get, too; repeat it for more'
            cand --label 'Something to find them by, as in source=mem0'
            cand --expires 'When they end: a duration (30d), a day (its end in UTC), a time (2027-01-31T12:00:00Z) or never [default: 90d, and 30d for keys that may be guessed]'
            cand --out-file 'Write the new tokens into this new file (mode 0600) instead'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --allow-all 'Let the scope * stand, which allows everything'
            cand --owner-first 'The file names the owner first: {"owner": "KEY"}'
            cand --key-first 'The file names the key first, though owners look more like keys: ids that look random'
            cand --remint 'Give the owners new tokens instead, printed once as owner/name and token on each line'
            cand --dry-run 'Try everything, change nothing, print no token'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;import;csv'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --allow-all 'Let the scope * stand, which allows everything'
            cand --any-owner 'Take owners and subjects that look like tokens; they are kept in clear'
            cand --dry-run 'Check everything, change nothing'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;import;jsonl'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --allow-all 'Let the scope * stand, which allows everything'
            cand --any-owner 'Take owners and subjects that look like tokens; they are kept in clear'
            cand --dry-run 'Check everything, change nothing'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;import;apollo'= {
            cand --scope 'What the keys may do: chat, chat:write; repeat it or separate by commas'
            cand --expires 'When they end: a duration (30d), a time (2027-01-31T12:00:00Z) or never [default: 90d]'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --allow-all 'Let the scope * stand, which allows everything'
            cand --skip-unusable 'Leave rows out whose key for anthropic is missing or does not open; their tokens end'
            cand --any-text 'Take keys for anthropic that look wrong: with letters outside ASCII, in quotes, NAME=value'
            cand --into-existing-owners 'Let clients become owners that exist already under their names'
            cand --dry-run 'Try everything, change nothing'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;import;litellm'= {
            cand --owner 'Whose the keys become that name no user'
            cand --from 'The other program''s database: postgres://USER@HOST/DATABASE, or a SQLite file'
            cand --scope 'What all keys may do besides: chat, files:read; repeat it or separate by commas'
            cand --role 'A role whose scopes they get, too; repeat it for more'
            cand --label 'Something to find them by, as in source=litellm'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --allow-all 'Let the scope * stand, which allows everything'
            cand --skip-unusable 'Leave rows out that cannot be keys, and list them'
            cand --dry-run 'Try everything, change nothing'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;import;better-auth'= {
            cand --table 'The plugin''s table'
            cand --from 'The other program''s database: postgres://USER@HOST/DATABASE, or a SQLite file'
            cand --scope 'What all keys may do besides: chat, files:read; repeat it or separate by commas'
            cand --role 'A role whose scopes they get, too; repeat it for more'
            cand --label 'Something to find them by, as in source=litellm'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --no-limits 'Leave rates and quotas out'
            cand --allow-all 'Let the scope * stand, which allows everything'
            cand --skip-unusable 'Leave rows out that cannot be keys, and list them'
            cand --dry-run 'Try everything, change nothing'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;import;help'= {
            cand mem0 'Keep the keys working that stand in an .env file as API_KEYS'
            cand csv 'Import keys as SHA-256 hashes of their tokens, from CSV'
            cand jsonl 'Import keys as SHA-256 hashes of their tokens, from JSON lines'
            cand apollo 'Take over the clients of an OpenFn Apollo in the store''s own database'
            cand litellm 'Keep the keys of a LiteLLM proxy working'
            cand better-auth 'Keep the keys working that the API-key plugin of better-auth issued'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'keyctl;import;help;mem0'= {
        }
        &'keyctl;import;help;csv'= {
        }
        &'keyctl;import;help;jsonl'= {
        }
        &'keyctl;import;help;apollo'= {
        }
        &'keyctl;import;help;litellm'= {
        }
        &'keyctl;import;help;better-auth'= {
        }
        &'keyctl;import;help;help'= {
        }
        &'keyctl;audit'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help'
            cand --help 'Print help'
            cand list 'List the records, oldest first'
            cand verify 'Check that no record is missing or altered'
            cand checkpoint 'Print an anchor of the log, to keep elsewhere'
            cand export 'Write the records out, with all that their hashes cover'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'keyctl;audit;list'= {
            cand --since 'Not older than this: a duration (24h) or a time (2027-01-31T12:00:00Z)'
            cand --key 'About this key, also a revoked one: id, owner/name, or token prefix; - for standard input'
            cand --owner 'About this owner, also under what it was called before'
            cand --actor 'By this actor: as claimed, else the system''s user; or the database''s user'
            cand --action 'Of this action, as in mint; store means every store action'
            cand --outcome 'With this end'
            cand --limit 'Only the newest so many; 0 for all'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand -f 'Go on with each new record as it is committed'
            cand --follow 'Go on with each new record as it is committed'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;audit;verify'= {
            cand --anchor 'An anchor that the log must contain; @FILE or - for many, one a line'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;audit;checkpoint'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;audit;export'= {
            cand --since-seq 'From this record on'
            cand --since 'Not older than this: a duration (24h) or a time (2027-01-31T12:00:00Z)'
            cand --key 'About this key, also a revoked one: id, owner/name, or token prefix; - for standard input'
            cand --owner 'About this owner, also under what it was called before'
            cand --actor 'By this actor: as claimed, else the system''s user; or the database''s user'
            cand --action 'Of this action, as in mint; store means every store action'
            cand --outcome 'With this end'
            cand --out-file 'Write into this new file (mode 0600) instead; it appears complete or not at all'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;audit;help'= {
            cand list 'List the records, oldest first'
            cand verify 'Check that no record is missing or altered'
            cand checkpoint 'Print an anchor of the log, to keep elsewhere'
            cand export 'Write the records out, with all that their hashes cover'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'keyctl;audit;help;list'= {
        }
        &'keyctl;audit;help;verify'= {
        }
        &'keyctl;audit;help;checkpoint'= {
        }
        &'keyctl;audit;help;export'= {
        }
        &'keyctl;audit;help;help'= {
        }
        &'keyctl;store'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help'
            cand --help 'Print help'
            cand init 'Create a store'
            cand status 'Show what the store is and holds'
            cand migrate 'Bring an older store''s schema up to date'
            cand check 'Recompute and compare everything that can be'
            cand grant 'Let a service read the store'
            cand set 'Set what the whole store has'
            cand backup 'Write all of the store into one file, while others use it'
            cand restore 'Make the store of a backup, or put it in the place of the one that is there'
            cand copy 'Copy the store to another place, or move it there'
            cand reopen 'Take a move back: the old place is the store again'
            cand accept-rollback 'Go on with a store that lost changes'
            cand compat 'Let another program read the store in its own form'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'keyctl;store;init'= {
            cand --prefix 'What tokens start with, as in acme or k2 [default: sks]'
            cand --expires 'How long keys live where nobody says otherwise: a duration or never [default: 90d]'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --if-absent 'If there is a store already, do nothing'
            cand --dry-run 'Try everything, change nothing'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;store;status'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --count 'Count keys, owners and tokens, however many there are'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;store;migrate'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --dry-run 'Try everything, change nothing'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;store;check'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;store;grant'= {
            cand --for 'For whom it is: serve reads its own views, too, and writes what keyctl serve writes of use; issue reads the sealed key that signs short-lived tokens besides; revoke may revoke keys and nothing else; lease may get tokens of credentials and hand them out, and needs the master key for it; portal may make, renew, stop and end keys, and keeps who is signed in; portal-issue the same, and lets programs in, for which it reads the sealed key that signs; leaks may stop and end keys, and writes down what was reported'
            cand --group 'A group of this system, by its name or number, for a SQLite file'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --secrets 'Let it read bindings and sealed secrets, too'
            cand --none 'Take everything away again'
            cand --dry-run 'Try everything, change nothing'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;store;set'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand issuer 'Set where short-lived tokens say that they are from'
            cand audience 'Set whom short-lived tokens may be for, besides the issuer'
            cand portal 'Set where the portal is, at which people get keys of their own'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'keyctl;store;set;issuer'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --dry-run 'Try everything, change nothing'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;store;set;audience'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --dry-run 'Try everything, change nothing'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'keyctl;store;set;portal'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --dry-run 'Try everything, change nothing'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;store;set;help'= {
            cand issuer 'Set where short-lived tokens say that they are from'
            cand audience 'Set whom short-lived tokens may be for, besides the issuer'
            cand portal 'Set where the portal is, at which people get keys of their own'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'keyctl;store;set;help;issuer'= {
        }
        &'keyctl;store;set;help;audience'= {
        }
        &'keyctl;store;set;help;portal'= {
        }
        &'keyctl;store;set;help;help'= {
        }
        &'keyctl;store;backup'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --verify 'Read this backup to its end instead: is it whole, and what is in it'
            cand --no-encrypt 'Do not seal it: whoever reads the file has all hashes, names and envelopes'
            cand --overwrite 'Take the place of an earlier backup'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;store;restore'= {
            cand --anchor 'An anchor of the store''s log that the backup must contain; @FILE or - for many, one a line'
            cand --replay 'The audit log, as audit export or a sink wrote it: what it takes away behind the backup is taken away again'
            cand --reason 'Why, kept in the audit log'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --accept-rollback 'Go back behind a later state that is known'
            cand --replace-other 'Put it in the place of another store, which is not the one that the backup is of'
            cand --dry-run 'Try everything, change nothing'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;store;copy'= {
            cand --to 'Where to, with nothing in it: a path or the address of a PostgreSQL database, without its password'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --cut-over 'Move it: from then on the old place answers nobody'
            cand --dry-run 'Try everything, change nothing'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;store;reopen'= {
            cand --reason 'Why, kept in the audit log'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --abandon 'What was changed at the new place may be lost, or nobody can look: revocations are lost, too'
            cand --dry-run 'Try everything, change nothing'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;store;accept-rollback'= {
            cand --reason 'Why, kept in the audit log'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --seen-elsewhere 'A service or another machine saw the later state, not this one'
            cand --dry-run 'Try everything, change nothing'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;store;compat'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help'
            cand --help 'Print help'
            cand apollo 'Let OpenFn Apollo read its clients from this store, unchanged'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'keyctl;store;compat;apollo'= {
            cand --scope 'What a key must be allowed to do to be shown'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --explain 'List the keys that are not shown, each with the reason; needs no key'
            cand --new-key 'Let the APOLLO_ENC_KEY given replace the one before'
            cand --remove 'Take the view away, with the right to read it, and all that was sealed for it'
            cand --dry-run 'Try everything, change nothing'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;store;compat;help'= {
            cand apollo 'Let OpenFn Apollo read its clients from this store, unchanged'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'keyctl;store;compat;help;apollo'= {
        }
        &'keyctl;store;compat;help;help'= {
        }
        &'keyctl;store;help'= {
            cand init 'Create a store'
            cand status 'Show what the store is and holds'
            cand migrate 'Bring an older store''s schema up to date'
            cand check 'Recompute and compare everything that can be'
            cand grant 'Let a service read the store'
            cand set 'Set what the whole store has'
            cand backup 'Write all of the store into one file, while others use it'
            cand restore 'Make the store of a backup, or put it in the place of the one that is there'
            cand copy 'Copy the store to another place, or move it there'
            cand reopen 'Take a move back: the old place is the store again'
            cand accept-rollback 'Go on with a store that lost changes'
            cand compat 'Let another program read the store in its own form'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'keyctl;store;help;init'= {
        }
        &'keyctl;store;help;status'= {
        }
        &'keyctl;store;help;migrate'= {
        }
        &'keyctl;store;help;check'= {
        }
        &'keyctl;store;help;grant'= {
        }
        &'keyctl;store;help;set'= {
            cand issuer 'Set where short-lived tokens say that they are from'
            cand audience 'Set whom short-lived tokens may be for, besides the issuer'
            cand portal 'Set where the portal is, at which people get keys of their own'
        }
        &'keyctl;store;help;set;issuer'= {
        }
        &'keyctl;store;help;set;audience'= {
        }
        &'keyctl;store;help;set;portal'= {
        }
        &'keyctl;store;help;backup'= {
        }
        &'keyctl;store;help;restore'= {
        }
        &'keyctl;store;help;copy'= {
        }
        &'keyctl;store;help;reopen'= {
        }
        &'keyctl;store;help;accept-rollback'= {
        }
        &'keyctl;store;help;compat'= {
            cand apollo 'Let OpenFn Apollo read its clients from this store, unchanged'
        }
        &'keyctl;store;help;compat;apollo'= {
        }
        &'keyctl;store;help;help'= {
        }
        &'keyctl;policy'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand set 'Set rules; those that are not named stay'
            cand unset 'Take rules away'
            cand show 'Show the rules'
            cand check 'Count the keys that would be refused today'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'keyctl;policy;set'= {
            cand --max-expiry 'No key lives longer than this from when it is made or given another end, as in 365d'
            cand --max-live-keys-per-owner 'An owner has at most so many keys that are neither revoked nor expired'
            cand --prefixes 'New tokens begin with one of these, the first where nobody says which'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --require-scope 'Every key has a scope or a role'
            cand --require-expiry 'Every key ends'
            cand --dry-run 'Try everything, change nothing'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;policy;unset'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --dry-run 'Try everything, change nothing'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'keyctl;policy;show'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'keyctl;policy;check'= {
            cand --limit 'At most so many names for each rule'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --exit-code 'End with 10 if there are any'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;policy;help'= {
            cand set 'Set rules; those that are not named stay'
            cand unset 'Take rules away'
            cand show 'Show the rules'
            cand check 'Count the keys that would be refused today'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'keyctl;policy;help;set'= {
        }
        &'keyctl;policy;help;unset'= {
        }
        &'keyctl;policy;help;show'= {
        }
        &'keyctl;policy;help;check'= {
        }
        &'keyctl;policy;help;help'= {
        }
        &'keyctl;leaks'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help'
            cand --help 'Print help'
            cand scan 'Find tokens in files, archives, repositories and logs, and say whose they are'
            cand rules 'Print the rules by which another scanner finds tokens and master keys'
            cand serve 'Take reports of leaked tokens over HTTP, and stop what is reported'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'keyctl;leaks;scan'= {
            cand --weak-words 'Look the lines of this file up as imported tokens that can be guessed; at most 1,000, about 0.2 s each'
            cand --reason 'Why, kept with the key and in the audit log [default: found by keyctl leaks scan]'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --git 'The paths are repositories: search what each commit of any branch changed, and its message'
            cand --foreign 'Search for imported tokens, too: words of 16 to 512 letters, digits, _ and -, or with . + / = ~'
            cand --no-store 'Ask no store whose the tokens are'
            cand --revoke 'Revoke the keys whose tokens were found and work; of a rotation''s old token, end the grace'
            cand --suspend 'Suspend the keys whose tokens were found and work'
            cand --dry-run 'Say what would be revoked or suspended, change nothing'
            cand --sarif 'Print a SARIF 2.1.0 log, as code hosts read it'
            cand --exit-code 'End with 10 if a token was found that works, or may where no store was asked'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;leaks;rules'= {
            cand --for 'Whose rules'
            cand --prefix 'A prefix of tokens, in the place of the store''s; may be given several times'
            cand --webhook 'For trufflehog: the address that it asks whether what it found is a token'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;leaks;serve'= {
            cand --rule 'What becomes of a token that works: record, suspend or revoke, of all or of some; the first that fits. May be repeated'
            cand --github-secret-file 'Holds the secret that GitHub signs webhooks with'
            cand --github-keys 'The keys of GitHub''s partner program: the address of their list, or a file that holds it'
            cand --listen 'Where to listen: an address with a port, or unix:PATH; may be repeated [default: 127.0.0.1:8713]'
            cand --tls-cert 'Its certificate with those above it, as PEM'
            cand --tls-key 'The certificate''s private key, as PEM'
            cand --trusted-proxy 'Networks of proxies, whose X-Forwarded-For is believed; may be repeated'
            cand --log-format 'How the log is written: text or json [default: text]'
            cand --log-level 'How much is logged: error, warn, info or debug [default: info]'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --insecure-listen 'Listen beyond this machine without TLS, since something else protects it'
            cand --check 'Look whether it could serve, and serve nothing'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;leaks;help'= {
            cand scan 'Find tokens in files, archives, repositories and logs, and say whose they are'
            cand rules 'Print the rules by which another scanner finds tokens and master keys'
            cand serve 'Take reports of leaked tokens over HTTP, and stop what is reported'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'keyctl;leaks;help;scan'= {
        }
        &'keyctl;leaks;help;rules'= {
        }
        &'keyctl;leaks;help;serve'= {
        }
        &'keyctl;leaks;help;help'= {
        }
        &'keyctl;doctor'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --quick 'Leave out what takes long for a large store: the walks over all of it, and opening every envelope'
            cand --fix 'Do what is safe: take away rights to the store''s files and folder that nobody gave, make a missing index anew, move a long log into its file'
            cand --dry-run 'With --fix: say what would be done, change nothing'
            cand --all 'Name the checks that found nothing, too'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;serve'= {
            cand --config 'Its configuration file: policies, limits, TLS'
            cand --listen 'Where to listen, and for whom: ADDRESS=public|internal|all; may be repeated [default: 127.0.0.1:8711=all]'
            cand --trusted-proxy 'Networks of proxies, whose X-Forwarded-For is believed; may be repeated'
            cand --changes-store 'Let whoever holds a token revoke its key, POST /revoke, at this second address of the store'
            cand --issue-store 'Exchange keys for short-lived tokens, POST /token, with the signing key read at this address of the store'
            cand --lease-store 'Hand out tokens of credentials, got anew before they end, POST /lease and /resolve, from this address of the store'
            cand --workers 'Threads [default: one for each processor]'
            cand --log-format 'How the log is written: text or json [default: text]'
            cand --log-level 'How much is logged: error, warn, info or debug [default: info]'
            cand --explain 'Say by which policy, route and rule a request passes or not, as in ''GET /v1/memories/alice''; serves nothing'
            cand --as-key 'The key that would come with it: an id, owner/name, or a token''s prefix'
            cand --policy 'Explain this one alone, as a gateway names it: @NAME, or a scope [default: all of the configuration]'
            cand --ip 'The client''s address; without it networks are left out'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --insecure-listen 'Listen beyond this machine without TLS, since something else protects it'
            cand --observe 'Let everything pass, and only count what would be refused'
            cand --read-only 'Record nothing, and refuse keys with a quota: for a role or a file that may not be written'
            cand --check 'Look whether it could serve, and serve nothing'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;portal'= {
            cand --origin 'The address that people type: https and a host, and a port if it is not 443 [default: that of the store]'
            cand --listen 'Where to listen: an address with a port, or unix:PATH; may be repeated [default: 127.0.0.1:8712]'
            cand --tls-cert 'Its certificate with those above it, as PEM'
            cand --tls-key 'The certificate''s private key, as PEM'
            cand --trusted-proxy 'Networks of proxies, whose X-Forwarded-For is believed; may be repeated'
            cand --service-url 'Where keys are used, for the lines that show how [default: https://api.example.com]'
            cand --oidc 'People may sign in at this OpenID provider, too, if an owner has their subject: its issuer'
            cand --oidc-client-id 'The client that the portal is there; its redirect URI is that of the pages with /oidc/callback'
            cand --oidc-client-secret-file 'Holds the client''s secret; without it the client is a public one'
            cand --oidc-claim 'Which claim is an owner''s subject: sub, preferred_username, or email if it is verified [default: sub]'
            cand --oidc-role 'The role whose scopes they may give to keys that they make [default: none, so they make none]'
            cand --log-format 'How the log is written: text or json [default: text]'
            cand --log-level 'How much is logged: error, warn, info or debug [default: info]'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --insecure-listen 'Listen beyond this machine without TLS, since something else protects it'
            cand --issue 'Let programs that speak MCP in for people: sign tokens for them, as the issuer of the store'
            cand --check 'Look whether it could serve, and serve nothing'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;config'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help'
            cand --help 'Print help'
            cand show 'Show the settings in force'
            cand profiles 'List the profiles of the configuration file'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'keyctl;config;show'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --origin 'Who set each: a flag, a variable, a line of the file or nobody'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;config;profiles'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'keyctl;config;help'= {
            cand show 'Show the settings in force'
            cand profiles 'List the profiles of the configuration file'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'keyctl;config;help;show'= {
        }
        &'keyctl;config;help;profiles'= {
        }
        &'keyctl;config;help;help'= {
        }
        &'keyctl;conformance'= {
            cand --kind 'Only cases of this kind'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand print 'Print the cases with their answers'
            cand run 'Ask a program every case, and compare its answers'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'keyctl;conformance;print'= {
            cand --kind 'Only cases of this kind'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;conformance;run'= {
            cand --kind 'Only cases of this kind'
            cand --timeout 'How long one answer may take, as in 500ms'
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --allow-unsupported 'What the program cannot do is no failure'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;conformance;help'= {
            cand print 'Print the cases with their answers'
            cand run 'Ask a program every case, and compare its answers'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'keyctl;conformance;help;print'= {
        }
        &'keyctl;conformance;help;run'= {
        }
        &'keyctl;conformance;help;help'= {
        }
        &'keyctl;completions'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;man'= {
            cand --store 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE'
            cand --profile 'Profile of the configuration file: settings for what is not said here'
            cand -o 'How data is printed: a table on a terminal, plain elsewhere'
            cand --output 'How data is printed: a table on a terminal, plain elsewhere'
            cand --color 'When to use colour [default: auto]'
            cand --lock-timeout 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]'
            cand --raw 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas'
            cand -y 'Answer yes where a command asks whether you mean it'
            cand --yes 'Answer yes where a command asks whether you mean it'
            cand -q 'Print errors only'
            cand --quiet 'Print errors only'
            cand -v 'Say which configuration and store are used, and why; of an error, what led to it'
            cand --verbose 'Say which configuration and store are used, and why; of an error, what led to it'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'keyctl;help'= {
            cand mint 'Make a new key and print its token, once'
            cand list 'List keys'
            cand show 'Show keys'
            cand verify 'Verify a token, read from standard input'
            cand rotate 'Give a key a new token'
            cand revoke 'Revoke keys'
            cand suspend 'Stop keys for a while'
            cand resume 'Let suspended keys work again'
            cand edit 'Change a live key'
            cand scope 'See and change what a key may do'
            cand can 'Say whether a key or an owner may do something, and which rule decides'
            cand usage 'Show what keys were used for'
            cand expiring 'List what ends soon, the first end first'
            cand notify 'Tell somebody of what ends soon: 14, 3 and 1 day before it, and when it ended; and of leaks and canaries that were seen'
            cand owner 'Keep the principals that keys act for'
            cand role 'Name sets of scopes that many keys share'
            cand secret 'Keep providers'' keys, sealed under a master key, and say who gets which'
            cand resolve 'Turn a client''s token, read from standard input, into the provider''s secret'
            cand exec 'Run a command with secrets in its environment'
            cand oauth 'Keep OAuth credentials, and have new tokens for them before the old ones end'
            cand lease 'Use the token of a credential for a while, in which nobody gets a new one that ends it'
            cand jwt 'Exchange a key for a short-lived token (JWT), and verify one'
            cand signing-key 'Keep the keys that sign short-lived tokens (JWTs)'
            cand trust 'Let the pipelines of a CI get short-lived tokens without a key'
            cand federation 'Get providers'' tokens for a signed identity, and store no key of theirs'
            cand invite 'Invite somebody to make keys of their own, by a link that works once'
            cand invitation 'See whom links are out for, and take links back'
            cand session 'See who is signed in to the portal, and sign them out'
            cand client 'Register programs that people may let in at the portal'
            cand master 'Keep the key that all provider secrets are sealed under'
            cand plan 'Show what a manifest would change'
            cand apply 'Make the store as a manifest declares it'
            cand dump 'Write the manifest of what is in the store'
            cand export 'Write keys out, for another store or for a list'
            cand import 'Move keys in that exist elsewhere'
            cand audit 'Read the log of all changes, and check that it is whole'
            cand store 'Make a store, look at it, bring it up to date, check it, back it up, copy it, move it'
            cand policy 'Set what the store asks of every key that is made or changed'
            cand leaks 'Find tokens that stand where they should not, and stop them'
            cand doctor 'Look for everything that can be wrong here, and say what to do about each'
            cand serve 'Answer gateways and servers over HTTP: who is this, and may it?'
            cand portal 'Serve the pages where people get their own keys'
            cand config 'Show the settings, and the profiles of the configuration file'
            cand conformance 'Prove that another program agrees with keyctl''s formats'
            cand completions 'Print a completion script for a shell'
            cand man 'Print the manual page of a command'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'keyctl;help;mint'= {
        }
        &'keyctl;help;list'= {
        }
        &'keyctl;help;show'= {
        }
        &'keyctl;help;verify'= {
        }
        &'keyctl;help;rotate'= {
        }
        &'keyctl;help;revoke'= {
        }
        &'keyctl;help;suspend'= {
        }
        &'keyctl;help;resume'= {
        }
        &'keyctl;help;edit'= {
        }
        &'keyctl;help;scope'= {
            cand list 'List the scopes of a key, and where each comes from'
            cand add 'Give a key more scopes'
            cand remove 'Take scopes from a key'
            cand set 'Give a key these scopes in place of those it was given itself'
        }
        &'keyctl;help;scope;list'= {
        }
        &'keyctl;help;scope;add'= {
        }
        &'keyctl;help;scope;remove'= {
        }
        &'keyctl;help;scope;set'= {
        }
        &'keyctl;help;can'= {
        }
        &'keyctl;help;usage'= {
        }
        &'keyctl;help;expiring'= {
        }
        &'keyctl;help;notify'= {
        }
        &'keyctl;help;owner'= {
            cand add 'Make an owner without keys'
            cand list 'List owners'
            cand show 'Show one owner'
            cand set 'Give an owner another subject, or a quota'
            cand rename 'Call an owner otherwise'
            cand disable 'Stop all keys of an owner at once'
            cand enable 'Bring all keys of an owner back'
            cand delete 'Take an owner off the list'
        }
        &'keyctl;help;owner;add'= {
        }
        &'keyctl;help;owner;list'= {
        }
        &'keyctl;help;owner;show'= {
        }
        &'keyctl;help;owner;set'= {
        }
        &'keyctl;help;owner;rename'= {
        }
        &'keyctl;help;owner;disable'= {
        }
        &'keyctl;help;owner;enable'= {
        }
        &'keyctl;help;owner;delete'= {
        }
        &'keyctl;help;role'= {
            cand set 'Make a role, or give it other scopes'
            cand list 'List roles'
            cand show 'Show one role'
            cand delete 'Delete a role'
        }
        &'keyctl;help;role;set'= {
        }
        &'keyctl;help;role;list'= {
        }
        &'keyctl;help;role;show'= {
        }
        &'keyctl;help;role;delete'= {
        }
        &'keyctl;help;secret'= {
            cand set 'Keep a provider''s key, or give the one of this name a new value'
            cand rotate 'Give a secret a new value'
            cand list 'List secrets, without their values'
            cand show 'Show one secret: its versions and who uses it, without its value'
            cand get 'Print a secret''s value'
            cand rollback 'Hand out an earlier version again, or bring a deleted secret back'
            cand delete 'Take a secret off the list, or wipe it'
            cand bind 'Say who gets a secret'
            cand unbind 'Take a secret from those who are bound to it'
        }
        &'keyctl;help;secret;set'= {
        }
        &'keyctl;help;secret;rotate'= {
        }
        &'keyctl;help;secret;list'= {
        }
        &'keyctl;help;secret;show'= {
        }
        &'keyctl;help;secret;get'= {
        }
        &'keyctl;help;secret;rollback'= {
        }
        &'keyctl;help;secret;delete'= {
        }
        &'keyctl;help;secret;bind'= {
        }
        &'keyctl;help;secret;unbind'= {
        }
        &'keyctl;help;resolve'= {
        }
        &'keyctl;help;exec'= {
        }
        &'keyctl;help;oauth'= {
            cand add 'Keep a credential whose tokens you have'
            cand login 'Sign in at a provider, and keep the credential'
            cand list 'List OAuth credentials: when they end, and what went wrong with them'
            cand show 'Show one credential, without its tokens'
            cand refresh 'Get a new token for a credential'
            cand replace 'Give a credential new tokens, after a new sign-in'
            cand watch 'Get new tokens for all credentials that are in use, before they end'
        }
        &'keyctl;help;oauth;add'= {
        }
        &'keyctl;help;oauth;login'= {
        }
        &'keyctl;help;oauth;list'= {
        }
        &'keyctl;help;oauth;show'= {
        }
        &'keyctl;help;oauth;refresh'= {
        }
        &'keyctl;help;oauth;replace'= {
        }
        &'keyctl;help;oauth;watch'= {
        }
        &'keyctl;help;lease'= {
            cand acquire 'Take a lease: print the token, and what the lease is given up with'
            cand renew 'Hold a lease for longer: its holder token is read from standard input'
            cand release 'Give a lease up: its holder token is read from standard input'
            cand list 'List the leases that are held'
            cand break 'Take a lease from its holder'
        }
        &'keyctl;help;lease;acquire'= {
        }
        &'keyctl;help;lease;renew'= {
        }
        &'keyctl;help;lease;release'= {
        }
        &'keyctl;help;lease;list'= {
        }
        &'keyctl;help;lease;break'= {
        }
        &'keyctl;help;jwt'= {
            cand issue 'Print a short-lived token for a key, whose own token is read from standard input'
            cand verify 'Verify a short-lived token, read from standard input'
        }
        &'keyctl;help;jwt;issue'= {
        }
        &'keyctl;help;jwt;verify'= {
        }
        &'keyctl;help;signing-key'= {
            cand list 'List the signing keys, the oldest first'
            cand rotate 'Let the next key sign, and publish another'
            cand revoke 'Take a signing key out at once, and all tokens that it signed'
            cand jwks 'Print the public keys as verifiers want them: a JWK Set (RFC 7517)'
        }
        &'keyctl;help;signing-key;list'= {
        }
        &'keyctl;help;signing-key;rotate'= {
        }
        &'keyctl;help;signing-key;revoke'= {
        }
        &'keyctl;help;signing-key;jwks'= {
        }
        &'keyctl;help;trust'= {
            cand add 'Trust what a CI says of its jobs'
            cand list 'List the trusts'
            cand show 'Show one trust'
            cand delete 'Delete a trust, and revoke its key'
        }
        &'keyctl;help;trust;add'= {
        }
        &'keyctl;help;trust;list'= {
        }
        &'keyctl;help;trust;show'= {
        }
        &'keyctl;help;trust;delete'= {
        }
        &'keyctl;help;federation'= {
            cand add 'Agree with a provider that a signed identity takes the place of a key'
            cand list 'List federations'
            cand show 'Show one federation, its keys and the secrets that are got by it'
            cand export 'Print the document that the provider is given'
            cand activate 'Let the next key of a federation sign'
            cand rotate 'Make the next key of a federation'
            cand delete 'Delete a federation and its keys'
        }
        &'keyctl;help;federation;add'= {
        }
        &'keyctl;help;federation;list'= {
        }
        &'keyctl;help;federation;show'= {
        }
        &'keyctl;help;federation;export'= {
        }
        &'keyctl;help;federation;activate'= {
        }
        &'keyctl;help;federation;rotate'= {
        }
        &'keyctl;help;federation;delete'= {
        }
        &'keyctl;help;invite'= {
        }
        &'keyctl;help;invitation'= {
            cand list 'List the invitations whose links work, newest first'
            cand revoke 'Take an invitation back'
        }
        &'keyctl;help;invitation;list'= {
        }
        &'keyctl;help;invitation;revoke'= {
        }
        &'keyctl;help;session'= {
            cand list 'List the sessions that last, newest first'
            cand end 'End a session, or all of an owner'
        }
        &'keyctl;help;session;list'= {
        }
        &'keyctl;help;session;end'= {
        }
        &'keyctl;help;client'= {
            cand add 'Register a program, which gets a client id'
            cand list 'List the programs that are registered, the oldest first'
            cand delete 'Delete a program, and end all that people let it do'
        }
        &'keyctl;help;client;add'= {
        }
        &'keyctl;help;client;list'= {
        }
        &'keyctl;help;client;delete'= {
        }
        &'keyctl;help;master'= {
            cand init 'Make a master key, and print the line that sets it'
            cand status 'Show the store''s master keys: how much each one seals, and which are loaded'
            cand check 'Open every envelope, and say which ones do not open'
            cand rotate 'Replace the master key, without a stop'
        }
        &'keyctl;help;master;init'= {
        }
        &'keyctl;help;master;status'= {
        }
        &'keyctl;help;master;check'= {
        }
        &'keyctl;help;master;rotate'= {
        }
        &'keyctl;help;plan'= {
        }
        &'keyctl;help;apply'= {
        }
        &'keyctl;help;dump'= {
        }
        &'keyctl;help;export'= {
        }
        &'keyctl;help;import'= {
            cand mem0 'Keep the keys working that stand in an .env file as API_KEYS'
            cand csv 'Import keys as SHA-256 hashes of their tokens, from CSV'
            cand jsonl 'Import keys as SHA-256 hashes of their tokens, from JSON lines'
            cand apollo 'Take over the clients of an OpenFn Apollo in the store''s own database'
            cand litellm 'Keep the keys of a LiteLLM proxy working'
            cand better-auth 'Keep the keys working that the API-key plugin of better-auth issued'
        }
        &'keyctl;help;import;mem0'= {
        }
        &'keyctl;help;import;csv'= {
        }
        &'keyctl;help;import;jsonl'= {
        }
        &'keyctl;help;import;apollo'= {
        }
        &'keyctl;help;import;litellm'= {
        }
        &'keyctl;help;import;better-auth'= {
        }
        &'keyctl;help;audit'= {
            cand list 'List the records, oldest first'
            cand verify 'Check that no record is missing or altered'
            cand checkpoint 'Print an anchor of the log, to keep elsewhere'
            cand export 'Write the records out, with all that their hashes cover'
        }
        &'keyctl;help;audit;list'= {
        }
        &'keyctl;help;audit;verify'= {
        }
        &'keyctl;help;audit;checkpoint'= {
        }
        &'keyctl;help;audit;export'= {
        }
        &'keyctl;help;store'= {
            cand init 'Create a store'
            cand status 'Show what the store is and holds'
            cand migrate 'Bring an older store''s schema up to date'
            cand check 'Recompute and compare everything that can be'
            cand grant 'Let a service read the store'
            cand set 'Set what the whole store has'
            cand backup 'Write all of the store into one file, while others use it'
            cand restore 'Make the store of a backup, or put it in the place of the one that is there'
            cand copy 'Copy the store to another place, or move it there'
            cand reopen 'Take a move back: the old place is the store again'
            cand accept-rollback 'Go on with a store that lost changes'
            cand compat 'Let another program read the store in its own form'
        }
        &'keyctl;help;store;init'= {
        }
        &'keyctl;help;store;status'= {
        }
        &'keyctl;help;store;migrate'= {
        }
        &'keyctl;help;store;check'= {
        }
        &'keyctl;help;store;grant'= {
        }
        &'keyctl;help;store;set'= {
            cand issuer 'Set where short-lived tokens say that they are from'
            cand audience 'Set whom short-lived tokens may be for, besides the issuer'
            cand portal 'Set where the portal is, at which people get keys of their own'
        }
        &'keyctl;help;store;set;issuer'= {
        }
        &'keyctl;help;store;set;audience'= {
        }
        &'keyctl;help;store;set;portal'= {
        }
        &'keyctl;help;store;backup'= {
        }
        &'keyctl;help;store;restore'= {
        }
        &'keyctl;help;store;copy'= {
        }
        &'keyctl;help;store;reopen'= {
        }
        &'keyctl;help;store;accept-rollback'= {
        }
        &'keyctl;help;store;compat'= {
            cand apollo 'Let OpenFn Apollo read its clients from this store, unchanged'
        }
        &'keyctl;help;store;compat;apollo'= {
        }
        &'keyctl;help;policy'= {
            cand set 'Set rules; those that are not named stay'
            cand unset 'Take rules away'
            cand show 'Show the rules'
            cand check 'Count the keys that would be refused today'
        }
        &'keyctl;help;policy;set'= {
        }
        &'keyctl;help;policy;unset'= {
        }
        &'keyctl;help;policy;show'= {
        }
        &'keyctl;help;policy;check'= {
        }
        &'keyctl;help;leaks'= {
            cand scan 'Find tokens in files, archives, repositories and logs, and say whose they are'
            cand rules 'Print the rules by which another scanner finds tokens and master keys'
            cand serve 'Take reports of leaked tokens over HTTP, and stop what is reported'
        }
        &'keyctl;help;leaks;scan'= {
        }
        &'keyctl;help;leaks;rules'= {
        }
        &'keyctl;help;leaks;serve'= {
        }
        &'keyctl;help;doctor'= {
        }
        &'keyctl;help;serve'= {
        }
        &'keyctl;help;portal'= {
        }
        &'keyctl;help;config'= {
            cand show 'Show the settings in force'
            cand profiles 'List the profiles of the configuration file'
        }
        &'keyctl;help;config;show'= {
        }
        &'keyctl;help;config;profiles'= {
        }
        &'keyctl;help;conformance'= {
            cand print 'Print the cases with their answers'
            cand run 'Ask a program every case, and compare its answers'
        }
        &'keyctl;help;conformance;print'= {
        }
        &'keyctl;help;conformance;run'= {
        }
        &'keyctl;help;completions'= {
        }
        &'keyctl;help;man'= {
        }
        &'keyctl;help;help'= {
        }
    ]
    $completions[$command]
}

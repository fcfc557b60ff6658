
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'keyctl' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'keyctl'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'keyctl' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('mint', 'mint', [CompletionResultType]::ParameterValue, 'Make a new key and print its token, once')
            [CompletionResult]::new('create', 'create', [CompletionResultType]::ParameterValue, 'Make a new key and print its token, once')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List keys')
            [CompletionResult]::new('ls', 'ls', [CompletionResultType]::ParameterValue, 'List keys')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show keys')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Verify a token, read from standard input')
            [CompletionResult]::new('rotate', 'rotate', [CompletionResultType]::ParameterValue, 'Give a key a new token')
            [CompletionResult]::new('revoke', 'revoke', [CompletionResultType]::ParameterValue, 'Revoke keys')
            [CompletionResult]::new('suspend', 'suspend', [CompletionResultType]::ParameterValue, 'Stop keys for a while')
            [CompletionResult]::new('resume', 'resume', [CompletionResultType]::ParameterValue, 'Let suspended keys work again')
            [CompletionResult]::new('edit', 'edit', [CompletionResultType]::ParameterValue, 'Change a live key')
            [CompletionResult]::new('scope', 'scope', [CompletionResultType]::ParameterValue, 'See and change what a key may do')
            [CompletionResult]::new('can', 'can', [CompletionResultType]::ParameterValue, 'Say whether a key or an owner may do something, and which rule decides')
            [CompletionResult]::new('usage', 'usage', [CompletionResultType]::ParameterValue, 'Show what keys were used for')
            [CompletionResult]::new('expiring', 'expiring', [CompletionResultType]::ParameterValue, 'List what ends soon, the first end first')
            [CompletionResult]::new('notify', 'notify', [CompletionResultType]::ParameterValue, 'Tell somebody of what ends soon: 14, 3 and 1 day before it, and when it ended; and of leaks and canaries that were seen')
            [CompletionResult]::new('owner', 'owner', [CompletionResultType]::ParameterValue, 'Keep the principals that keys act for')
            [CompletionResult]::new('role', 'role', [CompletionResultType]::ParameterValue, 'Name sets of scopes that many keys share')
            [CompletionResult]::new('secret', 'secret', [CompletionResultType]::ParameterValue, 'Keep providers'' keys, sealed under a master key, and say who gets which')
            [CompletionResult]::new('resolve', 'resolve', [CompletionResultType]::ParameterValue, 'Turn a client''s token, read from standard input, into the provider''s secret')
            [CompletionResult]::new('exec', 'exec', [CompletionResultType]::ParameterValue, 'Run a command with secrets in its environment')
            [CompletionResult]::new('oauth', 'oauth', [CompletionResultType]::ParameterValue, 'Keep OAuth credentials, and have new tokens for them before the old ones end')
            [CompletionResult]::new('lease', 'lease', [CompletionResultType]::ParameterValue, 'Use the token of a credential for a while, in which nobody gets a new one that ends it')
            [CompletionResult]::new('jwt', 'jwt', [CompletionResultType]::ParameterValue, 'Exchange a key for a short-lived token (JWT), and verify one')
            [CompletionResult]::new('signing-key', 'signing-key', [CompletionResultType]::ParameterValue, 'Keep the keys that sign short-lived tokens (JWTs)')
            [CompletionResult]::new('trust', 'trust', [CompletionResultType]::ParameterValue, 'Let the pipelines of a CI get short-lived tokens without a key')
            [CompletionResult]::new('federation', 'federation', [CompletionResultType]::ParameterValue, 'Get providers'' tokens for a signed identity, and store no key of theirs')
            [CompletionResult]::new('invite', 'invite', [CompletionResultType]::ParameterValue, 'Invite somebody to make keys of their own, by a link that works once')
            [CompletionResult]::new('invitation', 'invitation', [CompletionResultType]::ParameterValue, 'See whom links are out for, and take links back')
            [CompletionResult]::new('session', 'session', [CompletionResultType]::ParameterValue, 'See who is signed in to the portal, and sign them out')
            [CompletionResult]::new('client', 'client', [CompletionResultType]::ParameterValue, 'Register programs that people may let in at the portal')
            [CompletionResult]::new('master', 'master', [CompletionResultType]::ParameterValue, 'Keep the key that all provider secrets are sealed under')
            [CompletionResult]::new('plan', 'plan', [CompletionResultType]::ParameterValue, 'Show what a manifest would change')
            [CompletionResult]::new('apply', 'apply', [CompletionResultType]::ParameterValue, 'Make the store as a manifest declares it')
            [CompletionResult]::new('dump', 'dump', [CompletionResultType]::ParameterValue, 'Write the manifest of what is in the store')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write keys out, for another store or for a list')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Move keys in that exist elsewhere')
            [CompletionResult]::new('audit', 'audit', [CompletionResultType]::ParameterValue, 'Read the log of all changes, and check that it is whole')
            [CompletionResult]::new('store', 'store', [CompletionResultType]::ParameterValue, 'Make a store, look at it, bring it up to date, check it, back it up, copy it, move it')
            [CompletionResult]::new('policy', 'policy', [CompletionResultType]::ParameterValue, 'Set what the store asks of every key that is made or changed')
            [CompletionResult]::new('leaks', 'leaks', [CompletionResultType]::ParameterValue, 'Find tokens that stand where they should not, and stop them')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Look for everything that can be wrong here, and say what to do about each')
            [CompletionResult]::new('serve', 'serve', [CompletionResultType]::ParameterValue, 'Answer gateways and servers over HTTP: who is this, and may it?')
            [CompletionResult]::new('portal', 'portal', [CompletionResultType]::ParameterValue, 'Serve the pages where people get their own keys')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'Show the settings, and the profiles of the configuration file')
            [CompletionResult]::new('conformance', 'conformance', [CompletionResultType]::ParameterValue, 'Prove that another program agrees with keyctl''s formats')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print a completion script for a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print the manual page of a command')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'keyctl;mint' {
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'What the key is called [default: default, else a random name]')
            [CompletionResult]::new('--subject', '--subject', [CompletionResultType]::ParameterName, 'As whom services know the owner, as in auth0|5f7c [default: what it has; of a new one its name]')
            [CompletionResult]::new('--scope', '--scope', [CompletionResultType]::ParameterName, 'What it may do: memories, memories:read, files:*; repeat it or separate by commas')
            [CompletionResult]::new('--role', '--role', [CompletionResultType]::ParameterName, 'A role whose scopes it gets, too; repeat it for more')
            [CompletionResult]::new('--parent', '--parent', [CompletionResultType]::ParameterName, 'Make it a child of this key: it may do what its parent may, too, and dies with it')
            [CompletionResult]::new('--expires', '--expires', [CompletionResultType]::ParameterName, 'When it ends: a duration (30d, 6mo), a day (2027-01-31, its end in UTC), a time (2027-01-31T12:00:00Z) or never [default: 90d]')
            [CompletionResult]::new('--not-before', '--not-before', [CompletionResultType]::ParameterName, 'When it begins, as in 2027-01-31T12:00:00Z')
            [CompletionResult]::new('--prefix', '--prefix', [CompletionResultType]::ParameterName, 'What its token starts with, as in acme or k2 [default: sks]')
            [CompletionResult]::new('--rate', '--rate', [CompletionResultType]::ParameterName, 'How often it may be used, as in 600/m')
            [CompletionResult]::new('--quota', '--quota', [CompletionResultType]::ParameterName, 'How often it may be used in all, as in 10000/day')
            [CompletionResult]::new('--allow-ip', '--allow-ip', [CompletionResultType]::ParameterName, 'From which addresses or networks, as in 10.0.0.0/8')
            [CompletionResult]::new('--label', '--label', [CompletionResultType]::ParameterName, 'Something to find it by, as in team=search')
            [CompletionResult]::new('--out-file', '--out-file', [CompletionResultType]::ParameterName, 'Write the token into this new file (mode 0600) instead')
            [CompletionResult]::new('--claim-ttl', '--claim-ttl', [CompletionResultType]::ParameterName, 'With --claim: how long the link works, at most 30d [default: 1d]')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--allow-all', '--allow-all', [CompletionResultType]::ParameterName, 'Let the scope * stand, which allows everything')
            [CompletionResult]::new('--allow-jwt', '--allow-jwt', [CompletionResultType]::ParameterName, 'Issue short-lived tokens for it although it has --allow-ip, --rate or --quota, which services that verify those by themselves cannot hold')
            [CompletionResult]::new('--if-absent', '--if-absent', [CompletionResultType]::ParameterName, 'If an equal key is there already, do nothing and print nothing')
            [CompletionResult]::new('--claim', '--claim', [CompletionResultType]::ParameterName, 'Print a link in place of the token, which is made when somebody opens it: so nobody else sees it')
            [CompletionResult]::new('--canary', '--canary', [CompletionResultType]::ParameterName, 'Make a key that is there to be found: every service refuses it as one that was revoked, and keyctl serve and the intake of leaks sound an alarm where it appears')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Try everything, change nothing, print no token')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;create' {
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'What the key is called [default: default, else a random name]')
            [CompletionResult]::new('--subject', '--subject', [CompletionResultType]::ParameterName, 'As whom services know the owner, as in auth0|5f7c [default: what it has; of a new one its name]')
            [CompletionResult]::new('--scope', '--scope', [CompletionResultType]::ParameterName, 'What it may do: memories, memories:read, files:*; repeat it or separate by commas')
            [CompletionResult]::new('--role', '--role', [CompletionResultType]::ParameterName, 'A role whose scopes it gets, too; repeat it for more')
            [CompletionResult]::new('--parent', '--parent', [CompletionResultType]::ParameterName, 'Make it a child of this key: it may do what its parent may, too, and dies with it')
            [CompletionResult]::new('--expires', '--expires', [CompletionResultType]::ParameterName, 'When it ends: a duration (30d, 6mo), a day (2027-01-31, its end in UTC), a time (2027-01-31T12:00:00Z) or never [default: 90d]')
            [CompletionResult]::new('--not-before', '--not-before', [CompletionResultType]::ParameterName, 'When it begins, as in 2027-01-31T12:00:00Z')
            [CompletionResult]::new('--prefix', '--prefix', [CompletionResultType]::ParameterName, 'What its token starts with, as in acme or k2 [default: sks]')
            [CompletionResult]::new('--rate', '--rate', [CompletionResultType]::ParameterName, 'How often it may be used, as in 600/m')
            [CompletionResult]::new('--quota', '--quota', [CompletionResultType]::ParameterName, 'How often it may be used in all, as in 10000/day')
            [CompletionResult]::new('--allow-ip', '--allow-ip', [CompletionResultType]::ParameterName, 'From which addresses or networks, as in 10.0.0.0/8')
            [CompletionResult]::new('--label', '--label', [CompletionResultType]::ParameterName, 'Something to find it by, as in team=search')
            [CompletionResult]::new('--out-file', '--out-file', [CompletionResultType]::ParameterName, 'Write the token into this new file (mode 0600) instead')
            [CompletionResult]::new('--claim-ttl', '--claim-ttl', [CompletionResultType]::ParameterName, 'With --claim: how long the link works, at most 30d [default: 1d]')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--allow-all', '--allow-all', [CompletionResultType]::ParameterName, 'Let the scope * stand, which allows everything')
            [CompletionResult]::new('--allow-jwt', '--allow-jwt', [CompletionResultType]::ParameterName, 'Issue short-lived tokens for it although it has --allow-ip, --rate or --quota, which services that verify those by themselves cannot hold')
            [CompletionResult]::new('--if-absent', '--if-absent', [CompletionResultType]::ParameterName, 'If an equal key is there already, do nothing and print nothing')
            [CompletionResult]::new('--claim', '--claim', [CompletionResultType]::ParameterName, 'Print a link in place of the token, which is made when somebody opens it: so nobody else sees it')
            [CompletionResult]::new('--canary', '--canary', [CompletionResultType]::ParameterName, 'Make a key that is there to be found: every service refuses it as one that was revoked, and keyctl serve and the intake of leaks sound an alarm where it appears')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Try everything, change nothing, print no token')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;list' {
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'The same')
            [CompletionResult]::new('--role', '--role', [CompletionResultType]::ParameterName, 'Only keys with this role')
            [CompletionResult]::new('--scope', '--scope', [CompletionResultType]::ParameterName, 'Only keys that a verification would let do this, from a fitting address: they work now, and their scopes, their roles and their parent allow it; with --all or --state also keys that do not work now; repeat it or separate by commas for keys that may do all of it')
            [CompletionResult]::new('--state', '--state', [CompletionResultType]::ParameterName, 'Only keys in this state; repeat it or separate by commas for more')
            [CompletionResult]::new('--label', '--label', [CompletionResultType]::ParameterName, 'Only keys with this label: name=value, or name for any value')
            [CompletionResult]::new('--expiring', '--expiring', [CompletionResultType]::ParameterName, 'Only keys that work now and end within this time, as in 14d')
            [CompletionResult]::new('--unused', '--unused', [CompletionResultType]::ParameterName, 'Only keys that keyctl serve has not seen for this time, as in 90d; services that read the store themselves say nothing of it')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'In which order')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'At most so many; 0 for all')
            [CompletionResult]::new('--cursor', '--cursor', [CompletionResultType]::ParameterName, 'Only those behind this key: the last one of the page before')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Which columns, in this order, separated by commas, as in key,state,labels; where they do not fit side by side, each stands on a line of its own')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Revoked keys, too')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Revoked keys, too')
            [CompletionResult]::new('--canaries', '--canaries', [CompletionResultType]::ParameterName, 'Only canaries, which mint --canary made: every service refuses them as revoked keys')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;ls' {
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'The same')
            [CompletionResult]::new('--role', '--role', [CompletionResultType]::ParameterName, 'Only keys with this role')
            [CompletionResult]::new('--scope', '--scope', [CompletionResultType]::ParameterName, 'Only keys that a verification would let do this, from a fitting address: they work now, and their scopes, their roles and their parent allow it; with --all or --state also keys that do not work now; repeat it or separate by commas for keys that may do all of it')
            [CompletionResult]::new('--state', '--state', [CompletionResultType]::ParameterName, 'Only keys in this state; repeat it or separate by commas for more')
            [CompletionResult]::new('--label', '--label', [CompletionResultType]::ParameterName, 'Only keys with this label: name=value, or name for any value')
            [CompletionResult]::new('--expiring', '--expiring', [CompletionResultType]::ParameterName, 'Only keys that work now and end within this time, as in 14d')
            [CompletionResult]::new('--unused', '--unused', [CompletionResultType]::ParameterName, 'Only keys that keyctl serve has not seen for this time, as in 90d; services that read the store themselves say nothing of it')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'In which order')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'At most so many; 0 for all')
            [CompletionResult]::new('--cursor', '--cursor', [CompletionResultType]::ParameterName, 'Only those behind this key: the last one of the page before')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'Which columns, in this order, separated by commas, as in key,state,labels; where they do not fit side by side, each stands on a line of its own')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Revoked keys, too')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Revoked keys, too')
            [CompletionResult]::new('--canaries', '--canaries', [CompletionResultType]::ParameterName, 'Only canaries, which mint --canary made: every service refuses them as revoked keys')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;show' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--skip-unknown', '--skip-unknown', [CompletionResultType]::ParameterName, 'Go on without the names and lines that name no key, and say which these are')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;verify' {
            [CompletionResult]::new('--scope', '--scope', [CompletionResultType]::ParameterName, 'The permission that is needed')
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'Whose data is touched: an owner''s subject, which is its name unless one was set')
            [CompletionResult]::new('--ip', '--ip', [CompletionResultType]::ParameterName, 'The client''s address, where it is known for sure')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;rotate' {
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'All live keys of this owner')
            [CompletionResult]::new('--label', '--label', [CompletionResultType]::ParameterName, 'All live keys with this label: name=value, or name for any value')
            [CompletionResult]::new('--created-after', '--created-after', [CompletionResultType]::ParameterName, 'All live keys made at this time or later, as in 2027-01-31T12:00:00Z')
            [CompletionResult]::new('--older-than', '--older-than', [CompletionResultType]::ParameterName, 'Only those of many whose token was made this long ago, as in 60d: what is interrupted is finished by the same command')
            [CompletionResult]::new('--if-expiring', '--if-expiring', [CompletionResultType]::ParameterName, 'Only what ends within this time, as in 14d, and has no old token in its grace, or with --grace 0: it is renewed, for as long as it was given last; of what ends later nothing is changed')
            [CompletionResult]::new('--out-dir', '--out-dir', [CompletionResultType]::ParameterName, 'Write the tokens of many into this folder, one file (mode 0600) for each key: OWNER/NAME')
            [CompletionResult]::new('--grace', '--grace', [CompletionResultType]::ParameterName, 'How long the old token keeps working, 0 to 30d [default: 24h]')
            [CompletionResult]::new('--expires', '--expires', [CompletionResultType]::ParameterName, 'When the key ends from now on: a duration, a day (its end in UTC), a time or never')
            [CompletionResult]::new('--prefix', '--prefix', [CompletionResultType]::ParameterName, 'What the new token starts with [default: as the old one]')
            [CompletionResult]::new('--out-file', '--out-file', [CompletionResultType]::ParameterName, 'Write the token into this file (mode 0600) instead, in place of a token that it holds')
            [CompletionResult]::new('--finish-when-unused', '--finish-when-unused', [CompletionResultType]::ParameterName, 'Make no token, but end the old one of a rotation before its grace ends, if it was not used for this time, as in 24h; else say when and from where it was')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'All live keys, in place of one; several together are rotated, with a question before')
            [CompletionResult]::new('--overwrite', '--overwrite', [CompletionResultType]::ParameterName, 'Replace the file also if it holds something else than a token')
            [CompletionResult]::new('--serve-only', '--serve-only', [CompletionResultType]::ParameterName, 'Your word that keyctl serve alone reads the store: what other services accept is written down by nobody')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Try everything, change nothing, print no token')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;revoke' {
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'All live keys of this owner')
            [CompletionResult]::new('--label', '--label', [CompletionResultType]::ParameterName, 'All live keys with this label: name=value, or name for any value')
            [CompletionResult]::new('--created-after', '--created-after', [CompletionResultType]::ParameterName, 'All live keys made at this time or later, as in 2027-01-31T12:00:00Z')
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Why, kept with the key and in the audit log')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Return when it is in force everywhere, 5 seconds after the change, and say what may still be accepted where; --wait=serve returns as soon as each running keyctl serve answers by it, of which the audit log gets a receipt')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--skip-unknown', '--skip-unknown', [CompletionResultType]::ParameterName, 'Go on without the names and lines that name no key, and say which these are')
            [CompletionResult]::new('--if-exists', '--if-exists', [CompletionResultType]::ParameterName, 'Succeed also where there is no such key: nothing is to be revoked then')
            [CompletionResult]::new('--keep-made', '--keep-made', [CompletionResultType]::ParameterName, 'Leave the keys that somebody made in the portal who had signed in with one of these, or was invited with it')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Try everything, change nothing')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;suspend' {
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'All live keys of this owner')
            [CompletionResult]::new('--label', '--label', [CompletionResultType]::ParameterName, 'All live keys with this label: name=value, or name for any value')
            [CompletionResult]::new('--created-after', '--created-after', [CompletionResultType]::ParameterName, 'All live keys made at this time or later, as in 2027-01-31T12:00:00Z')
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Why, kept in the audit log')
            [CompletionResult]::new('--for', '--for', [CompletionResultType]::ParameterName, 'For how long, as in 1h; by itself, they work again then [default: until keyctl resume]')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--skip-unknown', '--skip-unknown', [CompletionResultType]::ParameterName, 'Go on without the names and lines that name no key, and say which these are')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Try everything, change nothing')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;resume' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--skip-unknown', '--skip-unknown', [CompletionResultType]::ParameterName, 'Go on without the names and lines that name no key, and say which these are')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Try everything, change nothing')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;edit' {
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Another name')
            [CompletionResult]::new('--expires', '--expires', [CompletionResultType]::ParameterName, 'When it ends: a duration from now, a day (its end in UTC), a time or never')
            [CompletionResult]::new('--not-before', '--not-before', [CompletionResultType]::ParameterName, 'When it begins, as in 2027-01-31T12:00:00Z, or none for at once')
            [CompletionResult]::new('--rate', '--rate', [CompletionResultType]::ParameterName, 'How often it may be used, as in 600/m, or none')
            [CompletionResult]::new('--quota', '--quota', [CompletionResultType]::ParameterName, 'How often it may be used in all, as in 10000/day, or none')
            [CompletionResult]::new('--allow-ip', '--allow-ip', [CompletionResultType]::ParameterName, 'From which addresses or networks, in place of those it has, or any')
            [CompletionResult]::new('--label', '--label', [CompletionResultType]::ParameterName, 'A label to set (name=value) or to take away (name-)')
            [CompletionResult]::new('--role', '--role', [CompletionResultType]::ParameterName, 'Its roles, in place of those it has, or none')
            [CompletionResult]::new('--note', '--note', [CompletionResultType]::ParameterName, 'A note for people: one line without a secret, which keyctl show prints; empty for none')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--allow-jwt', '--allow-jwt', [CompletionResultType]::ParameterName, 'Issue short-lived tokens for it in spite of its networks, rate or quota')
            [CompletionResult]::new('--no-allow-jwt', '--no-allow-jwt', [CompletionResultType]::ParameterName, 'Issue none while it has networks, a rate or a quota; those that there are end at once')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Try everything, change nothing')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;scope' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the scopes of a key, and where each comes from')
            [CompletionResult]::new('ls', 'ls', [CompletionResultType]::ParameterValue, 'List the scopes of a key, and where each comes from')
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Give a key more scopes')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Take scopes from a key')
            [CompletionResult]::new('rm', 'rm', [CompletionResultType]::ParameterValue, 'Take scopes from a key')
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Give a key these scopes in place of those it was given itself')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'keyctl;scope;list' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyctl;scope;ls' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyctl;scope;add' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--allow-all', '--allow-all', [CompletionResultType]::ParameterName, 'Let the scope * stand, which allows everything')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Try everything, change nothing')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyctl;scope;remove' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Try everything, change nothing')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;scope;rm' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Try everything, change nothing')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;scope;set' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--none', '--none', [CompletionResultType]::ParameterName, 'No scopes at all')
            [CompletionResult]::new('--allow-all', '--allow-all', [CompletionResultType]::ParameterName, 'Let the scope * stand, which allows everything')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Try everything, change nothing')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyctl;scope;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the scopes of a key, and where each comes from')
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Give a key more scopes')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Take scopes from a key')
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Give a key these scopes in place of those it was given itself')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'keyctl;scope;help;list' {
            break
        }
        'keyctl;scope;help;add' {
            break
        }
        'keyctl;scope;help;remove' {
            break
        }
        'keyctl;scope;help;set' {
            break
        }
        'keyctl;scope;help;help' {
            break
        }
        'keyctl;can' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;usage' {
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'The same')
            [CompletionResult]::new('--role', '--role', [CompletionResultType]::ParameterName, 'Only keys with this role')
            [CompletionResult]::new('--scope', '--scope', [CompletionResultType]::ParameterName, 'Only keys that a verification would let do this, from a fitting address: they work now, and their scopes, their roles and their parent allow it; with --all or --state also keys that do not work now; repeat it or separate by commas for keys that may do all of it')
            [CompletionResult]::new('--state', '--state', [CompletionResultType]::ParameterName, 'Only keys in this state; repeat it or separate by commas for more')
            [CompletionResult]::new('--label', '--label', [CompletionResultType]::ParameterName, 'Only keys with this label: name=value, or name for any value')
            [CompletionResult]::new('--expiring', '--expiring', [CompletionResultType]::ParameterName, 'Only keys that work now and end within this time, as in 14d')
            [CompletionResult]::new('--unused', '--unused', [CompletionResultType]::ParameterName, 'Only keys that keyctl serve has not seen for this time, as in 90d; services that read the store themselves say nothing of it')
            [CompletionResult]::new('--days', '--days', [CompletionResultType]::ParameterName, 'How many days, of which today in UTC is the last')
            [CompletionResult]::new('--by', '--by', [CompletionResultType]::ParameterName, 'By what it is summed up')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--would-deny', '--would-deny', [CompletionResultType]::ParameterName, 'What policies of keyctl serve that only observe would have denied, by policy and reason')
            [CompletionResult]::new('--canaries', '--canaries', [CompletionResultType]::ParameterName, 'Where canaries were seen, by keyctl serve and by the intake of leaks: keys that mint --canary made')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;expiring' {
            [CompletionResult]::new('--within', '--within', [CompletionResultType]::ParameterName, 'What ends within this')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'And what ended since, as in 7d; or none [default: none, and 7d with --prometheus]')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'At most so many; 0 for all')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--prometheus', '--prometheus', [CompletionResultType]::ParameterName, 'Count them instead, as a file for the textfile collector of Prometheus'' node exporter')
            [CompletionResult]::new('--exit-code', '--exit-code', [CompletionResultType]::ParameterName, 'End with 10 if there is anything')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;notify' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'List what would be told, tell nobody')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;owner' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Make an owner without keys')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List owners')
            [CompletionResult]::new('ls', 'ls', [CompletionResultType]::ParameterValue, 'List owners')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one owner')
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Give an owner another subject, or a quota')
            [CompletionResult]::new('rename', 'rename', [CompletionResultType]::ParameterValue, 'Call an owner otherwise')
            [CompletionResult]::new('disable', 'disable', [CompletionResultType]::ParameterValue, 'Stop all keys of an owner at once')
            [CompletionResult]::new('enable', 'enable', [CompletionResultType]::ParameterValue, 'Bring all keys of an owner back')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Take an owner off the list')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'keyctl;owner;add' {
            [CompletionResult]::new('--subject', '--subject', [CompletionResultType]::ParameterName, 'As whom services know it, as in auth0|5f7c [default: its name]')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--if-absent', '--if-absent', [CompletionResultType]::ParameterName, 'If it is there already, do nothing')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Try everything, change nothing')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyctl;owner;list' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyctl;owner;ls' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyctl;owner;show' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;owner;set' {
            [CompletionResult]::new('--subject', '--subject', [CompletionResultType]::ParameterName, 'As whom services know it: 1 to 255 visible ASCII characters')
            [CompletionResult]::new('--quota', '--quota', [CompletionResultType]::ParameterName, 'How often its keys may be used together, as in 10000/day, or none')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Try everything, change nothing')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;owner;rename' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Try everything, change nothing')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;owner;disable' {
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Why, kept in the audit log')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Try everything, change nothing')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;owner;enable' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Try everything, change nothing')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyctl;owner;delete' {
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Why, kept with the keys and in the audit log')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--revoke-keys', '--revoke-keys', [CompletionResultType]::ParameterName, 'Revoke its live keys, which is final')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Try everything, change nothing')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;owner;help' {
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Make an owner without keys')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List owners')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one owner')
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Give an owner another subject, or a quota')
            [CompletionResult]::new('rename', 'rename', [CompletionResultType]::ParameterValue, 'Call an owner otherwise')
            [CompletionResult]::new('disable', 'disable', [CompletionResultType]::ParameterValue, 'Stop all keys of an owner at once')
            [CompletionResult]::new('enable', 'enable', [CompletionResultType]::ParameterValue, 'Bring all keys of an owner back')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Take an owner off the list')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'keyctl;owner;help;add' {
            break
        }
        'keyctl;owner;help;list' {
            break
        }
        'keyctl;owner;help;show' {
            break
        }
        'keyctl;owner;help;set' {
            break
        }
        'keyctl;owner;help;rename' {
            break
        }
        'keyctl;owner;help;disable' {
            break
        }
        'keyctl;owner;help;enable' {
            break
        }
        'keyctl;owner;help;delete' {
            break
        }
        'keyctl;owner;help;help' {
            break
        }
        'keyctl;role' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Make a role, or give it other scopes')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List roles')
            [CompletionResult]::new('ls', 'ls', [CompletionResultType]::ParameterValue, 'List roles')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one role')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete a role')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'keyctl;role;set' {
            [CompletionResult]::new('--scope', '--scope', [CompletionResultType]::ParameterName, 'What its keys may do: memories, memories:read, files:*; repeat it or separate by commas')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--allow-all', '--allow-all', [CompletionResultType]::ParameterName, 'Let the scope * stand, which allows everything')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Try everything, change nothing')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;role;list' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyctl;role;ls' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyctl;role;show' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;role;delete' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--from-keys', '--from-keys', [CompletionResultType]::ParameterName, 'Take it from the keys that have it')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Try everything, change nothing')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;role;help' {
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Make a role, or give it other scopes')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List roles')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one role')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete a role')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'keyctl;role;help;set' {
            break
        }
        'keyctl;role;help;list' {
            break
        }
        'keyctl;role;help;show' {
            break
        }
        'keyctl;role;help;delete' {
            break
        }
        'keyctl;role;help;help' {
            break
        }
        'keyctl;secret' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Keep a provider''s key, or give the one of this name a new value')
            [CompletionResult]::new('rotate', 'rotate', [CompletionResultType]::ParameterValue, 'Give a secret a new value')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List secrets, without their values')
            [CompletionResult]::new('ls', 'ls', [CompletionResultType]::ParameterValue, 'List secrets, without their values')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one secret: its versions and who uses it, without its value')
            [CompletionResult]::new('get', 'get', [CompletionResultType]::ParameterValue, 'Print a secret''s value')
            [CompletionResult]::new('rollback', 'rollback', [CompletionResultType]::ParameterValue, 'Hand out an earlier version again, or bring a deleted secret back')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Take a secret off the list, or wipe it')
            [CompletionResult]::new('bind', 'bind', [CompletionResultType]::ParameterValue, 'Say who gets a secret')
            [CompletionResult]::new('unbind', 'unbind', [CompletionResultType]::ParameterValue, 'Take a secret from those who are bound to it')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'keyctl;secret;set' {
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'Read the value from this file instead of standard input')
            [CompletionResult]::new('--command', '--command', [CompletionResultType]::ParameterName, 'Run this command with sh and take what it prints')
            [CompletionResult]::new('--federation', '--federation', [CompletionResultType]::ParameterName, 'Keep no value: whoever asks gets a token by this federation')
            [CompletionResult]::new('--subject', '--subject', [CompletionResultType]::ParameterName, 'Whom the federation''s assertions are about, with {store}, {secret} and, between : or /, {owner} [default: keyctl:{store}:{secret}]')
            [CompletionResult]::new('--expires', '--expires', [CompletionResultType]::ParameterName, 'When the value ends at the provider: a duration, a day (its end in UTC), a time or never [default: never]')
            [CompletionResult]::new('--label', '--label', [CompletionResultType]::ParameterName, 'A label, name=value, or name- to take it away; may be repeated')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--multiline', '--multiline', [CompletionResultType]::ParameterName, 'The value has several lines, as a PEM or JSON file')
            [CompletionResult]::new('--any-text', '--any-text', [CompletionResultType]::ParameterName, 'Take a value that looks wrong: with letters outside ASCII, in quotes, NAME=value, behind Bearer')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Try everything, change nothing')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;secret;rotate' {
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'Read the value from this file instead of standard input')
            [CompletionResult]::new('--command', '--command', [CompletionResultType]::ParameterName, 'Run this command with sh and take what it prints')
            [CompletionResult]::new('--expires', '--expires', [CompletionResultType]::ParameterName, 'When the value ends at the provider: a duration, a day (its end in UTC), a time or never [default: never]')
            [CompletionResult]::new('--label', '--label', [CompletionResultType]::ParameterName, 'A label, name=value, or name- to take it away; may be repeated')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--multiline', '--multiline', [CompletionResultType]::ParameterName, 'The value has several lines, as a PEM or JSON file')
            [CompletionResult]::new('--any-text', '--any-text', [CompletionResultType]::ParameterName, 'Take a value that looks wrong: with letters outside ASCII, in quotes, NAME=value, behind Bearer')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Try everything, change nothing')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;secret;list' {
            [CompletionResult]::new('--provider', '--provider', [CompletionResultType]::ParameterName, 'Only those for this provider')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--deleted', '--deleted', [CompletionResultType]::ParameterName, 'Deleted ones, too')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyctl;secret;ls' {
            [CompletionResult]::new('--provider', '--provider', [CompletionResultType]::ParameterName, 'Only those for this provider')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--deleted', '--deleted', [CompletionResultType]::ParameterName, 'Deleted ones, too')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyctl;secret;show' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--deleted', '--deleted', [CompletionResultType]::ParameterName, 'Also one that was deleted')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyctl;secret;get' {
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Another version than the current one')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--reveal', '--reveal', [CompletionResultType]::ParameterName, 'Show it on a terminal, too')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;secret;rollback' {
            [CompletionResult]::new('--to', '--to', [CompletionResultType]::ParameterName, 'The version [default: the one before the current]')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Try everything, change nothing')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;secret;delete' {
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Wipe this version alone, which must not be the current one')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--purge', '--purge', [CompletionResultType]::ParameterName, 'Wipe all its versions; of a name that is not in use, those of the secret deleted last')
            [CompletionResult]::new('--unbind', '--unbind', [CompletionResultType]::ParameterName, 'Take it from those who are bound to it')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Try everything, change nothing')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;secret;bind' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--default', '--default', [CompletionResultType]::ParameterName, 'Everybody who has no nearer binding')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Try everything, change nothing')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;secret;unbind' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--default', '--default', [CompletionResultType]::ParameterName, 'Everybody who has no nearer binding')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Try everything, change nothing')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;secret;help' {
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Keep a provider''s key, or give the one of this name a new value')
            [CompletionResult]::new('rotate', 'rotate', [CompletionResultType]::ParameterValue, 'Give a secret a new value')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List secrets, without their values')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one secret: its versions and who uses it, without its value')
            [CompletionResult]::new('get', 'get', [CompletionResultType]::ParameterValue, 'Print a secret''s value')
            [CompletionResult]::new('rollback', 'rollback', [CompletionResultType]::ParameterValue, 'Hand out an earlier version again, or bring a deleted secret back')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Take a secret off the list, or wipe it')
            [CompletionResult]::new('bind', 'bind', [CompletionResultType]::ParameterValue, 'Say who gets a secret')
            [CompletionResult]::new('unbind', 'unbind', [CompletionResultType]::ParameterValue, 'Take a secret from those who are bound to it')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'keyctl;secret;help;set' {
            break
        }
        'keyctl;secret;help;rotate' {
            break
        }
        'keyctl;secret;help;list' {
            break
        }
        'keyctl;secret;help;show' {
            break
        }
        'keyctl;secret;help;get' {
            break
        }
        'keyctl;secret;help;rollback' {
            break
        }
        'keyctl;secret;help;delete' {
            break
        }
        'keyctl;secret;help;bind' {
            break
        }
        'keyctl;secret;help;unbind' {
            break
        }
        'keyctl;secret;help;help' {
            break
        }
        'keyctl;resolve' {
            [CompletionResult]::new('--provider', '--provider', [CompletionResultType]::ParameterName, 'Whom the secret is for')
            [CompletionResult]::new('--scope', '--scope', [CompletionResultType]::ParameterName, 'The permission that is needed')
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'Whose data is touched: an owner''s subject, which is its name unless one was set')
            [CompletionResult]::new('--ip', '--ip', [CompletionResultType]::ParameterName, 'The client''s address, where it is known for sure')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--reveal', '--reveal', [CompletionResultType]::ParameterName, 'Show the secret on a terminal, too')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;exec' {
            [CompletionResult]::new('--only', '--only', [CompletionResultType]::ParameterName, 'Only the key''s or owner''s secrets for this provider; repeatable, or with commas between')
            [CompletionResult]::new('--oauth', '--oauth', [CompletionResultType]::ParameterName, 'The token of this OAuth credential, too; repeatable')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The variable for a provider''s secret, instead of the usual one; repeatable')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--no-mask', '--no-mask', [CompletionResultType]::ParameterName, 'Mask nothing: the command takes the place of keyctl')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;oauth' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Keep a credential whose tokens you have')
            [CompletionResult]::new('login', 'login', [CompletionResultType]::ParameterValue, 'Sign in at a provider, and keep the credential')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List OAuth credentials: when they end, and what went wrong with them')
            [CompletionResult]::new('ls', 'ls', [CompletionResultType]::ParameterValue, 'List OAuth credentials: when they end, and what went wrong with them')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one credential, without its tokens')
            [CompletionResult]::new('refresh', 'refresh', [CompletionResultType]::ParameterValue, 'Get a new token for a credential')
            [CompletionResult]::new('replace', 'replace', [CompletionResultType]::ParameterValue, 'Give a credential new tokens, after a new sign-in')
            [CompletionResult]::new('watch', 'watch', [CompletionResultType]::ParameterValue, 'Get new tokens for all credentials that are in use, before they end')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'keyctl;oauth;add' {
            [CompletionResult]::new('--provider', '--provider', [CompletionResultType]::ParameterName, 'Whose tokens they are')
            [CompletionResult]::new('--token-endpoint', '--token-endpoint', [CompletionResultType]::ParameterName, 'Where new tokens are to be had')
            [CompletionResult]::new('--client-id', '--client-id', [CompletionResultType]::ParameterName, 'The client that the tokens were given to')
            [CompletionResult]::new('--client-auth', '--client-auth', [CompletionResultType]::ParameterName, 'How the client proves itself: none, client_secret_basic, client_secret_post or private_key_jwt')
            [CompletionResult]::new('--issuer', '--issuer', [CompletionResultType]::ParameterName, 'What the provider calls itself, as assertions of private_key_jwt name it [default: the token endpoint]')
            [CompletionResult]::new('--client-key-id', '--client-key-id', [CompletionResultType]::ParameterName, 'The id of the client''s key, where the provider asks for one')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Whose credential it is at the provider: those of one client and account may end together')
            [CompletionResult]::new('--scope', '--scope', [CompletionResultType]::ParameterName, 'What the tokens may do, where their JSON does not say it; may be repeated')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'Read the JSON object from this file instead of standard input')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--refresh-invalidates', '--refresh-invalidates', [CompletionResultType]::ParameterName, 'A new token ends the one before, so that nobody may be using it')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Try everything, change nothing')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;oauth;login' {
            [CompletionResult]::new('--provider', '--provider', [CompletionResultType]::ParameterName, 'Whose tokens they are')
            [CompletionResult]::new('--issuer', '--issuer', [CompletionResultType]::ParameterName, 'Who says where its endpoints are, and in whose name it answers')
            [CompletionResult]::new('--authorization-endpoint', '--authorization-endpoint', [CompletionResultType]::ParameterName, 'Where somebody signs in')
            [CompletionResult]::new('--token-endpoint', '--token-endpoint', [CompletionResultType]::ParameterName, 'Where tokens are to be had')
            [CompletionResult]::new('--device-endpoint', '--device-endpoint', [CompletionResultType]::ParameterName, 'Where a code for another device is to be had')
            [CompletionResult]::new('--client-id', '--client-id', [CompletionResultType]::ParameterName, 'The client that the tokens are for')
            [CompletionResult]::new('--client-auth', '--client-auth', [CompletionResultType]::ParameterName, 'How the client proves itself: none, client_secret_basic, client_secret_post or private_key_jwt')
            [CompletionResult]::new('--client-key-id', '--client-key-id', [CompletionResultType]::ParameterName, 'The id of the client''s key, where the provider asks for one')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Whose credential it is at the provider: those of one client and account may end together')
            [CompletionResult]::new('--scope', '--scope', [CompletionResultType]::ParameterName, 'What the tokens shall be able to do; may be repeated [default with --replace: what the old ones can]')
            [CompletionResult]::new('--parameter', '--parameter', [CompletionResultType]::ParameterName, 'What else the provider is told with the address, as access_type=offline; may be repeated')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'Read the JSON object from this file instead of standard input')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'How long somebody is waited for [default: 5m; with --device as long as the code lives]')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--refresh-invalidates', '--refresh-invalidates', [CompletionResultType]::ParameterName, 'A new token ends the one before, so that nobody may be using it')
            [CompletionResult]::new('--device', '--device', [CompletionResultType]::ParameterName, 'Sign in on another device, by a code')
            [CompletionResult]::new('--open', '--open', [CompletionResultType]::ParameterName, 'Show the address in a browser: by $BROWSER, else xdg-open')
            [CompletionResult]::new('--replace', '--replace', [CompletionResultType]::ParameterName, 'Give a credential that is there new tokens')
            [CompletionResult]::new('--allow-narrower', '--allow-narrower', [CompletionResultType]::ParameterName, 'The new tokens may do less than the old ones, and may have no refresh token')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Look at everything that can be looked at, and let nobody sign in')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;oauth;list' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyctl;oauth;ls' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyctl;oauth;show' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyctl;oauth;refresh' {
            [CompletionResult]::new('--min-valid', '--min-valid', [CompletionResultType]::ParameterName, 'How long it must still live to be left as it is')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Also if the token that is there lives on')
            [CompletionResult]::new('--allow-narrower', '--allow-narrower', [CompletionResultType]::ParameterName, 'Take a token that may do less than the one before')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Say whether the provider would be asked, and do not ask it')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;oauth;replace' {
            [CompletionResult]::new('--scope', '--scope', [CompletionResultType]::ParameterName, 'What the tokens may do, where their JSON does not say it; may be repeated')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'Read the JSON object from this file instead of standard input')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--allow-narrower', '--allow-narrower', [CompletionResultType]::ParameterName, 'The new tokens may do less than the old ones, and may have no refresh token')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Try everything, change nothing')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;oauth;watch' {
            [CompletionResult]::new('--min-valid', '--min-valid', [CompletionResultType]::ParameterName, 'How long a token must still live to be left as it is')
            [CompletionResult]::new('--every', '--every', [CompletionResultType]::ParameterName, 'How often to look')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--once', '--once', [CompletionResultType]::ParameterName, 'Look once and end: with exit code 8 where a token could not be had')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;oauth;help' {
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Keep a credential whose tokens you have')
            [CompletionResult]::new('login', 'login', [CompletionResultType]::ParameterValue, 'Sign in at a provider, and keep the credential')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List OAuth credentials: when they end, and what went wrong with them')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one credential, without its tokens')
            [CompletionResult]::new('refresh', 'refresh', [CompletionResultType]::ParameterValue, 'Get a new token for a credential')
            [CompletionResult]::new('replace', 'replace', [CompletionResultType]::ParameterValue, 'Give a credential new tokens, after a new sign-in')
            [CompletionResult]::new('watch', 'watch', [CompletionResultType]::ParameterValue, 'Get new tokens for all credentials that are in use, before they end')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'keyctl;oauth;help;add' {
            break
        }
        'keyctl;oauth;help;login' {
            break
        }
        'keyctl;oauth;help;list' {
            break
        }
        'keyctl;oauth;help;show' {
            break
        }
        'keyctl;oauth;help;refresh' {
            break
        }
        'keyctl;oauth;help;replace' {
            break
        }
        'keyctl;oauth;help;watch' {
            break
        }
        'keyctl;oauth;help;help' {
            break
        }
        'keyctl;lease' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('acquire', 'acquire', [CompletionResultType]::ParameterValue, 'Take a lease: print the token, and what the lease is given up with')
            [CompletionResult]::new('renew', 'renew', [CompletionResultType]::ParameterValue, 'Hold a lease for longer: its holder token is read from standard input')
            [CompletionResult]::new('release', 'release', [CompletionResultType]::ParameterValue, 'Give a lease up: its holder token is read from standard input')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the leases that are held')
            [CompletionResult]::new('ls', 'ls', [CompletionResultType]::ParameterValue, 'List the leases that are held')
            [CompletionResult]::new('break', 'break', [CompletionResultType]::ParameterValue, 'Take a lease from its holder')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'keyctl;lease;acquire' {
            [CompletionResult]::new('--for', '--for', [CompletionResultType]::ParameterName, 'How long it is held unless it is renewed')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'How long others are waited for')
            [CompletionResult]::new('--min-valid', '--min-valid', [CompletionResultType]::ParameterName, 'How long a token must still live; half of its life is enough')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;lease;renew' {
            [CompletionResult]::new('--for', '--for', [CompletionResultType]::ParameterName, 'How long from now on')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;lease;release' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;lease;list' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyctl;lease;ls' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyctl;lease;break' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Try everything, change nothing')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;lease;help' {
            [CompletionResult]::new('acquire', 'acquire', [CompletionResultType]::ParameterValue, 'Take a lease: print the token, and what the lease is given up with')
            [CompletionResult]::new('renew', 'renew', [CompletionResultType]::ParameterValue, 'Hold a lease for longer: its holder token is read from standard input')
            [CompletionResult]::new('release', 'release', [CompletionResultType]::ParameterValue, 'Give a lease up: its holder token is read from standard input')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the leases that are held')
            [CompletionResult]::new('break', 'break', [CompletionResultType]::ParameterValue, 'Take a lease from its holder')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'keyctl;lease;help;acquire' {
            break
        }
        'keyctl;lease;help;renew' {
            break
        }
        'keyctl;lease;help;release' {
            break
        }
        'keyctl;lease;help;list' {
            break
        }
        'keyctl;lease;help;break' {
            break
        }
        'keyctl;lease;help;help' {
            break
        }
        'keyctl;jwt' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('issue', 'issue', [CompletionResultType]::ParameterValue, 'Print a short-lived token for a key, whose own token is read from standard input')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Verify a short-lived token, read from standard input')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'keyctl;jwt;issue' {
            [CompletionResult]::new('--scope', '--scope', [CompletionResultType]::ParameterName, 'What it may do, at most what the key may [default: all of that]')
            [CompletionResult]::new('--audience', '--audience', [CompletionResultType]::ParameterName, 'For whom it is: the issuer, or one of the store''s audiences; repeat it for several [default: the issuer]')
            [CompletionResult]::new('--ttl', '--ttl', [CompletionResultType]::ParameterName, 'How long it lives, at most 1h [default: 5m]')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;jwt;verify' {
            [CompletionResult]::new('--audience', '--audience', [CompletionResultType]::ParameterName, 'For whom it must be [default: the issuer]')
            [CompletionResult]::new('--scope', '--scope', [CompletionResultType]::ParameterName, 'The permission that is needed')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;jwt;help' {
            [CompletionResult]::new('issue', 'issue', [CompletionResultType]::ParameterValue, 'Print a short-lived token for a key, whose own token is read from standard input')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Verify a short-lived token, read from standard input')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'keyctl;jwt;help;issue' {
            break
        }
        'keyctl;jwt;help;verify' {
            break
        }
        'keyctl;jwt;help;help' {
            break
        }
        'keyctl;signing-key' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the signing keys, the oldest first')
            [CompletionResult]::new('ls', 'ls', [CompletionResultType]::ParameterValue, 'List the signing keys, the oldest first')
            [CompletionResult]::new('rotate', 'rotate', [CompletionResultType]::ParameterValue, 'Let the next key sign, and publish another')
            [CompletionResult]::new('revoke', 'revoke', [CompletionResultType]::ParameterValue, 'Take a signing key out at once, and all tokens that it signed')
            [CompletionResult]::new('jwks', 'jwks', [CompletionResultType]::ParameterValue, 'Print the public keys as verifiers want them: a JWK Set (RFC 7517)')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'keyctl;signing-key;list' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;signing-key;ls' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;signing-key;rotate' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Try everything, change nothing')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;signing-key;revoke' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Try everything, change nothing')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;signing-key;jwks' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;signing-key;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the signing keys, the oldest first')
            [CompletionResult]::new('rotate', 'rotate', [CompletionResultType]::ParameterValue, 'Let the next key sign, and publish another')
            [CompletionResult]::new('revoke', 'revoke', [CompletionResultType]::ParameterValue, 'Take a signing key out at once, and all tokens that it signed')
            [CompletionResult]::new('jwks', 'jwks', [CompletionResultType]::ParameterValue, 'Print the public keys as verifiers want them: a JWK Set (RFC 7517)')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'keyctl;signing-key;help;list' {
            break
        }
        'keyctl;signing-key;help;rotate' {
            break
        }
        'keyctl;signing-key;help;revoke' {
            break
        }
        'keyctl;signing-key;help;jwks' {
            break
        }
        'keyctl;signing-key;help;help' {
            break
        }
        'keyctl;trust' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Trust what a CI says of its jobs')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the trusts')
            [CompletionResult]::new('ls', 'ls', [CompletionResultType]::ParameterValue, 'List the trusts')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one trust')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete a trust, and revoke its key')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'keyctl;trust;add' {
            [CompletionResult]::new('--issuer', '--issuer', [CompletionResultType]::ParameterName, 'Whose tokens are taken, as they say it themselves: https, or http on a loopback address')
            [CompletionResult]::new('--audience', '--audience', [CompletionResultType]::ParameterName, 'Whom such a token must be for; the job asks its CI for one that is')
            [CompletionResult]::new('--claim', '--claim', [CompletionResultType]::ParameterName, 'What it must say, as in project_id=123; repeat it for more')
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'Who the jobs act for; made if new')
            [CompletionResult]::new('--scope', '--scope', [CompletionResultType]::ParameterName, 'What they may do: deploy, files:*; repeat it or separate by commas')
            [CompletionResult]::new('--role', '--role', [CompletionResultType]::ParameterName, 'A role whose scopes they get, too; repeat it for more')
            [CompletionResult]::new('--ttl', '--ttl', [CompletionResultType]::ParameterName, 'How long a token lives that a job gets, at most 1h [default: 10m]')
            [CompletionResult]::new('--jwks', '--jwks', [CompletionResultType]::ParameterName, 'The issuer''s public keys in this file, a JWK Set, or - for standard input [default: fetched from the issuer]')
            [CompletionResult]::new('--expires', '--expires', [CompletionResultType]::ParameterName, 'When the trust ends: a duration (30d, 6mo), a day (2027-01-31, its end in UTC), a time (2027-01-31T12:00:00Z) or never [default: 90d]')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--any-ref', '--any-ref', [CompletionResultType]::ParameterName, 'Let any branch or tag do, and a name that can be registered anew for an id')
            [CompletionResult]::new('--allow-all', '--allow-all', [CompletionResultType]::ParameterName, 'Let the scope * stand, which allows everything')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Try everything, change nothing')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;trust;list' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyctl;trust;ls' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyctl;trust;show' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyctl;trust;delete' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Try everything, change nothing')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;trust;help' {
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Trust what a CI says of its jobs')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the trusts')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one trust')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete a trust, and revoke its key')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'keyctl;trust;help;add' {
            break
        }
        'keyctl;trust;help;list' {
            break
        }
        'keyctl;trust;help;show' {
            break
        }
        'keyctl;trust;help;delete' {
            break
        }
        'keyctl;trust;help;help' {
            break
        }
        'keyctl;federation' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Agree with a provider that a signed identity takes the place of a key')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List federations')
            [CompletionResult]::new('ls', 'ls', [CompletionResultType]::ParameterValue, 'List federations')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one federation, its keys and the secrets that are got by it')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Print the document that the provider is given')
            [CompletionResult]::new('activate', 'activate', [CompletionResultType]::ParameterValue, 'Let the next key of a federation sign')
            [CompletionResult]::new('rotate', 'rotate', [CompletionResultType]::ParameterValue, 'Make the next key of a federation')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete a federation and its keys')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'keyctl;federation;add' {
            [CompletionResult]::new('--kind', '--kind', [CompletionResultType]::ParameterName, 'What the provider takes: rfc8693, rfc7523, anthropic or openai')
            [CompletionResult]::new('--issuer', '--issuer', [CompletionResultType]::ParameterName, 'Whom assertions are from: a URL of yours, which the provider is told, and not that of short-lived tokens')
            [CompletionResult]::new('--token-endpoint', '--token-endpoint', [CompletionResultType]::ParameterName, 'Where tokens are asked for [default: that of the kind, if it has one]')
            [CompletionResult]::new('--audience', '--audience', [CompletionResultType]::ParameterName, 'Whom assertions are for, as the provider knows itself [default: that of the kind, if it has one]')
            [CompletionResult]::new('--typ', '--typ', [CompletionResultType]::ParameterName, 'What an assertion says that it is, never at+jwt [default: JWT]')
            [CompletionResult]::new('--present', '--present', [CompletionResultType]::ParameterName, 'How the provider is presented its tokens: bearer or x-api-key [default: bearer]')
            [CompletionResult]::new('--parameter', '--parameter', [CompletionResultType]::ParameterName, 'What every request says besides, as the ids that the provider shows; repeatable')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Try everything, change nothing')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;federation;list' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyctl;federation;ls' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyctl;federation;show' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyctl;federation;export' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;federation;activate' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--uploaded', '--uploaded', [CompletionResultType]::ParameterName, 'The provider has what keyctl federation export prints')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Try everything, change nothing')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;federation;rotate' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Try everything, change nothing')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;federation;delete' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Try everything, change nothing')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;federation;help' {
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Agree with a provider that a signed identity takes the place of a key')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List federations')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one federation, its keys and the secrets that are got by it')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Print the document that the provider is given')
            [CompletionResult]::new('activate', 'activate', [CompletionResultType]::ParameterValue, 'Let the next key of a federation sign')
            [CompletionResult]::new('rotate', 'rotate', [CompletionResultType]::ParameterValue, 'Make the next key of a federation')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete a federation and its keys')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'keyctl;federation;help;add' {
            break
        }
        'keyctl;federation;help;list' {
            break
        }
        'keyctl;federation;help;show' {
            break
        }
        'keyctl;federation;help;export' {
            break
        }
        'keyctl;federation;help;activate' {
            break
        }
        'keyctl;federation;help;rotate' {
            break
        }
        'keyctl;federation;help;delete' {
            break
        }
        'keyctl;federation;help;help' {
            break
        }
        'keyctl;invite' {
            [CompletionResult]::new('--scope', '--scope', [CompletionResultType]::ParameterName, 'What keys made with it may do at most: memories, files:*; repeat it or separate by commas')
            [CompletionResult]::new('--subject', '--subject', [CompletionResultType]::ParameterName, 'As whom services know the owner, as in auth0|5f7c [default: what it has; of a new one its name]')
            [CompletionResult]::new('--ttl', '--ttl', [CompletionResultType]::ParameterName, 'How long the link works, at most 30d [default: 1d]')
            [CompletionResult]::new('--expires', '--expires', [CompletionResultType]::ParameterName, 'How long keys made with it may live [default: as long as the store allows]')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--allow-all', '--allow-all', [CompletionResultType]::ParameterName, 'Let the scope * stand, which allows everything')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Try everything, change nothing, print no link')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;invitation' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the invitations whose links work, newest first')
            [CompletionResult]::new('ls', 'ls', [CompletionResultType]::ParameterValue, 'List the invitations whose links work, newest first')
            [CompletionResult]::new('revoke', 'revoke', [CompletionResultType]::ParameterValue, 'Take an invitation back')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'keyctl;invitation;list' {
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'Those of this owner')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Also those that were redeemed, expired or taken back')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyctl;invitation;ls' {
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'Those of this owner')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Also those that were redeemed, expired or taken back')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyctl;invitation;revoke' {
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Why, kept in the audit log')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Try everything, change nothing')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;invitation;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the invitations whose links work, newest first')
            [CompletionResult]::new('revoke', 'revoke', [CompletionResultType]::ParameterValue, 'Take an invitation back')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'keyctl;invitation;help;list' {
            break
        }
        'keyctl;invitation;help;revoke' {
            break
        }
        'keyctl;invitation;help;help' {
            break
        }
        'keyctl;session' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the sessions that last, newest first')
            [CompletionResult]::new('ls', 'ls', [CompletionResultType]::ParameterValue, 'List the sessions that last, newest first')
            [CompletionResult]::new('end', 'end', [CompletionResultType]::ParameterValue, 'End a session, or all of an owner')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'keyctl;session;list' {
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'Those of this owner')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Also those that are over')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyctl;session;ls' {
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'Those of this owner')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Also those that are over')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyctl;session;end' {
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'All sessions of this owner')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Try everything, change nothing')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;session;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the sessions that last, newest first')
            [CompletionResult]::new('end', 'end', [CompletionResultType]::ParameterValue, 'End a session, or all of an owner')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'keyctl;session;help;list' {
            break
        }
        'keyctl;session;help;end' {
            break
        }
        'keyctl;session;help;help' {
            break
        }
        'keyctl;client' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Register a program, which gets a client id')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the programs that are registered, the oldest first')
            [CompletionResult]::new('ls', 'ls', [CompletionResultType]::ParameterValue, 'List the programs that are registered, the oldest first')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete a program, and end all that people let it do')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'keyctl;client;add' {
            [CompletionResult]::new('--redirect-uri', '--redirect-uri', [CompletionResultType]::ParameterName, 'Where browsers may be sent back to: https, or http on this machine; repeat it for several')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--device', '--device', [CompletionResultType]::ParameterName, 'Let it show codes, as programs without a browser do')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Try everything, change nothing')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;client;list' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyctl;client;ls' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyctl;client;delete' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Try everything, change nothing')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;client;help' {
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Register a program, which gets a client id')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the programs that are registered, the oldest first')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete a program, and end all that people let it do')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'keyctl;client;help;add' {
            break
        }
        'keyctl;client;help;list' {
            break
        }
        'keyctl;client;help;delete' {
            break
        }
        'keyctl;client;help;help' {
            break
        }
        'keyctl;master' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Make a master key, and print the line that sets it')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show the store''s master keys: how much each one seals, and which are loaded')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Open every envelope, and say which ones do not open')
            [CompletionResult]::new('rotate', 'rotate', [CompletionResultType]::ParameterValue, 'Replace the master key, without a stop')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'keyctl;master;init' {
            [CompletionResult]::new('--out-file', '--out-file', [CompletionResultType]::ParameterName, 'Write the key alone into this new file (mode 0600), for KEYCTL_MASTER_KEY_FILE')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;master;status' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;master;check' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--failing', '--failing', [CompletionResultType]::ParameterName, 'Only those that do not open')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;master;rotate' {
            [CompletionResult]::new('--lost', '--lost', [CompletionResultType]::ParameterName, 'Give up the master key with this id, which is lost')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Look at everything, change nothing')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;master;help' {
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Make a master key, and print the line that sets it')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show the store''s master keys: how much each one seals, and which are loaded')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Open every envelope, and say which ones do not open')
            [CompletionResult]::new('rotate', 'rotate', [CompletionResultType]::ParameterValue, 'Replace the master key, without a stop')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'keyctl;master;help;init' {
            break
        }
        'keyctl;master;help;status' {
            break
        }
        'keyctl;master;help;check' {
            break
        }
        'keyctl;master;help;rotate' {
            break
        }
        'keyctl;master;help;help' {
            break
        }
        'keyctl;plan' {
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'The manifest: a file, a folder of them, or - for standard input; repeat it for more of the same manifest')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'The manifest: a file, a folder of them, or - for standard input; repeat it for more of the same manifest')
            [CompletionResult]::new('--select', '--select', [CompletionResultType]::ParameterName, 'Only keys with this label, as in team=search or team, and nothing else of the manifest')
            [CompletionResult]::new('--prune-max', '--prune-max', [CompletionResultType]::ParameterName, 'So many at most [default: 5]')
            [CompletionResult]::new('--sink-root', '--sink-root', [CompletionResultType]::ParameterName, 'Below which all files of sinks are [default: the folder of the first manifest]')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'Write the plan into this file, for keyctl apply --plan')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--prune', '--prune', [CompletionResultType]::ParameterName, 'Revoke the keys that this manifest made and does not declare any more')
            [CompletionResult]::new('--replace-revoked', '--replace-revoked', [CompletionResultType]::ParameterName, 'Make keys again that were revoked')
            [CompletionResult]::new('--exit-code', '--exit-code', [CompletionResultType]::ParameterName, 'Exit with 10 if there is something to change')
            [CompletionResult]::new('--schema', '--schema', [CompletionResultType]::ParameterName, 'Print the JSON Schema of manifests, for an editor, and do nothing else')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;apply' {
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'The manifest: a file, a folder of them, or - for standard input; repeat it for more of the same manifest')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'The manifest: a file, a folder of them, or - for standard input; repeat it for more of the same manifest')
            [CompletionResult]::new('--select', '--select', [CompletionResultType]::ParameterName, 'Only keys with this label, as in team=search or team, and nothing else of the manifest')
            [CompletionResult]::new('--prune-max', '--prune-max', [CompletionResultType]::ParameterName, 'So many at most [default: 5]')
            [CompletionResult]::new('--sink-root', '--sink-root', [CompletionResultType]::ParameterName, 'Below which all files of sinks are [default: the folder of the first manifest]')
            [CompletionResult]::new('--plan', '--plan', [CompletionResultType]::ParameterName, 'Carry out this plan of keyctl plan --out: just that, or nothing if what it read has changed')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'How long to wait while somebody else applies the same manifest, as in 10m')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--prune', '--prune', [CompletionResultType]::ParameterName, 'Revoke the keys that this manifest made and does not declare any more')
            [CompletionResult]::new('--replace-revoked', '--replace-revoked', [CompletionResultType]::ParameterName, 'Make keys again that were revoked')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Try everything, change nothing, deliver nothing')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;dump' {
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'What the manifest is called')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;export' {
            [CompletionResult]::new('--role', '--role', [CompletionResultType]::ParameterName, 'Only keys with this role')
            [CompletionResult]::new('--scope', '--scope', [CompletionResultType]::ParameterName, 'Only keys that a verification would let do this, from a fitting address: they work now, and their scopes, their roles and their parent allow it; with --all or --state also keys that do not work now; repeat it or separate by commas for keys that may do all of it')
            [CompletionResult]::new('--state', '--state', [CompletionResultType]::ParameterName, 'Only keys in this state; repeat it or separate by commas for more')
            [CompletionResult]::new('--label', '--label', [CompletionResultType]::ParameterName, 'Only keys with this label: name=value, or name for any value')
            [CompletionResult]::new('--expiring', '--expiring', [CompletionResultType]::ParameterName, 'Only keys that work now and end within this time, as in 14d')
            [CompletionResult]::new('--unused', '--unused', [CompletionResultType]::ParameterName, 'Only keys that keyctl serve has not seen for this time, as in 90d; services that read the store themselves say nothing of it')
            [CompletionResult]::new('--out-file', '--out-file', [CompletionResultType]::ParameterName, 'Write into this new file (mode 0600) instead; it appears complete or not at all')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--with-hashes', '--with-hashes', [CompletionResultType]::ParameterName, 'The hashes of their tokens, too')
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Revoked keys, too')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Revoked keys, too')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;import' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('mem0', 'mem0', [CompletionResultType]::ParameterValue, 'Keep the keys working that stand in an .env file as API_KEYS')
            [CompletionResult]::new('csv', 'csv', [CompletionResultType]::ParameterValue, 'Import keys as SHA-256 hashes of their tokens, from CSV')
            [CompletionResult]::new('jsonl', 'jsonl', [CompletionResultType]::ParameterValue, 'Import keys as SHA-256 hashes of their tokens, from JSON lines')
            [CompletionResult]::new('apollo', 'apollo', [CompletionResultType]::ParameterValue, 'Take over the clients of an OpenFn Apollo in the store''s own database')
            [CompletionResult]::new('litellm', 'litellm', [CompletionResultType]::ParameterValue, 'Keep the keys of a LiteLLM proxy working')
            [CompletionResult]::new('better-auth', 'better-auth', [CompletionResultType]::ParameterValue, 'Keep the keys working that the API-key plugin of better-auth issued')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'keyctl;import;mem0' {
            [CompletionResult]::new('--scope', '--scope', [CompletionResultType]::ParameterName, 'What the keys may do: memories, memories:read, files:*; repeat it or separate by commas')
            [CompletionResult]::new('--role', '--role', [CompletionResultType]::ParameterName, 'A role whose scopes they get, too; repeat it for more')
            [CompletionResult]::new('--label', '--label', [CompletionResultType]::ParameterName, 'Something to find them by, as in source=mem0')
            [CompletionResult]::new('--expires', '--expires', [CompletionResultType]::ParameterName, 'When they end: a duration (30d), a day (its end in UTC), a time (2027-01-31T12:00:00Z) or never [default: 90d, and 30d for keys that may be guessed]')
            [CompletionResult]::new('--out-file', '--out-file', [CompletionResultType]::ParameterName, 'Write the new tokens into this new file (mode 0600) instead')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--allow-all', '--allow-all', [CompletionResultType]::ParameterName, 'Let the scope * stand, which allows everything')
            [CompletionResult]::new('--owner-first', '--owner-first', [CompletionResultType]::ParameterName, 'The file names the owner first: {"owner": "KEY"}')
            [CompletionResult]::new('--key-first', '--key-first', [CompletionResultType]::ParameterName, 'The file names the key first, though owners look more like keys: ids that look random')
            [CompletionResult]::new('--remint', '--remint', [CompletionResultType]::ParameterName, 'Give the owners new tokens instead, printed once as owner/name and token on each line')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Try everything, change nothing, print no token')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;import;csv' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--allow-all', '--allow-all', [CompletionResultType]::ParameterName, 'Let the scope * stand, which allows everything')
            [CompletionResult]::new('--any-owner', '--any-owner', [CompletionResultType]::ParameterName, 'Take owners and subjects that look like tokens; they are kept in clear')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Check everything, change nothing')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;import;jsonl' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--allow-all', '--allow-all', [CompletionResultType]::ParameterName, 'Let the scope * stand, which allows everything')
            [CompletionResult]::new('--any-owner', '--any-owner', [CompletionResultType]::ParameterName, 'Take owners and subjects that look like tokens; they are kept in clear')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Check everything, change nothing')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;import;apollo' {
            [CompletionResult]::new('--scope', '--scope', [CompletionResultType]::ParameterName, 'What the keys may do: chat, chat:write; repeat it or separate by commas')
            [CompletionResult]::new('--expires', '--expires', [CompletionResultType]::ParameterName, 'When they end: a duration (30d), a time (2027-01-31T12:00:00Z) or never [default: 90d]')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--allow-all', '--allow-all', [CompletionResultType]::ParameterName, 'Let the scope * stand, which allows everything')
            [CompletionResult]::new('--skip-unusable', '--skip-unusable', [CompletionResultType]::ParameterName, 'Leave rows out whose key for anthropic is missing or does not open; their tokens end')
            [CompletionResult]::new('--any-text', '--any-text', [CompletionResultType]::ParameterName, 'Take keys for anthropic that look wrong: with letters outside ASCII, in quotes, NAME=value')
            [CompletionResult]::new('--into-existing-owners', '--into-existing-owners', [CompletionResultType]::ParameterName, 'Let clients become owners that exist already under their names')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Try everything, change nothing')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;import;litellm' {
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'Whose the keys become that name no user')
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'The other program''s database: postgres://USER@HOST/DATABASE, or a SQLite file')
            [CompletionResult]::new('--scope', '--scope', [CompletionResultType]::ParameterName, 'What all keys may do besides: chat, files:read; repeat it or separate by commas')
            [CompletionResult]::new('--role', '--role', [CompletionResultType]::ParameterName, 'A role whose scopes they get, too; repeat it for more')
            [CompletionResult]::new('--label', '--label', [CompletionResultType]::ParameterName, 'Something to find them by, as in source=litellm')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--allow-all', '--allow-all', [CompletionResultType]::ParameterName, 'Let the scope * stand, which allows everything')
            [CompletionResult]::new('--skip-unusable', '--skip-unusable', [CompletionResultType]::ParameterName, 'Leave rows out that cannot be keys, and list them')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Try everything, change nothing')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;import;better-auth' {
            [CompletionResult]::new('--table', '--table', [CompletionResultType]::ParameterName, 'The plugin''s table')
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'The other program''s database: postgres://USER@HOST/DATABASE, or a SQLite file')
            [CompletionResult]::new('--scope', '--scope', [CompletionResultType]::ParameterName, 'What all keys may do besides: chat, files:read; repeat it or separate by commas')
            [CompletionResult]::new('--role', '--role', [CompletionResultType]::ParameterName, 'A role whose scopes they get, too; repeat it for more')
            [CompletionResult]::new('--label', '--label', [CompletionResultType]::ParameterName, 'Something to find them by, as in source=litellm')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--no-limits', '--no-limits', [CompletionResultType]::ParameterName, 'Leave rates and quotas out')
            [CompletionResult]::new('--allow-all', '--allow-all', [CompletionResultType]::ParameterName, 'Let the scope * stand, which allows everything')
            [CompletionResult]::new('--skip-unusable', '--skip-unusable', [CompletionResultType]::ParameterName, 'Leave rows out that cannot be keys, and list them')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Try everything, change nothing')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;import;help' {
            [CompletionResult]::new('mem0', 'mem0', [CompletionResultType]::ParameterValue, 'Keep the keys working that stand in an .env file as API_KEYS')
            [CompletionResult]::new('csv', 'csv', [CompletionResultType]::ParameterValue, 'Import keys as SHA-256 hashes of their tokens, from CSV')
            [CompletionResult]::new('jsonl', 'jsonl', [CompletionResultType]::ParameterValue, 'Import keys as SHA-256 hashes of their tokens, from JSON lines')
            [CompletionResult]::new('apollo', 'apollo', [CompletionResultType]::ParameterValue, 'Take over the clients of an OpenFn Apollo in the store''s own database')
            [CompletionResult]::new('litellm', 'litellm', [CompletionResultType]::ParameterValue, 'Keep the keys of a LiteLLM proxy working')
            [CompletionResult]::new('better-auth', 'better-auth', [CompletionResultType]::ParameterValue, 'Keep the keys working that the API-key plugin of better-auth issued')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'keyctl;import;help;mem0' {
            break
        }
        'keyctl;import;help;csv' {
            break
        }
        'keyctl;import;help;jsonl' {
            break
        }
        'keyctl;import;help;apollo' {
            break
        }
        'keyctl;import;help;litellm' {
            break
        }
        'keyctl;import;help;better-auth' {
            break
        }
        'keyctl;import;help;help' {
            break
        }
        'keyctl;audit' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the records, oldest first')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Check that no record is missing or altered')
            [CompletionResult]::new('checkpoint', 'checkpoint', [CompletionResultType]::ParameterValue, 'Print an anchor of the log, to keep elsewhere')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write the records out, with all that their hashes cover')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'keyctl;audit;list' {
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Not older than this: a duration (24h) or a time (2027-01-31T12:00:00Z)')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'About this key, also a revoked one: id, owner/name, or token prefix; - for standard input')
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'About this owner, also under what it was called before')
            [CompletionResult]::new('--actor', '--actor', [CompletionResultType]::ParameterName, 'By this actor: as claimed, else the system''s user; or the database''s user')
            [CompletionResult]::new('--action', '--action', [CompletionResultType]::ParameterName, 'Of this action, as in mint; store means every store action')
            [CompletionResult]::new('--outcome', '--outcome', [CompletionResultType]::ParameterName, 'With this end')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'Only the newest so many; 0 for all')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Go on with each new record as it is committed')
            [CompletionResult]::new('--follow', '--follow', [CompletionResultType]::ParameterName, 'Go on with each new record as it is committed')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;audit;verify' {
            [CompletionResult]::new('--anchor', '--anchor', [CompletionResultType]::ParameterName, 'An anchor that the log must contain; @FILE or - for many, one a line')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;audit;checkpoint' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;audit;export' {
            [CompletionResult]::new('--since-seq', '--since-seq', [CompletionResultType]::ParameterName, 'From this record on')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Not older than this: a duration (24h) or a time (2027-01-31T12:00:00Z)')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'About this key, also a revoked one: id, owner/name, or token prefix; - for standard input')
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'About this owner, also under what it was called before')
            [CompletionResult]::new('--actor', '--actor', [CompletionResultType]::ParameterName, 'By this actor: as claimed, else the system''s user; or the database''s user')
            [CompletionResult]::new('--action', '--action', [CompletionResultType]::ParameterName, 'Of this action, as in mint; store means every store action')
            [CompletionResult]::new('--outcome', '--outcome', [CompletionResultType]::ParameterName, 'With this end')
            [CompletionResult]::new('--out-file', '--out-file', [CompletionResultType]::ParameterName, 'Write into this new file (mode 0600) instead; it appears complete or not at all')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;audit;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the records, oldest first')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Check that no record is missing or altered')
            [CompletionResult]::new('checkpoint', 'checkpoint', [CompletionResultType]::ParameterValue, 'Print an anchor of the log, to keep elsewhere')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write the records out, with all that their hashes cover')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'keyctl;audit;help;list' {
            break
        }
        'keyctl;audit;help;verify' {
            break
        }
        'keyctl;audit;help;checkpoint' {
            break
        }
        'keyctl;audit;help;export' {
            break
        }
        'keyctl;audit;help;help' {
            break
        }
        'keyctl;store' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Create a store')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show what the store is and holds')
            [CompletionResult]::new('migrate', 'migrate', [CompletionResultType]::ParameterValue, 'Bring an older store''s schema up to date')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Recompute and compare everything that can be')
            [CompletionResult]::new('grant', 'grant', [CompletionResultType]::ParameterValue, 'Let a service read the store')
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Set what the whole store has')
            [CompletionResult]::new('backup', 'backup', [CompletionResultType]::ParameterValue, 'Write all of the store into one file, while others use it')
            [CompletionResult]::new('restore', 'restore', [CompletionResultType]::ParameterValue, 'Make the store of a backup, or put it in the place of the one that is there')
            [CompletionResult]::new('copy', 'copy', [CompletionResultType]::ParameterValue, 'Copy the store to another place, or move it there')
            [CompletionResult]::new('reopen', 'reopen', [CompletionResultType]::ParameterValue, 'Take a move back: the old place is the store again')
            [CompletionResult]::new('accept-rollback', 'accept-rollback', [CompletionResultType]::ParameterValue, 'Go on with a store that lost changes')
            [CompletionResult]::new('compat', 'compat', [CompletionResultType]::ParameterValue, 'Let another program read the store in its own form')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'keyctl;store;init' {
            [CompletionResult]::new('--prefix', '--prefix', [CompletionResultType]::ParameterName, 'What tokens start with, as in acme or k2 [default: sks]')
            [CompletionResult]::new('--expires', '--expires', [CompletionResultType]::ParameterName, 'How long keys live where nobody says otherwise: a duration or never [default: 90d]')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--if-absent', '--if-absent', [CompletionResultType]::ParameterName, 'If there is a store already, do nothing')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Try everything, change nothing')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;store;status' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--count', '--count', [CompletionResultType]::ParameterName, 'Count keys, owners and tokens, however many there are')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;store;migrate' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Try everything, change nothing')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;store;check' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;store;grant' {
            [CompletionResult]::new('--for', '--for', [CompletionResultType]::ParameterName, 'For whom it is: serve reads its own views, too, and writes what keyctl serve writes of use; issue reads the sealed key that signs short-lived tokens besides; revoke may revoke keys and nothing else; lease may get tokens of credentials and hand them out, and needs the master key for it; portal may make, renew, stop and end keys, and keeps who is signed in; portal-issue the same, and lets programs in, for which it reads the sealed key that signs; leaks may stop and end keys, and writes down what was reported')
            [CompletionResult]::new('--group', '--group', [CompletionResultType]::ParameterName, 'A group of this system, by its name or number, for a SQLite file')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--secrets', '--secrets', [CompletionResultType]::ParameterName, 'Let it read bindings and sealed secrets, too')
            [CompletionResult]::new('--none', '--none', [CompletionResultType]::ParameterName, 'Take everything away again')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Try everything, change nothing')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;store;set' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('issuer', 'issuer', [CompletionResultType]::ParameterValue, 'Set where short-lived tokens say that they are from')
            [CompletionResult]::new('audience', 'audience', [CompletionResultType]::ParameterValue, 'Set whom short-lived tokens may be for, besides the issuer')
            [CompletionResult]::new('portal', 'portal', [CompletionResultType]::ParameterValue, 'Set where the portal is, at which people get keys of their own')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'keyctl;store;set;issuer' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Try everything, change nothing')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;store;set;audience' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Try everything, change nothing')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyctl;store;set;portal' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Try everything, change nothing')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;store;set;help' {
            [CompletionResult]::new('issuer', 'issuer', [CompletionResultType]::ParameterValue, 'Set where short-lived tokens say that they are from')
            [CompletionResult]::new('audience', 'audience', [CompletionResultType]::ParameterValue, 'Set whom short-lived tokens may be for, besides the issuer')
            [CompletionResult]::new('portal', 'portal', [CompletionResultType]::ParameterValue, 'Set where the portal is, at which people get keys of their own')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'keyctl;store;set;help;issuer' {
            break
        }
        'keyctl;store;set;help;audience' {
            break
        }
        'keyctl;store;set;help;portal' {
            break
        }
        'keyctl;store;set;help;help' {
            break
        }
        'keyctl;store;backup' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--verify', '--verify', [CompletionResultType]::ParameterName, 'Read this backup to its end instead: is it whole, and what is in it')
            [CompletionResult]::new('--no-encrypt', '--no-encrypt', [CompletionResultType]::ParameterName, 'Do not seal it: whoever reads the file has all hashes, names and envelopes')
            [CompletionResult]::new('--overwrite', '--overwrite', [CompletionResultType]::ParameterName, 'Take the place of an earlier backup')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;store;restore' {
            [CompletionResult]::new('--anchor', '--anchor', [CompletionResultType]::ParameterName, 'An anchor of the store''s log that the backup must contain; @FILE or - for many, one a line')
            [CompletionResult]::new('--replay', '--replay', [CompletionResultType]::ParameterName, 'The audit log, as audit export or a sink wrote it: what it takes away behind the backup is taken away again')
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Why, kept in the audit log')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--accept-rollback', '--accept-rollback', [CompletionResultType]::ParameterName, 'Go back behind a later state that is known')
            [CompletionResult]::new('--replace-other', '--replace-other', [CompletionResultType]::ParameterName, 'Put it in the place of another store, which is not the one that the backup is of')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Try everything, change nothing')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;store;copy' {
            [CompletionResult]::new('--to', '--to', [CompletionResultType]::ParameterName, 'Where to, with nothing in it: a path or the address of a PostgreSQL database, without its password')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--cut-over', '--cut-over', [CompletionResultType]::ParameterName, 'Move it: from then on the old place answers nobody')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Try everything, change nothing')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;store;reopen' {
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Why, kept in the audit log')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--abandon', '--abandon', [CompletionResultType]::ParameterName, 'What was changed at the new place may be lost, or nobody can look: revocations are lost, too')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Try everything, change nothing')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;store;accept-rollback' {
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Why, kept in the audit log')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--seen-elsewhere', '--seen-elsewhere', [CompletionResultType]::ParameterName, 'A service or another machine saw the later state, not this one')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Try everything, change nothing')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;store;compat' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('apollo', 'apollo', [CompletionResultType]::ParameterValue, 'Let OpenFn Apollo read its clients from this store, unchanged')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'keyctl;store;compat;apollo' {
            [CompletionResult]::new('--scope', '--scope', [CompletionResultType]::ParameterName, 'What a key must be allowed to do to be shown')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--explain', '--explain', [CompletionResultType]::ParameterName, 'List the keys that are not shown, each with the reason; needs no key')
            [CompletionResult]::new('--new-key', '--new-key', [CompletionResultType]::ParameterName, 'Let the APOLLO_ENC_KEY given replace the one before')
            [CompletionResult]::new('--remove', '--remove', [CompletionResultType]::ParameterName, 'Take the view away, with the right to read it, and all that was sealed for it')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Try everything, change nothing')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;store;compat;help' {
            [CompletionResult]::new('apollo', 'apollo', [CompletionResultType]::ParameterValue, 'Let OpenFn Apollo read its clients from this store, unchanged')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'keyctl;store;compat;help;apollo' {
            break
        }
        'keyctl;store;compat;help;help' {
            break
        }
        'keyctl;store;help' {
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Create a store')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show what the store is and holds')
            [CompletionResult]::new('migrate', 'migrate', [CompletionResultType]::ParameterValue, 'Bring an older store''s schema up to date')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Recompute and compare everything that can be')
            [CompletionResult]::new('grant', 'grant', [CompletionResultType]::ParameterValue, 'Let a service read the store')
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Set what the whole store has')
            [CompletionResult]::new('backup', 'backup', [CompletionResultType]::ParameterValue, 'Write all of the store into one file, while others use it')
            [CompletionResult]::new('restore', 'restore', [CompletionResultType]::ParameterValue, 'Make the store of a backup, or put it in the place of the one that is there')
            [CompletionResult]::new('copy', 'copy', [CompletionResultType]::ParameterValue, 'Copy the store to another place, or move it there')
            [CompletionResult]::new('reopen', 'reopen', [CompletionResultType]::ParameterValue, 'Take a move back: the old place is the store again')
            [CompletionResult]::new('accept-rollback', 'accept-rollback', [CompletionResultType]::ParameterValue, 'Go on with a store that lost changes')
            [CompletionResult]::new('compat', 'compat', [CompletionResultType]::ParameterValue, 'Let another program read the store in its own form')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'keyctl;store;help;init' {
            break
        }
        'keyctl;store;help;status' {
            break
        }
        'keyctl;store;help;migrate' {
            break
        }
        'keyctl;store;help;check' {
            break
        }
        'keyctl;store;help;grant' {
            break
        }
        'keyctl;store;help;set' {
            [CompletionResult]::new('issuer', 'issuer', [CompletionResultType]::ParameterValue, 'Set where short-lived tokens say that they are from')
            [CompletionResult]::new('audience', 'audience', [CompletionResultType]::ParameterValue, 'Set whom short-lived tokens may be for, besides the issuer')
            [CompletionResult]::new('portal', 'portal', [CompletionResultType]::ParameterValue, 'Set where the portal is, at which people get keys of their own')
            break
        }
        'keyctl;store;help;set;issuer' {
            break
        }
        'keyctl;store;help;set;audience' {
            break
        }
        'keyctl;store;help;set;portal' {
            break
        }
        'keyctl;store;help;backup' {
            break
        }
        'keyctl;store;help;restore' {
            break
        }
        'keyctl;store;help;copy' {
            break
        }
        'keyctl;store;help;reopen' {
            break
        }
        'keyctl;store;help;accept-rollback' {
            break
        }
        'keyctl;store;help;compat' {
            [CompletionResult]::new('apollo', 'apollo', [CompletionResultType]::ParameterValue, 'Let OpenFn Apollo read its clients from this store, unchanged')
            break
        }
        'keyctl;store;help;compat;apollo' {
            break
        }
        'keyctl;store;help;help' {
            break
        }
        'keyctl;policy' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Set rules; those that are not named stay')
            [CompletionResult]::new('unset', 'unset', [CompletionResultType]::ParameterValue, 'Take rules away')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show the rules')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Count the keys that would be refused today')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'keyctl;policy;set' {
            [CompletionResult]::new('--max-expiry', '--max-expiry', [CompletionResultType]::ParameterName, 'No key lives longer than this from when it is made or given another end, as in 365d')
            [CompletionResult]::new('--max-live-keys-per-owner', '--max-live-keys-per-owner', [CompletionResultType]::ParameterName, 'An owner has at most so many keys that are neither revoked nor expired')
            [CompletionResult]::new('--prefixes', '--prefixes', [CompletionResultType]::ParameterName, 'New tokens begin with one of these, the first where nobody says which')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--require-scope', '--require-scope', [CompletionResultType]::ParameterName, 'Every key has a scope or a role')
            [CompletionResult]::new('--require-expiry', '--require-expiry', [CompletionResultType]::ParameterName, 'Every key ends')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Try everything, change nothing')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;policy;unset' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Try everything, change nothing')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyctl;policy;show' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyctl;policy;check' {
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'At most so many names for each rule')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--exit-code', '--exit-code', [CompletionResultType]::ParameterName, 'End with 10 if there are any')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;policy;help' {
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Set rules; those that are not named stay')
            [CompletionResult]::new('unset', 'unset', [CompletionResultType]::ParameterValue, 'Take rules away')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show the rules')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Count the keys that would be refused today')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'keyctl;policy;help;set' {
            break
        }
        'keyctl;policy;help;unset' {
            break
        }
        'keyctl;policy;help;show' {
            break
        }
        'keyctl;policy;help;check' {
            break
        }
        'keyctl;policy;help;help' {
            break
        }
        'keyctl;leaks' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('scan', 'scan', [CompletionResultType]::ParameterValue, 'Find tokens in files, archives, repositories and logs, and say whose they are')
            [CompletionResult]::new('rules', 'rules', [CompletionResultType]::ParameterValue, 'Print the rules by which another scanner finds tokens and master keys')
            [CompletionResult]::new('serve', 'serve', [CompletionResultType]::ParameterValue, 'Take reports of leaked tokens over HTTP, and stop what is reported')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'keyctl;leaks;scan' {
            [CompletionResult]::new('--weak-words', '--weak-words', [CompletionResultType]::ParameterName, 'Look the lines of this file up as imported tokens that can be guessed; at most 1,000, about 0.2 s each')
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Why, kept with the key and in the audit log [default: found by keyctl leaks scan]')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--git', '--git', [CompletionResultType]::ParameterName, 'The paths are repositories: search what each commit of any branch changed, and its message')
            [CompletionResult]::new('--foreign', '--foreign', [CompletionResultType]::ParameterName, 'Search for imported tokens, too: words of 16 to 512 letters, digits, _ and -, or with . + / = ~')
            [CompletionResult]::new('--no-store', '--no-store', [CompletionResultType]::ParameterName, 'Ask no store whose the tokens are')
            [CompletionResult]::new('--revoke', '--revoke', [CompletionResultType]::ParameterName, 'Revoke the keys whose tokens were found and work; of a rotation''s old token, end the grace')
            [CompletionResult]::new('--suspend', '--suspend', [CompletionResultType]::ParameterName, 'Suspend the keys whose tokens were found and work')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Say what would be revoked or suspended, change nothing')
            [CompletionResult]::new('--sarif', '--sarif', [CompletionResultType]::ParameterName, 'Print a SARIF 2.1.0 log, as code hosts read it')
            [CompletionResult]::new('--exit-code', '--exit-code', [CompletionResultType]::ParameterName, 'End with 10 if a token was found that works, or may where no store was asked')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;leaks;rules' {
            [CompletionResult]::new('--for', '--for', [CompletionResultType]::ParameterName, 'Whose rules')
            [CompletionResult]::new('--prefix', '--prefix', [CompletionResultType]::ParameterName, 'A prefix of tokens, in the place of the store''s; may be given several times')
            [CompletionResult]::new('--webhook', '--webhook', [CompletionResultType]::ParameterName, 'For trufflehog: the address that it asks whether what it found is a token')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;leaks;serve' {
            [CompletionResult]::new('--rule', '--rule', [CompletionResultType]::ParameterName, 'What becomes of a token that works: record, suspend or revoke, of all or of some; the first that fits. May be repeated')
            [CompletionResult]::new('--github-secret-file', '--github-secret-file', [CompletionResultType]::ParameterName, 'Holds the secret that GitHub signs webhooks with')
            [CompletionResult]::new('--github-keys', '--github-keys', [CompletionResultType]::ParameterName, 'The keys of GitHub''s partner program: the address of their list, or a file that holds it')
            [CompletionResult]::new('--listen', '--listen', [CompletionResultType]::ParameterName, 'Where to listen: an address with a port, or unix:PATH; may be repeated [default: 127.0.0.1:8713]')
            [CompletionResult]::new('--tls-cert', '--tls-cert', [CompletionResultType]::ParameterName, 'Its certificate with those above it, as PEM')
            [CompletionResult]::new('--tls-key', '--tls-key', [CompletionResultType]::ParameterName, 'The certificate''s private key, as PEM')
            [CompletionResult]::new('--trusted-proxy', '--trusted-proxy', [CompletionResultType]::ParameterName, 'Networks of proxies, whose X-Forwarded-For is believed; may be repeated')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'How the log is written: text or json [default: text]')
            [CompletionResult]::new('--log-level', '--log-level', [CompletionResultType]::ParameterName, 'How much is logged: error, warn, info or debug [default: info]')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--insecure-listen', '--insecure-listen', [CompletionResultType]::ParameterName, 'Listen beyond this machine without TLS, since something else protects it')
            [CompletionResult]::new('--check', '--check', [CompletionResultType]::ParameterName, 'Look whether it could serve, and serve nothing')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;leaks;help' {
            [CompletionResult]::new('scan', 'scan', [CompletionResultType]::ParameterValue, 'Find tokens in files, archives, repositories and logs, and say whose they are')
            [CompletionResult]::new('rules', 'rules', [CompletionResultType]::ParameterValue, 'Print the rules by which another scanner finds tokens and master keys')
            [CompletionResult]::new('serve', 'serve', [CompletionResultType]::ParameterValue, 'Take reports of leaked tokens over HTTP, and stop what is reported')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'keyctl;leaks;help;scan' {
            break
        }
        'keyctl;leaks;help;rules' {
            break
        }
        'keyctl;leaks;help;serve' {
            break
        }
        'keyctl;leaks;help;help' {
            break
        }
        'keyctl;doctor' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--quick', '--quick', [CompletionResultType]::ParameterName, 'Leave out what takes long for a large store: the walks over all of it, and opening every envelope')
            [CompletionResult]::new('--fix', '--fix', [CompletionResultType]::ParameterName, 'Do what is safe: take away rights to the store''s files and folder that nobody gave, make a missing index anew, move a long log into its file')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'With --fix: say what would be done, change nothing')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Name the checks that found nothing, too')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;serve' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Its configuration file: policies, limits, TLS')
            [CompletionResult]::new('--listen', '--listen', [CompletionResultType]::ParameterName, 'Where to listen, and for whom: ADDRESS=public|internal|all; may be repeated [default: 127.0.0.1:8711=all]')
            [CompletionResult]::new('--trusted-proxy', '--trusted-proxy', [CompletionResultType]::ParameterName, 'Networks of proxies, whose X-Forwarded-For is believed; may be repeated')
            [CompletionResult]::new('--changes-store', '--changes-store', [CompletionResultType]::ParameterName, 'Let whoever holds a token revoke its key, POST /revoke, at this second address of the store')
            [CompletionResult]::new('--issue-store', '--issue-store', [CompletionResultType]::ParameterName, 'Exchange keys for short-lived tokens, POST /token, with the signing key read at this address of the store')
            [CompletionResult]::new('--lease-store', '--lease-store', [CompletionResultType]::ParameterName, 'Hand out tokens of credentials, got anew before they end, POST /lease and /resolve, from this address of the store')
            [CompletionResult]::new('--workers', '--workers', [CompletionResultType]::ParameterName, 'Threads [default: one for each processor]')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'How the log is written: text or json [default: text]')
            [CompletionResult]::new('--log-level', '--log-level', [CompletionResultType]::ParameterName, 'How much is logged: error, warn, info or debug [default: info]')
            [CompletionResult]::new('--explain', '--explain', [CompletionResultType]::ParameterName, 'Say by which policy, route and rule a request passes or not, as in ''GET /v1/memories/alice''; serves nothing')
            [CompletionResult]::new('--as-key', '--as-key', [CompletionResultType]::ParameterName, 'The key that would come with it: an id, owner/name, or a token''s prefix')
            [CompletionResult]::new('--policy', '--policy', [CompletionResultType]::ParameterName, 'Explain this one alone, as a gateway names it: @NAME, or a scope [default: all of the configuration]')
            [CompletionResult]::new('--ip', '--ip', [CompletionResultType]::ParameterName, 'The client''s address; without it networks are left out')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--insecure-listen', '--insecure-listen', [CompletionResultType]::ParameterName, 'Listen beyond this machine without TLS, since something else protects it')
            [CompletionResult]::new('--observe', '--observe', [CompletionResultType]::ParameterName, 'Let everything pass, and only count what would be refused')
            [CompletionResult]::new('--read-only', '--read-only', [CompletionResultType]::ParameterName, 'Record nothing, and refuse keys with a quota: for a role or a file that may not be written')
            [CompletionResult]::new('--check', '--check', [CompletionResultType]::ParameterName, 'Look whether it could serve, and serve nothing')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;portal' {
            [CompletionResult]::new('--origin', '--origin', [CompletionResultType]::ParameterName, 'The address that people type: https and a host, and a port if it is not 443 [default: that of the store]')
            [CompletionResult]::new('--listen', '--listen', [CompletionResultType]::ParameterName, 'Where to listen: an address with a port, or unix:PATH; may be repeated [default: 127.0.0.1:8712]')
            [CompletionResult]::new('--tls-cert', '--tls-cert', [CompletionResultType]::ParameterName, 'Its certificate with those above it, as PEM')
            [CompletionResult]::new('--tls-key', '--tls-key', [CompletionResultType]::ParameterName, 'The certificate''s private key, as PEM')
            [CompletionResult]::new('--trusted-proxy', '--trusted-proxy', [CompletionResultType]::ParameterName, 'Networks of proxies, whose X-Forwarded-For is believed; may be repeated')
            [CompletionResult]::new('--service-url', '--service-url', [CompletionResultType]::ParameterName, 'Where keys are used, for the lines that show how [default: https://api.example.com]')
            [CompletionResult]::new('--oidc', '--oidc', [CompletionResultType]::ParameterName, 'People may sign in at this OpenID provider, too, if an owner has their subject: its issuer')
            [CompletionResult]::new('--oidc-client-id', '--oidc-client-id', [CompletionResultType]::ParameterName, 'The client that the portal is there; its redirect URI is that of the pages with /oidc/callback')
            [CompletionResult]::new('--oidc-client-secret-file', '--oidc-client-secret-file', [CompletionResultType]::ParameterName, 'Holds the client''s secret; without it the client is a public one')
            [CompletionResult]::new('--oidc-claim', '--oidc-claim', [CompletionResultType]::ParameterName, 'Which claim is an owner''s subject: sub, preferred_username, or email if it is verified [default: sub]')
            [CompletionResult]::new('--oidc-role', '--oidc-role', [CompletionResultType]::ParameterName, 'The role whose scopes they may give to keys that they make [default: none, so they make none]')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'How the log is written: text or json [default: text]')
            [CompletionResult]::new('--log-level', '--log-level', [CompletionResultType]::ParameterName, 'How much is logged: error, warn, info or debug [default: info]')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--insecure-listen', '--insecure-listen', [CompletionResultType]::ParameterName, 'Listen beyond this machine without TLS, since something else protects it')
            [CompletionResult]::new('--issue', '--issue', [CompletionResultType]::ParameterName, 'Let programs that speak MCP in for people: sign tokens for them, as the issuer of the store')
            [CompletionResult]::new('--check', '--check', [CompletionResultType]::ParameterName, 'Look whether it could serve, and serve nothing')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;config' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show the settings in force')
            [CompletionResult]::new('profiles', 'profiles', [CompletionResultType]::ParameterValue, 'List the profiles of the configuration file')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'keyctl;config;show' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--origin', '--origin', [CompletionResultType]::ParameterName, 'Who set each: a flag, a variable, a line of the file or nobody')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;config;profiles' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyctl;config;help' {
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show the settings in force')
            [CompletionResult]::new('profiles', 'profiles', [CompletionResultType]::ParameterValue, 'List the profiles of the configuration file')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'keyctl;config;help;show' {
            break
        }
        'keyctl;config;help;profiles' {
            break
        }
        'keyctl;config;help;help' {
            break
        }
        'keyctl;conformance' {
            [CompletionResult]::new('--kind', '--kind', [CompletionResultType]::ParameterName, 'Only cases of this kind')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('print', 'print', [CompletionResultType]::ParameterValue, 'Print the cases with their answers')
            [CompletionResult]::new('run', 'run', [CompletionResultType]::ParameterValue, 'Ask a program every case, and compare its answers')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'keyctl;conformance;print' {
            [CompletionResult]::new('--kind', '--kind', [CompletionResultType]::ParameterName, 'Only cases of this kind')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;conformance;run' {
            [CompletionResult]::new('--kind', '--kind', [CompletionResultType]::ParameterName, 'Only cases of this kind')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one answer may take, as in 500ms')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--allow-unsupported', '--allow-unsupported', [CompletionResultType]::ParameterName, 'What the program cannot do is no failure')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;conformance;help' {
            [CompletionResult]::new('print', 'print', [CompletionResultType]::ParameterValue, 'Print the cases with their answers')
            [CompletionResult]::new('run', 'run', [CompletionResultType]::ParameterValue, 'Ask a program every case, and compare its answers')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'keyctl;conformance;help;print' {
            break
        }
        'keyctl;conformance;help;run' {
            break
        }
        'keyctl;conformance;help;help' {
            break
        }
        'keyctl;completions' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;man' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'Store: a path, sqlite:PATH or postgres://USER@HOST/DATABASE')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the configuration file: settings for what is not said here')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How data is printed: a table on a terminal, plain elsewhere')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another process''s change to end, as in 30s [default: 1500ms]')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'With -o csv: cells as they are, also those that a spreadsheet takes for formulas')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes where a command asks whether you mean it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say which configuration and store are used, and why; of an error, what led to it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'keyctl;help' {
            [CompletionResult]::new('mint', 'mint', [CompletionResultType]::ParameterValue, 'Make a new key and print its token, once')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List keys')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show keys')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Verify a token, read from standard input')
            [CompletionResult]::new('rotate', 'rotate', [CompletionResultType]::ParameterValue, 'Give a key a new token')
            [CompletionResult]::new('revoke', 'revoke', [CompletionResultType]::ParameterValue, 'Revoke keys')
            [CompletionResult]::new('suspend', 'suspend', [CompletionResultType]::ParameterValue, 'Stop keys for a while')
            [CompletionResult]::new('resume', 'resume', [CompletionResultType]::ParameterValue, 'Let suspended keys work again')
            [CompletionResult]::new('edit', 'edit', [CompletionResultType]::ParameterValue, 'Change a live key')
            [CompletionResult]::new('scope', 'scope', [CompletionResultType]::ParameterValue, 'See and change what a key may do')
            [CompletionResult]::new('can', 'can', [CompletionResultType]::ParameterValue, 'Say whether a key or an owner may do something, and which rule decides')
            [CompletionResult]::new('usage', 'usage', [CompletionResultType]::ParameterValue, 'Show what keys were used for')
            [CompletionResult]::new('expiring', 'expiring', [CompletionResultType]::ParameterValue, 'List what ends soon, the first end first')
            [CompletionResult]::new('notify', 'notify', [CompletionResultType]::ParameterValue, 'Tell somebody of what ends soon: 14, 3 and 1 day before it, and when it ended; and of leaks and canaries that were seen')
            [CompletionResult]::new('owner', 'owner', [CompletionResultType]::ParameterValue, 'Keep the principals that keys act for')
            [CompletionResult]::new('role', 'role', [CompletionResultType]::ParameterValue, 'Name sets of scopes that many keys share')
            [CompletionResult]::new('secret', 'secret', [CompletionResultType]::ParameterValue, 'Keep providers'' keys, sealed under a master key, and say who gets which')
            [CompletionResult]::new('resolve', 'resolve', [CompletionResultType]::ParameterValue, 'Turn a client''s token, read from standard input, into the provider''s secret')
            [CompletionResult]::new('exec', 'exec', [CompletionResultType]::ParameterValue, 'Run a command with secrets in its environment')
            [CompletionResult]::new('oauth', 'oauth', [CompletionResultType]::ParameterValue, 'Keep OAuth credentials, and have new tokens for them before the old ones end')
            [CompletionResult]::new('lease', 'lease', [CompletionResultType]::ParameterValue, 'Use the token of a credential for a while, in which nobody gets a new one that ends it')
            [CompletionResult]::new('jwt', 'jwt', [CompletionResultType]::ParameterValue, 'Exchange a key for a short-lived token (JWT), and verify one')
            [CompletionResult]::new('signing-key', 'signing-key', [CompletionResultType]::ParameterValue, 'Keep the keys that sign short-lived tokens (JWTs)')
            [CompletionResult]::new('trust', 'trust', [CompletionResultType]::ParameterValue, 'Let the pipelines of a CI get short-lived tokens without a key')
            [CompletionResult]::new('federation', 'federation', [CompletionResultType]::ParameterValue, 'Get providers'' tokens for a signed identity, and store no key of theirs')
            [CompletionResult]::new('invite', 'invite', [CompletionResultType]::ParameterValue, 'Invite somebody to make keys of their own, by a link that works once')
            [CompletionResult]::new('invitation', 'invitation', [CompletionResultType]::ParameterValue, 'See whom links are out for, and take links back')
            [CompletionResult]::new('session', 'session', [CompletionResultType]::ParameterValue, 'See who is signed in to the portal, and sign them out')
            [CompletionResult]::new('client', 'client', [CompletionResultType]::ParameterValue, 'Register programs that people may let in at the portal')
            [CompletionResult]::new('master', 'master', [CompletionResultType]::ParameterValue, 'Keep the key that all provider secrets are sealed under')
            [CompletionResult]::new('plan', 'plan', [CompletionResultType]::ParameterValue, 'Show what a manifest would change')
            [CompletionResult]::new('apply', 'apply', [CompletionResultType]::ParameterValue, 'Make the store as a manifest declares it')
            [CompletionResult]::new('dump', 'dump', [CompletionResultType]::ParameterValue, 'Write the manifest of what is in the store')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write keys out, for another store or for a list')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Move keys in that exist elsewhere')
            [CompletionResult]::new('audit', 'audit', [CompletionResultType]::ParameterValue, 'Read the log of all changes, and check that it is whole')
            [CompletionResult]::new('store', 'store', [CompletionResultType]::ParameterValue, 'Make a store, look at it, bring it up to date, check it, back it up, copy it, move it')
            [CompletionResult]::new('policy', 'policy', [CompletionResultType]::ParameterValue, 'Set what the store asks of every key that is made or changed')
            [CompletionResult]::new('leaks', 'leaks', [CompletionResultType]::ParameterValue, 'Find tokens that stand where they should not, and stop them')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Look for everything that can be wrong here, and say what to do about each')
            [CompletionResult]::new('serve', 'serve', [CompletionResultType]::ParameterValue, 'Answer gateways and servers over HTTP: who is this, and may it?')
            [CompletionResult]::new('portal', 'portal', [CompletionResultType]::ParameterValue, 'Serve the pages where people get their own keys')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'Show the settings, and the profiles of the configuration file')
            [CompletionResult]::new('conformance', 'conformance', [CompletionResultType]::ParameterValue, 'Prove that another program agrees with keyctl''s formats')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print a completion script for a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print the manual page of a command')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'keyctl;help;mint' {
            break
        }
        'keyctl;help;list' {
            break
        }
        'keyctl;help;show' {
            break
        }
        'keyctl;help;verify' {
            break
        }
        'keyctl;help;rotate' {
            break
        }
        'keyctl;help;revoke' {
            break
        }
        'keyctl;help;suspend' {
            break
        }
        'keyctl;help;resume' {
            break
        }
        'keyctl;help;edit' {
            break
        }
        'keyctl;help;scope' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the scopes of a key, and where each comes from')
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Give a key more scopes')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Take scopes from a key')
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Give a key these scopes in place of those it was given itself')
            break
        }
        'keyctl;help;scope;list' {
            break
        }
        'keyctl;help;scope;add' {
            break
        }
        'keyctl;help;scope;remove' {
            break
        }
        'keyctl;help;scope;set' {
            break
        }
        'keyctl;help;can' {
            break
        }
        'keyctl;help;usage' {
            break
        }
        'keyctl;help;expiring' {
            break
        }
        'keyctl;help;notify' {
            break
        }
        'keyctl;help;owner' {
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Make an owner without keys')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List owners')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one owner')
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Give an owner another subject, or a quota')
            [CompletionResult]::new('rename', 'rename', [CompletionResultType]::ParameterValue, 'Call an owner otherwise')
            [CompletionResult]::new('disable', 'disable', [CompletionResultType]::ParameterValue, 'Stop all keys of an owner at once')
            [CompletionResult]::new('enable', 'enable', [CompletionResultType]::ParameterValue, 'Bring all keys of an owner back')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Take an owner off the list')
            break
        }
        'keyctl;help;owner;add' {
            break
        }
        'keyctl;help;owner;list' {
            break
        }
        'keyctl;help;owner;show' {
            break
        }
        'keyctl;help;owner;set' {
            break
        }
        'keyctl;help;owner;rename' {
            break
        }
        'keyctl;help;owner;disable' {
            break
        }
        'keyctl;help;owner;enable' {
            break
        }
        'keyctl;help;owner;delete' {
            break
        }
        'keyctl;help;role' {
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Make a role, or give it other scopes')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List roles')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one role')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete a role')
            break
        }
        'keyctl;help;role;set' {
            break
        }
        'keyctl;help;role;list' {
            break
        }
        'keyctl;help;role;show' {
            break
        }
        'keyctl;help;role;delete' {
            break
        }
        'keyctl;help;secret' {
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Keep a provider''s key, or give the one of this name a new value')
            [CompletionResult]::new('rotate', 'rotate', [CompletionResultType]::ParameterValue, 'Give a secret a new value')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List secrets, without their values')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one secret: its versions and who uses it, without its value')
            [CompletionResult]::new('get', 'get', [CompletionResultType]::ParameterValue, 'Print a secret''s value')
            [CompletionResult]::new('rollback', 'rollback', [CompletionResultType]::ParameterValue, 'Hand out an earlier version again, or bring a deleted secret back')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Take a secret off the list, or wipe it')
            [CompletionResult]::new('bind', 'bind', [CompletionResultType]::ParameterValue, 'Say who gets a secret')
            [CompletionResult]::new('unbind', 'unbind', [CompletionResultType]::ParameterValue, 'Take a secret from those who are bound to it')
            break
        }
        'keyctl;help;secret;set' {
            break
        }
        'keyctl;help;secret;rotate' {
            break
        }
        'keyctl;help;secret;list' {
            break
        }
        'keyctl;help;secret;show' {
            break
        }
        'keyctl;help;secret;get' {
            break
        }
        'keyctl;help;secret;rollback' {
            break
        }
        'keyctl;help;secret;delete' {
            break
        }
        'keyctl;help;secret;bind' {
            break
        }
        'keyctl;help;secret;unbind' {
            break
        }
        'keyctl;help;resolve' {
            break
        }
        'keyctl;help;exec' {
            break
        }
        'keyctl;help;oauth' {
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Keep a credential whose tokens you have')
            [CompletionResult]::new('login', 'login', [CompletionResultType]::ParameterValue, 'Sign in at a provider, and keep the credential')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List OAuth credentials: when they end, and what went wrong with them')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one credential, without its tokens')
            [CompletionResult]::new('refresh', 'refresh', [CompletionResultType]::ParameterValue, 'Get a new token for a credential')
            [CompletionResult]::new('replace', 'replace', [CompletionResultType]::ParameterValue, 'Give a credential new tokens, after a new sign-in')
            [CompletionResult]::new('watch', 'watch', [CompletionResultType]::ParameterValue, 'Get new tokens for all credentials that are in use, before they end')
            break
        }
        'keyctl;help;oauth;add' {
            break
        }
        'keyctl;help;oauth;login' {
            break
        }
        'keyctl;help;oauth;list' {
            break
        }
        'keyctl;help;oauth;show' {
            break
        }
        'keyctl;help;oauth;refresh' {
            break
        }
        'keyctl;help;oauth;replace' {
            break
        }
        'keyctl;help;oauth;watch' {
            break
        }
        'keyctl;help;lease' {
            [CompletionResult]::new('acquire', 'acquire', [CompletionResultType]::ParameterValue, 'Take a lease: print the token, and what the lease is given up with')
            [CompletionResult]::new('renew', 'renew', [CompletionResultType]::ParameterValue, 'Hold a lease for longer: its holder token is read from standard input')
            [CompletionResult]::new('release', 'release', [CompletionResultType]::ParameterValue, 'Give a lease up: its holder token is read from standard input')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the leases that are held')
            [CompletionResult]::new('break', 'break', [CompletionResultType]::ParameterValue, 'Take a lease from its holder')
            break
        }
        'keyctl;help;lease;acquire' {
            break
        }
        'keyctl;help;lease;renew' {
            break
        }
        'keyctl;help;lease;release' {
            break
        }
        'keyctl;help;lease;list' {
            break
        }
        'keyctl;help;lease;break' {
            break
        }
        'keyctl;help;jwt' {
            [CompletionResult]::new('issue', 'issue', [CompletionResultType]::ParameterValue, 'Print a short-lived token for a key, whose own token is read from standard input')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Verify a short-lived token, read from standard input')
            break
        }
        'keyctl;help;jwt;issue' {
            break
        }
        'keyctl;help;jwt;verify' {
            break
        }
        'keyctl;help;signing-key' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the signing keys, the oldest first')
            [CompletionResult]::new('rotate', 'rotate', [CompletionResultType]::ParameterValue, 'Let the next key sign, and publish another')
            [CompletionResult]::new('revoke', 'revoke', [CompletionResultType]::ParameterValue, 'Take a signing key out at once, and all tokens that it signed')
            [CompletionResult]::new('jwks', 'jwks', [CompletionResultType]::ParameterValue, 'Print the public keys as verifiers want them: a JWK Set (RFC 7517)')
            break
        }
        'keyctl;help;signing-key;list' {
            break
        }
        'keyctl;help;signing-key;rotate' {
            break
        }
        'keyctl;help;signing-key;revoke' {
            break
        }
        'keyctl;help;signing-key;jwks' {
            break
        }
        'keyctl;help;trust' {
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Trust what a CI says of its jobs')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the trusts')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one trust')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete a trust, and revoke its key')
            break
        }
        'keyctl;help;trust;add' {
            break
        }
        'keyctl;help;trust;list' {
            break
        }
        'keyctl;help;trust;show' {
            break
        }
        'keyctl;help;trust;delete' {
            break
        }
        'keyctl;help;federation' {
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Agree with a provider that a signed identity takes the place of a key')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List federations')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one federation, its keys and the secrets that are got by it')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Print the document that the provider is given')
            [CompletionResult]::new('activate', 'activate', [CompletionResultType]::ParameterValue, 'Let the next key of a federation sign')
            [CompletionResult]::new('rotate', 'rotate', [CompletionResultType]::ParameterValue, 'Make the next key of a federation')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete a federation and its keys')
            break
        }
        'keyctl;help;federation;add' {
            break
        }
        'keyctl;help;federation;list' {
            break
        }
        'keyctl;help;federation;show' {
            break
        }
        'keyctl;help;federation;export' {
            break
        }
        'keyctl;help;federation;activate' {
            break
        }
        'keyctl;help;federation;rotate' {
            break
        }
        'keyctl;help;federation;delete' {
            break
        }
        'keyctl;help;invite' {
            break
        }
        'keyctl;help;invitation' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the invitations whose links work, newest first')
            [CompletionResult]::new('revoke', 'revoke', [CompletionResultType]::ParameterValue, 'Take an invitation back')
            break
        }
        'keyctl;help;invitation;list' {
            break
        }
        'keyctl;help;invitation;revoke' {
            break
        }
        'keyctl;help;session' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the sessions that last, newest first')
            [CompletionResult]::new('end', 'end', [CompletionResultType]::ParameterValue, 'End a session, or all of an owner')
            break
        }
        'keyctl;help;session;list' {
            break
        }
        'keyctl;help;session;end' {
            break
        }
        'keyctl;help;client' {
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Register a program, which gets a client id')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the programs that are registered, the oldest first')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete a program, and end all that people let it do')
            break
        }
        'keyctl;help;client;add' {
            break
        }
        'keyctl;help;client;list' {
            break
        }
        'keyctl;help;client;delete' {
            break
        }
        'keyctl;help;master' {
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Make a master key, and print the line that sets it')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show the store''s master keys: how much each one seals, and which are loaded')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Open every envelope, and say which ones do not open')
            [CompletionResult]::new('rotate', 'rotate', [CompletionResultType]::ParameterValue, 'Replace the master key, without a stop')
            break
        }
        'keyctl;help;master;init' {
            break
        }
        'keyctl;help;master;status' {
            break
        }
        'keyctl;help;master;check' {
            break
        }
        'keyctl;help;master;rotate' {
            break
        }
        'keyctl;help;plan' {
            break
        }
        'keyctl;help;apply' {
            break
        }
        'keyctl;help;dump' {
            break
        }
        'keyctl;help;export' {
            break
        }
        'keyctl;help;import' {
            [CompletionResult]::new('mem0', 'mem0', [CompletionResultType]::ParameterValue, 'Keep the keys working that stand in an .env file as API_KEYS')
            [CompletionResult]::new('csv', 'csv', [CompletionResultType]::ParameterValue, 'Import keys as SHA-256 hashes of their tokens, from CSV')
            [CompletionResult]::new('jsonl', 'jsonl', [CompletionResultType]::ParameterValue, 'Import keys as SHA-256 hashes of their tokens, from JSON lines')
            [CompletionResult]::new('apollo', 'apollo', [CompletionResultType]::ParameterValue, 'Take over the clients of an OpenFn Apollo in the store''s own database')
            [CompletionResult]::new('litellm', 'litellm', [CompletionResultType]::ParameterValue, 'Keep the keys of a LiteLLM proxy working')
            [CompletionResult]::new('better-auth', 'better-auth', [CompletionResultType]::ParameterValue, 'Keep the keys working that the API-key plugin of better-auth issued')
            break
        }
        'keyctl;help;import;mem0' {
            break
        }
        'keyctl;help;import;csv' {
            break
        }
        'keyctl;help;import;jsonl' {
            break
        }
        'keyctl;help;import;apollo' {
            break
        }
        'keyctl;help;import;litellm' {
            break
        }
        'keyctl;help;import;better-auth' {
            break
        }
        'keyctl;help;audit' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the records, oldest first')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Check that no record is missing or altered')
            [CompletionResult]::new('checkpoint', 'checkpoint', [CompletionResultType]::ParameterValue, 'Print an anchor of the log, to keep elsewhere')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write the records out, with all that their hashes cover')
            break
        }
        'keyctl;help;audit;list' {
            break
        }
        'keyctl;help;audit;verify' {
            break
        }
        'keyctl;help;audit;checkpoint' {
            break
        }
        'keyctl;help;audit;export' {
            break
        }
        'keyctl;help;store' {
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Create a store')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show what the store is and holds')
            [CompletionResult]::new('migrate', 'migrate', [CompletionResultType]::ParameterValue, 'Bring an older store''s schema up to date')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Recompute and compare everything that can be')
            [CompletionResult]::new('grant', 'grant', [CompletionResultType]::ParameterValue, 'Let a service read the store')
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Set what the whole store has')
            [CompletionResult]::new('backup', 'backup', [CompletionResultType]::ParameterValue, 'Write all of the store into one file, while others use it')
            [CompletionResult]::new('restore', 'restore', [CompletionResultType]::ParameterValue, 'Make the store of a backup, or put it in the place of the one that is there')
            [CompletionResult]::new('copy', 'copy', [CompletionResultType]::ParameterValue, 'Copy the store to another place, or move it there')
            [CompletionResult]::new('reopen', 'reopen', [CompletionResultType]::ParameterValue, 'Take a move back: the old place is the store again')
            [CompletionResult]::new('accept-rollback', 'accept-rollback', [CompletionResultType]::ParameterValue, 'Go on with a store that lost changes')
            [CompletionResult]::new('compat', 'compat', [CompletionResultType]::ParameterValue, 'Let another program read the store in its own form')
            break
        }
        'keyctl;help;store;init' {
            break
        }
        'keyctl;help;store;status' {
            break
        }
        'keyctl;help;store;migrate' {
            break
        }
        'keyctl;help;store;check' {
            break
        }
        'keyctl;help;store;grant' {
            break
        }
        'keyctl;help;store;set' {
            [CompletionResult]::new('issuer', 'issuer', [CompletionResultType]::ParameterValue, 'Set where short-lived tokens say that they are from')
            [CompletionResult]::new('audience', 'audience', [CompletionResultType]::ParameterValue, 'Set whom short-lived tokens may be for, besides the issuer')
            [CompletionResult]::new('portal', 'portal', [CompletionResultType]::ParameterValue, 'Set where the portal is, at which people get keys of their own')
            break
        }
        'keyctl;help;store;set;issuer' {
            break
        }
        'keyctl;help;store;set;audience' {
            break
        }
        'keyctl;help;store;set;portal' {
            break
        }
        'keyctl;help;store;backup' {
            break
        }
        'keyctl;help;store;restore' {
            break
        }
        'keyctl;help;store;copy' {
            break
        }
        'keyctl;help;store;reopen' {
            break
        }
        'keyctl;help;store;accept-rollback' {
            break
        }
        'keyctl;help;store;compat' {
            [CompletionResult]::new('apollo', 'apollo', [CompletionResultType]::ParameterValue, 'Let OpenFn Apollo read its clients from this store, unchanged')
            break
        }
        'keyctl;help;store;compat;apollo' {
            break
        }
        'keyctl;help;policy' {
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Set rules; those that are not named stay')
            [CompletionResult]::new('unset', 'unset', [CompletionResultType]::ParameterValue, 'Take rules away')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show the rules')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Count the keys that would be refused today')
            break
        }
        'keyctl;help;policy;set' {
            break
        }
        'keyctl;help;policy;unset' {
            break
        }
        'keyctl;help;policy;show' {
            break
        }
        'keyctl;help;policy;check' {
            break
        }
        'keyctl;help;leaks' {
            [CompletionResult]::new('scan', 'scan', [CompletionResultType]::ParameterValue, 'Find tokens in files, archives, repositories and logs, and say whose they are')
            [CompletionResult]::new('rules', 'rules', [CompletionResultType]::ParameterValue, 'Print the rules by which another scanner finds tokens and master keys')
            [CompletionResult]::new('serve', 'serve', [CompletionResultType]::ParameterValue, 'Take reports of leaked tokens over HTTP, and stop what is reported')
            break
        }
        'keyctl;help;leaks;scan' {
            break
        }
        'keyctl;help;leaks;rules' {
            break
        }
        'keyctl;help;leaks;serve' {
            break
        }
        'keyctl;help;doctor' {
            break
        }
        'keyctl;help;serve' {
            break
        }
        'keyctl;help;portal' {
            break
        }
        'keyctl;help;config' {
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show the settings in force')
            [CompletionResult]::new('profiles', 'profiles', [CompletionResultType]::ParameterValue, 'List the profiles of the configuration file')
            break
        }
        'keyctl;help;config;show' {
            break
        }
        'keyctl;help;config;profiles' {
            break
        }
        'keyctl;help;conformance' {
            [CompletionResult]::new('print', 'print', [CompletionResultType]::ParameterValue, 'Print the cases with their answers')
            [CompletionResult]::new('run', 'run', [CompletionResultType]::ParameterValue, 'Ask a program every case, and compare its answers')
            break
        }
        'keyctl;help;conformance;print' {
            break
        }
        'keyctl;help;conformance;run' {
            break
        }
        'keyctl;help;completions' {
            break
        }
        'keyctl;help;man' {
            break
        }
        'keyctl;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}

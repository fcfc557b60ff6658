//! Everything that is printed as JSON, on both databases, held against its schema.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use super::schema::Schemas;
use crate::support::cli::{Ran, Sandbox, finish};
use crate::support::store::Place;

/// A command, the schema of what it prints, and how that is laid out.
struct Row(&'static str, &'static str, Shape);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    One,
    /// An array in JSON, which holds something.
    List,
    /// The same, and it may be empty.
    Maybe,
    /// Lines, whatever the format.
    Lines,
}
use Shape::{Lines, List, Maybe, One};

/// Run in this order. What stands behind `<` is a file on standard input.
#[rustfmt::skip]
const ROWS: &[Row] = &[
    Row("role set reader --scope files:read,memories", "role", One),
    Row("role list", "role", List),
    Row("role show reader", "role", One),
    Row("mint alice --scope memories,files:read --role reader --rate 600/m --quota 10000/day \
         --allow-ip 10.0.0.0/8 --label team=search --expires 30d --out-file alice.token", "minted", One),
    Row("mint alice --scope memories,files:read --role reader --rate 600/m --quota 10000/day \
         --allow-ip 10.0.0.0/8 --label team=search --if-absent", "minted", One),
    Row("mint bob@example.org --name job --expires never", "minted", One),
    Row("mint bob@example.org --name later --not-before 2099-01-01T00:00:00Z --expires never", "minted", One),
    Row("mint alice --name child --parent alice/default --scope memories:read --out-file child.token", "minted", One),
    Row("rotate alice/default --out-file alice.token", "minted", One),
    Row("rotate bob@example.org/job", "minted", One),
    Row("rotate bob@example.org/job --if-expiring 14d", "minted", One),
    Row("rotate --owner alice --dry-run", "stopped", Maybe),
    Row("rotate --owner bob@example.org --older-than 1d --yes", "minted", Maybe),
    Row("list", "key", List),
    Row("list --all --owner alice", "key", List),
    Row("show alice/default", "key", One),
    Row("show alice/default alice/child", "key", List),
    Row("edit alice/default --label team=find --rate none --name laptop", "key", One),
    Row("scope add alice/laptop images:*", "key", One),
    Row("scope remove alice/laptop images:*", "key", One),
    Row("scope set alice/laptop memories", "key", One),
    Row("scope list alice/laptop", "held-scope", List),
    Row("scope list alice/child", "held-scope", List),
    Row("verify --ip 10.1.2.3 < alice.token", "verdict", One),
    Row("verify --ip 10.1.2.3 --scope secrets < alice.token", "verdict", One),
    Row("verify --ip 192.0.2.1 < alice.token", "verdict", One),
    Row("verify - --ip 10.1.2.3 < both.token", "verdict", List),
    Row("can alice/laptop memories", "can", One),
    Row("can alice/laptop files:read", "can", One),
    Row("can alice secrets", "can", One),
    Row("serve --config serve.toml --explain REQUEST --as-key alice/laptop", "explained", List),
    Row("serve --config serve.toml --explain REQUEST --as-key alice/laptop --ip 192.0.2.1", "explained", List),
    Row("serve --explain REQUEST --as-key alice/child --policy files:read", "explained", List),
    Row("serve --explain REQUEST --as-key alice/child", "error", One),
    Row("secret set anthropic team-a --expires 10d --label team=search < value.txt", "secret", One),
    Row("secret set anthropic team-a --expires 20d < value.txt", "secret", One),
    Row("secret set openai spare --multiline < value.txt", "secret", One),
    Row("secret rotate team-a < new-value.txt", "secret", One),
    Row("secret rotate team-a < new-value.txt", "error", One),
    Row("secret rollback team-a", "secret", One),
    Row("secret list", "secret", List),
    Row("secret bind team-a alice/laptop", "bound", One),
    Row("secret bind team-a alice", "bound", One),
    Row("secret bind team-a alice", "bound", One),
    Row("secret bind team-a --default", "bound", One),
    Row("secret bind spare --default", "bound", One),
    Row("secret show team-a", "secret-shown", One),
    Row("secret get team-a", "secret-value", One),
    Row("secret get team-a --version 2", "secret-value", One),
    Row("secret delete team-a", "error", One),
    Row("secret unbind team-a --default", "bound", One),
    Row("secret unbind team-a --default", "bound", One),
    Row("resolve --provider anthropic --ip 10.1.2.3 < alice.token", "resolved", One),
    Row("resolve --provider anthropic --ip 192.0.2.1 < alice.token", "resolved", One),
    Row("resolve --provider anthropic < no.token", "resolved", One),
    Row("resolve --provider google --ip 10.1.2.3 < alice.token", "error", One),
    Row("oauth add deploy --provider github --token-endpoint https://login.example.com/token --client-id app < tokens.json", "oauth-credential", One),
    Row("oauth login deploy --provider github --client-id app", "error", One),
    Row("oauth list", "oauth-credential", List),
    Row("oauth show deploy", "oauth-credential", One),
    Row("oauth refresh deploy", "oauth-credential", One),
    Row("oauth replace deploy < tokens.json", "oauth-credential", One),
    Row("oauth show team-a", "error", One),
    Row("lease acquire deploy", "lease-held", List),
    Row("lease list", "lease", List),
    Row("lease acquire team-a", "error", One),
    Row("lease renew < alice.token", "error", One),
    Row("lease release < alice.token", "error", One),
    Row("lease break lse_01h455vb4pex5vsknk084sn02q --yes", "error", One),
    Row("master status", "master-key", List),
    Row("master check", "master-checked", List),
    Row("store set issuer https://keys.example.com", "token-settings", One),
    Row("store set audience billing", "token-settings", One),
    Row("store set portal https://keys.example.com", "token-settings", One),
    Row("invite greta --scope memories --expires 90d", "invited", One),
    Row("mint greta --scope memories --claim", "invited", One),
    Row("invitation list", "invitation", List),
    Row("invitation list --owner greta --all", "invitation", List),
    Row("invitation revoke clm_01h455vb4pex5vsknk084sn02q", "error", One),
    Row("session list --all", "session", Maybe),
    Row("session end --owner greta", "session", Maybe),
    Row("session end pss_01h455vb4pex5vsknk084sn02q", "error", One),
    Row("client add Editor --redirect-uri http://127.0.0.1/callback --device", "client", One),
    Row("client list", "client", List),
    Row("client delete mcl_01h455vb4pex5vsknk084sn02q", "error", One),
    Row("signing-key rotate", "signing-keys-turned", One),
    Row("signing-key list", "signing-key", List),
    Row("signing-key jwks", "jwks", One),
    Row("signing-key revoke AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA --yes", "error", One),
    Row("trust add deploy --issuer https://gitlab.com --audience https://keys.example.com --claim project_id=123 \
         --claim ref=refs/heads/main --owner ci --scope deploy", "trust", One),
    Row("trust show deploy", "trust", One),
    Row("trust list", "trust", List),
    Row("show ci/deploy", "key", One),
    Row("trust delete deploy --yes", "trust", One),
    Row("federation add sts --kind rfc8693 --issuer https://keys.example.com/sts --token-endpoint http://127.0.0.1:1/token --audience sts --parameter scope=a", "federation-turned", One),
    Row("federation export sts", "jwks", One),
    Row("federation activate sts --uploaded", "federation-turned", One),
    Row("federation rotate sts", "federation-turned", One),
    Row("federation activate sts --uploaded", "federation-turned", One),
    Row("federation list", "federation", List),
    Row("secret set google got --federation sts --subject agents:{owner}:", "secret", One),
    Row("secret show got", "secret-shown", One),
    Row("federation show sts", "federation", One),
    Row("federation delete sts", "error", One),
    Row("secret delete got --purge --yes", "secret", One),
    Row("federation delete sts", "federation", One),
    Row("mint fred --scope memories --out-file fred.token", "minted", One),
    Row("jwt issue --audience billing < fred.token", "jwt", One),
    Row("jwt verify < no.token", "jwt-verdict", One),
    Row("suspend alice/laptop --reason found", "stopped", List),
    Row("suspend alice/laptop --for 1h", "stopped", List),
    Row("can alice/child memories:read", "can", One),
    Row("verify < child.token", "verdict", One),
    Row("resume alice/laptop", "stopped", List),
    Row("owner add carol", "owner", One),
    Row("can carol memories", "can", One),
    Row("owner set alice --subject alice", "owner", One),
    Row("owner set alice --quota 10000/day", "owner", One),
    Row("usage", "usage-key", List),
    Row("usage --by owner --days 2", "usage-owner", List),
    Row("usage --by day --days 2", "usage-day", List),
    Row("usage --would-deny --days 2", "usage-would-deny", List),
    Row("mint bait/door --canary", "minted", One),
    Row("list --canaries", "key", List),
    Row("usage --canaries --days 2", "usage-canary", List),
    Row("owner rename alice alice", "owner", One),
    Row("owner disable alice --yes --reason found", "owner", One),
    Row("verify < alice.token", "verdict", One),
    Row("owner enable alice", "owner", One),
    Row("owner list", "owner", List),
    Row("owner show alice", "owner", One),
    Row("owner delete carol --yes", "owner", One),
    Row("revoke alice/laptop --reason lost", "stopped", List),
    Row("revoke --owner bob@example.org --yes", "stopped", List),
    Row("verify < alice.token", "verdict", One),
    Row("verify < no.token", "verdict", One),
    Row("list --all", "key", List),
    Row("mint dora --scope a --out-file alice.token", "error", One),
    Row("rotate alice/laptop", "error", One),
    Row("show nobody", "error", One),
    Row("mint", "error", One),
    Row("list --store no-such.db", "error", One),
    Row("leaks scan alice.token", "leak", List),
    Row("leaks scan --no-store alice.token", "leak", List),
    Row("role delete reader", "role", One),
    Row("secret delete spare --unbind", "secret", One),
    Row("secret list --deleted", "secret", List),
    Row("secret show spare --deleted", "secret-shown", One),
    Row("secret delete spare --purge --yes", "secret", One),
    Row("master check --failing", "master-checked", Maybe),
    Row("master rotate --yes", "master-rotated", One),
    Row("master rotate --yes", "master-rotated", One),
    Row("master rotate --lost IN_USE --yes", "master-lost", One),
    Row("master status", "master-key", List),
    Row("master check", "master-checked", List),
    Row("plan -f team.json", "plan", One),
    Row("apply -f team.json --yes --dry-run", "applied", One),
    Row("apply -f team.json --yes", "applied", One),
    Row("plan -f team.json", "plan", One),
    Row("import mem0 mem0.env --scope memories", "import", One),
    Row("import mem0 mem0.env --scope memories --dry-run", "import", One),
    Row("import mem0 mem0.env --scope memories --remint", "minted", List),
    Row("import csv keys.csv", "import", One),
    Row("import jsonl keys.jsonl", "import", One),
    Row("import better-auth --from auth.db", "error", One),
    Row("import better-auth --from auth.db --skip-unusable --dry-run", "import", One),
    Row("import better-auth --from auth.db --skip-unusable", "import", One),
    Row("import litellm --from auth.db", "error", One),
    Row("export --all", "exported-key", Lines),
    Row("export --with-hashes", "exported-key", Lines),
    Row("list --owner frank", "key", List),
    Row("store compat apollo", "error", One),
    Row("import apollo --scope *", "error", One),
    Row("audit list", "audit-record", List),
    Row("audit verify", "audit-verified", One),
    Row("audit checkpoint", "anchor", One),
    Row("audit export", "audit-export", Lines),
    Row("store status", "store-status", One),
    Row("policy set --max-live-keys-per-owner 1000 --prefixes sks,acme", "policy", One),
    Row("policy show", "policy", One),
    Row("policy check", "policy-check", List),
    Row("policy unset max-live-keys-per-owner prefixes", "policy", One),
    Row("expiring --within 1y", "expiring", List),
    Row("notify --dry-run", "expiring", Maybe),
    Row("notify", "notified", List),
    Row("store migrate", "store-migrated", One),
    Row("store check", "store-finding", Maybe),
    Row("doctor --all", "doctor-finding", List),
    Row("store accept-rollback --seen-elsewhere --yes", "store-accepted", One),
    Row("store backup --no-encrypt all.backup", "store-backup", One),
    Row("store backup --verify all.backup", "store-backup", One),
    Row("store restore all.backup --yes --reason tried", "store-restored", One),
    Row("store copy --to copied.db", "store-copied", One),
    Row("store copy --to moved.db --cut-over --yes", "store-copied", One),
    Row("store status", "store-status", One),
    Row("store reopen --yes --reason tried", "store-reopened", One),
    Row("store grant no_such_role", "error", One),
    Row("config show --origin --profile prod", "setting", List),
    Row("config show", "setting", List),
    Row("config profiles", "profile", List),
    Row("conformance --kind master_key", "conformance-case", Lines),
    Row("conformance print --kind master_key", "conformance-case", List),
    Row("conformance run --kind master_key -- cat", "conformance", List),
];

/// Run after those, on PostgreSQL alone, beside a table of Apollo's.
#[rustfmt::skip]
const OF_APOLLO: &[Row] = &[
    Row("import apollo --scope chat --skip-unusable --dry-run", "apollo-client", List),
    Row("import apollo --scope chat --skip-unusable", "apollo-client", List),
    Row("store compat apollo --explain --scope files", "apollo-left-out", List),
    Row("store compat apollo --scope chat --dry-run", "apollo-view", One),
    Row("store compat apollo --scope chat", "apollo-view", One),
    Row("store compat apollo --explain", "apollo-left-out", List),
    Row("store compat apollo --remove --yes", "apollo-view", One),
    Row("audit list --action apollo", "audit-record", List),
    Row("audit list --action import", "audit-record", List),
];

const CLIENTS: &str = "CREATE TABLE public.lightning_clients (id serial, name text, auth_token_hash varchar(64), \
    anthropic_api_key text); INSERT INTO public.lightning_clients (name, auth_token_hash, anthropic_api_key) VALUES \
    ('acme', repeat('c', 64), 'sk-ant-of-acme'), ('Acme 2', repeat('d', 64), 'sk-ant-of-acme'), \
    ('none', repeat('e', 64), NULL)";

const APOLLO_KEY: &str = "YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE=";

const CONFIGURATION: &str =
    "output = \"table\"\n[notify]\ncommand = [\"cat\"]\n[profile.prod]\nprefix = \"acme\"\n";

/// As keyctl serve writes it, today by a clock that goes right.
const USED: &str = "DELETE FROM key_day; DELETE FROM would_deny;
    INSERT INTO key_day SELECT id, created_at / 86400000, 3, 1 FROM key WHERE owner = 'alice';
    INSERT INTO would_deny SELECT MAX(created_at) / 86400000, '@open', 'scope', 4 FROM key;
    DELETE FROM canary_sighting;
    INSERT INTO canary_sighting SELECT id, created_at / 3600000 * 3600000, '192.0.2.7', '/v1', '4fTq9ZkPw2Xa', 3, 0,
        created_at, created_at FROM key WHERE owner = 'bait'";

/// What keyctl serve handed out, which the first change records.
const DISCLOSED: &str = "INSERT INTO disclosure VALUES ('sec_01h455vb4pex5vsknk084sn02q', 1, \
    'key_01h455vb4pex5vsknk084sn02q', 'key_01h455vb4pex5vsknk084sn02q', 2, 1700000000000, 1700000000000)";

/// The keys of this store: a rotation replaces the first, and the second is lost.
const MASTER_KEY: &str = "hex:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const NEXT_MASTER_KEY: &str = "hex:202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f";
const LAST_MASTER_KEY: &str = "hex:404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f";

/// In a command, the id of the master key in use.
const IN_USE: &str = "IN_USE";

/// In a command, a request: it has a blank, and commands are cut there.
const REQUEST: (&str, &str) = ("REQUEST", "GET /m/alice");

/// Every way in which a policy may decide on it.
const POLICIES: &str = r#"
[policy.any]
require_https = true
[[policy.any.route]]
path = "/m/{owner}"
methods = ["GET"]
any_key = true
[policy.closed]
observe = true
[[policy.closed.route]]
path = "/m"
any_key = true
[policy.memories]
[[policy.memories.route]]
path = "/**"
scope = "memories"
[policy.secrets]
[[policy.secrets.route]]
path = "/**"
scope = "secrets"
"#;

fn in_use(sandbox: &Sandbox) -> String {
    let keys = sandbox.json(&["master", "status"]);
    let found = keys.as_array().expect("keys").iter().find(|key| key["state"] == "in_use");
    found.and_then(|key| key["id"].as_str()).expect("a key in use").to_owned()
}

pub(super) fn is_of_a_command(schema: &str) -> bool {
    ROWS.iter().chain(OF_FILES).chain(OF_APOLLO).any(|Row(_, name, _)| *name == schema)
}

/// What only a store in a file prints.
const OF_FILES: &[Row] =
    &[Row("store grant --none", "store-granted", One), Row("store status --count", "store-status", One)];

/// A store, with a configuration file and tokens to read beside it.
/// Two keys of better-auth, the second of which stands there in clear.
const BETTER_AUTH: &str = "CREATE TABLE apikey (id, referenceId, key, remaining, refillAmount, refillInterval); \
    INSERT INTO apikey VALUES ('1', 'gina', 'u5RbPs4IctPIXXUq-G8db7ggS9uVQtefq0s06fbLaPQ', 3, 5, 60000), \
    ('2', 'gina', 'in-the-clear', NULL, NULL, NULL)";

fn sandbox(place: Place) -> Sandbox {
    let sandbox = Sandbox::with_store(place);
    sandbox.place.sql(DISCLOSED).expect("written");
    let folder = sandbox.home().join(".config/keyctl");
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join("config.toml"), CONFIGURATION).expect("written");
    let table = rusqlite::Connection::open(sandbox.home().join("auth.db")).expect("a file");
    table.execute_batch(BETTER_AUTH).expect("better-auth's table");
    let hash = |digit: &str| digit.repeat(64);
    for (name, text) in [
        ("no.token", "no token\n".to_owned()),
        ("serve.toml", POLICIES.to_owned()),
        ("value.txt", "sk-ant-of-a-test\n".to_owned()),
        ("new-value.txt", "sk-ant-of-a-test-too\n".to_owned()),
        (
            "tokens.json",
            r#"{"access_token":"gho_of-a-test","refresh_token":"ghr_of-a-test","expires_in":28800}"#
                .to_owned(),
        ),
        ("mem0.env", "API_KEYS='{\"sk-frank-test-key-12345\": \"frank\"}'\n".to_owned()),
        ("keys.csv", format!("hash,owner\n{},erin\n", hash("a"))),
        (
            "team.json",
            r#"{"manifest": "team", "keys": {"zoe/agent": {"scopes": ["memories"], "sinks": [{"file": "zoe.token"}]}}}"#
                .to_owned(),
        ),
        ("keys.jsonl", format!("{{\"hash\":\"{}\",\"owner\":\"erin\"}}\n", hash("b"))),
    ] {
        fs::write(sandbox.home().join(name), text).expect("written");
    }
    sandbox
}

fn run(sandbox: &Sandbox, command: &str, format: &str) -> Ran {
    let (words, input) = command.split_once(" < ").unwrap_or((command, ""));
    let words =
        if words.contains(IN_USE) { words.replace(IN_USE, &in_use(sandbox)) } else { words.to_owned() };
    let mut words: Vec<&str> = words.split_whitespace().collect();
    words.iter_mut().filter(|word| **word == REQUEST.0).for_each(|word| *word = REQUEST.1);
    // Behind -- stands another program's command line.
    let end = words.iter().position(|word| *word == "--").unwrap_or(words.len());
    words.splice(end..end, ["-o", format]);
    let file = |name: &str| fs::read(sandbox.home().join(name)).expect("a file");
    let input = match input {
        "" => Vec::new(),
        "both.token" => [file("alice.token"), file("no.token")].concat(),
        name => file(name),
    };
    if words.first() == Some(&"usage") {
        sandbox.place.sql(USED).expect("written");
    }
    let mut ran = sandbox.command(&words);
    match words.first() {
        Some(&"master") if words.contains(&"--lost") => ran.env("KEYCTL_MASTER_KEY", LAST_MASTER_KEY),
        Some(&"master") if words.contains(&"rotate") => {
            ran.env("KEYCTL_MASTER_KEY", NEXT_MASTER_KEY).env("KEYCTL_MASTER_KEY_PREVIOUS", MASTER_KEY)
        }
        Some(&"import" | &"store") => ran.env("KEYCTL_MASTER_KEY", LAST_MASTER_KEY),
        _ => ran.env("KEYCTL_MASTER_KEY", MASTER_KEY),
    };
    ran.env("APOLLO_ENC_KEY", APOLLO_KEY);
    finish(ran, &input)
}

/// The values printed, which are laid out as the format wants it.
fn values(ran: &Ran, format: &str, shape: Shape) -> Result<Vec<Value>, String> {
    let has_failed = ran.stdout.is_empty() && ran.code != Some(0);
    let text = if has_failed { ran.stderr.lines().last().unwrap_or_default() } else { &ran.stdout };
    let parse = |text: &str| serde_json::from_str::<Value>(text).map_err(|error| format!("{error}: {text}"));
    let values = match (shape, format) {
        (List | Maybe, "json") => {
            parse(text)?.as_array().cloned().ok_or_else(|| format!("no array: {text}"))?
        }
        _ => text.lines().map(parse).collect::<Result<_, _>>()?,
    };
    match (shape, values.len()) {
        (One, 1) | (Maybe, _) | (List | Lines, 1..) => Ok(values),
        (_, count) => Err(format!("{count} values: {ran:?}")),
    }
}

fn check(place: &dyn Fn() -> Place) {
    let schemas = Schemas::read();
    let mut faults = Vec::new();
    for format in ["json", "jsonl"] {
        let sandbox = sandbox(place());
        let is_postgres = sandbox.place.database.is_some();
        if is_postgres {
            sandbox.place.sql(CLIENTS).expect("a table of Apollo's");
        }
        let more = if is_postgres { OF_APOLLO } else { OF_FILES };
        for Row(command, schema, shape) in ROWS.iter().chain(more) {
            let format = if *shape == Lines { "jsonl" } else { format };
            let found = match values(&run(&sandbox, command, format), format, *shape) {
                Ok(values) => values.iter().flat_map(|value| schemas.faults(schema, value)).collect(),
                Err(error) => vec![error],
            };
            let named = |fault| format!("$ keyctl {command} -o {format} ({schema}): {fault}");
            faults.extend(found.into_iter().map(named));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn everything_printed_is_as_its_schema_says_on_sqlite() {
    check(&Place::sqlite);
}

#[test]
fn everything_printed_is_as_its_schema_says_on_postgres() {
    check(&Place::postgres);
}

/// Whoever reads the log by its schema goes by the action.
#[test]
fn what_is_recorded_of_secrets_is_as_the_schema_of_its_action_says() {
    let (sandbox, schemas) = (sandbox(Place::sqlite()), Schemas::read());
    for Row(command, ..) in ROWS.iter().filter(|Row(_, name, _)| *name != "store-migrated") {
        run(&sandbox, command, "json");
    }
    let mut seen = BTreeSet::new();
    for record in sandbox.json(&["audit", "list"]).as_array().expect("records") {
        let (action, details) = (&record["record"]["action"], &record["record"]["details"]);
        let action = action.as_str().expect("a text");
        if (action.starts_with("secret.") || action.starts_with("master.")) && !details.is_null() {
            assert_eq!(
                schemas.faults_of_part("audit-body", action, details),
                Vec::<String>::new(),
                "{action}"
            );
            seen.insert(action.to_owned());
        }
    }
    let all = schemas.parts("audit-body");
    let missing: Vec<_> = all
        .iter()
        .filter(|name| name.starts_with("secret.") || name.starts_with("master."))
        .filter(|name| !seen.contains(*name))
        .collect();
    assert!(missing.is_empty(), "no record of {missing:?}");
}

/// A finding needs a damaged store.
#[test]
fn a_finding_is_as_its_schema_says() {
    let sandbox = sandbox(Place::sqlite());
    sandbox.ok(&["mint", "alice", "--scope", "m"]);
    sandbox.place.sql("UPDATE token SET scopes = '[\"files\"]'").expect("damaged");
    let ran = run(&sandbox, "store check", "json").expect_code(7);
    let schemas = Schemas::read();
    for finding in values(&ran, "json", List).expect("findings") {
        assert_eq!(schemas.faults("store-finding", &finding), Vec::<String>::new(), "{finding}");
    }
}

/// A command that prints JSON and is in no row would escape.
#[test]
fn every_command_that_prints_json_is_held_against_a_schema() {
    let sandbox = sandbox(Place::sqlite());
    let has_row = |name: &str| ROWS.iter().any(|Row(row, ..)| format!("{row} ").starts_with(name));
    // What exec runs prints what it wants; watch says what it does to whoever reads its messages.
    // Rules have the form of another program's file. The portal writes pages, and its log on standard error, as the intake does. A manifest is what dump prints: it has a schema of its own.
    let prints_none = [
        "completions ",
        "man ",
        "store init ",
        "master init ",
        "exec ",
        "oauth watch ",
        "dump ",
        "portal ",
        "leaks rules ",
        "leaks serve ",
    ];
    let mut missing = super::commands(|words| sandbox.ok(&words.split_whitespace().collect::<Vec<_>>()));
    missing.retain(|name| !prints_none.contains(&name.as_str()) && !has_row(name));
    assert!(missing.is_empty(), "no row for {missing:?}");
}

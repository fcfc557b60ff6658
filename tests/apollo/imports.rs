//! Apollo's own table moves in.

use super::{APOLLO, Apollo, KEYS, OTHER, encrypted, hash_of, server_log};
use crate::secrets::{KEY, keyed, run_with};
use crate::support::postgres::{PASSWORD, server};

/// Of Apollo's own tests: a token and its hash.
const TOKEN: &str = "dGVzdC10b2tlbi1jYW5vbmljYWwtYmFzZTY0dXJs";
const HASH: &str = "d6cbc963dbc36ad1c08fc8cc59e65ea0b099b93caea1f306814a8b3880532050";

const PLAIN: &str = "sk-ant-planted-plain-in-the-table";
const SEALED: &str = "sk-ant-planted-sealed-in-the-table";

const IMPORT: [&str; 4] = ["import", "apollo", "--scope", "chat"];

impl Apollo {
    /// With Apollo's own table, without its constraints, and these rows of name, hash and key.
    fn with_table(rows: &[(&str, &str, Option<&str>)]) -> Self {
        let apollo = Self::new();
        apollo.table(rows);
        apollo
    }

    fn table(&self, rows: &[(&str, &str, Option<&str>)]) {
        self.sql(
            "CREATE TABLE public.lightning_clients (id serial PRIMARY KEY, name text, \
             auth_token_hash varchar(64), anthropic_api_key text)",
        );
        // What Apollo wrote is in no log of the server's.
        self.sql(
            "ALTER DATABASE \"DB\" SET log_statement = 'none'"
                .replace("DB", self.sandbox.place.database.as_deref().expect("a database"))
                .as_str(),
        );
        for (name, hash, key) in rows {
            let key = key.map_or("NULL".to_owned(), |key| format!("'{key}'"));
            self.sql(&format!(
                "INSERT INTO public.lightning_clients (name, auth_token_hash, anthropic_api_key) \
                 VALUES ('{name}', '{hash}', {key})"
            ));
        }
        self.sql(
            "ALTER DATABASE \"DB\" RESET log_statement"
                .replace("DB", self.sandbox.place.database.as_deref().expect("a database"))
                .as_str(),
        );
    }
}

#[test]
fn clients_keep_their_tokens_and_apollo_finds_them_again() {
    let sealed = encrypted(SEALED, 3, APOLLO);
    let sealed_plain = encrypted(PLAIN, 4, APOLLO);
    let apollo = Apollo::with_table(&[
        ("alice", HASH, Some(PLAIN)),
        ("Acme Corp.", &hash_of("acme-token"), Some(&sealed)),
        ("ann@example.org", &hash_of("ann-token"), Some(&sealed_plain)),
    ]);
    let sandbox = &apollo.sandbox;
    let rehearsed = apollo.ok(&[&IMPORT[..], &["--dry-run"]].concat(), "");
    assert!(rehearsed.stderr.contains("would import 3 clients and 2 secrets"), "{}", rehearsed.stderr);
    assert_eq!(sandbox.ok(&["list"]), "");

    let ran = apollo.ok(&[&IMPORT[..], &["-o", "json"]].concat(), "");
    assert!(ran.stderr.contains("keyctl store compat apollo --scope chat"), "{}", ran.stderr);
    let rows: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!((&rows[1]["client"], &rows[1]["owner"]), (&"Acme Corp.".into(), &"acme-corp".into()));
    assert!(rows[1]["note"].as_str().expect("a note").contains("acme-corp"));
    assert_eq!(rows[0]["secret"], rows[2]["secret"], "equal values are one secret");
    assert_eq!(sandbox.json(&["secret", "list"]).as_array().map(Vec::len), Some(2));
    for (token, owner) in [(TOKEN, "alice"), ("acme-token", "acme-corp"), ("ann-token", "ann@example.org")] {
        let (code, verdict) = sandbox.verify(token, &["--scope", "chat"]);
        assert_eq!((code, verdict["principal"].as_str()), (Some(0), Some(owner)));
    }
    let key = keyed(sandbox, &["secret", "get", "apollo-acme-corp"], "");
    assert_eq!(key, SEALED);

    apollo.ok(&["store", "compat", "apollo", "--scope", "chat"], "");
    apollo.grant();
    let found = |token| apollo.find(token).map(|found| (found.name, found.key));
    assert_eq!(found(TOKEN), Some(("alice/apollo".to_owned(), PLAIN.to_owned())));
    assert_eq!(found("acme-token"), Some(("acme-corp/apollo".to_owned(), SEALED.to_owned())));
    assert_eq!(found("ann-token"), Some(("ann@example.org/apollo".to_owned(), PLAIN.to_owned())));
    assert_eq!(apollo.sql("SELECT COUNT(*) FROM public.lightning_clients_before_keyctl"), "3");
    sandbox.ok(&["store", "check"]);
    sandbox.ok(&["audit", "verify"]);
    let shown = sandbox.ok(&["audit", "export"]) + &server_log() + &ran.stdout + &ran.stderr;
    assert!(!shown.contains(PLAIN) && !shown.contains(SEALED), "a value was written");
}

#[test]
fn every_fault_is_listed_by_its_row_and_nothing_is_imported() {
    let other = encrypted("sk-ant-planted-other", 5, OTHER);
    let hash = |text: &str| hash_of(text);
    let good = encrypted("sk-ant-planted-good", 7, APOLLO);
    let (a, b, upper) = (hash("a"), hash("b"), hash("c").to_uppercase());
    let apollo = Apollo::with_table(&[
        ("good", &a, Some(&good)),
        ("null", &b, None),
        ("empty", &hash("3"), Some("")),
        ("other", &hash("4"), Some(&other)),
        ("newer", &hash("5"), Some("enc:v2:AAAA")),
        ("upper", &upper, Some("sk-ant-planted-6")),
        ("short", "abc", Some("sk-ant-planted-7")),
        ("same", &a, Some("sk-ant-planted-8")),
        ("Good ", &hash("9"), Some("sk-ant-planted-9")),
        ("***", &hash("10"), Some("sk-ant-planted-10")),
        ("lines", &hash("11"), Some("sk-ant-planted\n11")),
        ("taken", &hash("12"), Some("sk-ant-planted-12")),
        ("off", &hash("13"), Some("sk-ant-planted-13")),
        ("known", &hash("14"), Some("sk-ant-planted-14")),
        ("Erin !", &hash("15"), Some("sk-ant-planted-15")),
    ]);
    let sandbox = &apollo.sandbox;
    apollo.mint("taken --name apollo --scope chat");
    apollo.mint("off --scope chat");
    sandbox.ok(&["owner", "disable", "off", "--yes"]);
    sandbox.feed(&["import", "csv", "-"], &format!("hash,owner\n{},erin\n", hash("14"))).expect_code(0);
    let keys = sandbox.json(&["list", "--all"]);
    let refused = |words: &[&str]| {
        let ran = apollo.run(&[&IMPORT[..], words].concat(), "").expect_code(4);
        assert!(!ran.stderr.contains("planted") && ran.stdout.is_empty(), "{}", ran.stderr);
        assert_eq!(sandbox.json(&["list", "--all"]), keys);
        assert_eq!(sandbox.ok(&["secret", "list"]), "");
        assert_eq!(apollo.sql("SELECT COUNT(*) FROM public.lightning_clients"), "15");
        ran.stderr
    };
    let of_keys = [
        "row 2: anthropic_api_key: it is NULL",
        "row 3: anthropic_api_key: it is empty",
        "row 4: anthropic_api_key: it does not open under APOLLO_ENC_KEY",
        "row 5: anthropic_api_key: it begins with enc: and has another form",
        "row 11: anthropic_api_key: it has more than one line",
    ];
    let of_rows = [
        "row 6: auth_token_hash: it is not 64 lower-case hex digits",
        "row 7: auth_token_hash: it is not 64 lower-case hex digits",
        "row 8: auth_token_hash: the same as in row 1",
        "row 9: name: it gives the owner good, as the name in row 1 does",
        "row 10: name: no owner can be made of it",
        "row 12: taken/apollo exists already",
        "row 13: the owner off is disabled since",
        "row 14: the token is in the store already, of erin/",
        "row 15: name: there is an owner erin already, who may be somebody else",
    ];
    let said = refused(&[]);
    assert!(said.contains("14 faults:"), "{said}");
    for fault in of_keys.iter().chain(&of_rows) {
        assert!(said.contains(fault), "{fault} is missing: {said}");
    }
    let said = refused(&["--skip-unusable"]);
    assert!(said.contains("9 faults:"), "{said}");
    apollo.sql("DELETE FROM public.lightning_clients WHERE id IN (6, 7, 8, 9, 10, 12, 13, 14, 15)");
    let ran = apollo.ok(&[&IMPORT[..], &["--skip-unusable", "-o", "json"]].concat(), "");
    assert!(ran.stderr.contains("5 rows without a usable key"), "{}", ran.stderr);
    let rows: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let results: Vec<&str> =
        rows.as_array().expect("rows").iter().filter_map(|row| row["result"].as_str()).collect();
    assert_eq!(results, ["imported", "skipped", "skipped", "skipped", "skipped", "skipped"]);
    assert!(!(ran.stdout + &ran.stderr).contains("planted"));
    assert_eq!(sandbox.verify("a", &[]).0, Some(0));
    assert_eq!(sandbox.verify("b", &[]).0, Some(5));
}

#[test]
fn what_is_encrypted_needs_the_key_also_where_rows_may_be_left_out() {
    let sealed = encrypted(SEALED, 6, APOLLO);
    let apollo =
        Apollo::with_table(&[("alice", HASH, Some(&sealed)), ("bob", &hash_of("b"), Some("sk-ant-b"))]);
    let before = apollo.state();
    let words = [&IMPORT[..], &["--skip-unusable"]].concat();
    for (keys, says) in [
        (&[("KEYCTL_MASTER_KEY", KEY)][..], "APOLLO_ENC_KEY is not set"),
        (&[("APOLLO_ENC_KEY", APOLLO)][..], "there is no master key"),
        (&[KEYS[0], ("APOLLO_ENC_KEY", "x")][..], "it is not base64"),
    ] {
        let ran = run_with(&apollo.sandbox, keys, &words, "").expect_code(8);
        assert!(ran.stderr.contains(says), "{}", ran.stderr);
        assert_eq!(apollo.state(), before);
    }
}

#[test]
fn what_is_no_table_of_apollo_s_is_refused() {
    let apollo = Apollo::new();
    let none = apollo.run(&IMPORT, "").expect_code(3);
    assert!(none.stderr.contains("there is no table public.lightning_clients"), "{}", none.stderr);
    apollo.sql("CREATE TABLE public.lightning_clients (id int, name text)");
    let form = apollo.run(&IMPORT, "").expect_code(4);
    assert!(form.stderr.contains("no column auth_token_hash, anthropic_api_key"), "{}", form.stderr);
    apollo.sql("DROP TABLE public.lightning_clients");
    apollo.table(&[("alice", HASH, Some("sk-ant-1"))]);
    apollo.ok(&IMPORT, "");
    let again = apollo.run(&IMPORT, "").expect_code(3);
    assert!(again.stderr.contains("it was imported before"), "{}", again.stderr);
    apollo.table(&[("bob", &hash_of("b"), Some("sk-ant-2"))]);
    let second = apollo.run(&IMPORT, "").expect_code(4);
    assert!(second.stderr.contains("lightning_clients_before_keyctl already"), "{}", second.stderr);
    apollo.sql("DROP TABLE public.lightning_clients");
    apollo.ok(&["store", "compat", "apollo", "--scope", "chat"], "");
    let view = apollo.run(&IMPORT, "").expect_code(4);
    assert!(view.stderr.contains("is no table"), "{}", view.stderr);
}

#[test]
fn a_key_of_another_table_is_no_reason_to_leave_rows_out() {
    let sealed = encrypted(SEALED, 6, APOLLO);
    let apollo = Apollo::with_table(&[
        ("alice", HASH, Some(&sealed)),
        ("bob", &hash_of("b"), Some("sk-ant-b")),
        ("carl", &hash_of("c"), None),
    ]);
    let before = apollo.state();
    let refused = |key: &str, words: &[&str]| {
        let keys = [KEYS[0], ("APOLLO_ENC_KEY", key)];
        let words = [&IMPORT[..], words].concat();
        let ran = run_with(&apollo.sandbox, &keys, &words, "").expect_code(8);
        assert!(ran.stderr.contains("APOLLO_ENC_KEY is not the key of this table"), "{}", ran.stderr);
        assert_eq!(apollo.state(), before);
    };
    for words in [&[][..], &["--skip-unusable"], &["--dry-run"], &["--skip-unusable", "--dry-run"]] {
        refused(OTHER, words);
    }
    apollo.sql("DELETE FROM public.lightning_clients WHERE name <> 'carl'");
    let none = apollo.run(&[&IMPORT[..], &["--skip-unusable"]].concat(), "").expect_code(4);
    assert!(none.stderr.contains("every client would be left out"), "{}", none.stderr);
    assert_eq!(apollo.sql("SELECT COUNT(*) FROM public.lightning_clients"), "1");
    let rehearsed = "INSERT INTO apollo (id, scope, coverers, key_check, created_at) \
        VALUES (1, 'chat', '[]', decode(repeat('00', 32), 'hex'), 1)";
    apollo.sql(rehearsed);
    apollo.sql("UPDATE public.lightning_clients SET anthropic_api_key = 'sk-ant-c'");
    let ran = apollo.run(&[&IMPORT[..], &["--skip-unusable"]].concat(), "").expect_code(8);
    assert!(ran.stderr.contains("APOLLO_ENC_KEY is not the key of this table"), "{}", ran.stderr);
    assert_eq!(apollo.sql("SELECT COUNT(*) FROM key"), "0");
}

#[test]
fn a_client_does_not_become_an_owner_that_exists_unless_it_is_said() {
    let apollo = Apollo::with_table(&[
        ("alice", HASH, Some("sk-ant-1")),
        ("bob ", &hash_of("b"), Some("sk-ant-2")),
        ("new", &hash_of("n"), None),
    ]);
    apollo.sandbox.ok(&["owner", "add", "alice"]);
    apollo.sandbox.ok(&["owner", "add", "bob"]);
    let ran = apollo.run(&[&IMPORT[..], &["--skip-unusable"]].concat(), "").expect_code(4);
    for (row, owner) in [(1, "alice"), (2, "bob")] {
        assert!(ran.stderr.contains(&format!("row {row}: name: there is an owner {owner} already")));
    }
    assert!(ran.stderr.contains("--into-existing-owners"), "{}", ran.stderr);
    assert_eq!(apollo.sql("SELECT COUNT(*) FROM key"), "0");
    let words = [&IMPORT[..], &["--skip-unusable", "--into-existing-owners", "-o", "json"]].concat();
    let tried = apollo.ok(&[&words[..], &["--dry-run"]].concat(), "");
    assert!(tried.stderr.contains("would be left out; those tokens would end"), "{}", tried.stderr);
    assert!(tried.stderr.contains("the keys would end at 2"), "{}", tried.stderr);
    let ran = apollo.ok(&words, "");
    assert!(ran.stderr.contains("--expires never keeps them as they were"), "{}", ran.stderr);
    let rows: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
    for (row, note) in [(0, "the owner alice was there before"), (1, "the owner bob was there before")] {
        assert!(rows[row]["note"].as_str().expect("a note").contains(note), "{}", rows[row]);
    }
}

#[test]
fn an_import_that_is_ended_half_way_changed_nothing() {
    let apollo = Apollo::with_table(&[]);
    apollo.sql(
        "INSERT INTO public.lightning_clients (name, auth_token_hash, anthropic_api_key)
         SELECT 'client' || n, encode(sha256(n::text::bytea), 'hex'), 'sk-ant-' || n FROM generate_series(1, 300) n",
    );
    // Whoever reads the table keeps it from being renamed, which is the last of all.
    let database = apollo.sandbox.place.database.clone().expect("a database");
    let holder = std::thread::spawn(move || {
        let hold = "BEGIN; SELECT 1 FROM public.lightning_clients LIMIT 1; SELECT pg_sleep(60)";
        crate::support::postgres::server().psql(&database, hold)
    });
    let locks = |which: &str, there: bool| {
        let sql = format!(
            "SELECT COUNT(*) FROM pg_locks WHERE {which} \
             AND relation = 'public.lightning_clients'::regclass AND pid <> pg_backend_pid()"
        );
        for _ in 0..300 {
            if (apollo.sql(&sql) != "0") == there {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        panic!("locks: {which}");
    };
    locks("granted", true);
    let before = apollo.state();
    let mut command = apollo.sandbox.command(&IMPORT);
    command.envs(KEYS);
    let mut child = command.spawn().expect("it starts");
    locks("NOT granted AND mode = 'AccessExclusiveLock'", true);
    child.kill().expect("killed");
    child.wait().expect("ended");
    apollo.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid()",
    );
    assert!(holder.join().expect("joined").is_err(), "it was ended");
    locks("true", false);
    assert_eq!(apollo.state(), before);
    let left = "SELECT (SELECT COUNT(*) FROM key), (SELECT COUNT(*) FROM secret), (SELECT COUNT(*) FROM binding), \
        (SELECT COUNT(*) FROM token), (SELECT COUNT(*) FROM owner), (SELECT COUNT(*) FROM public.lightning_clients)";
    assert_eq!(apollo.sql(left), "0|0|0|0|0|300");
    apollo.ok(&IMPORT, "");
    assert_eq!(apollo.sql("SELECT COUNT(*) FROM key"), "300");
}

#[test]
fn the_table_may_belong_to_apollo_s_own_role_if_keyctl_s_is_a_member_of_it() {
    let apollo = Apollo::with_table(&[("acme", HASH, Some(PLAIN))]);
    let database = apollo.sandbox.place.database.clone().expect("a database");
    let (own, keeper) = (format!("own_{database}"), format!("keeper_{database}"));
    apollo.sql(&format!(
        "CREATE ROLE {own}; ALTER TABLE public.lightning_clients OWNER TO {own}; \
         CREATE ROLE {keeper} LOGIN PASSWORD '{PASSWORD}'; GRANT USAGE, CREATE ON SCHEMA public TO {keeper}; \
         GRANT CREATE ON DATABASE {database} TO {keeper}"
    ));
    // The store is the member's own.
    apollo.sql(
        "DROP SCHEMA keyctl CASCADE; DROP FUNCTION public.keyctl_look_v1(text), public.keyctl_look_v2(text)",
    );
    let address = format!("postgres://{keeper}@127.0.0.1:{}/{database}", server().port);
    let run = |words: &[&str]| {
        run_with(&apollo.sandbox, &[KEYS[0], KEYS[1], ("KEYCTL_STORE", &address)], words, "")
    };
    apollo.sandbox.forget();
    run(&["store", "init"]).expect_code(0);
    let grant = format!("GRANT {own} TO {keeper}");
    let refused = run(&IMPORT).expect_code(7);
    assert!(refused.stderr.contains(&format!("belongs to {own}")), "{}", refused.stderr);
    assert!(refused.stderr.contains(&grant), "{}", refused.stderr);
    // Reading it is not enough.
    apollo.sql(&format!("GRANT SELECT ON public.lightning_clients TO {keeper}"));
    assert_eq!(run(&IMPORT).expect_code(7).stderr, refused.stderr);
    apollo.sql(&grant);
    run(&IMPORT).expect_code(0);
    apollo.sql(&format!("REVOKE {own} FROM {keeper}"));
    run(&["store", "compat", "apollo", "--scope", "chat"]).expect_code(0);
    apollo.grant();
    assert_eq!(apollo.find(TOKEN).map(|found| found.key), Some(PLAIN.to_owned()));
    run(&["store", "check"]).expect_code(0);
    // What Apollo's `client add` and `client rotate` run, which its documentation here tells of.
    for (sql, says) in [
        (
            "INSERT INTO lightning_clients (name, auth_token_hash, anthropic_api_key) VALUES ('a', 'b', 'c')",
            "cannot insert into view",
        ),
        (
            "UPDATE lightning_clients SET anthropic_api_key = 'c' WHERE name = 'acme/apollo' RETURNING name",
            "cannot update view",
        ),
    ] {
        let refused = apollo.as_apollo(sql).expect_err("a view");
        assert!(refused.contains(says), "{refused}");
    }
}

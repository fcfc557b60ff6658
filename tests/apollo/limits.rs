//! The view itself: when it is made, what stands in its way, and how it goes.

use super::{Apollo, KEYS, OTHER};
use crate::secrets::{KEY, OTHER as NEXT, run_with};
use crate::support::cli::Sandbox;
use crate::support::store::Place;

const SHOW: [&str; 5] = ["store", "compat", "apollo", "--scope", "chat"];

#[test]
fn sqlite_is_refused_with_what_to_do() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    for words in [
        &SHOW[..],
        &["store", "compat", "apollo", "--explain"],
        &["store", "compat", "apollo", "--remove"],
        &["import", "apollo", "--scope", "chat"],
    ] {
        for keys in [&[][..], &KEYS[..]] {
            let ran = run_with(&sandbox, keys, words, "").expect_code(2);
            let says = ran.stderr.contains("Apollo reads its clients from PostgreSQL");
            assert!(
                says && ran.stderr.contains("hint: keep the keys in Apollo's own database"),
                "{}",
                ran.stderr
            );
        }
    }
}

#[test]
fn without_the_right_keys_no_view_is_made() {
    let apollo = Apollo::new();
    apollo.ok(&["secret", "set", "anthropic", "team"], "sk-ant-1");
    let before = apollo.state();
    for (keys, says) in [
        (&[][..], "there is no master key"),
        (&[("KEYCTL_MASTER_KEY", KEY)][..], "APOLLO_ENC_KEY is not set"),
        (&[("KEYCTL_MASTER_KEY", NEXT), KEYS[1]][..], "is not the one that this store's secrets"),
        (&[KEYS[0], ("APOLLO_ENC_KEY", "AAAA")][..], "it has 3 bytes, not 32"),
    ] {
        let ran = run_with(&apollo.sandbox, keys, &SHOW, "").expect_code(8);
        assert!(ran.stderr.contains(says), "{says}: {}", ran.stderr);
        assert_eq!(apollo.state(), before);
    }
    let rehearsed = apollo.ok(&[&SHOW[..], &["--dry-run"]].concat(), "");
    assert!(rehearsed.stderr.contains("dry run: would show the keys that hold chat, and seal 1 version"));
    assert_eq!(apollo.state(), before);
    let none = apollo.sandbox.run(&["store", "compat", "apollo", "--explain"]).expect_code(3);
    assert!(none.stderr.contains("there is no view for Apollo yet"), "{}", none.stderr);
    apollo.ok(&SHOW, "");
    let other = run_with(&apollo.sandbox, &[KEYS[0], ("APOLLO_ENC_KEY", OTHER)], &SHOW, "").expect_code(8);
    assert!(other.stderr.contains("--new-key"), "{}", other.stderr);
}

#[test]
fn the_scope_can_be_changed_and_the_view_taken_away() {
    let apollo = Apollo::shown();
    apollo.bound("team", "sk-ant-1", "alice");
    apollo.mint("alice --scope chat:read");
    assert_eq!(apollo.names(), [""; 0]);
    let ran = apollo.ok(&["store", "compat", "apollo", "--scope", "chat:read"], "");
    assert!(ran.stderr.contains("GRANT SELECT ON public.lightning_clients TO ROLE"), "{}", ran.stderr);
    assert_eq!(apollo.names(), ["alice/default"], "what was granted is still granted");
    let remove = ["store", "compat", "apollo", "--remove"];
    let asked = apollo.sandbox.run(&remove).expect_code(2);
    assert!(asked.stderr.contains("--yes"), "{}", asked.stderr);
    apollo.sandbox.ok(&[&remove[..], &["--dry-run"]].concat());
    assert_eq!(apollo.names(), ["alice/default"]);
    apollo.sandbox.ok(&[&remove[..], &["--yes"]].concat());
    assert!(apollo.as_apollo("SELECT * FROM lightning_clients").is_err());
    assert_eq!(
        apollo.sql("SELECT (SELECT COUNT(*) FROM apollo), (SELECT COUNT(*) FROM apollo_secret)"),
        "0|0"
    );
    run_with(&apollo.sandbox, &[("KEYCTL_MASTER_KEY", KEY)], &["secret", "rotate", "team"], "sk-ant-2")
        .expect_code(0);
    let again = apollo.sandbox.run(&[&remove[..], &["--yes"]].concat()).expect_code(0);
    assert!(again.stderr.contains("nothing was changed"), "{}", again.stderr);
    apollo.sandbox.ok(&["store", "check"]);
    apollo.sandbox.ok(&["audit", "verify"]);
    apollo.ok(&SHOW, "");
}

#[test]
fn another_key_takes_the_place_of_the_one_before_and_the_role_reads_on() {
    let apollo = Apollo::shown();
    apollo.bound("team", "sk-ant-1", "alice");
    apollo.ok(&["secret", "rotate", "team"], "sk-ant-2");
    apollo.mint("alice --scope chat");
    let keys = [KEYS[0], ("APOLLO_ENC_KEY", OTHER)];
    let words = [&SHOW[..], &["--new-key"]].concat();
    let before = apollo.sql("SELECT string_agg(ciphertext, ',' ORDER BY version) FROM apollo_secret");
    run_with(&apollo.sandbox, &keys, &[&words[..], &["--dry-run"]].concat(), "").expect_code(0);
    assert_eq!(apollo.sql("SELECT string_agg(ciphertext, ',' ORDER BY version) FROM apollo_secret"), before);
    let ran = run_with(&apollo.sandbox, &keys, &words, "").expect_code(0);
    assert!(ran.stderr.contains("sealed 2 versions"), "{}", ran.stderr);
    let shown = apollo.as_apollo("SELECT anthropic_api_key FROM lightning_clients").expect("still granted");
    assert_eq!(super::decrypted(&shown, OTHER), "sk-ant-2");
    apollo.run(&["secret", "rotate", "team"], "sk-ant-3").expect_code(8);
    run_with(&apollo.sandbox, &keys, &["secret", "rotate", "team"], "sk-ant-3").expect_code(0);
    apollo.sandbox.ok(&["store", "check"]);
    apollo.sql("DROP VIEW public.lightning_clients");
    let (_, said) = apollo.explained(&[]);
    assert!(said.contains("is not there; it would show 1 key for the scope chat"), "{said}");
    let removed = apollo.sandbox.run(&["store", "compat", "apollo", "--remove", "--yes"]).expect_code(0);
    assert!(removed.stderr.contains("there was no view; removed 3 ciphertexts"), "{}", removed.stderr);
}

#[test]
fn what_has_the_name_already_stays_as_it_is() {
    let apollo = Apollo::new();
    for (make, drop, hint) in [
        ("CREATE TABLE public.lightning_clients (id int)", "TABLE", "keyctl import apollo"),
        ("CREATE VIEW public.lightning_clients AS SELECT 1 AS one", "VIEW", "rename or drop it"),
    ] {
        apollo.sql(make);
        let ran = apollo.run(&SHOW, "").expect_code(4);
        assert!(ran.stderr.contains(hint), "{}", ran.stderr);
        apollo.sandbox.ok(&["store", "check"]);
        assert_eq!(apollo.sql("SELECT COUNT(*) FROM apollo"), "0");
        apollo.sql(&format!("DROP {drop} public.lightning_clients"));
    }
}

#[test]
fn a_view_that_was_altered_is_found() {
    let apollo = Apollo::shown();
    apollo.sandbox.ok(&["store", "check"]);
    let found = || {
        let ran = apollo.sandbox.run(&["store", "check"]).expect_code(7);
        assert!(ran.stdout.contains("lightning_clients"), "{}", ran.stdout);
    };
    apollo.sql("ALTER VIEW public.lightning_clients SET (security_barrier = false)");
    found();
    apollo.sql(
        "CREATE OR REPLACE VIEW public.lightning_clients WITH (security_barrier = true) AS
         SELECT t.owner AS name, t.token_hash AS auth_token_hash, 'sk-ant' COLLATE \"C\" AS anthropic_api_key
         FROM public.keyctl_tokens_v1 t",
    );
    found();
    // Making it again needs no more than saying so.
    apollo.ok(&SHOW, "");
    apollo.sandbox.ok(&["store", "check"]);
    apollo.sql("DROP VIEW public.lightning_clients");
    found();
    apollo.sql("UPDATE apollo SET coverers = '[\"*\",\"chat\",\"files\"]'");
    let ran = apollo.sandbox.run(&["store", "check"]).expect_code(7);
    assert!(ran.stdout.contains("does not show what its scope chat says"), "{}", ran.stdout);
    apollo.ok(&SHOW, "");
    apollo.sandbox.ok(&["store", "check"]);
}

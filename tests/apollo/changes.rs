//! Changes of secrets while the view is there.

use super::{APOLLO, Apollo, OTHER};
use crate::secrets::{KEY, OTHER as NEXT, run_with};

const PLANTED: &str = "sk-ant-planted-never-kept";

fn without_keys(apollo: &Apollo, args: &[&str], input: &str) {
    let file = apollo.sandbox.home().join("apollo.key");
    std::fs::write(&file, format!("{OTHER}\n")).expect("written");
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("mode");
    let file = file.to_str().expect("UTF-8");
    for (variable, value, says) in [
        ("APOLLO_ENC_KEY", "", "APOLLO_ENC_KEY is not set"),
        ("APOLLO_ENC_KEY", OTHER, "not the key that the view"),
        ("APOLLO_ENC_KEY_FILE", file, "not the key that the view"),
        ("APOLLO_ENC_KEY_CMD", "cat apollo.key", "not the key that the view"),
        ("APOLLO_ENC_KEY", "c2hvcnQ=", "it has 5 bytes, not 32"),
        ("APOLLO_ENC_KEY", "planted-no-base64", "it is not base64"),
    ] {
        let before = apollo.state();
        let keys = [("KEYCTL_MASTER_KEY", KEY), (variable, value)];
        let ran = run_with(&apollo.sandbox, &keys, args, input).expect_code(8);
        assert!(ran.stderr.contains(says) && ran.stderr.contains("hint: "), "{says}: {}", ran.stderr);
        assert!(!ran.stderr.contains("planted"), "{}", ran.stderr);
        assert_eq!(apollo.state(), before, "{args:?} {variable} {value}");
    }
    let both = [("KEYCTL_MASTER_KEY", KEY), ("APOLLO_ENC_KEY", APOLLO), ("APOLLO_ENC_KEY_CMD", "true")];
    let ran = run_with(&apollo.sandbox, &both, args, input).expect_code(8);
    assert!(ran.stderr.contains("both set"), "{}", ran.stderr);
}

#[test]
fn a_new_value_needs_apollo_s_key_while_the_view_is_there() {
    let apollo = Apollo::new();
    let keyed = |args: &[&str], input: &str| {
        run_with(&apollo.sandbox, &[("KEYCTL_MASTER_KEY", KEY)], args, input).expect_code(0)
    };
    keyed(&["secret", "set", "anthropic", "team"], "sk-ant-1");
    apollo.ok(&["store", "compat", "apollo", "--scope", "chat"], "");
    without_keys(&apollo, &["secret", "set", "anthropic", "team"], PLANTED);
    without_keys(&apollo, &["secret", "set", "anthropic", "new"], PLANTED);
    without_keys(&apollo, &["secret", "rotate", "team"], PLANTED);
    keyed(&["secret", "set", "openai", "other"], "sk-openai");
}

#[test]
fn a_rotated_secret_is_shown_at_once_and_rolled_back_without_a_key() {
    let apollo = Apollo::shown();
    apollo.bound("team", "sk-ant-1", "alice");
    let token = apollo.mint("alice --scope chat");
    let shown = || apollo.find(&token).map(|found| found.key);
    apollo.ok(&["secret", "rotate", "team"], "sk-ant-2");
    assert_eq!(shown().as_deref(), Some("sk-ant-2"));
    apollo.sandbox.ok(&["secret", "rollback", "team"]);
    assert_eq!(shown().as_deref(), Some("sk-ant-1"));

    // A version that was not sealed, as one that did not open when the view was made.
    apollo.sql("DELETE FROM apollo_secret WHERE version = 2");
    let back = ["secret", "rollback", "team", "--to", "2"];
    let before = apollo.state();
    let none = apollo.sandbox.run(&back).expect_code(8);
    assert!(none.stderr.contains("there is no master key"), "{}", none.stderr);
    without_keys(&apollo, &back, "");
    assert_eq!(apollo.state(), before);
    apollo.ok(&back, "");
    assert_eq!(shown().as_deref(), Some("sk-ant-2"));
}

#[test]
fn the_same_value_again_is_sealed_where_it_was_not() {
    let apollo = Apollo::shown();
    apollo.bound("team", "sk-ant-1", "alice");
    let token = apollo.mint("alice --scope chat");
    apollo.sql("DELETE FROM apollo_secret");
    let found = apollo.sandbox.run(&["store", "check"]).expect_code(7);
    assert!(found.stdout.contains("(team) is not sealed for Apollo"), "{}", found.stdout);
    assert_eq!(apollo.find(&token), None);
    let records = || apollo.sql("SELECT MAX(seq) FROM audit");
    let before = records();
    apollo.ok(&["secret", "set", "anthropic", "team"], "sk-ant-1");
    assert_eq!(apollo.find(&token).map(|found| found.key).as_deref(), Some("sk-ant-1"));
    assert_ne!(records(), before, "it is a change");
    assert_eq!(apollo.sql("SELECT version FROM secret"), "1");
    let before = records();
    apollo.ok(&["secret", "set", "anthropic", "team"], "sk-ant-1");
    assert_eq!(records(), before);
    apollo.sandbox.ok(&["store", "check"]);
}

#[test]
fn a_wiped_version_leaves_no_ciphertext_behind() {
    let apollo = Apollo::shown();
    apollo.bound("team", "sk-ant-1", "alice");
    apollo.ok(&["secret", "rotate", "team"], "sk-ant-2");
    let count = || apollo.sql("SELECT COUNT(*) FROM apollo_secret");
    assert_eq!(count(), "2");
    apollo.sandbox.ok(&["secret", "delete", "team", "--purge", "--version", "1", "--yes"]);
    assert_eq!(count(), "1");
    apollo.sandbox.ok(&["secret", "delete", "team", "--unbind"]);
    assert_eq!(count(), "1", "it may come back");
    apollo.sandbox.ok(&["secret", "delete", "team", "--purge", "--yes"]);
    assert_eq!(count(), "0");
}

#[test]
fn a_rotation_of_the_master_key_leaves_ciphertexts_as_they_are() {
    let apollo = Apollo::shown();
    apollo.bound("team", "sk-ant-1", "alice");
    let token = apollo.mint("alice --scope chat");
    let text = apollo.sql("SELECT ciphertext FROM apollo_secret");
    let keys = [("KEYCTL_MASTER_KEY", NEXT), ("KEYCTL_MASTER_KEY_PREVIOUS", KEY)];
    run_with(&apollo.sandbox, &keys, &["master", "rotate", "--yes"], "").expect_code(0);
    assert_eq!(apollo.sql("SELECT ciphertext FROM apollo_secret"), text);
    assert_eq!(apollo.find(&token).map(|found| found.key).as_deref(), Some("sk-ant-1"));
}

#[test]
fn every_version_of_every_secret_is_sealed_when_the_view_is_made() {
    let apollo = Apollo::new();
    let keyed = |args: &[&str], input: &str| {
        run_with(&apollo.sandbox, &[("KEYCTL_MASTER_KEY", KEY)], args, input).expect_code(0)
    };
    keyed(&["secret", "set", "anthropic", "team"], "sk-ant-1");
    keyed(&["secret", "rotate", "team"], "sk-ant-2");
    keyed(&["secret", "set", "anthropic", "old"], "sk-ant-3");
    apollo.sandbox.ok(&["secret", "delete", "old"]);
    keyed(&["secret", "set", "anthropic", "broken"], "sk-ant-4");
    keyed(&["secret", "set", "openai", "other"], "sk-openai");
    apollo.sql(
        "UPDATE secret_version SET envelope = set_byte(envelope, 90, get_byte(envelope, 90) # 1)
         WHERE secret_id = (SELECT id FROM secret WHERE name = 'broken')",
    );
    let made = apollo.ok(&["store", "compat", "apollo", "--scope", "chat", "-o", "json"], "");
    let made_json: serde_json::Value = serde_json::from_str(&made.stdout).expect("JSON");
    assert_eq!((&made_json["sealed"], &made_json["unopened"][0]["secret"]), (&3.into(), &"broken".into()));
    assert!(made.stderr.contains("warning: version 1 of the secret broken does not open"), "{}", made.stderr);
    let record = apollo.sandbox.json(&["audit", "list", "--action", "apollo"]);
    assert_eq!(record[0]["record"]["details"]["sealed"], 3);
    let again = apollo.ok(&["store", "compat", "apollo", "--scope", "chat"], "");
    assert!(again.stderr.contains("sealed 0 versions"), "{}", again.stderr);
}

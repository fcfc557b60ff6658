//! `keyctl expiring`.

use serde_json::Value;

use super::{DAY, millis};
use crate::secrets::KEY;
use crate::support::both;
use crate::support::cli::{Sandbox, finish};
use crate::support::runner::{case, check};

const LAST_TOKEN: &str =
    r#"{"access_token": "planted-access", "token_type": "Bearer", "expires_in": 518400}"#;

/// Something of each kind, by `kind name state`, in the order of their ends.
fn fill(sandbox: &Sandbox) {
    let run = |words: &str, input: &str| {
        let words: Vec<&str> = words.split_whitespace().collect();
        let mut command = sandbox.command(&words);
        command.env("KEYCTL_MASTER_KEY", KEY).env("KEYCTL_OUTBOUND_ALLOW", "127.0.0.0/8");
        finish(command, input.as_bytes()).expect_code(0);
    };
    run("mint alice/soon --scope a --expires 2d", "");
    run("mint alice/later --scope a --expires 10d", "");
    run("mint alice/child --parent alice/later --scope a --expires 9d", "");
    run("mint alice/far --scope a --expires 30d", "");
    run("mint alice/never --scope a --expires never", "");
    run("mint alice/gone --scope a --expires 2d", "");
    run("revoke alice/gone", "");
    run("suspend alice/later", "");
    run("rotate alice/soon --grace 6h --out-file new.token", "");
    run("secret set anthropic main --expires 5d", "sk-planted-one");
    run("secret set anthropic replaced --expires 5d", "sk-planted-two");
    run("secret rotate replaced --expires never", "sk-planted-three");
    run("store set issuer https://keys.example.com", "");
    run(
        "trust add deploy --issuer https://gitlab.com --audience https://keys.example.com --claim project_id=1 \
         --claim ref=refs/heads/main --owner ci --scope deploy --expires 4d",
        "",
    );
    run("signing-key rotate", "");
    run(
        "oauth add last --provider github --token-endpoint http://127.0.0.1:9/token --client-id app",
        LAST_TOKEN,
    );
    let now = millis(0);
    let sql = format!(
        "UPDATE signing_key SET envelope = NULL, master_key_id = NULL, signs_from = {now}, signs_until = {now}, \
         tokens_end_at = {} WHERE signs_from IS NOT NULL",
        now + 3_600_000
    );
    sandbox.place.sql(&sql).expect("a key that signs no more");
}

fn listed(sandbox: &Sandbox, args: &[&str]) -> Vec<String> {
    let rows = sandbox.json(&[&["expiring"], args].concat());
    let word = |row: &Value, name: &str| row[name].as_str().expect("a text").to_owned();
    let rows = rows.as_array().expect("an array").clone();
    rows.iter()
        .map(|row| match row["kind"].as_str() {
            Some("grace-token" | "signing-key") => [word(row, "kind"), word(row, "state")].join(" "),
            _ => ["kind", "name", "state"].map(|name| word(row, name)).join(" "),
        })
        .collect()
}

both!(everything_that_ends_soon_is_in_one_list_by_its_end, |place| {
    let sandbox = Sandbox::with_store(place);
    fill(&sandbox);
    let all = [
        "signing-key signs_no_more",
        "grace-token active",
        "key alice/soon active",
        "trust deploy active",
        "secret main active",
        "credential last no_refresh_token",
        "key alice/child parent_dead",
        "key alice/later suspended",
    ];
    assert_eq!(listed(&sandbox, &[]), all);
    assert_eq!(listed(&sandbox, &["--within", "5h"]), all[..1]);
    assert_eq!(listed(&sandbox, &["--limit", "3"]), all[..3]);
    assert_eq!(listed(&sandbox, &["--within", "31d"]).len(), all.len() + 1);
    let rows = sandbox.json(&["expiring", "--within", "3d"]);
    assert_eq!((&rows[2]["owner"], &rows[2]["stage"]), (&Value::from("alice"), &Value::from("3d")));
    assert_eq!((&rows[1]["key"], &rows[2]["last_used_at"]), (&rows[2]["id"], &Value::Null));
    // What ended is asked for; but for a credential that somebody must sign in for.
    sandbox
        .place
        .sql(&format!("UPDATE key SET expires_at = {} WHERE name = 'soon'", millis(-DAY)))
        .expect("ended");
    let version = format!("UPDATE secret_version SET expires_at = {}", millis(-30 * DAY));
    sandbox.place.sql(&format!("{version} WHERE expires_at IS NOT NULL")).expect("ended long ago");
    sandbox.place.sql("UPDATE oauth_credential SET state = 'needs_reauth'").expect("refused");
    assert_eq!(
        listed(&sandbox, &["--within", "2d", "--since", "7d"]),
        [
            "credential last needs_reauth",
            "key alice/soon active",
            "signing-key signs_no_more",
            "grace-token active"
        ]
    );
    check(
        &sandbox,
        vec![
            case("something", "expiring --exit-code").ends(10).stdout(|out| out.contains("alice/child")),
            case("nothing", "expiring --within 0s --exit-code -q").ends(10),
            case("plain", "expiring --within 2d -o plain").stdout(|out| out.contains("needs_reauth\t")),
            case("two formats", "expiring --prometheus -o json").fails(2, "--prometheus", "-o"),
            case("no time", "expiring --within soon").fails(2, "not a duration", "--help"),
        ],
    );
});

both!(an_empty_store_has_nothing_that_ends, |place| {
    let sandbox = Sandbox::with_store(place);
    check(
        &sandbox,
        vec![
            case("nothing", "expiring --exit-code").says("nothing ends within 14d"),
            case("as JSON", "expiring -o json").stdout(|out| out == "[]\n"),
        ],
    );
});

both!(the_counts_for_prometheus_have_a_line_for_each_kind_and_stage_and_no_other_label, |place| {
    let sandbox = Sandbox::with_store(place);
    fill(&sandbox);
    sandbox
        .place
        .sql(&format!("UPDATE key SET expires_at = {} WHERE name = 'later'", millis(-DAY)))
        .expect("ended");
    let text = sandbox.ok(&["expiring", "--prometheus"]);
    let has = |line: &str| assert!(text.lines().any(|one| one == line), "{line}: {text}");
    for line in [
        r#"keyctl_expiring{kind="key",stage="ended"} 1"#,
        r#"keyctl_expiring{kind="key",stage="3d"} 1"#,
        r#"keyctl_expiring{kind="key",stage="14d"} 1"#,
        r#"keyctl_expiring{kind="key",stage="1d"} 0"#,
        r#"keyctl_expiring{kind="grace-token",stage="1d"} 1"#,
        r#"keyctl_expiring{kind="trust",stage="14d"} 1"#,
        "# TYPE keyctl_expiring gauge",
    ] {
        has(line);
    }
    assert_eq!(text.matches("keyctl_expiring{").count(), 30);
    assert_eq!(text.matches("keyctl_expiring_first_end_timestamp_seconds{").count(), 6);
    assert!(!text.contains("alice"), "{text}");
});

both!(more_than_a_page_of_keys_comes_in_order, |place| {
    let sandbox = Sandbox::with_store(place);
    let rows: String = (0..1203).map(|number| format!("o{},{number:064x}\n", number % 7)).collect();
    sandbox.feed(&["import", "csv", "-"], &format!("owner,hash\n{rows}")).expect_code(0);
    // Many end in the same moment, which no page may stumble over.
    let end = millis(DAY);
    let sql = format!("UPDATE key SET expires_at = {end} + (created_at + length(name)) % 3");
    sandbox.place.sql(&sql).expect("ends");
    let rows = sandbox.json(&["expiring"]);
    let rows = rows.as_array().expect("an array");
    let places: Vec<(&str, &str)> = rows
        .iter()
        .map(|row| (row["ends_at"].as_str().expect("a time"), row["id"].as_str().expect("an id")))
        .collect();
    assert_eq!(places.len(), 1203);
    assert!(places.is_sorted_by(|one, next| one < next));
});

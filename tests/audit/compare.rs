//! `store check` against the audit log: what somebody wrote into the tables behind keyctl's back.

use crate::secrets::{furnished, keyed};
use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::store::Place;

/// What a check lists.
fn findings(sandbox: &Sandbox) -> Vec<String> {
    let ran = sandbox.run(&["store", "check", "-o", "json"]);
    assert!(matches!(ran.code, Some(0 | 7)), "{ran:?}");
    let found: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let found = found.as_array().expect("findings");
    assert_eq!(found.is_empty(), ran.code == Some(0), "{ran:?}");
    found.iter().map(|finding| finding["message"].as_str().expect("a message").to_owned()).collect()
}

/// A store in which everything that the log tells of was done at least once.
fn lived_in(place: Place) -> Sandbox {
    let (sandbox, _) = furnished(place);
    for words in [
        "role set reader --scope memories:read",
        "role set gone --scope files",
        "mint bob --scope m --role reader --role gone --allow-ip 10.0.0.0/8 --rate 60/m --label team=search",
        "mint bob --name second --scope m,n --expires never",
        "mint carol --scope m --not-before 2090-01-01T00:00:00Z --expires never",
        "mint dave --name child --scope m --parent bob/second",
        "role delete gone --from-keys",
        "role set reader --scope memories",
        "edit bob/default --label team=other --label env=prod --quota 10/day --name first --expires 30d",
        "scope add bob/first o",
        "scope remove bob/second n",
        "rotate bob/first --grace 1h",
        "rotate bob/second --expires 60d --grace 0",
        "rotate alice --grace 1d",
        "rotate alice --grace 2d",
        "suspend carol",
        "suspend bob/second",
        "resume bob/second",
        "suspend bob/second --for 1h",
        "suspend bob/second --for 2h",
        "owner add empty",
        "owner disable carol",
        "mint erin --scope m",
        "revoke erin",
        "mint frank --scope m",
        "secret bind team frank",
        "owner delete frank --revoke-keys --yes",
        "mint frank --scope m",
        "mint grace --scope m --if-absent",
        "owner disable grace --yes",
        "owner enable grace",
    ] {
        let words: Vec<&str> = words.split(' ').chain(["--yes"]).collect();
        // Not every command asks.
        if sandbox.run(&words).code == Some(2) {
            sandbox.ok(&words[..words.len() - 1]);
        }
    }
    for (words, value) in [
        ("secret rotate team", "sk-planted-second\n"),
        ("secret rotate team", "sk-planted-third\n"),
        ("secret set openai other --expires 30d", "sk-planted-other\n"),
        ("secret set openai deleted", "sk-planted-deleted\n"),
        ("secret set openai purged", "sk-planted-purged\n"),
        ("secret bind other bob/first", ""),
        ("secret bind deleted bob", ""),
        ("secret bind purged --default", ""),
        ("secret bind other --default", ""),
        ("secret bind other erin", ""),
        ("secret rollback team", ""),
        ("secret delete deleted --unbind --yes", ""),
        ("secret delete purged --unbind --purge --yes", ""),
    ] {
        let words: Vec<&str> = words.split(' ').collect();
        if words[..3] == ["secret", "bind", "other"] && words[3] == "erin" {
            continue;
        }
        keyed(&sandbox, &words, value);
    }
    std::fs::write(
        sandbox.home().join("keys.csv"),
        "hash,owner,scopes\n".to_owned()
            + &(0..7).map(|n| format!("{n:064x},imported,m\n")).collect::<String>(),
    )
    .expect("a file");
    sandbox.ok(&["import", "csv", "keys.csv"]);
    sandbox.ok(&["edit", &imported(&sandbox), "--label", "of=import"]);
    sandbox
}

/// One of the imported keys.
fn imported(sandbox: &Sandbox) -> String {
    sandbox.json(&["list", "--owner", "imported"])[0]["id"].as_str().expect("an id").to_owned()
}

both!(a_store_that_only_keyctl_wrote_is_as_its_log_says, |place| {
    let sandbox = lived_in(place);
    assert_eq!(findings(&sandbox), Vec::<String>::new());
});

both!(an_older_version_of_a_secret_that_was_put_in_force_is_named, |place| {
    let sandbox = lived_in(place);
    sandbox.place.sql("UPDATE secret SET version = 1 WHERE name = 'team'").expect("written");
    let found = findings(&sandbox);
    let [found] = found.as_slice() else { panic!("{found:?}") };
    for part in [
        "secret team (sec_",
        "version 1 is in force",
        "of the audit log says version 2",
        "keyctl secret rollback team --to 2",
    ] {
        assert!(found.contains(part), "{part}: {found}");
    }
    sandbox.ok(&["secret", "rollback", "team", "--to", "2"]);
    assert_eq!(findings(&sandbox), Vec::<String>::new());
});

// Each written into a copy of the rows that the table keeps for verifications, too, so that the
// log alone can tell.
both!(what_decides_and_was_written_behind_keyctls_back_is_named, |place| {
    let sandbox = lived_in(place);
    let key = |name: &str| format!("(SELECT id FROM key WHERE owner = 'bob' AND name = '{name}')");
    let (first, second) = (key("first"), key("second"));
    let erin = "(SELECT id FROM key WHERE owner = 'erin')";
    let set = |key: &str, column: &str, value: &str| {
        format!(
            "UPDATE key SET {column} = {value} WHERE id = {key}; UPDATE token SET {column} = {value} WHERE key_id = {key}"
        )
    };
    let secret = |name: &str| format!("(SELECT id FROM secret WHERE name = '{name}')");
    for (change, back, says) in [
        (set(erin, "revoked_at", "NULL"), set(erin, "revoked_at", "(SELECT created_at FROM key WHERE owner = 'erin')"), "revoked_at is null"),
        (set(&second, "expires_at", "NULL"), String::new(), "expires_at is null"),
        (set(&second, "rate", "'9/s'"), set(&second, "rate", "NULL"), "rate is \"9/s\""),
        (set(&first, "networks", "'[]'"), String::new(), "allow_ip is []"),
        (format!("UPDATE key SET scopes = '[\"root\"]' WHERE id = {second}; UPDATE token SET scopes = '[\"root\"]' WHERE key_id = {second}"), String::new(), "scopes is [\"root\"]"),
        ("UPDATE role SET scopes = '[\"root\"]' WHERE name = 'reader'".to_owned(), String::new(), "role reader: scopes"),
        ("UPDATE owner SET disabled_at = NULL WHERE name = 'carol'; UPDATE token SET owner_disabled_at = NULL WHERE owner = 'carol'".to_owned(), String::new(), "owner carol: disabled_at is null"),
        (set("(SELECT id FROM key WHERE owner = 'carol')", "suspended_at", "NULL"), String::new(), "suspended_at is null"),
        (set("(SELECT id FROM key WHERE owner = 'carol')", "not_before", "NULL"), String::new(), "not_before is null"),
        (format!("UPDATE binding SET secret_id = {} WHERE subject_kind = 'key' AND subject_id = {first}", secret("deleted")), String::new(), "of the audit log says to sec_"),
        (format!("INSERT INTO binding VALUES ('key', {second}, 'openai', {}, 5)", secret("other")), String::new(), "no record of the audit log says so"),
        ("DELETE FROM binding WHERE subject_kind = 'store'".to_owned(), String::new(), "the store's default for openai is bound to nothing"),
        (format!("UPDATE secret SET deleted_at = NULL WHERE id = {}", secret("deleted")), String::new(), "deleted_at is null"),
        (format!("INSERT INTO key_role VALUES ('reader', {second})"), String::new(), "roles is [\"reader\"]"),
        ("UPDATE token SET grace_ends_at = 4000000000000 WHERE grace_ends_at > 1700000000000 AND owner = 'alice' AND grace_ends_at = (SELECT MAX(grace_ends_at) FROM token WHERE owner = 'alice')".to_owned(), String::new(), "works until"),
        ("UPDATE head SET default_expiry_seconds = NULL".to_owned(), String::new(), "the store: expiry_seconds is null"),
        ("UPDATE key SET generation = 2 WHERE owner = 'imported' AND id = (SELECT MAX(id) FROM key WHERE owner = 'imported'); UPDATE token SET generation = 2 WHERE key_id = (SELECT MAX(id) FROM key WHERE owner = 'imported')".to_owned(), String::new(), ""),
    ] {
        sandbox.place.sql(&change).expect(&change);
        let found = findings(&sandbox);
        assert!(found.iter().any(|found| found.contains(says)) || says.is_empty(), "{change}: {found:#?}");
        if !back.is_empty() {
            sandbox.place.sql(&back).expect("back");
        }
    }
});

both!(keys_that_were_put_in_or_taken_out_are_named, |place| {
    let sandbox = lived_in(place);
    let copy = "INSERT INTO key (id, owner, name, scopes, networks, labels, created_at, generation)
         SELECT 'key_01h455vb4pex5vsknk084sn02q', owner, 'planted', scopes, networks, '{}', created_at, 1
            FROM key WHERE owner = 'bob' AND name = 'first';
         INSERT INTO token (token_hash, hash_alg, token_id, prefix, key_id, generation, created_at, key_name, owner, scopes, networks, labels)
         SELECT replace(token_hash, substr(token_hash, 1, 20), '00000000000000000000'), 'sha256', 'PlantedToken', 'sks_PlantedToken', 'key_01h455vb4pex5vsknk084sn02q', 1, created_at, 'planted', owner, scopes, networks, '{}'
            FROM token WHERE owner = 'alice' AND grace_ends_at IS NULL";
    sandbox.place.sql(copy).expect("planted");
    let found = findings(&sandbox);
    assert!(
        found
            .iter()
            .any(|found| found.contains("key key_01h455vb4pex5vsknk084sn02q (bob/planted) is in no record")),
        "{found:#?}"
    );
    let gone = imported(&sandbox);
    let sql = format!(
        "DELETE FROM key_label WHERE key_id = '{gone}'; DELETE FROM token WHERE key_id = '{gone}'; DELETE FROM key WHERE id = '{gone}'"
    );
    sandbox.place.sql(&sql).expect("taken out");
    sandbox
        .place
        .sql("DELETE FROM token WHERE owner = 'grace'; DELETE FROM key WHERE owner = 'grace'")
        .expect("taken out");
    let found = findings(&sandbox);
    assert!(found.iter().any(|found| found.starts_with(&format!("key {gone} is missing"))), "{found:#?}");
    assert_eq!(found.iter().filter(|found| found.contains("is missing")).count(), 2, "{found:#?}");
});

both!(a_broken_log_is_named_and_nothing_is_compared_with_it, |place| {
    let sandbox = lived_in(place);
    sandbox.place.sql("UPDATE audit SET body = replace(body, '\"done\"', '\"gone\"') WHERE seq = 7; UPDATE secret SET version = 1 WHERE name = 'team'").expect("altered");
    let found = findings(&sandbox);
    let [found] = found.as_slice() else { panic!("{found:?}") };
    assert!(found.contains("record 7 was altered") && found.contains("was not compared with it"), "{found}");
});

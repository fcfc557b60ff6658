//! What Apollo is shown, and what keeps a key from it.

use super::{Apollo, Found, server_log};

const PLANTED: &str = "sk-ant-planted-in-the-view";

#[test]
fn apollo_finds_a_client_by_its_token_and_decrypts_its_key() {
    let apollo = Apollo::shown();
    apollo.bound("team", PLANTED, "alice");
    let token = apollo.mint("alice --scope chat,files");
    let found = Found { name: "alice/default".to_owned(), key: PLANTED.to_owned() };
    assert_eq!(apollo.find(&token), Some(found));
    assert_eq!(apollo.find(&format!("{token}x")), None);
    assert!(apollo.as_apollo("SELECT * FROM keyctl.apollo_secret").is_err());
    assert!(apollo.as_apollo("SELECT * FROM public.keyctl_tokens_v1").is_err());
    apollo.sandbox.ok(&["store", "check"]);

    let shown = apollo.sandbox.ok(&["audit", "export"]) + &server_log();
    assert!(!shown.contains(PLANTED), "a value was written");
}

#[test]
fn what_changes_keys_needs_no_key_of_apollo_s() {
    let apollo = Apollo::shown();
    apollo.bound("team", "sk-ant-one", "alice");
    apollo.bound("spare", "sk-ant-two", "bob");
    let sandbox = &apollo.sandbox;
    let old = apollo.mint("alice --scope chat");
    let new = sandbox.ok(&["rotate", "alice", "--grace", "1h"]);
    assert_eq!(apollo.names(), ["alice/default", "alice/default (previous)"]);
    let found = |token: &str| apollo.find(token).map(|found| (found.name, found.key));
    assert_eq!(found(&old), Some(("alice/default (previous)".to_owned(), "sk-ant-one".to_owned())));
    assert_eq!(found(&new), Some(("alice/default".to_owned(), "sk-ant-one".to_owned())));
    let newest = sandbox.ok(&["rotate", "alice", "--grace", "1h"]);
    assert_eq!(found(&old), None, "one previous token at most");
    assert_eq!(apollo.names().len(), 2);

    sandbox.ok(&["secret", "bind", "spare", "alice/default"]);
    assert_eq!(found(&newest).map(|found| found.1), Some("sk-ant-two".to_owned()));
    sandbox.ok(&["secret", "unbind", "spare", "alice/default"]);
    assert_eq!(found(&newest).map(|found| found.1), Some("sk-ant-one".to_owned()));
    sandbox.ok(&["edit", "alice", "--name", "laptop"]);
    assert_eq!(apollo.names(), ["alice/laptop", "alice/laptop (previous)"]);
    sandbox.ok(&["revoke", "alice"]);
    assert_eq!(apollo.names(), [""; 0]);
}

#[test]
fn each_thing_that_apollo_would_not_keep_leaves_a_key_out() {
    let apollo = Apollo::shown();
    let sandbox = &apollo.sandbox;
    for owner in ["in", "out", "gone"] {
        apollo.bound(owner, &format!("sk-ant-{owner}"), owner);
    }
    apollo.ok(&["secret", "set", "anthropic", "short", "--expires", "2s"], "sk-ant-short");
    apollo.ok(&["secret", "set", "openai", "other"], "sk-openai");
    for scope in ["chat", "*", "chat:*"] {
        let name = scope.replace(['*', ':'], "x");
        sandbox.ok(&["mint", "in", "--name", &name, "--scope", scope, "--allow-all"]);
    }
    for (name, words) in [
        ("networks", "--scope chat --allow-ip 10.0.0.0/8"),
        ("rate", "--scope chat --rate 5/m"),
        ("quota", "--scope chat --quota 5/day"),
        ("below", "--scope chat:read"),
        ("beside", "--scope chats"),
        ("none", ""),
        ("later", "--scope chat --not-before 2099-01-01T00:00:00Z --expires never"),
        ("short", "--scope chat --expires 1s"),
        ("asleep", "--scope chat"),
        ("revoked", "--scope chat"),
        ("expired-secret", "--scope chat"),
        ("unsealed", "--scope chat"),
    ] {
        apollo.mint(format!("out --name {name} {words}").trim_end());
    }
    apollo.mint("out --name child --parent out/networks --scope chat");
    apollo.mint("unbound --scope chat");
    apollo.mint("gone --scope chat");
    sandbox.ok(&["suspend", "out/asleep"]);
    sandbox.ok(&["revoke", "out/revoked"]);
    sandbox.ok(&["secret", "bind", "short", "out/expired-secret"]);
    sandbox.ok(&["secret", "bind", "other", "unbound"]);
    apollo.ok(&["secret", "set", "anthropic", "bare"], "sk-ant-bare");
    sandbox.ok(&["secret", "bind", "bare", "out/unsealed"]);
    apollo.sql("DELETE FROM apollo_secret WHERE secret_id = (SELECT id FROM secret WHERE name = 'bare')");
    apollo.mint("off --scope chat");
    sandbox.ok(&["owner", "disable", "off", "--yes"]);
    // Deleted behind keyctl's back: the binding stays and leads to nothing usable.
    apollo.sql("UPDATE secret SET deleted_at = 1 WHERE name = 'gone'");
    sandbox.feed(&["import", "mem0", "-", "--scope", "chat"], r#"{"hunter2":"in"}"#).expect_code(0);
    std::thread::sleep(std::time::Duration::from_millis(2100));

    let (mut left_out, said) = apollo.explained(&[]);
    left_out.sort();
    assert_eq!(
        left_out,
        [
            "gone/default secret_deleted",
            "in/chatxx scope",
            "in/default hash_alg",
            "off/default owner_disabled",
            "out/asleep suspended",
            "out/below scope",
            "out/beside scope",
            "out/child networks",
            "out/expired-secret secret_expired",
            "out/later not_yet_valid",
            "out/networks networks",
            "out/none scope",
            "out/quota quota",
            "out/rate rate",
            "out/revoked revoked",
            "out/short expired",
            "out/unsealed unsealed",
            "unbound/default unbound",
        ]
    );
    assert!(said.contains("shows 2 keys for the scope chat, and leaves 18 keys out"), "{said}");
    assert_eq!(apollo.names(), ["in/chat", "in/x"], "chat:* does not cover chat");
    let keys = apollo.sql("SELECT owner || '/' || name FROM key ORDER BY 1");
    let is_left_out = |key: &&str| left_out.iter().any(|line| line.split(' ').next() == Some(*key));
    let shown: Vec<&str> = keys.lines().filter(|key| !is_left_out(key)).collect();
    assert_eq!(apollo.names(), shown, "what is explained is what the view does");
    let plain =
        sandbox.run(&["store", "compat", "apollo", "--explain", "--scope", "chat:read"]).expect_code(0);
    assert!(plain.stderr.contains("would show 4 keys for the scope chat:read"), "{}", plain.stderr);
}

#[test]
fn the_nearest_binding_decides_also_where_it_leads_to_nothing() {
    let apollo = Apollo::shown();
    let sandbox = &apollo.sandbox;
    apollo.mint("alice --scope chat");
    let key = || apollo.as_apollo("SELECT anthropic_api_key FROM lightning_clients").expect("readable");
    let shown = || Some(key()).filter(|key| !key.is_empty()).map(|key| super::decrypted(&key, super::APOLLO));
    assert_eq!(shown(), None);
    for name in ["store", "owner", "key"] {
        apollo.ok(&["secret", "set", "anthropic", name], &format!("sk-ant-{name}"));
    }
    sandbox.ok(&["secret", "bind", "store", "--default"]);
    assert_eq!(shown().as_deref(), Some("sk-ant-store"));
    sandbox.ok(&["secret", "bind", "owner", "alice"]);
    assert_eq!(shown().as_deref(), Some("sk-ant-owner"));
    sandbox.ok(&["secret", "bind", "key", "alice/default"]);
    assert_eq!(shown().as_deref(), Some("sk-ant-key"));
    apollo.sql("UPDATE secret_version SET expires_at = 1 WHERE secret_id = (SELECT id FROM secret WHERE name = 'key')");
    assert_eq!(shown(), None, "never the owner's instead");
    sandbox.ok(&["secret", "unbind", "key", "alice/default"]);
    assert_eq!(shown().as_deref(), Some("sk-ant-owner"));
}

#[test]
fn nothing_but_a_ciphertext_can_stand_in_the_view() {
    let apollo = Apollo::shown();
    apollo.bound("team", "sk-ant-1", "alice");
    apollo.mint("alice --scope chat");
    let good = apollo.sql("SELECT ciphertext FROM apollo_secret");
    for bad in ["sk-ant-plain", "", "enc:v1:", "enc:v2:", "enc:v1:sk-ant-plain", "ENC:V1:"] {
        let text = if bad.ends_with("v2:") || bad.ends_with("V1:") {
            format!("{bad}{}", good.trim_start_matches("enc:v1:"))
        } else {
            bad.to_owned()
        };
        let update = format!("UPDATE apollo_secret SET ciphertext = '{text}'");
        assert!(apollo.sandbox.place.sql(&update).is_err(), "{text}");
    }
    assert!(apollo.sandbox.place.sql("UPDATE apollo_secret SET ciphertext = NULL").is_err());
    apollo.sql("ALTER TABLE apollo_secret DROP CONSTRAINT apollo_secret_ciphertext_check");
    apollo.sql("UPDATE apollo_secret SET ciphertext = 'sk-ant-plain'");
    assert_eq!(apollo.names(), [""; 0], "the view looks again");
}

#[test]
fn a_client_is_found_by_an_index() {
    let apollo = Apollo::shown();
    apollo.bound("team", "sk-ant-1", "alice");
    apollo.sql(
        "INSERT INTO owner (name, created_at) SELECT 'o' || n, 1 FROM generate_series(1, 5000) n;
         INSERT INTO key (id, owner, name, scopes, networks, labels, created_at, generation)
         SELECT 'key_' || lpad(n::text, 26, '0'), 'o' || n, 'k' || n, '[\"chat\"]', '[]', '{}', 1, 1
         FROM generate_series(1, 5000) n;
         INSERT INTO token (token_hash, hash_alg, token_id, prefix, key_id, generation, created_at, key_name,
            owner, scopes, networks, labels)
         SELECT encode(sha256(n::text::bytea), 'hex'), 'sha256', lpad(n::text, 12, '0'), 'sks_x',
            'key_' || lpad(n::text, 26, '0'), 1, 1, 'k' || n, 'o' || n, '[\"chat\"]', '[]', '{}'
         FROM generate_series(1, 5000) n;
         INSERT INTO secret (id, provider, name, labels, created_at, version)
         SELECT 'sec_' || lpad(n::text, 26, '0'), 'anthropic', 's' || n, '{}', 1, 3 FROM generate_series(1, 5000) n;
         INSERT INTO secret_version (secret_id, version, master_key_id, created_at, envelope)
         SELECT 'sec_' || lpad(n::text, 26, '0'), v, (SELECT id FROM master_key LIMIT 1), 1,
            decode(repeat('00', 102), 'hex') FROM generate_series(1, 5000) n, generate_series(1, 3) v;
         INSERT INTO apollo_secret (secret_id, version, ciphertext)
         SELECT 'sec_' || lpad(n::text, 26, '0'), v, (SELECT ciphertext FROM apollo_secret LIMIT 1)
         FROM generate_series(1, 5000) n, generate_series(1, 3) v;
         INSERT INTO binding (subject_kind, subject_id, provider, secret_id, created_at)
         SELECT kind, CASE kind WHEN 'key' THEN 'key_' || lpad(n::text, 26, '0') ELSE 'o' || n END, 'anthropic',
            'sec_' || lpad(n::text, 26, '0'), 1
         FROM generate_series(1, 5000) n, unnest(ARRAY['key', 'owner']) kind",
    );
    let lookup = "SELECT name, anthropic_api_key FROM public.lightning_clients \
        WHERE auth_token_hash = encode(sha256('77'), 'hex') LIMIT 1";
    assert!(apollo.sql(lookup).starts_with("o77/k77|enc:v1:"));
    let check = |when: &str| {
        let plan = apollo.sql(&format!("EXPLAIN {lookup}"));
        let scans = |line: &&str| line.contains("Seq Scan on") || line.contains("Bitmap Heap Scan on");
        for line in plan.lines().filter(scans) {
            // Of one row each.
            let small = ["Seq Scan on apollo ", "Seq Scan on head "].iter().any(|one| line.contains(one));
            let looked_up = line.contains("Bitmap Heap Scan on");
            assert!(small || looked_up, "{when}: {plan}");
        }
        assert!(plan.contains("token_pkey") && plan.contains("secret_version_pkey"), "{when}: {plan}");
    };
    check("before ANALYZE");
    apollo.sql("ANALYZE");
    check("after ANALYZE");
}

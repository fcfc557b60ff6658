//! Keys through their lives.

use std::time::Duration;

use keyctl::domain::keys::key_ref::KeyRef;
use keyctl::ops::keys::find::resolve;
use keyctl::ops::keys::mint::mint;
use keyctl::ops::keys::revoke::revoke;
use keyctl::ops::{self};
use keyctl::store::Lookup as _;

use crate::support::both;
use crate::support::library::{Accept, Refuse, answer, minted, request, rotated, stored};

both!(a_new_store_is_empty_and_as_it_should_be, |place| {
    place.init();
    let mut store = place.open();
    assert_eq!(store.counts().expect("counts"), [0, 0, 0, 0]);
    assert_eq!(ops::stores::store::check(&mut store, |_| {}).expect("check"), Vec::new());
});

both!(a_minted_key_reads_back_as_it_was_made, |place| {
    place.init();
    let mut env = place.env();
    let full = ops::keys::mint::Request {
        name: Some("ci".parse().expect("name")),
        rate: Some("600/m".parse().expect("rate")),
        quota: Some("10000/month".parse().expect("quota")),
        networks: keyctl::domain::keys::network::Networks::parse_lists(["10.0.0.0/8,2001:db8::/32"])
            .expect("networks"),
        labels: keyctl::domain::keys::label::Labels::parse_all(["team=search & \"find\"", "x=ünï"])
            .expect("labels"),
        expiry: Some("30d".parse().expect("expiry")),
        prefix: Some("acme_live".parse().expect("prefix")),
        ..request("alice")
    };
    let (key, token) = minted(&mut env, &full);
    assert_eq!(stored(&mut env, key.id), Some(key.clone()));
    assert_eq!(key.token_prefix(), Some(&token.display_prefix()));
    assert!(token.expose().starts_with("acme_live_"));
    assert_eq!(key.expires_at.expect("an end").as_millis() - key.created_at.as_millis(), 30 * 86_400_000);
});

both!(the_first_name_is_default_and_the_next_is_random, |place| {
    place.init();
    let mut env = place.env();
    let (first, _) = minted(&mut env, &request("alice"));
    let (second, _) = minted(&mut env, &request("alice"));
    assert_eq!(first.name.as_str(), "default");
    assert!(second.name.as_str().starts_with("key-") && second.name.as_str().len() == 12, "{}", second.name);
});

both!(a_name_is_free_again_after_a_revoke, |place| {
    place.init();
    let mut env = place.env();
    let named = ops::keys::mint::Request { name: Some("ci".parse().expect("name")), ..request("alice") };
    let (first, _) = minted(&mut env, &named);
    let taken = mint(&mut env, &named, &mut Accept).expect_err("taken");
    assert!(matches!(taken, ops::Error::Conflict(_)), "{taken}");
    revoke(&mut env, &[KeyRef::Id(first.id)], None).expect("revoked");
    let (second, _) = minted(&mut env, &named);
    assert_ne!(first.id, second.id);
    let found = resolve(&mut env.store, &"alice/ci".parse().expect("reference")).expect("found");
    assert_eq!(found.id, second.id, "the live key goes before the revoked one");
});

both!(rotate_keeps_every_attribute_of_the_key, |place| {
    place.init();
    let mut env = place.env();
    let full = ops::keys::mint::Request {
        rate: Some("5/s".parse().expect("rate")),
        quota: Some("10/total".parse().expect("quota")),
        labels: keyctl::domain::keys::label::Labels::parse_all(["team=search"]).expect("labels"),
        networks: keyctl::domain::keys::network::Networks::parse_lists(["192.0.2.0/24"]).expect("networks"),
        ..request("alice")
    };
    let (old, _) = minted(&mut env, &full);
    let (new, token) = rotated(&mut env, &old, "1h", None);
    let expected = keyctl::domain::keys::key::Key {
        generation: 2,
        token: new.token.clone(),
        previous_token: new.previous_token.clone(),
        ..old.clone()
    };
    assert_eq!(new, expected);
    assert_eq!(new.token_prefix(), Some(&token.display_prefix()));
    assert_eq!(new.previous_token.as_ref().map(|t| &t.prefix), old.token_prefix());
    assert_eq!(stored(&mut env, old.id), Some(new));
});

both!(during_the_grace_both_tokens_work_and_a_third_rotation_ends_the_first, |place| {
    place.init();
    let mut env = place.env();
    let (key, first) = minted(&mut env, &request("alice"));
    let (_, second) = rotated(&mut env, &key, "1h", None);
    assert_eq!([answer(&mut env.store, &first), answer(&mut env.store, &second)], ["allowed", "allowed"]);
    let (_, third) = rotated(&mut env, &key, "1h", None);
    let answers = [&first, &second, &third].map(|token| answer(&mut env.store, token));
    assert_eq!(answers, ["expired", "allowed", "allowed"]);
    let (_, fourth) = rotated(&mut env, &key, "0", None);
    let answers = [&first, &second, &third, &fourth].map(|token| answer(&mut env.store, token));
    assert_eq!(answers, ["expired", "expired", "expired", "allowed"]);
});

both!(a_grace_ends_by_itself, |place| {
    place.init();
    let mut env = place.env();
    let (key, old) = minted(&mut env, &request("alice"));
    rotated(&mut env, &key, "1s", None);
    assert_eq!(answer(&mut env.store, &old), "allowed");
    std::thread::sleep(Duration::from_millis(1200));
    assert_eq!(answer(&mut env.store, &old), "expired");
    let now = env.store.key_by_id(key.id).expect("read").expect("there");
    assert_eq!(now.previous_token, None);
});

both!(renewing_an_expired_key_brings_no_dead_token_back, |place| {
    place.init();
    let mut env = place.env();
    let short = ops::keys::mint::Request { expiry: Some("1s".parse().expect("1s")), ..request("alice") };
    let (key, old) = minted(&mut env, &short);
    std::thread::sleep(Duration::from_millis(1200));
    assert_eq!(answer(&mut env.store, &old), "expired");
    let refused = ops::keys::rotate::Request {
        key: KeyRef::Id(key.id),
        grace: "24h".parse().expect("grace"),
        expiry: None,
        prefix: None,
    };
    assert!(matches!(
        ops::keys::rotate::rotate(&mut env, &refused, &mut Accept),
        Err(ops::Error::Conflict(_))
    ));
    let (renewed, new) = rotated(&mut env, &key, "24h", Some("90d"));
    assert_eq!(renewed.id, key.id);
    assert_eq!([answer(&mut env.store, &old), answer(&mut env.store, &new)], ["expired", "allowed"]);
});

both!(a_longer_expiry_does_not_lengthen_the_old_tokens_life, |place| {
    place.init();
    let mut env = place.env();
    let short = ops::keys::mint::Request { expiry: Some("2s".parse().expect("2s")), ..request("alice") };
    let (key, old) = minted(&mut env, &short);
    let (renewed, _) = rotated(&mut env, &key, "24h", Some("90d"));
    assert_eq!(renewed.previous_token.expect("in grace").expires_at, key.expires_at);
    std::thread::sleep(Duration::from_millis(2200));
    assert_eq!(answer(&mut env.store, &old), "expired");
});

both!(revoking_is_final_and_the_first_time_and_reason_stay, |place| {
    place.init();
    let mut env = place.env();
    let (key, first) = minted(&mut env, &request("alice"));
    let (_, second) = rotated(&mut env, &key, "1h", None);
    let by_old_token: KeyRef = first.display_prefix().as_str().parse().expect("reference");
    let done = revoke(&mut env, &[by_old_token], Some("leaked")).expect("revoked");
    assert!(!done.keys[0].already);
    let at = done.keys[0].key.revoked_at;
    assert_eq!([answer(&mut env.store, &first), answer(&mut env.store, &second)], ["revoked", "revoked"]);
    let again = revoke(&mut env, &[KeyRef::Id(key.id)], Some("other")).expect("idempotent");
    assert!(again.keys[0].already);
    assert_eq!(
        (again.keys[0].key.revoked_at, again.keys[0].key.revoke_reason.as_deref()),
        (at, Some("leaked"))
    );
    let refused = ops::keys::rotate::Request {
        key: KeyRef::Id(key.id),
        grace: "0".parse().expect("grace"),
        expiry: Some("90d".parse().expect("expiry")),
        prefix: None,
    };
    assert!(matches!(
        ops::keys::rotate::rotate(&mut env, &refused, &mut Accept),
        Err(ops::Error::Conflict(_))
    ));
});

both!(several_keys_are_revoked_all_or_none, |place| {
    place.init();
    let mut env = place.env();
    let (key, token) = minted(&mut env, &request("alice"));
    let unknown: KeyRef = "bob/default".parse().expect("reference");
    assert!(matches!(
        revoke(&mut env, &[KeyRef::Id(key.id), unknown], None),
        Err(ops::Error::NotFound { .. })
    ));
    assert_eq!(answer(&mut env.store, &token), "allowed");
});

both!(a_token_that_cannot_be_delivered_leaves_no_key, |place| {
    place.init();
    let mut env = place.env();
    let before = env.store.head().expect("head");
    assert!(matches!(mint(&mut env, &request("alice"), &mut Refuse), Err(ops::Error::Undelivered(_))));
    assert_eq!(env.store.counts().expect("counts"), [0, 0, 0, 0]);
    assert_eq!(env.store.head().expect("head"), before, "no record, no mark");
});

both!(a_rotation_that_cannot_be_delivered_leaves_the_old_token_working, |place| {
    place.init();
    let mut env = place.env();
    let (key, token) = minted(&mut env, &request("alice"));
    let request = ops::keys::rotate::Request {
        key: KeyRef::Id(key.id),
        grace: "0".parse().expect("grace"),
        expiry: None,
        prefix: None,
    };
    assert!(matches!(
        ops::keys::rotate::rotate(&mut env, &request, &mut Refuse),
        Err(ops::Error::Undelivered(_))
    ));
    assert_eq!(answer(&mut env.store, &token), "allowed");
    assert_eq!(stored(&mut env, key.id), Some(key));
});

both!(a_rehearsal_changes_nothing, |place| {
    place.init();
    let mut env = place.env();
    let (key, token) = minted(&mut env, &request("alice"));
    let before = env.store.head().expect("head");
    env.rehearse = true;
    mint(&mut env, &request("bob"), &mut Refuse).expect("rehearsed");
    revoke(&mut env, &[KeyRef::Id(key.id)], None).expect("rehearsed");
    assert!(matches!(
        revoke(&mut env, &["bob/x".parse().expect("reference")], None),
        Err(ops::Error::NotFound { .. })
    ));
    assert_eq!(env.store.head().expect("head"), before);
    assert_eq!(answer(&mut env.store, &token), "allowed");
});

both!(every_change_moves_the_mark_and_names_its_keys, |place| {
    place.init();
    let mut env = place.env();
    let mut marks = vec![env.store.head().expect("head").mark];
    let (key, _) = minted(&mut env, &request("alice"));
    marks.push(env.store.head().expect("head").mark);
    rotated(&mut env, &key, "1h", None);
    marks.push(env.store.head().expect("head").mark);
    revoke(&mut env, &[KeyRef::Id(key.id)], None).expect("revoked");
    marks.push(env.store.head().expect("head").mark);
    let counters: Vec<i64> = marks.iter().map(|mark| mark.counter).collect();
    assert_eq!(counters, [0, 1, 2, 3]);
    marks.dedup_by(|a, b| a.nonce == b.nonce);
    assert_eq!(marks.len(), 4, "each nonce is fresh");
    drop(env);
    let named = place.sql("SELECT seq, key_id FROM change ORDER BY seq").expect("rows");
    assert_eq!(named, format!("1|{0}\n2|{0}\n3|{0}", key.id));
});

both!(references_find_their_key_or_say_why_not, |place| {
    place.init();
    let mut env = place.env();
    let (alice, token) = minted(&mut env, &request("alice"));
    let (rotated, _) = rotated(&mut env, &alice, "0", None);
    let mut found = |text: &str| resolve(&mut env.store, &text.parse().expect(text)).map(|key| key.id);
    assert_eq!(found("alice").expect("sole"), alice.id);
    assert_eq!(found("alice/default").expect("named"), alice.id);
    assert_eq!(found(&alice.id.to_string()).expect("id"), alice.id);
    assert_eq!(found(token.display_prefix().as_str()).expect("dead token"), alice.id);
    assert_eq!(found(rotated.token_prefix().expect("a token").as_str()).expect("live token"), alice.id);
    assert!(matches!(found("bob"), Err(ops::Error::NotFound { .. })));
    assert!(matches!(found("alice/other"), Err(ops::Error::NotFound { .. })));
    minted(&mut env, &request("alice"));
    let several = resolve(&mut env.store, &"alice".parse().expect("reference")).expect_err("two keys");
    assert!(several.to_string().contains(&alice.id.to_string()), "{several}");
});

both!(an_owner_that_looks_like_a_token_is_told_apart, |place| {
    place.init();
    let mut env = place.env();
    let owner = "sks_aaaaaaaaaaaa";
    let (key, _) = minted(&mut env, &request(owner));
    assert_eq!(resolve(&mut env.store, &owner.parse().expect("reference")).expect("found").id, key.id);
});

//! What people may do with keys, and what not.

use keyctl::domain::keys::network::Networks;
use keyctl::domain::portal::made_by::MadeBy;
use keyctl::domain::time::{Grace, Span};
use keyctl::ops::env::Env;
use keyctl::ops::keys::mint::Request;
use keyctl::ops::keys::revoke::Revocation;
use keyctl::ops::keys::suspend;
use keyctl::ops::portal::keys::{self, NewKey, make_key};
use keyctl::ops::portal::sign_in::{by_claim, by_key};
use keyctl::ops::portal::{Refused, admin, invite, shown};

use super::{by_invitation, invited, now, scopes, wanted, with_key, word};
use crate::support::both;
use crate::support::library::{answer, minted, request, stored};
use crate::support::store::Place;

fn new(given: &str, expires: Option<&str>) -> NewKey {
    NewKey { name: None, scopes: scopes(given), expiry: expires.map(|text| text.parse().expect("expiry")) }
}

fn found_clean(env: &mut Env) {
    assert_eq!(keyctl::ops::stores::store::check(&mut env.store, |_| {}).expect("check"), Vec::new());
}

/// Binds a kind of subject and its id to a secret of their own.
fn lead_to_a_secret(place: &Place, subject: &str) {
    let count = place.sql("SELECT COUNT(*) FROM secret").expect("a count");
    let id = format!("sec_{count:0>26}");
    for sql in [
        format!(
            "INSERT INTO secret (id, provider, name, labels, created_at, version)
             VALUES ('{id}', 'openai', 'main-{count}', '{{}}', 1, 1)"
        ),
        format!(
            "INSERT INTO binding (subject_kind, subject_id, provider, secret_id, created_at)
             VALUES ({subject}, 'openai', '{id}', 1)"
        ),
    ] {
        place.sql(&sql).expect("bound");
    }
}

both!(a_key_is_made_within_what_may_be_given, |place| {
    place.init();
    let mut env = place.env();
    let signed_in = by_invitation(&mut env, "alice", "memories,files:read");
    let person = &signed_in.person;
    let given = make_key(&mut env, person, &new("memories:read", Some("7d"))).expect("made");
    assert_eq!(answer(&mut env.store, &given.token), "allowed");
    let key = stored(&mut env, given.key.id).expect("there");
    assert_eq!(key.owner.as_str(), "alice");
    assert!(matches!(key.made_by, Some(MadeBy::Claim(_))), "{:?}", key.made_by);
    assert_eq!(word(make_key(&mut env, person, &new("files", None))), "beyond");
    assert_eq!(word(make_key(&mut env, person, &new("*", None))), "beyond");
    for own in ["keyctl:self", "memories,keyctl:admin", "keyctl:resolve"] {
        assert_eq!(word(make_key(&mut env, person, &new(own, None))), "reserved", "{own}");
    }
    let taken = NewKey { name: Some(key.name.clone()), ..new("memories", None) };
    let refused = make_key(&mut env, person, &taken).expect_err("taken");
    assert!(matches!(&refused, Refused::Failed(keyctl::ops::Error::Conflict(_))), "{refused:?}");
    let body = place
        .sql("SELECT body FROM audit WHERE body LIKE '%\"action\":\"mint\",\"outcome\":\"done\"%'")
        .expect("records");
    let actor = format!("alice by session {}", person.session);
    for part in [actor.as_str(), &format!("\"session\":\"{}\"", person.session), "\"made_by\":\"claim:clm_"] {
        assert!(body.contains(part), "{part}: {body}");
    }
    assert!(env.actor.claimed.as_deref() != Some(actor.as_str()), "the process is another actor");
    found_clean(&mut env);
});

both!(a_key_lives_no_longer_than_what_made_it, |place| {
    place.init();
    let mut env = place.env();
    let (_, token) = minted(
        &mut env,
        &Request {
            scopes: scopes("memories,keyctl:self"),
            expiry: Some("5d".parse().expect("5d")),
            ..request("alice")
        },
    );
    let signed_in = keyctl::ops::portal::sign_in::by_key(&mut env, token.expose(), None).expect("signed in");
    let end = signed_in.person.latest_end.expect("an end");
    let made = make_key(&mut env, &signed_in.person, &new("memories", None)).expect("made");
    assert_eq!(made.key.expires_at, Some(end), "the store's default would be longer");
    for longer in ["6d", "never"] {
        assert_eq!(word(make_key(&mut env, &signed_in.person, &new("memories", Some(longer)))), "too_long");
    }
    let request = invite::Request { max_expiry: Some(Span::days(2)), ..wanted("bob", "memories") };
    let code = invite::invite(&mut env, &request).expect("invited").code;
    let person = by_claim(&mut env, code.expose()).expect("signed in").person;
    let made = make_key(&mut env, &person, &new("memories", None)).expect("made");
    assert_eq!(
        made.key.expires_at.expect("an end").as_millis() - made.key.created_at.as_millis(),
        2 * 86_400_000
    );
    assert_eq!(word(make_key(&mut env, &person, &new("memories", Some("3d")))), "too_long");
});

both!(a_key_is_bounded_as_the_one_that_made_it, |place| {
    place.init();
    let mut env = place.env();
    let (_, token) = minted(
        &mut env,
        &Request {
            scopes: scopes("memories,keyctl:self"),
            rate: Some("5/m".parse().expect("rate")),
            quota: Some("9/day".parse().expect("quota")),
            networks: Networks::parse_lists(["192.0.2.0/24"]).expect("networks"),
            ..request("alice")
        },
    );
    let from = Some("192.0.2.7".parse().expect("address"));
    let signed_in = keyctl::ops::portal::sign_in::by_key(&mut env, token.expose(), from).expect("signed in");
    let made = make_key(&mut env, &signed_in.person, &new("memories", None)).expect("made");
    let key = stored(&mut env, made.key.id).expect("there");
    assert_eq!(key.rate.map(|rate| rate.to_string()).as_deref(), Some("5/m"));
    assert_eq!(key.quota.map(|quota| quota.to_string()).as_deref(), Some("9/day"));
    assert_eq!(key.networks, Networks::parse_lists(["192.0.2.0/24"]).expect("networks"));
    found_clean(&mut env);
});

both!(a_token_is_given_only_of_a_key_that_the_person_may_hold, |place| {
    place.init();
    let mut env = place.env();
    let (own, _, signed_in) = with_key(&mut env, "alice", "memories,keyctl:self");
    let named = |name: &str, given: &str| Request {
        name: Some(name.parse().expect("name")),
        scopes: scopes(given),
        expiry: Some("30d".parse().expect("30d")),
        ..request("alice")
    };
    let (within, old) = minted(&mut env, &named("within", "memories:read"));
    let (wider, _) = minted(&mut env, &named("wider", "files"));
    let (reserved, _) = minted(&mut env, &named("reserved", "memories,keyctl:resolve"));
    let person = &signed_in.person;
    let given = keys::rotate(&mut env, person, within.id, 1, Grace::NONE).expect("rotated");
    assert_eq!((answer(&mut env.store, &old), answer(&mut env.store, &given.token)), ("expired", "allowed"));
    for beyond in [wider.id, reserved.id] {
        assert_eq!(word(keys::rotate(&mut env, person, beyond, 1, Grace::DEFAULT)), "beyond");
    }
    // Its own, which has a scope of the tool's own, is in the person's hands already; the session goes on.
    let again = keys::rotate(&mut env, person, own.id, 1, Grace::NONE).expect("rotated");
    assert_eq!(answer(&mut env.store, &again.token), "allowed");
    assert!(now(&mut env, &signed_in).is_some());
    // A second tab, which was opened before that.
    let in_use = keys::rotate(&mut env, person, within.id, 2, Grace::DEFAULT).expect("rotated");
    assert_eq!(word(keys::rotate(&mut env, person, within.id, 2, Grace::DEFAULT)), "replaced");
    for token in [&given.token, &in_use.token] {
        assert_eq!(answer(&mut env.store, token), "allowed", "within its grace");
    }
    found_clean(&mut env);
});

both!(no_token_is_given_of_a_key_that_may_more_than_what_signed_in, |place| {
    place.init();
    let mut env = place.env();
    let limits = |name: &str, given: &str, expires: &str| Request {
        name: Some(name.parse().expect("name")),
        scopes: scopes(given),
        expiry: Some(expires.parse().expect("expiry")),
        rate: "60/m".parse().ok(),
        quota: "100/day".parse().ok(),
        networks: Networks::parse_lists(["192.0.2.0/24"]).expect("networks"),
        ..request("alice")
    };
    let (own, token) = minted(&mut env, &limits("login", "memories,keyctl:self", "30d"));
    let from = "192.0.2.7".parse().ok();
    let alice = by_key(&mut env, token.expose(), from).expect("signed in").person;
    let as_it = |name: &str| limits(name, "memories", "20d");
    let (same, _) = minted(&mut env, &as_it("same"));
    let narrower = Request {
        rate: "1/s".parse().ok(),
        quota: "100/month".parse().ok(),
        networks: Networks::parse_lists(["192.0.2.7"]).expect("networks"),
        ..as_it("narrower")
    };
    let (narrower, _) = minted(&mut env, &narrower);
    let child = Request {
        parent: Some(own.id.to_string().parse().expect("reference")),
        networks: Networks::default(),
        ..as_it("child")
    };
    let (child, _) = minted(&mut env, &child);
    let everywhere = Networks::default();
    let more = [
        ("it works for longer", Request { expiry: "31d".parse().ok(), ..as_it("later") }),
        ("it works for longer", Request { expiry: "never".parse().ok(), ..as_it("endless") }),
        ("more networks", Request { networks: everywhere, ..as_it("anywhere") }),
        ("its rate", Request { rate: None, ..as_it("fast") }),
        ("its rate", Request { rate: "61/m".parse().ok(), ..as_it("faster") }),
        ("its quota", Request { quota: None, ..as_it("much") }),
        ("short-lived", Request { allow_jwt: true, ..as_it("offline") }),
        ("other secrets", as_it("bound")),
    ];
    for (what, request) in more {
        let (key, old) = minted(&mut env, &request);
        if what == "other secrets" {
            lead_to_a_secret(&place, &format!("'key', '{}'", key.id));
        }
        let refused = keys::rotate(&mut env, &alice, key.id, 1, Grace::NONE).expect_err(what);
        assert_eq!(refused.as_str(), "wider", "{refused}");
        assert!(refused.to_string().contains(what), "{what}: {refused}");
        assert!(!shown::my_key(&mut env.store, &alice, key.id).expect("shown").may_rotate, "{what}");
        let there = stored(&mut env, key.id).expect("there");
        assert_eq!(there.token_prefix(), Some(&old.display_prefix()), "{what}: nothing was changed");
    }
    for key in [&same, &narrower, &child] {
        assert!(shown::my_key(&mut env.store, &alice, key.id).expect("shown").may_rotate, "{}", key.name);
        keys::rotate(&mut env, &alice, key.id, 1, Grace::NONE).expect("rotated");
    }
    // An invitation leads to the secrets of the owner, and to none of a key.
    let guest = by_invitation(&mut env, "alice", "memories").person;
    keys::rotate(&mut env, &guest, same.id, 2, Grace::NONE).expect("rotated");
    lead_to_a_secret(&place, "'owner', 'alice'");
    keys::rotate(&mut env, &guest, same.id, 3, Grace::NONE).expect("rotated");
    let bound = place.sql("SELECT subject_id FROM binding WHERE subject_kind = 'key'").expect("bound");
    let bound = bound.parse().expect("an id");
    assert_eq!(word(keys::rotate(&mut env, &guest, bound, 1, Grace::NONE)), "wider");
    let bounded = invite::Request { max_expiry: Some(Span::days(7)), ..wanted("alice", "memories") };
    let code = invite::invite(&mut env, &bounded).expect("invited").code;
    let guest = by_claim(&mut env, code.expose()).expect("signed in").person;
    assert_eq!(word(keys::rotate(&mut env, &guest, same.id, 4, Grace::NONE)), "wider");
});

both!(another_owners_key_is_no_key_of_yours, |place| {
    place.init();
    let mut env = place.env();
    let (foreign, token) = minted(&mut env, &request("bob"));
    let (_, _, signed_in) = with_key(&mut env, "alice", "memories,keyctl:self");
    let person = &signed_in.person;
    assert_eq!(word(keys::rotate(&mut env, person, foreign.id, 1, Grace::NONE)), "no_such_key");
    assert_eq!(word(keys::suspend(&mut env, person, foreign.id, None)), "no_such_key");
    assert_eq!(word(keys::resume(&mut env, person, foreign.id)), "no_such_key");
    assert_eq!(word(keys::revoke(&mut env, person, foreign.id, Revocation::default())), "no_such_key");
    assert_eq!(word(shown::my_key(&mut env.store, person, foreign.id)), "no_such_key");
    assert_eq!(word(shown::revoke_reach(&mut env.store, person, foreign.id)), "no_such_key");
    let unknown = "key_01h455vb4pex5vsknk084sn02q".parse().expect("id");
    assert_eq!(word(keys::revoke(&mut env, person, unknown, Revocation::default())), "no_such_key");
    assert_eq!(answer(&mut env.store, &token), "allowed");
    let mine = shown::my_keys(&mut env.store, person, None).expect("listed");
    assert!(mine.keys.iter().all(|shown| shown.key.owner.as_str() == "alice") && mine.keys.len() == 1);
});

both!(a_change_looks_at_the_session_again, |place| {
    place.init();
    let mut env = place.env();
    let (key, _, signed_in) = with_key(&mut env, "alice", "memories,keyctl:self");
    let person = &signed_in.person;
    // Another process revokes it between the page and the click.
    let reference = key.id.to_string().parse().expect("reference");
    keyctl::ops::keys::revoke::revoke(&mut place.env(), &[reference], None).expect("revoked");
    assert_eq!(word(make_key(&mut env, person, &new("memories", None))), "signed_out");
    assert_eq!(word(keys::rotate(&mut env, person, key.id, 1, Grace::NONE)), "signed_out");
    assert_eq!(word(keys::suspend(&mut env, person, key.id, None)), "signed_out");
});

both!(people_take_back_their_own_suspensions_alone, |place| {
    place.init();
    let mut env = place.env();
    let (_, _, signed_in) = with_key(&mut env, "alice", "memories,keyctl:self");
    let person = &signed_in.person;
    let made = make_key(&mut env, person, &new("memories", None)).expect("made");
    let reference = || [made.key.id.to_string().parse().expect("reference")];
    keys::suspend(&mut env, person, made.key.id, Some("on holiday")).expect("suspended");
    assert_eq!(answer(&mut env.store, &made.token), "suspended");
    assert!(shown::my_key(&mut env.store, person, made.key.id).expect("shown").may_resume);
    keys::resume(&mut env, person, made.key.id).expect("resumed");
    assert_eq!(answer(&mut env.store, &made.token), "allowed");
    suspend::suspend(&mut env, &reference(), Some("it leaked")).expect("suspended");
    assert!(!shown::my_key(&mut env.store, person, made.key.id).expect("shown").may_resume);
    assert_eq!(word(keys::resume(&mut env, person, made.key.id)), "suspended");
    suspend::resume(&mut env, &reference()).expect("resumed");
    // An operator who suspends what is suspended takes it over.
    keys::suspend(&mut env, person, made.key.id, None).expect("suspended");
    suspend::suspend(&mut env, &reference(), None).expect("suspended");
    assert_eq!(word(keys::resume(&mut env, person, made.key.id)), "suspended");
    suspend::resume(&mut env, &reference()).expect("resumed");
    // One that ends by itself does so, whatever the owner of the key does meanwhile.
    let hour = suspend::Until::After(Span::seconds(3600));
    let wanted = suspend::Suspension { until: hour, ..suspend::Suspension::default() };
    suspend::suspend_until(&mut env, &reference(), &wanted).expect("suspended");
    let before = stored(&mut env, made.key.id).expect("there").suspended_until;
    keys::suspend(&mut env, person, made.key.id, None).expect("nothing to do");
    let after = stored(&mut env, made.key.id).expect("there").suspended_until;
    assert!(before.is_some() && after == before, "{after:?}");
    found_clean(&mut env);
});

both!(whoever_is_no_admin_does_nothing_for_others, |place| {
    place.init();
    let mut env = place.env();
    let (key, token) = minted(&mut env, &request("bob"));
    let (_, _, alice) = with_key(&mut env, "alice", "memories,keyctl:self");
    let (_, _, ops) = with_key(&mut env, "ops", "memories,keyctl:admin");
    let store = &mut env.store;
    assert_eq!(word(admin::owners(store, &alice.person, "")), "not_admin");
    assert_eq!(word(admin::keys(store, &alice.person, None, "", None)), "not_admin");
    assert_eq!(word(admin::reach(store, &alice.person, key.id)), "not_admin");
    assert_eq!(word(admin::suspend(&mut env, &alice.person, key.id, None)), "not_admin");
    assert_eq!(word(admin::invite(&mut env, &alice.person, &wanted("bob", "memories"))), "not_admin");
    // One who says so is none.
    let mut forged = alice.person.clone();
    forged.is_admin = true;
    assert_eq!(word(admin::revoke(&mut env, &forged, key.id, Revocation::default())), "not_admin");
    assert_eq!(answer(&mut env.store, &token), "allowed");
    let found = admin::owners(&mut env.store, &ops.person, "bo").expect("found");
    assert!(!found.has_more);
    assert_eq!(found.owners.iter().map(|owner| owner.name.as_str()).collect::<Vec<_>>(), ["bob"]);
    assert_eq!(admin::keys(&mut env.store, &ops.person, None, "", None).expect("found").keys.len(), 3);
    admin::suspend(&mut env, &ops.person, key.id, Some("odd")).expect("suspended");
    assert_eq!(answer(&mut env.store, &token), "suspended");
    admin::resume(&mut env, &ops.person, key.id).expect("resumed");
    admin::revoke(&mut env, &ops.person, key.id, Revocation::default()).expect("revoked");
    assert_eq!(answer(&mut env.store, &token), "revoked");
    assert_eq!(word(admin::invite(&mut env, &ops.person, &wanted("carol", "files"))), "beyond");
    assert_eq!(word(admin::invite(&mut env, &ops.person, &wanted("carol", "keyctl:self"))), "reserved");
    let invited = admin::invite(&mut env, &ops.person, &wanted("carol", "memories")).expect("invited");
    by_claim(&mut env, invited.code.expose()).expect("signed in");
    found_clean(&mut env);
});

both!(an_invitation_ends_with_the_key_that_made_it, |place| {
    place.init();
    let mut env = place.env();
    let (key, _, ops) = with_key(&mut env, "ops", "memories,keyctl:admin");
    let made = admin::invite(&mut env, &ops.person, &wanted("mallory", "memories")).expect("invited");
    let used = admin::invite(&mut env, &ops.person, &wanted("mallory", "memories")).expect("invited");
    let signed_in = by_claim(&mut env, used.code.expose()).expect("signed in");
    let reference = key.id.to_string().parse().expect("reference");
    keyctl::ops::keys::revoke::revoke(&mut env, &[reference], None).expect("revoked");
    assert_eq!(word(by_claim(&mut env, made.code.expose())), "code_revoked");
    assert!(now(&mut env, &signed_in).is_none());
    invited(&mut env, "mallory", "memories");
});

both!(an_invitation_gives_for_no_longer_than_the_key_that_sent_it_lives, |place| {
    place.init();
    let mut env = place.env();
    let short = Request {
        scopes: scopes("memories,keyctl:admin"),
        expiry: Some("5d".parse().expect("5d")),
        ..request("ops")
    };
    let (key, token) = minted(&mut env, &short);
    let ops = by_key(&mut env, token.expose(), None).expect("signed in").person;
    let long = invite::Request { ttl: Span::days(30), ..wanted("mallory", "memories") };
    let used = admin::invite(&mut env, &ops, &long).expect("invited");
    assert_eq!(Some(used.claim.expires_at), key.expires_at, "the link, too");
    let open = admin::invite(&mut env, &ops, &wanted("mallory", "memories")).expect("invited");
    let signed_in = by_claim(&mut env, used.code.expose()).expect("signed in");
    let person = &signed_in.person;
    for longer in ["6d", "never"] {
        assert_eq!(word(make_key(&mut env, person, &new("memories", Some(longer)))), "too_long");
    }
    let made = make_key(&mut env, person, &new("memories", None)).expect("made");
    assert_eq!(made.key.expires_at, key.expires_at, "the store's default would be longer");
    make_key(&mut env, person, &new("memories", Some("4d"))).expect("made");
    found_clean(&mut env);
    for table in ["key", "token"] {
        let column = if table == "key" { "id" } else { "key_id" };
        let sql = format!("UPDATE {table} SET expires_at = created_at + 1 WHERE {column} = '{}'", key.id);
        place.sql(&sql).expect("at its end");
    }
    assert!(now(&mut env, &signed_in).is_none());
    assert_eq!(word(by_claim(&mut env, open.code.expose())), "code_late");
});

both!(an_invitation_waits_while_the_key_that_made_it_is_stopped, |place| {
    place.init();
    let mut env = place.env();
    let (key, _, ops) = with_key(&mut env, "ops", "memories,keyctl:admin");
    let made = admin::invite(&mut env, &ops.person, &wanted("mallory", "memories")).expect("invited");
    let used = admin::invite(&mut env, &ops.person, &wanted("mallory", "memories")).expect("invited");
    let signed_in = by_claim(&mut env, used.code.expose()).expect("signed in");
    let reference = || [key.id.to_string().parse().expect("reference")];
    suspend::suspend(&mut env, &reference(), Some("odd")).expect("suspended");
    assert_eq!(word(by_claim(&mut env, made.code.expose())), "code_revoked");
    assert!(now(&mut env, &signed_in).is_none());
    suspend::resume(&mut env, &reference()).expect("resumed");
    assert!(now(&mut env, &signed_in).is_some());
    let ops = "ops".parse().expect("owner");
    keyctl::ops::owners::owner::disable(&mut env, &ops, None).expect("disabled");
    assert!(now(&mut env, &signed_in).is_none());
    keyctl::ops::owners::owner::enable(&mut env, &ops).expect("enabled");
    for table in ["key", "token"] {
        let column = if table == "key" { "id" } else { "key_id" };
        let left = r#"["memories"]"#;
        place
            .sql(&format!("UPDATE {table} SET scopes = '{left}' WHERE {column} = '{}'", key.id))
            .expect("left");
    }
    assert!(now(&mut env, &signed_in).is_none(), "the scope was taken away");
    assert_eq!(word(by_claim(&mut env, made.code.expose())), "code_revoked");
});

//! A session is good while what it came from is.

use keyctl::domain::keys::network::Networks;
use keyctl::ops::keys::mint::Request;
use keyctl::ops::keys::revoke::revoke;
use keyctl::ops::keys::suspend::{resume, suspend};
use keyctl::ops::owners::owner;
use keyctl::ops::portal::sign_in::{by_key, by_oidc};
use keyctl::ops::portal::{sessions, who};

use super::{by_invitation, now, scopes, with_key, word};
use keyctl::store::SessionLookup as _;

use crate::support::both;
use crate::support::library::{minted, request, rotated};

both!(a_key_signs_in_by_a_scope_of_its_own_and_gives_what_it_may_do, |place| {
    place.init();
    let mut env = place.env();
    let (key, _, signed_in) = with_key(&mut env, "alice", "memories,keyctl:self,keyctl:resolve");
    let person = now(&mut env, &signed_in).expect("signed in");
    assert_eq!(person.owner.as_str(), "alice");
    assert_eq!(person.may_give, scopes("memories"), "none of the tool's own");
    assert_eq!((person.own_key, person.is_admin), (Some(key.id), false));
    let (session, _) = env.store.portal_session(person.session).expect("read").expect("a session");
    assert_eq!(session.expires_at.as_millis() - session.created_at.as_millis(), 8 * 3_600_000);
    let (_, _, admin) = with_key(&mut env, "ops", "keyctl:admin");
    assert!(now(&mut env, &admin).expect("signed in").is_admin);
    let (_, token) = minted(&mut env, &request("bob"));
    assert_eq!(word(by_key(&mut env, token.expose(), None)), "no_sign_in");
    for text in ["", "sks_", "skc_UVWXYZabcdefghijklmnopqrstuvwxyz0123456789-"] {
        assert_eq!(word(by_key(&mut env, text, None)), "no_such_token", "{text:?}");
    }
});

both!(a_session_ends_with_its_key, |place| {
    place.init();
    let mut env = place.env();
    let (key, token, signed_in) = with_key(&mut env, "alice", "memories,keyctl:self");
    let reference = key.id.to_string().parse().expect("reference");
    suspend(&mut env, &[reference], None).expect("suspended");
    assert!(now(&mut env, &signed_in).is_none(), "suspended");
    let reference = key.id.to_string().parse().expect("reference");
    resume(&mut env, &[reference]).expect("resumed");
    assert!(now(&mut env, &signed_in).is_some());
    let alice = "alice".parse().expect("owner");
    owner::disable(&mut env, &alice, None).expect("disabled");
    assert!(now(&mut env, &signed_in).is_none(), "its owner is disabled");
    assert_eq!(word(by_key(&mut env, token.expose(), None)), "key_inactive");
    owner::enable(&mut env, &alice).expect("enabled");
    assert!(now(&mut env, &signed_in).is_some());
    let reference = key.id.to_string().parse().expect("reference");
    revoke(&mut env, &[reference], None).expect("revoked");
    assert!(now(&mut env, &signed_in).is_none(), "revoked");
    assert_eq!(word(by_key(&mut env, token.expose(), None)), "key_inactive");
});

both!(a_session_ends_where_its_scope_is_taken_away, |place| {
    place.init();
    let mut env = place.env();
    let (key, _, signed_in) = with_key(&mut env, "alice", "files,memories,keyctl:self");
    let edited = |env: &mut keyctl::ops::env::Env, given: &str| {
        place.sql(&format!("UPDATE key SET scopes = '{given}' WHERE id = '{}'", key.id)).expect("edited");
        place
            .sql(&format!("UPDATE token SET scopes = '{given}' WHERE key_id = '{}'", key.id))
            .expect("edited");
        now(env, &signed_in)
    };
    let person = edited(&mut env, r#"["keyctl:self","memories"]"#).expect("signed in");
    assert_eq!(person.may_give, scopes("memories"), "what the key may do now");
    assert!(edited(&mut env, r#"["memories"]"#).is_none());
});

both!(a_session_ends_with_the_token_that_was_presented, |place| {
    place.init();
    let mut env = place.env();
    let (key, _, signed_in) = with_key(&mut env, "alice", "memories,keyctl:self");
    rotated(&mut env, &key, "1h", None);
    assert!(now(&mut env, &signed_in).is_some(), "the old token works in its grace");
    // A token that leaked is ended at once: whoever signed in with it is out.
    rotated(&mut env, &key, "0", None);
    assert!(now(&mut env, &signed_in).is_none());
});

both!(a_key_for_some_networks_signs_in_from_these_alone, |place| {
    place.init();
    let mut env = place.env();
    let networks = Networks::parse_lists(["192.0.2.0/24"]).expect("networks");
    let (_, token) =
        minted(&mut env, &Request { networks, scopes: scopes("keyctl:self"), ..request("alice") });
    let [inside, outside] = ["192.0.2.7", "198.51.100.7"].map(|text| text.parse().ok());
    for address in [None, outside] {
        assert_eq!(word(by_key(&mut env, token.expose(), address)), "network");
    }
    let signed_in = by_key(&mut env, token.expose(), inside).expect("signed in");
    let mut who =
        |address| who::who(&mut env.store, signed_in.secret.expose(), address).expect("readable").is_some();
    assert!(who(inside) && !who(outside) && !who(None));
});

both!(a_session_ends_by_itself_when_nobody_is_seen_and_after_eight_hours, |place| {
    place.init();
    let mut env = place.env();
    let (_, _, signed_in) = with_key(&mut env, "alice", "keyctl:self");
    let hours = |of: &str, by: i64| {
        let shift = |column: &str| format!("{column} = {column} - {}", by * 3_600_000);
        place
            .sql(&format!("UPDATE portal_session SET {}, {}", shift("created_at"), shift("expires_at")))
            .expect(of);
        place.sql(&format!("UPDATE portal_seen SET {}", shift("seen_at"))).expect(of);
    };
    assert!(now(&mut env, &signed_in).is_some());
    assert_eq!(place.sql("SELECT COUNT(*) FROM portal_seen").expect("rows"), "0", "within a minute");
    place.sql("UPDATE portal_session SET created_at = created_at - 61000").expect("a minute ago");
    assert!(now(&mut env, &signed_in).is_some());
    assert_eq!(place.sql("SELECT COUNT(*) FROM portal_seen").expect("rows"), "1");
    let seen = place.sql("SELECT seen_at FROM portal_seen").expect("rows");
    assert!(now(&mut env, &signed_in).is_some());
    assert_eq!(place.sql("SELECT seen_at FROM portal_seen").expect("rows"), seen, "once a minute");
    hours("idle", 1);
    assert!(now(&mut env, &signed_in).is_none(), "idle for an hour");
    let (_, _, signed_in) = with_key(&mut env, "bob", "keyctl:self");
    for _ in 0..7 {
        hours("an hour later", 1);
        place.sql("UPDATE portal_seen SET seen_at = seen_at + 3600000").expect("seen");
        place
            .sql("INSERT INTO portal_seen SELECT id, created_at + 50000000 FROM portal_session s WHERE ended_at IS NULL
                  AND NOT EXISTS (SELECT 1 FROM portal_seen u WHERE u.session_id = s.id)")
            .expect("seen");
    }
    assert!(now(&mut env, &signed_in).is_some());
    hours("the eighth", 1);
    assert!(now(&mut env, &signed_in).is_none(), "eight hours");
});

both!(whoever_signs_out_is_out_and_an_operator_ends_sessions, |place| {
    place.init();
    let mut env = place.env();
    let one = by_invitation(&mut env, "alice", "memories");
    let other = by_invitation(&mut env, "alice", "memories");
    let person = now(&mut env, &one).expect("signed in");
    sessions::end_own(&mut env, &person).expect("signed out");
    assert!(now(&mut env, &one).is_none() && now(&mut env, &other).is_some());
    assert_eq!(word(sessions::end_own(&mut env, &person)), "signed_out");
    let ended =
        sessions::end(&mut env, &sessions::Which::Of("alice".parse().expect("owner"))).expect("ended");
    assert_eq!(ended.iter().map(|session| session.id).collect::<Vec<_>>(), [other.person.session]);
    assert!(now(&mut env, &other).is_none());
    let again = sessions::end(&mut env, &sessions::Which::One(other.person.session)).expect("nothing to do");
    assert!(again.is_empty());
});

both!(a_guessed_or_odd_cookie_is_nobody, |place| {
    place.init();
    let mut env = place.env();
    with_key(&mut env, "alice", "keyctl:self");
    for text in ["", "x", &"A".repeat(43), &"A".repeat(4096), "' OR 1=1 --", &"é".repeat(21)] {
        assert!(who::who(&mut env.store, text, None).expect("readable").is_none(), "{text}");
    }
});

both!(a_subject_of_a_provider_signs_in_as_the_owner_that_has_it, |place| {
    place.init();
    let mut env = place.env();
    let subject = "auth0|alice".parse().expect("subject");
    minted(&mut env, &Request { subject: Some("auth0|alice".parse().expect("subject")), ..request("alice") });
    let issuer = "https://id.example.com";
    let given = scopes("memories,keyctl:admin");
    let signed_in = by_oidc(&mut env, issuer, &subject, &given).expect("signed in");
    let person = now(&mut env, &signed_in).expect("signed in");
    assert_eq!((person.owner.as_str(), person.is_admin), ("alice", false));
    assert_eq!(person.may_give, scopes("memories"));
    // The name is nobody to a provider where there is a subject beside it.
    for unknown in ["alice", "auth0|bob"] {
        let unknown = unknown.parse().expect("subject");
        assert_eq!(word(by_oidc(&mut env, issuer, &unknown, &given)), "no_such_owner");
    }
    let alice = "alice".parse().expect("owner");
    // Whom the provider knows is another one then, until the owner has that subject again.
    for (other, lasts) in [("auth0|bob", false), ("auth0|alice", true)] {
        let edit = owner::Edit { subject: Some(other.parse().expect("subject")), quota: None };
        owner::set(&mut env, &alice, &edit).expect("set");
        assert_eq!(now(&mut env, &signed_in).is_some(), lasts, "{other}");
    }
    owner::disable(&mut env, &alice, None).expect("disabled");
    assert!(now(&mut env, &signed_in).is_none());
    assert_eq!(word(by_oidc(&mut env, issuer, &subject, &given)), "owner_disabled");
});

both!(a_session_stays_its_owners_where_that_is_renamed, |place| {
    place.init();
    let mut env = place.env();
    let (_, _, by_key) = with_key(&mut env, "alice", "keyctl:self");
    let by_code = by_invitation(&mut env, "alice", "memories");
    let [old, new] = ["alice", "alicia"].map(|name| name.parse().expect("owner"));
    owner::rename(&mut env, &old, &new).expect("renamed");
    for signed_in in [by_key, by_code] {
        assert_eq!(now(&mut env, &signed_in).expect("signed in").owner, new);
    }
});

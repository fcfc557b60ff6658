//! Short-lived tokens, verified by the reader in Rust.

use std::thread;
use std::time::{Duration, Instant};

use keyctl::runtime::{JwtAsked, Reader, Unavailable, VerifiedJwt};

use super::{ask_text, reader};
use crate::secrets::{KEY, run_with};
use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::store::Place;

const ISSUER: &str = "https://keys.example.com";

fn keyed(sandbox: &Sandbox, words: &str, input: &str) -> String {
    let words: Vec<&str> = words.split(' ').collect();
    run_with(sandbox, &[("KEYCTL_MASTER_KEY", KEY)], &words, input)
        .expect_code(0)
        .stdout
        .trim_end()
        .to_owned()
}

/// A store that issues, and the token of alice's key.
fn furnished(place: Place) -> (Sandbox, String) {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["store", "set", "issuer", ISSUER]);
    sandbox.ok(&["store", "set", "audience", "billing"]);
    keyed(&sandbox, "signing-key rotate", "");
    let token = sandbox.ok(&["mint", "alice", "--scope", "chat,files:*"]);
    (sandbox, token)
}

fn word_for(reader: &Reader, jwt: &str, asked: &JwtAsked) -> String {
    match reader.verify_jwt(jwt, asked) {
        Ok(VerifiedJwt::Allowed(grant)) => grant.principal.to_string(),
        Ok(VerifiedJwt::Denied(reason)) => reason.as_str().to_owned(),
        Err(error) => format!("{} {}", Unavailable::TYPE, error.fault.as_str()),
    }
}

fn word(reader: &Reader, jwt: &str) -> String {
    word_for(reader, jwt, &JwtAsked::default())
}

/// Asks until the reader says so; at most the five seconds that are promised.
#[track_caller]
fn until(reader: &Reader, jwt: &str, wanted: &str) {
    let start = Instant::now();
    while word(reader, jwt) != wanted {
        assert!(start.elapsed() < Duration::from_secs(5), "still {} and not {wanted}", word(reader, jwt));
        thread::sleep(Duration::from_millis(2));
    }
}

both!(a_token_is_good_for_its_audience_and_scopes_until_something_is_taken_away, |place| {
    let (sandbox, token) = furnished(place);
    let jwt = keyed(&sandbox, "jwt issue", &token);
    let billing = keyed(&sandbox, "jwt issue --audience billing", &token);
    let reader = reader(&sandbox.place);
    // The second time it is kept.
    for _ in 0..2 {
        let asked = |audience: Option<&str>, scope: &str, owner: &str| JwtAsked {
            audience: audience.map(|audience| audience.parse().expect("an audience")),
            scope: Some(scope.parse().expect("a scope")),
            owner: Some(owner.parse().expect("a subject")),
        };
        assert_eq!(word(&reader, &jwt), "alice");
        assert_eq!(word(&reader, &billing), "audience");
        assert_eq!(word_for(&reader, &jwt, &asked(None, "files:read", "alice")), "alice");
        assert_eq!(word_for(&reader, &jwt, &asked(None, "admin", "alice")), "scope");
        assert_eq!(word_for(&reader, &jwt, &asked(None, "chat", "bob")), "owner");
        assert_eq!(word_for(&reader, &jwt, &asked(Some("billing"), "chat", "alice")), "audience");
        assert_eq!(word_for(&reader, &billing, &asked(Some("billing"), "chat", "alice")), "alice");
    }
    // Of each kind that is kept, the other one is none.
    assert_eq!(ask_text(&reader, &jwt), "UNAUTHORIZED malformed");
    assert_eq!(
        (word(&reader, &token), ask_text(&reader, &token)),
        ("malformed".to_owned(), "allowed".to_owned())
    );
    assert_eq!(word(&reader, &jwt), "alice");
    sandbox.ok(&["suspend", "alice"]);
    until(&reader, &jwt, "version");
    sandbox.ok(&["resume", "alice"]);
    assert_eq!(word(&reader, &jwt), "version", "what was taken away once stays away");
    let again = keyed(&sandbox, "jwt issue", &token);
    until(&reader, &again, "alice");
    sandbox.ok(&["revoke", "alice"]);
    until(&reader, &again, "version");
});

both!(a_token_of_a_key_without_a_token_is_good_while_its_version_stands, |place| {
    let (sandbox, token) = furnished(place);
    let jwt = keyed(&sandbox, "jwt issue", &token);
    sandbox
        .place
        .sql("UPDATE token SET token_hash = key_id || '----------------------------------'")
        .expect("taken");
    let reader = reader(&sandbox.place);
    assert_eq!(word(&reader, &jwt), "alice");
    assert_eq!(ask_text(&reader, &token), "UNAUTHORIZED unknown");
    sandbox.ok(&["suspend", "alice"]);
    until(&reader, &jwt, "version");
});

both!(a_revoked_signing_key_is_out_within_five_seconds_and_a_retired_one_is_not, |place| {
    let (sandbox, token) = furnished(place);
    let jwt = keyed(&sandbox, "jwt issue", &token);
    let reader = reader(&sandbox.place);
    assert_eq!(word(&reader, &jwt), "alice");
    let aged =
        "UPDATE signing_key SET may_sign_at = may_sign_at - 600000, published_at = published_at - 600000";
    sandbox.place.sql(aged).expect("aged");
    keyed(&sandbox, "signing-key rotate", "");
    let next = keyed(&sandbox, "jwt issue", &token);
    until(&reader, &next, "alice");
    assert_eq!(word(&reader, &jwt), "alice", "it signs no more, and its tokens are good");
    let keys = sandbox.json(&["signing-key", "list"]);
    let first = keys[0]["kid"].as_str().expect("an id").to_owned();
    keyed(&sandbox, &format!("signing-key revoke {first} --yes"), "");
    until(&reader, &jwt, "signing_key");
    assert_eq!(word(&reader, &next), "alice");
});

both!(an_end_is_exact_also_where_the_answer_is_kept, |place| {
    let (sandbox, token) = furnished(place);
    let jwt = keyed(&sandbox, "jwt issue --ttl 8s", &token);
    let reader = reader(&sandbox.place);
    let Ok(VerifiedJwt::Allowed(grant)) = reader.verify_jwt(&jwt, &JwtAsked::default()) else {
        panic!("{}", word(&reader, &jwt))
    };
    let end = grant.expires_at.as_millis();
    let now = || {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
        i64::try_from(now.as_millis()).expect("milliseconds")
    };
    // Both clocks are this machine's; what lies between reading it and asking is allowed for.
    while now() < end - 60 {
        assert_eq!(word(&reader, &jwt), "alice");
        thread::sleep(Duration::from_millis(20));
    }
    thread::sleep(Duration::from_millis(65));
    assert_eq!(word(&reader, &jwt), "expired");
});

both!(forged_tokens_cost_no_good_one_its_place_and_a_store_of_before_has_no_such_views, |place| {
    let (sandbox, token) = furnished(place);
    let jwt = keyed(&sandbox, "jwt issue", &token);
    let reader = reader(&sandbox.place);
    assert_eq!(word(&reader, &jwt), "alice");
    let (signed, _) = jwt.rsplit_once('.').expect("a signature");
    for number in 0..200 {
        let forged = format!("{signed}.{number:0>85}A");
        assert_eq!(word(&reader, &forged), "signature");
    }
    // Past the change log: what was kept is used, and what was not is read anew.
    let view = if sandbox.place.database.is_some() { "public.keyctl_jwt_v1" } else { "keyctl_jwt_v1" };
    sandbox.place.sql(&format!("DROP VIEW {view}")).expect("dropped");
    assert_eq!(word(&reader, &jwt), "alice");
    assert_eq!(word(&reader, &format!("{signed}.{:0>85}A", 0)), "STORE_UNAVAILABLE view_version");
});

#[test]
fn an_asynchronous_service_gets_the_same_answer() {
    let (sandbox, token) = furnished(Place::sqlite());
    let jwt = keyed(&sandbox, "jwt issue", &token);
    let reader = reader(&sandbox.place);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        for _ in 0..2 {
            let verified = reader.verify_jwt_async(&jwt, &JwtAsked::default()).await;
            assert!(matches!(verified, Ok(VerifiedJwt::Allowed(_))), "{verified:?}");
            let none = reader.verify_jwt_async("a.b.c", &JwtAsked::default()).await;
            assert!(matches!(none, Ok(VerifiedJwt::Denied(_))), "{none:?}");
        }
    });
}

//! The store fails, or this process is to end, while a token is on its way that exists nowhere else.

use super::endpoint::Endpoint;
use super::{add, ok, run, shown, token};
use crate::support::cli::Sandbox;
use crate::support::postgres;
use crate::support::store::Place;

const TOKENS: &str = r#"{"access_token":"at-planted-1","refresh_token":"rt-planted-1","expires_in":3600}"#;

#[test]
fn a_connection_that_is_lost_meanwhile_does_not_lose_the_token() {
    let (sandbox, endpoint) = (Sandbox::with_store(Place::postgres()), Endpoint::start());
    add(&sandbox, "ci", &endpoint.url(), TOKENS);
    let database = sandbox.place.database.clone().expect("a database");
    let lose = move || {
        postgres::server()
            .psql(
                "postgres",
                &format!(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'"
                ),
            )
            .expect("lost");
    };
    // Also where nothing but the refresh token of the answer is of use.
    endpoint.answers_after(
        r#"{"access_token":"at-planted-2","token_type":"mac","refresh_token":"rt-planted-2"}"#,
        lose.clone(),
    );
    let odd = run(&sandbox, &["oauth", "refresh", "ci", "--force"], "").expect_code(8);
    assert!(odd.stderr.contains("the refresh token that came is kept"), "{}", odd.stderr);
    endpoint.answers_after(
        r#"{"access_token":"at-planted-3","token_type":"Bearer","refresh_token":"rt-planted-3","expires_in":3600}"#,
        lose,
    );
    sandbox.place.sql("DELETE FROM oauth_attempt").expect("over");
    ok(&sandbox, &["oauth", "refresh", "ci", "--force"], "");
    assert_eq!(
        (token(&sandbox, "ci").as_str(), &shown(&sandbox, "ci")["version"]),
        ("at-planted-3", &3.into())
    );
    let sent = endpoint.asked();
    assert!(sent[0].contains("rt-planted-1") && sent[1].contains("rt-planted-2"), "{sent:?}");
    sandbox.ok(&["store", "check"]);
}

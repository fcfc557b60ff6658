//! The store fails, or this process is to end, while a token is on its way that exists nowhere else.

use std::os::unix::process::ExitStatusExt as _;
use std::thread;
use std::time::Duration;

use super::{add, age, command, ok, run, shown, token};
use crate::support::endpoint::Endpoint;
use rustix::process::{Pid, Signal, kill_process};

use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::postgres;
use crate::support::store::Place;

const TOKENS: &str = r#"{"access_token":"at-planted-1","refresh_token":"rt-planted-1","expires_in":3600}"#;
const ANSWER: &str = r#"{"access_token":"at-planted-2","token_type":"Bearer","refresh_token":"rt-planted-2","expires_in":3600}"#;

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

#[test]
fn a_token_that_cannot_be_stored_is_said_with_what_to_do() {
    let (sandbox, endpoint) = (Sandbox::with_store(Place::postgres()), Endpoint::start());
    add(&sandbox, "ci", &endpoint.url(), TOKENS);
    let database = sandbox.place.database.clone().expect("a database");
    let admin = |sql: String| postgres::server().psql("postgres", &sql).map(drop).expect("done");
    let name = database.clone();
    endpoint.answers_after(ANSWER, move || {
        admin(format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false"));
        admin(format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"));
    });
    let lost = run(&sandbox, &["oauth", "refresh", "ci", "--force"], "").expect_code(7);
    admin(format!("ALTER DATABASE {database} ALLOW_CONNECTIONS true"));
    assert!(
        lost.stderr
            .contains("the provider gave a new token for the credential ci, and it could not be stored"),
        "{}",
        lost.stderr
    );
    assert!(
        lost.stderr.contains("keyctl oauth replace ci") && !lost.stderr.contains("nothing was changed"),
        "{}",
        lost.stderr
    );
    assert_eq!(shown(&sandbox, "ci")["last_attempt"]["uncertain"], true);
}

both!(what_is_taken_away_while_a_token_is_got_is_handed_to_nobody, |place| {
    let (sandbox, endpoint) = (Sandbox::with_store(place), Endpoint::start());
    endpoint.answers_after(ANSWER, || thread::sleep(Duration::from_secs(2)));
    for (name, take_away, code) in [
        ("unbound", "secret unbind unbound bob", 8),
        ("gone", "secret delete gone --unbind --yes", 8),
        ("kept", "revoke bob/default", 5),
    ] {
        let tokens = TOKENS.replace("planted", name);
        add(&sandbox, name, &format!("{}?{name}", endpoint.url()), &tokens);
        let client =
            if name == "unbound" { sandbox.ok(&["mint", "bob", "--scope", "chat"]) } else { String::new() };
        let client =
            if client.is_empty() { sandbox.ok(&["rotate", "bob/default", "--grace", "0"]) } else { client };
        sandbox.ok(&["secret", "bind", name, "bob"]);
        age(&sandbox, name, 20);
        endpoint.asked();
        thread::scope(|scope| {
            let resolving = scope.spawn(|| run(&sandbox, &["resolve", "--provider", "github"], &client));
            while endpoint.asked().is_empty() {
                thread::sleep(Duration::from_millis(20));
            }
            ok(&sandbox, &take_away.split(' ').collect::<Vec<_>>(), "");
            let resolved = resolving.join().expect("ended").expect_code(code);
            assert!(!resolved.stdout.contains("at-"), "{name}: {}", resolved.stdout);
        });
    }
});

both!(a_signal_waits_until_the_token_is_stored, |place| {
    let (sandbox, endpoint) = (Sandbox::with_store(place), Endpoint::start());
    endpoint.answers_after(ANSWER, || thread::sleep(Duration::from_millis(1500)));
    for signal in [Signal::TERM, Signal::INT, Signal::HUP] {
        let name = format!("ci{}", signal.as_raw());
        add(&sandbox, &name, &format!("{}?{name}", endpoint.url()), &TOKENS.replace("planted", &name));
        endpoint.asked();
        let mut child = command(&sandbox, &["oauth", "refresh", &name, "--force"]).spawn().expect("started");
        while endpoint.asked().is_empty() {
            thread::sleep(Duration::from_millis(20));
        }
        kill_process(Pid::from_child(&child), signal).expect("sent");
        let ended = child.wait().expect("ended");
        assert_eq!(ended.signal(), Some(signal.as_raw()), "{ended:?}");
        let credential = shown(&sandbox, &name);
        assert_eq!(
            (&credential["version"], &credential["last_attempt"]["uncertain"]),
            (&2.into(), &false.into())
        );
    }
});

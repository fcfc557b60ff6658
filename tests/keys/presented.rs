//! What is presented as a token is answered alike by the command line's library and by a reader.

use keyctl::domain::keys::presented::{Next, Presented, after_fast};
use keyctl::domain::keys::verdict::{Asked, Verdict};
use keyctl::ops::keys::verify::verify;
use keyctl::store::{Lookup as _, Store};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::runtime::{ask_text, reader};
use crate::support::both;
use crate::support::cli::Sandbox;

const WEAK: &str = "sk-alice-test-key-12345";
const STRONG: &str = "dGVzdC10b2tlbi1jYW5vbmljYWwtYmFzZTY0dXJs";
const OURS: &str = "sks_000000000000_00000000000000000000000000000000000000000003ZqZmM";

/// Texts of every kind: any, random by their form, and of our own form with a right check or not.
fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => "[!-~]{1,60}",
        1 => "\\PC{0,40}",
        2 => "([a-z]{1,6}[-_])?[0-9a-f]{32,40}",
        2 => "[0-9A-Za-z_-]{22,40}",
        1 => "sks_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}",
        1 => Just(OURS.to_owned()),
        1 => Just(STRONG.to_owned()),
        1 => Just(WEAK.to_owned()),
    ]
}

fn answered(store: &mut Store, text: &str) -> String {
    match verify(store, text, &Asked::default()).expect("read") {
        Verdict::Allowed(_) => "allowed".to_owned(),
        Verdict::Denied(reason) => format!("{} {}", reason.denial().as_str(), reason.as_str()),
    }
}

/// What the rule says of a text that the store does not hold, if it needs no slow hash.
fn rule(text: &str, salt: Option<[u8; 16]>) -> Option<&'static str> {
    let Some(presented) = Presented::parse(text) else { return Some("malformed") };
    match after_fast(presented.foreign(), salt) {
        Next::Slow(..) => None,
        Next::Denied(reason) => Some(reason.as_str()),
    }
}

fn all_alike(sandbox: &Sandbox, held: &[&str], cases: u32) {
    let reader = reader(&sandbox.place);
    let store = std::cell::RefCell::new(sandbox.place.open());
    let salt = store.borrow_mut().foreign_salt().expect("read");
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let checked = TestRunner::new(config).run(&texts(), |text| {
        let answer = answered(&mut store.borrow_mut(), &text);
        prop_assert_eq!(&answer, &ask_text(&reader, &text));
        match rule(&text, salt) {
            _ if held.contains(&text.as_str()) => prop_assert_eq!(answer, "allowed"),
            Some(reason) => prop_assert_eq!(answer, format!("UNAUTHORIZED {reason}")),
            None => prop_assert_eq!(answer, "UNAUTHORIZED unknown"),
        }
        Ok(())
    });
    checked.unwrap_or_else(|error| panic!("{error}"));
}

both!(a_text_is_looked_up_alike_by_all, |place| {
    let sandbox = Sandbox::with_store(place);
    all_alike(&sandbox, &[], 200);
    let import = |keys: String| {
        sandbox.feed(&["import", "mem0", "-", "--scope", "m"], &keys).expect_code(0);
    };
    import(format!("{{\"{STRONG}\":\"bob\"}}"));
    all_alike(&sandbox, &[STRONG], 200);
    // From now on there is a salt, and what may be guessed costs two slow hashes.
    import(format!("{{\"{WEAK}\":\"alice\"}}"));
    all_alike(&sandbox, &[STRONG, WEAK], 25);
});

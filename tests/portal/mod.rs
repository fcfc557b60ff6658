//! People who come through the portal: what lets them in, and what they may do there.

mod attempts;
mod claims;
mod commands;
mod keys;
mod made_by;
mod over;
mod rights;
mod sessions;

use keyctl::domain::keys::key::Key;
use keyctl::domain::keys::scope::Scopes;
use keyctl::domain::keys::token::Token;
use keyctl::domain::portal::session::Person;
use keyctl::ops::env::Env;
use keyctl::ops::keys::mint::Request;
use keyctl::ops::portal::invite::{self, Invited, invite};
use keyctl::ops::portal::sign_in::{SignedIn, by_claim, by_key};
use keyctl::ops::portal::{Refused, who};

use crate::support::library::{minted, request};

fn scopes(text: &str) -> Scopes {
    if text.is_empty() { Scopes::default() } else { Scopes::parse_lists([text]).expect("scopes") }
}

/// An invitation of an owner to these scopes.
fn wanted(owner: &str, given: &str) -> invite::Request {
    invite::Request {
        owner: owner.parse().expect("owner"),
        subject: None,
        scopes: scopes(given),
        allow_all: false,
        ttl: keyctl::domain::time::Span::days(1),
        max_expiry: None,
    }
}

fn invited(env: &mut Env, owner: &str, given: &str) -> Invited {
    invite(env, &wanted(owner, given)).expect("invited")
}

fn by_invitation(env: &mut Env, owner: &str, given: &str) -> SignedIn {
    let Invited { code, .. } = invited(env, owner, given);
    by_claim(env, code.expose()).expect("signed in")
}

/// A key with these scopes, and somebody who signed in with it.
fn with_key(env: &mut Env, owner: &str, given: &str) -> (Key, Token, SignedIn) {
    let (key, token) = minted(env, &Request { scopes: scopes(given), ..request(owner) });
    let signed_in = by_key(env, token.expose(), None).expect("signed in");
    (key, token, signed_in)
}

/// Who presents the cookie of this session now.
fn now(env: &mut Env, signed_in: &SignedIn) -> Option<Person> {
    who::who(&mut env.store, signed_in.secret.expose(), None).expect("the store can be read")
}

/// The word for why not.
fn word<T: std::fmt::Debug>(refused: Result<T, Refused>) -> &'static str {
    refused.expect_err("refused").as_str()
}

//! Scopes of a later keyctl's own, met in a store: each is a scope that covers itself alone.

use keyctl::domain::keys::scope::Scopes;
use keyctl::ops::keys::mint::Request;

use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::library::{minted, request};
use crate::support::runner::{Case, Effect, case, check};

/// A key as a later keyctl mints it; returns its token.
fn given_by_a_later_one(sandbox: &Sandbox, owner: &str) -> String {
    let scopes = Scopes::parse_held(["keyctl:owner,memories"]).expect("scopes");
    let (_, token) = minted(&mut sandbox.place.env(), &Request { scopes, ..request(owner) });
    token.expose().to_owned()
}

both!(a_scope_of_a_later_keyctl_is_a_scope_that_covers_itself, |place| {
    let sandbox = Sandbox::with_store(place);
    let token = given_by_a_later_one(&sandbox, "alice");
    sandbox.ok(&["mint", "bob", "--scope", "*", "--allow-all"]);
    let verify = |scope: &str| case(scope, "verify --scope").arg(scope).input(token.clone());
    let can = |key: &str, scope: &str| case(format!("{key} {scope}"), &format!("can {key} {scope}"));
    let holds = |case: Case, text: &'static str| case.stdout(move |out| out.contains(text));
    let refused =
        |words: &str| case(words, words).fails(2, "keyctl:self, keyctl:admin and keyctl:report", "--scope");
    check(
        &sandbox,
        vec![
            holds(verify("keyctl:owner"), "keyctl:owner"),
            verify("memories:read"),
            holds(verify("keyctl:resolve").ends(5), "scope"),
            holds(verify("keyctl:owner:openai").ends(5), "scope"),
            verify("keyctl:*").fails(2, "no wildcard", "--help"),
            can("alice", "keyctl:owner"),
            can("alice", "keyctl:owners").ends(5),
            can("bob", "keyctl:owner").ends(5),
            holds(case("shown", "show alice"), "keyctl:owner"),
            holds(case("listed", "scope list alice"), "keyctl:owner"),
            holds(case("found", "list --scope keyctl:owner -o plain"), "alice/default"),
            case("not found by another", "list --scope keyctl:report -o plain").stdout(str::is_empty),
            case("checked", "store check"),
            refused("mint carol --scope keyctl:owner"),
            refused("scope add bob keyctl:owner"),
            refused("scope set bob keyctl:owner"),
            refused("role set agent --scope keyctl:owner"),
            case("a child", "mint dave --parent alice --scope memories").mints(),
            case("edited", "edit alice --label team=red").leaves(Effect::Change),
            case("rotated", "rotate alice").mints(),
            holds(case("kept", "show alice"), "keyctl:owner"),
            case("checked again", "store check"),
            case("taken away", "scope remove alice keyctl:owner").leaves(Effect::Change),
            case("gone", "can alice keyctl:owner").ends(5),
        ],
    );
});

both!(a_child_gets_no_scope_of_a_later_keyctl, |place| {
    let sandbox = Sandbox::with_store(place);
    given_by_a_later_one(&sandbox, "alice");
    sandbox.ok(&["mint", "dave", "--scope", "memories", "--parent", "alice"]);
    // As its parent has it; a child's own list is no reason to give it any.
    sandbox
        .place
        .sql(r#"UPDATE key SET scopes = '["keyctl:owner","memories"]' WHERE owner = 'dave'"#)
        .expect("written");
    sandbox.ok(&["edit", "dave", "--label", "team=red"]);
    check(&sandbox, vec![case("may not", "can dave keyctl:owner").ends(5), case("may", "can dave memories")]);
});

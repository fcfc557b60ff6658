//! Scopes of a later keyctl's own, met in a store: each is a scope that covers itself alone.

use super::runner::{Case, Effect, case, check};
use crate::support::both;
use crate::support::cli::Sandbox;

/// What a later keyctl may have written, by SQL.
fn given_by_a_later_one(sandbox: &Sandbox, owner: &str, scopes: &str) {
    for (table, key) in [("key", "id"), ("token", "key_id")] {
        let sql = format!(
            "UPDATE {table} SET scopes = '{scopes}' WHERE {key} IN (SELECT id FROM key WHERE owner = '{owner}')"
        );
        sandbox.place.sql(&sql).expect("written");
    }
}

both!(a_scope_of_a_later_keyctl_is_a_scope_that_covers_itself, |place| {
    let sandbox = Sandbox::with_store(place);
    let token = sandbox.ok(&["mint", "alice", "--scope", "memories"]);
    sandbox.ok(&["mint", "bob", "--scope", "*", "--allow-all"]);
    given_by_a_later_one(&sandbox, "alice", r#"["keyctl:lease","memories"]"#);
    let verify = |scope: &str| case(scope, "verify --scope").arg(scope).input(token.clone());
    let can = |key: &str, scope: &str| case(format!("{key} {scope}"), &format!("can {key} {scope}"));
    let holds = |case: Case, text: &'static str| case.stdout(move |out| out.contains(text));
    let refused =
        |words: &str| case(words, words).fails(2, "keyctl:resolve and keyctl:introspect", "--scope");
    check(
        &sandbox,
        vec![
            holds(verify("keyctl:lease"), "keyctl:lease"),
            verify("memories:read"),
            holds(verify("keyctl:resolve").ends(5), "scope"),
            holds(verify("keyctl:lease:openai").ends(5), "scope"),
            verify("keyctl:*").fails(2, "no wildcard", "--help"),
            can("alice", "keyctl:lease"),
            can("alice", "keyctl:leases").ends(5),
            can("bob", "keyctl:lease").ends(5),
            holds(case("shown", "show alice"), "keyctl:lease"),
            holds(case("listed", "scope list alice"), "keyctl:lease"),
            holds(case("found", "list --scope keyctl:lease -o plain"), "alice/default"),
            case("not found by another", "list --scope keyctl:report -o plain").stdout(str::is_empty),
            case("checked", "store check"),
            refused("mint carol --scope keyctl:lease"),
            refused("scope add bob keyctl:lease"),
            refused("scope set bob keyctl:lease"),
            refused("role set agent --scope keyctl:lease"),
            case("a child", "mint dave --parent alice --scope memories").mints(),
            case("edited", "edit alice --label team=red").leaves(Effect::Change),
            case("rotated", "rotate alice").mints(),
            holds(case("kept", "show alice"), "keyctl:lease"),
            case("checked again", "store check"),
            case("taken away", "scope remove alice keyctl:lease").leaves(Effect::Change),
            case("gone", "can alice keyctl:lease").ends(5),
        ],
    );
});

both!(a_child_gets_no_scope_of_a_later_keyctl, |place| {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["mint", "alice", "--scope", "memories", "--name", "parent"]);
    sandbox.ok(&["mint", "dave", "--scope", "memories", "--parent", "alice/parent"]);
    given_by_a_later_one(&sandbox, "alice", r#"["keyctl:lease","memories"]"#);
    sandbox
        .place
        .sql(r#"UPDATE key SET scopes = '["keyctl:lease","memories"]' WHERE owner = 'dave'"#)
        .expect("written");
    check(
        &sandbox,
        vec![
            case("checked: what the child's token says is right", "store check"),
            case("may not", "can dave keyctl:lease").ends(5),
        ],
    );
});

//! Roles: in force for all their keys at once.

use keyctl::domain::keys::key_ref::KeyRef;
use keyctl::domain::keys::scope::Scopes;
use keyctl::domain::keys::verdict::{Asked, Verdict};
use keyctl::domain::owners::role::Source;
use keyctl::ops::Error;
use keyctl::ops::env::Env;
use keyctl::ops::keys::can::{self, Rule};
use keyctl::ops::keys::mint::Request;
use keyctl::ops::keys::verify::verify;
use keyctl::ops::owners::role::{delete, set};
use keyctl::ops::stores::store::check;

use crate::support::both;
use crate::support::library::{answer, filled_by_sql, minted, request};

fn scopes(list: &str) -> Scopes {
    Scopes::parse_lists([list]).expect("scopes")
}

fn set_role(env: &mut Env, name: &str, list: &str) -> u64 {
    set(env, &name.parse().expect("role"), &scopes(list), false).expect("set").refreshed
}

fn may(env: &mut Env, token: &keyctl::domain::keys::token::Token, scope: &str) -> bool {
    let asked = Asked { scope: scope.parse().ok(), ..Asked::default() };
    matches!(verify(&mut env.store, token.expose(), &asked).expect("read"), Verdict::Allowed(_))
}

both!(a_change_of_a_role_is_in_force_for_its_keys_and_their_children, |place| {
    place.init();
    let mut env = place.env();
    set_role(&mut env, "reader", "memories:read,files:read");
    let with_role = |owner: &str| Request {
        scopes: scopes("notes"),
        roles: vec!["reader".parse().expect("role")],
        ..request(owner)
    };
    let (key, token) = minted(&mut env, &with_role("alice"));
    let child = Request { parent: Some(KeyRef::Id(key.id)), scopes: scopes("files:read"), ..request("bob") };
    let (_, child) = minted(&mut env, &child);
    let both = Request { parent: Some(KeyRef::Id(key.id)), ..with_role("carol") };
    let (_, child_with_role) = minted(&mut env, &both);
    assert!(may(&mut env, &token, "files:read") && may(&mut env, &child, "files:read"));
    // A child that has the role, too, is one key.
    assert_eq!(set_role(&mut env, "reader", "memories:read"), 3);
    for token in [&token, &child, &child_with_role] {
        assert!(!may(&mut env, token, "files:read"));
    }
    assert!(may(&mut env, &child_with_role, "memories:read"));
    let view = "SELECT owner, scopes FROM keyctl_tokens_v1 ORDER BY owner";
    let told = r#"alice|["memories:read","notes"]
bob|[]
carol|["memories:read","notes"]"#;
    assert_eq!(place.sql(view).expect("rows"), told);
    // What the parent was taken and given again, the child may again.
    set_role(&mut env, "reader", "files");
    assert!(may(&mut env, &child, "files:read") && !may(&mut env, &child, "files"));
    delete(&mut env, &"reader".parse().expect("role"), true).expect("deleted");
    assert!(!may(&mut env, &token, "files:read") && !may(&mut env, &child, "files:read"));
    assert!(may(&mut env, &token, "notes"));
    assert_eq!(check(&mut env.store, |_| {}).expect("checked"), []);
});

both!(a_role_in_use_is_not_deleted_but_one_of_revoked_keys_is, |place| {
    place.init();
    let mut env = place.env();
    let reader: keyctl::domain::owners::role::RoleName = "reader".parse().expect("role");
    set_role(&mut env, "reader", "memories");
    let (key, token) = minted(&mut env, &Request { roles: vec![reader.clone()], ..request("alice") });
    let refused = delete(&mut env, &reader, false).expect_err("in use");
    assert!(matches!(&refused, Error::Conflict(conflict) if conflict.message.contains("1 live key")));
    assert_eq!(answer(&mut env.store, &token), "allowed");
    keyctl::ops::keys::revoke::revoke(&mut env, &[KeyRef::Id(key.id)], None).expect("revoked");
    delete(&mut env, &reader, false).expect("deleted");
    assert_eq!(check(&mut env.store, |_| {}).expect("checked"), []);
    assert!(matches!(delete(&mut env, &reader, false), Err(Error::NotFound { .. })));
});

both!(a_role_never_grants_the_tools_own_scopes_and_everything_only_on_purpose, |place| {
    place.init();
    let mut env = place.env();
    let role = "admin".parse().expect("role");
    for (list, allow_all) in [("keyctl:resolve", true), ("memories,keyctl:introspect", true), ("*", false)] {
        let refused = set(&mut env, &role, &scopes(list), allow_all).expect_err(list);
        assert!(matches!(refused, Error::Invalid { .. }), "{list}: {refused}");
    }
    set(&mut env, &role, &scopes("*"), true).expect("set");
    let (_, token) = minted(&mut env, &Request { roles: vec![role], ..request("alice") });
    assert!(may(&mut env, &token, "anything:at:all") && !may(&mut env, &token, "keyctl:resolve"));
});

both!(the_rule_that_decides_names_the_role_it_comes_from, |place| {
    place.init();
    let mut env = place.env();
    set_role(&mut env, "reader", "files");
    let (key, _) =
        minted(&mut env, &Request { roles: vec!["reader".parse().expect("role")], ..request("alice") });
    let asked = |scope: &str| scope.parse().expect("scope");
    let id = KeyRef::Id(key.id);
    let mut rule = |scope: &str| can::can(&mut env.store, &id, &asked(scope)).expect("answered").rule;
    let by_role = Source::Role("reader".parse().expect("role"));
    assert_eq!(rule("files:read"), Rule::Covered { by: asked("files"), source: by_role });
    assert_eq!(rule("memories"), Rule::Covered { by: asked("memories"), source: Source::Key });
    assert_eq!(rule("notes"), Rule::NotCovered { scopes: scopes("files,memories") });
});

// Pages of 5000 keys, statements of 250 rows, and more than 1000 keys named as all.
both!(a_role_of_many_keys_is_changed_in_one_transaction, |place| {
    place.init();
    let mut env = place.env();
    set_role(&mut env, "reader", "memories");
    let counter = |env: &mut Env| env.store.head().expect("head").mark.counter;
    let named = |seq: i64| place.sql(&format!("SELECT COUNT(*), MIN(key_id) FROM change WHERE seq = {seq}"));
    let roles = vec!["reader".parse().expect("role")];
    minted(&mut env, &Request { roles, ..request("first") });
    filled_by_sql(&place, 999);
    assert_eq!(set_role(&mut env, "reader", "memories,notes"), 1000);
    let seq = counter(&mut env);
    assert!(named(seq).expect("rows").starts_with("1000|key_"), "a thousand are named");
    filled_by_sql(&place, 4301);
    assert_eq!(set_role(&mut env, "reader", "files"), 5301);
    assert_eq!(counter(&mut env), seq + 1);
    assert_eq!(named(seq + 1).expect("rows"), "1|*");
    assert_eq!(place.sql("SELECT DISTINCT scopes FROM token").expect("rows"), r#"["files","memories"]"#);
    let mut found = check(&mut env.store, |_| {}).expect("checked");
    // What was filled in by SQL is in no record of the audit log.
    found.retain(|finding| !finding.message.contains("audit log"));
    assert_eq!(found, []);
});

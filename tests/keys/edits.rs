//! Changes of a key that leave its tokens alone.

use keyctl::domain::keys::key_ref::KeyRef;
use keyctl::domain::keys::scope::Scopes;
use keyctl::ops::Error;
use keyctl::ops::keys::edit::{Edit, ScopeEdit, edit, edit_scopes};
use keyctl::ops::keys::mint::Request;
use keyctl::ops::keys::revoke::revoke;
use keyctl::ops::stores::store::check;

use crate::support::both;
use crate::support::library::{answer, minted, request, rotated};

fn renamed(name: &str) -> Edit {
    Edit { name: name.parse().ok(), ..Edit::default() }
}

both!(an_edit_changes_what_is_named_for_every_token_and_nothing_else, |place| {
    place.init();
    let mut env = place.env();
    let (key, old) = minted(&mut env, &Request { rate: "5/s".parse().ok(), ..request("alice") });
    let (before, new) = rotated(&mut env, &key, "1h", None);
    let wish = Edit {
        quota: Some("10/day".parse().ok()),
        labels: vec!["team=search".parse().expect("label")],
        ..renamed("ci")
    };
    let done = edit(&mut env, &KeyRef::Id(key.id), &wish).expect("edited");
    let names: Vec<&str> = done.changes.iter().map(|change| change.name).collect();
    assert_eq!(names, ["name", "quota", "labels"]);
    let expected = keyctl::domain::keys::key::Key {
        name: "ci".parse().expect("name"),
        quota: "10/day".parse().ok(),
        labels: keyctl::domain::keys::label::Labels::parse_all(["team=search"]).expect("labels"),
        ..before
    };
    assert_eq!(done.key, expected);
    let view = "SELECT DISTINCT key_name, rate, quota, labels FROM keyctl_tokens_v1";
    assert_eq!(place.sql(view).expect("rows"), r#"ci|5/s|10/day|{"team":"search"}"#);
    assert_eq!((answer(&mut env.store, &old), answer(&mut env.store, &new)), ("allowed", "allowed"));
    let again = edit(&mut env, &KeyRef::Id(key.id), &wish).expect("nothing to do");
    assert!(again.changes.is_empty());
});

both!(a_name_is_free_again_when_its_key_was_revoked_and_not_before, |place| {
    place.init();
    let mut env = place.env();
    let (taken, _) = minted(&mut env, &Request { name: "ci".parse().ok(), ..request("alice") });
    let (key, _) = minted(&mut env, &request("alice"));
    // The same name of another owner is another one.
    minted(&mut env, &Request { name: "free".parse().ok(), ..request("bob") });
    let refused = edit(&mut env, &KeyRef::Id(key.id), &renamed("ci")).expect_err("taken");
    assert!(matches!(&refused, Error::Conflict(conflict) if conflict.message.contains("alice/ci exists")));
    edit(&mut env, &KeyRef::Id(key.id), &renamed("free")).expect("free");
    revoke(&mut env, &[KeyRef::Id(taken.id)], None).expect("revoked");
    edit(&mut env, &KeyRef::Id(key.id), &renamed("ci")).expect("free again");
    assert_eq!(check(&mut env.store, |_| {}).expect("checked"), []);
});

both!(no_edit_brings_a_dead_token_back, |place| {
    place.init();
    let mut env = place.env();
    let (key, token) = minted(&mut env, &Request { expiry: "2s".parse().ok(), ..request("alice") });
    let (_, current) = rotated(&mut env, &key, "1h", None);
    // What was superseded never outlives the end that the key had then.
    let id = KeyRef::Id(key.id);
    let longer = Edit { expiry: "1h".parse().ok(), ..Edit::default() };
    edit(&mut env, &id, &longer).expect("edited");
    std::thread::sleep(std::time::Duration::from_millis(2100));
    assert_eq!((answer(&mut env.store, &token), answer(&mut env.store, &current)), ("expired", "allowed"));
    edit(&mut env, &id, &Edit { expiry: "1s".parse().ok(), ..Edit::default() }).expect("edited");
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let refused = edit(&mut env, &id, &longer).expect_err("expired");
    assert!(
        matches!(&refused, Error::Conflict(conflict) if conflict.hint.contains("keyctl rotate alice/default"))
    );
    edit(&mut env, &id, &renamed("old")).expect("its name has nothing to do with it");
    assert_eq!(answer(&mut env.store, &current), "expired");
    revoke(&mut env, &[KeyRef::Id(key.id)], None).expect("revoked");
    assert!(matches!(edit(&mut env, &id, &renamed("new")), Err(Error::Conflict(_))));
});

both!(scopes_are_added_taken_and_set_and_what_a_role_gives_stays, |place| {
    place.init();
    let mut env = place.env();
    let of = |list: &str| Scopes::parse_lists([list]).expect("scopes");
    let role: keyctl::domain::owners::role::RoleName = "reader".parse().expect("role");
    keyctl::ops::owners::role::set(&mut env, &role, &of("files"), false).expect("set");
    let (key, _) = minted(&mut env, &Request { roles: vec![role], ..request("alice") });
    let id = KeyRef::Id(key.id);
    for (change, given, effective) in [
        (ScopeEdit::Add(of("notes")), "memories,notes", "files,memories,notes"),
        (ScopeEdit::Remove(of("memories")), "notes", "files,notes"),
        (ScopeEdit::Set(of("mail:send")), "mail:send", "files,mail:send"),
    ] {
        let done = edit_scopes(&mut env, &id, &change, false).expect("changed");
        assert_eq!((done.key.scopes, done.key.effective_scopes), (of(given), of(effective)), "{change:?}");
    }
    let refused =
        edit_scopes(&mut env, &id, &ScopeEdit::Remove(of("files:read")), false).expect_err("the role's");
    assert!(
        matches!(&refused, Error::Conflict(conflict) if conflict.hint.contains("keyctl can alice/default files:read"))
    );
    let all = edit_scopes(&mut env, &id, &ScopeEdit::Add(of("*")), false).expect_err("only on purpose");
    assert!(matches!(all, Error::Invalid { .. }));
});

//! Children: never more than their parent, in anything.

use keyctl::domain::keys::key::{Key, State};
use keyctl::domain::keys::key_ref::KeyRef;
use keyctl::domain::keys::network::Networks;
use keyctl::domain::keys::scope::Scopes;
use keyctl::domain::keys::token::Token;
use keyctl::domain::keys::verdict::{Asked, Verdict};
use keyctl::domain::time::Timestamp;
use keyctl::ops::Error;
use keyctl::ops::env::Env;
use keyctl::ops::keys::edit::{Edit, ScopeEdit, edit, edit_scopes};
use keyctl::ops::keys::mint::{Request, mint};
use keyctl::ops::keys::revoke::revoke;
use keyctl::ops::keys::suspend::{resume, suspend};
use keyctl::ops::keys::verify::verify;
use keyctl::ops::owners::owner;
use keyctl::ops::stores::store::check;
use keyctl::store::Lookup as _;

use crate::support::both;
use crate::support::library::{Accept, answer, minted, request, rotated};

fn scopes(list: &str) -> Scopes {
    Scopes::parse_lists([list]).expect("scopes")
}

fn below(parent: &Key, owner: &str) -> Request {
    Request { parent: Some(KeyRef::Id(parent.id)), ..request(owner) }
}

fn id(key: &Key) -> KeyRef {
    KeyRef::Id(key.id)
}

/// A parent and its child, each with its token.
fn family(env: &mut Env) -> [(Key, Token); 2] {
    let parent = minted(env, &request("alice"));
    let child = minted(env, &below(&parent.0, "bob"));
    [parent, child]
}

#[track_caller]
fn refused(env: &mut Env, wish: &Request, says: &str) {
    match mint(env, wish, &mut Accept) {
        Err(Error::Conflict(conflict)) => assert!(conflict.message.contains(says), "{}", conflict.message),
        other => panic!("not refused: {other:?}"),
    }
}

both!(a_child_has_no_children_and_its_parent_works, |place| {
    place.init();
    let mut env = place.env();
    let [(parent, _), (child, _)] = family(&mut env);
    refused(&mut env, &below(&child, "carol"), "one level deep");
    suspend(&mut env, &[id(&parent)], None).expect("suspended");
    refused(&mut env, &below(&parent, "carol"), "is suspended");
    resume(&mut env, &[id(&parent)]).expect("resumed");
    owner::disable(&mut env, &parent.owner, None).expect("disabled");
    refused(&mut env, &below(&parent, "carol"), "is owner_disabled");
    owner::enable(&mut env, &parent.owner).expect("enabled");
    revoke(&mut env, &[id(&parent)], None).expect("revoked");
    refused(&mut env, &below(&parent, "carol"), "is revoked");
    assert_eq!(env.store.counts().expect("counts")[2], 2, "carol was not made");
});

both!(a_child_is_given_nothing_that_its_parent_may_not_do, |place| {
    place.init();
    let mut env = place.env();
    let role: keyctl::domain::owners::role::RoleName = "wide".parse().expect("role");
    keyctl::ops::owners::role::set(&mut env, &role, &scopes("memories,files"), false).expect("set");
    let given = Request { scopes: scopes("memories:read,files:*,keyctl:resolve"), ..request("alice") };
    let (parent, _) = minted(&mut env, &given);
    for (list, beyond) in [("memories", "memories"), ("files:a,files", "files"), ("notes", "notes")] {
        refused(
            &mut env,
            &Request { scopes: scopes(list), ..below(&parent, "bob") },
            &format!("may not do: {beyond}"),
        );
    }
    let all = Request { scopes: scopes("*"), allow_all: true, ..below(&parent, "bob") };
    refused(&mut env, &all, "may not do: *");
    let by_role = Request { scopes: scopes("files:a"), roles: vec![role.clone()], ..below(&parent, "bob") };
    refused(&mut env, &by_role, "may not do: files, memories");
    let own = Request { scopes: scopes("keyctl:resolve"), ..below(&parent, "bob") };
    assert!(matches!(mint(&mut env, &own, &mut Accept), Err(Error::Invalid { .. })), "never the tool's own");
    // The same by later changes.
    let (child, _) = minted(&mut env, &Request { scopes: scopes("files:a"), ..below(&parent, "bob") });
    let add = |list| ScopeEdit::Add(scopes(list));
    for wider in [add("memories"), ScopeEdit::Set(scopes("files:a,notes"))] {
        let refused = edit_scopes(&mut env, &id(&child), &wider, false).expect_err("wider");
        assert!(matches!(refused, Error::Conflict(_)), "{refused}");
    }
    let own = edit_scopes(&mut env, &id(&child), &add("keyctl:resolve"), false).expect_err("the tool's own");
    assert!(matches!(own, Error::Invalid { .. }), "{own}");
    let wish = Edit { roles: Some(vec![role]), ..Edit::default() };
    assert!(matches!(edit(&mut env, &id(&child), &wish), Err(Error::Conflict(_))), "by a role");
    assert!(edit_scopes(&mut env, &id(&child), &add("memories:read"), false).is_ok());
});

both!(a_child_lives_as_long_as_its_parent_and_again_with_it, |place| {
    place.init();
    let mut env = place.env();
    let [(parent, parent_token), (child, token)] = family(&mut env);
    let state = |env: &mut Env, key: &Key| {
        let now = env.store.now().expect("now");
        env.store.key_by_id(key.id).expect("read").expect("a key").state(now)
    };
    suspend(&mut env, &[id(&parent)], None).expect("suspended");
    assert_eq!((answer(&mut env.store, &token), state(&mut env, &child)), ("parent_dead", State::ParentDead));
    resume(&mut env, &[id(&parent)]).expect("resumed");
    assert_eq!(answer(&mut env.store, &token), "allowed");
    let far = Timestamp::parse("2199-01-01T00:00:00Z").expect("time");
    let later = Edit { not_before: Some(Some(far)), expiry: "never".parse().ok(), ..Edit::default() };
    edit(&mut env, &id(&parent), &later).expect("edited");
    assert_eq!(answer(&mut env.store, &token), "parent_dead");
    edit(&mut env, &id(&parent), &Edit { not_before: Some(None), ..Edit::default() }).expect("edited");
    assert_eq!(answer(&mut env.store, &token), "allowed");
    edit(&mut env, &id(&parent), &Edit { expiry: "1s".parse().ok(), ..Edit::default() }).expect("edited");
    std::thread::sleep(std::time::Duration::from_millis(1100));
    assert_eq!(answer(&mut env.store, &token), "parent_dead");
    // Renewed, the parent has another token; the child's own is as good as before.
    rotated(&mut env, &parent, "0", Some("90d"));
    assert_eq!(answer(&mut env.store, &token), "allowed");
    assert_eq!(answer(&mut env.store, &parent_token), "expired");
    assert_eq!(check(&mut env.store, |_| {}).expect("checked"), []);
});

both!(a_child_that_is_suspended_is_revoked_with_its_parent, |place| {
    place.init();
    let mut env = place.env();
    let [(parent, _), (child, token)] = family(&mut env);
    suspend(&mut env, &[id(&child), id(&parent)], None).expect("suspended");
    resume(&mut env, &[id(&parent)]).expect("resumed");
    assert_eq!(answer(&mut env.store, &token), "suspended", "its own suspension stays");
    let done = revoke(&mut env, &[id(&parent)], Some("leaked")).expect("revoked");
    assert_eq!(done.keys[0].children.iter().map(|child| child.id).collect::<Vec<_>>(), [child.id]);
    assert_eq!(answer(&mut env.store, &token), "revoked");
    let child = env.store.key_by_id(child.id).expect("read").expect("a key");
    assert_eq!(child.revoke_reason.as_deref(), Some("leaked"));
    assert!(matches!(resume(&mut env, &[id(&child)]), Err(Error::Conflict(_))));
    assert_eq!(check(&mut env.store, |_| {}).expect("checked"), []);
});

both!(a_childs_networks_and_its_parents_must_both_hold_the_address, |place| {
    place.init();
    let mut env = place.env();
    let networks = |list: &str| Networks::parse_lists([list]).expect("networks");
    let (parent, _) = minted(&mut env, &Request { networks: networks("10.0.0.0/8"), ..request("alice") });
    let child = Request { networks: networks("10.1.0.0/16,192.0.2.0/24"), ..below(&parent, "bob") };
    let (_, token) = minted(&mut env, &child);
    let from = |env: &mut Env, address: &str| {
        let asked = Asked { address: address.parse().ok(), ..Asked::default() };
        matches!(verify(&mut env.store, token.expose(), &asked).expect("read"), Verdict::Allowed(_))
    };
    assert!(from(&mut env, "10.1.2.3") && !from(&mut env, "10.2.0.1") && !from(&mut env, "192.0.2.1"));
    let view = "SELECT networks FROM keyctl_tokens_v1 WHERE owner = 'bob'";
    let told = r#"[["10.1.0.0/16","192.0.2.0/24"],["10.0.0.0/8"]]"#;
    assert_eq!(place.sql(view).expect("rows"), told);
    edit(&mut env, &id(&parent), &Edit { networks: Some(networks("192.0.2.0/25")), ..Edit::default() })
        .expect("edited");
    assert!(!from(&mut env, "10.1.2.3") && from(&mut env, "192.0.2.1") && !from(&mut env, "192.0.2.200"));
});

// The key was stored with a start behind its end, which was the parent's.
both!(a_child_does_not_start_after_the_end_that_it_has_from_its_parent, |place| {
    place.init();
    let mut env = place.env();
    let (parent, _) = minted(&mut env, &Request { expiry: "1h".parse().ok(), ..request("alice") });
    let (child, _) = minted(&mut env, &below(&parent, "bob"));
    assert_eq!(child.expires_at, parent.expires_at, "no expiry was asked for");
    let start = parent.expires_at;
    let wish = Request { not_before: start, ..below(&parent, "carol") };
    let refused = mint(&mut env, &wish, &mut Accept).expect_err("it would never work");
    assert!(
        matches!(&refused, Error::Invalid { message, .. } if message.contains("before it starts")),
        "{refused}"
    );
});

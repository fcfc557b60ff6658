//! Children that would be more than their parent.

use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::runner::{Case, Effect, case, check};

both!(a_child_that_would_be_more_than_its_parent_is_refused, |place| {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["role", "set", "wide", "--scope", "files,notes"]);
    sandbox.ok(&["mint", "alice", "--scope", "files:*,memories", "--expires", "2d"]);
    sandbox.ok(&["mint", "bob", "--scope", "files:a", "--parent", "alice/default"]);
    sandbox.ok(&["mint", "carol", "--scope", "m", "--name", "revoked"]);
    sandbox.ok(&["mint", "carol", "--scope", "m", "--name", "suspended"]);
    sandbox.ok(&["revoke", "carol/revoked"]);
    sandbox.ok(&["suspend", "carol/suspended"]);
    sandbox.ok(&["mint", "off", "--scope", "m"]);
    sandbox.ok(&["owner", "disable", "off", "--yes"]);
    let child = |name: &str, words: &str| case(name, &format!("mint dave {words}"));
    let refused = |case: Case, says: &str, hint: &str| case.fails(4, says, hint).leaves(Effect::Refusal);
    check(
        &sandbox,
        vec![
            refused(
                child("of a child", "--parent bob --scope files:a"),
                "one level deep",
                "without a parent",
            ),
            refused(
                child("of a revoked key", "--parent carol/revoked"),
                "is revoked",
                "keyctl show carol/revoked",
            ),
            refused(child("of a suspended key", "--parent carol/suspended"), "is suspended", "keyctl show"),
            refused(
                child("of a disabled owner's key", "--parent off"),
                "is owner_disabled",
                "keyctl show off/default",
            ),
            refused(child("wider", "--parent alice --scope files"), "may not do: files", "files:*, memories"),
            refused(
                child("beside it", "--parent alice --scope memories,notes"),
                "may not do: notes",
                "no more than that",
            ),
            refused(
                child("everything", "--parent alice --scope * --allow-all"),
                "may not do: *",
                "no more than that",
            ),
            refused(
                child("wider by a role", "--parent alice --role wide"),
                "may not do: files, notes",
                "no more than that",
            ),
            child("the tool's own", "--parent alice --scope keyctl:resolve").fails(
                2,
                "a child never gets",
                "no parent",
            ),
            child("of nobody", "--parent alcie").fails(3, "alcie", "did you mean alice/default?"),
            child("of itself", "--parent dave/default").fails(3, "dave has no keys", "keyctl list"),
            child("of standard input", "--parent -").fails(2, "", "--help"),
            child("after its parent's end", "--parent alice --not-before 2099-01-01T00:00:00Z").fails(
                2,
                "before it starts",
                "keyctl mint --help",
            ),
            refused(
                case("wider later", "scope add bob memories:x,notes"),
                "may not do: notes",
                "no more than that",
            ),
            refused(
                case("wider by setting", "scope set bob files"),
                "may not do: files",
                "no more than that",
            ),
            refused(
                case("wider by a role later", "edit bob --role wide"),
                "may not do: files, notes",
                "no more",
            ),
            case("the tool's own later", "scope add bob keyctl:introspect").fails(
                2,
                "a child never gets",
                "no parent",
            ),
            child("rehearsed: wider", "--parent alice --scope files --dry-run").fails(
                4,
                "may not do: files",
                "no more",
            ),
            child("rehearsed", "--parent alice --scope files:a --dry-run").says("nothing was changed"),
        ],
    );
    assert_eq!(sandbox.ok(&["list", "dave"]), "");
    // What the parent was taken, the child may no more; `can` says why.
    check(
        &sandbox,
        vec![
            case("narrower", "scope set alice memories").leaves(Effect::Change),
            case("can", "can bob files:a").ends(5).stdout(|out| {
                out == "denied: files:a was given to bob/default, but its parent alice/default may not do it\n"
            }),
            case("can, of the parent", "can alice memories:read").stdout(|out| out.starts_with("allowed:")),
            case("the parent ends, suspended child and all", "suspend bob").leaves(Effect::Change),
            case("revoked with it", "revoke alice").says("and its children bob/default").leaves(Effect::Change),
            case("final", "resume bob").fails(4, "bob/default was revoked", "keyctl mint bob").leaves(Effect::Refusal),
        ],
    );
});

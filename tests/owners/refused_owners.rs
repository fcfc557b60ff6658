//! Owners that are not there, or not as a change needs them.

use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::runner::{Effect, case, check};

both!(owners_that_cannot_be_changed_are_left_alone, |place| {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["mint", "alice", "--scope", "m"]);
    sandbox.ok(&["owner", "add", "idle"]);
    sandbox.ok(&["owner", "add", "stopped"]);
    sandbox.ok(&["owner", "disable", "stopped", "--yes"]);
    let mut cases = Vec::new();
    for verb in ["show", "disable --yes", "enable", "delete --yes", "delete --revoke-keys --yes"] {
        cases.push(case(format!("unknown: {verb}"), &format!("owner {verb} alcie")).fails(
            3,
            "there is no owner alcie",
            "did you mean alice?",
        ));
        cases.push(case(format!("far off: {verb}"), &format!("owner {verb} nobody")).fails(
            3,
            "nobody",
            "keyctl owner list",
        ));
        cases.push(
            case(format!("empty: {verb}"), &format!("owner {verb}")).arg("").fails(2, "empty", "--help"),
        );
        // What is shown may be named by its subject, in which anything may stand.
        let (code, message, hint) = if verb == "show" {
            (3, "no owner has the subject", "keyctl owner list")
        } else {
            (2, "'/'", "--help")
        };
        cases.push(
            case(format!("a key: {verb}"), &format!("owner {verb} alice/default")).fails(code, message, hint),
        );
    }
    cases.extend([
        case("there already", "owner add alice")
            .fails(4, "exists already", "--if-absent")
            .leaves(Effect::Refusal),
        case("there already, and fine", "owner add alice --if-absent").says("is there already"),
        case("rehearsed: there already", "owner add alice --dry-run").fails(
            4,
            "exists already",
            "--if-absent",
        ),
        case("rehearsed: new", "owner add newcomer --dry-run").says("would make"),
        case("hidden character", "owner add").arg("a\u{202e}b").fails(2, "U+202E", "--help"),
        case("nobody to ask", "owner disable alice").fails(2, "stop 1 live key of alice?", "--yes"),
        case("nobody to ask: delete", "owner delete idle").fails(2, "delete the owner idle", "--yes"),
        case("nobody to ask: delete and revoke", "owner delete alice --revoke-keys").fails(
            2,
            "revoke 1 live key for good",
            "--yes",
        ),
        case("live keys", "owner delete alice --yes")
            .fails(4, "alice has 1 live key", "--revoke-keys")
            .leaves(Effect::Refusal),
        case("live keys, rehearsed", "owner delete alice --dry-run").fails(4, "1 live key", "--revoke-keys"),
        case("rehearsed: disable", "owner disable alice --dry-run").says("would disable"),
        case("rehearsed: enable", "owner enable stopped --dry-run").says("would enable"),
        case("rehearsed: delete", "owner delete alice --revoke-keys --dry-run").says("would delete"),
        case("enabled already", "owner enable alice").says("is enabled already"),
        case("disabled already", "owner disable stopped").says("is disabled already"),
        case("a key for a disabled owner", "mint stopped --scope m")
            .fails(4, "stopped is disabled since", "keyctl owner enable stopped")
            .leaves(Effect::Refusal),
        case("its reason hides text", "owner disable alice --yes --reason")
            .arg("a\u{1b}b")
            .fails(2, "U+001B", "--help"),
    ]);
    check(&sandbox, cases);
    let states = |sandbox: &Sandbox| sandbox.ok(&["owner", "list", "-o", "csv"]);
    assert!(states(&sandbox).starts_with("owner,state,live_keys,revoked_keys"), "{}", states(&sandbox));
    check(
        &sandbox,
        vec![
            case("deleted", "owner delete alice --revoke-keys --yes --reason left")
                .says("deleted")
                .leaves(Effect::Change),
            case("deleted twice", "owner delete alice --yes").fails(3, "alice", "keyctl owner list"),
            case("its key is traced", "show alice/default -o json")
                .stdout(|out| out.contains(r#""revoke_reason":"left""#)),
            case("and not suggested", "owner show alic")
                .fails(3, "alic", "keyctl owner list")
                .stdout(str::is_empty),
        ],
    );
});

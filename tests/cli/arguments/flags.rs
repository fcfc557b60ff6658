//! Flags that do not fit, and references that do not tell which key is meant.

use serde_json::Value;

use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::runner::{Effect, case, check};
use crate::support::store::Place;

#[test]
fn words_that_do_not_fit_are_refused_with_what_was_meant() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    check(
        &sandbox,
        vec![
            case("nothing at all, as JSON", "-o json").ends(2).says("a command is missing"),
            case("unknown command", "mnit alice").fails(2, "mnit", "mint"),
            case("a short one", "conformance rn").fails(2, "rn", "did you mean run?"),
            case("behind help", "help mnit").fails(2, "mnit", "did you mean mint? see keyctl --help"),
            case("two usages", "conformance xyzzy").fails(
                2,
                "xyzzy",
                "keyctl conformance [OPTIONS] or keyctl conformance <",
            ),
            case("a final option", "secret delete x --purg").fails(
                2,
                "--purg",
                "usage: keyctl secret delete [OPTIONS] <NAME>;",
            ),
            case("what is meant by force", "store init --force").fails(
                2,
                "--force",
                "did you mean --if-absent?",
            ),
            case("unknown command, far off", "xyzzy").fails(2, "xyzzy", "usage: keyctl"),
            case("unknown flag", "mint alice --lable a=b").fails(2, "--lable", "did you mean --label"),
            case("unknown flag with a value", "mint alice --scopes=a").fails(
                2,
                "--scopes",
                "did you mean --scope",
            ),
            case("unknown short flag", "list -x").fails(2, "-x", "usage"),
            case("unknown order", "list --sort creatd").fails(2, "creatd", "did you mean created"),
            case("unknown value", "list --sort nam").fails(2, "nam", "did you mean name"),
            case("unknown format", "list -o jsno").fails(2, "jsno", "did you mean json"),
            case("unknown colour", "list --color sometimes").fails(2, "sometimes", "--help"),
            case("unknown part of store", "store chekc").fails(2, "chekc", "did you mean check"),
            case("quiet and verbose", "list -q -v").fails(2, "cannot be used with", "usage"),
            case("nothing of what a variable says", "role set").fails(
                2,
                "--scope",
                "usage: keyctl role set --scope <SCOPE> <ROLE>;",
            ),
            case("owner missing", "mint --scope a").fails(2, "OWNER", "usage"),
            case("two owners", "mint alice bob").fails(2, "bob", "usage"),
            case("key missing", "revoke").fails(2, "KEY", "usage"),
            case("value missing", "mint alice --name").fails(2, "--name", "--help"),
            case("flag with a value", "mint alice --dry-run=yes").fails(2, "dry-run", "usage"),
            case("negative limit", "list --limit -1").fails(2, "-1", "keyctl list --help"),
            case("huge limit", "list --limit 99999999999").fails(2, "99999999999", "--help"),
            case("cursor of another kind", "list --cursor alice").fails(2, "key_", "--help"),
            case("no address", "verify --ip 10.0.0.0/8").fails(2, "--ip", "--help"),
            case("a store's expiry is no moment", "store init --expires 2099-01-01T00:00:00Z").fails(
                2,
                "--expires",
                "30d",
            ),
            case("hidden text in a reason", "revoke alice --reason")
                .arg("a\u{202e}b")
                .fails(2, "U+202E", "--help"),
            case("long reason", "revoke alice --reason").arg("x".repeat(513)).fails(
                2,
                "at most 512",
                "--help",
            ),
            case("hidden text in the actor", "revoke alice").env("KEYCTL_ACTOR", "a\u{1b}b").fails(
                2,
                "U+001B",
                "plain name",
            ),
            case("long actor", "mint alice").env("KEYCTL_ACTOR", "x".repeat(129)).fails(
                2,
                "at most 128",
                "plain name",
            ),
            case("errors as JSON", "mint alice --expires -1d -o json")
                .ends(2)
                .says("{\"error\":{\"type\":\"INVALID_INPUT\",")
                .says("\"hint\":\""),
            case("errors as JSON, too", "mnit --output=jsonl")
                .ends(2)
                .says("{\"error\":{\"type\":\"INVALID_INPUT\",")
                .says("mint"),
            case("help is no error", "mint --help").stdout(|out| out.contains("--expires")),
            case("version", "--version").stdout(|out| out.starts_with("keyctl ")),
        ],
    );
    assert_eq!(sandbox.ok(&["list", "--all"]), "");
}

both!(references_that_lead_nowhere_are_not_found, |place| {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["mint", "alice", "--scope", "m"]);
    sandbox.ok(&["mint", "bob", "--scope", "m"]);
    sandbox.ok(&["mint", "bob", "--scope", "m", "--name", "ci"]);
    let unknown = "key_00000000000000000000000000";
    check(
        &sandbox,
        vec![
            case("unknown owner", "show nobody").fails(3, "nobody", "keyctl list"),
            case("unknown name", "rotate alice/other").fails(3, "alice/other", "default"),
            case("unknown owner with a name", "revoke nobody/default").fails(
                3,
                "nobody has no keys",
                "keyctl list",
            ),
            case("two letters exchanged", "revoke alcie").fails(3, "alcie", "did you mean alice/default?"),
            case("in the owner of a name", "rotate alcie/default").fails(
                3,
                "alcie has no keys",
                "did you mean alice/default?",
            ),
            case("in the name", "show alice/defualt").fails(
                3,
                "alice/defualt",
                "did you mean alice/default? alice has",
            ),
            case("rehearsed, too", "revoke alic --dry-run").fails(3, "alic", "did you mean alice/default?"),
            case("nobody to list", "list alcie").says("did you mean alice?"),
            case("an owner with several keys", "revoke bobb").fails(3, "bobb", "did you mean bob?"),
            case("unknown id", "revoke").arg(unknown).fails(3, unknown, "keyctl list --all"),
            case("unknown prefix of a token", "show sks_AAAAAAAAAAAA").fails(
                3,
                "sks_AAAAAAAAAAAA",
                "keyctl list --all",
            ),
            case("one of two", "revoke alice nobody").fails(3, "nobody", "keyctl list"),
            case("unknown cursor", "list --cursor").arg(unknown).fails(3, unknown, "cursor"),
            case("rehearsed", "revoke nobody --dry-run").fails(3, "nobody", "keyctl list"),
            case("as JSON", "show nobody -o json").ends(3).says("\"type\":\"NOT_FOUND\"").says("\"hint\":\""),
            case("several lines for one key", "rotate -")
                .input("alice\nalice/default\n")
                .fails(2, "several", "one line"),
            case("no lines", "revoke -").input("\n \n").fails(2, "names no key", "one a line"),
            case("a bad line", "revoke -").input("alice\nAlice\n").fails(2, "line 2", "one a line"),
            case("not UTF-8", "revoke -").input(b"ali\xff".to_vec()).fails(2, "UTF-8", "one a line"),
            case("longer than is read", "revoke -").input("alice\n".repeat(200_000)).fails(
                2,
                "1 MiB",
                "fewer lines",
            ),
        ],
    );
});

both!(an_ambiguous_reference_changes_nothing_and_lists_the_matches, |place| {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["mint", "alice", "--scope", "m", "--name", "one"]);
    sandbox.ok(&["mint", "alice", "--scope", "m", "--name", "two"]);
    sandbox.ok(&["mint", "bob", "--scope", "m"]);
    sandbox.ok(&["mint", "gone", "--scope", "m"]);
    sandbox.ok(&["revoke", "gone"]);
    let ambiguous = |name, words| {
        case(name, words)
            .fails(4, "alice/one", "owner/name")
            .says("alice/two")
            .says("key_")
            .leaves(Effect::Refusal)
    };
    check(
        &sandbox,
        vec![
            ambiguous("revoke", "revoke alice"),
            ambiguous("rotate", "rotate alice"),
            ambiguous("rotate with a prefix", "rotate alice --prefix acme"),
            ambiguous("one of two", "revoke bob alice"),
            ambiguous("on standard input", "revoke -").input("bob\nalice\n"),
            ambiguous("nor is a rehearsal", "revoke alice --dry-run").leaves(Effect::Nothing),
            ambiguous("nor that of a rotation", "rotate alice --dry-run").leaves(Effect::Nothing),
            case("name taken", "mint alice --name one")
                .fails(4, "alice/one", "keyctl")
                .leaves(Effect::Refusal),
            case("name taken, rehearsed", "mint alice --name one --dry-run").fails(4, "alice/one", "keyctl"),
            case("rotate a revoked key", "rotate gone")
                .fails(4, "revoked", "keyctl mint gone")
                .leaves(Effect::Refusal),
            case("revoke twice", "revoke gone").says("was revoked already"),
            case("revoke twice, with another reason", "revoke gone --reason later")
                .says("was revoked already"),
            case("the store exists", "store init").fails(4, "already", "another place"),
        ],
    );
    let records = sandbox.json(&["audit", "list"]);
    let refused: Vec<&Value> =
        records.as_array().unwrap().iter().filter(|one| one["record"]["outcome"] == "refused").collect();
    assert_eq!(refused.len(), 7);
    assert_eq!(refused[0]["record"]["action"], "revoke");
    assert_eq!(refused[1]["record"]["action"], "rotate");
    assert!(refused[0]["record"]["message"].as_str().unwrap().contains("alice/two"));
    sandbox.ok(&["audit", "verify"]);
});

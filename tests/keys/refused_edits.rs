//! Edits that cannot be.

use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::runner::{Effect, case, check};

both!(edits_that_cannot_be_are_refused, |place| {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["mint", "alice", "--scope", "m", "--expires", "2d"]);
    sandbox.ok(&["mint", "alice", "--scope", "m", "--name", "taken"]);
    sandbox.ok(&["mint", "alice", "--scope", "m", "--name", "ended", "--expires", "1s"]);
    sandbox.ok(&["mint", "bob", "--scope", "m", "--name", "gone"]);
    sandbox.ok(&["revoke", "bob/gone"]);
    let mut labels =
        case("33 labels", "edit alice/default").fails(2, "more than 32 labels", "keyctl edit --help");
    let mut networks =
        case("65 networks", "edit alice/default").fails(2, "more than 64 networks", "--allow-ip");
    let mut scopes = case("65 scopes", "scope add alice/default").fails(2, "more than 64 scopes", "--scope");
    let mut more = case("65 scopes with those it has", "scope add alice/default").fails(
        2,
        "more than 64",
        "keyctl role set",
    );
    for number in 0..65 {
        networks = networks.arg(format!("--allow-ip=10.0.{number}.0/24"));
        scopes = scopes.arg(format!("s{number}"));
        if number < 64 {
            more = more.arg(format!("s{number}"));
        }
        if number < 33 {
            labels = labels.arg(format!("--label=n{number}=v"));
        }
    }
    let edit = |flag: &str, value: &str, says: &str| {
        case(format!("{flag} {value:.20?}"), "edit alice/default")
            .arg(format!("{flag}={value}"))
            .fails(2, says, "--help")
    };
    let network = |value: &str, says: &str| {
        let row = case(format!("--allow-ip {value:?}"), "edit alice/default");
        row.arg(format!("--allow-ip={value}")).fails(2, says, "10.0.0.0/8")
    };
    std::thread::sleep(std::time::Duration::from_millis(1100));
    check(
        &sandbox,
        vec![
            case("nothing", "edit alice/default").fails(2, "not said what", "--expires"),
            case("no key", "edit --name x").fails(2, "KEY", "usage"),
            case("two keys", "edit alice/default alice/taken --name x").fails(2, "alice/taken", "usage"),
            case("unknown key", "edit alice/tken --rate none").fails(
                3,
                "alice/tken",
                "did you mean alice/taken?",
            ),
            case("several keys", "edit alice --rate none")
                .fails(4, "may mean several", "owner/name")
                .leaves(Effect::Refusal),
            case("a taken name", "edit alice/default --name taken")
                .fails(4, "alice/taken exists already", "another name")
                .leaves(Effect::Refusal),
            case("a revoked key", "edit bob/gone --rate none")
                .fails(4, "was revoked", "keyctl mint bob")
                .leaves(Effect::Refusal),
            case("a revoked key's scopes", "scope add bob/gone x")
                .fails(4, "was revoked", "keyctl mint")
                .leaves(Effect::Refusal),
            case("the end of an expired key", "edit alice/ended --expires 90d")
                .fails(4, "its token stays dead", "keyctl rotate alice/ended --expires 90d")
                .leaves(Effect::Refusal),
            edit("--name", "", "empty"),
            edit("--name", "../x", "'/'"),
            edit("--expires", "-1d", "duration"),
            edit("--expires", "0", "zero"),
            edit("--expires", "1h30", "duration"),
            edit("--expires", "2020-01-01T00:00:00Z", "past"),
            edit("--expires", "99999999999d", "100 years"),
            edit("--not-before", "tomorrow", "date"),
            edit("--not-before", "2099-01-01T00:00:00Z", "before it starts"),
            edit("--rate", "0/m", "zero"),
            edit("--rate", "600", "600/m"),
            edit("--rate", "-1/s", "600/m"),
            edit("--quota", "0/day", "zero"),
            edit("--quota", "1/week", "10000/day"),
            edit("--label", &format!("a={}", "x".repeat(100_000)), "at most 256"),
            edit("--label", "team", "name=value"),
            edit("--label", "Team-", "'T'"),
            edit("--label", "-", "1 to 63"),
            edit("--label", "a=\u{202e}", "U+202E"),
            network("10.0.0.0/33", "address"),
            network("10.0.0.1/8", "10.0.0.0/8"),
            network("", "address"),
            case("any among networks", "edit alice/default --allow-ip any --allow-ip 10.0.0.0/8").fails(
                2,
                "any stands alone",
                "10.0.0.0/8",
            ),
            labels,
            networks,
            scopes,
            more,
            case("no scope", "scope add alice/default").fails(2, "SCOPE", "usage"),
            case("none and some", "scope set alice/default x --none").fails(
                2,
                "cannot be used with",
                "usage",
            ),
            case("nothing to set", "scope set alice/default").fails(2, "SCOPE", "usage"),
            case("star", "scope add alice/default *").fails(2, "allows everything", "--allow-all"),
            case("what is covered by more", "scope remove alice/default m:read")
                .fails(4, "not given m:read itself", "keyctl can alice/default m:read")
                .leaves(Effect::Refusal),
            case("what it has not", "scope remove alice/default x").says("is so already"),
            case("as it is", "edit alice/default --name default --label x- --rate none")
                .says("is so already"),
            case("rehearsed", "edit alice/default --name new --rate 5/s")
                .arg("--dry-run")
                .says("would change name, rate"),
            case("rehearsed: scopes", "scope set alice/default --none --dry-run").says("would change scopes"),
            case("rehearsed: taken", "edit alice/default --name taken --dry-run").fails(
                4,
                "exists already",
                "another",
            ),
            case("as JSON", "edit alice/default --name taken -o json")
                .ends(4)
                .says(r#""type":"CONFLICT""#)
                .leaves(Effect::Refusal),
        ],
    );
});

both!(a_scope_that_is_taken_and_still_covered_is_named, |place| {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["role", "set", "reader", "--scope", "files:read"]);
    sandbox.ok(&["mint", "alice", "--scope", "memories,memories:read,files:read,notes", "--role", "reader"]);
    let taken = sandbox.run(&["scope", "remove", "alice", "memories:read", "files:read", "notes"]);
    let said = taken.expect_code(0).stderr;
    for kept in ["memories:read", "files:read"] {
        assert!(said.contains(&format!("may do {kept} all the same")), "{said}");
    }
    assert!(!said.contains("may do notes"), "{said}");
});

//! Roles that cannot be, and roles that are in use.

use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::runner::{Effect, case, check};

both!(roles_that_cannot_be_are_refused_and_change_nothing, |place| {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["role", "set", "reader", "--scope", "memories:read"]);
    sandbox.ok(&["mint", "alice", "--role", "reader"]);
    let mut wide = case("65 scopes", "role set wide").fails(2, "more than 64 scopes", "--scope");
    for number in 0..65 {
        wide = wide.arg(format!("--scope=s{number}"));
    }
    let mut crowded = case("33 roles", "edit alice");
    let mut names = String::new();
    for number in 0..33 {
        names.push_str(&format!(" --role r{number}"));
        crowded = crowded.arg(format!("--role=r{number}"));
    }
    let name = |what: &str, name: &str, says: &str| {
        case(format!("name: {what}"), "role set --scope m").arg(name).fails(2, says, "--help")
    };
    check(
        &sandbox,
        vec![
            name("empty", "", "empty"),
            name("upper case", "Reader", "upper-case letter R"),
            name("hidden character", "a\u{200d}b", "U+200D"),
            name("a path", "../x", "'/'"),
            name("65 characters", &"a".repeat(65), "at most 64"),
            name("a comma", "a,b", "','"),
            case("no scope", "role set reader").fails(2, "--scope", "usage"),
            case("empty scope", "role set reader --scope").arg("").fails(2, "empty", "--scope"),
            case("the tool's own", "role set reader --scope keyctl:resolve").fails(
                2,
                "a role never grants keyctl:resolve",
                "keyctl scope add",
            ),
            case("the tool's own among others", "role set new --scope m,keyctl:introspect --allow-all")
                .fails(2, "keyctl:introspect", "single keys"),
            case("everything of the tool's", "role set new --scope keyctl:*").fails(
                2,
                "keyctl:resolve",
                "--scope",
            ),
            case("star without saying so", "role set reader --scope *").fails(
                2,
                "allows everything",
                "--allow-all",
            ),
            case("star among others", "role set reader --scope m,*").fails(
                2,
                "allows everything",
                "--allow-all",
            ),
            wide,
            crowded.fails(2, "more than 32 roles", "keyctl role set"),
            case("33 roles at the mint", &format!("mint bob{names}")).fails(
                2,
                "more than 32 roles",
                "keyctl role set",
            ),
            case("unknown to show", "role show raeder").fails(3, "raeder", "did you mean reader?"),
            case("unknown, far off", "role show xyzzy").fails(3, "xyzzy", "keyctl role list"),
            case("unknown to delete", "role delete readr").fails(3, "readr", "did you mean reader?"),
            case("unknown to delete from keys", "role delete readr --from-keys --yes")
                .fails(3, "readr", "reader"),
            case("unknown to mint with", "mint bob --role readre").fails(3, "readre", "did you mean reader?"),
            case("unknown to edit with", "edit alice --role writer").fails(
                3,
                "writer",
                "keyctl role set writer",
            ),
            case("unknown to list", "list --role nobody").says("no key matches"),
            case("none among others", "edit alice --role none --role reader").fails(
                2,
                "stands alone",
                "roles",
            ),
            case("in use", "role delete reader")
                .fails(4, "belongs to 1 live key", "--from-keys")
                .leaves(Effect::Refusal),
            case("nobody to ask", "role delete reader --from-keys").fails(2, "1 live key", "--yes"),
            case("rehearsed: in use", "role delete reader --dry-run").fails(4, "belongs to", "--from-keys"),
            case("rehearsed: set", "role set reader --scope other --dry-run").says("in force for 1 key"),
            case("rehearsed: new", "role set new --scope other --dry-run").says("nothing was changed"),
            case("rehearsed: delete", "role delete reader --from-keys --dry-run").says("would delete"),
            case("set as it is", "role set reader --scope memories:read").says("already"),
        ],
    );
    assert_eq!(sandbox.ok(&["role", "list", "-o", "plain"]).lines().count(), 1);
    check(
        &sandbox,
        vec![
            case("from its keys", "role delete reader --from-keys --yes")
                .says("in use by 1 live key")
                .leaves(Effect::Change),
            case("what is left of the key", "show alice -o json")
                .stdout(|out| out.contains(r#""roles":[],"effective_scopes":[]"#)),
        ],
    );
});

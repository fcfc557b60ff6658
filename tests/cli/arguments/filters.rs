//! Filters and columns of lists.

use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::runner::{Case, case, check};

fn lines(count: usize) -> impl Fn(&str) -> bool {
    move |out| out.lines().count() == count
}

both!(filters_that_cannot_be_are_refused, |place| {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["mint", "alice", "--scope", "m"]);
    let mut cases: Vec<Case> = Vec::new();
    for (value, says) in [
        ("-1d", "duration"),
        ("1M", "duration"),
        ("1h30", "duration"),
        ("1.5h", "duration"),
        ("30", "duration"),
        ("1e309", "duration"),
        ("NaN", "duration"),
        ("", "duration"),
        ("never", "duration"),
        ("2099-01-01T00:00:00Z", "duration"),
        ("99999999999d", "100 years"),
        ("9223372036854775807s", "100 years"),
    ] {
        for flag in ["--expiring", "--unused"] {
            let row = case(format!("{flag} {value:?}"), "list").arg(format!("{flag}={value}"));
            cases.push(row.fails(2, says, "--help"));
        }
    }
    cases.extend([
        case("unknown state", "list --state dead").fails(2, "dead", "--help"),
        case("a slip in the state", "list --state suspnded").fails(2, "suspnded", "did you mean suspended"),
        case("an unknown state among others", "list --state active,gone").fails(2, "gone", "--help"),
        case("empty state", "list").arg("--state=").fails(2, "", "--help"),
        case("unknown column", "list --columns key,colour").fails(2, "no column colour", "columns are"),
        case("empty column", "list").arg("--columns=").fails(2, "no column", "columns are"),
        case("empty among columns", "list --columns key,,state").fails(2, "no column", "columns are"),
        case("columns in JSON", "list --columns key -o json").fails(2, "--columns", "csv"),
        case("role that cannot be", "list --role Reader").fails(2, "upper-case", "--help"),
        case("empty scope", "list").arg("--scope=").fails(2, "empty", "--help"),
        case("label that cannot be", "list --label Team").fails(2, "'T'", "--help"),
        case("empty label", "list").arg("--label=").fails(2, "1 to 63", "--help"),
        case("hidden text in a label", "list --label").arg("a=\u{202e}b").fails(2, "U+202E", "--help"),
        case("owner twice", "list alice --owner bob").fails(2, "cannot be used with", "usage"),
        case("the longest spans", "list --expiring 100y --unused 100y").says("no key matches"),
        case(
            "everything at once",
            "list alice --state active --scope m:read --expiring 1y --sort expiry --limit 1 -o plain",
        )
        .stdout(lines(1)),
    ]);
    check(&sandbox, cases);
});

both!(filters_are_literal_and_columns_come_as_asked, |place| {
    let sandbox = Sandbox::with_store(place);
    for (owner, label) in
        [("a_b", "team=x_y"), ("axb", "team=xzy"), ("a.b", "team=x%"), ("ab", r#"team=q"\"#)]
    {
        sandbox.ok(&["mint", owner, "--scope", "m", "--label", label]);
    }
    sandbox.ok(&["suspend", "ab"]);
    sandbox.ok(&["revoke", "axb"]);
    let only = |owner: &'static str| {
        move |out: &str| out.lines().count() == 1 && out.starts_with(&format!("{owner}/"))
    };
    check(
        &sandbox,
        vec![
            case("underscore in a label", "list -o plain --label team=x_y").stdout(only("a_b")),
            case("percent in a label", "list -o plain --label team=x%").stdout(only("a.b")),
            case("quote and backslash", "list -o plain --label").arg(r#"team=q"\"#).stdout(only("ab")),
            case("half of it", "list -o plain --label").arg(r#"team=q""#).stdout(lines(0)),
            case("a value alone", "list -o plain --label x_y").stdout(lines(0)),
            case("any value", "list -o plain --label team").stdout(lines(3)),
            case("two labels", "list -o plain --label team=x_y --label team=x%").stdout(lines(0)),
            case("underscore in an owner", "list -o plain --owner a_b").stdout(only("a_b")),
            case("suspended", "list -o plain --state suspended").stdout(only("ab")),
            case("revoked, without --all", "list -o plain --state revoked").stdout(only("axb")),
            case("two states", "list -o plain --state revoked,suspended").stdout(lines(2)),
            case("columns", "list a_b -o csv --columns labels,key")
                .stdout(|out| out == "labels,key\r\nteam=x_y,a_b/default\r\n"),
        ],
    );
});

//! Durations and dates that cannot be.

use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::runner::{Case, Effect, case, check};

/// Texts that are no duration, for `--expires` and `--grace` alike.
pub const NO_SPANS: [(&str, &str); 22] = [
    ("-1d", "duration"),
    ("1e309", "duration"),
    ("1e3d", "duration"),
    ("NaN", "duration"),
    ("inf", "duration"),
    ("99999999999d", "100 years"),
    ("9223372036854775807s", "100 years"),
    ("99999999999999999999999999d", "100 years"),
    ("1M", "duration"),
    ("1h30", "duration"),
    ("1h30m", "duration"),
    ("1.5h", "duration"),
    ("30", "duration"),
    ("d", "duration"),
    ("+1d", "duration"),
    ("1 d", "duration"),
    (" 1d", "duration"),
    ("1D", "duration"),
    ("0x10s", "duration"),
    ("\u{661}d", "duration"),
    ("1\u{b5}s", "duration"),
    ("", "duration"),
];

pub const NO_MOMENTS: [(&str, &str); 14] = [
    ("2020-01-01T00:00:00Z", "past"),
    ("1969-12-31T23:59:59Z", "1970"),
    ("10000-01-01T00:00:00Z", "9999"),
    ("+010000-01-01T00:00:00Z", ""),
    ("2030-06-30T23:59:60Z", ":60"),
    ("2030-01-31T12:00:00", "zone"),
    ("2030-01-31 12:00", "zone"),
    ("2030-02-30T12:00:00Z", "date"),
    ("2030-13-01T12:00:00Z", "date"),
    ("2030-01-31T24:00:00Z", "date"),
    ("2030-01-31T12:00:00+99:00", "date"),
    ("2030-01-31T12:00:00Zjunk", "date"),
    ("31.01.2030", "duration"),
    ("tomorrow", "duration"),
];

fn option(words: &str, option: &str, (value, says): (&str, &str)) -> Case {
    case(format!("{option} {value:?}"), words).arg(format!("{option}={value}")).fails(2, says, "keyctl")
}

both!(durations_and_dates_that_cannot_be_are_refused, |place| {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["mint", "alice", "--scope", "m"]);
    let mut cases = Vec::new();
    for row in NO_SPANS {
        cases.push(option("mint bob", "--expires", row));
        cases.push(option("rotate alice", "--grace", row));
    }
    for row in NO_MOMENTS {
        cases.push(option("mint bob", "--expires", row));
        cases.push(option("rotate alice", "--expires", row));
    }
    for (value, says) in NO_MOMENTS.iter().filter(|(_, says)| !["past", "duration"].contains(says)) {
        cases.push(option("mint bob", "--not-before", (value, says)));
    }
    cases.extend([
        option("mint bob", "--expires", ("0", "zero")),
        option("mint bob", "--expires", ("0d", "zero")),
        option("rotate alice", "--expires", ("0", "zero")),
        option("rotate alice", "--grace", ("31d", "30 days")),
        option("rotate alice", "--grace", ("never", "duration")),
        option("mint bob", "--not-before", ("1d", "date")),
        option("mint bob", "--not-before", ("2030-01-31", "zone")),
        option("mint bob", "--not-before", ("never", "date")),
        option("mint bob", "--not-before", ("", "date")),
        option("mint bob --expires 1d", "--not-before", ("2099-01-01T00:00:00Z", "before it starts")),
        option("list", "--lock-timeout", ("-1s", "500ms")),
        option("list", "--lock-timeout", ("2h", "at most 1h")),
        option("list", "--lock-timeout", ("soon", "500ms")),
        case("lock timeout of the environment", "list").env("KEYCTL_LOCK_TIMEOUT", "1h30").fails(
            2,
            "lock-timeout",
            "keyctl",
        ),
        case("the value was given twice", "mint bob --expires 1d --expires 2d").fails(
            2,
            "multiple times",
            "usage",
        ),
        case("and what is right is taken", "mint bob --scope m --expires 2099-01-31T12:00:00+02:00")
            .mints()
            .says("2099-01-31T10:00:00.000Z"),
        case("the longest", "mint carol --scope m --expires 73y").mints(),
        case("no grace", "rotate alice --grace 0").mints().says("works no more"),
        case("the longest grace", "rotate alice --grace 30d").mints().leaves(Effect::Change),
    ]);
    check(&sandbox, cases);
});

//! What was found, how bad it is, and what to do about it.

use crate::domain::texts::text::counted;
use crate::ops::error::Error;
use crate::store::{self, Few};

/// What is looked at, in the order in which it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Check {
    Store,
    Permissions,
    Folder,
    Schema,
    Moved,
    Audit,
    Copies,
    MasterKey,
    Clock,
    Standby,
    Pooler,
    Wal,
    Disk,
    Path,
    Leftovers,
    Policy,
    Expiring,
    Pending,
    WeakKeys,
    NoExpiry,
    Unused,
    SigningKeys,
    Credentials,
    Leases,
}

impl Check {
    pub(crate) const ALL: [Self; 24] = [
        Self::Store,
        Self::Permissions,
        Self::Folder,
        Self::Schema,
        Self::Moved,
        Self::Audit,
        Self::Copies,
        Self::MasterKey,
        Self::Clock,
        Self::Standby,
        Self::Pooler,
        Self::Wal,
        Self::Disk,
        Self::Path,
        Self::Leftovers,
        Self::Policy,
        Self::Expiring,
        Self::Pending,
        Self::WeakKeys,
        Self::NoExpiry,
        Self::Unused,
        Self::SigningKeys,
        Self::Credentials,
        Self::Leases,
    ];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Store => "store",
            Self::Permissions => "permissions",
            Self::Folder => "folder",
            Self::Schema => "schema",
            Self::Moved => "moved",
            Self::Audit => "audit",
            Self::Copies => "copies",
            Self::MasterKey => "master_key",
            Self::Clock => "clock",
            Self::Standby => "standby",
            Self::Pooler => "pooler",
            Self::Wal => "wal",
            Self::Disk => "disk",
            Self::Path => "path",
            Self::Leftovers => "leftovers",
            Self::Policy => "policy",
            Self::Expiring => "expiring",
            Self::Pending => "pending",
            Self::WeakKeys => "weak_keys",
            Self::NoExpiry => "no_expiry",
            Self::Unused => "unused",
            Self::SigningKeys => "signing_keys",
            Self::Credentials => "credentials",
            Self::Leases => "leases",
        }
    }

    /// Whether a problem of this kind means that the store cannot be used as it should be.
    pub(crate) const fn is_of_store(self) -> bool {
        matches!(
            self,
            Self::Store
                | Self::Permissions
                | Self::Folder
                | Self::Schema
                | Self::Moved
                | Self::Audit
                | Self::Standby
        )
    }
}

/// How bad it is; the worst last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// It was looked at, and is as it should be.
    Ok,
    /// Good to know. Nobody has to do anything.
    Note,
    /// Somebody has to do something before it becomes a problem, or could not be told whether it is one.
    Warning,
    /// Something does not work, or is not safe, now.
    Problem,
}

impl Level {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Problem => "problem",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub check: Check,
    pub level: Level,
    /// Whether it could be looked at. What could not is neither well nor wrong.
    pub looked: bool,
    /// What is so.
    pub what: String,
    /// Why it matters.
    pub why: String,
    /// What to do, with the command to type.
    pub to_do: Option<String>,
    /// Whether `--fix` does it.
    pub fixable: bool,
    pub fixed: bool,
    /// Whom or what it is about, where that has names: the first of them.
    pub names: Vec<String>,
    /// How many there are.
    pub count: Option<u64>,
}

impl Finding {
    pub(crate) fn new(check: Check, level: Level, what: impl Into<String>) -> Self {
        let (what, why) = (what.into(), String::new());
        Self {
            check,
            level,
            looked: true,
            what,
            why,
            to_do: None,
            fixable: false,
            fixed: false,
            names: Vec::new(),
            count: None,
        }
    }

    /// A check that found nothing.
    pub(crate) fn ok(check: Check) -> Self {
        Self::new(check, Level::Ok, "as it should be")
    }

    #[must_use]
    pub(crate) fn why(self, why: impl Into<String>) -> Self {
        Self { why: why.into(), ..self }
    }

    #[must_use]
    pub(crate) fn advise(self, to_do: impl Into<String>) -> Self {
        Self { to_do: Some(to_do.into()).filter(|to_do: &String| !to_do.is_empty()), ..self }
    }

    #[must_use]
    pub(crate) fn fixable(self, fixable: bool) -> Self {
        Self { fixable, ..self }
    }

    /// About so many, of which these are the first; `what` gets their number and names.
    #[must_use]
    pub(crate) fn about(self, few: Few) -> Self {
        let more = few.count.saturating_sub(few.names.len() as u64);
        let rest = if more > 0 { format!(" and {} more", grouped(more)) } else { String::new() };
        let what = format!("{}: {}{rest}", self.what, few.names.join(", "));
        Self { what, names: few.names, count: Some(few.count), ..self }
    }

    /// Whether somebody has to do something.
    pub(crate) fn needs_somebody(&self) -> bool {
        self.level >= Level::Warning && !self.fixed
    }
}

/// What is found of so many: nothing of none.
pub(super) fn of_few(
    few: Few,
    check: Check,
    level: Level,
    what: &str,
    then: impl FnOnce(Finding) -> Finding,
) -> Vec<Finding> {
    if few.count == 0 {
        return Vec::new();
    }
    let (thing, rest) = what.split_once(' ').unwrap_or((what, ""));
    let number = counted(few.count, thing);
    let number = match number.split_once(' ') {
        Some((_, thing)) => format!("{} {thing}", grouped(few.count)),
        None => number,
    };
    vec![then(Finding::new(check, level, format!("{number} {rest}")).about(few))]
}

/// A number with a comma between thousands.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// What the checks came to.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub findings: Vec<Finding>,
    looked: Vec<Check>,
}

impl Report {
    /// What a check found. One that could not look says so: nothing is passed over in silence.
    pub(crate) fn look(&mut self, check: Check, found: Result<Vec<Finding>, Error>) {
        self.looked.push(check);
        self.findings.extend(found.unwrap_or_else(|error| vec![unlooked(check, &error)]));
    }

    /// In the order in which they are told, the worst first; with what is as it should be where `all` is wanted.
    pub(crate) fn told(mut self, all: bool) -> Vec<Finding> {
        if all {
            for check in Check::ALL {
                let is_found = self.findings.iter().any(|finding| finding.check == check);
                if self.looked.contains(&check) && !is_found {
                    self.findings.push(Finding::ok(check));
                }
            }
        }
        self.findings.sort_by_key(|finding| (std::cmp::Reverse(finding.level), finding.check));
        self.findings
    }
}

/// What could not be read is not known to be well; what is damaged is known not to be.
fn unlooked(check: Check, error: &Error) -> Finding {
    let hint = error.hint().unwrap_or_default();
    match error {
        Error::Audit(_) | Error::Anchor(_) | Error::Store(store::Error::Corrupt { .. }) => {
            Finding::new(check, Level::Problem, error.to_string())
                .why("the store is not as keyctl wrote it: somebody or something else changed it")
        }
        _ => {
            let what = format!("could not be looked at: {error}");
            let found = Finding::new(check, Level::Warning, what);
            Finding { looked: false, ..found }.why("whether it is as it should be is not known")
        }
    }
    .advise(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_the_first_are_named_and_the_rest_is_counted() {
        let few = Few { count: 1_234_567, names: vec!["alice/a".to_owned(), "bob/b".to_owned()] };
        let found = of_few(few, Check::NoExpiry, Level::Note, "key without an end", |found| found);
        assert_eq!(found[0].what, "1,234,567 keys without an end: alice/a, bob/b and 1,234,565 more");
        assert_eq!(found[0].count, Some(1_234_567));
        let one = Few { count: 1, names: vec!["alice/a".to_owned()] };
        let found = of_few(one, Check::NoExpiry, Level::Note, "key without an end", |found| found);
        assert_eq!(found[0].what, "1 key without an end: alice/a");
        assert_eq!(of_few(Few::default(), Check::NoExpiry, Level::Note, "key", |found| found), []);
    }

    #[test]
    fn the_worst_is_told_first_and_what_was_not_looked_at_is_not_called_well() {
        let mut report = Report::default();
        report.look(Check::Unused, Ok(vec![Finding::new(Check::Unused, Level::Note, "unused")]));
        report.look(Check::Clock, Ok(vec![Finding::new(Check::Clock, Level::Problem, "clock")]));
        report.look(Check::Wal, Ok(Vec::new()));
        let busy = Error::Store(store::Error::Busy(std::time::Duration::ZERO));
        report.look(Check::Leases, Err(busy));
        let told: Vec<_> = report.told(true).iter().map(|finding| (finding.check, finding.level)).collect();
        assert_eq!(
            told,
            [
                (Check::Clock, Level::Problem),
                (Check::Leases, Level::Warning),
                (Check::Unused, Level::Note),
                (Check::Wal, Level::Ok)
            ]
        );
    }
}

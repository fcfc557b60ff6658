//! The columns of a row that is imported, and what each must be.

use super::more::{More, Previous};
use super::naming::Naming;
use crate::domain::imports::faults::Faults;
use crate::domain::imports::likeness;
use crate::domain::keys::label::Labels;
use crate::domain::keys::network::Networks;
use crate::domain::keys::scope::Scopes;
use crate::domain::keys::token::TokenHash;
use crate::domain::owners::owner::{KeyName, Owner};
use crate::domain::owners::role::{MOST_ROLES, RoleName};
use crate::domain::owners::subject::OwnerSubject;
use crate::domain::texts::leak;
use crate::domain::texts::near::nearest_word;
use crate::domain::time::Timestamp;

/// Every column, in the order in which help names them.
pub(super) const COLUMNS: [&str; 17] = [
    "hash",
    "owner",
    "name",
    "scopes",
    "roles",
    "not_before",
    "expires_at",
    "labels",
    "subject",
    "rate",
    "quota",
    "allow_ip",
    "suspended_at",
    "allow_jwt",
    "parent",
    "previous_hash",
    "previous_expires_at",
];

/// What an export says besides, for people: passed over.
pub(super) const PASSED_OVER: [&str; 5] = ["id", "state", "created_at", "last_used_at", "token_prefix"];

/// Those that every file has, each by one of its words.
pub(super) const REQUIRED: [&[&str]; 2] = [&["hash"], &["owner", "subject"]];

/// A value as it stands in the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Cell {
    /// Not there, `null`, or empty.
    #[default]
    Missing,
    Text(String),
    /// Texts, of JSON alone.
    List(Vec<String>),
    /// Names with their texts, of JSON alone.
    Map(Vec<(String, String)>),
    /// `true` or `false`, of JSON alone.
    Bool(bool),
    /// Anything else of JSON.
    Other,
}

impl Cell {
    /// Whether a text begins or ends with what cannot be seen there: copied along, or meant to
    /// deceive. Behind the commas and semicolons of a list, too.
    fn has_outer_blank(&self) -> bool {
        let outer = |text: &str| text.trim() != text;
        // So are nearly all, and then there is nothing to cut them into.
        if matches!(self, Self::Text(text) if text.bytes().all(|byte| byte.is_ascii_graphic())) {
            return false;
        }
        match self {
            Self::Text(text) if text.starts_with('{') => outer(text),
            Self::Text(text) => outer(text) || text.split(';').any(|pair| pair.split('=').any(outer)),
            Self::List(list) => list.iter().any(|text| outer(text)),
            Self::Map(pairs) => pairs.iter().any(|(name, value)| outer(name) || outer(value)),
            Self::Missing | Self::Bool(_) | Self::Other => false,
        }
    }
}

/// A row's cells in the order of [`COLUMNS`].
pub(super) type Cells = [Cell; COLUMNS.len()];

/// Where `name` stands among the columns.
pub(super) fn position(name: &str) -> Option<usize> {
    COLUMNS.iter().position(|column| *column == name)
}

/// The column that an unknown name may mean.
pub(super) fn meant(name: &str) -> Option<&'static str> {
    let name = name.trim().to_ascii_lowercase();
    let mut columns = COLUMNS;
    columns.sort_by_key(|column| column.len());
    nearest_word(&name, columns)
}

/// When an imported key ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// As new keys do where nobody says otherwise.
    Default,
    Never,
    /// Then, which may be past: such a key is kept and refused.
    At(Timestamp),
}

/// What the command was told to let in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LetIn {
    /// The scope `*`.
    pub all: bool,
    /// Owners that look like tokens.
    pub any_owner: bool,
    /// Keys that are there under another name: in the file it was made up.
    pub any_name: bool,
}

/// A row that may be imported: of the token there is only its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) line: u64,
    pub(super) hash: TokenHash,
    /// What the owner is called, as far as that is known.
    pub(super) owner: Owner,
    pub(super) naming: Naming,
    pub(super) subject: OwnerSubject,
    pub(super) name: Option<KeyName>,
    pub(super) scopes: Scopes,
    pub(super) roles: Vec<RoleName>,
    pub(super) not_before: Option<Timestamp>,
    pub(super) end: End,
    pub(super) labels: Labels,
    /// What few rows have.
    pub(super) more: Option<Box<More>>,
}

impl Row {
    /// Checks every cell; `None` if one was wrong, and `faults` say which.
    pub(super) fn parse(cells: Cells, line: u64, let_in: LetIn, faults: &mut Faults) -> Option<Self> {
        let before = faults.count();
        let mut row = Column { name: "", line, faults: &mut *faults };
        for (name, _) in COLUMNS.iter().zip(&cells).filter(|(_, cell)| cell.has_outer_blank()) {
            row.of(name).fault("a text in it begins or ends with a blank");
        }
        if faults.count() > before {
            return None;
        }
        let [hash, owner, name, scopes, roles, not_before, expires_at, labels, subject, more @ ..] = cells;
        let mut row = Column { name: "", line, faults: &mut *faults };
        let hash = row.of("hash").needed(hash).and_then(|text| row.of("hash").hash(&text));
        if !let_in.any_owner {
            row.of("owner").no_token(&owner);
            row.of("subject").no_token(&subject);
        }
        let whose = row.whose(owner, subject);
        let name = row.of("name").text(name).and_then(|text| row.of("name").named(&text));
        let scopes = row.of("scopes").list(scopes);
        let scopes = row.of("scopes").scopes(&scopes, let_in.all);
        let roles = row.of("roles").list(roles);
        let roles = row.of("roles").roles(&roles);
        let not_before =
            row.of("not_before").text(not_before).and_then(|text| row.of("not_before").time(&text));
        let end = row.of("expires_at").text(expires_at);
        let end = row.of("expires_at").end(end.as_deref());
        let labels = row.of("labels").labels(labels);
        let more = row.more(more);
        if let (Some(start), End::At(end)) = (not_before, end)
            && start >= end
        {
            row.of("expires_at").fault("it ends before it starts");
        }
        if faults.count() > before {
            return None;
        }
        let (owner, naming, subject) = whose?;
        let parsed = Self {
            line,
            hash: hash?,
            owner,
            naming,
            subject,
            name,
            scopes,
            roles,
            not_before,
            end,
            labels,
            more,
        };
        let texts = parsed.texts().chain([("subject", parsed.subject.as_str())]);
        let secret = { texts }.find(|(_, text)| leak::secret_in(text).is_some()).map(|(column, _)| column);
        if let Some(column) = secret {
            Column { name: column, line, faults }.fault("it contains a secret");
            return None;
        }
        Some(parsed)
    }

    /// What of it stays as text, with the names of the columns.
    pub(super) fn texts(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let labels = self.labels.iter().map(|(_, value)| ("labels", value));
        let name = self.name.iter().map(|name| ("name", name.as_str()));
        // A name that was derived is no word of the file.
        let owner = (self.naming == Naming::Given).then_some(("owner", self.owner.as_str()));
        labels.chain(name).chain(owner)
    }
}

/// A column of one row, and where its faults go.
struct Column<'c> {
    name: &'static str,
    line: u64,
    faults: &'c mut Faults,
}

impl Column<'_> {
    fn of(&mut self, name: &'static str) -> &mut Self {
        self.name = name;
        self
    }

    fn fault(&mut self, why: impl Into<String>) {
        self.faults.push(self.line, self.name, why);
    }

    fn text(&mut self, cell: Cell) -> Option<String> {
        match cell {
            Cell::Missing => None,
            Cell::Text(text) => Some(text),
            Cell::List(_) | Cell::Map(_) | Cell::Bool(_) | Cell::Other => {
                self.fault("must be a text");
                None
            }
        }
    }

    fn needed(&mut self, cell: Cell) -> Option<String> {
        if cell == Cell::Missing {
            self.fault("it is missing");
        }
        self.text(cell)
    }

    /// Owners are kept in clear, and the token itself is not there to be compared with.
    fn no_token(&mut self, cell: &Cell) {
        if matches!(cell, Cell::Text(text) if likeness::is_token_like(text)) {
            self.fault(
                "it looks like a token, and owners are kept in clear: --any-owner takes ids that look so",
            );
        }
    }

    /// The owner's name, where it has it from, and its subject. What cannot be a name is the subject;
    /// and where the file says the subject besides, a name is made of it all the same.
    fn whose(&mut self, owner: Cell, subject: Cell) -> Option<(Owner, Naming, OwnerSubject)> {
        let subject = self.of("subject").text(subject);
        let owner = match (owner, &subject) {
            (Cell::Missing, Some(subject)) => subject.clone(),
            (owner, _) => self.of("owner").needed(owner)?,
        };
        let named: Result<Owner, _> = owner.parse();
        let known_as = match &subject {
            Some(text) => self.of("subject").named::<OwnerSubject>(text)?,
            None => self.of("owner").named::<OwnerSubject>(&owner)?,
        };
        if let Ok(name) = named {
            return Some((name, Naming::Given, known_as));
        }
        let derived = super::naming::derive(&owner).or_else(|| super::naming::derive(known_as.as_str()));
        if derived.is_none() {
            self.of("owner").fault("no name can be made of it");
        }
        derived.map(|(name, naming)| (name, naming, known_as))
    }

    fn hash(&mut self, text: &str) -> Option<TokenHash> {
        let hash = TokenHash::parse(text);
        if hash.is_none() {
            self.fault("not a SHA-256 hash: 64 hex digits, or 43 characters of base64url");
        }
        hash
    }

    fn named<T: std::str::FromStr<Err: std::fmt::Display>>(&mut self, text: &str) -> Option<T> {
        text.parse().map_err(|error: T::Err| self.fault(error.to_string())).ok()
    }

    fn list(&mut self, cell: Cell) -> Vec<String> {
        match cell {
            Cell::Missing => Vec::new(),
            Cell::List(list) => list,
            Cell::Text(text) => {
                text.split([',', ' ']).filter(|part| !part.is_empty()).map(str::to_owned).collect()
            }
            Cell::Map(_) | Cell::Bool(_) | Cell::Other => {
                self.fault("must be a list of texts");
                Vec::new()
            }
        }
    }

    fn scopes(&mut self, list: &[String], allow_all: bool) -> Scopes {
        if list.is_empty() {
            return Scopes::default();
        }
        match Scopes::parse_lists(list.iter().map(String::as_str)) {
            Ok(scopes) if scopes.hold_everything() && !allow_all => {
                self.fault("the scope * allows everything, and --allow-all is not given");
                Scopes::default()
            }
            Ok(scopes) => scopes,
            Err(error) => {
                self.fault(error.to_string());
                Scopes::default()
            }
        }
    }

    fn roles(&mut self, list: &[String]) -> Vec<RoleName> {
        let mut roles: Vec<RoleName> = list.iter().filter_map(|text| self.named(text)).collect();
        roles.sort();
        roles.dedup();
        if roles.len() > MOST_ROLES {
            self.fault(format!("more than {MOST_ROLES} roles on one key"));
        }
        roles
    }

    /// What few rows have, in the order of its columns.
    fn more(&mut self, cells: [Cell; 8]) -> Option<Box<More>> {
        if cells.iter().all(|cell| *cell == Cell::Missing) {
            return None;
        }
        let [rate, quota, allow_ip, suspended_at, allow_jwt, parent, hash, until] = cells;
        let networks = self.of("allow_ip").list(allow_ip);
        let networks = if networks.is_empty() {
            Networks::default()
        } else {
            let parsed = Networks::parse_lists(networks.iter().map(String::as_str));
            parsed.map_err(|error| self.fault(error.to_string())).unwrap_or_default()
        };
        More {
            rate: self.of("rate").text(rate).and_then(|text| self.named(&text)),
            quota: self.of("quota").text(quota).and_then(|text| self.named(&text)),
            networks,
            suspended_at: self.of("suspended_at").text(suspended_at).and_then(|text| self.time(&text)),
            allow_jwt: self.of("allow_jwt").yes(allow_jwt),
            parent: self.of("parent").text(parent).and_then(|text| self.path(&text)),
            previous: self.previous(hash, until),
        }
        .boxed()
    }

    fn previous(&mut self, hash: Cell, until: Cell) -> Option<Previous> {
        if (hash == Cell::Missing) != (until == Cell::Missing) {
            self.of("previous_hash").fault("it and previous_expires_at go together");
        }
        let hash = self.of("previous_hash").text(hash).and_then(|text| self.hash(&text));
        let until = self.of("previous_expires_at").text(until).and_then(|text| self.time(&text));
        Some(Previous { hash: hash?, until: until? })
    }

    fn yes(&mut self, cell: Cell) -> bool {
        match cell {
            Cell::Missing => false,
            Cell::Bool(yes) => yes,
            Cell::Text(text) if text == "true" || text == "false" => text == "true",
            _ => {
                self.fault("must be true or false");
                false
            }
        }
    }

    fn path(&mut self, text: &str) -> Option<(Owner, KeyName)> {
        let path =
            text.split_once('/').and_then(|(owner, name)| Some((owner.parse().ok()?, name.parse().ok()?)));
        if path.is_none() {
            self.fault("a parent is written as owner/name");
        }
        path
    }

    fn time(&mut self, text: &str) -> Option<Timestamp> {
        Timestamp::parse(text).map_err(|error| self.fault(error.to_string())).ok()
    }

    fn end(&mut self, text: Option<&str>) -> End {
        match text {
            None => End::Default,
            Some("never") => End::Never,
            Some(text) => self.time(text).map_or(End::Default, End::At),
        }
    }

    fn labels(&mut self, cell: Cell) -> Labels {
        let pairs: Vec<String> = match cell {
            Cell::Missing => Vec::new(),
            Cell::Text(text) if text.starts_with('{') => {
                if let Ok(labels) = serde_json::from_str::<Labels>(&text) {
                    return labels;
                }
                self.fault("not a JSON object of texts");
                Vec::new()
            }
            Cell::Text(text) => text.split(';').filter(|pair| !pair.is_empty()).map(str::to_owned).collect(),
            Cell::Map(pairs) => pairs.iter().map(|(name, value)| format!("{name}={value}")).collect(),
            Cell::List(_) | Cell::Bool(_) | Cell::Other => {
                self.fault("must be names with texts");
                Vec::new()
            }
        };
        Labels::parse_all(pairs.iter().map(String::as_str))
            .map_err(|error| self.fault(error.to_string()))
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_column_is_recognized() {
        assert_eq!(meant("Owner"), Some("owner"));
        assert_eq!(meant("scope"), Some("scopes"));
        assert_eq!(meant("expires at"), Some("expires_at"));
        assert_eq!(meant("lables"), Some("labels"));
        assert_eq!(meant("password"), None);
    }
}

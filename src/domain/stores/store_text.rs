//! What the text that names a store says, and why it says nothing.
//!
//! The rules are the same in every language (`tests/vectors/README.md`). No error has a part of the
//! text in it: any of it may belong to a password.

use super::address::Address;
use crate::domain::texts::misplaced;

/// A file, or a database on a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreText {
    /// A path, as it is written.
    File {
        /// The path.
        path: String,
        /// Whether a symbolic link in its place is followed.
        follow_symlink: bool,
    },
    /// An address.
    Postgres(Address),
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing is there.
    Empty,
    /// A character that must be escaped, or may not be there at all.
    Character,
    /// A secret in the wrong place.
    Secret,
    /// Neither a path nor an address of a kind that is known.
    Form,
    /// A percent sign that escapes nothing.
    Percent,
    /// An `@`, `#` or `/` that belongs to something before it.
    Unescaped,
    /// No user before the `@`.
    User,
    /// No host, or none that can be one.
    Host,
    /// No port number.
    Port,
    /// A parameter that is not taken.
    Parameter,
    /// A parameter twice.
    Twice,
    /// A parameter with a value that is not taken.
    Value,
    /// A parameter that another part of the address forbids.
    Conflict,
    /// No TLS to another machine.
    Plain,
}

impl Fault {
    /// The word of the vectors.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Character => "character",
            Self::Secret => "secret",
            Self::Form => "form",
            Self::Percent => "percent",
            Self::Unescaped => "unescaped",
            Self::User => "user",
            Self::Host => "host",
            Self::Port => "port",
            Self::Parameter => "parameter",
            Self::Twice => "twice",
            Self::Value => "value",
            Self::Conflict => "conflict",
            Self::Plain => "plain",
        }
    }
}

/// Why a text names no store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message())]
pub struct StoreTextError {
    /// What is wrong.
    pub fault: Fault,
    /// With which parameter; `None` where it is none that is known elsewhere either, since such a
    /// name may be a part of a password.
    pub parameter: Option<&'static str>,
}

impl StoreTextError {
    pub(in crate::domain) fn new(fault: Fault) -> Self {
        Self { fault, parameter: None }
    }

    pub(in crate::domain) fn of(fault: Fault, parameter: &'static str) -> Self {
        Self { fault, parameter: Some(parameter) }
    }

    fn message(self) -> String {
        let fixed = match (self.fault, self.parameter) {
            (_, Some(name)) => return self.about(name),
            (Fault::Empty, None) => "the name of the store is empty: KEYCTL_STORE, or what stands for it",
            (Fault::Character, None) => {
                "the name of the store has a blank, a control character or a letter beyond ASCII where none may stand"
            }
            (Fault::Secret, None) => {
                "what should name the store has the form of a token, a master key or a provider's key; it is not shown"
            }
            (Fault::Form, None) => "a store is a path, sqlite:PATH or postgres://USER@HOST:PORT/DATABASE",
            (Fault::Percent, None) => {
                "the PostgreSQL address has a percent sign without two hex digits of UTF-8 text behind it"
            }
            (Fault::Unescaped, None) => {
                "the PostgreSQL address has an @, # or / where none may stand: in a name or password write %40, %23, %2F"
            }
            (Fault::User, None) => "the PostgreSQL address has no user before its @",
            (Fault::Host, None) => "the PostgreSQL address names no host, or something that is no host",
            (Fault::Port, None) => "the PostgreSQL address has a port that is not a number from 1 to 65535",
            (Fault::Parameter, None) => "the address has a parameter that is not known",
            (Fault::Twice | Fault::Value | Fault::Conflict | Fault::Plain, None) => {
                "the PostgreSQL address has a wrong parameter"
            }
        };
        fixed.to_owned()
    }

    fn about(self, name: &'static str) -> String {
        match (self.fault, name) {
            (Fault::Twice, _) => format!("the address has the parameter {name} twice"),
            (Fault::Secret, _) => {
                format!("the parameter {name} has the form of a token or key, where a path or name is expected")
            }
            (Fault::Plain, _) => {
                "sslmode=disable is refused beyond this machine: passwords and keys would travel in the clear"
                    .to_owned()
            }
            (Fault::Conflict, "host" | "port") => {
                format!("the address names hosts before the path, so it has no {name} behind it")
            }
            (Fault::Conflict, _) => {
                format!("{name} needs TLS, and this address has none: add sslmode=require or more")
            }
            (Fault::Value, "sslmode") => {
                "sslmode is disable, require, verify-ca or verify-full; prefer and allow may fall back to plain text"
                    .to_owned()
            }
            (Fault::Value, "sslnegotiation") => "sslnegotiation is postgres or direct".to_owned(),
            (Fault::Value, "channel_binding") => "channel_binding is disable, prefer or require".to_owned(),
            (Fault::Value, "target_session_attrs") => {
                "target_session_attrs is any, primary or read-write: a standby may be behind, so none is read"
                    .to_owned()
            }
            (Fault::Value, "connect_timeout") => {
                "connect_timeout is a whole number of seconds, 1 to 999".to_owned()
            }
            (Fault::Value, "hostaddr") => "hostaddr is one IP address for each host".to_owned(),
            (Fault::Value, "port") => "port is one number, or one for each host".to_owned(),
            (Fault::Value, "symlink") => "behind a path there is only symlink=follow".to_owned(),
            (Fault::Value, _) => format!("the parameter {name} has no value"),
            _ if OF_SQLITE.contains(&name) => {
                format!("the parameter {name} is not known behind a path: there is only symlink=follow")
            }
            _ => format!("the parameter {name} is not supported"),
        }
    }

    /// What to do about it.
    pub fn hint(self) -> &'static str {
        match self.fault {
            Fault::Secret => {
                "take it out there, and replace it if others can read that; see --store in keyctl --help"
            }
            Fault::Host => {
                "write a socket %2Frun%2Fpostgresql or ?host=/run/postgresql, IPv6 as [::1]; see --store in keyctl --help"
            }
            Fault::Percent => "write %25 for a percent sign itself; see --store in keyctl --help",
            Fault::Character => {
                "write a blank %20, and other characters as their UTF-8 bytes, so; see --store in keyctl --help"
            }
            Fault::Unescaped => {
                "or leave the password out: PGPASSWORD and a password file need no escapes; see --store in keyctl --help"
            }
            Fault::Empty => "set KEYCTL_STORE or --store to a path or an address, or neither of them",
            _ => "see --store in keyctl --help",
        }
    }
}

/// Names in libpq's other form of an address, by which it is told.
const OTHER_FORM: [&str; 9] =
    ["host", "hostaddr", "user", "password", "dbname", "port", "service", "sslmode", "passfile"];

/// What SQLite itself takes behind a path.
const OF_SQLITE: [&str; 7] = ["cache", "immutable", "mode", "modeof", "nolock", "psow", "vfs"];

impl StoreText {
    /// Reads a path, `sqlite:PATH[?symlink=follow]` or `postgres://…`.
    pub fn parse(text: &str) -> Result<Self, StoreTextError> {
        let refuse = |fault| Err(StoreTextError::new(fault));
        if text.trim_matches([' ', '\t', '\r', '\n']).is_empty() {
            return refuse(Fault::Empty);
        }
        let rest = text.strip_prefix("postgres://").or_else(|| text.strip_prefix("postgresql://"));
        if let Some(rest) = rest {
            return Address::parse(rest).map(Self::Postgres);
        }
        let path = text.strip_prefix("sqlite:");
        if misplaced::is_secret(path.unwrap_or(text)) {
            return refuse(Fault::Secret);
        }
        if has_control(text) || text != text.trim_matches(' ') {
            return refuse(Fault::Character);
        }
        if is_other_form(text)
            || misplaced::is_broken_address(text)
            || (path.is_none() && lacks_its_scheme(text))
        {
            return refuse(Fault::Form);
        }
        path.map_or_else(|| Ok(Self::File { path: text.to_owned(), follow_symlink: false }), sqlite)
    }
}

pub(in crate::domain) fn has_control(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_control())
}

/// Other schemes, slips such as `postgres:/…`, and libpq's `host=… user=…`.
fn is_other_form(text: &str) -> bool {
    let scheme = text.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    let is_slip = matches!(scheme.as_deref(), Some("postgres" | "postgresql"));
    let mut pairs = text.split(' ').filter_map(|word| word.split_once('='));
    text.contains("://") || is_slip || pairs.any(|(name, _)| OTHER_FORM.contains(&name))
}

/// `user:password@host/database`, which as a path would be shown.
fn lacks_its_scheme(text: &str) -> bool {
    let is_path = ["/", "./", "../"].iter().any(|start| text.starts_with(start));
    let colon = text.find(':').filter(|colon| !text[..*colon].contains('/'));
    !is_path && colon.is_some_and(|colon| text[colon..].contains('@'))
}

fn sqlite(rest: &str) -> Result<StoreText, StoreTextError> {
    let (path, parameter) = rest.split_once('?').map_or((rest, None), |(path, query)| (path, Some(query)));
    if let Some(parameter) = parameter {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        if name != "symlink" {
            let parameter = OF_SQLITE.into_iter().find(|known| *known == name);
            return Err(StoreTextError { fault: Fault::Parameter, parameter });
        }
        if value != "follow" {
            return Err(StoreTextError::of(Fault::Value, "symlink"));
        }
    }
    if path.is_empty() {
        return Err(StoreTextError::new(Fault::Empty));
    }
    Ok(StoreText::File { path: path.to_owned(), follow_symlink: parameter.is_some() })
}

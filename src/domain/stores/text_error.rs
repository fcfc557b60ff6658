//! Why a text names no store. No error has a part of the text in it: any of it may belong to a password.

/// What SQLite itself takes behind a path.
pub(super) const OF_SQLITE: [&str; 7] = ["cache", "immutable", "mode", "modeof", "nolock", "psow", "vfs"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
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
    Port,
    /// A parameter that is not taken.
    Parameter,
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
    #[cfg(feature = "internals")]
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

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message())]
pub struct StoreTextError {
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

pub(in crate::domain) fn has_control(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_control())
}

//! `postgres://user@host:port/database?sslmode=…`, read before tokio-postgres sees it.
//!
//! `sslmode=verify-full`, `sslrootcert` and `passfile` are libpq's and unknown to it; the
//! rest it parses itself.

use std::fmt;
use std::net::IpAddr;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

/// How the server proves who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tls {
    /// Plain text: only on the same machine.
    Disable,
    /// Encrypted, to whoever answers.
    Require,
    /// Encrypted, with a certificate of a trusted authority.
    VerifyCa,
    /// The same, and the certificate names the host.
    VerifyFull,
}

/// Where a PostgreSQL store is. `Debug` and `Display` leave the password out.
#[derive(Clone, PartialEq)]
pub struct Dsn {
    /// All of it, to be shown.
    config: Config,
    /// One for each host, tried in this order.
    pub(super) targets: Vec<Config>,
    pub(super) tls: Tls,
    pub(super) root_certificates: Option<PathBuf>,
    /// Whether the text itself held a password.
    pub(crate) has_password: bool,
    /// The password file that the text names.
    passfile: Option<PathBuf>,
}

/// Where a password may come from that the address does not hold, in libpq's order.
#[derive(Clone, Default)]
pub struct Passwords {
    /// `PGPASSWORD`.
    pub password: Option<String>,
    /// `PGPASSFILE`, else `~/.pgpass`; a `passfile` in the address goes first.
    pub file: Option<PathBuf>,
}

/// Why a text is not a DSN.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DsnError {
    /// tokio-postgres cannot read it.
    #[error("not a PostgreSQL address as in postgres://user@host:5432/database: {0}")]
    Syntax(String),
    /// No host in it.
    #[error("the PostgreSQL address names no host")]
    NoHost,
    /// Unknown `sslmode`, or one that may fall back to plain text.
    #[error(
        "sslmode is disable, require, verify-ca or verify-full; prefer and allow may fall back to plain text"
    )]
    SslMode,
    /// `sslmode=disable` to another machine.
    #[error("sslmode=disable is refused beyond this machine: passwords and keys would travel in the clear")]
    PlainBeyondLoopback,
    /// A parameter of libpq's that is not supported here.
    #[error("the parameter {0} is not supported")]
    Unsupported(String),
}

const UNSUPPORTED: [&str; 5] = ["sslcert", "sslkey", "sslpassword", "sslcrl", "service"];

impl FromStr for Dsn {
    type Err = DsnError;

    fn from_str(text: &str) -> Result<Self, DsnError> {
        let (address, query) = text.split_once('?').unwrap_or((text, ""));
        let mut kept = Vec::new();
        let (mut mode, mut root_certificates, mut passfile) = (None, None, None);
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            match name {
                "sslmode" => mode = Some(parse_mode(value)?),
                "sslrootcert" => root_certificates = Some(PathBuf::from(decode(value)?)),
                "passfile" => passfile = Some(PathBuf::from(decode(value)?)),
                name if UNSUPPORTED.contains(&name) => return Err(DsnError::Unsupported(name.to_owned())),
                _ => kept.push(parameter),
            }
        }
        let parse = |address: &str| -> Result<Config, DsnError> {
            let text =
                if kept.is_empty() { address.to_owned() } else { format!("{address}?{}", kept.join("&")) };
            text.parse().map_err(|error| DsnError::Syntax(safe_syntax(&error)))
        };
        let config = parse(address)?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(DsnError::NoHost);
        }
        let mut targets =
            single_hosts(address).iter().map(|one| parse(one)).collect::<Result<Vec<_>, _>>()?;
        let local = is_local(&config);
        let tls = mode.unwrap_or(if local { Tls::Disable } else { Tls::VerifyFull });
        if tls == Tls::Disable && !local {
            return Err(DsnError::PlainBeyondLoopback);
        }
        for target in &mut targets {
            target.ssl_mode(if tls == Tls::Disable { SslMode::Disable } else { SslMode::Require });
        }
        let has_password = config.get_password().is_some();
        Ok(Self { config, targets, tls, root_certificates, has_password, passfile })
    }
}

/// tokio-postgres' message without the value that it may quote.
fn safe_syntax(error: &tokio_postgres::Error) -> String {
    use std::error::Error as _;
    match error.source() {
        Some(source) => source.to_string().split('`').next().unwrap_or_default().trim().to_owned(),
        None => "it cannot be parsed".to_owned(),
    }
}

fn parse_mode(value: &str) -> Result<Tls, DsnError> {
    match value {
        "disable" => Ok(Tls::Disable),
        "require" => Ok(Tls::Require),
        "verify-ca" => Ok(Tls::VerifyCa),
        "verify-full" => Ok(Tls::VerifyFull),
        _ => Err(DsnError::SslMode),
    }
}

/// Percent-decoding (RFC 3986 §2.1).
fn decode(value: &str) -> Result<String, DsnError> {
    let broken = || DsnError::Syntax("a percent sign without two hex digits".to_owned());
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let (digits, tail) = rest.split_at_checked(2).ok_or_else(broken)?;
        let digits = str::from_utf8(digits).map_err(|_| broken())?;
        bytes.push(u8::from_str_radix(digits, 16).map_err(|_| broken())?);
        rest = tail;
    }
    String::from_utf8(bytes).map_err(|_| broken())
}

fn is_local(config: &Config) -> bool {
    let named = config.get_hosts().iter().all(|host| match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
        }
    });
    named && config.get_hostaddrs().iter().all(IpAddr::is_loopback)
}

impl Dsn {
    /// Whether every host is this machine.
    pub(crate) fn is_local(&self) -> bool {
        is_local(&self.config)
    }

    /// Takes the password from where libpq takes it (PostgreSQL manual, 34.15 and 34.16),
    /// unless the address holds one.
    pub(crate) fn fill_password(&mut self, passwords: &Passwords) {
        if self.has_password {
            return;
        }
        let file = self.passfile.as_ref().or(passwords.file.as_ref());
        let lines =
            file.filter(|_| passwords.password.is_none()).map(|path| private_lines(path)).unwrap_or_default();
        for target in &mut self.targets {
            let of_line = |line: &String| password_for(line, &asked(target));
            if let Some(password) = passwords.password.clone().or_else(|| lines.iter().find_map(of_line)) {
                target.password(password);
            }
        }
    }
}

/// The address once for each host in it: `postgres://user@a:1,b:2/db` for a and for b.
fn single_hosts(address: &str) -> Vec<String> {
    let (scheme, rest) = address.split_once("://").unwrap_or(("postgres", address));
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let (user, hosts) = authority.split_at(authority.rfind('@').map_or(0, |at| at + 1));
    hosts.split(',').map(|host| format!("{scheme}://{user}{host}{path}")).collect()
}

fn host(config: &Config, index: usize) -> String {
    match config.get_hosts().get(index) {
        Some(Host::Tcp(name)) => name.clone(),
        Some(Host::Unix(path)) => path.display().to_string(),
        None => config.get_hostaddrs().get(index).map(ToString::to_string).unwrap_or_default(),
    }
}

fn port(config: &Config, index: usize) -> u16 {
    let ports = config.get_ports();
    ports.get(index).or_else(|| ports.first()).copied().unwrap_or(5432)
}

fn database(config: &Config) -> &str {
    config.get_dbname().or_else(|| config.get_user()).unwrap_or_default()
}

/// What the fields of a password file are compared with: a socket counts as localhost.
fn asked(target: &Config) -> [String; 4] {
    let named = host(target, 0);
    let host = if named.starts_with('/') { "localhost".to_owned() } else { named };
    let user = target.get_user().unwrap_or_default().to_owned();
    [host, port(target, 0).to_string(), database(target).to_owned(), user]
}

/// A password file that others may read is not used, as libpq does not.
fn private_lines(path: &Path) -> Vec<String> {
    let private =
        std::fs::metadata(path).is_ok_and(|found| found.is_file() && found.mode().trailing_zeros() >= 6);
    let text = if private { std::fs::read_to_string(path).unwrap_or_default() } else { String::new() };
    text.lines().map(str::to_owned).collect()
}

/// The password in a line `host:port:database:user:password`, if the line fits; `*` fits all,
/// a backslash takes the next character as it is.
fn password_for(line: &str, asked: &[String; 4]) -> Option<String> {
    let mut fields = vec![String::new()];
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => fields.last_mut()?.push(chars.next()?),
            ':' if fields.len() < 5 => fields.push(String::new()),
            other => fields.last_mut()?.push(other),
        }
    }
    let fits =
        fields.len() == 5 && fields.iter().zip(asked).all(|(field, value)| field == "*" || field == value);
    if fits { fields.pop() } else { None }
}

impl fmt::Display for Dsn {
    /// Without the password and the parameters.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.config.get_hosts().len().max(self.config.get_hostaddrs().len());
        let hosts: Vec<String> = (0..count)
            .map(|index| format!("{}:{}", host(&self.config, index), port(&self.config, index)))
            .collect();
        f.write_str("postgres://")?;
        if let Some(user) = self.config.get_user() {
            write!(f, "{user}@")?;
        }
        write!(f, "{}/{}", hosts.join(","), database(&self.config))
    }
}

impl fmt::Debug for Dsn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Dsn({self}, {:?})", self.tls)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tls(text: &str) -> Result<Tls, DsnError> {
        text.parse::<Dsn>().map(|dsn| dsn.tls)
    }

    #[test]
    fn tls_is_verified_beyond_this_machine_unless_said_otherwise() {
        assert_eq!(tls("postgres://u@localhost/db"), Ok(Tls::Disable));
        assert_eq!(tls("postgres://u@127.0.0.1:5433/db"), Ok(Tls::Disable));
        assert_eq!(tls("postgres://u@[::1]/db"), Ok(Tls::Disable));
        assert_eq!(tls("postgres://u@db.example.org/db"), Ok(Tls::VerifyFull));
        assert_eq!(tls("postgres://u@localhost,db.example.org/db"), Ok(Tls::VerifyFull));
        assert_eq!(tls("postgres://u@db.example.org/db?sslmode=require"), Ok(Tls::Require));
        assert_eq!(tls("postgres://u@localhost/db?hostaddr=192.0.2.1"), Ok(Tls::VerifyFull));
    }

    #[test]
    fn what_may_fall_back_to_plain_text_is_refused() {
        assert_eq!(tls("postgres://u@db.example.org/db?sslmode=disable"), Err(DsnError::PlainBeyondLoopback));
        assert_eq!(tls("postgres://u@localhost/db?sslmode=prefer"), Err(DsnError::SslMode));
        assert_eq!(
            tls("postgres://u@localhost/db?sslcert=a"),
            Err(DsnError::Unsupported("sslcert".to_owned()))
        );
        assert_eq!(tls("postgres:///db"), Err(DsnError::NoHost));
    }

    #[test]
    fn a_password_is_never_shown() {
        let dsn: Dsn = "postgres://u:s3cr3t@h1:5433,h2:5434/db?sslmode=verify-full&sslrootcert=%2Fetc%2Fca.pem&connect_timeout=1"
            .parse()
            .expect("a DSN");
        assert_eq!(dsn.to_string(), "postgres://u@h1:5433,h2:5434/db");
        assert!(!format!("{dsn:?}").contains("s3cr3t"));
        assert_eq!(dsn.root_certificates, Some(PathBuf::from("/etc/ca.pem")));
        let broken = "postgres://u:s3cr3t@h1:notaport/db".parse::<Dsn>().expect_err("no port");
        assert!(!broken.to_string().contains("s3cr3t"), "{broken}");
    }

    #[test]
    fn each_host_is_tried_by_itself() {
        let all = single_hosts("postgres://u:p@a:1,[::1]:2,c/db");
        assert_eq!(all, ["postgres://u:p@a:1/db", "postgres://u:p@[::1]:2/db", "postgres://u:p@c/db"]);
        assert_eq!(single_hosts("postgresql://a"), ["postgresql://a"]);
    }

    #[test]
    fn lines_of_a_password_file_fit_by_field() {
        let asked = &["db.example.org", "5432", "keys", "alice"].map(str::to_owned);
        assert_eq!(password_for("*:*:*:alice:s3cr3t", asked), Some("s3cr3t".to_owned()));
        assert_eq!(
            password_for(r"db.example.org:5432:keys:alice:a\:b\\c:d", asked),
            Some(r"a:b\c:d".to_owned())
        );
        assert_eq!(password_for("*:*:*:bob:s3cr3t", asked), None);
        assert_eq!(password_for("# a comment", asked), None);
    }
}

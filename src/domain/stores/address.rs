//! The address of a PostgreSQL database, `postgres://user:password@host:port/database?name=value`:
//! one strict parser, and one printer whose text parses to the same thing.
//!
//! Looser parsers take what follows an unescaped `@` for a host, and so ask the name server for half
//! a password.

use std::fmt::{self, Write as _};
use std::net::{IpAddr, Ipv6Addr};

use zeroize::Zeroizing;

use super::text_error::{Fault, StoreTextError, has_control};
use crate::domain::texts::misplaced;

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

impl Tls {
    #[cfg(feature = "internals")]
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Disable => "disable",
            Self::Require => "require",
            Self::VerifyCa => "verify-ca",
            Self::VerifyFull => "verify-full",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Host {
    /// A name, an IP address, or from `/` on the folder of a socket.
    pub name: String,
    pub port: u16,
}

impl Host {
    pub(crate) fn is_socket(&self) -> bool {
        self.name.starts_with('/')
    }
}

impl fmt::Display for Host {
    /// As in an address: a socket escaped, IPv6 in brackets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.name.parse::<Ipv6Addr>().is_ok() {
            return write!(f, "[{}]:{}", self.name, self.port);
        }
        write!(f, "{}:{}", Escaped(&self.name, ""), self.port)
    }
}

/// An address, read. `Debug` and `Display` leave the password out.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Address {
    user: Option<String>,
    password: Option<Zeroizing<String>>,
    hosts: Vec<Host>,
    database: Option<String>,
    tls: Tls,
    /// In the order given, without those that became hosts.
    parameters: Vec<(&'static str, String)>,
}

const PORT: u16 = 5432;

/// The parameters that are taken, each with its values where not any will do.
const TAKEN: [(&str, &[&str]); 11] = [
    ("sslmode", &["disable", "require", "verify-ca", "verify-full"]),
    ("sslrootcert", &[]),
    ("passfile", &[]),
    ("sslnegotiation", &["postgres", "direct"]),
    ("channel_binding", &["disable", "prefer", "require"]),
    ("connect_timeout", &[]),
    ("application_name", &[]),
    ("target_session_attrs", &["any", "primary", "read-write"]),
    ("hostaddr", &[]),
    ("host", &[]),
    ("port", &[]),
];

/// What libpq 18 knows besides: an error may name these, but nothing that may be a part of a
/// password.
const OF_LIBPQ: [&str; 41] = [
    "service",
    "servicefile",
    "user",
    "password",
    "require_auth",
    "dbname",
    "client_encoding",
    "options",
    "fallback_application_name",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_count",
    "tcp_user_timeout",
    "replication",
    "gssencmode",
    "requiressl",
    "sslcompression",
    "sslcert",
    "sslkey",
    "sslkeylogfile",
    "sslpassword",
    "sslcertmode",
    "sslcrl",
    "sslcrldir",
    "sslsni",
    "requirepeer",
    "ssl_min_protocol_version",
    "ssl_max_protocol_version",
    "min_protocol_version",
    "max_protocol_version",
    "krbsrvname",
    "gsslib",
    "gssdelegation",
    "scram_client_key",
    "scram_server_key",
    "load_balance_hosts",
    "oauth_issuer",
    "oauth_client_id",
    "oauth_client_secret",
    "oauth_scope",
];

type Parsed<T> = Result<T, StoreTextError>;

fn refuse<T>(fault: Fault) -> Parsed<T> {
    Err(StoreTextError::new(fault))
}

impl Address {
    /// Reads what stands behind `postgres://`.
    pub(in crate::domain) fn parse(rest: &str) -> Parsed<Self> {
        if !rest.bytes().all(|byte| byte.is_ascii_graphic()) {
            return refuse(Fault::Character);
        }
        let Parts { user, password, hosts, database, query } = Parts::of(rest)?;
        let has_credentials = user.is_some();
        let user = plain(user.unwrap_or_default())?;
        let password = Zeroizing::new(plain(password)?);
        let database = plain(database)?;
        if has_credentials && user.is_empty() {
            return refuse(Fault::User);
        }
        if misplaced::is_secret(&user) || misplaced::is_secret(&database) {
            return refuse(Fault::Secret);
        }
        let listed = if hosts.is_empty() { Vec::new() } else { before(hosts)? };
        let mut parameters = query.map_or(Ok(Vec::new()), given)?;
        let hosts = all_hosts(listed, &mut parameters)?;
        let tls = tls(&hosts, &parameters)?;
        let named = |text: String| Some(text).filter(|text| !text.is_empty());
        let password = Some(password).filter(|password| !password.is_empty());
        Ok(Self { user: named(user), password, hosts, database: named(database), tls, parameters })
    }

    pub(crate) fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    pub(crate) fn password(&self) -> Option<&str> {
        self.password.as_ref().map(|password| password.as_str())
    }

    /// The servers, in the order in which they are tried; at least one.
    pub(crate) fn hosts(&self) -> &[Host] {
        &self.hosts
    }

    pub(crate) fn database(&self) -> Option<&str> {
        self.database.as_deref()
    }

    /// What is done about TLS, but for sockets.
    pub(crate) fn tls(&self) -> Tls {
        self.tls
    }

    /// The parameters given, without those that became hosts.
    #[cfg(feature = "internals")]
    pub(crate) fn parameters(&self) -> &[(&'static str, String)] {
        &self.parameters
    }

    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        value_of(&self.parameters, name)
    }

    /// The IP address to connect to in the place of this host's name.
    pub(crate) fn address_of(&self, index: usize) -> Option<IpAddr> {
        self.parameter("hostaddr")?.split(',').nth(index)?.parse().ok()
    }

    /// Whether every host is this machine.
    pub(crate) fn is_local(&self) -> bool {
        is_local(&self.hosts, &self.parameters)
    }
}

/// The address in pieces, not decoded.
struct Parts<'t> {
    /// `None` without an `@`.
    user: Option<&'t str>,
    password: &'t str,
    hosts: &'t str,
    database: &'t str,
    query: Option<&'t str>,
}

impl<'t> Parts<'t> {
    fn of(rest: &'t str) -> Parsed<Self> {
        let (beginning, query) = split(rest, '?');
        let (authority, database) = split(beginning, '/');
        let (credentials, hosts) = match authority.split_once('@') {
            Some((credentials, hosts)) => (Some(credentials), hosts),
            None => (None, authority),
        };
        let database = database.unwrap_or_default();
        let is_out_of_place = rest.contains('#')
            || database.contains(['/', '@'])
            || query.is_some_and(|query| query.contains('@'));
        if is_out_of_place || hosts.contains('@') {
            return refuse(Fault::Unescaped);
        }
        let (user, password) = credentials.map_or((None, None), |both| {
            let (user, password) = split(both, ':');
            (Some(user), password)
        });
        Ok(Self { user, password: password.unwrap_or_default(), hosts, database, query })
    }
}

fn split(text: &str, at: char) -> (&str, Option<&str>) {
    text.split_once(at).map_or((text, None), |(before, behind)| (before, Some(behind)))
}

/// Percent-decodes (RFC 3986 §2.1); a plus sign is one.
fn plain(text: &str) -> Parsed<String> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let Some((&[high, low], tail)) = rest.split_first_chunk() else { return refuse(Fault::Percent) };
        let (Some(high), Some(low)) = (char::from(high).to_digit(16), char::from(low).to_digit(16)) else {
            return refuse(Fault::Percent);
        };
        bytes.extend(u8::try_from(high * 16 + low));
        rest = tail;
    }
    match str::from_utf8(&bytes) {
        Err(_) => refuse(Fault::Percent),
        Ok(text) if has_control(text) => refuse(Fault::Character),
        Ok(text) => Ok(text.to_owned()),
    }
}

fn port(text: &str) -> Parsed<u16> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    match text.parse() {
        Ok(port) if is_number => Ok(port),
        _ => refuse(Fault::Port),
    }
}

/// A name of the domain name system, where `_` is used, too; or an IPv4 address.
fn is_name(text: &str) -> bool {
    let is_label = |label: &str| {
        let known = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
        (1..=63).contains(&label.len())
            && label.bytes().all(known)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 253 && text.strip_suffix('.').unwrap_or(text).split('.').all(is_label)
}

fn host(name: String) -> Parsed<String> {
    if is_name(&name) || (name.starts_with('/') && !name.contains(',')) {
        Ok(name)
    } else {
        refuse(Fault::Host)
    }
}

/// `host:port,…` as it stands before the path.
fn before(listed: &str) -> Parsed<Vec<Host>> {
    let one = |text: &str| -> Parsed<Host> {
        let (name, digits) = if let Some(rest) = text.strip_prefix('[') {
            let Some((name, behind)) = rest.split_once(']') else { return refuse(Fault::Host) };
            if name.parse::<Ipv6Addr>().is_err() || !(behind.is_empty() || behind.starts_with(':')) {
                return refuse(Fault::Host);
            }
            (name.to_owned(), behind.strip_prefix(':'))
        } else {
            let (name, digits) = split(text, ':');
            if text.contains(['[', ']']) {
                return refuse(Fault::Host);
            }
            (host(plain(name)?)?, digits)
        };
        Ok(Host { name, port: digits.map_or(Ok(PORT), port)? })
    };
    listed.split(',').map(one).collect()
}

/// `name=value&…`
fn given(query: &str) -> Parsed<Vec<(&'static str, String)>> {
    let mut found: Vec<(&'static str, String)> = Vec::new();
    for pair in query.split('&') {
        let (name, value) = split(pair, '=');
        let Some((name, values)) = TAKEN.into_iter().find(|(taken, _)| *taken == name) else {
            let parameter = OF_LIBPQ.into_iter().find(|known| *known == name);
            return Err(StoreTextError { fault: Fault::Parameter, parameter });
        };
        if found.iter().any(|(other, _)| *other == name) {
            return Err(StoreTextError::of(Fault::Twice, name));
        }
        let value = plain(value.unwrap_or_default())?;
        let fits = match name {
            "connect_timeout" => seconds(&value).is_some(),
            "hostaddr" => value.split(',').all(|one| one.parse::<IpAddr>().is_ok()),
            _ => values.is_empty() || values.contains(&value.as_str()),
        };
        if value.is_empty() || !fits {
            return Err(StoreTextError::of(Fault::Value, name));
        }
        if misplaced::is_secret(&value) {
            return Err(StoreTextError::of(Fault::Secret, name));
        }
        found.push((name, value));
    }
    Ok(found)
}

/// A wait of 1 to 999 seconds.
pub(crate) fn seconds(text: &str) -> Option<u16> {
    let is_number = (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number && !text.starts_with('0'))
}

fn value_of<'p>(parameters: &'p [(&'static str, String)], name: &str) -> Option<&'p str> {
    parameters.iter().find(|(given, _)| *given == name).map(|(_, value)| value.as_str())
}

/// The hosts before the path, else those behind it, whose parameters are taken away.
fn all_hosts(listed: Vec<Host>, parameters: &mut Vec<(&'static str, String)>) -> Parsed<Vec<Host>> {
    if let Some((name, _)) =
        parameters.iter().find(|(name, _)| !listed.is_empty() && ["host", "port"].contains(name))
    {
        return Err(StoreTextError::of(Fault::Conflict, name));
    }
    let hosts = if listed.is_empty() { behind(parameters)? } else { listed };
    let addresses = value_of(parameters, "hostaddr").map(|addresses| addresses.split(',').count());
    if addresses.is_some_and(|count| count != hosts.len()) {
        return Err(StoreTextError::of(Fault::Value, "hostaddr"));
    }
    Ok(hosts)
}

fn behind(parameters: &mut Vec<(&'static str, String)>) -> Parsed<Vec<Host>> {
    let mut take = |name: &str| {
        let at = parameters.iter().position(|(given, _)| *given == name)?;
        Some(parameters.remove(at).1)
    };
    let Some(listed) = take("host").or_else(|| take("hostaddr")) else { return refuse(Fault::Host) };
    let is_v6 = |name: &str| name.parse::<Ipv6Addr>().is_ok();
    let name = |name: &str| if is_v6(name) { Ok(name.to_owned()) } else { host(name.to_owned()) };
    let names = listed.split(',').map(name).collect::<Parsed<Vec<_>>>()?;
    let ports = take("port").unwrap_or_else(|| PORT.to_string());
    let ports = ports.split(',').map(port).collect::<Parsed<Vec<_>>>()?;
    if ports.len() != 1 && ports.len() != names.len() {
        return Err(StoreTextError::of(Fault::Value, "port"));
    }
    Ok(names.into_iter().zip(ports.into_iter().cycle()).map(|(name, port)| Host { name, port }).collect())
}

fn is_local(hosts: &[Host], parameters: &[(&'static str, String)]) -> bool {
    let is_loopback = |text: &str| text.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    let addresses = value_of(parameters, "hostaddr").map_or(Vec::new(), |all| all.split(',').collect());
    addresses.into_iter().all(is_loopback)
        && hosts.iter().all(|host| host.is_socket() || host.name == "localhost" || is_loopback(&host.name))
}

fn tls(hosts: &[Host], parameters: &[(&'static str, String)]) -> Parsed<Tls> {
    let local = is_local(hosts, parameters);
    let mode = match value_of(parameters, "sslmode") {
        Some("disable") if !local => return Err(StoreTextError::of(Fault::Plain, "sslmode")),
        Some("disable") => Tls::Disable,
        None if local => Tls::Disable,
        // libpq takes an authority that is named for a wish to have it checked.
        Some("require") if value_of(parameters, "sslrootcert").is_none() => Tls::Require,
        Some("require" | "verify-ca") => Tls::VerifyCa,
        _ => Tls::VerifyFull,
    };
    let needing = [("sslnegotiation", "direct"), ("channel_binding", "require")];
    match needing.into_iter().find(|(name, value)| value_of(parameters, name) == Some(value)) {
        Some((name, _)) if mode == Tls::Disable => Err(StoreTextError::of(Fault::Conflict, name)),
        _ => Ok(mode),
    }
}

/// A text in which everything is escaped but letters, digits, `-._~` and what is kept besides.
struct Escaped<'t>(&'t str, &'t str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.0.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || self.1.as_bytes().contains(&byte) {
                f.write_char(char::from(byte))?;
            } else {
                write!(f, "%{byte:02X}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Address {
    /// Parses to the same thing, but for the password, which is left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("postgres://")?;
        if let Some(user) = &self.user {
            write!(f, "{}@", Escaped(user, ""))?;
        }
        for (index, host) in self.hosts.iter().enumerate() {
            write!(f, "{}{host}", if index == 0 { "" } else { "," })?;
        }
        if let Some(database) = &self.database {
            write!(f, "/{}", Escaped(database, ""))?;
        }
        for (index, (name, value)) in self.parameters.iter().enumerate() {
            write!(f, "{}{name}={}", if index == 0 { "?" } else { "&" }, Escaped(value, "/:,"))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

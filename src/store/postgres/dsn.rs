//! A PostgreSQL address made ready for the driver, which never sees its text: one configuration for
//! each host, with the password from where libpq takes it.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fmt, io};

use nix::unistd::geteuid;
use tokio_postgres::Config;
use tokio_postgres::config::{ChannelBinding, SslMode, SslNegotiation};

use crate::domain::stores::address::{Address, Host, Tls, seconds};
use crate::store::names;

/// Where a PostgreSQL store is. `Debug` and `Display` leave the password out.
#[derive(Clone)]
pub struct Dsn {
    address: Address,
    passwords: Passwords,
}

/// Where a password may come from that the address does not hold, in libpq's order.
#[derive(Clone, Default)]
pub struct Passwords {
    /// `PGPASSWORD`.
    pub password: Option<String>,
    /// `PGPASSFILE`, else `~/.pgpass`; a `passfile` in the address goes first.
    pub file: Option<PathBuf>,
}

/// A server of the address, ready to be connected to.
pub(super) struct Target {
    /// As in the address.
    pub(super) name: String,
    pub(super) config: Config,
    pub(super) tls: Tls,
}

/// A password file that was not read, and why.
pub(super) struct PassedOver {
    pub(super) what: String,
    pub(super) hint: String,
}

/// The address names no user, and the system has no name for this process's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NoUser;

impl Dsn {
    /// The address without a password from elsewhere.
    pub(crate) fn new(address: Address) -> Self {
        Self { address, passwords: Passwords::default() }
    }

    /// Takes the password from where libpq takes it (PostgreSQL manual, 34.15 and 34.16),
    /// unless the address holds one.
    pub(crate) fn fill_password(&mut self, passwords: &Passwords) {
        self.passwords = passwords.clone();
    }

    /// Whether the text itself held a password.
    pub(crate) fn has_password(&self) -> bool {
        self.address.password().is_some()
    }

    /// Whether every host is this machine.
    pub(crate) fn is_local(&self) -> bool {
        self.address.is_local()
    }

    /// The authorities' file, where it is not the system's own that are trusted.
    pub(super) fn root_certificates(&self) -> Option<&Path> {
        self.address.parameter("sslrootcert").filter(|path| *path != "system").map(Path::new)
    }

    /// Whether TLS begins with the first byte.
    pub(super) fn is_direct(&self) -> bool {
        self.address.parameter("sslnegotiation") == Some("direct")
    }

    /// How long one host is waited for, where the address says it.
    pub(super) fn patience(&self) -> Option<Duration> {
        self.address.parameter("connect_timeout").and_then(seconds).map(|s| Duration::from_secs(s.into()))
    }

    /// One for each host, in the order in which they are tried.
    pub(super) fn targets(&self) -> Result<Vec<Target>, NoUser> {
        let system = || names::user(geteuid());
        let user = self.address.user().map(str::to_owned).or_else(system).ok_or(NoUser)?;
        let database = self.address.database().unwrap_or(&user);
        let lines = self.password_file().and_then(|path| private_lines(path).ok()).unwrap_or_default();
        let target = |(index, host): (usize, &Host)| {
            let tls = if host.is_socket() { Tls::Disable } else { self.address.tls() };
            let mut config = self.config(host, tls, index);
            config.user(&user).dbname(database);
            let from_file =
                || lines.iter().find_map(|line| password_for(line, &asked(host, database, &user)));
            let given = self.address.password().or(self.passwords.password.as_deref()).map(str::to_owned);
            if let Some(password) = given.or_else(from_file) {
                config.password(password);
            }
            Target { name: host.to_string(), config, tls }
        };
        Ok(self.address.hosts().iter().enumerate().map(target).collect())
    }

    fn config(&self, host: &Host, tls: Tls, index: usize) -> Config {
        let mut config = Config::new();
        config.host(&host.name).port(host.port);
        if let Some(address) = self.address.address_of(index) {
            config.hostaddr(address);
        }
        config.application_name(self.address.parameter("application_name").unwrap_or("keyctl"));
        config.ssl_mode(if tls == Tls::Disable { SslMode::Disable } else { SslMode::Require });
        if self.is_direct() {
            config.ssl_negotiation(SslNegotiation::Direct);
        }
        config.channel_binding(match self.address.parameter("channel_binding") {
            Some("disable") => ChannelBinding::Disable,
            Some("require") => ChannelBinding::Require,
            _ => ChannelBinding::Prefer,
        });
        config
    }

    /// The file that a password is looked for in; `None` where it is had already.
    fn password_file(&self) -> Option<&Path> {
        let named = self.address.parameter("passfile").map(Path::new);
        let is_had = self.has_password() || self.passwords.password.is_some();
        named.or(self.passwords.file.as_deref()).filter(|_| !is_had)
    }

    /// The password file that was not used. One that is not there is no matter, unless the address
    /// names it.
    pub(super) fn passed_over(&self) -> Option<PassedOver> {
        let path = self.password_file()?;
        let shown = path.display();
        let named = "name the right file with passfile in the address or PGPASSFILE".to_owned();
        let (why, hint) = match private_lines(path).err()? {
            Unread::Mode(mode) => {
                (format!("others can read it (mode {mode:04o})"), format!("run: chmod 600 {shown}"))
            }
            Unread::Kind if !path.exists() => {
                self.address.parameter("passfile")?;
                ("it does not exist".to_owned(), named)
            }
            Unread::Kind => ("it is not a plain file".to_owned(), named),
            Unread::Io(error) if error.kind() == io::ErrorKind::NotFound => {
                self.address.parameter("passfile")?;
                ("it does not exist".to_owned(), named)
            }
            Unread::Io(error) => (format!("it cannot be read: {error}"), named),
        };
        Some(PassedOver { what: format!("the password file {shown} was passed over: {why}"), hint })
    }
}

/// What the fields of a password file are compared with: a socket counts as localhost.
fn asked(host: &Host, database: &str, user: &str) -> [String; 4] {
    let name = if host.is_socket() { "localhost" } else { &host.name };
    [name.to_owned(), host.port.to_string(), database.to_owned(), user.to_owned()]
}

/// Why a password file is not read.
enum Unread {
    /// Others may read it: libpq does not use it either.
    Mode(u32),
    Kind,
    Io(io::Error),
}

fn private_lines(path: &Path) -> Result<Vec<String>, Unread> {
    let found = std::fs::metadata(path).map_err(Unread::Io)?;
    if !found.is_file() {
        return Err(Unread::Kind);
    }
    if found.mode() & 0o077 != 0 {
        return Err(Unread::Mode(found.mode() & 0o7777));
    }
    let text = std::fs::read_to_string(path).map_err(Unread::Io)?;
    Ok(text.lines().map(str::to_owned).collect())
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
    /// As it would be written, without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.address.fmt(f)
    }
}

impl fmt::Debug for Dsn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Dsn({self})")
    }
}

impl PartialEq for Dsn {
    fn eq(&self, other: &Self) -> bool {
        self.address == other.address
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::stores::store_text::StoreText;

    fn dsn(text: &str) -> Dsn {
        match StoreText::parse(text) {
            Ok(StoreText::Postgres(address)) => Dsn::new(address),
            other => panic!("{text}: {other:?}"),
        }
    }

    fn targets(text: &str) -> Vec<Target> {
        dsn(text).targets().expect("a user")
    }

    #[test]
    fn each_host_has_a_configuration_of_its_own() {
        let all = targets(
            "postgres://u:p%40@a:1,[::1]:2,%2Frun/db?sslmode=require&hostaddr=192.0.2.1,::1,127.0.0.1",
        );
        let names: Vec<&str> = all.iter().map(|target| target.name.as_str()).collect();
        assert_eq!(names, ["a:1", "[::1]:2", "%2Frun:5432"]);
        let tls: Vec<Tls> = all.iter().map(|target| target.tls).collect();
        assert_eq!(tls, [Tls::Require, Tls::Require, Tls::Disable], "a socket has none");
        for target in &all {
            assert_eq!((target.config.get_hosts().len(), target.config.get_ports().len()), (1, 1));
            assert_eq!(target.config.get_hostaddrs().len(), 1);
            assert_eq!(target.config.get_password(), Some("p@".as_bytes()));
        }
    }

    #[test]
    fn what_the_driver_honours_is_handed_to_it() {
        let config =
            |query: &str| targets(&format!("postgres://u@db.example.org/k?{query}")).remove(0).config;
        assert_eq!(config("channel_binding=require").get_channel_binding(), ChannelBinding::Require);
        assert_eq!(config("channel_binding=disable").get_channel_binding(), ChannelBinding::Disable);
        assert_eq!(config("sslnegotiation=direct").get_ssl_negotiation(), SslNegotiation::Direct);
        assert_eq!(config("application_name=x").get_application_name(), Some("x"));
        assert_eq!(config("sslmode=require").get_application_name(), Some("keyctl"));
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

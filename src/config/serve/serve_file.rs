//! What the file of `keyctl serve` says, checked from its first line to its last.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use super::document::{Document, Found, Key, Value};
use super::listener::Listener;
use crate::config::choice::LockTimeout;
use crate::config::config_file::Named;
use crate::config::error::ConfigError;
use crate::config::source::Source;
use crate::domain::keys::label::check_label_name;
use crate::domain::keys::network::Networks;
use crate::domain::keys::scope::Scope;
use crate::domain::policies::policy::Policies;
use crate::domain::policies::resource::WELL_KNOWN;
use crate::domain::stores::store_text::StoreText;
use crate::domain::texts::credentials::has_credentials;

/// The file; `None` where it is silent.
#[derive(Default)]
pub(crate) struct ServeFile {
    /// Where it is, as it was named.
    pub path: PathBuf,
    pub listen: Option<Found<Vec<Listener>>>,
    pub insecure_listen: Option<Found<bool>>,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Option<Found<Networks>>,
    /// Whether all of `/auth` only counts what it would deny.
    pub observe: Option<Found<bool>>,
    pub workers: Option<Found<u64>>,
    pub resolve: Option<Found<bool>>,
    pub read_only: Option<Found<bool>>,
    /// Where holders of tokens may revoke.
    pub changes_store: Option<Found<String>>,
    pub lease_store: Option<Found<String>>,
    /// Where the key that signs tokens is.
    pub issue_store: Option<Found<String>>,
    pub tls: Option<Found<Tls>>,
    pub limits: LimitsTable,
    pub log_format: Option<Found<LogFormat>>,
    pub log_level: Option<Found<LogLevel>>,
    pub resource: Option<Found<Resource>>,
    pub labels: LabelNames,
    pub policies: Policies,
}

/// The files of a certificate and its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tls {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

/// `[limits]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LimitsTable {
    pub header_bytes: Option<Found<u64>>,
    pub body_bytes: Option<Found<u64>>,
    pub connections: Option<Found<u64>>,
    pub header_timeout: Option<Found<Duration>>,
    pub idle_timeout: Option<Found<Duration>>,
    pub request_timeout: Option<Found<Duration>>,
    /// Distinct tokens of one address that are refused in a minute.
    pub failed_attempts: Option<Found<u64>>,
    /// Requests of one quota that are let in and not written yet, at most.
    pub quota_batch: Option<Found<u64>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum LogFormat {
    #[default]
    Text,
    Json,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum LogLevel {
    Error,
    Warn,
    #[default]
    Info,
    Debug,
}

/// The protected resource's metadata (RFC 9728 §2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Resource {
    /// `resource`: its own address.
    pub url: String,
    pub authorization_servers: Vec<String>,
    pub scopes_supported: Vec<Scope>,
}

impl Resource {
    /// Scheme and host, and the path without a slash at its end.
    pub(crate) fn parts(&self) -> (&str, &str) {
        let host = self.url.find("://").map_or(0, |at| at + 3);
        let path = self.url[host..].find('/').map_or(self.url.len(), |at| host + at);
        let (origin, path) = self.url.split_at(path);
        (origin, path.trim_end_matches('/'))
    }

    /// Where its metadata is (RFC 9728 §3.1).
    pub(crate) fn metadata_url(&self) -> String {
        let (origin, path) = self.parts();
        format!("{origin}{WELL_KNOWN}{path}")
    }
}

/// From which label of a key each attribute of `/validate` comes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LabelNames {
    pub teams: Option<String>,
    pub projects: Option<String>,
    pub namespaces: Option<String>,
    pub tenant_id: Option<String>,
}

const KEYS: [&str; 16] = [
    "listen",
    "insecure_listen",
    "trusted_proxies",
    "observe",
    "workers",
    "resolve",
    "read_only",
    "changes_store",
    "lease_store",
    "issue_store",
    "tls",
    "limits",
    "log",
    "resource",
    "labels",
    "policy",
];
const LIMITS: [&str; 8] = [
    "header_bytes",
    "body_bytes",
    "connections",
    "header_timeout",
    "idle_timeout",
    "request_timeout",
    "failed_attempts",
    "quota_batch",
];
const MEBIBYTE: u64 = 1024 * 1024;
const LISTEN_HINT: &str = "as in listen = [\"127.0.0.1:8711=all\", \"unix:/run/keyctl.sock=internal\"]";

/// Reads the file; `home` is what `~/` stands for.
pub(crate) fn parse(source: &Source, home: Option<&Path>) -> Result<ServeFile, ConfigError> {
    let document = Document::new(source, home);
    let mut file = ServeFile { path: source.path.clone(), ..ServeFile::default() };
    for (key, value) in document.table()?.get_ref() {
        document.setting(&mut file, key, value)?;
    }
    Ok(file)
}

impl Document<'_> {
    fn setting(&self, file: &mut ServeFile, key: &Key<'_>, value: &Value<'_>) -> Result<(), ConfigError> {
        match key.get_ref().as_ref() {
            "listen" => file.listen = Some(self.listeners(key, value)?),
            "insecure_listen" => file.insecure_listen = Some(self.flag(key, value)?),
            "trusted_proxies" => file.trusted_proxies = Some(self.networks(key, value)?),
            "observe" => file.observe = Some(self.flag(key, value)?),
            "workers" => file.workers = Some(self.number(key, value, (1, 256))?),
            "resolve" => file.resolve = Some(self.flag(key, value)?),
            "read_only" => file.read_only = Some(self.flag(key, value)?),
            "changes_store" => file.changes_store = Some(self.store(key, value)?),
            "lease_store" => file.lease_store = Some(self.store(key, value)?),
            "issue_store" => file.issue_store = Some(self.store(key, value)?),
            "tls" => file.tls = Some(self.tls(key, value)?),
            "limits" => file.limits = self.limits(key, value)?,
            "log" => self.log(file, key, value)?,
            "resource" => file.resource = Some(self.resource(key, value)?),
            "labels" => file.labels = self.labels(key, value)?,
            "policy" => file.policies = self.policies(key, value)?,
            _ => return Err(self.unknown(key, "the file", &KEYS)),
        }
        Ok(())
    }

    fn listeners(&self, key: &Key<'_>, value: &Value<'_>) -> Result<Found<Vec<Listener>>, ConfigError> {
        let at = self.at(value.span().start);
        let found = self.list(key, value, LISTEN_HINT, str::parse::<Listener>)?;
        if found.is_empty() {
            return Err(self.error_at(at, "listen is empty", LISTEN_HINT));
        }
        for (place, one) in found.iter().enumerate() {
            if found[..place].iter().any(|other| other.value.address == one.value.address) {
                let hint = "name each address once, with =all for both";
                return Err(self.error_at(one.at, "this address stands in listen twice", hint));
            }
        }
        Ok(Found { value: found.into_iter().map(|one| one.value).collect(), at })
    }

    fn networks(&self, key: &Key<'_>, value: &Value<'_>) -> Result<Found<Networks>, ConfigError> {
        let at = self.at(value.span().start);
        let hint = "as in trusted_proxies = [\"10.0.0.0/8\"]";
        let found =
            self.list(key, value, hint, |text| Networks::parse_lists([text]).map(|_| text.to_owned()))?;
        let all = Networks::parse_lists(found.iter().map(|one| one.value.as_str()));
        let networks = if found.is_empty() { Ok(Networks::default()) } else { all };
        networks.map(|value| Found { value, at }).map_err(|error| self.error_at(at, error, hint))
    }

    /// Its address may hold a password if nobody else can read the file.
    fn store(&self, key: &Key<'_>, value: &Value<'_>) -> Result<Found<String>, ConfigError> {
        let hint = "as in \"postgres://gateway_changes@db.example.org/keys\"";
        let found = self.parsed(key, value, hint, |text| StoreText::parse(text).map(|_| text.to_owned()))?;
        if !self.is_private() && has_credentials(&found.value) {
            let what =
                format!("{} has a password in it, and others can read this file", Named(key.get_ref()));
            return Err(self.error_at(found.at, what, "chmod 600; or keep the password in ~/.pgpass"));
        }
        Ok(found)
    }

    fn tls(&self, key: &Key<'_>, value: &Value<'_>) -> Result<Found<Tls>, ConfigError> {
        let at = self.at(key.span().start);
        let (mut certificate, mut private) = (None, None);
        for (key, value) in self.sub(key, value)? {
            match key.get_ref().as_ref() {
                "certificate" => certificate = Some(self.path(key, value)?.value),
                "key" => private = Some(self.path(key, value)?.value),
                _ => return Err(self.unknown(key, "tls", &["certificate", "key"])),
            }
        }
        let (Some(certificate), Some(key)) = (certificate, private) else {
            return Err(self.error_at(at, "tls needs a certificate and a key", "name the files of both"));
        };
        Ok(Found { value: Tls { certificate, key }, at })
    }

    fn limits(&self, key: &Key<'_>, value: &Value<'_>) -> Result<LimitsTable, ConfigError> {
        let mut limits = LimitsTable::default();
        for (key, value) in self.sub(key, value)? {
            match key.get_ref().as_ref() {
                // What a token and the headers around it need at the least.
                "header_bytes" => limits.header_bytes = Some(self.number(key, value, (4096, MEBIBYTE))?),
                "body_bytes" => limits.body_bytes = Some(self.number(key, value, (1024, 16 * MEBIBYTE))?),
                "connections" => limits.connections = Some(self.number(key, value, (1, 1_000_000))?),
                "header_timeout" => limits.header_timeout = Some(self.wait(key, value)?),
                "idle_timeout" => limits.idle_timeout = Some(self.wait(key, value)?),
                "request_timeout" => limits.request_timeout = Some(self.wait(key, value)?),
                "failed_attempts" => {
                    limits.failed_attempts = Some(self.number(key, value, (1, 1_000_000))?);
                }
                "quota_batch" => limits.quota_batch = Some(self.number(key, value, (1, 1_000_000))?),
                _ => return Err(self.unknown(key, "limits", &LIMITS)),
            }
        }
        Ok(limits)
    }

    fn wait(&self, key: &Key<'_>, value: &Value<'_>) -> Result<Found<Duration>, ConfigError> {
        self.parsed(key, value, "as in \"5s\"", |text| match text.parse::<LockTimeout>() {
            Ok(LockTimeout(time)) if time.is_zero() => Err("nothing is done in no time"),
            other => other.map(|LockTimeout(time)| time),
        })
    }

    fn log(&self, file: &mut ServeFile, key: &Key<'_>, value: &Value<'_>) -> Result<(), ConfigError> {
        for (key, value) in self.sub(key, value)? {
            match key.get_ref().as_ref() {
                "format" => file.log_format = Some(self.parsed(key, value, "as in \"json\"", str::parse)?),
                "level" => file.log_level = Some(self.parsed(key, value, "as in \"info\"", str::parse)?),
                _ => return Err(self.unknown(key, "log", &["format", "level"])),
            }
        }
        Ok(())
    }

    fn resource(&self, key: &Key<'_>, value: &Value<'_>) -> Result<Found<Resource>, ConfigError> {
        const KNOWN: [&str; 3] = ["resource", "authorization_servers", "scopes_supported"];
        let at = self.at(key.span().start);
        let (mut resource, mut servers, mut scopes) = (None, Vec::new(), Vec::new());
        for (key, value) in self.sub(key, value)? {
            match key.get_ref().as_ref() {
                "resource" => resource = Some(self.parsed(key, value, URL_HINT, address)?.value),
                "authorization_servers" => servers = self.list(key, value, URL_HINT, address)?,
                "scopes_supported" => scopes = self.list(key, value, "as in \"memories:read\"", offered)?,
                _ => return Err(self.unknown(key, "resource", &KNOWN)),
            }
        }
        let Some(url) = resource else {
            return Err(self.error_at(
                at,
                "resource has no resource",
                format!("{URL_HINT}, its own address"),
            ));
        };
        let authorization_servers = servers.into_iter().map(|one| one.value).collect();
        let scopes_supported = scopes.into_iter().map(|one| one.value).collect();
        Ok(Found { value: Resource { url, authorization_servers, scopes_supported }, at })
    }

    fn labels(&self, key: &Key<'_>, value: &Value<'_>) -> Result<LabelNames, ConfigError> {
        const KNOWN: [&str; 4] = ["teams", "projects", "namespaces", "tenant_id"];
        let mut labels = LabelNames::default();
        for (key, value) in self.sub(key, value)? {
            let label = match key.get_ref().as_ref() {
                "teams" => &mut labels.teams,
                "projects" => &mut labels.projects,
                "namespaces" => &mut labels.namespaces,
                "tenant_id" => &mut labels.tenant_id,
                _ => return Err(self.unknown(key, "labels", &KNOWN)),
            };
            let name = |text: &str| check_label_name(text).map(str::to_owned);
            *label =
                Some(self.parsed(key, value, "the name of a label, as in teams = \"team\"", name)?.value);
        }
        Ok(labels)
    }
}

const URL_HINT: &str = "as in \"https://mcp.example.org/mcp\"";

/// RFC 9728 §1.2: https, no fragment. Plain http is for trials on one machine.
fn address(text: &str) -> Result<String, &'static str> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let has_host = rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['/', '?', ':']));
    if !has_host || !text.bytes().all(|byte| byte.is_ascii_graphic()) || text.contains(['#', '"', '\\']) {
        return Err("not an address that starts with https://");
    }
    Ok(text.to_owned())
}

/// A scope that clients may be told to ask for.
fn offered(text: &str) -> Result<Scope, String> {
    let scope: Scope =
        text.parse().map_err(|error: crate::domain::keys::scope::ScopeError| error.to_string())?;
    if scope.is_reserved() {
        return Err("keyctl's own scopes are not for every client to ask for".to_owned());
    }
    Ok(scope)
}

impl FromStr for LogFormat {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err("write text or json"),
        }
    }
}

impl FromStr for LogLevel {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "error" => Ok(Self::Error),
            "warn" => Ok(Self::Warn),
            "info" => Ok(Self::Info),
            "debug" => Ok(Self::Debug),
            _ => Err("write error, warn, info or debug"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::policies::policy::Body;
    use crate::domain::policies::resource::ResourceUrl;

    fn file(text: &str) -> Result<ServeFile, ConfigError> {
        let path = "/etc/keyctl/serve.toml".into();
        parse(&Source { path, text: text.to_owned(), is_private: true }, Some(Path::new("/home/alice")))
    }

    fn error(text: &str) -> String {
        file(text).map(|_| ()).map_err(|error| error.to_string()).expect_err(text)
    }

    #[test]
    fn everything_that_can_be_said_is_read() {
        let read = file(
            r#"listen = ["127.0.0.1:8711=all", "unix:/run/keyctl.sock=internal"]
insecure_listen = true
trusted_proxies = ["10.0.0.0/8", "::1"]
observe = true
workers = 4
resolve = true
read_only = true
changes_store = "postgres://gateway_changes@db.example.org/keys"
lease_store = "postgres://gateway_leases@db.example.org/keys"

[tls]
certificate = "tls.crt"
key = "~/tls.key"

[limits]
header_bytes = 16_384
header_timeout = "500ms"
failed_attempts = 20

[log]
format = "json"
level = "warn"

[resource]
resource = "https://mcp.example.org/mcp"
authorization_servers = ["https://login.example.org"]
scopes_supported = ["memories:read"]

[labels]
teams = "team"

[policy.memories]
require_https = true
observe = true
body = "jsonrpc"
resource = "https://mcp.example.org/mcp"
upstream_key = { provider = "memories", header = "Authorization", scheme = "Bearer" }

[[policy.memories.route]]
path = "/v1/memories/{owner}"
methods = ["GET"]
scope = "memories:read"

[[policy.memories.route]]
path = "/health"
any_key = true
"#,
        )
        .expect("a file");
        assert_eq!(read.listen.map(|found| (found.value.len(), found.at.line)), Some((2, 1)));
        assert!(read.changes_store.is_some() && read.lease_store.is_some());
        assert!(read.trusted_proxies.expect("proxies").value.allow("10.1.2.3".parse().ok()));
        let tls = read.tls.expect("tls").value;
        assert_eq!(tls.certificate, Path::new("/etc/keyctl/tls.crt"));
        assert_eq!(tls.key, Path::new("/home/alice/tls.key"));
        assert_eq!(read.limits.header_timeout.map(|found| found.value), Some(Duration::from_millis(500)));
        assert_eq!(read.limits.header_bytes.map(|found| found.value), Some(16_384));
        assert_eq!(read.log_format.map(|found| found.value), Some(LogFormat::Json));
        assert_eq!(read.log_level.map(|found| found.value), Some(LogLevel::Warn));
        assert_eq!(read.labels.teams.as_deref(), Some("team"));
        assert_eq!(read.resource.expect("resource").value.scopes_supported.len(), 1);
        let policy = read.policies.get(&"memories".parse().expect("a name")).expect("the policy");
        assert!(policy.require_https && policy.observe && policy.body == Body::JsonRpc);
        assert_eq!(policy.routes().count(), 2);
        assert_eq!(policy.resource.as_ref().map(ResourceUrl::as_str), Some("https://mcp.example.org/mcp"));
        let key = policy.upstream_key.as_ref().expect("a key of the upstream's");
        assert_eq!((key.provider.as_str(), key.header.as_str()), ("memories", "authorization"));
        assert!(file("").expect("nothing").policies.is_empty());
    }

    #[test]
    fn each_fault_names_its_line_and_column() {
        for (text, says) in [
            ("listn = 1", ":1:1: the file has no setting listn"),
            ("workers = 0", ":1:11: workers must be a whole number from 1 to 256"),
            ("observe = \"yes\"", ":1:11: observe must be true or false"),
            ("listen = \"a\"", ":1:10: listen must be a list"),
            ("listen = []", ":1:10: listen is empty"),
            ("listen = [\"127.0.0.1:1=all\", \"x=all\"]", ":1:30: listen: not an address"),
            (
                "listen = [\"127.0.0.1:1=all\",\n \"127.0.0.1:1=public\"]",
                ":2:2: this address stands in listen twice",
            ),
            ("listen = [\"127.0.0.1:1=all\", \"127.0.0.1:1=all\"]", ":1:30: listen has this twice"),
            ("trusted_proxies = [\"10.0.0.1/8\"]", ":1:20: trusted_proxies: the network has bits set"),
            ("[tls]\nkey = \"a\"", ":1:2: tls needs a certificate and a key"),
            ("[limits]\nheader_timeout = \"0\"", ":2:18: header_timeout: nothing is done in no time"),
            ("[log]\nlevel = \"loud\"", ":2:9: level: write error, warn, info or debug"),
            ("[resource]\nresource = \"ftp://x\"", ":2:12: resource: not an address"),
            ("[resource]\nscopes_supported = [\"keyctl:resolve\"]", ":2:21: scopes_supported: keyctl's own"),
            ("[labels]\nteam = \"x\"", ":2:1: labels has no setting team"),
            ("[labels]\nteams = \"My team\"", ":2:9: teams: a label's name contains 'M'"),
            ("[labels]\ntenant_id = \"-a\"", ":2:13: tenant_id: a label's name has 1 to 63"),
            ("[policy.Web]", ":1:9: a policy's name has"),
            ("[policy.web]", ":1:9: a policy without a route denies everything"),
            ("a = 1\na = 2", ":2:1: duplicate key"),
        ] {
            let error = error(text);
            assert!(error.contains(says), "{text}: {error}");
        }
    }

    #[test]
    fn each_fault_of_what_a_policy_stands_before_names_its_line_and_column() {
        let policy = |lines: &str| {
            format!("[policy.web]\n{lines}\n[[policy.web.route]]\npath = \"/mcp\"\nscope = \"memories\"")
        };
        let resource = "resource = \"https://mcp.example.org/mcp\"";
        for (lines, says) in [
            ("resource = \"mcp.example.org\"", ":2:12: resource: a resource begins with https://"),
            ("resource = \"http://mcp.example.org/mcp\"", ":2:12: resource: a resource begins with https://"),
            ("resource = \"https://mcp.example.org/mcp?a\"", ":2:12: resource: a resource has no query"),
            ("upstream_key = \"memories\"", ":2:16: upstream_key must be a table"),
            (
                "upstream_key = { provider = \"memories\" }",
                ":2:1: upstream_key needs a provider and a header",
            ),
            ("upstream_key = { header = \"X-Key\" }", ":2:1: upstream_key needs a provider and a header"),
            (
                "upstream_key = { provider = \"m\", header = \"X-Keyctl-Owner\" }",
                ":2:43: header: this header means something else",
            ),
            (
                "upstream_key = { provider = \"m\", header = \"x_key\" }",
                ":2:43: header: a header's name has 1 to 64 letters",
            ),
            (
                "upstream_key = { provider = \"m\", header = \"Authorization\" }",
                ":2:43: a credential in Authorization stands behind its scheme",
            ),
            (
                "upstream_key = { provider = \"m\", header = \"X-Key\", value = \"x\" }",
                ":2:52: upstream_key has no setting value",
            ),
        ] {
            let error = error(&policy(lines));
            assert!(error.contains(says), "{lines}: {error}");
        }
        let twice =
            format!("{}\n{}", policy(resource), policy(resource).replace("policy.web", "policy.other"));
        let error = error(&twice);
        assert!(error.contains("stands before the same resource"), "{error}");
    }

    #[test]
    fn each_fault_of_a_policy_names_its_line_and_column() {
        let route = |lines: &str| format!("[policy.web]\n[[policy.web.route]]\n{lines}");
        for (lines, says) in [
            ("path = \"/a\"", ":2:1: the route has no scope"),
            ("path = \"/a\"\nany_key = false", ":2:1: the route has no scope"),
            ("scope = \"a\"", ":2:1: the route has no path"),
            (
                "path = \"/a\"\nscope = \"a\"\nany_key = true",
                ":5:11: a route has a scope or any_key, not both",
            ),
            ("path = \"/a/{user}\"\nscope = \"a\"", ":3:12: {owner} is the only name in braces"),
            ("path = \"/é/b*\"\nscope = \"a\"", ":3:13: * stands for a whole segment"),
            ("path = \"\\u002fa/**/b\"\nscope = \"a\"", ":3:8: ** stands at the end alone"),
            ("path = \"/a\"\nscope = \"A\"", ":4:9: scope: a scope contains 'A'"),
            (
                "path = \"/a\"\nscope = \"a\"\nmethods = [\"GET\", \"get\"]",
                ":5:19: methods: get is no method; did you mean GET?",
            ),
            ("path = \"/a\"\nscope = \"a\"\nmethods = []", ":2:1: a route without a method never matches"),
            ("path = \"/a\"\nscopes = \"a\"", ":4:1: a route has no setting scopes"),
            (
                "path = \"/a/*\"\nscope = \"a\"\n[[policy.web.route]]\npath = \"/a/{owner}\"\nscope = \"a\"",
                ":2:1: it never matches",
            ),
            (
                "path = \"/a\"\nscope = \"a\"\n[[policy.web.route]]\npath = \"/a\"\nany_key = true",
                ":5:1: it has the pattern and the method of another route",
            ),
            ("path = \"/a\"\nscope = \"a\"\n[policy.web]", ":5:9: duplicate key"),
        ] {
            let error = error(&route(lines));
            assert!(error.contains(says), "{lines}: {error}");
        }
    }
}

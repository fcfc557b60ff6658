//! What is in force for `keyctl serve`: flags over variables, over its file, over what is built in.

use std::time::Duration;

use super::document::Found;
use super::listener::{Address, Listener, Serves};
use super::serve_file::{LabelNames, LogFormat, LogLevel, Resource, ServeFile, Tls};
use crate::config::error::ConfigError;
use crate::config::settings::{Origin, Setting};
use crate::domain::keys::network::Networks;
use crate::domain::policies::policy::Policies;

/// What flags and variables say, each of which is `KEYCTL_SERVE_` and the field.
#[derive(Clone, Default)]
pub(crate) struct GivenToServe {
    pub listen: Option<Setting<Vec<Listener>>>,
    pub insecure_listen: Option<Setting<bool>>,
    pub trusted_proxies: Option<Setting<Networks>>,
    pub observe: Option<Setting<bool>>,
    pub workers: Option<Setting<u64>>,
    pub resolve: Option<Setting<bool>>,
    pub read_only: Option<Setting<bool>>,
    pub changes_store: Option<Setting<String>>,
    /// Where tokens of credentials are got.
    pub lease_store: Option<Setting<String>>,
    pub issue_store: Option<Setting<String>>,
    pub tls: Option<Setting<Tls>>,
    pub log_format: Option<Setting<LogFormat>>,
    pub log_level: Option<Setting<LogLevel>>,
}

/// What is in force.
#[derive(Clone)]
pub(crate) struct ServeSettings {
    pub listen: Setting<Vec<Listener>>,
    pub insecure_listen: Setting<bool>,
    /// Nobody, unless they are named.
    pub trusted_proxies: Setting<Networks>,
    pub observe: Setting<bool>,
    /// Without it, one for each processor.
    pub workers: Option<Setting<u64>>,
    pub resolve: Setting<bool>,
    pub read_only: Setting<bool>,
    /// A second address of the store, with the right to revoke.
    pub changes_store: Option<Setting<String>>,
    pub lease_store: Option<Setting<String>>,
    /// An address of the store at which the key that signs tokens can be read.
    pub issue_store: Option<Setting<String>>,
    pub tls: Option<Setting<Tls>>,
    pub limits: Limits,
    pub log_format: Setting<LogFormat>,
    pub log_level: Setting<LogLevel>,
    pub resource: Option<Setting<Resource>>,
    pub labels: LabelNames,
    pub policies: Policies,
}

/// What a connection may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    pub header_bytes: Setting<u64>,
    pub body_bytes: Setting<u64>,
    pub connections: Setting<u64>,
    pub header_timeout: Setting<Duration>,
    pub idle_timeout: Setting<Duration>,
    pub request_timeout: Setting<Duration>,
    pub failed_attempts: Setting<u64>,
    pub quota_batch: Setting<u64>,
}

/// Decides what is in force, and refuses an address beyond this machine that is neither encrypted nor
/// asked for as it is.
pub(crate) fn resolve(given: GivenToServe, file: Option<ServeFile>) -> Result<ServeSettings, ConfigError> {
    let file = file.unwrap_or_default();
    let layers = Layers { file: &file };
    let settings = ServeSettings {
        listen: layers.decided(given.listen, file.listen.as_ref(), vec![Listener::built_in()]),
        insecure_listen: layers.decided(given.insecure_listen, file.insecure_listen.as_ref(), false),
        trusted_proxies: layers.decided(
            given.trusted_proxies,
            file.trusted_proxies.as_ref(),
            Networks::default(),
        ),
        observe: layers.decided(given.observe, file.observe.as_ref(), false),
        workers: given.workers.or_else(|| layers.said(file.workers.as_ref())),
        resolve: layers.decided(given.resolve, file.resolve.as_ref(), false),
        read_only: layers.decided(given.read_only, file.read_only.as_ref(), false),
        changes_store: given.changes_store.or_else(|| layers.said(file.changes_store.as_ref())),
        lease_store: given.lease_store.or_else(|| layers.said(file.lease_store.as_ref())),
        issue_store: given.issue_store.or_else(|| layers.said(file.issue_store.as_ref())),
        tls: given.tls.or_else(|| layers.said(file.tls.as_ref())),
        limits: layers.limits(),
        log_format: layers.decided(given.log_format, file.log_format.as_ref(), LogFormat::default()),
        log_level: layers.decided(given.log_level, file.log_level.as_ref(), LogLevel::default()),
        resource: layers.said(file.resource.as_ref()),
        labels: file.labels.clone(),
        policies: file.policies.clone(),
    };
    check_listeners(&settings)?;
    check_upstream_keys(&settings)?;
    if let (Some(lease_store), true) = (&settings.lease_store, settings.read_only.value) {
        let (lease, read_only) = (&lease_store.origin, &settings.read_only.origin);
        return Err(ConfigError::Unserved {
            what: format!("lease_store ({lease}) cannot be read_only ({read_only}): who got which token is always recorded"),
            hint: "give it a role that may write what serve records (keyctl store grant ROLE --for serve), or leave lease_store out".to_owned(),
        });
    }
    if settings.resolve.value && settings.read_only.value {
        let (resolve, read_only) = (&settings.resolve.origin, &settings.read_only.origin);
        return Err(ConfigError::Unserved {
            what: format!("resolve = true ({resolve}) cannot be read_only ({read_only}): who got which secret is always recorded"),
            hint: "give it a role that may write what serve records (keyctl store grant ROLE --for serve --secrets), or leave resolve out".to_owned(),
        });
    }
    Ok(settings)
}

fn check_listeners(settings: &ServeSettings) -> Result<(), ConfigError> {
    let listen = &settings.listen;
    for (place, listener) in listen.value.iter().enumerate() {
        if listen.value[..place].iter().any(|other| other.address == listener.address) {
            return Err(ConfigError::Unserved {
                what: format!("{listener} ({}) is named twice", listen.origin),
                hint: "name each address once, with =all for both".to_owned(),
            });
        }
    }
    let open = listen.value.iter().find(|listener| listener.is_beyond_loopback());
    match open {
        Some(open) if settings.tls.is_none() && !settings.insecure_listen.value => {
            Err(ConfigError::Unserved {
                what: format!(
                    "{open} ({}) is beyond this machine, and there is no certificate",
                    listen.origin
                ),
                hint: "set certificate and key in [tls], or insecure_listen = true where another encrypts"
                    .to_owned(),
            })
        }
        _ => Ok(()),
    }
}

/// A key of the upstream's is handed out only where nobody can read along, on this machine neither, and always written
/// down.
fn check_upstream_keys(settings: &ServeSettings) -> Result<(), ConfigError> {
    let Some(policy) = settings.policies.iter().find(|policy| policy.upstream_key.is_some()) else {
        return Ok(());
    };
    let name = policy.name();
    let is_open = |listener: &&Listener| {
        settings.tls.is_none()
            && matches!(listener.address, Address::Tcp(_))
            && listener.serves != Serves::Public
    };
    if let Some(open) = settings.listen.value.iter().find(is_open) {
        return Err(ConfigError::Unserved {
            what: format!(
                "policy {name} returns the upstream's key, and whoever can read along at {open} ({}) would have it",
                settings.listen.origin
            ),
            hint: "let gateways ask at a Unix socket, as in listen = [\"unix:/run/keyctl/keyctl.sock=all\"], or set \
                   certificate and key in [tls]"
                .to_owned(),
        });
    }
    if settings.read_only.value {
        return Err(ConfigError::Unserved {
            what: format!(
                "policy {name} returns the upstream's key and cannot be read_only ({}): who got which secret is always \
                 recorded",
                settings.read_only.origin
            ),
            hint: "give it a role that may write what serve records (keyctl store grant ROLE --for serve --secrets), or \
                   leave upstream_key out"
                .to_owned(),
        });
    }
    Ok(())
}

impl ServeSettings {
    /// Whether provider secrets are handed out, so that a master key is needed.
    pub(crate) fn hands_out_secrets(&self) -> bool {
        self.resolve.value || self.policies.iter().any(|policy| policy.upstream_key.is_some())
    }
}

struct Layers<'f> {
    file: &'f ServeFile,
}

impl Layers<'_> {
    fn said<T: Clone>(&self, found: Option<&Found<T>>) -> Option<Setting<T>> {
        found.map(|found| Setting {
            value: found.value.clone(),
            origin: Origin::File { file: self.file.path.clone(), line: found.at.line },
        })
    }

    fn decided<T: Clone>(
        &self,
        given: Option<Setting<T>>,
        found: Option<&Found<T>>,
        built_in: T,
    ) -> Setting<T> {
        given.or_else(|| self.said(found)).unwrap_or(Setting { value: built_in, origin: Origin::Default })
    }

    fn limits(&self) -> Limits {
        let table = &self.file.limits;
        let number = |found: &Option<Found<u64>>, built_in| self.decided(None, found.as_ref(), built_in);
        let time = |found: &Option<Found<Duration>>, seconds| {
            self.decided(None, found.as_ref(), Duration::from_secs(seconds))
        };
        Limits {
            header_bytes: number(&table.header_bytes, 16 * 1024),
            body_bytes: number(&table.body_bytes, 64 * 1024),
            connections: number(&table.connections, 4096),
            header_timeout: time(&table.header_timeout, 5),
            // Longer than the minute for which nginx keeps a connection to us.
            idle_timeout: time(&table.idle_timeout, 75),
            request_timeout: time(&table.request_timeout, 10),
            failed_attempts: number(&table.failed_attempts, 30),
            quota_batch: number(&table.quota_batch, 100),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::serve_file::parse;
    use super::*;
    use crate::config::source::Source;

    fn with(text: &str, given: GivenToServe) -> Result<ServeSettings, ConfigError> {
        let source = Source { path: "/s.toml".into(), text: text.to_owned(), is_private: true };
        resolve(given, Some(parse(&source, None).expect("a file")))
    }

    fn listening(text: &str, origin: Origin) -> GivenToServe {
        let value = text.split(',').map(|one| one.parse().expect(one)).collect();
        GivenToServe { listen: Some(Setting { value, origin }), ..GivenToServe::default() }
    }

    #[test]
    fn each_level_wins_over_the_next() {
        let of = |settings: &ServeSettings| {
            (settings.listen.value[0].to_string(), settings.listen.origin.to_string())
        };
        let none = resolve(GivenToServe::default(), None).expect("built in");
        assert_eq!(of(&none).0, "127.0.0.1:8711=all");
        assert_eq!(none.limits.idle_timeout.value, Duration::from_secs(75));
        let text = "workers = 2\nlisten = [\"[::1]:1=public\"]\n[limits]\nconnections = 9\n";
        let file = with(text, GivenToServe::default()).expect("a file");
        assert_eq!(of(&file), ("[::1]:1=public".to_owned(), "/s.toml:2".to_owned()));
        assert_eq!(file.limits.connections.value, 9);
        assert_eq!(
            file.workers.map(|set| (set.value, set.origin.to_string())),
            Some((2, "/s.toml:1".to_owned()))
        );
        for origin in [Origin::Flag("--listen"), Origin::Variable("KEYCTL_SERVE_LISTEN")] {
            let given = with(text, listening("127.0.0.1:2=all", origin.clone())).expect("given");
            assert_eq!(of(&given), ("127.0.0.1:2=all".to_owned(), origin.to_string()));
        }
    }

    #[test]
    fn who_records_nothing_hands_no_secrets_out() {
        let refused = with("resolve = true\nread_only = true\n", GivenToServe::default());
        let said = refused.err().map(|error| error.to_string()).unwrap_or_default();
        assert!(said.starts_with("resolve = true (/s.toml:1) cannot be read_only (/s.toml:2)"), "{said}");
        assert!(with("resolve = true\n", GivenToServe::default()).is_ok());
        assert!(with("read_only = true\n", GivenToServe::default()).is_ok());
    }

    #[test]
    fn the_upstreams_key_is_handed_out_where_nobody_can_read_along_and_written_down() {
        let policy = "[policy.mcp]\nupstream_key = { provider = \"m\", header = \"X-Key\" }\n\
            [[policy.mcp.route]]\npath = \"/mcp\"\nany_key = true\n";
        let tls = "[tls]\ncertificate = \"/c\"\nkey = \"/k\"\n";
        let refused = |text: String, listen: &str| {
            with(&text, listening(listen, Origin::Flag("--listen"))).err().map(|error| error.to_string())
        };
        for listen in ["127.0.0.1:1=all", "unix:/s=all,[::1]:1=internal"] {
            let said = refused(policy.to_owned(), listen).unwrap_or_default();
            assert!(
                said.starts_with("policy mcp returns the upstream's key, and whoever can read along"),
                "{said}"
            );
            assert_eq!(refused(format!("{policy}{tls}"), listen), None, "{listen}");
        }
        assert!(with(policy, GivenToServe::default()).is_err(), "where nobody says where to listen");
        // Where gateways are answered nothing, there is nothing to read.
        assert_eq!(refused(policy.to_owned(), "unix:/s=all,127.0.0.1:1=public"), None);
        assert_eq!(refused(policy.to_owned(), "unix:/s=internal"), None);
        let said = refused(format!("read_only = true\n{policy}"), "unix:/s=all").unwrap_or_default();
        assert!(said.contains("cannot be read_only (/s.toml:1)"), "{said}");
        let settings = with(policy, listening("unix:/s=all", Origin::Flag("--listen"))).expect("settings");
        assert!(settings.hands_out_secrets());
    }

    #[test]
    fn beyond_this_machine_there_is_a_certificate_or_a_word() {
        let open = || listening("127.0.0.1:1=all,0.0.0.0:443=public", Origin::Flag("--listen"));
        let refused = |text: &str, given| with(text, given).err().map(|error| error.to_string());
        let says = "0.0.0.0:443=public (--listen) is beyond this machine, and there is no certificate";
        assert_eq!(refused("", open()), Some(says.to_owned()));
        assert_eq!(refused("insecure_listen = false", open()), Some(says.to_owned()));
        assert_eq!(refused("insecure_listen = true", open()), None);
        assert_eq!(refused("[tls]\ncertificate = \"/c\"\nkey = \"/k\"", open()), None);
        let twice = listening("127.0.0.1:1=all,127.0.0.1:1=public", Origin::Flag("--listen"));
        assert_eq!(refused("", twice), Some("127.0.0.1:1=public (--listen) is named twice".to_owned()));
    }
}

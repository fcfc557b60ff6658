//! What is in force: flags over the environment, over the profile, over the top of the file,
//! over what is built in.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use super::choice::{Color, LockTimeout, Output};
use super::config_file::{ConfigFile, MasterKeySource, Named, Placed, Section};
use super::environment::Environment;
use super::error::ConfigError;
use super::notify::NotifySetting;
use crate::domain::keys::network::Networks;
use crate::domain::keys::token::Prefix;
use crate::domain::provisioning::sink_command::SinkCommand;
use crate::domain::time::Expiry;

/// Who set a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// An option of the command line, with its dashes.
    Flag(&'static str),
    Variable(&'static str),
    /// A profile in the configuration file.
    Profile {
        name: String,
        file: PathBuf,
        /// The line in it, counted from 1.
        line: usize,
    },
    /// The top of the configuration file.
    File {
        file: PathBuf,
        /// The line in it, counted from 1.
        line: usize,
    },
    /// Nobody: it is built in.
    Default,
}

impl Origin {
    /// The configuration file and the line in it.
    pub(crate) fn place(&self) -> Option<(&Path, usize)> {
        match self {
            Self::Profile { file, line, .. } | Self::File { file, line } => Some((file, *line)),
            Self::Flag(_) | Self::Variable(_) | Self::Default => None,
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(name) | Self::Variable(name) => f.write_str(name),
            Self::Profile { name, file, line } => write!(f, "profile {name} in {}:{line}", file.display()),
            Self::File { file, line } => write!(f, "{}:{line}", file.display()),
            Self::Default => f.write_str("default"),
        }
    }
}

/// A value and who set it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Setting<T> {
    pub value: T,
    pub origin: Origin,
}

impl<T> Setting<T> {
    fn built_in(value: T) -> Self {
        Self { value, origin: Origin::Default }
    }
}

/// What flags and variables say.
#[derive(Clone, Default)]
pub(crate) struct Given {
    /// `--profile`, `KEYCTL_PROFILE`.
    pub profile: Option<Setting<String>>,
    /// `--store`, `KEYCTL_STORE`; it may hold a password.
    pub store: Option<Setting<String>>,
    /// `--output`.
    pub output: Option<Setting<Output>>,
    /// `--color`.
    pub color: Option<Setting<Color>>,
    /// `--lock-timeout`, `KEYCTL_LOCK_TIMEOUT`.
    pub lock_timeout: Option<Setting<LockTimeout>>,
}

/// What is in force. `None` where nobody says anything and nothing is built in.
#[derive(Clone)]
pub(crate) struct Settings {
    pub profile: Option<Setting<String>>,
    /// The store as it is written; without it, the default file. It may hold a password.
    pub store: Option<Setting<String>>,
    /// What a minted token starts with; without it, the store decides.
    pub prefix: Option<Setting<Prefix>>,
    /// How long a minted key lives; without it, the store decides.
    pub expires: Option<Setting<Expiry>>,
    /// How data is printed; without it, a terminal gets a table.
    pub output: Option<Setting<Output>>,
    pub color: Setting<Color>,
    pub lock_timeout: Setting<LockTimeout>,
    /// Private networks that requests of ours may reach; without it, none.
    pub outbound_allow: Option<Setting<Networks>>,
    pub master_key: Option<Setting<MasterKeySource>>,
    /// Commands that sinks of manifests name: the profile's, and those at the top that it does not name.
    pub sinks: BTreeMap<String, SinkCommand>,
    /// Who is told of what ends soon: the profile's, else those at the top.
    pub notify: Option<Setting<NotifySetting>>,
    /// Whether a profile was asked for by a flag and a variable names another store than it.
    pub variable_beats_profile: bool,
}

/// Decides what is in force. A profile that is asked for must be in the file; `path` is where
/// that is or would be.
pub(crate) fn resolve(
    given: Given,
    file: Option<&ConfigFile>,
    path: Option<&Path>,
    environment: &Environment,
) -> Result<Settings, ConfigError> {
    let profile = profile(given.profile, file, path)?;
    let name = profile.as_ref().map(|profile| profile.value.as_str());
    let layers = Layers { file, profile: name.and_then(|name| Some((name, file?.profiles.get(name)?))) };
    let no_color =
        environment.no_color.then_some(Setting { value: Color::Never, origin: Origin::Variable("NO_COLOR") });
    let asked = matches!(&profile, Some(Setting { origin: Origin::Flag(_), .. }));
    let names_other = matches!(&given.store, Some(Setting { origin: Origin::Variable(_), .. }));
    let in_profile = layers.profile.is_some_and(|(_, section)| section.store.is_some());
    Ok(Settings {
        store: given.store.or_else(|| layers.pick(|section| section.store.as_ref())),
        prefix: layers.pick(|section| section.prefix.as_ref()),
        expires: layers.pick(|section| section.expires.as_ref()),
        output: given.output.or_else(|| layers.pick(|section| section.output.as_ref())),
        color: given
            .color
            .or(no_color)
            .or_else(|| layers.pick(|section| section.color.as_ref()))
            .unwrap_or_else(|| Setting::built_in(Color::default())),
        lock_timeout: given
            .lock_timeout
            .or_else(|| layers.pick(|section| section.lock_timeout.as_ref()))
            .unwrap_or_else(|| Setting::built_in(LockTimeout::default())),
        outbound_allow: match outbound_allow(environment)? {
            None => layers.pick(|section| section.outbound_allow.as_ref()),
            named => named,
        },
        master_key: layers.pick(|section| section.master_key.as_ref()),
        sinks: layers.sinks(),
        notify: layers.pick(|section| section.notify.as_ref()),
        variable_beats_profile: asked && names_other && in_profile,
        profile,
    })
}

/// What the variable says.
fn outbound_allow(environment: &Environment) -> Result<Option<Setting<Networks>>, ConfigError> {
    const NAME: &str = "KEYCTL_OUTBOUND_ALLOW";
    let Some(value) = &environment.outbound_allow else { return Ok(None) };
    let value = Networks::parse_lists([value.to_str().unwrap_or_default()]).map_err(|error| {
        let hint = format!("as in {NAME}=127.0.0.0/8,10.20.0.0/16");
        ConfigError::Variable { name: NAME, what: error.to_string(), hint }
    })?;
    Ok(Some(Setting { value, origin: Origin::Variable(NAME) }))
}

/// The profile that is asked for, else the file's own default.
fn profile(
    asked: Option<Setting<String>>,
    file: Option<&ConfigFile>,
    path: Option<&Path>,
) -> Result<Option<Setting<String>>, ConfigError> {
    let Some(asked) = asked else {
        let default = file.and_then(|file| Some((file, file.default_profile.as_ref()?)));
        return Ok(default.map(|(file, placed)| Setting {
            value: placed.value.clone(),
            origin: Origin::File { file: file.path.clone(), line: placed.line },
        }));
    };
    let what =
        |place: String| format!("there is no profile {} ({}) {place}", Named(&asked.value), asked.origin);
    match (file, path) {
        (Some(file), _) if file.profiles.contains_key(&asked.value) => Ok(Some(asked)),
        (Some(file), _) => Err(ConfigError::NoProfile {
            what: what(format!("in {}", file.path.display())),
            hint: file.profiles_hint(&asked.value),
        }),
        (None, Some(path)) => Err(ConfigError::NoProfile {
            what: what(format!("since there is no configuration file {}", path.display())),
            hint: "make it, or name another with KEYCTL_CONFIG".to_owned(),
        }),
        (None, None) => Err(ConfigError::NoProfile {
            what: what("since there is no place for a configuration file".to_owned()),
            hint: "set HOME, or name the file with KEYCTL_CONFIG".to_owned(),
        }),
    }
}

/// The file's two levels.
struct Layers<'f> {
    file: Option<&'f ConfigFile>,
    profile: Option<(&'f str, &'f Section)>,
}

impl Layers<'_> {
    fn sinks(&self) -> BTreeMap<String, SinkCommand> {
        let top = self.file.iter().flat_map(|file| &file.top.sinks);
        let own = self.profile.iter().flat_map(|(_, section)| &section.sinks);
        top.chain(own).map(|(name, command)| (name.clone(), command.clone())).collect()
    }

    /// The profile's value, else the one at the top.
    fn pick<T: Clone>(&self, of: impl Fn(&Section) -> Option<&Placed<T>>) -> Option<Setting<T>> {
        let file = self.file?;
        let path = || file.path.clone();
        if let Some((name, section)) = self.profile
            && let Some(Placed { value, line }) = of(section)
        {
            let origin = Origin::Profile { name: name.to_owned(), file: path(), line: *line };
            return Some(Setting { value: value.clone(), origin });
        }
        let Placed { value, line } = of(&file.top)?;
        Some(Setting { value: value.clone(), origin: Origin::File { file: path(), line: *line } })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::parse::parse;
    use crate::config::source::Source;

    const TEXT: &str = "default_profile = \"dev\"
store = \"top.db\"
expires = \"30d\"
color = \"always\"
lock_timeout = \"3s\"
master_key_file = \"/top.key\"
[profile.dev]
[profile.prod]
store = \"prod.db\"
lock_timeout = \"4s\"
color = \"auto\"
master_key_command = \"prod\"
";

    fn with(text: &str, given: Given, no_color: bool) -> Result<Settings, ConfigError> {
        let source = Source { path: "/c.toml".into(), text: text.to_owned(), is_private: true };
        let file = parse(&source, None).expect("a file");
        resolve(given, Some(&file), None, &Environment { no_color, ..Environment::default() })
    }

    fn given<T>(value: T, origin: Origin) -> Setting<T> {
        Setting { value, origin }
    }

    fn prod() -> Given {
        Given { profile: Some(given("prod".to_owned(), Origin::Flag("--profile"))), ..Given::default() }
    }

    fn store(settings: &Settings) -> (&str, String) {
        settings.store.as_ref().map(|set| (set.value.as_str(), set.origin.to_string())).expect("a store")
    }

    #[test]
    fn each_level_wins_over_the_next() {
        let top = with(TEXT, Given::default(), false).expect("settings");
        assert_eq!(
            top.profile.map(|set| (set.value, set.origin.to_string())),
            Some(("dev".into(), "/c.toml:1".into()))
        );
        let top = with(TEXT, Given::default(), false).expect("settings");
        assert_eq!(store(&top), ("top.db", "/c.toml:2".to_owned()));
        let profile = with(TEXT, prod(), false).expect("settings");
        assert_eq!(store(&profile), ("prod.db", "profile prod in /c.toml:9".to_owned()));
        assert_eq!(profile.lock_timeout.origin.to_string(), "profile prod in /c.toml:10");
        assert_eq!(profile.expires.map(|set| set.origin.to_string()), Some("/c.toml:3".to_owned()));
        for origin in [Origin::Flag("--store"), Origin::Variable("KEYCTL_STORE")] {
            let named = Given { store: Some(given("named.db".to_owned(), origin.clone())), ..prod() };
            let settings = with(TEXT, named, false).expect("settings");
            assert_eq!(store(&settings), ("named.db", origin.to_string()));
            assert_eq!(settings.variable_beats_profile, matches!(origin, Origin::Variable(_)));
        }
        let none = with("", Given::default(), false).expect("settings");
        assert!(none.store.is_none() && none.expires.is_none() && none.profile.is_none());
        assert_eq!(none.lock_timeout, Setting::built_in(LockTimeout::default()));
    }

    #[test]
    fn the_profile_replaces_the_other_source_of_the_master_key() {
        let source = |given| with(TEXT, given, false).expect("settings").master_key.map(|set| set.value);
        assert_eq!(source(Given::default()), Some(MasterKeySource::File("/top.key".into())));
        assert_eq!(source(prod()), Some(MasterKeySource::Command("prod".to_owned())));
    }

    #[test]
    fn a_profile_adds_to_the_commands_of_sinks_and_replaces_those_of_its_names() {
        let text =
            "[sinks]\na = [\"top\"]\nb = [\"top\"]\n[profile.prod.sinks]\nb = [\"prod\"]\nc = [\"prod\"]\n";
        let programs = |given| -> Vec<String> {
            let sinks = with(text, given, false).expect("settings").sinks;
            sinks.iter().map(|(name, command)| format!("{name}={}", command.program())).collect()
        };
        assert_eq!(programs(Given::default()), ["a=top", "b=top"]);
        assert_eq!(programs(prod()), ["a=top", "b=prod", "c=prod"]);
    }

    #[test]
    fn no_color_beats_the_file_and_not_the_flag() {
        let color = |given, no_color| with(TEXT, given, no_color).expect("settings").color;
        assert_eq!(color(Given::default(), false).value, Color::Always);
        assert_eq!(color(prod(), false).value, Color::Auto);
        let none = color(Given::default(), true);
        assert_eq!((none.value, none.origin), (Color::Never, Origin::Variable("NO_COLOR")));
        let flag = Given { color: Some(given(Color::Always, Origin::Flag("--color"))), ..Given::default() };
        assert_eq!(color(flag, true).value, Color::Always);
    }

    #[test]
    fn a_missing_profile_is_an_error_that_names_the_others() {
        let asked = |name: &str| Given {
            profile: Some(given(name.to_owned(), Origin::Variable("KEYCTL_PROFILE"))),
            ..Given::default()
        };
        let error = with(TEXT, asked("prd"), false).err().expect("no such profile");
        assert_eq!(error.to_string(), "there is no profile prd (KEYCTL_PROFILE) in /c.toml");
        assert_eq!(error.hint(), "did you mean prod? there are: dev, prod");
        let error = with("", asked("prod"), false).err().expect("no profiles");
        assert_eq!(error.hint(), "it has no profiles: a table [profile.NAME] makes one");
        for (path, says) in [(Some(Path::new("/none.toml")), "/none.toml"), (None, "no place")] {
            let error = resolve(asked("x"), None, path, &Environment::default()).err().expect("no file");
            assert!(error.to_string().contains(says), "{error}");
        }
        assert!(resolve(Given::default(), None, None, &Environment::default()).is_ok());
    }
}

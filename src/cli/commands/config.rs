//! `keyctl config`

use crate::cli::context::Context;
use crate::config::config_file::Section;
use crate::config::{MasterKeySource, Origin, Setting};
use crate::domain::keys::network::Networks;
use crate::domain::time::Expiry;
use crate::render::Format;
use crate::render::setting::{OriginView, ProfileView, SettingView};

/// Show the settings, and the profiles of the configuration file
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    Show(ShowArgs),
    Profiles(ProfilesArgs),
}

/// Show the settings in force
///
/// Flags win over the environment, that over the profile, and that over the top of the
/// configuration file. Passwords are not shown. Of a master key, the file or the command that the
/// configuration file names is shown; KEYCTL_MASTER_KEY and its like win over it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl config show --origin")]
pub(crate) struct ShowArgs {
    /// Who set each: a flag, a variable, a line of the file or nobody
    #[arg(long)]
    origin: bool,
}

/// List the profiles of the configuration file
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl config profiles")]
pub(crate) struct ProfilesArgs {}

pub(in crate::cli) fn run(context: &mut Context, command: &Command) -> anyhow::Result<()> {
    match command {
        Command::Show(args) => show(context, args),
        Command::Profiles(ProfilesArgs {}) => profiles(context),
    }
}

fn show(context: &Context, args: &ShowArgs) -> anyhow::Result<()> {
    let mut rows = rows(context)?;
    if !args.origin {
        for row in &mut rows {
            row.origin = None;
        }
    }
    context.ui.rows(&rows)?;
    note_file(context);
    Ok(())
}

/// Every setting, in the order of the documentation.
fn rows(context: &Context) -> anyhow::Result<Vec<SettingView>> {
    let settings = &context.settings;
    let store = Setting {
        value: context.find()?.to_string(),
        origin: settings.store.as_ref().map_or(Origin::Default, |store| store.origin.clone()),
    };
    let (key_file, key_command) = match &settings.master_key {
        Some(Setting { value: MasterKeySource::File(path), origin }) => {
            (Some(Setting { value: path.display().to_string(), origin: origin.clone() }), None)
        }
        Some(Setting { value: MasterKeySource::Command(command), origin }) => {
            (None, Some(Setting { value: command.clone(), origin: origin.clone() }))
        }
        None => (None, None),
    };
    Ok(vec![
        row("profile", "none", settings.profile.as_ref(), String::clone),
        row("store", "", Some(&store), String::clone),
        row("prefix", "as the store says", settings.prefix.as_ref(), |prefix| prefix.as_str().to_owned()),
        row("expires", "as the store says", settings.expires.as_ref(), expiry),
        row("output", "table on a terminal, else plain", settings.output.as_ref(), |output| {
            output.as_str().to_owned()
        }),
        row("color", "", Some(&settings.color), |color| color.as_str().to_owned()),
        row("lock_timeout", "", Some(&settings.lock_timeout), ToString::to_string),
        row("outbound_allow", "public addresses alone", settings.outbound_allow.as_ref(), networks),
        row("master_key_file", "none", key_file.as_ref(), String::clone),
        row("master_key_command", "none", key_command.as_ref(), String::clone),
    ])
}

fn row<T>(
    name: &'static str,
    unset: &'static str,
    setting: Option<&Setting<T>>,
    text: impl Fn(&T) -> String,
) -> SettingView {
    let origin = setting.map_or(&Origin::Default, |setting| &setting.origin);
    SettingView {
        name,
        value: setting.map(|setting| text(&setting.value)),
        origin: Some(origin_view(origin)),
        unset,
    }
}

fn networks(networks: &Networks) -> String {
    networks.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

fn expiry(expiry: &Expiry) -> String {
    match expiry {
        Expiry::Never => "never".to_owned(),
        Expiry::After(span) => span.to_string(),
        Expiry::At(at) | Expiry::EndOfDay(at) => at.to_string(),
    }
}

fn origin_view(origin: &Origin) -> OriginView {
    let (kind, name) = match origin {
        Origin::Flag(name) => ("flag", Some((*name).to_owned())),
        Origin::Variable(name) => ("variable", Some((*name).to_owned())),
        Origin::Profile { name, .. } => ("profile", Some(name.clone())),
        Origin::File { .. } => ("file", None),
        Origin::Default => ("default", None),
    };
    let place = origin.place();
    OriginView {
        kind,
        name,
        file: place.map(|(file, _)| file.display().to_string()),
        line: place.map(|(_, line)| line),
        text: origin.to_string(),
    }
}

fn profiles(context: &Context) -> anyhow::Result<()> {
    let Some(file) = &context.file else {
        context.ui.rows::<ProfileView>(&[])?;
        note_file(context);
        return Ok(());
    };
    let used = context.settings.profile.as_ref().map(|profile| profile.value.as_str());
    let view = |(name, section): (&String, &Section)| {
        let store = section.store.as_ref().map(|store| {
            let origin = Origin::Profile { name: name.clone(), file: file.path.clone(), line: store.line };
            anyhow::Ok(context.named(&store.value, Some(&origin))?.to_string())
        });
        Ok(ProfileView {
            name: name.clone(),
            used: used == Some(name),
            store: store.transpose()?,
            file: file.path.display().to_string(),
            line: section.line,
        })
    };
    let profiles = file.profiles.iter().map(view).collect::<anyhow::Result<Vec<_>>>()?;
    context.ui.rows(&profiles)?;
    note_file(context);
    Ok(())
}

/// Tells people which file it is about, where the table does not.
fn note_file(context: &Context) {
    let Some(path) = context.config_path() else { return };
    let path = path.display();
    match &context.file {
        None => context.ui.note(&format!("there is no configuration file {path}")),
        Some(_) if context.ui.format() == Format::Table => {
            context.ui.note(&format!("the configuration file is {path}"));
        }
        Some(_) => {}
    }
}

//! Credentials that `keyctl exec --oauth` names: got before the command starts, and kept good while it runs.

use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use signal_hook::low_level::emulate_default_handler;

use crate::cli::commands::credentials::refresh::warn_of_shortness;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exec::keeper::{Around, Keepers};
use crate::cli::exec::{Beside, Masks, Signals};
use crate::domain::credentials::credential::Credential;
use crate::domain::federation::settings::Present;
use crate::domain::secrets::secret::{Provider, SecretName, SecretValue};
use crate::domain::texts::text::Shown;
use crate::ops;
use crate::ops::credentials::current::{How, MIN_VALID};
use crate::ops::credentials::keep::{self, Kept, MOST, Wish};
use crate::ops::credentials::show;
use crate::ops::desk::{Desk, Opening};
use crate::ops::env::Env;
use crate::store::{self, Location, Store};

/// The variable that names the socket.
#[cfg(feature = "serve")]
const SOCKET: &str = "KEYCTL_CREDENTIALS_SOCKET";

/// How often it is tried where others use, or get, what is needed.
const LOOKED_AT: Duration = Duration::from_millis(50);

/// A secret that the command gets.
pub(super) struct Given {
    pub(super) provider: Provider,
    pub(super) value: Arc<SecretValue>,
    /// How the provider is presented it, which its variable says.
    pub(super) present: Option<Present>,
}

/// What is done beside the command, in the order in which it is ended.
struct Running {
    #[cfg(feature = "serve")]
    _socket: crate::server::Offered,
    _keepers: Arc<Keepers>,
    #[cfg(feature = "serve")]
    _folder: crate::cli::exec::private::Private,
}

/// What a command is started with.
pub(super) struct Prepared {
    pub(super) given: Vec<Given>,
    pub(super) paths: Vec<(&'static str, PathBuf)>,
    pub(super) beside: Option<Beside>,
}

/// Gets a token of each of these credentials, whose providers must not be among those that a secret is handed out for.
pub(super) fn prepare(
    context: &mut Context,
    names: &[SecretName],
    beside: &[Given],
    masks: &Arc<Masks>,
) -> anyhow::Result<Prepared> {
    #[cfg(not(feature = "serve"))]
    let _ = masks;
    // What is asked for is stored, whoever wants an end: then everything is given up. So nothing may listen for signals after
    // they are caught, which would end us again.
    context.options.listen = store::unheard;
    let mut env = context.open_env_made(false)?;
    let credentials = named(&mut env.store, names, beside)?;
    let ring = context.ring_of_secrets(&mut env.store)?;
    let location = context.find()?;
    let is_kept = !matches!(location, Location::Sqlite(_));
    let open = Box::new(context.opener(location, context.actor()?, context.options.lock_timeout)?);
    let around = Arc::new(Around {
        desk: Desk { store: Opening { open, is_kept }, ring, outbound: Box::new(context.outbound()) },
        #[cfg(feature = "serve")]
        masks: Arc::clone(masks),
        say: {
            let ui = context.ui;
            Box::new(move |text| ui.warn(text))
        },
    });
    let mut signals = Signals::catch()?;
    let (mut keepers, mut given) = (Keepers::default(), Vec::new());
    for credential in credentials {
        let kept = got(context, &mut env, &around.desk, &mut signals, &credential);
        let kept = match kept {
            Ok(kept) => kept,
            Err(Stop::Signal(signal)) => {
                drop(keepers);
                emulate_default_handler(signal)?;
                return Err(CliError::ended(u8::try_from(128 + signal).unwrap_or(u8::MAX)).into());
            }
            Err(Stop::Failed(error)) => return Err(error.into()),
        };
        if let Some(because) = kept.because {
            warn_of_shortness(context, &kept.secret.name, because);
        }
        given.push(Given {
            provider: kept.secret.provider.clone(),
            value: Arc::clone(&kept.value),
            present: Some(Present::Bearer),
        });
        let at = env.store.now()?;
        keepers.keep(&around, kept, at)?;
    }
    drop(env);
    attended(context, given, Arc::new(keepers), signals)
}

/// With a socket, at which the command gets what follows.
#[cfg(feature = "serve")]
fn attended(
    _: &Context,
    given: Vec<Given>,
    keepers: Arc<Keepers>,
    signals: Signals,
) -> anyhow::Result<Prepared> {
    use crate::cli::error::Kind;
    use crate::cli::exec::private::Private;
    use crate::config::environment::runtime_places;
    use crate::ops::env::SystemRandom;
    use crate::server::Offered;

    let failed = |error: std::io::Error| {
        let message = format!("no socket can be made for the command: {error}");
        CliError::new(Kind::Internal, message, "name a folder of your own in XDG_RUNTIME_DIR, or in TMPDIR")
    };
    let folder = Private::make(&runtime_places(), &mut SystemRandom).map_err(failed)?;
    let (listener, path) = folder.socket().map_err(failed)?;
    let user = rustix::process::geteuid().as_raw();
    let offers = Arc::clone(&keepers);
    let socket = Offered::start(listener, user, offers).map_err(failed)?;
    let running = Running { _socket: socket, _keepers: keepers, _folder: folder };
    let beside = Beside { signals, done: Box::new(running) };
    Ok(Prepared { given, paths: vec![(SOCKET, path)], beside: Some(beside) })
}

/// Without one, which this program was built without.
#[cfg(not(feature = "serve"))]
fn attended(
    context: &Context,
    given: Vec<Given>,
    keepers: Arc<Keepers>,
    signals: Signals,
) -> anyhow::Result<Prepared> {
    context.ui.note(
        "this keyctl is built without serve: the command gets no socket, and what it is given ends with its tokens",
    );
    let running = Running { _keepers: keepers };
    let beside = Beside { signals, done: Box::new(running) };
    Ok(Prepared { given, paths: Vec::new(), beside: Some(beside) })
}

/// The credentials in the order of their names, in which all who take several take them.
fn named(store: &mut Store, names: &[SecretName], beside: &[Given]) -> anyhow::Result<Vec<Credential>> {
    let mut credentials: Vec<Credential> = Vec::with_capacity(names.len());
    for name in names {
        let credential = show::show(store, name)?;
        let provider = &credential.secret.provider;
        let same = |other: &Provider| other.is_same(provider);
        if let Some(other) = credentials.iter().find(|other| same(&other.secret.provider)) {
            let (one, other) = (&other.secret.name, &credential.secret.name);
            let message = if one == other {
                format!("the credential {one} is named twice")
            } else {
                format!("the credentials {one} and {other} are both for {provider}")
            };
            let hint = format!("a command gets one for each provider: leave --oauth {other} out");
            return Err(CliError::invalid(message, hint).into());
        }
        if beside.iter().any(|given| same(&given.provider)) {
            let message = format!(
                "the credential {} and a secret that is bound are both for {provider}",
                credential.secret.name
            );
            let hint = format!(
                "leave one out: --oauth {}, or the secret by naming the others in --only",
                Shown(credential.secret.name.as_str())
            );
            return Err(CliError::invalid(message, hint).into());
        }
        credentials.push(credential);
    }
    credentials.sort_by(|one, other| one.secret.name.cmp(&other.secret.name));
    Ok(credentials)
}

/// Why there is no token.
enum Stop {
    Signal(i32),
    Failed(ops::Error),
}

/// A token, waiting for others as for a lock; unless a signal ends that.
fn got(
    context: &Context,
    env: &mut Env,
    desk: &Desk,
    signals: &mut Signals,
    credential: &Credential,
) -> Result<Kept, Stop> {
    #[expect(clippy::disallowed_methods, reason = "the wait is bounded in monotonic time")]
    let begun = Instant::now();
    let how = How::of_server(&*desk.outbound);
    let wish = Wish { most: MOST, min_valid: MIN_VALID };
    loop {
        let got = keep::take(env, &desk.ring, &how, credential.secret.id, &wish);
        if let Some(signal) = signals.ending() {
            if let Ok(mut kept) = got {
                let _ = keep::release(env, &mut kept);
            }
            return Err(Stop::Signal(signal));
        }
        match got {
            Err(ops::Error::Busy { .. }) if begun.elapsed() < context.patience() => {
                thread::sleep(LOOKED_AT);
            }
            got => return got.map_err(Stop::Failed),
        }
    }
}

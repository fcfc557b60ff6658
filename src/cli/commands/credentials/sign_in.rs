//! Somebody signs in, and is waited for.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use super::browser;
use crate::cli::context::Context;
use crate::cli::error::{CliError, Kind};
use crate::cli::terminal::hold;
use crate::cli::terminal::ui::Ui;
use crate::domain::credentials::answer::Answer;
use crate::domain::credentials::granted::Granted;
use crate::domain::federation::parameters::Parameters;
use crate::domain::secrets::secret::SecretValue;
use crate::domain::time::Span;
use crate::ops;
use crate::ops::credentials::sign_in::Who;
use crate::ops::credentials::sign_in::browser::{Judged, SignIn};
use crate::ops::credentials::sign_in::device::{self, Asked, Waiting};
use crate::ops::credentials::sign_in::place::{Place, Way};
use crate::ops::env::Env;
use crate::ops::outbound::Outbound;
use crate::providers::loopback::{Arrived, Loopback, address};
use crate::store;

/// How long somebody at a browser is waited for, unless it is said.
const WAITED_FOR: Span = Span::seconds(300);
/// How soon an end of the waiting is noticed.
const NOTICED: Duration = Duration::from_millis(100);

/// What would end this process leaves a mark, as long as it lives.
pub(super) struct Signals(Arc<AtomicUsize>);

impl Signals {
    pub(super) fn listen(context: &mut Context) -> anyhow::Result<Self> {
        let came = Arc::<AtomicUsize>::default();
        let ignored = hold::ignored();
        for (signal, watched) in [
            (SIGINT, rustix::process::Signal::INT),
            (SIGTERM, rustix::process::Signal::TERM),
            (SIGHUP, rustix::process::Signal::HUP),
        ] {
            if !ignored.have(watched) {
                let number = usize::try_from(signal).unwrap_or_default();
                signal_hook::flag::register_usize(signal, Arc::clone(&came), number)?;
            }
        }
        hold::let_go();
        context.options.listen = store::unheard;
        Ok(Self(came))
    }

    fn check(&self) -> Result<(), CliError> {
        match u8::try_from(self.0.load(Ordering::SeqCst)) {
            Ok(0) | Err(_) => Ok(()),
            Ok(signal) => Err(given_up().with_exit(128 + signal)),
        }
    }
}

fn given_up() -> CliError {
    CliError::new(Kind::Declined, "the sign-in was given up: nothing was changed", "")
}

/// A sign-in that can begin.
pub(super) struct Course<'c> {
    pub outbound: &'c dyn Outbound,
    pub who: &'c Who,
    pub place: &'c Place,
    pub scopes: &'c Granted,
    pub parameters: &'c Parameters,
    pub open: bool,
    pub wait: Option<Span>,
}

fn duration(span: Span) -> Duration {
    Duration::from_secs(span.as_secs().unsigned_abs())
}

impl Course<'_> {
    /// Has somebody sign in, and keeps what comes of it.
    pub(super) fn run(
        &self,
        context: &Context,
        signals: &Signals,
        env: &mut Env,
        way: Way,
        keep: impl FnOnce(&Context, &mut Env, Answer) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        match way {
            Way::Browser => self.browser(context, signals, env, keep),
            Way::Device => self.device(context, signals, env, keep),
        }
    }

    fn browser(
        &self,
        context: &Context,
        signals: &Signals,
        env: &mut Env,
        keep: impl FnOnce(&Context, &mut Env, Answer) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let loopback = Loopback::open().map_err(|error| {
            CliError::new(
                Kind::KeyUnavailable,
                format!("no port of 127.0.0.1 can be opened: {error}; nothing was changed"),
                "sign in on another device: --device",
            )
            .because(error)
        })?;
        let sign_in = SignIn::begin(env.random.as_mut(), self.who, self.place, loopback.uri(), self.scopes)?;
        let url = address(&self.place.begin, &sign_in.form(self.parameters));
        let wait = self.wait.unwrap_or(WAITED_FOR);
        Ui::tell(&format!(
            "listens at {} for {wait}; sign in with a browser on this machine:\n{}",
            loopback.uri(),
            *url
        ));
        self.show(context, &url);
        let (arrived, judged) = await_answer(&loopback, &sign_in, signals, duration(wait))?;
        loopback.take();
        let kept = judged.map_err(anyhow::Error::from).and_then(|code: SecretValue| {
            // It may have been lost while somebody signed in.
            env.store.reconnect()?;
            let now = env.store.now()?;
            let answer = sign_in.redeem(self.outbound, env.random.as_mut(), now, &code)?;
            keep(context, env, answer)
        });
        arrived.tell(kept.is_ok());
        kept
    }

    fn device(
        &self,
        context: &Context,
        signals: &Signals,
        env: &mut Env,
        keep: impl FnOnce(&Context, &mut Env, Answer) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let asked = Asked { outbound: self.outbound, who: self.who, place: self.place };
        let now = env.store.now()?;
        let device = device::begin(&asked, env.random.as_mut(), now, self.scopes)?;
        let complete = device.complete.as_ref();
        let whole = complete.map_or(String::new(), |url| format!("\nor open what has the code in it: {url}"));
        Ui::tell(&format!(
            "on another device, open {} and type the code {}{whole}",
            device.verification, device.user_code
        ));
        self.show(context, complete.unwrap_or(&device.verification).as_str());
        let mut pace = Pace::new(signals);
        let longest = self.wait.map(duration);
        let answer = device::wait(&asked, env.random.as_mut(), now, &device, longest, &mut pace);
        // Somebody who gave up is told that, and not what else was wrong.
        if answer.is_err() {
            signals.check()?;
        }
        let answer = answer?;
        env.store.reconnect()?;
        keep(context, env, answer)
    }

    fn show(&self, context: &Context, url: &str) {
        if let Some(error) = self.open.then(|| browser::show(url).err()).flatten() {
            context.ui.warn(&format!("no browser could be started: {error}"));
        }
    }
}

/// Waits for the answer, whatever else is asked meanwhile.
fn await_answer(
    loopback: &Loopback,
    sign_in: &SignIn<'_>,
    signals: &Signals,
    longest: Duration,
) -> anyhow::Result<(Arrived, Result<SecretValue, ops::Error>)> {
    let pace = Pace::new(signals);
    while pace.waited() < longest {
        signals.check()?;
        let Some(mut arrived) = loopback.next(NOTICED)? else { continue };
        let judged = arrived.redirected().map_or(Judged::Stranger, |redirected| sign_in.judge(redirected));
        match judged {
            Judged::Stranger => drop(arrived),
            Judged::Ended(ended) => return Ok((arrived, ended)),
        }
    }
    let message = "nobody signed in in time; nothing was changed";
    Err(CliError::new(Kind::KeyUnavailable, message, "run the same command again; --wait 15m waits longer")
        .into())
}

/// Time that passes, until somebody gives up.
struct Pace<'s> {
    begun: Instant,
    signals: &'s Signals,
}

impl<'s> Pace<'s> {
    fn new(signals: &'s Signals) -> Self {
        #[expect(clippy::disallowed_methods, reason = "the wait is bounded in monotonic time")]
        let begun = Instant::now();
        Self { begun, signals }
    }
}

impl Waiting for Pace<'_> {
    fn waited(&self) -> Duration {
        self.begun.elapsed()
    }

    fn pause(&mut self, time: Duration) -> Result<(), ops::Error> {
        let until = self.waited() + time;
        while self.waited() < until {
            if self.signals.check().is_err() {
                // What is said of it stands where it is noticed.
                return Err(ops::Error::KeyUnavailable { message: String::new(), hint: String::new() });
            }
            thread::sleep(NOTICED.min(until.saturating_sub(self.waited())));
        }
        Ok(())
    }
}

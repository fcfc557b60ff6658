//! The Unix socket of `keyctl exec --oauth`: tokens of the credentials that the command was named, as `serve` answers them at
//! `/lease`, and nothing else.
//!
//! Nobody presents a key. Whoever runs as the same user is meant, which the system says of each connection (`SO_PEERCRED`):
//! others are refused, also those whom the folder's mode does not stop. The lease is that of `keyctl exec`; a holder token of
//! this socket shows that somebody was given the token of one version, and is known here alone.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io;
use std::os::unix::net::UnixListener;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use futures_util::future::{Either, select};
use hyper::body::Incoming;
use hyper::header::{ALLOW, CONNECTION, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use tokio::sync::oneshot;
use tokio::task::LocalSet;

use super::answers::{Body, json};
use super::bounds::{Sizes, Times};
use super::broker::MIN_VALID;
use super::connection::attend;
use super::credential::bad;
use super::drain::Drain;
use super::framing::Unread;
use super::lease::{Answer, Held, Released, Renewed, held_for, holder, object, span, text, waited_for};
use super::refusal::Refusal;
use super::request::{PLAIN, read};
use crate::domain::credentials::lease::{HolderToken, Lease, LeaseId};
use crate::domain::federation::settings::Present;
use crate::domain::secrets::secret::{Provider, SecretName};
use crate::domain::texts::strict_json::Json;
use crate::domain::time::Span;
use crate::ops::credentials::hold::Print;
use crate::ops::credentials::keep::{Given, MOST, NotGiven, Wish};
use crate::ops::env::SystemRandom;

const SIZES: Sizes = Sizes { head: 16 * 1024, body: 16 * 1024 };

/// As long as `serve` gives a client.
const TIMES: Times = Times {
    idle: Duration::from_mins(1),
    head: Duration::from_secs(10),
    rest: Duration::from_secs(10),
    answer: Duration::from_secs(30),
};

/// Connections at a time; more are just closed.
const MOST_CONNECTIONS: usize = 256;

/// Holder tokens that are known at a time; then the oldest is forgotten.
const MOST_HOLDERS: usize = 1024;

/// After the system gave no connection, as where no file may be opened any more.
const BREATH: Duration = Duration::from_millis(100);

/// How long what is under way may take when the command has ended.
const LAST: Duration = Duration::from_secs(1);

/// What a request names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    Provider(Provider),
    Credential(SecretName),
}

/// Called with what was asked for.
type Reply = Box<dyn FnOnce(Result<Given, NotGiven>) + Send>;

/// Who has the tokens that are handed out.
pub(crate) trait Offers: Send + Sync {
    /// Which of the credentials it is; `None`: none that was named for this command.
    fn find(&self, named: &Named) -> Option<usize>;
    /// Gets its token, waiting for others at most that long.
    fn ask(&self, which: usize, wish: Wish, wait: Duration, answer: Reply);
    /// Holds the token of that version for longer.
    fn renew(&self, which: usize, version: u64, most: Span, answer: Reply);
}

/// A socket that is answered at, until it is dropped.
pub(crate) struct Offered {
    drain: Drain,
    thread: Option<JoinHandle<()>>,
}

impl Offered {
    /// Answers whoever runs as this user.
    pub(crate) fn start(listener: UnixListener, user: u32, offers: Arc<dyn Offers>) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = {
            let _inside = runtime.enter();
            tokio::net::UnixListener::from_std(listener)?
        };
        let drain = Drain::default();
        let seen = drain.clone();
        let thread = thread::Builder::new().name("keyctl-socket".to_owned()).spawn(move || {
            let desk = Rc::new(Counter { offers, holders: RefCell::default() });
            LocalSet::new().block_on(&runtime, accept(listener, user, desk, seen));
            runtime.shutdown_timeout(Duration::ZERO);
        })?;
        Ok(Self { drain, thread: Some(thread) })
    }
}

impl Drop for Offered {
    fn drop(&mut self) {
        self.drain.begin();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Somebody who was given a token.
struct Holder {
    print: Print,
    which: usize,
    version: u64,
    lease: LeaseId,
}

struct Counter {
    offers: Arc<dyn Offers>,
    holders: RefCell<VecDeque<Holder>>,
}

async fn accept(listener: tokio::net::UnixListener, user: u32, desk: Rc<Counter>, drain: Drain) {
    let open = Rc::new(());
    loop {
        let accepted = {
            let (next, end) = (pin!(listener.accept()), pin!(drain.begun()));
            match select(next, end).await {
                Either::Left((accepted, _)) => accepted,
                Either::Right(_) => break,
            }
        };
        let Ok((stream, _)) = accepted else {
            tokio::time::sleep(BREATH).await;
            continue;
        };
        if Rc::strong_count(&open) > MOST_CONNECTIONS {
            continue;
        }
        // Who cannot be told is not that user.
        let is_meant = stream.peer_cred().is_ok_and(|peer| peer.uid() == user);
        let (desk, drain, counted) = (Rc::clone(&desk), drain.clone(), Rc::clone(&open));
        tokio::task::spawn_local(async move {
            let ending = drain.clone();
            let answers = async move |unread, request| {
                let mut answer = match answered(&desk, is_meant, unread, request).await {
                    Ok(answer) => answer,
                    Err(refusal) => refusal.answer(&PLAIN),
                };
                if unread.is_some() || !is_meant || ending.has_begun() {
                    answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
                }
                answer
            };
            attend((SIZES, TIMES), stream, drain, answers).await;
            drop(counted);
        });
    }
    let mut waited = Duration::ZERO;
    while Rc::strong_count(&open) > 1 && waited < LAST {
        tokio::time::sleep(Duration::from_millis(10)).await;
        waited += Duration::from_millis(10);
    }
}

async fn answered(
    desk: &Counter,
    is_meant: bool,
    unread: Option<Unread>,
    request: Request<Incoming>,
) -> Result<Response<Body>, Refusal> {
    if !is_meant {
        return Err(Refusal::NotOffered("another_user"));
    }
    if let Some(Unread { fault, .. }) = unread {
        return Err(Refusal::Request { status: fault.status(), why: fault.detail() });
    }
    let (parts, body) = request.into_parts();
    let path = parts.uri.path();
    if !matches!(path, "/lease" | "/lease/renew" | "/lease/release") {
        return Err(Refusal::Request { status: 404, why: "there is nothing here" });
    }
    if parts.method != Method::POST {
        let refusal = Refusal::Request { status: 405, why: "not with this method" };
        let mut answer = refusal.answer(&PLAIN);
        answer.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
        return Ok(answer);
    }
    let body = object(&read(SIZES, &parts, body).await?)?;
    match path {
        "/lease" => desk.lease(&body).await,
        "/lease/renew" => desk.renew(&body).await,
        _ => desk.release(&body),
    }
}

impl Counter {
    async fn lease(&self, body: &Json) -> Result<Response<Body>, Refusal> {
        let which = self.offers.find(&named(body)?).ok_or(Refusal::NotOffered("not_offered"))?;
        let most = held_for(body, MOST)?;
        let wish = Wish { most, min_valid: span(body, "min_valid")?.unwrap_or(MIN_VALID) };
        let wait = waited_for(body)?;
        let given = reply(|answer| self.offers.ask(which, wish, wait, answer)).await?;
        let token = match &given.lease {
            None => None,
            Some(lease) => Some((lease, self.holder(which, lease)?)),
        };
        let lease = token.as_ref().map(|(lease, token)| Held::of(lease, Some(token)));
        let answer = Answer {
            provider: &given.secret.provider,
            credential: &given.secret.name,
            version: given.secret.version,
            access_token: given.value.expose(),
            present: Present::Bearer.as_str(),
            expires_at: given.good_until,
            lease,
        };
        Ok(json(StatusCode::OK, &answer))
    }

    /// A token of somebody who is given this lease's token.
    fn holder(&self, which: usize, lease: &Lease) -> Result<HolderToken, Refusal> {
        let draw = || HolderToken::generate(&mut SystemRandom).map_err(|_| Refusal::Unavailable("random"));
        let (token, version, lease) = (draw()?, lease.version, lease.id);
        let mut holders = self.holders.borrow_mut();
        if holders.len() >= MOST_HOLDERS {
            holders.pop_front();
        }
        holders.push_back(Holder { print: Print::of(&token), which, version, lease });
        Ok(token)
    }

    async fn renew(&self, body: &Json) -> Result<Response<Body>, Refusal> {
        let (token, most) = (holder(body)?, held_for(body, MOST)?);
        let found = {
            let holders = self.holders.borrow();
            let found = holders.iter().find(|holder| holder.print.is_of(&token));
            found.map(|holder| (holder.which, holder.version))
        };
        let (which, version) = found.ok_or(Refusal::NOT_HELD)?;
        let given = reply(|answer| self.offers.renew(which, version, most, answer)).await?;
        let lease = given.lease.as_ref().ok_or(Refusal::LEASE_ENDED)?;
        Ok(json(StatusCode::OK, &Renewed { lease: Held::of(lease, None) }))
    }

    /// Whoever gives a token up is only forgotten: the command may have others who use it.
    fn release(&self, body: &Json) -> Result<Response<Body>, Refusal> {
        let token = holder(body)?;
        let mut holders = self.holders.borrow_mut();
        let found = holders.iter().position(|holder| holder.print.is_of(&token));
        let released = found.and_then(|at| holders.remove(at)).ok_or(Refusal::NOT_HELD)?.lease;
        Ok(json(StatusCode::OK, &Released { released }))
    }
}

/// Which credential: by its provider or its own name.
fn named(body: &Json) -> Result<Named, Refusal> {
    if body.get("api_key").is_some() {
        return Err(bad("nobody presents a key here: leave api_key out"));
    }
    match (text(body, "provider")?, text(body, "credential")?) {
        (Some(provider), None) => {
            provider.parse().map(Named::Provider).map_err(|_| bad("provider is no provider's name"))
        }
        (None, Some(name)) => {
            name.parse().map(Named::Credential).map_err(|_| bad("credential is no credential's name"))
        }
        _ => Err(bad("the body names provider or credential, a text")),
    }
}

/// What comes of something that another thread does.
async fn reply(ask: impl FnOnce(Reply)) -> Result<Given, Refusal> {
    let (answer, answered) = oneshot::channel();
    ask(Box::new(move |given| {
        let _ = answer.send(given);
    }));
    answered.await.unwrap_or(Err(NotGiven::Unavailable)).map_err(|why| match why {
        NotGiven::Busy => Refusal::Busy,
        NotGiven::Unavailable => Refusal::KeyUnavailable("no_token"),
        NotGiven::Ended => Refusal::LEASE_ENDED,
        NotGiven::Invalid => Refusal::LEASE_LENGTH,
        NotGiven::Store => Refusal::Unavailable("lease_store"),
    })
}

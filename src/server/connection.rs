//! One connection: its requests one after the other, and an end to waiting.

use std::convert::Infallible;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::{Either, select};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use tokio::io::{AsyncRead, AsyncWrite};

use super::answering::Answering;
use super::answers::Body;
use super::bounds::{Sizes, Times};
use super::door::{Door, From};
use super::drain::Drain;
use super::framing::{Checked, Unread, Waiting, Watch};

/// How often it is looked whether one is late.
const LOOKED_AT: Duration = Duration::from_secs(1);

/// The same while the server ends.
const LOOKED_AT_LAST: Duration = Duration::from_millis(50);

/// How long a client that was told that nothing more is read may go on sending.
const FAREWELL: Duration = Duration::from_secs(1);

/// The library wants at least so much room for what it reads.
const LEAST_ROOM: usize = 8192;

/// Answers what comes over a connection, until either side ends it.
pub(super) async fn serve<A, S>(answering: Arc<A>, door: Door, stream: S, drain: Drain)
where
    A: Answering,
    S: AsyncRead + AsyncWrite + Unpin + 'static,
{
    let (sizes, times) = (answering.sizes(), answering.times());
    let answers = async move |unread, request| answering.answer(From { door, unread }, request).await;
    attend((sizes, times), stream, drain, answers).await;
}

/// The same for whoever `answers`: a request, or one that was refused before it was read.
pub(super) async fn attend<S, A>((sizes, times): (Sizes, Times), stream: S, drain: Drain, answers: A)
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
    A: AsyncFn(Option<Unread>, Request<Incoming>) -> Response<Body> + 'static,
{
    let (io, watch) = Checked::new(stream, sizes, now());
    let (seen, answers) = (Rc::clone(&watch), Rc::new(answers));
    let service = service_fn(move |request| {
        let (answers, watch) = (Rc::clone(&answers), Rc::clone(&seen));
        async move {
            watch.answering.set(Some(now()));
            let response = answers(watch.unread.take(), request).await;
            watch.answered();
            Ok::<_, Infallible>(response)
        }
    });
    let connection = http1::Builder::new()
        // Who sends no more may still want the answer.
        .half_close(true)
        .max_buf_size(sizes.head.max(LEAST_ROOM) + 1)
        .pipeline_flush(true)
        .serve_connection(io, service);
    let mut connection = pin!(connection);
    let mut drained = pin!(drain.begun());
    let (mut is_draining, mut is_last) = (false, false);
    loop {
        let tick = pin!(tokio::time::sleep(if is_draining { LOOKED_AT_LAST } else { LOOKED_AT }));
        let signals = async {
            if is_draining {
                tick.await;
                return false;
            }
            matches!(select(tick, &mut drained).await, Either::Right(_))
        };
        match select(connection.as_mut(), pin!(signals)).await {
            Either::Left(_) => return,
            Either::Right((true, _)) => {
                // What is on its way may still come.
                is_draining = true;
                continue;
            }
            Either::Right((false, _)) => {}
        }
        // A request that has begun is answered, too; its answer says that it is the last one.
        if is_draining && !is_last && !matches!(watch.waiting.get(), Waiting::Head(_)) {
            is_last = true;
            connection.as_mut().graceful_shutdown();
        }
        if is_late(&watch, times) && !may_be_told(&watch) {
            return;
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "how long a client is waited for, seen nowhere else")]
fn now() -> Instant {
    Instant::now()
}

fn is_late(watch: &Watch, times: Times) -> bool {
    let is_over = |since: Instant, time| since.elapsed() > time;
    if watch.untaken.get().is_some_and(|since| is_over(since, times.answer)) {
        return true;
    }
    match (watch.waiting.get(), watch.answering.get()) {
        (Waiting::Body(since), _) => is_over(since, times.rest),
        (Waiting::End(since), _) => is_over(since, FAREWELL),
        (_, Some(since)) => is_over(since, times.answer),
        (Waiting::Idle(since), None) => is_over(since, times.idle),
        (Waiting::Head(since), None) => is_over(since, times.head),
        (Waiting::Nothing, None) => false,
    }
}

/// Whether a client that is late is still told so: once, and if it has begun a request and takes what is written.
fn may_be_told(watch: &Watch) -> bool {
    let has_begun = matches!(watch.waiting.get(), Waiting::Head(_) | Waiting::Body(_));
    has_begun && watch.untaken.get().is_none() && !watch.is_late.replace(true)
}

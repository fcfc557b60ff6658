//! One connection: its requests one after the other, and an end to waiting.

use std::convert::Infallible;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::{Either, select};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use tokio::io::{AsyncRead, AsyncWrite};

use super::app::App;
use super::bounds::Times;
use super::door::{Door, From};
use super::drain::Drain;
use super::framing::{Checked, Waiting, Watch};
use super::request::answer;

/// How often it is looked whether one is late.
const LOOKED_AT: Duration = Duration::from_secs(1);

/// A head has no more fields.
const MOST_FIELDS: usize = 100;

/// Answers what comes over a connection, until either side ends it.
#[expect(clippy::disallowed_methods, reason = "how long a client is waited for, seen nowhere else")]
pub(super) async fn serve<S>(app: Arc<App>, door: Door, stream: S, drain: Drain)
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
{
    let (io, watch) = Checked::new(stream, app.sizes(), Instant::now());
    let (times, seen) = (app.times(), Rc::clone(&watch));
    let service = service_fn(move |request| {
        let (app, fault) = (Arc::clone(&app), seen.fault.take());
        async move { Ok::<_, Infallible>(answer(&app, From { door, fault }, request).await) }
    });
    let connection = http1::Builder::new()
        .half_close(false)
        .max_headers(MOST_FIELDS)
        .pipeline_flush(true)
        .serve_connection(io, service);
    let mut connection = pin!(connection);
    let mut drained = pin!(drain.begun());
    let mut is_draining = false;
    loop {
        let tick = pin!(tokio::time::sleep(LOOKED_AT));
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
                is_draining = true;
                connection.as_mut().graceful_shutdown();
            }
            Either::Right((false, _)) if is_late(&watch, times) => return,
            Either::Right((false, _)) => {}
        }
    }
}

fn is_late(watch: &Watch, times: Times) -> bool {
    match watch.waiting.get() {
        Waiting::Idle(since) => since.elapsed() > times.idle,
        Waiting::Head(since) => since.elapsed() > times.head,
        Waiting::Body(since) => since.elapsed() > times.rest,
        Waiting::Answer(since) => since.elapsed() > times.answer,
    }
}

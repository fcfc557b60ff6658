//! What is counted, for `/metrics`: in the text format of `OpenMetrics`. No label is unbounded or secret.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use bytes::Bytes;
use hyper::Response;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

use super::answers::Body;
use super::dialects::Dialect;
use crate::domain::credentials::credential::CredentialState;

/// A request that was answered.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Answered {
    route: &'static str,
    status: u16,
}

/// Why one was refused, or would have been.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Refused {
    route: &'static str,
    reason: &'static str,
}

/// What became of a token that its holder wanted dead.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

/// What is known of credentials.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct State {
    state: &'static str,
}

/// Counts by route and reason.
#[derive(Clone, Default)]
pub(super) struct Reasons(Family<Refused, Counter>);

impl Reasons {
    pub(super) fn count(&self, route: &'static str, reason: &'static str) {
        self.0.get_or_create(&Refused { route, reason }).inc();
    }
}

/// How the store is, as it is seen from here.
#[derive(Clone, Copy)]
pub(super) struct StoreSeen {
    /// Since the read was sent that answers are by.
    pub(super) age: Duration,
    /// Whether the last read succeeded.
    pub(super) is_readable: bool,
}

pub(super) struct Metrics {
    registry: Registry,
    answered: Family<Answered, Counter>,
    /// Of what gateways are told most, found without a look among all.
    allowed: [(&'static str, Counter); 4],
    pub(super) refused: Reasons,
    /// What would have been refused, were it not only observed.
    pub(super) observed: Reasons,
    ended: Family<Outcome, Counter>,
    credentials: Family<State, Gauge>,
    store_read_age: Gauge<f64, AtomicU64>,
    store_readable: Gauge,
    connections: Gauge,
    shed: Counter<u64, AtomicU64>,
}

impl Metrics {
    pub(super) fn new() -> Self {
        let mut registry = Registry::with_prefix("keyctl");
        let answered = Family::<Answered, Counter>::default();
        let allowed = Dialect::ALL.map(|dialect| {
            let route = dialect.as_str();
            (route, answered.get_or_create_owned(&Answered { route, status: 200 }))
        });
        let (refused, observed) = (Reasons::default(), Reasons::default());
        let (connections, shed) = (Gauge::default(), Counter::default());
        registry.register("requests", "Requests answered", answered.clone());
        registry.register(
            "refusals",
            "Requests refused, by reasons that callers are not told",
            refused.0.clone(),
        );
        registry.register(
            "would_deny",
            "Requests that passed because they are only observed",
            observed.0.clone(),
        );
        let ended = Family::default();
        registry.register("revocations", "Tokens that were presented to end their keys", ended.clone());
        let credentials = Family::default();
        registry.register(
            "credentials",
            "OAuth credentials by state, where tokens are got for them; those that need a sign-in get none",
            credentials.clone(),
        );
        let (store_read_age, store_readable) = (Gauge::default(), Gauge::default());
        registry.register_with_unit(
            "store_read_age",
            "Time since the read of the change mark was sent that answers are by; since the start before the first",
            Unit::Seconds,
            store_read_age.clone(),
        );
        registry.register(
            "store_readable",
            "Whether the last read of the change mark succeeded: 1, else 0",
            store_readable.clone(),
        );
        registry.register("connections", "Open connections", connections.clone());
        registry.register("connections_shed", "Connections refused because too many are open", shed.clone());
        Self {
            registry,
            answered,
            allowed,
            refused,
            observed,
            ended,
            credentials,
            store_read_age,
            store_readable,
            connections,
            shed,
        }
    }

    pub(super) fn answered(&self, route: &'static str, status: u16) {
        match self.allowed.iter().find(|(allowed, _)| status == 200 && *allowed == route) {
            Some((_, counter)) => counter.inc(),
            None => self.answered.get_or_create(&Answered { route, status }).inc(),
        };
    }

    pub(super) fn ended(&self, outcome: &'static str) {
        self.ended.get_or_create(&Outcome { outcome }).inc();
    }

    /// How many credentials there are whose providers give new tokens, and how many that need a sign-in.
    pub(super) fn credentials(&self, counts: [(CredentialState, i64); 2]) {
        for (state, count) in counts {
            self.credentials.get_or_create(&State { state: state.as_str() }).set(count);
        }
    }

    pub(super) fn connected(&self) -> i64 {
        self.connections.inc()
    }

    pub(super) fn disconnected(&self) {
        self.connections.dec();
    }

    pub(super) fn shed(&self) {
        self.shed.inc();
    }

    pub(super) fn answer(&self, store: StoreSeen) -> Response<Body> {
        self.store_read_age.set(store.age.as_secs_f64());
        self.store_readable.set(i64::from(store.is_readable));
        let mut text = String::new();
        let _ = encode(&mut text, &self.registry);
        let mut response = Response::new(Body::new(Bytes::from(text)));
        let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        response
    }
}

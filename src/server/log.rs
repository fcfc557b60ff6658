//! What is written of requests: one line each, never a token, a hash or a query.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

use crate::config::serve::serve_file::{LogFormat, LogLevel};
use crate::domain::texts::text::Shown;
use crate::domain::time::Timestamp;

/// Takes a line without its end.
pub(super) type Sink = fn(&str);

pub(crate) struct Log {
    sink: Sink,
    format: LogFormat,
    level: LogLevel,
    clock: fn() -> Option<Timestamp>,
    refusals: Mutex<Refusals>,
}

/// Refusals of one second that are written; of more only the number is, or whoever floods a server fills its disk.
const MOST_REFUSALS: u64 = 200;

#[derive(Default)]
struct Refusals {
    second: i64,
    count: u64,
}

/// What happened; what is `None` is left out.
#[derive(Clone, Default, Serialize)]
pub(super) struct Event<'a> {
    pub(super) message: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) request_id: Option<&'a str>,
    /// Which of the server's own routes, never a client's path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) route: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) policy: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) owner: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) key: Option<String>,
    /// The public id of the token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) token_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) client: Option<String>,
}

#[derive(Serialize)]
struct Line<'a> {
    time: String,
    level: &'a str,
    #[serde(flatten)]
    event: &'a Event<'a>,
}

impl Log {
    pub(crate) fn new(
        sink: Sink,
        format: LogFormat,
        level: LogLevel,
        clock: fn() -> Option<Timestamp>,
    ) -> Self {
        Self { sink, format, level, clock, refusals: Mutex::default() }
    }

    /// Whether anything of this level is written.
    pub(super) fn takes(&self, level: LogLevel) -> bool {
        level <= self.level
    }

    /// Whether one more refusal is written. All are counted in the metrics.
    pub(super) fn takes_refusal(&self, level: LogLevel) -> bool {
        if !self.takes(level) {
            return false;
        }
        let second = (self.clock)().map_or(0, |now| now.as_millis() / 1000);
        let mut left_out = 0;
        let is_written = {
            let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
            if refusals.second != second {
                left_out = refusals.count.saturating_sub(MOST_REFUSALS);
                *refusals = Refusals { second, count: 0 };
            }
            refusals.count += 1;
            refusals.count <= MOST_REFUSALS
        };
        if left_out > 0 {
            self.say(LogLevel::Warn, &format!("{left_out} more refusals of one second are not written here"));
        }
        is_written
    }

    pub(crate) fn say(&self, level: LogLevel, message: &str) {
        self.event(level, &Event { message: message.into(), ..Event::default() });
    }

    pub(super) fn event(&self, level: LogLevel, event: &Event<'_>) {
        if !self.takes(level) {
            return;
        }
        let line = Line {
            time: (self.clock)().map(|now| now.to_string()).unwrap_or_default(),
            level: word(level),
            event,
        };
        let text = match self.format {
            LogFormat::Json => serde_json::to_string(&line).unwrap_or_default(),
            LogFormat::Text => text_of(&line),
        };
        (self.sink)(&text);
    }
}

const fn word(level: LogLevel) -> &'static str {
    match level {
        LogLevel::Error => "error",
        LogLevel::Warn => "warn",
        LogLevel::Info => "info",
        LogLevel::Debug => "debug",
    }
}

/// `TIME level message name=value …`; what a client chose is shown without control characters.
fn text_of(line: &Line<'_>) -> String {
    let event = line.event;
    let mut text = format!("{} {:<5} {}", line.time, line.level, Shown(&event.message));
    let mut add = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            let _ = write!(text, " {name}={}", Shown(value));
        }
    };
    add("status", event.status.map(|status| status.to_string()).as_deref());
    add("reason", event.reason);
    add("route", event.route);
    add("policy", event.policy.as_deref());
    add("owner", event.owner);
    add("key", event.key.as_deref());
    add("token_id", event.token_id);
    add("client", event.client.as_deref());
    add("request_id", event.request_id);
    text
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    thread_local! {
        static LINES: RefCell<Vec<String>> = RefCell::default();
    }

    fn said(format: LogFormat, level: LogLevel, event: &Event<'_>) -> Vec<String> {
        let sink = |line: &str| LINES.with_borrow_mut(|lines| lines.push(line.to_owned()));
        Log::new(sink, format, LogLevel::Info, || Timestamp::from_millis(0)).event(level, event);
        LINES.take()
    }

    #[test]
    fn of_a_flood_of_refusals_some_lines_are_written_and_the_number_of_the_rest() {
        thread_local! {
            static NOW: std::cell::Cell<i64> = const { std::cell::Cell::new(5_000) };
        }
        let sink = |line: &str| LINES.with_borrow_mut(|lines| lines.push(line.to_owned()));
        let log = Log::new(sink, LogFormat::Text, LogLevel::Info, || Timestamp::from_millis(NOW.get()));
        let written = |count: u64| (0..count).filter(|_| log.takes_refusal(LogLevel::Info)).count() as u64;
        assert_eq!(written(1_000), MOST_REFUSALS);
        assert_eq!(LINES.take(), [""; 0]);
        NOW.set(6_000);
        assert_eq!(written(10), 10);
        assert_eq!(
            LINES.take(),
            ["1970-01-01T00:00:06.000Z warn  800 more refusals of one second are not written here"]
        );
        NOW.set(9_000);
        assert_eq!(written(1), 1);
        assert_eq!(LINES.take(), [""; 0]);
        assert!(!log.takes_refusal(LogLevel::Debug));
    }

    #[test]
    fn a_line_holds_what_is_known_and_no_control_characters() {
        let event = Event {
            message: "refused".into(),
            status: Some(401),
            reason: Some("unknown"),
            policy: Some("a\nb".into()),
            ..Event::default()
        };
        assert_eq!(
            said(LogFormat::Json, LogLevel::Info, &event),
            [
                r#"{"time":"1970-01-01T00:00:00.000Z","level":"info","message":"refused","policy":"a\nb","status":401,"reason":"unknown"}"#
            ]
        );
        let text = said(LogFormat::Text, LogLevel::Info, &event);
        assert!(
            text[0].starts_with("1970-01-01T00:00:00.000Z info  refused status=401 reason=unknown"),
            "{text:?}"
        );
        assert!(!text[0].contains('\n'), "{text:?}");
        assert!(said(LogFormat::Text, LogLevel::Debug, &event).is_empty());
    }
}

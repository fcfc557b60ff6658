//! What is understood of a socket's answers, by the rows of tests/lease_answers.json, which the readers in Python and
//! TypeScript are held to, too.

use std::io::{Read as _, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use keyctl::runtime::{
    LeaseError, LeaseOptions, LeasedToken, Options, Provider, Reader, SecretValue, Timestamp,
};
use serde_json::{Value, json};

use super::address;
use crate::support::cli::Sandbox;
use crate::support::store::Place;

#[derive(serde::Deserialize)]
struct Row {
    name: String,
    status: String,
    head: Vec<String>,
    body: Value,
    api_key: Option<String>,
    /// A token is expected, or an error.
    token: Option<String>,
    present: Option<String>,
    expires_at: Option<i64>,
    #[serde(default)]
    header: Vec<String>,
    fence: Option<u64>,
    r#type: Option<String>,
    reason: Option<String>,
    http: Option<u16>,
    retry_after: Option<u64>,
    #[serde(default)]
    says: Vec<String>,
}

impl Row {
    fn answer(&self) -> Vec<u8> {
        let body = match &self.body {
            Value::String(text) => text.clone(),
            body => body.to_string(),
        };
        let head: String = self.head.iter().map(|line| format!("{line}\r\n")).collect();
        let head = head.replace("{length}", &body.len().to_string());
        format!("HTTP/1.1 {}\r\n{head}\r\n{body}", self.status).into_bytes()
    }

    fn check(&self, outcome: Result<LeasedToken, LeaseError>) -> Result<(), String> {
        let shown = format!("{outcome:?}");
        if shown.contains("planted") {
            return Err(shown);
        }
        match outcome {
            Ok(token) => {
                let millis = token.expires_at().map(Timestamp::as_millis);
                let (name, value) = token.header();
                let is_right = Some(token.expose()) == self.token.as_deref()
                    && Some(token.present().as_str()) == self.present.as_deref()
                    && millis == self.expires_at
                    && [name, value.expose()] == self.header[..]
                    && token.lease().map(|lease| lease.fence) == self.fence;
                if is_right { Ok(()) } else { Err(shown) }
            }
            Err(error) => {
                let said = error.to_string();
                let retry_after = match &error {
                    LeaseError::Limited { retry_after, .. } => *retry_after,
                    _ => self.retry_after,
                };
                let is_right = Some(error.error_type()) == self.r#type.as_deref()
                    && Some(error.reason()) == self.reason.as_deref()
                    && self.http.is_none_or(|status| status == error.status())
                    && retry_after == self.retry_after
                    && self.says.iter().all(|text| said.contains(text.as_str()));
                if is_right { Ok(()) } else { Err(format!("{} {said}", error.reason())) }
            }
        }
    }
}

/// Answers each connection as it is told, once its request has come, and keeps what was asked.
struct Endpoint {
    sandbox: Sandbox,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Endpoint {
    fn new(answer: impl Fn(&mut UnixStream, usize) + Send + 'static) -> Self {
        let sandbox = Sandbox::with_store(Place::sqlite());
        let listener = UnixListener::bind(sandbox.home().join("s")).expect("binds");
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let requests = Arc::clone(&asked);
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let (mut bytes, mut piece) = (Vec::new(), [0; 4096]);
                while !bytes.ends_with(b"}") {
                    let read = stream.read(&mut piece).unwrap_or_default();
                    if read == 0 {
                        break;
                    }
                    bytes.extend(&piece[..read]);
                }
                let count = {
                    let mut requests = requests.lock().expect("requests");
                    requests.push(String::from_utf8_lossy(&bytes).into_owned());
                    requests.len()
                };
                answer(&mut stream, count);
            }
        });
        Self { sandbox, asked }
    }

    fn ask(&self, key: Option<&str>, options: &LeaseOptions<'_>) -> Result<LeasedToken, LeaseError> {
        let key = key.map(|key| SecretValue::from_bytes(key.as_bytes(), false).expect("a key"));
        let credentials_socket = Some(self.sandbox.home().join("s"));
        let open = Options { credentials_socket, credentials_key: key, ..Options::default() };
        let reader = Reader::open(&address(&self.sandbox.place), open).expect("opens");
        reader.lease(&"github".parse::<Provider>().expect("a provider"), options)
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("requests").clone()
    }
}

fn rows() -> Vec<Row> {
    serde_json::from_str(include_str!("../lease_answers.json")).expect("rows")
}

fn body(request: &str) -> Value {
    serde_json::from_str(request.split_once("\r\n\r\n").expect("a head").1).expect("JSON")
}

const SOON: Option<Duration> = Some(Duration::from_secs(1));

#[test]
fn each_answer_is_understood_or_refused() {
    let mut failures = Vec::new();
    for row in rows() {
        let answer = row.answer();
        let endpoint = Endpoint::new(move |stream, _| drop(stream.write_all(&answer)));
        let options = LeaseOptions { wait: SOON, api_key: row.api_key.as_deref(), ..LeaseOptions::default() };
        if let Err(said) = row.check(endpoint.ask(Some("planted-key"), &options)) {
            failures.push(format!("{}: {said}", row.name));
        }
        let asked = endpoint.asked();
        assert!(asked[0].starts_with("POST /lease HTTP/1.1\r\n"), "{}", asked[0]);
        assert!(asked[0].contains("\r\nAuthorization: Bearer planted-key\r\n"), "{}", asked[0]);
        let sent = body(&asked[0]);
        assert!(sent["provider"] == "github" && sent["wait"].as_u64() <= Some(1), "{sent}");
        assert_eq!(sent.get("api_key").and_then(Value::as_str), row.api_key.as_deref());
        let released = asked.iter().filter(|request| request.starts_with("POST /lease/release "));
        assert_eq!(released.count(), usize::from(row.fence.is_some()), "{}", row.name);
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn busy_is_asked_again_with_the_wait_that_is_left_when_it_is_said_to_be() {
    let (good, busy) = (rows().swap_remove(0).answer(), json!({ "code": "BUSY" }).to_string());
    let head = format!("Retry-After: 1\r\nContent-Length: {}", busy.len());
    let busy = format!("HTTP/1.1 503 Service Unavailable\r\n{head}\r\n\r\n{busy}");
    let endpoint = Endpoint::new(move |stream, count| {
        let _ = stream.write_all(if count > 2 { &good } else { busy.as_bytes() });
    });
    let options = LeaseOptions { wait: Some(Duration::from_secs(9)), ..LeaseOptions::default() };
    let start = Instant::now();
    assert_eq!(endpoint.ask(None, &options).expect("a token").expose(), "planted-token");
    assert!((Duration::from_secs(2)..Duration::from_secs(6)).contains(&start.elapsed()));
    let waits: Vec<u64> = endpoint.asked().iter().filter_map(|asked| body(asked)["wait"].as_u64()).collect();
    assert!(waits.is_sorted_by(|one, next| one > next) && waits.len() == 3, "{waits:?}");
    assert!(!endpoint.asked()[0].contains("uthorization"), "no key is sent where there is none");
}

#[test]
fn whoever_hangs_up_is_not_there() {
    let endpoint = Endpoint::new(|_, _| {});
    let error = endpoint.ask(None, &LeaseOptions::default()).expect_err("no answer");
    assert_eq!(error.reason(), "unreachable", "{error}");
}

#[test]
fn who_sends_a_byte_now_and_then_is_not_waited_for_any_longer() {
    let endpoint = Endpoint::new(|stream, _| {
        while stream.write_all(b"H").is_ok() {
            std::thread::sleep(Duration::from_millis(100));
        }
    });
    let start = Instant::now();
    let options = LeaseOptions { wait: Some(Duration::ZERO), ..LeaseOptions::default() };
    let error = endpoint.ask(None, &options).expect_err("no answer");
    assert_eq!(error.reason(), "timeout", "{error}");
    assert!(start.elapsed() < Duration::from_secs(14));
}

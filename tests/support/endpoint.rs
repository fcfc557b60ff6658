//! A token endpoint that answers whatever a test wants.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// How it answers one connection, whose request was read.
type Answer = Arc<dyn Fn(&str, &mut TcpStream) + Send + Sync>;

/// It ends with the process.
pub struct Endpoint {
    port: u16,
    answer: Arc<Mutex<Answer>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Endpoint {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let answer: Arc<Mutex<Answer>> = Arc::new(Mutex::new(Arc::new(|_, _| {})));
        let asked = Arc::default();
        let (answers, requests) = (Arc::clone(&answer), Arc::clone(&asked));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let answer = Arc::clone(&answers.lock().expect("an answer"));
                let requests: Arc<Mutex<Vec<String>>> = Arc::clone(&requests);
                thread::spawn(move || serve(stream, &*answer, &requests));
            }
        });
        Self { port, answer, asked }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/token", self.port)
    }

    /// From now on this is what it does.
    pub fn does(&self, answer: impl Fn(&mut TcpStream) + Send + Sync + 'static) {
        self.answers_each(move |_, stream| answer(stream));
    }

    /// The same, by the body that came.
    pub fn answers_each(&self, answer: impl Fn(&str, &mut TcpStream) + Send + Sync + 'static) {
        *self.answer.lock().expect("an answer") = Arc::new(answer);
    }

    /// From now on this is what it answers, under a head with this status and these lines.
    pub fn answers(&self, status: u16, head: &str, body: &str) {
        let text = answer(status, head, body);
        self.does(move |stream| {
            let _ = stream.write_all(text.as_bytes());
        });
    }

    /// The same with a yes, once something was done.
    pub fn answers_after(&self, body: &str, first: impl Fn() + Send + Sync + 'static) {
        let text = answer(200, "", body);
        self.does(move |stream| {
            first();
            let _ = stream.write_all(text.as_bytes());
        });
    }

    /// The bodies that came since this was asked last.
    pub fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().expect("requests"))
    }
}

fn answer(status: u16, head: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n{head}\r\n{body}"
    )
}

fn serve(
    mut stream: TcpStream,
    answer: &(dyn Fn(&str, &mut TcpStream) + Send + Sync),
    requests: &Mutex<Vec<String>>,
) {
    let mut reader = BufReader::new(stream.try_clone().expect("a stream"));
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().expect("a length");
        }
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    if reader.read_exact(&mut body).is_err() {
        return;
    }
    let body = String::from_utf8(body).expect("a text");
    requests.lock().expect("requests").push(body.clone());
    answer(&body, &mut stream);
}

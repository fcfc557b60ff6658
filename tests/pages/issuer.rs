//! An issuer that says whatever a test wants, over plain HTTP on this machine: for what no real provider does.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};

pub const SECRET: &str = "s3cr%t:+/ &x";

pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()
}

/// How an endpoint answers.
#[derive(Clone)]
pub enum Manner {
    /// With this status and JSON.
    Says(u16, String),
    Redirect,
    /// 100 MB.
    Huge,
    Silent,
    Html,
}

/// One key that signs with ES256.
pub struct Signing {
    kid: String,
    key: EcdsaKeyPair,
}

impl Signing {
    pub fn new(kid: &str) -> Self {
        let (random, algorithm) = (SystemRandom::new(), &ECDSA_P256_SHA256_FIXED_SIGNING);
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("a key");
        let key = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).expect("a key");
        Self { kid: kid.to_owned(), key }
    }

    fn public(&self) -> Value {
        let (x, y) = self.key.public_key().as_ref()[1..].split_at(32);
        let [x, y] = [x, y].map(|part| URL_SAFE_NO_PAD.encode(part));
        json!({ "kty": "EC", "crv": "P-256", "kid": self.kid, "x": x, "y": y })
    }

    pub fn sign(&self, claims: &Value) -> String {
        let parts = parts(&json!({ "alg": "ES256", "kid": self.kid }), claims);
        let signature = self.key.sign(&SystemRandom::new(), parts.as_bytes()).expect("signs");
        format!("{parts}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// By no key at all (RFC 7519 §6).
    pub fn unsigned(claims: &Value) -> String {
        format!("{}.", parts(&json!({ "alg": "none" }), claims))
    }

    /// By the public key, as if it were a secret (RFC 8725 §2.1).
    pub fn by_secret(&self, claims: &Value) -> String {
        let parts = parts(&json!({ "alg": "HS256", "kid": self.kid }), claims);
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.key.public_key().as_ref());
        format!("{parts}.{}", URL_SAFE_NO_PAD.encode(hmac::sign(&key, parts.as_bytes())))
    }
}

fn parts(header: &Value, claims: &Value) -> String {
    let [header, claims] = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    format!("{header}.{claims}")
}

/// What an endpoint was asked: its head and its body.
pub type Asked = (String, String);

/// It ends with the process.
pub struct Issuer {
    pub url: String,
    manners: Arc<Mutex<HashMap<&'static str, Manner>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

const DOCUMENT: &str = "/.well-known/openid-configuration";

impl Issuer {
    pub fn start(key: &Signing) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let issuer = Self { url, manners: Arc::default(), asked: Arc::default() };
        let (manners, asked) = (Arc::clone(&issuer.manners), Arc::clone(&issuer.asked));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (manners, asked) = (Arc::clone(&manners), Arc::clone(&asked));
                thread::spawn(move || answer(stream, &manners, &asked));
            }
        });
        issuer.describes(&issuer.document());
        issuer.publishes(key);
        issuer
    }

    pub fn document(&self) -> Value {
        json!({
            "issuer": self.url,
            "authorization_endpoint": format!("{}/auth", self.url),
            "token_endpoint": format!("{}/token", self.url),
            "jwks_uri": format!("{}/keys", self.url),
            "code_challenge_methods_supported": ["S256"],
        })
    }

    pub fn describes(&self, document: &Value) {
        self.does(DOCUMENT, Manner::Says(200, document.to_string()));
    }

    pub fn publishes(&self, key: &Signing) {
        self.does("/keys", Manner::Says(200, json!({ "keys": [key.public()] }).to_string()));
    }

    /// What every code is redeemed for.
    pub fn gives(&self, id_token: &str) {
        let body =
            json!({ "access_token": "at", "token_type": "Bearer", "expires_in": 60, "id_token": id_token });
        self.does("/token", Manner::Says(200, body.to_string()));
    }

    pub fn does(&self, path: &'static str, manner: Manner) {
        self.manners.lock().expect("lock").insert(path, manner);
    }

    /// What the token endpoint was asked.
    pub fn redeemed(&self) -> Vec<Asked> {
        let asked = self.asked.lock().expect("lock");
        asked.iter().filter(|(head, _)| head.starts_with("POST /token ")).cloned().collect()
    }

    /// How often its document was read.
    pub fn described(&self) -> usize {
        self.asked.lock().expect("lock").iter().filter(|(head, _)| head.contains(DOCUMENT)).count()
    }
}

fn answer(mut stream: TcpStream, manners: &Mutex<HashMap<&'static str, Manner>>, asked: &Mutex<Vec<Asked>>) {
    let mut reader = BufReader::new(stream.try_clone().expect("a stream"));
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        if line == "\r\n" {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length: ") {
            length = value.trim().parse().expect("a length");
        }
        head += &line;
    }
    let mut body = vec![0; length];
    if reader.read_exact(&mut body).is_err() {
        return;
    }
    let path = head.split(' ').nth(1).expect("a path").to_owned();
    asked.lock().expect("lock").push((head, String::from_utf8(body).expect("text")));
    let manner = manners.lock().expect("lock").get(path.as_str()).cloned();
    let (status, kind, body) = match manner.unwrap_or_else(|| Manner::Says(404, "{}".to_owned())) {
        Manner::Says(status, body) => (status.to_string(), "application/json", body),
        Manner::Redirect => ("302\r\nLocation: https://example.com/".to_owned(), "text/html", String::new()),
        Manner::Huge => ("200".to_owned(), "application/json", " ".repeat(100 * 1024 * 1024)),
        Manner::Html => ("200".to_owned(), "text/html", "<html>".to_owned()),
        Manner::Silent => {
            thread::sleep(Duration::from_secs(60));
            return;
        }
    };
    let mut lines = status.splitn(2, "\r\n");
    let (status, more) = (lines.next().unwrap_or_default(), lines.next().unwrap_or("X-More: none"));
    let head = format!(
        "HTTP/1.1 {status} X\r\n{more}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes()));
}

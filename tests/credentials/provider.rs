//! A real provider: oidc-provider on loopback, driven by `provider/provider.mjs`.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

/// Ended with the value.
pub struct Provider {
    child: Child,
    port: u16,
}

impl Provider {
    /// One whose access tokens live so long, in seconds.
    pub fn start(lives: u32) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let modules = root.join("target/gateways/oidc-provider/node_modules");
        assert!(modules.exists(), "{} is missing: run tests/serve/install", modules.display());
        let settings = json!({ "lives": lives, "modules": modules });
        let mut child = Command::new("node")
            .arg(root.join("tests/credentials/provider/provider.mjs"))
            .arg(settings.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("node starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
        let port = line.trim().parse().expect("oidc-provider says its port");
        Self { child, port }
    }

    pub fn issuer(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub fn token_endpoint(&self) -> String {
        format!("http://127.0.0.1:{}/token", self.port)
    }

    /// Tokens of a new grant, as the token endpoint answers them.
    pub fn grant(&self, client: &str) -> String {
        self.grants(client, 1)[0].to_string()
    }

    /// Several refresh tokens of one grant.
    pub fn grants(&self, client: &str, tokens: usize) -> Vec<Value> {
        let client = client.replace(':', "%3A");
        let answer = self.get(&format!("/test/grant?client={client}&tokens={tokens}"));
        serde_json::from_str(&answer).expect("tokens")
    }

    /// What the token endpoint was asked: status and error of each request.
    pub fn log(&self) -> Vec<(u64, Option<String>)> {
        let log: Vec<Value> = serde_json::from_str(&self.get("/test/log")).expect("a log");
        log.iter()
            .map(|entry| {
                (entry["status"].as_u64().expect("a status"), entry["error"].as_str().map(str::to_owned))
            })
            .collect()
    }

    /// From now on answers are held back so long, once all is done.
    pub fn hold(&self, millis: u32) {
        self.get(&format!("/test/hold?ms={millis}"));
    }

    /// The same before anything is done.
    pub fn hold_before(&self, millis: u32) {
        self.get(&format!("/test/hold?before={millis}"));
    }

    /// All that it was asked and gave, also what is under way, with the hashes of the tokens.
    pub fn history(&self) -> Value {
        serde_json::from_str(&self.get("/test/history")).expect("a history")
    }

    /// Whether an access token opens something there.
    pub fn knows(&self, token: &str) -> bool {
        self.ask(&format!(
            "GET /me HTTP/1.0\r\nHost: 127.0.0.1:{}\r\nAuthorization: Bearer {token}\r\n\r\n",
            self.port
        ))
        .starts_with("HTTP/1.1 200 ")
    }

    fn get(&self, path: &str) -> String {
        let answer = self.ask(&format!("GET {path} HTTP/1.0\r\nHost: 127.0.0.1:{}\r\n\r\n", self.port));
        answer.split_once("\r\n\r\n").expect("an answer").1.to_owned()
    }

    fn ask(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("connected");
        stream.write_all(request.as_bytes()).expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

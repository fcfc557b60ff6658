//! A real server of RFC 7523 (Authlib) and a small one of RFC 8693, which verify what is signed.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::{bound, exported, ok, resolve};
use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::store::Place;

struct Provider {
    child: Child,
    port: u16,
    keys: std::path::PathBuf,
}

impl Provider {
    /// One that admits subjects that begin so; its tokens live so many seconds.
    fn start(sandbox: &Sandbox, prefix: &str, lives: &str) -> Self {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let python = root.join("target/gateways/oauth/bin/python");
        assert!(python.exists(), "{} is missing: run tests/serve/install", python.display());
        let keys = sandbox.home().join("uploaded.json");
        std::fs::write(&keys, r#"{"keys":[]}"#).expect("written");
        let mut child = Command::new(python)
            .arg(root.join("tests/federation/provider.py"))
            .args([
                keys.as_os_str(),
                "https://keys.example.com/idp".as_ref(),
                "https://provider.example.com".as_ref(),
            ])
            .args([prefix, lives])
            .stdout(Stdio::piped())
            .spawn()
            .expect("starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("a port");
        Self { child, port: line.trim().parse().expect("a port"), keys }
    }

    fn upload(&self, document: &Value) {
        std::fs::write(&self.keys, document.to_string()).expect("written");
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The token that somebody gets, or what was refused.
fn token(sandbox: &Sandbox, who: &str) -> Result<String, String> {
    let ran = resolve(sandbox, who);
    if ran.code != Some(0) {
        assert_eq!(ran.code, Some(8), "{ran:?}");
        return Err(ran.stderr);
    }
    let answer: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    Ok(answer["secret"].as_str().expect("a token").to_owned())
}

fn life_of_a_federation(place: Place, kind: &str, path: &str, refused: &str) {
    let sandbox = Sandbox::with_store(place);
    let provider = Provider::start(&sandbox, "agents:alice:", "600");
    let endpoint = format!("http://127.0.0.1:{}/{path}", provider.port);
    ok(
        &sandbox,
        &format!(
            "federation add idp --kind {kind} --issuer https://keys.example.com/idp --token-endpoint {endpoint} \
             --audience https://provider.example.com"
        ),
    );
    let alice = bound(&sandbox, "idp", " --subject agents:{owner}:{secret}");
    // Nothing was uploaded, and somebody says that it was.
    ok(&sandbox, "federation activate idp --uploaded");
    let error = token(&sandbox, &alice).expect_err("refused");
    assert!(error.contains("(refused)"), "{error}");
    provider.upload(&exported(&sandbox, "idp"));
    assert_eq!(token(&sandbox, &alice), Ok("tok-1".to_owned()));
    // Another key: the one before signs until it is activated, and both are good at the provider.
    ok(&sandbox, "federation rotate idp");
    assert_eq!(token(&sandbox, &alice), Ok("tok-2".to_owned()));
    provider.upload(&exported(&sandbox, "idp"));
    ok(&sandbox, "federation activate idp --uploaded");
    assert_eq!(token(&sandbox, &alice), Ok("tok-3".to_owned()));
    provider.upload(&exported(&sandbox, "idp"));
    assert_eq!(token(&sandbox, &alice), Ok("tok-4".to_owned()));
    // The rule admits a prefix, and nobody's subject begins as alice's does.
    let evil = ok(&sandbox, "mint alice-evil --scope chat").stdout;
    ok(&sandbox, "secret bind agents alice-evil");
    let error = token(&sandbox, &evil).expect_err("refused");
    assert!(error.contains(refused) && error.contains("agents:alice-evil:agents"), "{error}");
    sandbox.ok(&["store", "check"]);
}

both!(authlib_takes_what_is_signed_by_rfc_7523, |place| {
    life_of_a_federation(place, "rfc7523", "token", "invalid_grant");
});

both!(a_server_of_rfc_8693_takes_what_is_signed, |place| {
    life_of_a_federation(place, "rfc8693", "exchange", "invalid_target");
});

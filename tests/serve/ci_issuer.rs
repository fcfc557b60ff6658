//! A pipeline's token from a real issuer: oidc-provider, whose ID tokens and key sets are its own.

use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use super::exchanging::{ISSUER, asked_of, furnished, soon};
use super::pipelines::{MAIN, bring, refused, serving, trust};
use super::process::eventually;
use super::raw::{get, one};
use crate::support::both;
use crate::support::store::Place;

/// Ended with the value.
struct Issuer {
    child: Child,
    address: SocketAddr,
}

impl Issuer {
    fn start(algorithm: &str) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let modules = root.join("target/gateways/oidc-provider/node_modules");
        assert!(modules.exists(), "{} is missing: run tests/serve/install", modules.display());
        let settings = json!({ "modules": modules, "algorithm": algorithm, "audience": ISSUER });
        let mut child = Command::new("node")
            .arg(root.join("tests/serve/ci/issuer.mjs"))
            .arg(settings.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("node starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
        let port = line.trim().parse().expect("oidc-provider says its port");
        Self { child, address: (Ipv4Addr::LOCALHOST, port).into() }
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// An ID token that says this besides.
    fn token(&self, claims: &Value) -> String {
        let claims: String = claims.to_string().bytes().map(|byte| format!("%{byte:02X}")).collect();
        let answer = one(self.address, &get(&format!("/test/token?claims={claims}"), ""));
        answer.json()["id_token"].as_str().unwrap_or_else(|| panic!("{answer:?}")).to_owned()
    }

    fn rotates(&self) {
        assert_eq!(one(self.address, &get("/test/rotate", "")).status, 200);
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn exchanges(algorithm: &str, place: Place) {
    let (sandbox, _, address) = furnished(place);
    let issuer = Issuer::start(algorithm);
    trust(&sandbox, "deploy", &issuer.url(), &MAIN);
    let server = serving(&sandbox, &address);
    let main = json!({ "project_id": "123", "ref": "refs/heads/main", "protected": true });
    let good = issuer.token(&main);
    let answer = bring(&server, &good, "");
    assert_eq!(answer.status, 200, "{answer:?} {}", server.log());
    let jwt = answer.json()["access_token"].as_str().expect("a token").to_owned();
    assert_eq!(asked_of(&server, &jwt, "deploy").status, 200);

    let next = issuer.token(&json!({ "project_id": "123", "ref": "refs/heads/next" }));
    refused(&server, &next, "", 400, "invalid_grant", "trust_claims");
    // The same letters, but nothing that it signed.
    let (signed, signature) = good.rsplit_once('.').expect("a signature");
    let swapped: String = signature.chars().rev().collect();
    refused(&server, &format!("{signed}.{swapped}"), "", 400, "invalid_grant", "trust_");

    issuer.rotates();
    let rotated = issuer.token(&main);
    eventually("its new key is asked for", || bring(&server, &rotated, "").status == 200);
    refused(&server, &good, "", 400, "invalid_grant", "trust_key");

    sandbox.ok(&["trust", "delete", "deploy", "--yes"]);
    soon("what was issued ends with the trust", || asked_of(&server, &jwt, "deploy").status == 401);
    soon("and nothing is issued any more", || bring(&server, &rotated, "").status == 400);
}

both!(pipelines_bring_what_oidc_provider_signs_with_es256, |place| exchanges("ES256", place));
both!(pipelines_bring_what_oidc_provider_signs_with_rs256, |place| exchanges("RS256", place));

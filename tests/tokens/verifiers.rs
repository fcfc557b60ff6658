//! What other people's libraries make of our tokens and of our set of public keys.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::json;

use super::{ISSUER, furnished, keyed};
use crate::support::cli::Sandbox;
use crate::support::store::Place;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A library, and what it says of a wrong audience, of a token that has ended, of one of a stranger's key.
const LIBRARIES: [(&str, [&str; 3]); 6] = [
    ("pyjwt", ["InvalidAudienceError", "ExpiredSignatureError", "PyJWKClientError"]),
    ("joserfc", ["InvalidClaimError", "ExpiredTokenError", "InvalidKeyIdError"]),
    ("authlib", ["InvalidClaimError", "ExpiredTokenError", "ValueError"]),
    ("python-jose", ["JWTClaimsError", "ExpiredSignatureError", "JWTError"]),
    ("jose", ["ERR_JWT_CLAIM_VALIDATION_FAILED", "ERR_JWT_EXPIRED", "ERR_JWKS_NO_MATCHING_KEY"]),
    ("jsonwebtoken", ["jwt audience invalid", "jwt expired", "error in secret or public key callback"]),
];

fn installed(path: PathBuf) -> String {
    assert!(path.exists(), "{} is missing: run scripts/test, which installs it", path.display());
    path.display().to_string()
}

/// What a library answers to these cases, a line each.
fn answers(library: &str, cases: &[serde_json::Value]) -> Vec<String> {
    let script = |name: &str| root().join("tests/tokens").join(name).display().to_string();
    let mut program = match library {
        "jose" | "jsonwebtoken" => {
            let mut program = Command::new("node");
            let modules = installed(root().join("clients/typescript/node_modules").join(library));
            program.args([script("verify.mjs"), library.to_owned(), modules]);
            program
        }
        _ => {
            let mut program = Command::new(installed(root().join("target/gateways/verifiers/bin/python")));
            program.args([script("verify.py"), library.to_owned()]);
            program
        }
    };
    program.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = program.spawn().expect("started");
    let mut input = child.stdin.take().expect("its input");
    for case in cases {
        writeln!(input, "{case}").expect("written");
    }
    drop(input);
    let output = child.wait_with_output().expect("ended");
    assert!(output.status.success(), "{library}: {output:?}");
    String::from_utf8(output.stdout).expect("text").lines().map(str::to_owned).collect()
}

fn issued(sandbox: &Sandbox, token: &str, words: &str) -> String {
    keyed(sandbox, &format!("jwt issue{words}"), token).expect_code(0).stdout.trim_end().to_owned()
}

#[test]
fn six_libraries_take_our_tokens_and_refuse_what_is_not_for_them_or_over() {
    let (sandbox, token) = furnished(Place::sqlite());
    let short = issued(&sandbox, &token, " --ttl 6s");
    let good = issued(&sandbox, &token, "");
    let two = issued(&sandbox, &token, " --audience billing --audience https://mcp.example.com/mcp");
    let billing = issued(&sandbox, &token, " --audience billing");
    // After a rotation, the set has three keys, and the tokens of before are good.
    let aged =
        "UPDATE signing_key SET may_sign_at = may_sign_at - 600000, published_at = published_at - 600000";
    sandbox.place.sql(aged).expect("aged");
    keyed(&sandbox, "signing-key rotate", "").expect_code(0);
    let after = issued(&sandbox, &token, "");
    let jwks = sandbox.ok(&["signing-key", "jwks"]);
    assert_eq!(jwks.matches("\"kid\"").count(), 3, "{jwks}");
    let (strange, other) = furnished(Place::sqlite());
    let stranger = issued(&strange, &other, "");
    thread::sleep(Duration::from_secs(2));
    let case = |token: &str, audience: &str| json!({ "token": token, "audience": audience, "issuer": ISSUER, "jwks": jwks });
    let cases = [
        case(&good, ISSUER),
        case(&after, ISSUER),
        case(&two, "billing"),
        case(&billing, ISSUER),
        case(&short, ISSUER),
        case(&stranger, ISSUER),
    ];
    for (library, [audience, expired, unknown]) in LIBRARIES {
        let answers = answers(library, &cases);
        let expected = ["alice", "alice", "alice"].map(str::to_owned).into_iter();
        let refused = [audience, expired, unknown].map(|error| format!("refused {error}"));
        let expected: Vec<String> = expected.chain(refused).collect();
        assert_eq!(answers, expected, "{library}");
    }
}

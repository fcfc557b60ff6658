//! Signing in at a provider over raw HTTP: how it goes, and whatever may be wrong with it.

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::issuer::{Issuer, Manner, SECRET, Signing, now};
use super::scene::{ORIGIN, Portal, Session, cookie_in, form_token, get, post};
use crate::serve::raw::Answer;
use crate::serve::serving::within_the_bound;
use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::store::Place;

const COOKIE: &str = "__Host-keyctl-oidc";

pub struct Town {
    pub sandbox: Sandbox,
    pub portal: Portal,
    pub issuer: Issuer,
    pub key: Signing,
}

/// A browser on its way.
pub struct Gone {
    pub cookie: String,
    /// What the provider was asked with.
    asked: HashMap<String, String>,
}

impl Gone {
    pub fn callback(&self, more: &str) -> String {
        format!("/oidc/callback?code=c0de&state={}{more}", self.asked["state"])
    }
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let digits: Vec<u8> = rest.by_ref().take(2).collect();
                let digits = std::str::from_utf8(&digits).expect("digits");
                bytes.push(u8::from_str_radix(digits, 16).expect("hexadecimal"));
            }
            byte => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).expect("text")
}

impl Town {
    pub fn new(place: Place, flags: &[&str]) -> Self {
        Self::with(Sandbox::with_store(place), flags)
    }

    fn with(sandbox: Sandbox, flags: &[&str]) -> Self {
        let key = Signing::new("k1");
        let issuer = Issuer::start(&key);
        let own = ["--oidc", issuer.url.as_str(), "--oidc-client-id", "keys"];
        let variables = [("KEYCTL_OUTBOUND_ALLOW", "127.0.0.0/8")];
        let portal = Portal::plain_with(&sandbox, &[&own, flags].concat(), &variables);
        sandbox.ok(&["owner", "add", "alice", "--subject", "auth0|alice"]);
        Self { sandbox, portal, issuer, key }
    }

    pub fn leave(&self) -> Gone {
        let page = post("/oidc", &[]).to(&self.portal);
        assert_eq!(page.status, 200, "{page:?} {}", self.portal.log());
        let cookie = cookie_in(&page, COOKIE).expect("a cookie");
        let before = format!("<meta http-equiv=\"refresh\" content=\"0;url={}/auth?", self.issuer.url);
        let at = page.body.find(&before).unwrap_or_else(|| panic!("no way on: {page:?}"));
        let query = page.body[at + before.len()..].split('"').next().expect("a query").replace("&amp;", "&");
        let pairs = query.split('&').map(|pair| pair.split_once('=').expect("a pair"));
        let asked = pairs.map(|(name, value)| (name.to_owned(), decoded(value))).collect();
        Gone { cookie, asked }
    }

    pub fn claims(&self, gone: &Gone) -> Value {
        json!({
            "iss": self.issuer.url, "aud": "keys", "sub": "auth0|alice", "nonce": gone.asked["nonce"],
            "iat": now(), "exp": now() + 300, "email": "alice@example.com", "email_verified": true,
        })
    }

    /// The browser comes back, sent by another site.
    pub fn arrive(&self, gone: &Gone, more: &str) -> Answer {
        self.get(&gone.callback(more), &gone.cookie)
    }

    fn get(&self, target: &str, cookie: &str) -> Answer {
        let sent = get(target).with("Cookie", &format!("{COOKIE}={cookie}"));
        sent.with("Sec-Fetch-Site", "cross-site").to(&self.portal)
    }

    /// The whole way of whoever these claims are about.
    fn come(&self, change: impl FnOnce(&mut Value)) -> Answer {
        let gone = self.leave();
        let mut claims = self.claims(&gone);
        change(&mut claims);
        self.issuer.gives(&self.key.sign(&claims));
        self.arrive(&gone, "")
    }

    fn signed_in(&self) -> Session<'_> {
        let answer = self.come(|_| {});
        assert_eq!(answer.status, 200, "{answer:?} {}", self.portal.log());
        Session::with(&self.portal, &cookie_in(&answer, "__Host-keyctl").expect("a session"))
    }

    /// Refused, with this word in the log, with no session, and with nothing of what was brought.
    fn refused(&self, answer: &Answer, status: u16, reason: &str) {
        assert_eq!(answer.status, status, "{reason}: {answer:?} {}", self.portal.log());
        assert!(cookie_in(answer, "__Host-keyctl").is_none(), "{reason}: {answer:?}");
        assert!(answer.body.contains("role=\"alert\"") && answer.body.contains("Sign in with 127.0.0.1"));
        within_the_bound(reason, || self.portal.log().contains(reason));
        assert!(!answer.body.contains("c0de"), "{answer:?}");
    }
}

both!(whom_a_provider_knows_as_an_owner_is_signed_in_until_that_ends, |place| {
    let town = Town::new(place, &[]);
    let shown = get("/").to(&town.portal).body;
    assert!(shown.contains("action=\"/oidc\"") && shown.contains("Sign in with 127.0.0.1"), "{shown}");
    let gone = town.leave();
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", "keys"),
        ("redirect_uri", "https://keys.example.com/oidc/callback"),
        ("scope", "openid"),
        ("code_challenge_method", "S256"),
    ] {
        assert_eq!(gone.asked[name], value, "{name}");
    }
    town.issuer.gives(&town.key.sign(&town.claims(&gone)));
    let arrived = town.arrive(&gone, "");
    assert_eq!(arrived.status, 200, "{arrived:?} {}", town.portal.log());
    assert!(arrived.body.contains("<meta http-equiv=\"refresh\" content=\"0;url=/\">"), "{arrived:?}");
    assert!(arrived.head.contains("SameSite=Strict") && arrived.header("location").is_none(), "{arrived:?}");
    assert_eq!(cookie_in(&arrived, COOKIE).as_deref(), Some(""), "{arrived:?}");
    let (head, body) = town.issuer.redeemed().remove(0);
    assert!(!head.to_ascii_lowercase().contains("authorization:"), "{head}");
    assert!(body.contains("client_id=keys") && body.contains("code_verifier=") && body.contains("code=c0de"));
    let cookie = cookie_in(&arrived, "__Host-keyctl").expect("a session");
    let alice = Session::with(&town.portal, &cookie);
    assert!(alice.get("/").body.contains("Signed in as"), "{}", alice.get("/").body);
    let listed = town.sandbox.ok(&["session", "list", "-o", "json"]);
    assert!(listed.contains("auth0|alice") && listed.contains(&town.issuer.url), "{listed}");
    // Without a role, nothing may be given.
    let form_token = form_token(&alice.get("/"));
    let made = post("/keys/new", &[("form", &form_token), ("name", "k"), ("more", "memories")]);
    assert_eq!(made.cookie(&cookie).to(&town.portal).status, 403);
    // The session ends with the subject.
    town.sandbox.ok(&["owner", "set", "alice", "--subject", "auth0|other"]);
    assert!(alice.get("/").body.contains("You are signed out"));
    town.refused(&town.come(|_| {}), 403, "no_such_owner");
    town.sandbox.ok(&["owner", "set", "alice", "--subject", "auth0|alice"]);
    let alice = town.signed_in();
    town.sandbox.ok(&["owner", "disable", "alice", "--yes"]);
    assert!(alice.get("/").body.contains("You are signed out"));
    town.refused(&town.come(|_| {}), 403, "owner_disabled");
    let log = town.portal.log();
    for secret in [&gone.asked["state"], &gone.asked["nonce"], "c0de", &gone.cookie, "eyJ"] {
        assert!(!log.contains(secret), "{log}");
    }
});

both!(keys_of_whoever_came_from_a_provider_do_what_the_role_says, |place| {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["role", "set", "people", "--scope", "memories"]);
    let town = Town::with(sandbox, &["--oidc-role", "people"]);
    let alice = town.signed_in();
    let token = alice.make("laptop", &["memories"]);
    assert_eq!(town.sandbox.feed(&["verify", "--scope", "memories"], &token).code, Some(0));
    let more = alice.post("/keys/new", &[("name", "more"), ("more", "files")]);
    assert_eq!(more.status, 403, "{more:?}");
    let shown = town.sandbox.ok(&["show", "alice/laptop", "-o", "json"]);
    assert!(shown.contains("oidc:auth0|alice"), "{shown}");
    let other = alice.get("/").body;
    assert_eq!(alice.post("/sign-out", &[]).status, 303);
    assert!(other.contains("laptop") && alice.get("/").body.contains("You are signed out"));
    // What the role says counts for whoever signs in then.
    town.sandbox.ok(&["role", "set", "people", "--scope", "files:read"]);
    let alice = town.signed_in();
    assert_eq!(alice.post("/keys/new", &[("name", "two"), ("more", "memories")]).status, 403);
    alice.make("three", &["files:read"]);
});

#[test]
fn whoever_is_not_known_is_told_whom_to_ask() {
    let town = Town::new(Place::sqlite(), &[]);
    let bob = town.come(|claims| claims["sub"] = json!("auth0|bob'<b>"));
    town.refused(&bob, 403, "no_such_owner");
    assert!(bob.body.contains("keyctl owner add NAME --subject"), "{bob:?}");
    assert!(bob.body.contains("&lt;b&gt;") && !bob.body.contains("<b>'"), "{bob:?}");
    // An owner's name is nobody's subject beside another one.
    town.refused(&town.come(|claims| claims["sub"] = json!("alice")), 403, "no_such_owner");
    assert!(!town.sandbox.ok(&["owner", "list"]).contains("bob"));
}

#[test]
fn an_answer_is_that_of_one_browser_once() {
    let town = Town::new(Place::sqlite(), &[]);
    let (gone, other) = (town.leave(), town.leave());
    town.issuer.gives(&town.key.sign(&town.claims(&gone)));
    // Login CSRF: another one's answer; and one without a cookie, with two, or with one of another form.
    town.refused(&town.get(&gone.callback(""), &other.cookie), 403, "oidc_state");
    town.refused(&get(&gone.callback("")).to(&town.portal), 403, "oidc_state");
    let twice = format!("{}; {COOKIE}={}", gone.cookie, other.cookie);
    town.refused(&town.get(&gone.callback(""), &twice), 403, "oidc_state");
    let later = gone.cookie.split('.').next().expect("a secret").to_owned() + "." + &(now() + 5).to_string();
    town.refused(&town.get(&gone.callback(""), &later), 403, "oidc_state");
    for target in [
        "/oidc/callback".to_owned(),
        "/oidc/callback?code=c0de".to_owned(),
        gone.callback("&state=x"),
        gone.callback("&code=x"),
        gone.callback("&error=access_denied"),
        "/oidc/callback?code=c0de&state=".to_owned(),
    ] {
        town.refused(&town.get(&target, &gone.cookie), 403, "oidc_state");
    }
    assert!(town.issuer.redeemed().is_empty());
    // Nobody else ended it.
    assert_eq!(town.arrive(&gone, "").status, 200);
    assert_eq!(town.issuer.redeemed().len(), 1);
    // A replay, by the browser itself, is not even asked for.
    town.refused(&town.arrive(&gone, ""), 403, "oidc_used");
    assert_eq!(town.issuer.redeemed().len(), 1);
}

#[test]
fn another_provider_s_answer_is_none() {
    let town = Town::new(Place::sqlite(), &[]);
    let mix_up = town.leave();
    town.refused(&town.arrive(&mix_up, "&iss=https%3A%2F%2Fevil.example"), 403, "oidc_issuer");
    let own = Town::new(Place::sqlite(), &[]);
    let mut described = own.issuer.document();
    described["authorization_response_iss_parameter_supported"] = json!(true);
    own.issuer.describes(&described);
    own.refused(&own.arrive(&own.leave(), ""), 403, "oidc_issuer");
    let gone = own.leave();
    own.issuer.gives(&own.key.sign(&own.claims(&gone)));
    let iss = format!("&iss={}", own.issuer.url.replace(':', "%3A").replace('/', "%2F"));
    assert_eq!(own.arrive(&gone, &iss).status, 200);
    assert!(town.issuer.redeemed().is_empty());
}

#[test]
fn what_is_wrong_with_an_id_token_signs_nobody_in() {
    let town = Town::new(Place::sqlite(), &[]);
    type Change = fn(&mut Value);
    let changes: [(&str, Change); 10] = [
        ("id_token_issuer", |claims| claims["iss"] = json!("https://evil.example")),
        ("id_token_audience", |claims| claims["aud"] = json!("another")),
        ("id_token_azp", |claims| claims["aud"] = json!(["keys", "another"])),
        ("id_token_azp", |claims| claims["azp"] = json!("another")),
        ("id_token_nonce", |claims| claims["nonce"] = json!("n")),
        ("id_token_expired", |claims| claims["exp"] = json!(now() - 31)),
        ("id_token_not_yet_valid", |claims| claims["iat"] = json!(now() + 90)),
        ("id_token_old", |claims| claims["iat"] = json!(now() - 90)),
        ("id_token_claim", |claims| claims["sub"] = json!(["auth0|alice"])),
        ("id_token_form", |claims| claims["exp"] = json!("soon")),
    ];
    for (reason, change) in changes {
        town.refused(&town.come(change), 403, reason);
    }
    assert!(!town.sandbox.ok(&["session", "list", "--all"]).contains("pss_"));
}

#[test]
fn what_the_provider_did_not_sign_signs_nobody_in() {
    let town = Town::new(Place::sqlite(), &[]);
    let gone = || {
        let gone = town.leave();
        let claims = town.claims(&gone);
        (gone, claims)
    };
    let (one, claims) = gone();
    town.issuer.gives(&Signing::unsigned(&claims));
    town.refused(&town.arrive(&one, ""), 403, "id_token_form");
    let (one, claims) = gone();
    town.issuer.gives(&town.key.by_secret(&claims));
    town.refused(&town.arrive(&one, ""), 403, "id_token_form");
    let (one, claims) = gone();
    town.issuer.gives(&Signing::new("k1").sign(&claims));
    town.refused(&town.arrive(&one, ""), 403, "id_token_signature");
    let (one, claims) = gone();
    town.issuer.gives(&Signing::new("k2").sign(&claims));
    town.refused(&town.arrive(&one, ""), 403, "id_token_key");
    for odd in ["", "a.b.c", "null"] {
        let (one, _) = gone();
        town.issuer.gives(odd);
        let answer = town.arrive(&one, "");
        assert!(matches!(answer.status, 403 | 503) && cookie_in(&answer, "__Host-keyctl").is_none());
    }
}

#[test]
fn a_provider_that_rotated_its_key_is_asked_for_the_new_one() {
    let mut town = Town::new(Place::sqlite(), &[]);
    drop(town.signed_in());
    town.key = Signing::new("k2");
    town.issuer.publishes(&town.key);
    // It was asked a moment ago, and is asked again ten seconds later.
    let start = Instant::now();
    while town.come(|_| {}).status != 200 {
        assert!(start.elapsed() < Duration::from_secs(40), "{}", town.portal.log());
        std::thread::sleep(Duration::from_secs(5));
    }
    let before = town.issuer.described();
    drop(town.signed_in());
    assert_eq!(town.issuer.described(), before, "kept");
}

#[test]
fn a_provider_s_no_is_told_in_one_word() {
    let town = Town::new(Place::sqlite(), &[]);
    for (error, told) in [("access_denied", "says: access_denied."), ("%3Cb%3Ex", "says: no.")] {
        let gone = town.leave();
        let target = format!(
            "/oidc/callback?error={error}&error_description=%3Cscript%3E&state={}",
            gone.asked["state"]
        );
        let answer = town.get(&target, &gone.cookie);
        town.refused(&answer, 403, "oidc_denied");
        assert!(answer.body.contains(told) && !answer.body.contains("<script>"), "{answer:?}");
    }
    let gone = town.leave();
    town.issuer.does("/token", Manner::Says(400, json!({ "error": "invalid_grant" }).to_string()));
    town.refused(&town.arrive(&gone, ""), 403, "oidc_code");
}

#[test]
fn a_provider_that_does_not_do_its_part_is_nobody_s_fault_who_signs_in() {
    let town = Town::new(Place::sqlite(), &[]);
    let says = |status, body: Value| Manner::Says(status, body.to_string());
    for manner in [
        says(401, json!({ "error": "invalid_client" })),
        says(500, json!({})),
        says(200, json!({ "access_token": "at", "token_type": "Bearer" })),
        Manner::Html,
        Manner::Redirect,
        Manner::Huge,
        Manner::Silent,
    ] {
        let gone = town.leave();
        town.issuer.does("/token", manner);
        let start = Instant::now();
        let answer = town.arrive(&gone, "");
        assert!(start.elapsed() < Duration::from_secs(25), "{:?}", start.elapsed());
        assert!(answer.header("retry-after").is_some(), "{answer:?}");
        town.refused(&answer, 503, "oidc_provider");
    }
    // Others sign in by what they have all the while.
    let key = town.sandbox.ok(&["mint", "root", "--scope", "keyctl:self"]);
    assert_eq!(post("/sign-in", &[("key", &key)]).to(&town.portal).status, 303);
    town.issuer.does("/keys", Manner::Huge);
    town.refused(&town.come(|_| {}), 503, "oidc_provider");
}

#[test]
fn a_provider_that_cannot_be_asked_is_said_so_and_asked_again() {
    let town = Town::new(Place::sqlite(), &[]);
    let good = town.issuer.document();
    let mut other = good.clone();
    other["issuer"] = json!("https://evil.example");
    town.issuer.describes(&other);
    town.refused(&post("/oidc", &[]).to(&town.portal), 503, "oidc_provider");
    // Not for everybody who comes.
    for _ in 0..20 {
        assert_eq!(post("/oidc", &[]).to(&town.portal).status, 503);
    }
    assert_eq!(town.issuer.described(), 1);
    town.issuer.describes(&good);
    let start = Instant::now();
    while post("/oidc", &[]).to(&town.portal).status != 200 {
        assert!(start.elapsed() < Duration::from_secs(40), "{}", town.portal.log());
        std::thread::sleep(Duration::from_secs(2));
    }
    assert_eq!(town.issuer.described(), 2);
}

#[test]
fn only_the_portal_s_own_page_begins_it_and_attempts_are_limited() {
    let town = Town::new(Place::sqlite(), &["--trusted-proxy", "127.0.0.0/8"]);
    let elsewhere = post("/oidc", &[]).without("Origin").with("Origin", "https://evil.example");
    let elsewhere = elsewhere.to(&town.portal);
    assert_eq!(elsewhere.status, 403, "{elsewhere:?}");
    assert!(cookie_in(&elsewhere, COOKIE).is_none());
    assert_eq!(get("/oidc").to(&town.portal).status, 405);
    let posted = post("/oidc/callback?code=c", &[]).to(&town.portal);
    assert_eq!((posted.status, posted.header("allow")), (405, Some("GET")), "not HEAD either");
    let guess = |number: u32, cookie: &str| {
        let target = format!("/oidc/callback?code=c&state={number}");
        get(&target).with("X-Forwarded-For", "192.0.2.7").with("Cookie", cookie).to(&town.portal).status
    };
    // As another site's pictures have browsers ask.
    assert_eq!((0..20).map(|number| guess(number, "")).collect::<Vec<_>>(), [403; 20]);
    let cookie = format!("{COOKIE}={}", town.leave().cookie);
    let guess = |number| guess(number, &cookie);
    let statuses: Vec<u16> = (0..13).map(guess).collect();
    assert_eq!(statuses[..11], [403; 11]);
    assert_eq!(statuses[12], 429);
    // Of that address alone.
    drop(town.signed_in());
}

#[test]
fn an_address_counts_that_the_provider_verified() {
    let town = Town::new(Place::sqlite(), &["--oidc-claim", "email"]);
    town.sandbox.ok(&["owner", "add", "carol", "--subject", "alice@example.com"]);
    assert_eq!(town.leave().asked["scope"], "openid email");
    drop(town.signed_in());
    for unverified in [json!(false), json!(null), json!("no")] {
        let answer = town.come(|claims| claims["email_verified"] = unverified);
        town.refused(&answer, 403, "email_unverified");
    }
}

#[test]
fn a_secret_client_proves_itself_in_the_header_or_where_it_must_in_the_form() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let file = sandbox.home().join("secret");
    fs::write(&file, format!("{SECRET}\n")).expect("written");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("a mode");
    let path = file.display().to_string();
    let town = Town::with(sandbox, &["--oidc-client-secret-file", &path]);
    drop(town.signed_in());
    let (head, body) = town.issuer.redeemed().remove(0);
    assert!(head.to_ascii_lowercase().contains("authorization: basic "), "{head}");
    assert!(!body.contains("client_"), "{body}");
    let town = {
        let sandbox = Sandbox::with_store(Place::sqlite());
        let town = Town::with(sandbox, &["--oidc-client-secret-file", &path]);
        let mut document = town.issuer.document();
        document["token_endpoint_auth_methods_supported"] = json!(["client_secret_post"]);
        town.issuer.describes(&document);
        town
    };
    drop(town.signed_in());
    let (head, body) = town.issuer.redeemed().remove(0);
    assert!(!head.to_ascii_lowercase().contains("authorization:"), "{head}");
    assert!(body.contains("client_id=keys&client_secret=s3cr%25t%3A%2B%2F+%26x"), "{body}");
    assert!(!town.portal.log().contains("s3cr"));
}

#[test]
fn without_a_provider_there_is_nothing_of_it() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let portal = Portal::plain(&sandbox, &[]);
    assert!(!get("/").to(&portal).body.contains("/oidc"));
    assert_eq!(post("/oidc", &[]).to(&portal).status, 404);
    assert_eq!(get("/oidc/callback?code=c&state=s").to(&portal).status, 404);
}

#[test]
fn what_is_said_of_a_provider_is_looked_at_before_anybody_comes() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let issuer = Issuer::start(&Signing::new("k1"));
    let open = sandbox.home().join("open");
    fs::write(&open, "secret\n").expect("written");
    fs::set_permissions(&open, fs::Permissions::from_mode(0o644)).expect("a mode");
    let open = open.display().to_string();
    let check = |flags: &[&str]| {
        let words = [&["portal", "--origin", ORIGIN, "--check"], flags].concat();
        let mut command = sandbox.command(&words);
        command.env("KEYCTL_OUTBOUND_ALLOW", "127.0.0.0/8");
        crate::support::cli::finish(command, b"")
    };
    let own = ["--oidc", issuer.url.as_str(), "--oidc-client-id", "keys"];
    let good = check(&own).expect_code(0);
    assert!(good.stderr.contains(&format!("people could sign in at {}", issuer.url)), "{good:?}");
    for (flags, code, said) in [
        (&own[..2], 2, "--oidc-client-id"),
        (&own[2..], 2, "--oidc"),
        (&[&own[..], &["--oidc-role", "people"]].concat()[..], 3, "people"),
        (&[&own[..], &["--oidc-claim", "iss"]].concat(), 2, "says something else"),
        (&[&own[..], &["--oidc-client-secret-file", &open]].concat(), 2, "all users can read it"),
        (&[&own[..], &["--oidc-client-secret-file", "/no/such"]].concat(), 2, "/no/such"),
        (
            &["--oidc", "http://id.example.com", "--oidc-client-id", "keys"],
            2,
            "an issuer begins with https://",
        ),
    ] {
        let ran = check(flags).expect_code(code);
        assert!(ran.stderr.contains(said), "{flags:?}: {ran:?}");
    }
    issuer.does("/keys", Manner::Says(200, r#"{"keys":[]}"#.to_owned()));
    let keyless = check(&own).expect_code(8);
    assert!(keyless.stderr.contains("the keys of the issuer"), "{keyless:?}");
    issuer.does("/.well-known/openid-configuration", Manner::Html);
    check(&own).expect_code(8);
}

//! A store with an issuer and its pages, a program that is registered there, and a person whom it asks.

use serde_json::Value;

use crate::pages::scene::{ORIGIN, Portal, Sent, Session, form_token, get, post};
use crate::secrets::{KEY, keyed, run_with};
use crate::serve::raw::Answer;
use crate::support::cli::Sandbox;
use crate::support::store::Place;

pub const RESOURCE: &str = "https://mcp.example.com/mcp";
pub const CALLBACK: &str = "http://127.0.0.1:4711/callback";

/// RFC 7636 appendix B.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

pub struct Scene {
    pub sandbox: Sandbox,
    pub portal: Portal,
    /// Its client id.
    pub client: String,
    /// What alice signs in with.
    pub key: String,
}

impl Scene {
    pub fn new(place: Place) -> Self {
        Self::with(place, &[])
    }

    /// The same where the portal has more variables.
    pub fn with(place: Place, variables: &[(&str, &str)]) -> Self {
        let sandbox = Sandbox::with_store(place);
        sandbox.ok(&["store", "set", "issuer", ORIGIN]);
        sandbox.ok(&["store", "set", "audience", RESOURCE, "https://other.example.com"]);
        keyed(&sandbox, &["signing-key", "rotate"], "");
        let client = registered(&sandbox, "Editor", "http://127.0.0.1/callback");
        let key =
            sandbox.ok(&["mint", "alice", "--name", "laptop", "--scope", "keyctl:self,files,memories:read"]);
        let portal = portal(&sandbox, variables);
        Self { sandbox, portal, client, key }
    }

    /// Ends the process and begins another.
    pub fn restart(&mut self) {
        self.portal.stop();
        self.portal = portal(&self.sandbox, &[]);
    }

    pub fn alice(&self) -> Session<'_> {
        self.sign_in(&self.key)
    }

    pub fn sign_in(&self, key: &str) -> Session<'_> {
        let answer = post("/sign-in", &[("key", key)]).to(&self.portal);
        assert_eq!(answer.status, 303, "{answer:?}");
        let cookie = crate::pages::scene::cookie_in(&answer, "__Host-keyctl").expect("a cookie");
        Session::with(&self.portal, &cookie)
    }

    /// What the program asks for.
    pub fn request(&self) -> Request {
        Request {
            pairs: [
                ("response_type", "code"),
                ("client_id", &self.client),
                ("redirect_uri", CALLBACK),
                ("state", "st ate&"),
                ("scope", "files memories:read"),
                ("resource", RESOURCE),
                ("code_challenge", CHALLENGE),
                ("code_challenge_method", "S256"),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
        }
    }

    /// A code, which alice gave for these scopes.
    pub fn code(&self, scopes: &[&str]) -> String {
        let back = self.says_yes(&self.alice(), &self.request(), scopes);
        parameter(&back, "code").unwrap_or_else(|| panic!("no code: {back}"))
    }

    /// Where a person's yes leads.
    pub fn says_yes(&self, session: &Session<'_>, request: &Request, scopes: &[&str]) -> String {
        onward(&self.answer(session, request, "yes", scopes))
    }

    /// What comes of a person's answer on the page of a request.
    pub fn answer(&self, session: &Session<'_>, request: &Request, say: &str, scopes: &[&str]) -> Answer {
        let page = session.get(&request.target());
        assert_eq!(page.status, 200, "{page:?}");
        let (form, key) = (form_token(&page), hidden(&page, "key"));
        let query = request.query();
        let mut fields = vec![("form", form.as_str()), ("request", &query), ("key", &key), ("say", say)];
        fields.extend(scopes.iter().map(|scope| ("scope", *scope)));
        post("/oauth/consent", &fields).cookie(&session.cookie).to(&self.portal)
    }

    /// What the program gets for a code.
    pub fn redeem(&self, code: &str) -> Answer {
        self.redeem_with(code, &[])
    }

    /// The same with other fields in the place of those of the same name.
    pub fn redeem_with(&self, code: &str, other: &[(&str, &str)]) -> Answer {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("client_id", &self.client),
            ("code_verifier", VERIFIER),
            ("resource", RESOURCE),
        ];
        self.bring("/oauth/token", &fields, other)
    }

    pub fn refresh(&self, token: &str) -> Answer {
        self.refresh_with(token, &[])
    }

    pub fn refresh_with(&self, token: &str, other: &[(&str, &str)]) -> Answer {
        let fields =
            [("grant_type", "refresh_token"), ("refresh_token", token), ("client_id", self.client.as_str())];
        self.bring("/oauth/token", &fields, other)
    }

    pub fn bring(&self, target: &str, fields: &[(&str, &str)], other: &[(&str, &str)]) -> Answer {
        let kept = fields.iter().filter(|(name, _)| other.iter().all(|(replaced, _)| replaced != name));
        let fields: Vec<_> = kept.chain(other).copied().filter(|(_, value)| !value.is_empty()).collect();
        // A program is no page of ours.
        post(target, &fields).without("Origin").to(&self.portal)
    }

    /// Tokens that the program has.
    pub fn tokens(&self, scopes: &[&str]) -> Tokens {
        Tokens::of(&self.redeem(&self.code(scopes)))
    }

    /// Whether an access token is good at the resource: the exit code of its verification, and the reason against it.
    pub fn verified(&self, access: &str) -> (Option<i32>, Value) {
        let ran = self.sandbox.feed(&["jwt", "verify", "--audience", RESOURCE, "-o", "json"], access);
        (ran.code, serde_json::from_str(&ran.stdout).unwrap_or_default())
    }

    #[track_caller]
    pub fn assert_good(&self, access: &str) {
        let (code, said) = self.verified(access);
        assert_eq!(code, Some(0), "{said}");
    }

    #[track_caller]
    pub fn assert_dead(&self, access: &str) {
        let (code, said) = self.verified(access);
        assert_eq!(code, Some(5), "{said}");
    }

    /// The records of an action, and what each came to.
    pub fn records(&self, action: &str) -> Vec<Value> {
        let text = self.sandbox.ok(&["audit", "list", "--action", action, "-o", "jsonl"]);
        let record = |line| serde_json::from_str::<Value>(line).expect("JSON")["record"].take();
        text.lines().map(record).collect()
    }

    /// How many records there are.
    pub fn count(&self) -> usize {
        self.sandbox.place.sql("SELECT COUNT(*) FROM audit").expect("rows").trim().parse().expect("a number")
    }

    /// Nothing in the store is another than its log says.
    #[track_caller]
    pub fn check(&self) {
        self.sandbox.ok(&["store", "check"]);
    }
}

fn portal(sandbox: &Sandbox, variables: &[(&str, &str)]) -> Portal {
    let variables = [&[("KEYCTL_MASTER_KEY", KEY)], variables].concat();
    Portal::plain_with(sandbox, &["--issue", "--log-level", "debug"], &variables)
}

pub fn registered(sandbox: &Sandbox, name: &str, redirect_uri: &str) -> String {
    let added = sandbox.json(&["client", "add", name, "--redirect-uri", redirect_uri, "--device"]);
    added["id"].as_str().expect("an id").to_owned()
}

/// A restore needs the master key where the signing keys are.
#[track_caller]
pub fn with_master_key(sandbox: &Sandbox, words: &[&str]) -> String {
    run_with(sandbox, &[("KEYCTL_MASTER_KEY", KEY)], words, "").expect_code(0).stdout
}

/// The query of a program's request.
#[derive(Clone)]
pub struct Request {
    pairs: Vec<(String, String)>,
}

impl Request {
    /// Another value in the place of all of that name; none for an empty one.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.pairs.retain(|(own, _)| own != name);
        if !value.is_empty() {
            self.pairs.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    /// One more of that name.
    pub fn and(mut self, name: &str, value: &str) -> Self {
        self.pairs.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(&self.pairs);
        query.finish()
    }

    pub fn target(&self) -> String {
        format!("/oauth/authorize?{}", self.query())
    }

    pub fn sent(&self) -> Sent {
        get(&self.target())
    }
}

/// What a program has.
pub struct Tokens {
    pub access: String,
    pub refresh: String,
    pub scope: String,
}

impl Tokens {
    #[track_caller]
    pub fn of(answer: &Answer) -> Self {
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{answer:?}");
        let said = answer.json();
        assert_eq!(said["token_type"], "Bearer");
        let seconds = said["expires_in"].as_i64().expect("a number");
        assert!((3000..=3600).contains(&seconds), "{said}");
        let text = |name: &str| said[name].as_str().unwrap_or_default().to_owned();
        Self { access: text("access_token"), refresh: text("refresh_token"), scope: text("scope") }
    }
}

/// What an answer says is wrong.
#[track_caller]
pub fn error(answer: &Answer) -> (u16, String) {
    (answer.status, answer.json()["error"].as_str().expect("an error").to_owned())
}

/// Where a page leads by itself.
pub fn onward(page: &Answer) -> String {
    assert_eq!(page.status, 200, "{page:?}");
    let before = "content=\"0;url=";
    let at = page.body.find(before).unwrap_or_else(|| panic!("it leads nowhere: {page:?}"));
    let address = page.body[at + before.len()..].split('"').next().expect("an address");
    address.replace("&amp;", "&")
}

/// The value of a hidden field, the first of that name.
pub fn hidden(page: &Answer, name: &str) -> String {
    let before = format!("name=\"{name}\" value=\"");
    let at = page.body.find(&before).unwrap_or_else(|| panic!("no {name}: {page:?}"));
    page.body[at + before.len()..].split('"').next().expect("a value").replace("&amp;", "&")
}

/// A parameter of an address.
pub fn parameter(address: &str, name: &str) -> Option<String> {
    let query = address.split_once('?').map_or("", |(_, query)| query);
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    pairs.find(|(own, _)| own == name).map(|(_, value)| value.into_owned())
}

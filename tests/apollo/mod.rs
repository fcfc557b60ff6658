//! `OpenFn` Apollo reads its clients from the store, and its own table moves in. What Apollo does
//! is written out here anew: its query, as a role that may read the view alone, and its decryption.

mod changes;
mod imports;
mod limits;
mod shown;

use aes_gcm::aead::array::Array;
use aes_gcm::{AeadInOut as _, Aes256Gcm, KeyInit as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use crate::secrets::{KEY, run_with};
use crate::support::cli::{Ran, Sandbox};
use crate::support::postgres::server;
use crate::support::store::Place;

/// The keys that two Apollos run with.
pub const APOLLO: &str = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=";
pub const OTHER: &str = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";

/// With the master key and Apollo's.
pub const KEYS: [(&str, &str); 2] = [("KEYCTL_MASTER_KEY", KEY), ("APOLLO_ENC_KEY", APOLLO)];

/// A client as Apollo finds it.
#[derive(Debug, PartialEq, Eq)]
pub struct Found {
    pub name: String,
    pub key: String,
}

/// A store on PostgreSQL, and a role that may select from the view and nothing else.
pub struct Apollo {
    pub sandbox: Sandbox,
    role: String,
}

impl Apollo {
    pub fn new() -> Self {
        let sandbox = Sandbox::with_store(Place::postgres());
        let role = format!("apollo_{}", sandbox.place.database.as_deref().expect("a database"));
        sandbox.place.sql(&format!("CREATE ROLE {role}")).expect("a role");
        Self { sandbox, role }
    }

    /// With the view over the keys that hold `chat`.
    pub fn shown() -> Self {
        let apollo = Self::new();
        apollo.ok(&["store", "compat", "apollo", "--scope", "chat"], "");
        apollo.grant();
        apollo
    }

    pub fn grant(&self) {
        let grant = format!("GRANT SELECT ON public.lightning_clients TO {}", self.role);
        self.sandbox.place.sql(&grant).expect("granted");
    }

    /// Runs a command with both keys.
    pub fn run(&self, args: &[&str], input: &str) -> Ran {
        run_with(&self.sandbox, &KEYS, args, input)
    }

    #[track_caller]
    pub fn ok(&self, args: &[&str], input: &str) -> Ran {
        self.run(args, input).expect_code(0)
    }

    /// A key of an owner, with its token.
    pub fn mint(&self, words: &str) -> String {
        let words: Vec<&str> = ["mint"].into_iter().chain(words.split(' ')).collect();
        self.sandbox.ok(&words)
    }

    /// A secret for Anthropic that is bound to somebody.
    pub fn bound(&self, secret: &str, value: &str, to: &str) {
        self.ok(&["secret", "set", "anthropic", secret], value);
        // The owner may be there already.
        self.sandbox.run(&["owner", "add", to]);
        self.sandbox.ok(&["secret", "bind", secret, to]);
    }

    /// Runs SQL with the rights of Apollo's role, which finds the view by the server's own search
    /// path.
    pub fn as_apollo(&self, sql: &str) -> Result<String, String> {
        let database = self.sandbox.place.database.as_deref().expect("a database");
        server().psql(database, &format!("SET ROLE {}; SET search_path = public; {sql}", self.role))
    }

    /// What Apollo does with a client's token.
    pub fn find(&self, token: &str) -> Option<Found> {
        let row = self
            .as_apollo(&format!(
                "PREPARE look (text) AS SELECT name, anthropic_api_key FROM lightning_clients \
                 WHERE auth_token_hash = $1 LIMIT 1; EXECUTE look('{}')",
                hash_of(token)
            ))
            .expect("Apollo's query");
        let (name, key) = row.split_once('|')?;
        Some(Found { name: name.to_owned(), key: decrypted(key, APOLLO) })
    }

    /// The names in the view, sorted.
    pub fn names(&self) -> Vec<String> {
        let names = self.as_apollo("SELECT name FROM lightning_clients ORDER BY name").expect("readable");
        names.lines().map(str::to_owned).collect()
    }

    pub fn sql(&self, sql: &str) -> String {
        self.sandbox.place.sql(sql).expect("SQL")
    }

    /// Everything that a change of secrets could have written.
    pub fn state(&self) -> String {
        self.sql(
            "SELECT (SELECT COUNT(*) FROM secret_version), (SELECT COUNT(*) FROM apollo_secret), \
                (SELECT COUNT(*) FROM key), (SELECT MAX(seq) FROM audit), (SELECT mark_nonce FROM head), \
                (SELECT string_agg(name || version, ',' ORDER BY name) FROM secret), \
                (SELECT string_agg(scope, ',') FROM apollo)",
        )
    }

    /// `--explain`, as `owner/name reason`, and what it says on standard error.
    pub fn explained(&self, words: &[&str]) -> (Vec<String>, String) {
        let ran =
            self.sandbox.run(&[&["store", "compat", "apollo", "--explain", "-o", "json"], words].concat());
        let ran = ran.expect_code(0);
        let keys: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
        let text = |key: &serde_json::Value, field: &str| key[field].as_str().expect(field).to_owned();
        let line = |key| {
            assert!(text(key, "message").len() > 10, "{key}");
            format!("{}/{} {}", text(key, "owner"), text(key, "name"), text(key, "reason"))
        };
        (keys.as_array().expect("an array").iter().map(line).collect(), ran.stderr)
    }
}

/// Lower-case hex of SHA-256, as Apollo computes it.
pub fn hash_of(token: &str) -> String {
    Sha256::digest(token.trim().as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn cipher(key: &str) -> Aes256Gcm {
    let key: [u8; 32] = STANDARD.decode(key).expect("base64").try_into().expect("32 bytes");
    Aes256Gcm::new(&Array(key))
}

/// As Apollo decrypts: what has no such prefix it would send to the provider.
#[track_caller]
pub fn decrypted(text: &str, key: &str) -> String {
    let bytes = STANDARD.decode(text.strip_prefix("enc:v1:").expect("the prefix")).expect("base64");
    let mut value = bytes[28..].to_vec();
    let (nonce, tag) = (bytes[..12].try_into().expect("12"), bytes[12..28].try_into().expect("16"));
    let opened =
        cipher(key).decrypt_inout_detached(&Array(nonce), b"", value.as_mut_slice().into(), &Array(tag));
    opened.expect("it opens");
    String::from_utf8(value).expect("UTF-8")
}

/// As Apollo encrypts.
pub fn encrypted(value: &str, nonce: u8, key: &str) -> String {
    let mut bytes = value.as_bytes().to_vec();
    let nonce = [nonce; 12];
    let tag =
        cipher(key).encrypt_inout_detached(&Array(nonce), b"", bytes.as_mut_slice().into()).expect("sealed");
    format!("enc:v1:{}", STANDARD.encode([&nonce[..], &tag.0[..], &bytes].concat()))
}

/// All that the database's server wrote into its log.
pub fn server_log() -> String {
    std::fs::read_to_string(server().folder.join("log")).expect("the server's log")
}

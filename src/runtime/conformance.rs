//! This reader's answers to the cases of `tests/vectors`: the same code as for a store, with the
//! case's rows in the place of the database.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use uuid::Uuid;

use super::cache::{Epoch, Reading};
use super::fault::{KeyFault, Unavailable};
use super::jwt::{JwtAsked, JwtReason, Question};
use super::keys::MasterKeys;
use super::lookup::{self, Look};
use super::secret::{self, SecretError};
use super::{cache::Known, cells, clock::Moment};
use crate::crypto::envelope::OpenError;
use crate::crypto::master_key::{MasterKey, MasterKeyError};
use crate::domain::keys::foreign::HashAlg;
use crate::domain::keys::token::{Token, TokenError, TokenHash};
use crate::domain::keys::verdict::{Asked, Grant, Reason};
use crate::domain::secrets::sealed::{Envelope, EnvelopeError, Place};
use crate::domain::secrets::secret::Provider;
use crate::domain::stores::address::Host;
use crate::domain::stores::store_text::StoreText;
use crate::store::{Bound, JwtCells, SecretCells, Sight, StoreCells, TokenCells, TokenRow};

/// The answer to a case of this kind; `None` where case or kind make no sense.
pub fn answer(kind: &str, input: &Value) -> Option<Value> {
    match kind {
        "token" => Some(token(text(input, "token")?)),
        "hash" => hash(input),
        "master_key" => master_key(input),
        "envelope" => envelope(input),
        "verify" => verify(input),
        "jwt" => jwt(input),
        "secret" => secret(input),
        "address" => Some(address(text(input, "address")?)),
        _ => None,
    }
}

fn text<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    value.get(name)?.as_str()
}

fn owned(value: &Value, name: &str) -> Option<String> {
    text(value, name).map(str::to_owned)
}

fn token(presented: &str) -> Value {
    match Token::parse(presented) {
        Ok(token) => {
            let display = token.display_prefix();
            json!({ "prefix": display.token_prefix().as_str(), "id": token.id().as_str(), "display": display.as_str() })
        }
        Err(error) => json!({ "error": match error {
            TokenError::Empty => "empty",
            TokenError::Alphabet => "alphabet",
            TokenError::Shape => "shape",
            TokenError::Prefix => "prefix",
            TokenError::IdLength => "id_length",
            TokenError::SecretLength => "secret_length",
            TokenError::Check => "check",
        } }),
    }
}

fn hash(input: &Value) -> Option<Value> {
    let store = StoreCells {
        store_uuid: Uuid::nil().to_string(),
        view_version: 1,
        foreign_salt: owned(input, "foreign_salt"),
        foreign_params: owned(input, "foreign_params"),
    };
    let sight = Sight { now: i64::MAX, store: store.into(), ..Sight::default() };
    let looked = std::cell::RefCell::new(Vec::new());
    let look = |hash: &TokenHash, hash_alg| {
        looked.borrow_mut().push(json!({ "hash_alg": hash_alg, "token_hash": hash.as_str() }));
        see(sight.clone(), Bound::Nothing, hash_alg)
    };
    let found = find(text(input, "token")?, look);
    Some(found.map_or_else(|error| unavailable(&error), |_| json!({ "lookups": looked.take() })))
}

fn master_key(input: &Value) -> Option<Value> {
    let uuid = Uuid::try_parse(text(input, "store_uuid")?).ok()?;
    Some(match MasterKey::parse(text(input, "master_key")?.as_bytes()) {
        Ok(key) => json!({ "master_key_id": key.id(&uuid) }),
        Err(error) => json!({ "error": match error {
            MasterKeyError::Empty => "empty",
            MasterKeyError::ByteOrderMark => "byte_order_mark",
            MasterKeyError::LineEnd => "line_end",
            MasterKeyError::Blank => "blank",
            MasterKeyError::HexPrefix => "hex_prefix",
            MasterKeyError::BareHex => "bare_hex",
            MasterKeyError::Encoding => "encoding",
            MasterKeyError::Length(_) => "length",
            MasterKeyError::Repeated => "repeated",
        } }),
    })
}

fn address(presented: &str) -> Value {
    let found = match StoreText::parse(presented) {
        Err(error) => return json!({ "error": error.fault.as_str(), "parameter": error.parameter }),
        Ok(StoreText::File { path, follow_symlink }) => {
            return json!({ "path": path, "follow_symlink": follow_symlink });
        }
        Ok(StoreText::Postgres(address)) => address,
    };
    let host = |host: &Host| json!({ "host": host.name, "port": host.port });
    json!({
        "printed": found.to_string(),
        "user": found.user(),
        "password": found.password(),
        "hosts": found.hosts().iter().map(host).collect::<Vec<_>>(),
        "database": found.database(),
        "tls": found.tls().as_str(),
        "parameters": found.parameters().iter().map(|(name, value)| (*name, value)).collect::<BTreeMap<_, _>>(),
    })
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let digits = hex.as_bytes();
    let byte = |pair: &[u8]| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok();
    digits.len().is_multiple_of(2).then(|| digits.chunks(2).map(byte).collect())?
}

fn envelope(input: &Value) -> Option<Value> {
    let uuid = Uuid::try_parse(text(input, "store_uuid")?).ok()?;
    let keys = MasterKeys::parse(text(input, "master_key")?.as_bytes(), None).ok();
    let keys = secret::keyring(uuid, keys)?;
    let error = |error| Some(json!({ "error": error }));
    let envelope = match Envelope::from_bytes(bytes(text(input, "envelope")?)?) {
        Ok(envelope) => envelope,
        Err(EnvelopeError::Length(_)) => return error("length"),
        Err(EnvelopeError::Version { .. }) => return error("version"),
        Err(EnvelopeError::Algorithm { .. }) => return error("algorithm"),
    };
    let place = Place {
        table: "secret_version",
        row: text(input, "secret_id")?,
        column: "envelope",
        version: input.get("version")?.as_u64()?,
        provider: text(input, "provider")?,
    };
    match keys.open(&place, &envelope) {
        Ok(value) => Some(json!({ "value": str::from_utf8(&value).ok()? })),
        Err(OpenError::UnknownMasterKey(_)) => error("unknown_master_key"),
        Err(OpenError::Unauthentic) => error("unauthentic"),
    }
}

fn find(
    text: &str,
    look: impl Fn(&TokenHash, HashAlg) -> Result<Look, Unavailable>,
) -> Result<lookup::Found, Unavailable> {
    match lookup::fingerprint(text) {
        Some(print) => lookup::find(text, &print, look),
        None => Ok(lookup::Found::malformed()),
    }
}

/// A look at rows that stand in a case.
fn see(sight: Sight, bound: Bound, by: HashAlg) -> Result<Look, Unavailable> {
    let store = cells::trust(&sight, None, by)?;
    let of = Reading { epoch: Epoch::default(), sent: Moment { monotonic: 0, wall: 0 }, now: sight.now };
    Ok(Look { sight, bound, store, of })
}

fn unavailable(error: &Unavailable) -> Value {
    json!({ "allowed": false, "type": Unavailable::TYPE, "reason": error.fault.as_str() })
}

fn denied(reason: Reason) -> Value {
    json!({ "allowed": false, "type": reason.denial().as_str(), "reason": reason.as_str() })
}

fn allowed(grant: &Grant) -> Value {
    json!({
        "allowed": true,
        "principal": grant.principal.as_str(),
        "key_id": grant.key_id.to_string(),
        "key_name": grant.key_name.as_str(),
        "token_id": grant.token_id.as_str(),
        "scopes": grant.scopes,
        "expires_at": grant.expires_at.map(crate::domain::time::Timestamp::as_millis),
    })
}

fn asked(input: &Value) -> Option<Asked> {
    let parsed = |name| text(input, name).map(str::parse);
    Some(Asked {
        scope: text(input, "scope").map(str::parse).transpose().ok()?,
        owner: text(input, "owner").map(str::parse).transpose().ok()?,
        address: parsed("ip").transpose().ok()?,
    })
}

fn store_cells(input: &Value) -> Option<StoreCells> {
    let store = input.get("store")?;
    Some(StoreCells {
        store_uuid: owned(store, "store_uuid")?,
        view_version: store.get("view_version")?.as_i64()?,
        foreign_salt: owned(store, "foreign_salt"),
        foreign_params: owned(store, "foreign_params"),
    })
}

fn rows<'v>(input: &'v Value, name: &str) -> &'v [Value] {
    input.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn token_cells(row: &Value) -> TokenCells {
    let cell = |name| text(row, name).unwrap_or_default();
    TokenCells::of(&TokenRow {
        hash_alg: cell("hash_alg"),
        token_id: cell("token_id"),
        key_id: cell("key_id"),
        key_name: cell("key_name"),
        owner: cell("owner"),
        // A view of before there were subjects has no such column.
        subject: if row.get("subject").is_some() { cell("subject") } else { cell("owner") },
        scopes: cell("scopes"),
        networks: cell("networks"),
        state: cell("state"),
        expires_at: row.get("expires_at").and_then(Value::as_i64),
        has_quota: row.get("quota").is_some_and(Value::is_string),
        more: None,
    })
}

/// What the store's one statement would see for a hash.
fn sight(input: &Value, hash: &TokenHash) -> Option<Sight> {
    let row = rows(input, "tokens").iter().find(|row| text(row, "token_hash") == Some(hash.as_str()));
    Some(Sight {
        mark: "".into(),
        now: input.get("now")?.as_i64()?,
        store: store_cells(input)?.into(),
        token: row.map(token_cells),
    })
}

/// What the joins of that statement would see for the token's key and owner.
fn bound(input: &Value, token: Option<&TokenCells>, provider: &str) -> Bound {
    let Some(token) = token else { return Bound::Nothing };
    let token = token.row();
    let subjects = [("key", token.key_id), ("owner", token.owner), ("store", "")];
    let nearest = subjects.into_iter().find_map(|(kind, id)| {
        rows(input, "bindings").iter().find(|row| {
            [("subject_kind", kind), ("subject_id", id), ("provider", provider)]
                .iter()
                .all(|(name, value)| text(row, name) == Some(value))
        })
    });
    let Some(binding) = nearest else { return Bound::Nothing };
    let id = text(binding, "secret_id");
    let secret = rows(input, "secrets").iter().find(|row| text(row, "secret_id") == id);
    secret.and_then(secret_cells).map_or(Bound::Missing, Bound::Secret)
}

fn secret_cells(row: &Value) -> Option<SecretCells> {
    Some(SecretCells {
        secret_id: owned(row, "secret_id")?,
        provider: owned(row, "provider")?,
        version: row.get("version")?.as_i64()?,
        state: owned(row, "state")?,
        envelope: text(row, "envelope").and_then(bytes),
        expires_at: row.get("expires_at").and_then(Value::as_i64),
    })
}

fn verify(input: &Value) -> Option<Value> {
    let asked = asked(input)?;
    let unmetered = input.get("allow_unmetered").and_then(Value::as_bool).unwrap_or(false);
    sight(input, &TokenHash::from_digest(&[0; 32]))?;
    let look = |hash: &TokenHash, by| see(sight(input, hash).unwrap_or_default(), Bound::Nothing, by);
    Some(match find(text(input, "token")?, look) {
        Err(error) => unavailable(&error),
        Ok(found) => judged(&found.known, &asked, unmetered).map_or_else(denied, |grant| allowed(&grant)),
    })
}

fn jwt(input: &Value) -> Option<Value> {
    let parsed = |name| text(input, name);
    let asked = JwtAsked {
        audience: parsed("audience").map(str::parse).transpose().ok()?,
        scope: parsed("scope").map(str::parse).transpose().ok()?,
        owner: parsed("owner").map(str::parse).transpose().ok()?,
    };
    let denied = |reason: JwtReason| json!({ "allowed": false, "type": reason.denial().as_str(), "reason": reason.as_str() });
    let Some(question) = Question::of(text(input, "token")?) else {
        return Some(denied(JwtReason::Malformed));
    };
    let sight = sight(input, &TokenHash::from_digest(&[0; 32]))?;
    let row_of = |list, name, id: &str| rows(input, list).iter().find(|row| text(row, name) == Some(id));
    let key = row_of("signing_keys", "kid", &question.kid);
    let cells = JwtCells {
        issuer: owned(input, "issuer"),
        point: key.and_then(|row| Some((owned(row, "x")?, owned(row, "y")?))),
        valid_until: key.and_then(|row| row.get("valid_until")?.as_i64()),
        version: row_of("key_versions", "key_id", &question.key).and_then(|row| row.get("kver")?.as_i64()),
    };
    let seen = cells::trust(&sight, None, HashAlg::Sha256)
        .and_then(|_| question.judge(&cells, sight.now, asked.audience.as_ref()));
    let good = match seen {
        Err(error) => return Some(unavailable(&error)),
        Ok(Err(reason)) => return Some(denied(reason)),
        Ok(Ok(good)) => good,
    };
    Some(match good.judge(&asked) {
        Err(reason) => denied(reason),
        Ok(grant) => json!({
            "allowed": true,
            "principal": grant.principal.as_str(),
            "key_id": grant.key_id.to_string(),
            "token_id": grant.token_id,
            "audience": grant.audience,
            "scopes": grant.scopes,
            "expires_at": grant.expires_at.as_millis(),
        }),
    })
}

fn judged(known: &Known, asked: &Asked, unmetered: bool) -> Result<std::sync::Arc<Grant>, Reason> {
    match known {
        Known::Denied(reason) => Err(*reason),
        Known::Token(seen) => seen.judge(asked, unmetered).cloned(),
    }
}

fn secret(input: &Value) -> Option<Value> {
    let provider: Provider = text(input, "provider")?.parse().ok()?;
    let asked = asked(input)?;
    let unmetered = input.get("allow_unmetered").and_then(Value::as_bool).unwrap_or(false);
    let uuid = Uuid::try_parse(&store_cells(input)?.store_uuid).ok()?;
    let previous = text(input, "master_key_previous").map(str::as_bytes);
    let keys = text(input, "master_key").map(|key| MasterKeys::parse(key.as_bytes(), previous));
    let keys = secret::keyring(uuid, keys.transpose().ok()?);
    let look = |hash: &TokenHash, by| {
        let sight = sight(input, hash).unwrap_or_default();
        let bound = bound(input, sight.token.as_ref(), provider.as_str());
        see(sight, bound, by)
    };
    let opened = find(text(input, "token")?, look).map_err(SecretError::from).and_then(|found| {
        judged(&found.known, &asked, unmetered).map_err(SecretError::Denied)?;
        secret::open(&found.bound, &provider, keys.as_ref())
    });
    Some(match opened {
        Ok(opened) => json!({ "value": opened.value.expose() }),
        Err(SecretError::Denied(reason)) => denied(reason),
        Err(SecretError::Key(fault)) => json!({ "type": KeyFault::TYPE, "reason": fault.as_str() }),
        Err(SecretError::Store(error)) => {
            json!({ "type": Unavailable::TYPE, "reason": error.fault.as_str() })
        }
    })
}

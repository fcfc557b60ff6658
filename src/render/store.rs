//! What the store says of itself.

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use super::{Field, Screen, Tone, View, key};
use crate::domain::portal::url::PortalUrl;
use crate::domain::time::{Span, Timestamp};
use crate::domain::tokens::audience::{Audience, Issuer};
use crate::ops::stores::store::{Fact, FactValue, Finding, Migrated, Status};
use crate::ops::tokens::settings::TokenSettings;

/// Not counted is empty for programs.
fn counted(name: &'static str, count: Option<i64>) -> Field {
    match count {
        Some(count) => Field::new(name, count.to_string()),
        None => Field::new(name, "").human("not counted"),
    }
}

/// Where there is none, people are told so.
fn optional(name: &'static str, value: String) -> Field {
    let is_none = value.is_empty();
    let field = Field::new(name, value);
    if is_none { field.human("none") } else { field }
}

#[derive(Serialize)]
struct StatusJson<'s> {
    database: Facts<'s>,
    store_uuid: String,
    schema: i64,
    latest_schema: i64,
    created_at: Timestamp,
    default_prefix: &'s str,
    default_expiry_seconds: Option<i64>,
    live_keys: Option<i64>,
    revoked_keys: Option<i64>,
    owners: Option<i64>,
    tokens: Option<i64>,
    change_mark: &'s str,
    audit_records: u64,
    issuer: Option<&'s Issuer>,
    audiences: &'s [Audience],
    portal: Option<&'s PortalUrl>,
    moved_to: Option<&'s str>,
    moved_at: Option<Timestamp>,
}

/// The facts as an object, in their order.
struct Facts<'s>(&'s [Fact]);

impl Serialize for Facts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in self.0 {
            match value {
                FactValue::Text(text) => map.serialize_entry(name, text)?,
                FactValue::Number(number) => map.serialize_entry(name, number)?,
                FactValue::Absent => map.serialize_entry(name, &None::<&str>)?,
            }
        }
        map.end()
    }
}

impl View for Status {
    fn json(&self) -> impl Serialize {
        StatusJson {
            database: Facts(&self.facts),
            store_uuid: self.store_uuid.to_string(),
            schema: self.schema.0,
            latest_schema: self.schema.1,
            created_at: self.created_at,
            default_prefix: self.default_prefix.as_str(),
            default_expiry_seconds: self.default_expiry.map(Span::as_secs),
            live_keys: self.counts[0],
            revoked_keys: self.counts[1],
            owners: self.counts[2],
            tokens: self.counts[3],
            change_mark: &self.mark,
            audit_records: self.audit_records,
            issuer: self.tokens_of.issuer.as_ref(),
            audiences: &self.tokens_of.audiences,
            portal: self.tokens_of.portal.as_ref(),
            moved_to: self.moved.as_ref().map(|moved| moved.to.as_str()),
            moved_at: self.moved.as_ref().and_then(|moved| moved.at),
        }
    }

    fn fields(&self, screen: &Screen) -> Vec<Field> {
        let (found, latest) = self.schema;
        let schema = Field::new("schema", found.to_string());
        let schema = if found == latest {
            schema
        } else {
            schema.human(format!("{found} (this keyctl writes {latest})")).tone(Tone::Warn)
        };
        let fact = |(name, value): &Fact| match value {
            FactValue::Text(text) => Some(Field::new(name, text.as_str())),
            FactValue::Number(number) => Some(Field::new(name, number.to_string())),
            FactValue::Absent => None,
        };
        let mut fields: Vec<Field> = self.facts.iter().filter_map(fact).collect();
        let [live, revoked, owners, tokens] = self.counts;
        let TokenSettings { issuer, audiences, portal } = &self.tokens_of;
        fields.extend([
            Field::new("store_uuid", self.store_uuid.to_string()),
            schema,
            key::moment("created_at", Some(self.created_at), "", screen),
            Field::new("default_prefix", self.default_prefix.as_str()),
            Field::new(
                "default_expiry",
                self.default_expiry.map_or("never".to_owned(), |span| span.to_string()),
            ),
            counted("live_keys", live),
            counted("revoked_keys", revoked),
            counted("owners", owners),
            counted("tokens", tokens),
            Field::new("change_mark", self.mark.as_str()),
            Field::new("audit_records", self.audit_records.to_string()),
            optional("issuer", issuer.as_ref().map(ToString::to_string).unwrap_or_default()),
            optional("audiences", key::join(audiences.iter())),
            optional("portal", portal.as_ref().map(ToString::to_string).unwrap_or_default()),
        ]);
        if let Some(moved) = &self.moved {
            fields.push(Field::new("moved_to", moved.to.as_str()).tone(Tone::Warn));
            fields.push(key::moment("moved_at", moved.at, "not yet", screen));
        }
        fields
    }
}

impl View for Finding {
    fn json(&self) -> impl Serialize {
        self
    }

    fn fields(&self, _: &Screen) -> Vec<Field> {
        vec![Field::new("kind", self.kind).tone(Tone::Bad), Field::new("message", self.message.as_str())]
    }
}

#[derive(Serialize)]
struct MigratedJson {
    from: i64,
    to: i64,
    backup: Option<String>,
}

impl View for Migrated {
    fn json(&self) -> impl Serialize {
        let backup = self.backup.as_ref().map(|path| path.display().to_string());
        MigratedJson { from: self.from, to: self.to, backup }
    }

    fn fields(&self, _: &Screen) -> Vec<Field> {
        let backup = self.backup.as_ref().map(|path| path.display().to_string());
        vec![
            Field::new("from", self.from.to_string()),
            Field::new("to", self.to.to_string()),
            Field::new("backup", backup.unwrap_or_default()),
        ]
    }
}

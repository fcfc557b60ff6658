//! The tables of `LiteLLM`'s proxy.
//!
//! A key is stored as the SHA-256 of all of it, in hex. Times are in UTC and name no zone. A key that was rotated with a
//! grace stands a second time in another table, which `grace` lists.

use serde_json::Value;

use super::moved::{Came, Columns, Moved, Note, Unfit, end, moment, name_of};
use crate::domain::keys::limit::Rate;
use crate::domain::time::Timestamp;

/// The team of the tokens that `LiteLLM`'s own pages are used with.
const DASHBOARD: &str = "litellm-dashboard";

/// Columns that say what keyctl has no counterpart for.
const NOT_TAKEN: [Note; 16] = [
    Note { what: "models", why: "keyctl does not know which model a request asks for" },
    Note { what: "max_budget", why: "keyctl counts requests, not money" },
    Note { what: "budget_id", why: "keyctl counts requests, not money" },
    Note { what: "budget_limits", why: "keyctl counts requests, not money" },
    Note { what: "model_max_budget", why: "keyctl counts requests, not money" },
    Note { what: "tpm_limit", why: "keyctl counts requests, not the tokens of a model" },
    Note { what: "tpd_limit", why: "keyctl counts requests, not the tokens of a model" },
    Note { what: "max_parallel_requests", why: "keyctl counts requests, not how many run at once" },
    Note { what: "allowed_routes", why: "what a key may do are scopes: give them with --scope" },
    Note { what: "permissions", why: "what a key may do are scopes: give them with --scope" },
    Note { what: "object_permission_id", why: "what a key may do are scopes: give them with --scope" },
    Note { what: "access_group_ids", why: "what a key may do are scopes: give them with --scope" },
    Note { what: "policies", why: "it is about what LiteLLM does with requests" },
    Note { what: "aliases", why: "it is about what LiteLLM does with requests" },
    Note { what: "config", why: "it is about what LiteLLM does with requests" },
    Note { what: "metadata", why: "keyctl keeps labels only, and this may hold secrets" },
];
const ROTATES: Note = Note { what: "auto_rotate", why: "keyctl rotates when it is told to" };
const LABEL: Note = Note { what: "team_id", why: "it cannot be a label's value" };
const RPM: Note = Note { what: "rpm_limit", why: "a rate of no request: the key is suspended" };
const OLDER: Note =
    Note { what: "grace", why: "a key has one token before its own, and the last one is taken" };

/// What an import was told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted<'w> {
    /// Whose a key is that names no user.
    pub owner: &'w str,
    pub now: Timestamp,
}

/// What a row comes to.
pub(crate) fn read(row: Columns<'_>, wanted: Wanted<'_>) -> Result<Came, Unfit> {
    if row.text("team_id")? == Some(DASHBOARD) {
        let why = "somebody is signed in to LiteLLM's own pages with it: it is no client's";
        return Ok(Came::LeftOut(Note { what: "team_id", why }));
    }
    let hash = row.text("token")?.ok_or(("token", "it is missing"))?;
    let user = row.text("user_id")?;
    let mut notes: Vec<Note> = NOT_TAKEN.into_iter().filter(|note| row.says(note.what)).collect();
    if row.yes("auto_rotate")? == Some(true) {
        notes.push(ROTATES);
    }
    let mut moved = Moved {
        hash: hash_of(hash).ok_or(("token", "no SHA-256 hash in hex"))?.to_owned(),
        owner: row.text("user_email")?.filter(|_| user.is_some()).map(str::to_owned),
        subject: user.unwrap_or(wanted.owner).to_owned(),
        name: row.text("key_alias")?.and_then(name_of),
        expires_at: end(row.time("expires")?),
        suspended_at: (row.yes("blocked")? == Some(true)).then_some(wanted.now),
        ..Moved::default()
    };
    for (column, label) in
        [("team_id", "team"), ("organization_id", "organization"), ("project_id", "project")]
    {
        match row.text(column)? {
            Some(value) if value.len() <= 256 && value.trim() == value => {
                moved.labels.insert(label, value.to_owned());
            }
            Some(_) => notes.push(LABEL),
            None => {}
        }
    }
    if let Some(most) = row.whole("rpm_limit")? {
        let text = format!("{most}/m");
        if text.parse::<Rate>().is_ok() {
            moved.rate = Some(text);
        } else {
            notes.push(RPM);
            moved.suspended_at = Some(wanted.now);
        }
    }
    grace(row, wanted.now, &mut moved, &mut notes)?;
    Ok(Came::Key(Box::new(moved), notes))
}

fn hash_of(text: &str) -> Option<&str> {
    (text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(text)
}

/// The last token before the key's own that still works.
fn grace(row: Columns<'_>, now: Timestamp, moved: &mut Moved, notes: &mut Vec<Note>) -> Result<(), Unfit> {
    let Some(listed) = row.json("grace")? else { return Ok(()) };
    let wrong = ("LiteLLM_DeprecatedVerificationToken", "it has no hash and time");
    for one in listed.as_array().ok_or(wrong)? {
        let until = one.get("revoke_at").and_then(moment).ok_or(wrong)?;
        let hash = one.get("token").and_then(Value::as_str).and_then(hash_of).ok_or(wrong)?;
        if until <= now {
            continue;
        }
        if moved.previous_hash.is_some() {
            notes.push(OLDER);
            break;
        }
        (moved.previous_hash, moved.previous_expires_at) = (Some(hash.to_owned()), Some(until));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::borrow::Borrow;

    use serde_json::json;

    use super::*;

    fn came(more: impl Borrow<Value>) -> Result<Came, Unfit> {
        let mut row = json!({"token": "a".repeat(64), "models": [], "metadata": {}, "spend": 0.5});
        let fields = row.as_object_mut().expect("an object");
        fields.extend(more.borrow().as_object().expect("an object").clone());
        let now = Timestamp::parse("2026-11-30T00:00:00Z").expect("a time");
        read(Columns(fields), Wanted { owner: "litellm", now })
    }

    fn key(more: Value) -> (Moved, Vec<&'static str>) {
        match came(more).expect("a key") {
            Came::Key(moved, notes) => (*moved, notes.iter().map(|note| note.what).collect()),
            Came::LeftOut(_) => panic!("a key"),
        }
    }

    #[test]
    fn times_are_in_utc_and_a_grace_is_the_last_that_still_runs() {
        let graces = json!([
            {"token": "c".repeat(64), "revoke_at": "2026-12-02T00:00:00"},
            {"token": "b".repeat(64), "revoke_at": "2026-12-01T00:00:00.5"},
            {"token": "d".repeat(64), "revoke_at": "2026-11-29T00:00:00"},
        ]);
        let (moved, notes) =
            key(json!({"expires": "2027-01-01T10:00:00.123", "grace": graces, "user_id": "u"}));
        assert_eq!((moved.expires_at.as_str(), moved.subject.as_str()), ("2027-01-01T10:00:00.123Z", "u"));
        assert_eq!(moved.previous_hash, Some("c".repeat(64)));
        assert_eq!(notes, ["grace"]);
        assert_eq!(
            key(json!({"grace": [{"token": "d".repeat(64), "revoke_at": "2026-11-29T00:00:00"}]}))
                .0
                .previous_hash,
            None
        );
    }

    #[test]
    fn what_has_no_counterpart_is_told() {
        let (moved, notes) = key(json!({
            "models": ["gpt-4"], "max_budget": 1.5, "rpm_limit": 60, "tpm_limit": 1000, "blocked": true,
            "metadata": {"x": "sk-secret"}, "team_id": "t1", "key_alias": "Prod Key", "auto_rotate": true,
        }));
        assert_eq!(notes, ["models", "max_budget", "tpm_limit", "metadata", "auto_rotate"]);
        assert_eq!((moved.rate.as_deref(), moved.subject.as_str()), (Some("60/m"), "litellm"));
        assert_eq!((moved.name.as_deref(), moved.labels["team"].as_str()), (Some("prod-key"), "t1"));
        assert!(moved.suspended_at.is_some());
        let serialized = serde_json::to_string(&moved).expect("JSON");
        assert!(!serialized.contains("secret"));
        assert!(matches!(came(json!({"team_id": DASHBOARD})), Ok(Came::LeftOut(_))));
    }

    #[test]
    fn what_cannot_be_a_key_is_told_without_its_value() {
        for (more, column) in [
            (json!({"token": "sk-in-the-clear"}), "token"),
            (json!({"token": null}), "token"),
            (json!({"expires": "soon"}), "expires"),
            (json!({"rpm_limit": "many"}), "rpm_limit"),
            (json!({"user_id": "a\nb"}), "user_id"),
            (json!({"grace": [{"token": 1}]}), "LiteLLM_DeprecatedVerificationToken"),
        ] {
            assert_eq!(came(more.clone()).expect_err("unfit").0, column, "{more}");
        }
    }
}

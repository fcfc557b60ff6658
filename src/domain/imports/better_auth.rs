//! The table of the API-key plugin of better-auth.
//!
//! A key is stored as the SHA-256 of all of it, prefix included, in 43 characters of base64url. Permissions are compared
//! there one by one; here `files:read` would be covered by `files`, so only pairs of both are made, and no wildcard.

use super::moved::{Came, Columns, Moved, Note, Unfit, end, name_of};
use crate::domain::keys::limit::{Quota, Rate};
use crate::domain::keys::scope::Scope;
use crate::domain::time::Timestamp;

const DAY: i64 = 86_400_000;

/// What an import was told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    /// Whether limits are taken over.
    pub limits: bool,
    pub now: Timestamp,
}

const SCOPE: Note = Note {
    what: "permissions",
    why: "no scope can be made of one of them: letters, digits and marks, no wildcard, none of keyctl's own",
};
const METADATA: Note = Note { what: "metadata", why: "keyctl keeps labels only, and this may hold secrets" };
const WINDOW: Note = Note {
    what: "rateLimitTimeWindow",
    why: "keyctl counts by the second, minute, hour and day: this limit is gone; set one with keyctl edit --rate",
};
const UNLIMITED: Note = Note { what: "rateLimitMax", why: "--no-limits was given" };
const UNCOUNTED: Note = Note { what: "remaining", why: "--no-limits was given" };
const REFILL: Note = Note {
    what: "refillInterval",
    why: "keyctl refills by the day and month: this limit is gone; set one with keyctl edit --quota",
};
const SPENT: Note = Note { what: "remaining", why: "nothing is left of it: the key is suspended" };
const BOTH: Note = Note {
    what: "rateLimitMax",
    why: "a key has one quota, and what remains of it is taken: this limit is gone; set a rate with keyctl edit --rate",
};

/// What a row comes to.
pub(crate) fn read(row: Columns<'_>, wanted: Wanted) -> Result<Came, Unfit> {
    let hash = row.text("key")?.ok_or(("key", "it is missing"))?;
    if hash.len() != 43 {
        return Err((
            "key",
            "no SHA-256 hash in base64url: with disableKeyHashing the key itself stands there",
        ));
    }
    let holder = row.text("referenceId")?.map_or_else(|| row.text("userId"), |id| Ok(Some(id)))?;
    let holder = holder.ok_or(("referenceId", "it is missing, and so is userId"))?;
    let mut notes = Vec::new();
    let mut moved = Moved {
        hash: hash.to_owned(),
        owner: row.text("user_email")?.map(str::to_owned),
        subject: holder.to_owned(),
        name: row.text("name")?.and_then(name_of),
        scopes: scopes(row, &mut notes)?,
        expires_at: end(row.time("expiresAt")?),
        suspended_at: (row.yes("enabled")? == Some(false)).then_some(wanted.now),
        ..Moved::default()
    };
    if row.says("metadata") {
        notes.push(METADATA);
    }
    limits(row, wanted, &mut moved, &mut notes)?;
    Ok(Came::Key(Box::new(moved), notes))
}

/// `{"files":["read"]}` is `files:read`.
fn scopes(row: Columns<'_>, notes: &mut Vec<Note>) -> Result<Vec<String>, Unfit> {
    let Some(permissions) = row.json("permissions")? else { return Ok(Vec::new()) };
    let wrong = ("permissions", "it is not an object of lists of texts");
    let mut scopes = Vec::new();
    for (resource, actions) in permissions.as_object().ok_or(wrong)? {
        for action in actions.as_array().ok_or(wrong)? {
            let text = format!("{resource}:{}", action.as_str().ok_or(wrong)?);
            let scope =
                text.parse::<Scope>().ok().filter(|scope| !scope.is_reserved() && !text.contains('*'));
            match scope {
                Some(scope) => scopes.push(scope.as_str().to_owned()),
                None if notes.contains(&SCOPE) => {}
                None => notes.push(SCOPE),
            }
        }
    }
    Ok(scopes)
}

/// The window of the plugin's own default, ten in a day, is a quota here.
fn limits(row: Columns<'_>, wanted: Wanted, moved: &mut Moved, notes: &mut Vec<Note>) -> Result<(), Unfit> {
    let is_limited = row.yes("rateLimitEnabled")? != Some(false);
    let limit = row.whole("rateLimitMax")?.zip(row.whole("rateLimitTimeWindow")?).filter(|_| is_limited);
    let (remaining, amount) = (row.whole("remaining")?, row.whole("refillAmount")?);
    let interval = row.whole("refillInterval")?;
    if remaining == Some(0) && amount.is_none() {
        notes.push(SPENT);
        moved.suspended_at = Some(wanted.now);
    }
    if !wanted.limits {
        notes.extend(limit.map(|_| UNLIMITED));
        notes.extend(remaining.map(|_| UNCOUNTED));
        return Ok(());
    }
    match (remaining, amount, interval) {
        (None, ..) => {}
        (Some(left), None, _) => moved.quota = quota(left, "total"),
        (Some(_), Some(amount), Some(DAY)) => moved.quota = quota(amount, "day"),
        (Some(_), Some(_), _) => notes.push(REFILL),
    }
    let Some((most, window)) = limit else { return Ok(()) };
    match window {
        1_000 => moved.rate = rate(most, "s"),
        60_000 => moved.rate = rate(most, "m"),
        3_600_000 => moved.rate = rate(most, "h"),
        DAY if remaining.is_none() => moved.quota = quota(most, "day"),
        DAY => notes.push(BOTH),
        _ => notes.push(WINDOW),
    }
    if moved.rate.is_none() && moved.quota.is_none() && most < 1 {
        return Err(("rateLimitMax", "it lets nothing through"));
    }
    Ok(())
}

fn rate(most: i64, unit: &str) -> Option<String> {
    let text = format!("{most}/{unit}");
    text.parse::<Rate>().ok().map(|_| text)
}

fn quota(most: i64, period: &str) -> Option<String> {
    let text = format!("{most}/{period}");
    text.parse::<Quota>().ok().map(|_| text)
}

#[cfg(test)]
mod tests {
    use std::borrow::Borrow;

    use serde_json::{Value, json};

    use super::*;

    fn came(more: impl Borrow<Value>) -> Result<(Moved, Vec<Note>), Unfit> {
        let mut row = json!({"key": "A".repeat(43), "referenceId": "u1", "enabled": 1, "metadata": "null"});
        let fields = row.as_object_mut().expect("an object");
        fields.extend(more.borrow().as_object().expect("an object").clone());
        let now = Timestamp::from_millis(5).expect("a time");
        match read(Columns(fields), Wanted { limits: true, now })? {
            Came::Key(moved, notes) => Ok((*moved, notes)),
            Came::LeftOut(_) => panic!("a key"),
        }
    }

    #[test]
    fn the_limits_that_have_a_counterpart_are_taken_over_and_the_others_are_told() {
        let limited = |more: Value| came(more).map(|(moved, notes)| (moved.rate, moved.quota, notes));
        let default = json!({"rateLimitEnabled": 1, "rateLimitMax": 10, "rateLimitTimeWindow": 86_400_000});
        assert_eq!(limited(default), Ok((None, Some("10/day".to_owned()), vec![])));
        let minute = json!({"rateLimitEnabled": true, "rateLimitMax": 9, "rateLimitTimeWindow": 60_000});
        assert_eq!(limited(minute), Ok((Some("9/m".to_owned()), None, vec![])));
        let odd = json!({"rateLimitEnabled": true, "rateLimitMax": 9, "rateLimitTimeWindow": 7});
        assert_eq!(limited(odd), Ok((None, None, vec![WINDOW])));
        let off = json!({"rateLimitEnabled": false, "rateLimitMax": 9, "rateLimitTimeWindow": 7});
        assert_eq!(limited(off), Ok((None, None, vec![])));
        assert_eq!(limited(json!({"metadata": "{\"plan\":1}"})), Ok((None, None, vec![METADATA])));
        let left = json!({"remaining": 3, "rateLimitMax": 9, "rateLimitTimeWindow": DAY});
        assert_eq!(limited(left), Ok((None, Some("3/total".to_owned()), vec![BOTH])));
        let refilled = json!({"remaining": 0, "refillAmount": 5, "refillInterval": DAY});
        assert_eq!(limited(refilled), Ok((None, Some("5/day".to_owned()), vec![])));
        let (spent, notes) = came(json!({"remaining": 0})).expect("a key");
        assert!(spent.suspended_at.is_some() && notes == [SPENT], "{notes:?}");
    }

    #[test]
    fn permissions_become_scopes_and_nothing_wider() {
        let text = r#"{"files":["read","*"],"keyctl":["admin"],"odd name":["x"],"m":["a"]}"#;
        let (moved, notes) = came(json!({"permissions": text})).expect("a key");
        assert_eq!(moved.scopes, ["files:read", "m:a"]);
        assert_eq!(notes, [SCOPE]);
        assert_eq!(came(json!({"permissions": "null"})).expect("a key").0.scopes, Vec::<String>::new());
    }

    #[test]
    fn what_cannot_be_a_key_is_told_without_its_value() {
        for (more, column) in [
            (json!({"key": "in-the-clear"}), "key"),
            (json!({"key": 7}), "key"),
            (json!({"referenceId": null}), "referenceId"),
            (json!({"name": "a\u{202e}b"}), "name"),
            (json!({"expiresAt": "soon"}), "expiresAt"),
            (json!({"permissions": "{"}), "permissions"),
            (json!({"permissions": [1]}), "permissions"),
            (json!({"enabled": "yes"}), "enabled"),
            (json!({"rateLimitMax": 0, "rateLimitTimeWindow": 60_000}), "rateLimitMax"),
        ] {
            assert_eq!(came(more.clone()).expect_err("unfit").0, column, "{more}");
        }
    }
}

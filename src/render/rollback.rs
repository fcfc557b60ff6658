//! What was accepted of a store that went back.

use serde::Serialize;

use super::{Field, Screen, View};
use crate::ops::stores::rollback::Accepted;

#[derive(Serialize)]
struct AcceptedJson {
    store_uuid: String,
    record: u64,
    last_record: u64,
    seen_record: Option<u64>,
}

impl View for Accepted {
    fn json(&self) -> impl Serialize {
        AcceptedJson {
            store_uuid: self.store_uuid.to_string(),
            record: self.record,
            last_record: self.last,
            seen_record: self.seen,
        }
    }

    fn fields(&self, _: &Screen) -> Vec<Field> {
        let seen = self.seen.map_or("-".to_owned(), |seen| seen.to_string());
        vec![
            Field::new("store_uuid", self.store_uuid.to_string()),
            Field::new("record", self.record.to_string()),
            Field::new("last_record", self.last.to_string()),
            Field::new("seen_record", seen),
        ]
    }
}

//! Statements over many rows: their text, and their values.

use std::fmt::Write as _;

use super::session::Value;

/// What is looked up by one statement. Fewer are filled up by empty texts, which nothing has.
pub const LOOKED_UP: usize = 500;

/// Rows written by one statement, where a database is faster with that; what remains is written one by one.
pub(super) const ROWS: usize = 50;

/// `($1, $2), ($3, $4) …`
pub(super) fn groups(count: usize, columns: usize) -> String {
    let mut text = String::new();
    for row in 0..count {
        text.push_str(if row > 0 { ", (" } else { "(" });
        for column in 1..=columns {
            let comma = if column > 1 { ", " } else { "" };
            let _ = write!(text, "{comma}${}", row * columns + column);
        }
        text.push(')');
    }
    text
}

/// The values of a full statement; `None` if there is nothing to ask for.
pub(super) fn fill<const N: usize>(rows: impl Iterator<Item = [Value; N]>) -> Option<Vec<Value>> {
    let mut values: Vec<Value> = rows.take(LOOKED_UP).flatten().collect();
    if values.is_empty() {
        return None;
    }
    values.resize(LOOKED_UP * N, "".into());
    Some(values)
}

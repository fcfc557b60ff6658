//! Which columns of a table are shown on a screen, and how wide each is.

use super::{Field, Room};

/// Blanks between columns.
pub(super) const GAP: u16 = 2;

/// The least that a column with an open end is worth showing in.
const LEAST_OPEN: u16 = 12;

/// Cells are broken into lines of at least so many columns of the screen.
const LEAST_BROKEN: u16 = 8;

/// A column that is shown, and its width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) column: usize,
    pub(super) width: u16,
}

/// The columns that are shown of those that are as wide as `widths` says. Cells are broken before a
/// column is left out, unless it is an extra one: the widest first, and those that would rather stay
/// whole last. Where even that is not enough, columns are left out from the right.
pub(super) fn places(first: &[Field], widths: &[usize], screen: u16) -> Vec<Place> {
    let all: Vec<(Place, Room)> = first
        .iter()
        .zip(widths)
        .enumerate()
        .map(|(column, (field, width))| {
            let width = u16::try_from(*width).unwrap_or(u16::MAX);
            (Place { column, width }, field.room)
        })
        .collect();
    let open = all.last().filter(|(_, room)| *room == Room::Open).map(|(place, _)| *place);
    let for_open = open.map_or(0, |open| GAP + open.width.min(LEAST_OPEN));
    let is_needed = |(_, room): &&(Place, Room)| matches!(room, Room::Broken | Room::Whole);
    let needed: Vec<(Place, Room)> = all.iter().filter(is_needed).copied().collect();
    let (mut shown, mut open) = match fitted(&needed, screen.saturating_sub(for_open), false) {
        Some(shown) => (shown, open),
        None => return squeezed(needed, screen),
    };
    for (extra, _) in all.iter().filter(|(_, room)| *room == Room::Extra) {
        if used(&shown) + u32::from(GAP + for_open) + u32::from(extra.width) > u32::from(screen) {
            break;
        }
        shown.push(*extra);
    }
    shown.sort_unstable_by_key(|place| place.column);
    if let Some(open) = &mut open {
        open.width = u16::try_from(u32::from(screen).saturating_sub(u32::from(GAP) + used(&shown)))
            .unwrap_or(u16::MAX);
    }
    shown.extend(open);
    shown
}

/// As many of the columns as fit in any way, at least two.
fn squeezed(mut columns: Vec<(Place, Room)>, screen: u16) -> Vec<Place> {
    loop {
        let shown = fitted(&columns, screen, false).or_else(|| fitted(&columns, screen, true));
        if let Some(shown) = shown {
            return shown;
        }
        if columns.len() <= 2 {
            let half = (screen.saturating_sub(GAP) / 2).max(1);
            return columns
                .iter()
                .map(|(place, _)| Place { width: place.width.min(half), ..*place })
                .collect();
        }
        columns.pop();
    }
}

/// The columns in so much room; `None` if cells would have to be broken into too short lines.
fn fitted(columns: &[(Place, Room)], room: u16, breaks_all: bool) -> Option<Vec<Place>> {
    let is_broken = |room: Room| breaks_all || room == Room::Broken;
    let widths = |broken: bool| columns.iter().filter(move |(_, room)| is_broken(*room) == broken);
    let gaps = u32::from(GAP) * u32::try_from(columns.len().saturating_sub(1)).ok()?;
    let whole: u32 = widths(false).map(|(place, _)| u32::from(place.width)).sum();
    let left = u32::from(room).checked_sub(gaps + whole)?;
    let most = share(widths(true).map(|(place, _)| place.width).collect(), left)?;
    let narrowed = |(place, room): &(Place, Room)| {
        let width = if is_broken(*room) { place.width.min(most) } else { place.width };
        Place { width, ..*place }
    };
    Some(columns.iter().map(narrowed).collect())
}

/// How wide the widest may be for all to have room.
fn share(mut widths: Vec<u16>, mut room: u32) -> Option<u16> {
    widths.sort_unstable();
    let mut left = u32::try_from(widths.len()).ok()?;
    for width in widths {
        let each = room / left;
        if u32::from(width) > each {
            return u16::try_from(each).ok().filter(|each| *each >= LEAST_BROKEN);
        }
        room -= u32::from(width);
        left -= 1;
    }
    Some(u16::MAX)
}

/// The columns of the screen that these take.
fn used(shown: &[Place]) -> u32 {
    let gaps = u32::from(GAP) * u32::try_from(shown.len().saturating_sub(1)).unwrap_or_default();
    shown.iter().map(|place| u32::from(place.width)).sum::<u32>() + gaps
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Columns by a letter (broken, whole, extra, open) and their width.
    fn shown(columns: &str, screen: u16) -> String {
        let columns: Vec<(&str, &str)> = columns.split(' ').map(|column| column.split_at(1)).collect();
        let field = |(room, _): &(&str, &str)| {
            let field = Field::new("x", "");
            match *room {
                "w" => field.whole(),
                "e" => field.extra(),
                "o" => field.open_end(),
                _ => field,
            }
        };
        let fields: Vec<Field> = columns.iter().map(field).collect();
        let widths: Vec<usize> = columns.iter().map(|(_, width)| width.parse().expect("a width")).collect();
        let places = places(&fields, &widths, screen);
        let text = |place: &Place| format!("{}{}", columns[place.column].0, place.width);
        places.iter().map(text).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn columns_have_room_by_what_they_are() {
        for (columns, screen, expected) in [
            ("b13 b6 b8 w10 w16 e30 e10", 160, "b13 b6 b8 w10 w16 e30 e10"),
            ("b13 b6 b8 w10 w16 e30 e10", 100, "b13 b6 b8 w10 w16 e30"),
            // No extra one in the place of another.
            ("b13 b6 b8 w10 w16 e30 e10", 80, "b13 b6 b8 w10 w16"),
            // One that is long is broken and costs no column.
            ("b129 b6 b8 w10 w16 e30 e10", 80, "b32 b6 b8 w10 w16"),
            ("b129 b6 b120 w10 w16 e30 e10", 80, "b20 b6 b20 w10 w16"),
            // What would rather stay whole is broken last of all.
            ("b129 b6 b120 w10 w16", 56, "b8 b6 b8 w10 w16"),
            ("b129 b6 b120 w10 w16", 54, "b10 b6 b10 w10 w10"),
            // What is no use any more is left out from the right.
            ("b129 b6 b120 w10 w16", 30, "b10 b6 b10"),
            ("b129 b6", 20, "b12 b6"),
            ("b129 b60", 10, "b4 b4"),
            // An open end takes what is left, and makes others break for a little of it.
            ("w3 w6 b10 b7 b13 b4 o200", 100, "w3 w6 b10 b7 b13 b4 o45"),
            ("w3 w6 b10 b7 b130 b4 o200", 80, "w3 w6 b10 b7 b26 b4 o12"),
            ("w3 w24 b10 b7 b130 b4 o200", 80, "w3 w24 b9 b7 b9 b4 o12"),
            ("w3 w24 b10 b7 b130 b4 o200", 70, "w3 w24 b10 b7 b12 b4"),
            ("w3 w24 b10 b7 b13 b4 o5", 84, "w3 w24 b10 b7 b13 b4 o11"),
            ("b10 b6 e30 o50", 80, "b10 b6 e30 o28"),
            ("b10 b6 e30 o50", 60, "b10 b6 o40"),
            ("b5", 0, "b1"),
        ] {
            assert_eq!(shown(columns, screen), expected, "{columns} on {screen}");
        }
    }
}

//! What a file is, by how it begins.

use super::wide::Order;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text, or anything else that is searched as it is.
    Plain,
    /// Text in UTF-16.
    Wide(Order),
    Gzip,
    Tar,
    Zip,
    /// Compressed in a way that is not unpacked here.
    Packed,
}

impl Kind {
    /// Bytes that are enough to tell.
    pub(super) const ENOUGH: usize = 512;

    pub(super) fn of(head: &[u8]) -> Self {
        match head {
            [0x1f, 0x8b, 8, ..] => Self::Gzip,
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Self::Zip,
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..]
            | [0x28, 0xb5, 0x2f, 0xfd, ..]
            | [b'7', b'z', 0xbc, 0xaf, 0x27, 0x1c, ..]
            | [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, ..]
            | [0x04, 0x22, 0x4d, 0x18, ..]
            | [b'R', b'a', b'r', b'!', 0x1a, 0x07, ..] => Self::Packed,
            _ if head.get(257..262) == Some(b"ustar") => Self::Tar,
            _ => Order::of(head).map_or(Self::Plain, Self::Wide),
        }
    }
}

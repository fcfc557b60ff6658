//! Text in UTF-16, as PowerShell and the registry of Windows write it, handed on as UTF-8.

use std::io::{self, Read};

use super::fill;

/// How UTF-16 begins that says which of a character's bytes comes first (Unicode 23.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Little,
    Big,
}

/// Bytes of that mark.
pub(super) const MARK: usize = 2;

impl Order {
    /// None for UTF-32, which begins alike.
    pub(super) fn of(head: &[u8]) -> Option<Self> {
        match head {
            [0xff, 0xfe, 0, 0, ..] => None,
            [0xff, 0xfe, ..] => Some(Self::Little),
            [0xfe, 0xff, ..] => Some(Self::Big),
            _ => None,
        }
    }
}

/// Reads UTF-16 and gives UTF-8. What is no character becomes U+FFFD.
pub(super) struct Narrowed<'r> {
    reader: &'r mut dyn Read,
    order: Order,
    /// A unit whose second byte, or a first half whose second one was not read yet.
    rest: Vec<u8>,
    text: zeroize::Zeroizing<String>,
    given: usize,
}

const PIECE: usize = 16 * 1024;

impl<'r> Narrowed<'r> {
    pub(super) fn new(order: Order, reader: &'r mut dyn Read) -> Self {
        // Three bytes of UTF-8 for each unit, so that it never moves and leaves a copy behind.
        let text = zeroize::Zeroizing::new(String::with_capacity(3 * PIECE));
        Self { reader, order, rest: Vec::new(), text, given: 0 }
    }

    fn read_more(&mut self) -> io::Result<()> {
        let mut bytes = zeroize::Zeroizing::new([0; PIECE]);
        bytes[..self.rest.len()].copy_from_slice(&self.rest);
        let (filled, ended) = fill(self.reader, &mut bytes[..], self.rest.len())?;
        let unit = |pair: &[u8; 2]| match self.order {
            Order::Little => u16::from_le_bytes(*pair),
            Order::Big => u16::from_be_bytes(*pair),
        };
        let (pairs, odd) = bytes[..filled].as_chunks::<2>();
        let is_half = pairs.last().is_some_and(|pair| (0xd800..0xdc00).contains(&unit(pair)));
        let whole = if is_half && !ended { pairs.len() - 1 } else { pairs.len() };
        self.text.clear();
        self.given = 0;
        let characters = char::decode_utf16(pairs[..whole].iter().map(unit));
        self.text.extend(characters.map(|one| one.unwrap_or(char::REPLACEMENT_CHARACTER)));
        self.rest = if ended { Vec::new() } else { bytes[2 * whole..2 * pairs.len() + odd.len()].to_vec() };
        Ok(())
    }
}

impl Read for Narrowed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given == self.text.len() {
            self.read_more()?;
        }
        let left = &self.text.as_bytes()[self.given..];
        let count = left.len().min(buffer.len());
        buffer[..count].copy_from_slice(&left[..count]);
        self.given += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf_16_is_handed_on_as_utf_8_wherever_a_read_ends() {
        let text = "a é 😀\n".repeat(9000);
        for order in [Order::Little, Order::Big] {
            let bytes: Vec<u8> = text
                .encode_utf16()
                .flat_map(|unit| if order == Order::Little { unit.to_le_bytes() } else { unit.to_be_bytes() })
                .collect();
            let mut read = String::new();
            Narrowed::new(order, &mut &bytes[..]).read_to_string(&mut read).expect("read");
            assert!(read == text);
            // One byte more, and half of a character at the end.
            let mut read = String::new();
            let mut cut = &bytes[..bytes.len() - 3];
            Narrowed::new(order, &mut cut).read_to_string(&mut read).expect("read");
            assert!(
                read.starts_with("a é 😀\na") && read.ends_with('\u{fffd}'),
                "{}",
                &read[read.len() - 9..]
            );
        }
        assert_eq!(Order::of(b"\xff\xfe\0\0"), None);
    }
}

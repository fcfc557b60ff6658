//! Words in a text that may be tokens that were made elsewhere, to be looked for by their hashes.

use std::ops::Range;

/// Shorter words are not hashed: a text is full of them, and what is shorter can be guessed.
pub const SHORTEST: usize = 16;
/// Longer ones are data.
pub const LONGEST: usize = 512;

fn is_narrow(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

fn is_wide(byte: u8) -> bool {
    is_narrow(byte) || matches!(byte, b'.' | b'+' | b'/' | b'=' | b'~')
}

/// Calls `each` with the place of every word that may be a token: letters, digits, `_` and `-` in a row, and the same with
/// `.`, `+`, `/`, `=` and `~`, as base64 and JWTs have them.
pub fn find(text: &[u8], mut each: impl FnMut(Range<usize>)) {
    let fits = |place: &Range<usize>| (SHORTEST..=LONGEST).contains(&place.len());
    for wide in runs(text, 0..text.len(), is_wide) {
        let mut narrow = runs(text, wide.clone(), is_narrow).peekable();
        let alone = narrow.peek() == Some(&wide);
        narrow.filter(fits).for_each(&mut each);
        if !alone && fits(&wide) {
            each(wide);
        }
    }
}

/// Parts that a word of a name is put together of, at most: a long token in base64 has fewer marks.
const MOST_PARTS: usize = 48;

/// Calls `each` with every place in a name that may be a token, the first and of these the longest before others, until it
/// says that one is; then goes on behind it. A name is short, and often has something right before a token or behind it, as
/// in `backup-TOKEN.tar.gz`; so a word may begin and end at any mark.
pub fn find_in_name(name: &[u8], mut is_one: impl FnMut(Range<usize>) -> bool) {
    for run in runs(name, 0..name.len(), is_wide) {
        let ends: Vec<usize> = (run.start..=run.end)
            .filter(|at| {
                let is_end = *at == run.start || *at == run.end;
                is_end || !name[*at].is_ascii_alphanumeric() || !name[*at - 1].is_ascii_alphanumeric()
            })
            .collect();
        let mut first = 0;
        while let Some(start) = ends.get(first) {
            let last = ends.len().min(first + MOST_PARTS);
            let mut words = (first + 1..last).rev().map(|end| (end, *start..ends[end]));
            let found =
                words.find(|(_, word)| (SHORTEST..=LONGEST).contains(&word.len()) && is_one(word.clone()));
            first = found.map_or(first + 1, |(end, _)| end);
        }
    }
}

fn runs(text: &[u8], within: Range<usize>, of: fn(u8) -> bool) -> impl Iterator<Item = Range<usize>> {
    let mut at = within.start;
    std::iter::from_fn(move || {
        let start = at + text[at..within.end].iter().position(|byte| of(*byte))?;
        let length = text[start..within.end].iter().position(|byte| !of(*byte));
        at = length.map_or(within.end, |length| start + length);
        Some(start..at)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        let mut found = Vec::new();
        find(text.as_bytes(), |place| found.push(&text[place]));
        found
    }

    #[test]
    fn a_token_with_something_around_it_is_among_the_words() {
        for token in ["sk-alice-test-key-12345", "YWJj_9kZWY-abcdefgh", "dGVzdC10b2tlbi1jYW5v+/0="] {
            for text in [
                token.to_owned(),
                format!("({token}), \"{token}\""),
                format!("https://u:{token}@host"),
                format!("{{\"key\":\"{token}\"}}"),
            ] {
                assert!(found(&text).contains(&token), "{text}: {:?}", found(&text));
            }
        }
        assert_eq!(
            found("API_KEY=sk-alice-test-key-12345"),
            ["sk-alice-test-key-12345", "API_KEY=sk-alice-test-key-12345"]
        );
    }

    #[test]
    fn in_a_name_a_token_has_marks_around_it() {
        for token in ["sk-alice-test-key-12345", "YWJj_9kZWY-abcdefgh", "dGVzdC10b2tlbi1jYW5v+=="] {
            for name in [
                token.to_owned(),
                format!("backup-{token}.tar.gz"),
                format!("logs/2027_{token}_old/{token}"),
                format!("é{token} (1)"),
            ] {
                let mut count = 0;
                find_in_name(name.as_bytes(), |word| {
                    let is_one = name[word] == *token;
                    count += usize::from(is_one);
                    is_one
                });
                assert_eq!(count, name.matches(token).count(), "{name}");
            }
        }
        let mut looked_at = 0_u32;
        find_in_name("a.".repeat(2000).as_bytes(), |_| {
            looked_at += 1;
            false
        });
        assert!(looked_at < 200_000, "{looked_at}");
    }

    #[test]
    fn short_words_and_data_are_left_out() {
        assert!(found("the quick brown fox, 2027-01-31").is_empty());
        assert!(found(&"x".repeat(513)).is_empty());
    }
}

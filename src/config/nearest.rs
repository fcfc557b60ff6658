//! Which word was probably meant.

use strsim::levenshtein;

/// The known word that takes the fewest changes of a letter, if they are few.
pub(super) fn nearest<'w>(word: &str, known: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    const MOST: usize = 2;
    // Longer words than any known one are not worth the time, which grows with both.
    if word.len() > 64 {
        return None;
    }
    let near = known.into_iter().map(|one| (levenshtein(word, one), one));
    near.filter(|(changes, one)| *changes <= MOST && *changes < one.len()).min().map(|(_, one)| one)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_word_and_nonsense_none() {
        let known = ["store", "prefix", "expires", "color", "lock_timeout"];
        for (slip, meant) in
            [("colour", "color"), ("stroe", "store"), ("lock-timeout", "lock_timeout"), ("expiry", "expires")]
        {
            assert_eq!(nearest(slip, known), Some(meant), "{slip}");
        }
        assert_eq!(nearest("database", known), None);
        assert_eq!(nearest("", ["a", "bc"]), None);
        assert_eq!(levenshtein("kitten", "sitting"), 3);
    }
}

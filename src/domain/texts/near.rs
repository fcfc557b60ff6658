//! Which word was probably meant by one that is not known. What counts as a slip stands here, and how
//! many of them are forgiven to whom: names that people chose differ less than a tool's own words.

use strsim::{levenshtein, osa_distance};

/// Longer words than any known one are not worth the time, which grows with both.
const LONGEST: usize = 64;

/// The known word that takes the fewest changes of a letter, if they are at most two and fewer than
/// it has letters. Of equals the first.
pub(crate) fn nearest_word<'w>(typed: &str, known: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    if typed.len() > LONGEST {
        return None;
    }
    let rated = known.into_iter().map(|word| (levenshtein(typed, word), word));
    let near = rated.filter(|(changes, word)| *changes <= 2 && *changes < word.len());
    near.min_by_key(|(changes, _)| *changes).map(|(_, word)| word)
}

/// The name with the fewest slips: a character too much, too few, another one, or two exchanged. One
/// for every three characters is forgiven, at most three. Of equals the first.
pub(crate) fn nearest_name<T>(typed: &str, names: Vec<T>, text: impl Fn(&T) -> &str) -> Option<T> {
    let forgiven = typed.len().div_ceil(3).min(3);
    let slips = |name: &T| {
        let text = text(name);
        let near = text.len().abs_diff(typed.len()) <= forgiven;
        Some(osa_distance(typed, text)).filter(|slips| near && *slips <= forgiven)
    };
    let rated = names.into_iter().filter_map(|name| Some((slips(&name)?, name)));
    rated.min_by_key(|(slips, _)| *slips).map(|(_, name)| name)
}

/// Whether an option is so near that it was meant: of six letters one may be wrong, of seven two.
pub(crate) fn is_slip(typed: &str, option: &str) -> bool {
    let typed = typed.split('=').next().unwrap_or_default();
    osa_distance(typed, option) <= 1 + typed.trim_start_matches('-').len() / 7
}

/// The option or command with the fewest slips, however many. Of equals the first.
pub(crate) fn nearest_of_all<T: AsRef<str>>(typed: &str, near: impl IntoIterator<Item = T>) -> Option<T> {
    near.into_iter().min_by_key(|option| osa_distance(typed, option.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_letter_finds_its_word_and_nonsense_none() {
        let known = ["store", "prefix", "expires", "color", "lock_timeout"];
        for (slip, meant) in
            [("colour", "color"), ("stroe", "store"), ("lock-timeout", "lock_timeout"), ("expiry", "expires")]
        {
            assert_eq!(nearest_word(slip, known), Some(meant), "{slip}");
        }
        assert_eq!(nearest_word("database", known), None);
        assert_eq!(nearest_word("", ["a", "bc"]), None);
        assert_eq!(levenshtein("kitten", "sitting"), 3);
    }

    #[test]
    fn slips_are_forgiven_and_other_names_are_not() {
        let found = |typed: &str| nearest_name(typed, vec!["alice", "alina", "anna", "ab"], |text| text);
        for (typed, meant) in [
            ("alcie", Some("alice")),
            ("alic", Some("alice")),
            ("aliice", Some("alice")),
            ("anja", Some("anna")),
            ("a", Some("ab")),
            ("accounting", None),
            ("aaaaa", None),
        ] {
            assert_eq!(found(typed), meant, "{typed}");
        }
    }
}

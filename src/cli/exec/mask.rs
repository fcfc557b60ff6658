//! Masking secrets in a stream of bytes that comes in pieces.
//!
//! Every byte that belongs to any occurrence of any value is masked, however occurrences overlap
//! and wherever the pieces are cut; each run of masked bytes is written as `***` once. Bytes are
//! held back only while they may be the beginning of a value, so that a prompt is seen at once.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use zeroize::{Zeroize as _, Zeroizing};

use super::masks::Masks;
use super::needles::{Needles, ROOT};
use crate::domain::secrets::secret::SecretValue;

/// What stands in the place of a value.
const MASK: &[u8] = b"***";

/// One stream's masker. Memory: the longest spelling of a value and one piece.
pub(in crate::cli) struct Masker {
    needles: Arc<Needles>,
    /// Where more values may come, and up to which of them these needles are.
    masks: Option<(Arc<Masks>, u64)>,
    /// The longest end of the stream that a value may begin with.
    node: u32,
    /// What was not written yet, wiped when dropped.
    held: Vec<u8>,
    /// Which of it is masked: in order, and never touching one another.
    runs: VecDeque<Range<usize>>,
    /// Whether the last byte that was written was a masked one.
    in_run: bool,
}

impl Masker {
    /// For one stream, from its beginning; see [`Needles::of`] for what is found.
    pub(in crate::cli) fn new(values: &[&SecretValue]) -> Self {
        Self::with(Arc::new(Needles::of(values)))
    }

    /// The same for values to which more may come.
    pub(super) fn following(masks: &Arc<Masks>) -> Self {
        let (needles, seen) = masks.needles();
        let mut masker = Self::with(needles);
        masker.masks = Some((Arc::clone(masks), seen));
        masker
    }

    fn with(needles: Arc<Needles>) -> Self {
        Self { needles, masks: None, node: ROOT, held: Vec::new(), runs: VecDeque::new(), in_run: false }
    }

    /// Looks for what came meanwhile, too: also in what is held.
    fn catch_up(&mut self) {
        let Some((masks, seen)) = &mut self.masks else { return };
        if masks.generation() == *seen {
            return;
        }
        (self.needles, *seen) = masks.needles();
        self.node = ROOT;
        // Of an occurrence that is masked already, the beginning may be written, and its value be looked for no more.
        let mut masked = Vec::from(std::mem::take(&mut self.runs));
        self.search(0);
        masked.extend(self.runs.drain(..));
        masked.sort_unstable_by_key(|run| run.start);
        for run in masked {
            self.mask(run);
        }
    }

    /// Into how many parts [`Self::state`] falls.
    pub(super) const STATE: usize = 3;

    /// Where it is in its stream, for another process; the values have to be told, too.
    pub(super) fn state(&self) -> [Zeroizing<Vec<u8>>; Self::STATE] {
        let ends = self.runs.iter().flat_map(|run| [run.start, run.end]);
        let runs = ends.flat_map(|end| (end as u64).to_le_bytes()).collect();
        [self.held.clone(), runs, vec![u8::from(self.in_run)]].map(Zeroizing::new)
    }

    /// Goes on where another one was; `None` if that cannot be.
    pub(super) fn resumed(values: &[&SecretValue], state: &[Zeroizing<Vec<u8>>]) -> Option<Self> {
        let [held, runs, in_run] = state else { return None };
        let mut masker = Self::new(values);
        for byte in held.iter() {
            masker.node = masker.needles.extensible(masker.needles.step(masker.node, *byte));
        }
        let end = |bytes: &[u8]| usize::try_from(u64::from_le_bytes(bytes.try_into().ok()?)).ok();
        for run in runs.chunks(16) {
            let (start, end) = (end(run.get(..8)?)?, end(run.get(8..)?)?);
            masker.runs.push_back(start..end);
        }
        let is_inside = masker.runs.iter().all(|run| run.start < run.end && run.end <= held.len());
        masker.held = held.to_vec();
        masker.in_run = **in_run == [1];
        (is_inside && masker.needles.depth(masker.node) == held.len()).then_some(masker)
    }

    /// Takes the next piece; appends to `out` what can be written by now.
    pub(in crate::cli) fn push(&mut self, piece: &[u8], out: &mut Vec<u8>) {
        self.catch_up();
        let at = self.held.len();
        self.hold(piece);
        self.search(at);
        let kept = self.needles.depth(self.node);
        self.write(self.held.len() - kept, out);
    }

    /// Goes over what is held from there on.
    fn search(&mut self, mut at: usize) {
        while at < self.held.len() {
            if self.node == ROOT {
                let Some(skipped) = self.needles.first_in(&self.held[at..]) else { break };
                at += skipped;
            }
            let node = self.needles.step(self.node, self.held[at]);
            at += 1;
            if let Some(length) = self.needles.matched(node) {
                self.mask(at - length..at);
            }
            self.node = self.needles.extensible(node);
        }
    }

    /// The stream is at its end: appends the rest to `out`.
    pub(in crate::cli) fn finish(&mut self, out: &mut Vec<u8>) {
        self.node = ROOT;
        self.write(self.held.len(), out);
    }

    /// Appends a piece to what is held, without leaving a copy behind when that moves.
    fn hold(&mut self, piece: &[u8]) {
        let needed = self.held.len() + piece.len();
        if self.held.capacity() < needed {
            let mut roomier = Vec::with_capacity(needed.next_power_of_two());
            roomier.extend_from_slice(&self.held);
            self.held.zeroize();
            self.held = roomier;
        }
        self.held.extend_from_slice(piece);
    }

    fn mask(&mut self, occurrence: Range<usize>) {
        let Range { mut start, mut end } = occurrence;
        while let Some(last) = self.runs.pop_back_if(|last| last.end >= start) {
            (start, end) = (start.min(last.start), end.max(last.end));
        }
        self.runs.push_back(start..end);
    }

    /// Writes so many of the held bytes.
    fn write(&mut self, end: usize, out: &mut Vec<u8>) {
        let mut at = 0;
        while let Some(run) = self.runs.pop_front_if(|run| run.start < end) {
            self.write_clear(at..run.start, out);
            if !self.in_run {
                out.extend_from_slice(MASK);
                self.in_run = true;
            }
            at = run.end.min(end);
            if run.end > end {
                self.runs.push_front(end..run.end);
            }
        }
        self.write_clear(at..end, out);
        self.held.drain(..end);
        for run in &mut self.runs {
            *run = run.start - end..run.end - end;
        }
    }

    fn write_clear(&mut self, part: Range<usize>, out: &mut Vec<u8>) {
        if !part.is_empty() {
            out.extend_from_slice(&self.held[part]);
            self.in_run = false;
        }
    }
}

impl Drop for Masker {
    fn drop(&mut self) {
        self.held.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn masker(patterns: &[&str]) -> Masker {
        Masker::with(Arc::new(Needles::new(patterns)))
    }

    #[test]
    fn another_process_goes_on_where_this_one_was() {
        let values = ["abcdefgh", "ghijklmnop"]
            .map(|text| SecretValue::from_bytes(text.as_bytes(), false).expect("a value"));
        let values: Vec<&SecretValue> = values.iter().collect();
        let text = "x abcdefghijklmnop abcdefgh gh abcdefghabcdefgx abcdefg";
        let whole = |cuts: &[usize]| {
            let (mut masker, mut out, mut from) = (Masker::new(&values), Vec::new(), 0);
            for cut in cuts {
                masker.push(&text.as_bytes()[from..*cut], &mut out);
                masker = Masker::resumed(&values, &masker.state()).expect("goes on");
                from = *cut;
            }
            masker.push(&text.as_bytes()[from..], &mut out);
            masker.finish(&mut out);
            String::from_utf8(out).expect("text")
        };
        assert_eq!(whole(&[]), "x *** *** gh ***abcdefgx abcdefg");
        for cut in 0..text.len() {
            assert_eq!(whole(&[cut, (cut + 5).min(text.len())]), whole(&[]), "cut at {cut}");
        }
        let state = Masker::new(&values).state();
        for (part, bytes) in [(0, &b"q"[..]), (1, b"1"), (1, &[0; 16]), (1, &[9; 16])] {
            let mut state = state.clone();
            state[part] = Zeroizing::new(bytes.to_vec());
            assert!(Masker::resumed(&values, &state).is_none(), "{part} {bytes:?}");
        }
    }

    #[test]
    fn what_comes_while_the_stream_runs_is_masked_from_then_on_wherever_it_is_cut() {
        let value = |text: &str| Arc::new(SecretValue::from_bytes(text.as_bytes(), false).expect("a value"));
        let whole = |added: usize, cut: usize| {
            let text = "abcdefghijklmnop ghijklmnop mnopqrst";
            let masks = Arc::new(Masks::default());
            masks.stay([value("abcdefgh"), value("ghijklmnop")]);
            let (mut masker, mut out) = (Masker::following(&masks), Vec::new());
            masker.push(&text.as_bytes()[..added], &mut out);
            masks.add(&value("mnopqrst"));
            masker.push(&text.as_bytes()[added..added.max(cut)], &mut out);
            masker.push(&text.as_bytes()[added.max(cut)..], &mut out);
            masker.finish(&mut out);
            String::from_utf8(out).expect("text")
        };
        for added in 0..=27 {
            for cut in 0..=36 {
                assert_eq!(whole(added, cut), "*** *** ***", "added at {added}, cut at {cut}");
            }
        }
        // What was written before it came cannot be taken back.
        assert_eq!(whole(30, 30), "*** *** mnopqrst");
    }

    #[test]
    fn the_newest_of_what_came_later_are_looked_for_and_all_of_the_first() {
        let value = |number: usize| {
            let text = format!("value-{number:04}");
            Arc::new(SecretValue::from_bytes(text.as_bytes(), false).expect("a value"))
        };
        let masks = Arc::new(Masks::default());
        masks.stay([value(0)]);
        let (mut masker, mut out) = (Masker::following(&masks), Vec::new());
        for number in 1..=100 {
            masks.add(&value(number));
            masks.add(&value(number));
            masker.push(b"value-", &mut out);
            masker.push(format!("{number:04}\n").as_bytes(), &mut out);
        }
        masker.push(b"value-0000 value-0068 value-0069 value-0100", &mut out);
        masker.finish(&mut out);
        assert_eq!(
            String::from_utf8(out).expect("text"),
            format!("{}*** value-0068 *** ***", "***\n".repeat(100))
        );
    }

    /// What each piece lets through, and what the end does.
    fn pieces(patterns: &[&str], pieces: &[&str]) -> Vec<String> {
        let mut masker = masker(patterns);
        let mut seen = Vec::new();
        let mut take = |out: Vec<u8>| seen.push(String::from_utf8(out).expect("text"));
        for piece in pieces {
            let mut out = Vec::new();
            masker.push(piece.as_bytes(), &mut out);
            take(out);
        }
        let mut out = Vec::new();
        masker.finish(&mut out);
        take(out);
        seen
    }

    fn whole(patterns: &[&str], text: &str) -> String {
        pieces(patterns, &[text]).concat()
    }

    #[test]
    fn overlapping_values_are_masked_byte_by_byte() {
        for (patterns, text, masked) in [
            (&["secret"][..], "a secret, twice secretsecret", "a ***, twice ***"),
            (&["abab"], "xababab.", "x***."),
            (&["abc", "cde"], "abcde abc", "*** ***"),
            (&["abc", "cde"], "xcdeabcde", "x***"),
            (&["abc", "abcdef"], "abcde", "***de"),
            (&["abc", "abcdef"], "abcdef", "***"),
            (&["abcdef", "cd"], "abcdx", "ab***x"),
            (&["aab"], "aaab", "a***"),
            (&["a"], "banana", "b***n***n***"),
            (&["aa", "aaaa"], "aaa", "***"),
            (&["aXb", "XbYc"], "aXbYc aXbY", "*** ***Y"),
            (&[], "nothing to hide", "nothing to hide"),
            (&["whole"], "whole", "***"),
            (&["abc"], "ab", "ab"),
        ] {
            assert_eq!(whole(patterns, text), masked, "{patterns:?} {text}");
        }
    }

    #[test]
    fn bytes_are_held_only_while_a_value_may_begin_with_them() {
        for (patterns, given, seen) in [
            (&["secret"][..], &["Password: ", "ok"][..], &["Password: ", "ok", ""][..]),
            (&["secret"], &["a se", "cret b"], &["a ", "*** b", ""]),
            (&["secret"], &["a se", "t"], &["a ", "set", ""]),
            (&["secret"], &["secret", "secret", "s"], &["***", "", "", "s"]),
            // What is known to be masked stays so, while it may begin another value.
            (&["abc", "cd"], &["abc", "x"], &["***", "x", ""]),
            (&["abc", "bcde"], &["abc", "d", "x"], &["***", "", "dx", ""]),
            (&["abc", "bcde"], &["abc", "d", "e"], &["***", "", "", ""]),
            (&["abab"], &["ab", "ab", "ab", "a"], &["", "***", "", "", "a"]),
        ] {
            assert_eq!(pieces(patterns, given), seen, "{patterns:?} {given:?}");
        }
    }

    fn occurs_at(text: &[u8], pattern: &[u8]) -> Vec<usize> {
        (0..text.len()).filter(|at| text[*at..].starts_with(pattern)).collect()
    }

    /// The same on a whole text, as naively as can be.
    fn model(patterns: &[String], text: &[u8]) -> Vec<u8> {
        let mut masked = vec![false; text.len()];
        for pattern in patterns {
            for at in occurs_at(text, pattern.as_bytes()) {
                masked[at..at + pattern.len()].fill(true);
            }
        }
        let mut out = Vec::new();
        for (at, byte) in text.iter().enumerate() {
            match (masked[at], at > 0 && masked[at - 1]) {
                (false, _) => out.push(*byte),
                (true, false) => out.extend_from_slice(MASK),
                (true, true) => {}
            }
        }
        out
    }

    /// The longest end of a text that is the beginning of a pattern, and not all of it.
    fn may_begin(patterns: &[String], text: &[u8]) -> usize {
        let begins = |held: usize| {
            let end = &text[text.len() - held..];
            patterns.iter().any(|pattern| pattern.len() > held && pattern.as_bytes().starts_with(end))
        };
        (1..=text.len()).rev().find(|held| begins(*held)).unwrap_or(0)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn any_split_gives_what_the_whole_text_gives(
            patterns in prop::collection::vec("[ab]{1,5}|[abc]{1,9}", 0..5),
            given in prop::collection::vec("[ab]{0,6}|[abcd]{0,9}", 0..12),
        ) {
            let borrowed: Vec<&str> = patterns.iter().map(String::as_str).collect();
            let mut masker = masker(&borrowed);
            let (mut text, mut out) = (Vec::new(), Vec::new());
            for piece in &given {
                text.extend_from_slice(piece.as_bytes());
                masker.push(piece.as_bytes(), &mut out);
                prop_assert_eq!(masker.held.len(), may_begin(&patterns, &text));
            }
            masker.finish(&mut out);
            prop_assert_eq!(out, model(&patterns, &text));
        }
    }
}

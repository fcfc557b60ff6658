//! Whose a key becomes: from the id that somebody has elsewhere to an owner's name.
//!
//! Such an id is a subject. Who has it in the store is meant, whatever that owner is called today, so
//! that a file may be imported again after a renaming. Else the id is the new owner's name, too; and
//! where it cannot be one, a name is derived from it.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs::File;
use std::io;

use super::fields::Row;
use super::naming::{Naming, numbered};
use super::sorted::Sorted;
use crate::crypto::digest;
use crate::domain::imports::faults::Faults;
use crate::domain::owners::owner::Owner;
use crate::domain::owners::row::{OwnerHolder, OwnerState};
use crate::domain::owners::subject::{OwnerSubject, name_of};
use crate::ops::error::Result;
use crate::ops::owners::owner::taken;
use crate::store::{BulkLookup, LOOKED_UP, Lookup};

/// How many derived names are told one by one.
const TOLD: usize = 10;

/// The names that were derived for new owners.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    pub count: u64,
    pub first: Vec<(OwnerSubject, Owner)>,
}

impl Named {
    /// Notes one, unless it is the last one noted.
    fn note(&mut self, subject: &OwnerSubject, name: &Owner) {
        if self.first.len() < TOLD && !self.first.iter().any(|(known, _)| known == subject) {
            self.first.push((subject.clone(), name.clone()));
        }
    }
}

/// Finds the owners of some rows, no more than [`LOOKED_UP`]: those that are there get their names,
/// and `conflicts` says where one cannot be the one meant.
pub(super) fn settle(store: &mut impl BulkLookup, rows: &mut [Row], conflicts: &mut Faults) -> Result<()> {
    let words: BTreeSet<&str> =
        rows.iter().flat_map(|row| [row.subject.as_str(), row.owner.as_str()]).collect();
    let words: Vec<&str> = words.into_iter().collect();
    let (mut named, mut known_as) = (HashMap::new(), HashMap::new());
    for words in words.chunks(LOOKED_UP) {
        for holder in store.owner_holders(words.iter().copied())? {
            named.insert(holder.name.as_str().to_owned(), holder.clone());
            known_as.insert(holder.subject.as_str().to_owned(), holder);
        }
    }
    for row in rows {
        match known_as.get(row.subject.as_str()) {
            Some(holder) => of_store(row, holder, &named, conflicts),
            None => of_nobody(row, |word| named.get(word).or_else(|| known_as.get(word)), conflicts),
        }
    }
    Ok(())
}

/// A row of an owner that is in the store.
fn of_store(
    row: &mut Row,
    holder: &OwnerHolder,
    named: &HashMap<String, OwnerHolder>,
    conflicts: &mut Faults,
) {
    let other = named.get(row.owner.as_str()).filter(|other| other.name != holder.name);
    if let (Some(other), Naming::Given) = (other, row.naming) {
        let why = format!(
            "{}; the subject of {} is {}",
            taken(row.subject.as_str(), holder),
            other.name,
            other.subject
        );
        conflicts.push(row.line, "subject", why);
    }
    (row.owner, row.naming) = (holder.name.clone(), Naming::Given);
    if let Some(OwnerState::Disabled(at)) = holder.state {
        conflicts.push(row.line, "owner", format!("{} is disabled since {at}", row.owner));
    }
}

/// A row of an owner who is new.
fn of_nobody<'h>(row: &mut Row, holder: impl Fn(&str) -> Option<&'h OwnerHolder>, conflicts: &mut Faults) {
    if let Some(holder) = holder(row.subject.as_str()) {
        conflicts.push(
            row.line,
            "owner",
            format!("{}{}", taken(row.subject.as_str(), holder), meant(row, holder)),
        );
        return;
    }
    let Some(holder) = holder(row.owner.as_str()) else { return };
    match row.naming {
        Naming::Derived => number(row),
        Naming::Given | Naming::Numbered => {
            let why = format!("{}{}", taken(row.owner.as_str(), holder), meant(row, holder));
            conflicts.push(row.line, "owner", why);
        }
    }
}

/// What to write where the owner of this name was meant.
fn meant(row: &Row, holder: &OwnerHolder) -> String {
    if row.owner == holder.name {
        format!(
            ", whom services know as {}: to mean that one, write this into the column subject",
            holder.subject
        )
    } else {
        String::new()
    }
}

/// Puts the number behind a derived name.
fn number(row: &mut Row) {
    if let Some(name) = numbered(row.subject.as_str()) {
        (row.owner, row.naming) = (name, Naming::Numbered);
    }
}

/// What a word of the file stands for; the order of a group in which each kind follows the others.
const SUBJECT: u8 = 0;
const NAME: u8 = 1;
const DERIVED: u8 = 2;

/// A word, what it is, what goes with it, and its line.
const RECORD: usize = 16 + 1 + 16 + 8;

type Print = [u8; 16];

/// Stands for a name that the file does not give.
const NONE: Print = [0; 16];

fn print(text: &str) -> Print {
    let digest = digest::fingerprint(text);
    let mut print = [0; 16];
    print.copy_from_slice(&digest[..16]);
    print
}

/// The names and subjects of a file, so that no word is two owners' there either, whatever the order
/// of its lines.
pub(super) struct Words {
    all: Sorted<RECORD>,
    /// The owner of the row before, which is often that of the next one.
    last: Option<(Owner, OwnerSubject)>,
    named: Named,
}

impl Words {
    pub(super) fn new(file: File) -> Self {
        Self { all: Sorted::new(file), last: None, named: Named::default() }
    }

    /// Notes a row's words, as they stand in the file.
    pub(super) fn push(&mut self, row: &Row) -> io::Result<()> {
        let is_last =
            |(owner, subject): &(Owner, OwnerSubject)| *owner == row.owner && *subject == row.subject;
        if self.last.as_ref().is_some_and(is_last) {
            return Ok(());
        }
        let given = row.naming == Naming::Given;
        let subject = print(row.subject.as_str());
        if row.subject == row.owner {
            self.word(subject, SUBJECT, subject, row.line)?;
        } else {
            let name = if given { print(row.owner.as_str()) } else { NONE };
            self.word(subject, SUBJECT, name, row.line)?;
            if given {
                self.word(name, NAME, subject, row.line)?;
            }
        }
        self.last = Some((row.owner.clone(), row.subject.clone()));
        Ok(())
    }

    /// Notes a name that was derived for an owner who is not in the store.
    pub(super) fn push_derived(&mut self, row: &Row) -> io::Result<()> {
        if row.naming == Naming::Given {
            return Ok(());
        }
        self.named.note(&row.subject, &row.owner);
        self.word(print(row.owner.as_str()), DERIVED, print(row.subject.as_str()), row.line)
    }

    fn word(&mut self, word: Print, kind: u8, other: Print, line: u64) -> io::Result<()> {
        let mut record = [0; RECORD];
        record[..16].copy_from_slice(&word);
        record[16] = kind;
        record[17..33].copy_from_slice(&other);
        record[33..].copy_from_slice(&line.to_be_bytes());
        self.all.push(record)
    }

    /// Says where a word would be two owners', and which of the derived names need a number.
    pub(super) fn finish(self, faults: &mut Faults) -> io::Result<Names> {
        let Self { all, mut named, .. } = self;
        let (mut names, mut group) = (Names::default(), Group::default());
        let mut derived = 0;
        all.each(|record| {
            let word = Word::of(record);
            if group.word != Some(word.print) {
                derived += std::mem::take(&mut group).finish(&mut names);
                group.word = Some(word.print);
            }
            group.add(word, faults);
        })?;
        derived += group.finish(&mut names);
        named.count = derived;
        for (subject, name) in &mut named.first {
            if let Some(numbered) = names.numbered(subject) {
                *name = numbered;
            }
        }
        names.named = named;
        Ok(names)
    }
}

/// A record, taken apart.
#[derive(Clone, Copy)]
struct Word {
    print: Print,
    kind: u8,
    other: Print,
    line: u64,
}

impl Word {
    fn of(record: &[u8; RECORD]) -> Self {
        let part = |from: usize| {
            let mut part = [0; 16];
            part.copy_from_slice(&record[from..from + 16]);
            part
        };
        let line = record[33..].iter().fold(0, |line, byte| line << 8 | u64::from(*byte));
        Self { print: part(0), kind: record[16], other: part(17), line }
    }

    /// The subject of the owner that it belongs to.
    fn owner(&self) -> Print {
        if self.kind == SUBJECT { self.print } else { self.other }
    }
}

/// All that a word stands for in the file.
#[derive(Default)]
struct Group {
    word: Option<Print>,
    /// The first that stands in the file, and, of a subject, the first that gives a name.
    first: Option<Word>,
    given: Option<Word>,
    /// Owners for whom this name was derived, each with its first line.
    derived: Vec<(Print, u64)>,
}

impl Group {
    fn add(&mut self, word: Word, faults: &mut Faults) {
        if word.kind == DERIVED {
            match self.derived.last_mut() {
                Some((owner, line)) if *owner == word.other => *line = word.line.min(*line),
                _ => self.derived.push((word.other, word.line)),
            }
            return;
        }
        let mut differ = |first: &Word, what: &str| {
            let (early, late) = (first.line.min(word.line), first.line.max(word.line));
            faults.push(late, "owner", format!("{what} in line {early}"));
        };
        match &self.first {
            Some(first) if first.owner() != word.owner() => {
                differ(first, "it has the name or the subject of another");
            }
            _ => {}
        }
        if word.kind == SUBJECT && word.other != NONE {
            match &self.given {
                Some(given) if given.other != word.other => {
                    differ(given, "the same subject has another name");
                }
                Some(_) => {}
                None => self.given = Some(word),
            }
        }
        self.first.get_or_insert(word);
    }

    /// Of those for whom the same name was derived, the first has it, unless the file gives it to
    /// somebody else. Returns how many there are.
    fn finish(self, names: &mut Names) -> u64 {
        let whose = match &self.first {
            Some(first) => Some(first.owner()),
            None => self.derived.iter().min_by_key(|(_, line)| *line).map(|(owner, _)| *owner),
        };
        let count = self.derived.len() as u64;
        names
            .numbered
            .extend(self.derived.into_iter().map(|(owner, _)| owner).filter(|owner| whose != Some(*owner)));
        count
    }
}

/// The names that owners get who are new.
#[derive(Default)]
pub(super) struct Names {
    /// By their subjects, those whose plain name is another's in the same file.
    numbered: HashSet<Print>,
    pub(super) named: Named,
}

impl Names {
    fn numbered(&self, subject: &OwnerSubject) -> Option<Owner> {
        let is_numbered = !self.numbered.is_empty() && self.numbered.contains(&print(subject.as_str()));
        is_numbered.then(|| numbered(subject.as_str())).flatten()
    }

    /// Gives a row's owner the name that is its in the end.
    pub(super) fn give(&self, row: &mut Row) {
        if row.naming == Naming::Derived
            && let Some(name) = self.numbered(&row.subject)
        {
            (row.owner, row.naming) = (name, Naming::Numbered);
        }
    }
}

/// The owners of a file that fits into memory.
pub(super) struct Owners<'f> {
    /// Every id that stands in the file: no derived name may be one.
    ids: HashSet<&'f str>,
    found: HashMap<OwnerSubject, Found>,
    /// Names that were derived so far.
    derived: HashSet<Owner>,
    pub(super) named: Named,
}

/// Whom an id stands for.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) owner: Owner,
    /// Whether it is in the store, and how; `None` if it is new, or was deleted.
    pub(super) state: Option<OwnerState>,
    pub(super) known: bool,
}

impl<'f> Owners<'f> {
    pub(super) fn new(ids: impl Iterator<Item = &'f OwnerSubject>) -> Self {
        let ids = ids.map(OwnerSubject::as_str).collect();
        Self { ids, found: HashMap::new(), derived: HashSet::new(), named: Named::default() }
    }

    /// Whom this id stands for, or why it can be nobody.
    pub(super) fn find(
        &mut self,
        store: &mut impl Lookup,
        id: &OwnerSubject,
    ) -> Result<Result<Found, String>> {
        if let Some(found) = self.found.get(id) {
            return Ok(Ok(found.clone()));
        }
        let found = match store.owner_holder(id.as_str())? {
            Some(holder) if holder.subject == *id => {
                Found { owner: holder.name, state: holder.state, known: holder.state.is_some() }
            }
            Some(holder) => {
                return Ok(Err(format!(
                    "{}, whom services know as {}; call that one otherwise: keyctl owner rename {} NEW",
                    taken(id.as_str(), &holder),
                    holder.subject,
                    holder.name
                )));
            }
            None => Found { owner: self.name(store, id)?, state: None, known: false },
        };
        self.found.insert(id.clone(), found.clone());
        Ok(Ok(found))
    }

    fn name(&mut self, store: &mut impl Lookup, id: &OwnerSubject) -> Result<Owner> {
        if let Ok(name) = id.as_str().parse() {
            return Ok(name);
        }
        let mut name = None;
        if let Some(plain) = name_of(id.as_str()) {
            let is_free = !self.ids.contains(plain.as_str()) && !self.derived.contains(&plain);
            name = (is_free && store.owner_holder(plain.as_str())?.is_none()).then_some(plain);
        }
        let Some(name) = name.or_else(|| numbered(id.as_str())) else {
            // No subject is so odd: its digits alone make a name.
            return Err(crate::ops::Error::Invalid {
                message: format!("no name can be made of {id}"),
                hint: "give the owner a name: keyctl owner add NAME --subject SUBJECT".to_owned(),
            });
        };
        self.derived.insert(name.clone());
        self.named.count += 1;
        self.named.note(id, &name);
        Ok(name)
    }
}

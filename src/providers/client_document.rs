//! Documents of clients, kept for as long as their servers say within bounds.
//!
//! Each is asked for by one at a time, whoever else wants it waits for that; and nobody is asked again within [`AGAIN`], whatever
//! came of it: an id is chosen by whoever sends a browser here, and its server may be somebody who never heard of us.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::domain::mcp::client_document::{ClientDocument, ClientIdUrl, MOST};
use crate::ops::outbound::{Call, Outbound, Request};
use crate::ops::portal::clients::documents::{ClientDocuments, Undocumented};

/// A person waits for it.
const WITHIN: Duration = Duration::from_secs(5);

/// What came of asking stands so long at least, be it a document or none. Of errors that is no cache (the draft has none of
/// those), only a bound to how often a stranger is asked.
const AGAIN: Duration = Duration::from_secs(5);

/// Documents are kept so long at most, and so long where nothing is said. None is used beyond that, also where the server is silent.
const MOST_KEPT: Duration = Duration::from_hours(1);
const UNSAID: Duration = Duration::from_mins(5);

/// Documents that are kept, each of 5 kB at most.
const MOST_DOCUMENTS: usize = 1024;

/// Servers that are asked at once.
const MOST_AT_ONCE: usize = 16;

type Known = Result<Arc<ClientDocument>, Undocumented>;

pub(crate) struct KeptDocuments<O> {
    outbound: O,
    kept: Mutex<Kept>,
    answered: Condvar,
    begun: Instant,
}

/// What is known, and who is asked. Moments are counted from any one that is the same for all.
#[derive(Default)]
struct Kept {
    known: HashMap<ClientIdUrl, (Known, Duration)>,
    asked: Vec<ClientIdUrl>,
}

enum Step {
    Known(Known),
    Ask,
    Wait,
}

impl Kept {
    fn known(&self, id: &ClientIdUrl, now: Duration) -> Option<&Known> {
        self.known.get(id).filter(|(_, until)| now < *until).map(|(known, _)| known)
    }

    fn step(&mut self, id: &ClientIdUrl, now: Duration) -> Step {
        if let Some(known) = self.known(id, now) {
            return Step::Known(known.clone());
        }
        if self.asked.contains(id) {
            return Step::Wait;
        }
        if self.asked.len() >= MOST_AT_ONCE {
            return Step::Known(Err(Undocumented::Busy));
        }
        self.asked.push(id.clone());
        Step::Ask
    }

    fn answered(&mut self, id: &ClientIdUrl, known: Known, max_age: Option<Duration>, now: Duration) {
        self.asked.retain(|one| one != id);
        let lives = if known.is_ok() { max_age.unwrap_or(UNSAID).clamp(AGAIN, MOST_KEPT) } else { AGAIN };
        if self.known.len() >= MOST_DOCUMENTS && !self.known.contains_key(id) {
            self.make_room(now);
        }
        self.known.insert(id.clone(), (known, now + lives));
    }

    /// What has ended goes; where nothing has, the one that ends first.
    fn make_room(&mut self, now: Duration) {
        self.known.retain(|_, (_, until)| now < *until);
        if self.known.len() < MOST_DOCUMENTS {
            return;
        }
        let first = self.known.iter().min_by_key(|(_, (_, until))| *until).map(|(id, _)| id.clone());
        if let Some(id) = first {
            self.known.remove(&id);
        }
    }
}

impl<O: Outbound> KeptDocuments<O> {
    pub(crate) fn new(outbound: O) -> Self {
        #[expect(clippy::disallowed_methods, reason = "documents are kept for a while from here")]
        let begun = Instant::now();
        Self { outbound, kept: Mutex::default(), answered: Condvar::new(), begun }
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ask(&self, id: &ClientIdUrl) -> (Known, Option<Duration>) {
        let request = Request { endpoint: id.endpoint(), call: Call::Get, within: WITHIN, most: MOST };
        let answer = match self.outbound.exchange(&request) {
            Ok(answer) => answer,
            Err(why) => return (Err(why.into()), None),
        };
        if answer.status != 200 {
            return (Err(Undocumented::Status(answer.status)), None);
        }
        let document = answer.json().map_err(Undocumented::from);
        let document = document.and_then(|bytes| Ok(Arc::new(ClientDocument::parse(bytes, id)?)));
        (document, answer.max_age)
    }
}

impl<O: Outbound> ClientDocuments for KeptDocuments<O> {
    fn kept(&self, id: &ClientIdUrl) -> Option<Known> {
        self.lock().known(id, self.begun.elapsed()).cloned()
    }

    fn fetch(&self, id: &ClientIdUrl) -> Known {
        let mut kept = self.lock();
        loop {
            match kept.step(id, self.begun.elapsed()) {
                Step::Known(known) => return known,
                Step::Wait => kept = self.answered.wait(kept).unwrap_or_else(PoisonError::into_inner),
                Step::Ask => break,
            }
        }
        drop(kept);
        let (known, max_age) = self.ask(id);
        self.lock().answered(id, known.clone(), max_age, self.begun.elapsed());
        self.answered.notify_all();
        known
    }
}

#[cfg(test)]
#[path = "client_document_tests.rs"]
mod tests;

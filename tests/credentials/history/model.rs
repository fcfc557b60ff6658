//! What must hold of every history: a small serial model of a credential whose refresh ends the token before.
//!
//! It knows what was called and when, what the provider was asked, what the audit log says, and who was killed when; and no
//! code of the program. Times are milliseconds of this machine's clock, which all of them have in common.

use std::collections::{BTreeMap, BTreeSet};

pub type Millis = i64;

/// How long a lease lasts that nobody renews.
pub const TTL: Millis = 3_000;
/// How long a token endpoint has for its answer.
const DEADLINE: Millis = 10_000;
/// The longest for which a process is stopped, before it is let go on.
pub const STOPPED: Millis = 2_000;
/// How much later than its claim a request may reach the provider, on a busy machine, by a process that was stopped meanwhile.
const LATE: Millis = 3_000 + STOPPED;
/// A credential is of use again, or known to need a sign-in, so soon after a kill.
const RECOVERY: Millis = TTL + 2 * DEADLINE + 2_000;

/// One call of the program.
#[derive(Clone, Debug)]
pub struct Call {
    pub what: What,
    pub begun: Millis,
    pub ended: Millis,
    pub came: Came,
}

/// Leases by their ids.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    Acquire,
    Renew(String),
    Release(String),
    Resolve,
    Refresh,
    Replace,
}

/// What a call came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Came {
    Lease(Lease),
    /// Held until then.
    Renewed(Millis),
    /// Of a token, its hash.
    Token(String),
    Done,
    NeedsReauth,
    /// No token for now, or others were waited for too long.
    NotNow,
    /// The lease had ended, or a new token is waited for.
    Refused,
    Killed,
    Odd(String),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Lease {
    pub id: String,
    pub fence: u64,
    pub version: u64,
    /// The hash of its token.
    pub token: String,
    pub expires: Millis,
    /// Whether the provider took the token just after it was handed out.
    pub works: bool,
}

/// A pair of tokens that the provider gave, by their hashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    pub access: String,
    pub refresh: String,
}

/// What the token endpoint was asked: which refresh token, when, and what came of it.
#[derive(Clone, Debug)]
pub struct Request {
    pub at: Millis,
    pub token: String,
    pub gave: Option<Pair>,
}

/// A record of the audit log about the credential.
#[derive(Clone, Debug)]
pub struct Record {
    pub at: Millis,
    pub action: String,
    pub version: u64,
    pub old_version: Option<u64>,
    pub was_uncertain: bool,
}

#[derive(Clone, Debug, Default)]
pub struct History {
    pub calls: Vec<Call>,
    pub requests: Vec<Request>,
    /// What somebody got who signed in.
    pub grants: Vec<Pair>,
    pub records: Vec<Record>,
    pub kills: Vec<Millis>,
}

/// What is wrong with a history, whatever rule it breaks.
pub fn faults(history: &History) -> Vec<String> {
    let rules: [fn(&History, &mut Vec<String>); 8] =
        [answers, fences, in_force, undisturbed, renewals, once, nothing_lost, recovery];
    let mut faults = Vec::new();
    for rule in rules {
        rule(history, &mut faults);
    }
    versions(history, &mut faults);
    faults
}

impl History {
    /// The calls that took a lease.
    pub fn leases(&self) -> impl Iterator<Item = (&Call, &Lease)> {
        self.calls.iter().filter_map(|call| match &call.came {
            Came::Lease(lease) => Some((call, lease)),
            _ => None,
        })
    }

    fn pairs(&self) -> impl Iterator<Item = &Pair> {
        self.requests.iter().filter_map(|request| request.gave.as_ref()).chain(&self.grants)
    }

    /// Requests that sent a token which had been sent before.
    pub fn repeats(&self) -> Vec<&Request> {
        let mut seen = BTreeSet::new();
        self.requests.iter().filter(|request| !seen.insert(&request.token)).collect()
    }

    fn recorded(&self, action: &str) -> Vec<&Record> {
        self.records.iter().filter(|record| record.action == action).collect()
    }

    /// For how long it is certain that a lease was held: until it was begun to be given up, or its time was over.
    fn held(&self, call: &Call, lease: &Lease) -> (Millis, Millis) {
        let mut until = lease.expires;
        let of_it = |what: &What| *what == What::Release(lease.id.clone());
        for other in &self.calls {
            match (&other.what, &other.came) {
                (What::Renew(id), Came::Renewed(expires)) if *id == lease.id => until = until.max(*expires),
                _ => {}
            }
        }
        let released = self.calls.iter().filter(|other| of_it(&other.what)).map(|other| other.begun).min();
        (call.ended, released.map_or(until, |released| released.min(until)))
    }
}

/// Nothing came that nobody knows.
fn answers(history: &History, faults: &mut Vec<String>) {
    for Call { what, came, .. } in &history.calls {
        if let Came::Odd(text) = came {
            faults.push(format!("{what:?} ended oddly: {text}"));
        }
    }
}

/// A fence is given once, grows with each lease that is taken, and a higher one never has an older version.
fn fences(history: &History, faults: &mut Vec<String>) {
    let mut by_fence: Vec<(&Call, &Lease)> = history.leases().collect();
    by_fence.sort_by_key(|(_, lease)| lease.fence);
    for pair in by_fence.windows(2) {
        let [(_, one), (_, next)] = pair else { continue };
        if one.fence == next.fence {
            faults.push(format!("the fence {} was given twice", one.fence));
        }
        if one.version > next.version {
            faults.push(format!("the fence {} has an older version than {}", next.fence, one.fence));
        }
    }
    // Whoever came after it: from the highest fence down, the latest that one of a lower fence may have begun.
    let mut earliest_end = Millis::MAX;
    for (call, lease) in by_fence.iter().rev() {
        if call.begun > earliest_end {
            faults.push(format!("the fence {} was given after a higher one", lease.fence));
        }
        earliest_end = earliest_end.min(call.ended);
    }
}

/// A token that is handed out was given by the provider, is the one of its version, and nobody had asked for another one
/// when it was asked for.
fn in_force(history: &History, faults: &mut Vec<String>) {
    let refresh_of: BTreeMap<&str, &str> =
        history.pairs().map(|pair| (pair.access.as_str(), pair.refresh.as_str())).collect();
    let mut token_of: BTreeMap<u64, &str> = BTreeMap::new();
    for (call, lease) in history.leases() {
        if *token_of.entry(lease.version).or_insert(&lease.token) != lease.token {
            faults.push(format!("two tokens of version {}", lease.version));
        }
        if !lease.works {
            faults.push(format!("the token of fence {} does not work", lease.fence));
        }
        let Some(refresh) = refresh_of.get(lease.token.as_str()) else {
            faults.push(format!("the token of fence {} was given by nobody", lease.fence));
            continue;
        };
        let ended = |request: &&Request| request.token == *refresh && request.at < call.begun;
        if let Some(request) = history.requests.iter().find(ended) {
            faults.push(format!(
                "the fence {} was given at {} with a token that ended at {}",
                lease.fence, call.begun, request.at
            ));
        }
    }
    for Call { what, came, .. } in &history.calls {
        if let Came::Token(token) = came
            && !refresh_of.contains_key(token.as_str())
        {
            faults.push(format!("{what:?} gave a token that was given by nobody"));
        }
    }
}

/// Nobody asks for a new token while somebody holds a lease of the one that it ends.
fn undisturbed(history: &History, faults: &mut Vec<String>) {
    let access_of: BTreeMap<&str, &str> =
        history.pairs().map(|pair| (pair.refresh.as_str(), pair.access.as_str())).collect();
    for request in &history.requests {
        let Some(access) = access_of.get(request.token.as_str()) else {
            faults.push("a refresh token was sent that was given by nobody".to_owned());
            continue;
        };
        for (call, lease) in history.leases().filter(|(_, lease)| lease.token == *access) {
            let (from, until) = history.held(call, lease);
            if (from + 1..until).contains(&request.at) {
                faults.push(format!(
                    "the fence {} was held from {from} to {until}, and its token ended at {}",
                    lease.fence, request.at
                ));
            }
        }
    }
}

/// Nobody goes on with a lease whose time was over, or that was given up.
fn renewals(history: &History, faults: &mut Vec<String>) {
    let mut expires: BTreeMap<&str, Millis> = BTreeMap::new();
    let mut given_up = BTreeSet::new();
    let mut calls: Vec<&Call> = history.calls.iter().collect();
    calls.sort_by_key(|call| call.ended);
    for call in calls {
        match (&call.what, &call.came) {
            (_, Came::Lease(lease)) => drop(expires.insert(&lease.id, lease.expires)),
            (What::Renew(id), Came::Renewed(until)) => {
                let before = expires.insert(id, *until);
                if given_up.contains(id.as_str()) || before.is_none_or(|before| before < call.begun) {
                    faults.push(format!("the lease {id} had ended, and was renewed"));
                }
            }
            (What::Release(id), Came::Done) => drop(given_up.insert(id.as_str())),
            _ => {}
        }
    }
}

/// A refresh token is sent once. Again only where nobody can know what came of it, when no answer is on its way any more; and
/// the record of what followed says so, unless that process was killed, too.
fn once(history: &History, faults: &mut Vec<String>) {
    let mut sent: BTreeMap<&str, Millis> = BTreeMap::new();
    let mut records: Vec<&Record> = history.records.iter().filter(|record| record.was_uncertain).collect();
    let mut kills = history.kills.clone();
    for Request { at, token, .. } in &history.requests {
        let Some(before) = sent.insert(token, *at) else { continue };
        if at - before < 2 * DEADLINE - LATE {
            faults.push(format!("a refresh token was sent twice within {} ms", at - before));
        }
        if take(&mut records, |record| record.at, *at).is_none()
            && take(&mut kills, |kill| *kill, *at).is_none()
        {
            faults.push(format!("a refresh token was sent again at {at}, and no record says so"));
        }
    }
}

/// Takes away the first that was within the time in which a request is made and its answer stored.
fn take<T>(from: &mut Vec<T>, at: impl Fn(&T) -> Millis, request: Millis) -> Option<T> {
    let during = request - LATE..request + DEADLINE + LATE;
    let place = from.iter().position(|one| during.contains(&at(one)))?;
    Some(from.remove(place))
}

/// Each refresh token that the provider gave is the next one that is sent, unless who asked for it was killed. What is stored
/// is what was given.
fn nothing_lost(history: &History, faults: &mut Vec<String>) {
    let given: Vec<(&Request, &Pair)> = history
        .requests
        .iter()
        .filter_map(|request| request.gave.as_ref().map(|pair| (request, pair)))
        .collect();
    let mut kills = history.kills.clone();
    let mut lost = 0;
    for (request, pair) in &given {
        let is_sent =
            history.requests.iter().any(|later| later.at >= request.at && later.token == pair.refresh);
        let is_last = history.requests.last().is_some_and(|last| last.at == request.at);
        if is_sent || is_last {
            continue;
        }
        lost += 1;
        if take(&mut kills, |kill| *kill, request.at).is_none() {
            faults
                .push(format!("the token that was given at {} was lost, and nobody was killed", request.at));
        }
    }
    let stored = history.recorded("oauth.refresh").len();
    if stored + lost != given.len() {
        faults.push(format!("{} tokens were given, {lost} of them lost, and {stored} stored", given.len()));
    }
}

/// After a kill, and whatever was killed meanwhile, somebody who asks gets a token or is told to sign in, in time.
fn recovery(history: &History, faults: &mut Vec<String>) {
    for kill in &history.kills {
        let is_good = |call: &&Call| {
            call.begun >= *kill
                && matches!(call.came, Came::Lease(_) | Came::Token(_) | Came::NeedsReauth)
                && call.what != What::Replace
        };
        let Some(good) = history.calls.iter().filter(is_good).map(|call| call.ended).min() else {
            faults.push(format!("nobody got a token after the kill at {kill}"));
            continue;
        };
        let last = history.kills.iter().copied().filter(|other| *other <= good).max().unwrap_or(*kill);
        if good - last > RECOVERY {
            faults.push(format!("{} ms after the kill at {last} there was no token", good - last));
        }
    }
}

/// Versions grow by one.
fn versions(history: &History, faults: &mut Vec<String>) {
    let mut version = None;
    for record in &history.records {
        let moves = matches!(record.action.as_str(), "oauth.add" | "oauth.refresh" | "oauth.replace");
        if !moves {
            continue;
        }
        if record.old_version != version || record.version != version.unwrap_or(0) + 1 {
            faults.push(format!(
                "version {} was followed by {} in the place of {:?}",
                version.unwrap_or(0),
                record.version,
                record.old_version
            ));
        }
        version = Some(record.version);
    }
}

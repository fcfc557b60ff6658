//! The model can fail: a history that keeps every rule, and one for each rule that breaks it.

use super::model::{Call, Came, History, Lease, Millis, Pair, Record, Request, What, faults};

/// 2026-11-30, so that times are as long as in a real history.
const START: Millis = 1_795_996_800_000;

fn pair(number: u64) -> Pair {
    Pair { access: format!("at{number}"), refresh: format!("rt{number}") }
}

fn lease(fence: u64, version: u64, acquired: Millis) -> Lease {
    Lease {
        id: format!("lse_{fence}"),
        fence,
        version,
        token: pair(version).access,
        expires: START + acquired + 2_000,
        works: true,
    }
}

fn call(what: What, begun: Millis, came: Came) -> Call {
    Call { what, begun: START + begun, ended: START + begun + 50, came }
}

fn acquire(lease: Lease) -> Call {
    call(What::Acquire, lease.expires - 2_000 - START - 20, Came::Lease(lease))
}

fn record(at: Millis, action: &str, version: u64, old_version: Option<u64>) -> Record {
    Record { at: START + at, action: action.to_owned(), version, old_version, was_uncertain: false }
}

/// Asked with the refresh token of this version; the next one came.
fn request(at: Millis, version: u64) -> Request {
    Request { at: START + at, token: pair(version).refresh, gave: Some(pair(version + 1)) }
}

/// Two leases, of which one is renewed; a refresh; one more; a kill while the next token is on its way, the second use of a
/// refresh token, after which the provider wants a sign-in; and one more lease.
fn good() -> History {
    let uncertain = |record: Record| Record { was_uncertain: true, ..record };
    History {
        calls: vec![
            acquire(lease(1, 1, 100)),
            acquire(lease(2, 1, 200)),
            call(What::Renew("lse_2".to_owned()), 1_000, Came::Renewed(START + 3_020)),
            call(What::Release("lse_1".to_owned()), 1_100, Came::Done),
            call(What::Release("lse_2".to_owned()), 2_500, Came::Done),
            acquire(lease(5, 2, 2_900)),
            call(What::Release("lse_5".to_owned()), 3_100, Came::Done),
            call(What::Refresh, 4_000, Came::Killed),
            call(What::Resolve, 5_000, Came::NotNow),
            call(What::Acquire, 24_200, Came::NeedsReauth),
            call(What::Replace, 24_400, Came::Token(pair(3).access)),
            // The token that was lost would have been version 3.
            acquire(Lease { token: "at9".to_owned(), ..lease(9, 3, 24_600) }),
            call(What::Resolve, 25_500, Came::Token("at9".to_owned())),
        ],
        requests: vec![
            request(2_700, 1),
            request(4_100, 2),
            Request { gave: None, ..request(24_150, 2) },
            Request {
                token: "rt9".to_owned(),
                gave: Some(Pair { access: "at10".to_owned(), refresh: "rt10".to_owned() }),
                ..request(26_800, 0)
            },
        ],
        grants: vec![pair(1), Pair { access: "at9".to_owned(), refresh: "rt9".to_owned() }],
        records: vec![
            record(0, "oauth.add", 1, None),
            record(2_750, "oauth.refresh", 2, Some(1)),
            uncertain(record(24_200, "oauth.needs-reauth", 2, None)),
            record(24_420, "oauth.replace", 3, Some(2)),
            record(26_850, "oauth.refresh", 4, Some(3)),
        ],
        kills: vec![START + 4_150],
    }
}

#[test]
fn a_history_that_keeps_every_rule_has_no_faults() {
    assert_eq!(faults(&good()), Vec::<String>::new());
    assert_eq!(good().repeats().len(), 1);
}

/// Breaks the good history in one place, and says what of it is found.
#[track_caller]
fn broken(breaks: impl FnOnce(&mut History), found: &str) {
    let mut history = good();
    breaks(&mut history);
    let faults = faults(&history);
    assert!(faults.iter().any(|fault| fault.contains(found)), "{found}: {faults:?}");
}

/// The lease of the nth call.
fn of(history: &mut History, place: usize) -> &mut Lease {
    match &mut history.calls[place].came {
        Came::Lease(lease) => lease,
        came => panic!("{came:?}"),
    }
}

#[test]
fn each_rule_can_be_broken() {
    broken(|history| history.calls[8].came = Came::Odd("panicked".to_owned()), "ended oddly: panicked");
    // Fences.
    broken(|history| of(history, 1).fence = 1, "the fence 1 was given twice");
    broken(|history| of(history, 5).fence = 0, "the fence 0 was given after a higher one");
    broken(|history| of(history, 0).fence = 6, "the fence 6 has an older version than 5");
    // Tokens.
    broken(|history| of(history, 5).token = "at7".to_owned(), "the token of fence 5 was given by nobody");
    broken(|history| of(history, 1).token = pair(2).access, "two tokens of version 1");
    broken(|history| of(history, 5).works = false, "the token of fence 5 does not work");
    broken(|history| history.calls[12].came = Came::Token("at8".to_owned()), "given by nobody");
    let late = |history: &mut History| history.calls.push(acquire(lease(6, 1, 2_800)));
    broken(late, "with a token that ended at");
    // Who holds a lease.
    broken(|history| drop(history.calls.remove(4)), "the fence 2 was held from");
    broken(|history| history.requests[0].at = START + 2_400, "the fence 2 was held from");
    broken(|history| history.requests[0].token = "rt7".to_owned(), "sent that was given by nobody");
    broken(|history| history.calls[2].begun = START + 2_300, "the lease lse_2 had ended, and was renewed");
    let again = |history: &mut History| {
        history.calls.push(call(What::Renew("lse_1".to_owned()), 1_500, Came::Renewed(START + 3_500)));
    };
    broken(again, "the lease lse_1 had ended, and was renewed");
    // Sent once.
    broken(|history| history.requests[2].at = START + 14_000, "sent twice within 9900 ms");
    broken(|history| history.records[2].was_uncertain = false, "no record says so");
    // Nothing is lost.
    broken(|history| history.kills.clear(), "was lost, and nobody was killed");
    broken(|history| drop(history.records.remove(1)), "3 tokens were given, 1 of them lost, and 1 stored");
    broken(
        |history| history.requests[2].gave = Some(pair(9)),
        "4 tokens were given, 1 of them lost, and 2 stored",
    );
    // Back in time.
    broken(
        |history| history.calls.iter_mut().skip(9).for_each(|call| call.ended += 6_000),
        "there was no token",
    );
    broken(|history| history.calls.truncate(9), "nobody got a token after the kill");
    // Versions.
    broken(|history| history.records[3].version = 4, "version 2 was followed by 4");
    broken(|history| history.records[4].old_version = Some(2), "in the place of Some(2)");
    broken(|history| drop(history.records.remove(3)), "version 2 was followed by 4");
}

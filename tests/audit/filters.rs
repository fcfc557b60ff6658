//! Which records are listed.

use keyctl::domain::audit_filter::Filter;
use keyctl::ops;
use keyctl::ops::audit::{newest, select};

use crate::store_suite::{minted, request};
use crate::support::both;

both!(a_filter_walks_a_long_log_in_parts_and_over_gaps, |place| {
    place.init();
    let mut env = place.env();
    for owner in ["alice", "bob"] {
        minted(&mut env, &request(owner));
    }
    drop(env);
    // As an administrator could: many, and one far away.
    place
        .sql(
            "INSERT INTO audit (seq, body, hash) SELECT 3 + 1000 * a.n + 100 * b.n + 10 * c.n + d.n,
                (SELECT body FROM audit WHERE seq = 2), (SELECT hash FROM audit WHERE seq = 2)
             FROM (SELECT 1 n UNION SELECT 2 UNION SELECT 3) a,
                (SELECT 0 n UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4) b,
                (SELECT 0 n UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4) c,
                (SELECT 0 n UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4) d;
             INSERT INTO audit (seq, body, hash) SELECT 9000000000000000000, body, hash FROM audit WHERE seq = 3",
        )
        .expect("inserted");
    let mut store = place.open();
    let last = store.audit_last().expect("read");
    let of = |owner: &str| Filter { owner: owner.parse().ok(), ..Filter::default() };
    let mut count = |filter: &Filter, after: u64| {
        let mut found = 0;
        select::<ops::Error>(&mut store, filter, after, last, |_| {
            found += 1;
            Ok(())
        })
        .expect("read");
        found
    };
    assert_eq!(count(&Filter::default(), 0), 3 + 375 + 1);
    assert_eq!(count(&of("alice"), 0), 1 + 375);
    assert_eq!(count(&of("bob"), 0), 2);
    let mut store = place.open();
    for (wanted, expected) in [(1, 1), (100, 100), (376, 376), (400, 376)] {
        let after = newest(&mut store, &of("alice"), wanted, last).expect("read");
        assert_eq!(count(&of("alice"), after), expected, "the newest {wanted}");
    }
    assert_eq!(newest(&mut store, &of("bob"), 1, last).expect("read"), last - 1);
    assert_eq!(newest(&mut store, &of("bob"), 2, last).expect("read"), 2);
});

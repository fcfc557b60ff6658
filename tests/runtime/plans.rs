//! How the databases find what a reader asks for: by an index, whatever the size.

use crate::support::library::{minted, request};
use crate::support::store::Place;

const LOOK_UPS: [&str; 6] = [
    "SELECT * FROM keyctl_tokens_v1 WHERE token_hash = 'x'",
    "SELECT * FROM keyctl_bindings_v1 WHERE subject_kind = 'key' AND subject_id = 'x' AND provider = 'x'",
    "SELECT * FROM keyctl_secrets_v1 WHERE secret_id = 'x'",
    "SELECT * FROM keyctl_tokenless_v1 WHERE key_id = 'x'",
    "SELECT * FROM keyctl_trusts_v1 WHERE issuer = 'x'",
    "SELECT c.mark, t.state, x.envelope FROM (SELECT mark FROM keyctl_changes_v1 LIMIT 1) AS c
     CROSS JOIN keyctl_store_v1 AS s LEFT JOIN keyctl_tokens_v1 AS t ON t.token_hash = 'x'
     LEFT JOIN keyctl_bindings_v1 AS k ON k.subject_kind = 'key' AND k.subject_id = t.key_id AND k.provider = 'x'
     LEFT JOIN keyctl_bindings_v1 AS o ON o.subject_kind = 'owner' AND o.subject_id = t.owner AND o.provider = 'x'
     LEFT JOIN keyctl_bindings_v1 AS d ON d.subject_kind = 'store' AND d.subject_id = '' AND d.provider = 'x'
     LEFT JOIN keyctl_secrets_v1 AS x ON x.secret_id = COALESCE(k.secret_id, o.secret_id, d.secret_id)",
];

/// The tables of one row, and the one that gives its first row.
const SMALL: [&str; 2] = ["head", "change"];

#[test]
fn no_look_up_reads_a_whole_table_in_sqlite() {
    let place = Place::sqlite();
    place.init();
    minted(&mut place.env(), &request("alice"));
    let connection = rusqlite::Connection::open(place.file()).expect("opens");
    for sql in LOOK_UPS {
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).expect(sql);
        let steps = statement.query_map([], |row| row.get::<_, String>(3)).expect("a plan");
        for step in steps.map(|step| step.expect("a step")) {
            let is_small = SMALL
                .iter()
                .any(|table| step == format!("SCAN {table}") || step.starts_with(&format!("SCAN {table} ")));
            // The rest of a subquery's one row.
            let is_result = ["SCAN c", "SCAN s"].contains(&step.as_str());
            assert!(!step.contains("SCAN") || is_small || is_result, "{sql}: {step}");
        }
    }
}

/// The end of the view, behind which keys without a token stand, is looked at in the one row that is found.
#[test]
fn a_token_is_found_by_its_hash_and_not_by_a_range() {
    let place = Place::sqlite();
    place.init();
    let connection = rusqlite::Connection::open(place.file()).expect("opens");
    for view in ["keyctl_tokens_v1", "keyctl_serve_v1"] {
        let plan = connection
            .query_row(
                &format!("EXPLAIN QUERY PLAN SELECT * FROM {view} WHERE token_hash = 'x'"),
                [],
                |row| row.get::<_, String>(3),
            )
            .expect("a plan");
        assert_eq!(plan, "SEARCH token USING PRIMARY KEY (token_hash=?)", "{view}");
    }
    let place = Place::postgres();
    place.init();
    let filled =
        "SET enable_seqscan = off; EXPLAIN (COSTS OFF) SELECT * FROM keyctl_tokens_v1 WHERE token_hash = 'a'";
    let plan = place.sql(filled).expect("a plan");
    let lines: Vec<&str> = plan.lines().map(str::trim).collect();
    assert!(
        lines.iter().any(|line| line.starts_with("Index Cond:") && line.contains("(token_hash = 'a'::text)")),
        "{plan}"
    );
    assert!(plan.contains("Index Scan using token_pkey on token"), "{plan}");
}

#[test]
fn no_look_up_reads_a_whole_table_in_postgresql() {
    let place = Place::postgres();
    place.init();
    let mut env = place.env();
    for name in ["a", "b", "c"] {
        minted(&mut env, &keyctl::ops::keys::mint::Request { name: name.parse().ok(), ..request("alice") });
    }
    for sql in LOOK_UPS {
        // Of a few rows a scan is cheaper; what counts is whether there is another way.
        let plan = place.sql(&format!("SET enable_seqscan = off; EXPLAIN {sql}")).expect("a plan");
        for line in plan.lines().filter(|line| line.contains("Seq Scan")) {
            assert!(SMALL.iter().any(|table| line.contains(&format!("on {table}"))), "{sql}: {plan}");
        }
    }
}

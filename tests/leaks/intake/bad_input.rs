//! Reports that are too large, no JSON, or about nothing.

use std::fmt::Write as _;

use serde_json::json;

use super::super::corpus::Seeded;
use super::{Intake, minted, reporter, state};
use crate::serve::raw::{get, one};
use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::store::Place;

/// The most that a process had in memory, in KiB.
fn peak(intake: &Intake) -> u64 {
    let find = format!("127.0.0.1:{}", intake.address.port());
    let processes = std::fs::read_dir("/proc").expect("processes").flatten();
    let own = processes.filter(|one| {
        std::fs::read(one.path().join("cmdline")).is_ok_and(|line| {
            let line = String::from_utf8_lossy(&line).into_owned();
            line.contains(&find) && !line.starts_with("env\0")
        })
    });
    own.filter_map(|one| std::fs::read_to_string(one.path().join("status")).ok())
        .filter_map(|status| {
            let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
            line.trim().trim_end_matches(" kB").parse::<u64>().ok()
        })
        .max()
        .expect("it runs")
}

both!(a_million_findings_are_read_in_bounded_memory_and_the_one_that_is_ours_is_found, |place| {
    let sandbox = Sandbox::with_store(place);
    let token = minted(&sandbox, "alice --scope memories");
    let key = reporter(&sandbox);
    let intake = Intake::start(&sandbox, &["--rule", "revoke"]);
    let before = peak(&intake);
    let mut body = String::from("[");
    for _ in 0..1_000_000 {
        body.push_str("{\"Raw\":\"x\"},");
    }
    let _ = write!(body, "{{\"Raw\":\"{token}\"}}]");
    let said = intake.report(&key, &body);
    assert_eq!(said.json()["revoked"], 1, "{said:?} {}", intake.log());
    assert_eq!(state(&sandbox, &token), "revoked");
    // The body itself, and not much beside it.
    let grown = peak(&intake) - before;
    assert!(grown < 64 * 1024, "{grown} KiB");
});

#[test]
fn tokens_of_other_stores_do_not_hide_ours_however_many_they_are() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let token = minted(&sandbox, "alice --scope memories");
    let key = reporter(&sandbox);
    let intake = Intake::start(&sandbox, &["--rule", "revoke"]);
    let mut body = String::new();
    for seed in 1..=20_000 {
        let _ = writeln!(body, "{{\"Raw\":\"{}\"}}", Seeded(seed).token("sks"));
    }
    let _ = writeln!(body, "{{\"Raw\":\"{token}\"}}");
    let said = intake.report(&key, &body).json();
    assert_eq!((&said["revoked"], &said["unknown"]), (&json!(1), &json!(20_000)), "{said}");
}

#[test]
fn what_is_no_report_is_refused_and_said() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let token = minted(&sandbox, "alice --scope memories");
    let key = reporter(&sandbox);
    let intake = Intake::start(&sandbox, &["--rule", "revoke"]);
    for body in ["", "hello", "[{\"Raw\":\"x\"}", &format!("[\"{token}\""), &"[".repeat(10_000)] {
        let said = intake.report(&key, body);
        assert_eq!(said.status, 400, "{said:?}");
    }
    assert_eq!(state(&sandbox, &token), "allowed", "a report that was cut off says nothing for sure");
    let large = "x".repeat(1024 * 1024 + 1);
    assert_eq!(intake.sent("/github/partner", "", &large).status, 413);
    for (path, status) in [("/report", 405), ("/", 404), ("/readyz", 200)] {
        let answer = one(intake.address, &get(path, ""));
        assert_eq!(answer.status, status, "{path}");
    }
}

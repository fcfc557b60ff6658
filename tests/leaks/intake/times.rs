//! How long it takes from a signed report until a token is denied by a server that keeps answers.

use std::io::Write as _;
use std::time::{Duration, Instant};

use super::{Intake, KEY_ID, minted, partner_body, partner_lines};
use crate::serve::process::Server;
use crate::serve::raw::{one, validate};
use crate::support::both;
use crate::support::cli::Sandbox;

const REPORTS: usize = 200;
const AT_ONCE: usize = 10;

both!(of_200_signed_reports_99_in_100_are_in_force_at_a_server_within_five_seconds, |place| {
    let sandbox = Sandbox::with_store(place);
    let tokens: Vec<String> =
        (0..REPORTS).map(|number| minted(&sandbox, &format!("alice/{number} --scope memories"))).collect();
    let server = Server::plain(&sandbox);
    let intake = Intake::start(&sandbox, &["--rule", "revoke"]);
    let is_let_in = |token: &String| one(server.address, &validate(token)).status == 200;
    let mut took: Vec<Duration> = Vec::new();
    for batch in tokens.chunks(AT_ONCE) {
        assert!(batch.iter().all(is_let_in), "each answer is kept");
        let mut waiting: Vec<(Instant, &String)> = Vec::new();
        for token in batch {
            let body = partner_body(&[token]);
            let signature = intake.signature(&body);
            let begun = Instant::now();
            let lines = partner_lines(KEY_ID, &signature);
            assert_eq!(intake.sent("/github/partner", &lines, &body).status, 200);
            waiting.push((begun, token));
        }
        while !waiting.is_empty() {
            waiting.retain(|(begun, token)| {
                let is_in = is_let_in(token);
                if !is_in {
                    took.push(begun.elapsed());
                }
                is_in
            });
        }
    }
    took.sort_unstable();
    let (median, p99, worst) = (took[REPORTS / 2], took[REPORTS * 99 / 100 - 1], took[REPORTS - 1]);
    let _ = writeln!(
        std::io::stdout(),
        "from a signed report to denied: median {median:?}, p99 {p99:?}, worst {worst:?}"
    );
    assert!(p99 <= Duration::from_secs(5), "{p99:?}");
});

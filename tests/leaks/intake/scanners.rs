//! What scanners write, as it comes: of gitleaks and kingfisher by themselves, of TruffleHog in the shape that its source has, since
//! it is in no registry that is used here.

use std::fs;
use std::process::Command;

use serde_json::json;

use super::super::installed;
use super::{Intake, minted, reporter, state};
use crate::support::both;
use crate::support::cli::Sandbox;

/// What a scanner writes on standard output, in the folder of a sandbox.
fn run(sandbox: &Sandbox, program: &str, args: &[&str]) -> String {
    let ran = Command::new(installed(program)).args(args).current_dir(sandbox.home()).output().expect("runs");
    String::from_utf8(ran.stdout).expect("text")
}

both!(what_gitleaks_kingfisher_and_trufflehog_write_is_taken_as_it_is, |place| {
    let sandbox = Sandbox::with_store(place);
    let key = reporter(&sandbox);
    let intake = Intake::start(&sandbox, &["--rule", "revoke"]);
    let found = |owner: &str, report: &dyn Fn() -> String| {
        let token = minted(&sandbox, &format!("{owner} --scope memories"));
        let _ = fs::remove_dir_all(sandbox.home().join("d"));
        fs::create_dir(sandbox.home().join("d")).expect("a folder");
        fs::write(sandbox.home().join("d/a.env"), format!("KEY={token}\n")).expect("a file");
        let report = report();
        assert!(report.contains(&token), "{owner}: {report}");
        let said = intake.report(&key, &report).json();
        assert_eq!((&said["revoked"], &said["unknown"]), (&json!(1), &json!(0)), "{owner}: {said}");
        assert_eq!(state(&sandbox, &token), "revoked", "{owner}");
    };
    for (scanner, file) in [("gitleaks", "k.toml"), ("kingfisher", "k.yml")] {
        let rules = sandbox.ok(&["leaks", "rules", "--for", scanner]);
        fs::write(sandbox.home().join(file), rules).expect("rules");
    }
    for format in ["json", "sarif"] {
        found(&format!("gitleaks-{format}"), &|| {
            let args = ["dir", "--no-banner", "-c", "k.toml", "-f", format, "-r", "out", "d"];
            run(&sandbox, "gitleaks", &args);
            fs::read_to_string(sandbox.home().join("out")).expect("a report")
        });
    }
    for format in ["json", "jsonl", "sarif"] {
        found(&format!("kingfisher-{format}"), &|| {
            let args = [
                "scan",
                "--no-update-check",
                "--no-validate",
                "--load-builtins",
                "false",
                "--rules-path",
                "k.yml",
                "-f",
                format,
                "d",
            ];
            run(&sandbox, "kingfisher", &args)
        });
    }
    found("trufflehog", &|| {
        let text = fs::read_to_string(sandbox.home().join("d/a.env")).expect("a file");
        let token = text.trim_start_matches("KEY=").trim();
        let one = json!({
            "SourceMetadata": { "Data": { "Filesystem": { "file": "d/a.env", "line": 1 } } },
            "SourceID": 1, "SourceType": 15, "SourceName": "trufflehog - filesystem",
            "DetectorType": 904, "DetectorName": "CustomRegex", "DecoderName": "PLAIN",
            "Verified": false, "Raw": token, "RawV2": "", "Redacted": "",
            "ExtraData": { "name": "keyctl-token" }, "StructuredData": null,
        });
        format!("{one}\n{one}\n")
    });
});

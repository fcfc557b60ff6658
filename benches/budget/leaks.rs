//! Tokens looked for in 22,000 files, 2,000 of which hold one, beside gitleaks, kingfisher and ripgrep, and in a stream.
//!
//! All are whole processes over the same files, whose pages are in memory by then. gitleaks and kingfisher have the rules of
//! `keyctl leaks rules` alone; ripgrep has the bare pattern, and computes no check. gitleaks and kingfisher are started as the
//! programs themselves, without the script around them that their packages have.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, ensure};

use super::corpus::{self, Seeded};
use super::pairs::{Budget, Line, Measure, timed};
use super::{Bench, processes};

const PLANTED: usize = 2000;
const DECOYS: usize = 20_000;
const SEED: u64 = 1;
const PAIRS: usize = 7;
const PATTERN: &str = "sks_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}";
/// MiB of a log, in a stream with a token at its end.
const STREAMS: [u64; 2] = [100, 10_240];

pub(crate) fn measure(bench: &Bench, lines: &mut Vec<Line>) -> anyhow::Result<()> {
    let folder = bench.data.join(format!("leaks-{SEED}-{PLANTED}-{DECOYS}"));
    if !folder.join("whole").exists() {
        corpus::write(&folder, SEED, PLANTED, DECOYS);
        fs::write(folder.join("whole"), "")?;
    }
    let scanners = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/leaks");
    let ours = || ours(bench, &folder);
    for (name, ending, factor) in [("gitleaks", "toml", 2.0), ("kingfisher", "yml", 1.0)] {
        let program = program(&scanners, name)?;
        let rules = bench.data.join(format!("keyctl.{ending}"));
        let mut command = processes::command(bench, &bench.program);
        command.args(["leaks", "rules", "--prefix", "sks", "--for", name]);
        fs::write(&rules, command.stdout(Stdio::piped()).output().context("rules")?.stdout)?;
        let row = Measure {
            what: "leaks scan, 22,000 files",
            reference: name,
            budget: Budget::AtLeast(factor),
            pairs: PAIRS,
            batch: 1,
        };
        lines.push(row.run(&ours, || theirs(bench, &program, name, &rules, &folder))?);
    }
    let ripgrep = scanners.join("bin/rg");
    let row = Measure {
        what: "leaks scan, 22,000 files",
        reference: "ripgrep, the bare pattern",
        budget: Budget::AtLeast(0.5),
        pairs: PAIRS,
        batch: 1,
    };
    lines.push(row.run(&ours, || {
        let mut command = processes::command(bench, &ripgrep);
        command.args(["--no-ignore", "--hidden", "--text", "-c", PATTERN]).arg(&folder);
        run(command, &[0])
    })?);
    let [few, many] = STREAMS.map(|mib| memory(bench, mib));
    let (few, many) = (few?, many?);
    lines.push(Line {
        what: format!("peak memory of leaks scan -, {} MiB", STREAMS[1]),
        reference: format!("{} MiB", STREAMS[0]),
        ours: format!("{:.1} MiB", many / 1024.0),
        theirs: format!("{:.1} MiB", few / 1024.0),
        ratio: many / few,
        seconds: None,
        budget: Budget::AtMost(1.25),
    });
    Ok(())
}

/// The program in a package of Python's, which may be a script that starts it.
fn program(scanners: &Path, name: &str) -> anyhow::Result<PathBuf> {
    let mut folders = vec![scanners.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).context("run tests/leaks/install")? {
            let path = entry?.path();
            let is_meant = path
                .file_name()
                .and_then(|found| found.to_str())
                .is_some_and(|found| found.starts_with(name));
            if path.is_dir() && !path.is_symlink() {
                folders.push(path);
            } else if is_meant && fs::read(&path).is_ok_and(|bytes| bytes.starts_with(b"\x7fELF")) {
                return Ok(path);
            }
        }
    }
    anyhow::bail!("{name} is missing: run tests/leaks/install")
}

fn run(mut command: Command, codes: &[i32]) -> anyhow::Result<Duration> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let (took, status) = timed(|| command.status())?;
    ensure!(status.code().is_some_and(|code| codes.contains(&code)), "it ended with {status}");
    Ok(took)
}

fn ours(bench: &Bench, folder: &Path) -> anyhow::Result<Duration> {
    let mut command = processes::command(bench, &bench.program);
    command.args(["leaks", "scan", "--no-store", "-o", "jsonl"]).arg(folder);
    run(command, &[0])
}

fn theirs(
    bench: &Bench,
    program: &Path,
    name: &str,
    rules: &Path,
    folder: &Path,
) -> anyhow::Result<Duration> {
    let mut command = processes::command(bench, program);
    if name == "gitleaks" {
        command.args(["dir", "--no-banner", "--log-level", "error", "--config"]).arg(rules);
        command.args(["--report-format", "json", "--report-path", "/dev/null"]).arg(folder);
    } else {
        command.args([
            "scan",
            "--no-update-check",
            "--no-validate",
            "--load-builtins",
            "false",
            "--rules-path",
        ]);
        command.arg(rules).args(["--format", "json"]).arg(folder);
    }
    // Both end otherwise where they found something.
    run(command, &[0, 1, 200])
}

/// The largest resident set while so many MiB of a log were read from a pipe, and the token behind them found, in KiB.
fn memory(bench: &Bench, mib: u64) -> anyhow::Result<f64> {
    let line = "2026-12-01T10:00:00Z web[17]: GET /v1/memories 200 in 3 ms";
    let script = format!(
        "{{ yes '{line}' | head -c {mib}M; printf '\\n%s\\n' \"$TOKEN\"; }} \\
            | /usr/bin/time -f %M \"$0\" leaks scan --no-store - 2>&1"
    );
    let token = Seeded(SEED).token("sks");
    let mut command = processes::command(bench, Path::new("bash"));
    command.args(["-c", &script]).arg(&bench.program);
    command.env("PATH", "/usr/bin:/bin").env("TOKEN", &token).stdout(Stdio::piped());
    let said = String::from_utf8(command.output().context("bash")?.stdout)?;
    ensure!(said.contains(&token[..16]), "the token was not found: {said:?}");
    let last = said.lines().last().unwrap_or_default();
    last.parse().with_context(|| format!("/usr/bin/time said {said:?}"))
}

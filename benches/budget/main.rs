//! The performance budget of the command line and of the library, as one table of ratios.
//!
//! Run by `scripts/bench`. Absolute figures drift by a factor of two on a shared machine, so
//! every figure stands beside a reference that was measured in the same run, in pairs: the
//! one, the other, the other, the one, and so on. The table shows the median of each side and
//! the median of the pairs' ratios, which may differ a little from the ratio of the medians.
//! A verdict is not a test: a missed budget exits 0, a program that fails exits 1. What the world can refuse is an
//! error with its causes; what only a defect of the bench's own can make fail panics.
//!
//! What is compared:
//!
//! - *whole processes* ([`processes`]): from just before the spawn until the exit was waited
//!   for, environment cleared, output thrown away where the command allows it. The reference
//!   is the database's own shell doing the least that a process can do, and for what reads keys the
//!   leanest program that prints the same. Completion is judged by the time that somebody waits for it, whatever the reference takes.
//! - *durable mints* ([`mints`]): one transaction each, through the library, against the same
//!   rows written by rusqlite itself, and against a single row.
//! - *uncached verification* ([`lookups`]): tokens drawn at random among all keys, against a
//!   prepared select on a connection opened in the same way.
//! - *a role's change* ([`roles`]): other scopes for 100,000 keys in one transaction, against the
//!   same rows updated by one bare statement; somebody verifies all the while, and a refused or
//!   outdated answer ends the bench.
//! - *growth* ([`growth`]): the same work on 1,000 keys and on all of them; 1.25 is "flat".
//!   Peak memory is the resident set that the kernel reports; it counts the pages of a
//!   memory-mapped store, which the kernel takes back at will.
//! - *imports* ([`imports`]): all keys from a CSV file, against the same rows written by rusqlite
//!   itself in one transaction; and peak memory against an import of 10,000.
//!
//! - *applies* ([`applies`]): a manifest of 10,000 keys applied to an empty store, against the same rows written by rusqlite itself in
//!   transactions of 500 keys; and planned where there is nothing to do, against SQLite's shell reading the same rows.
//! - *moving* ([`moving`]): a sealed backup of 100,000 keys beside SQLite's own copy of the file, and how long a writer waits
//!   while it is taken.
//! - *secrets* ([`secrets`]): sealing and opening against the bare primitives, all envelopes of
//!   10,000 secrets sealed anew, and what `exec` adds to a command's start beside `env`.
//!
//! - *readers* ([`readers`]): a kept answer against a SHA-256 and a hash map, a look-up against a
//!   prepared select, and how long 200 revoked tokens are still let in.
//! - *jwts* ([`jwts`]): short-lived tokens issued and verified, against bare signatures of `ring` over the same bytes, and
//!   one that was seen before against a SHA-256 and a hash map.
//! - *lease* ([`leases`]): a lease of a token that does, against a bare transaction that compares and swaps one row, of the
//!   same durability and by the same kind of connection.
//! - *leaks* ([`leaks`]): tokens looked for in 22,000 files, beside gitleaks, kingfisher and ripgrep, and in a long stream.
//! - *serve* ([`serve`]): what a request costs `keyctl serve` beside nginx, better-auth's API keys and
//!   djangorestframework-api-key, how long it waits, memory, and how soon a revocation is seen.
//! - *portal* ([`portal`]): how soon a browser has its pages beside nginx with the same bytes, what it takes from `serve` on the
//!   same store, and what a refresh token costs beside a bare signature and two bare transactions.
//!
//! The keys ([`fixture`]) are a function of their number, so any token can be made again
//! without keeping a million of them. Stores are written with plain SQL in the order in which
//! the keys were minted, so that pages and indexes lie as in a store that grew.

#![allow(clippy::disallowed_methods, reason = "a bench reads the clock")]

mod applies;
mod big_postgres;
mod big_sqlite;
#[path = "../../tests/support/cluster.rs"]
mod cluster;
#[path = "../../tests/leaks/corpus.rs"]
mod corpus;
mod fixture;
mod growth;
mod imports;
mod jwts;
mod leaks;
mod leases;
mod lookups;
mod mints;
mod moving;
mod pairs;
mod portal;
mod processes;
mod readers;
mod roles;
mod secrets;
mod serve;
mod server;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use pairs::Line;

/// What every family of rows works with.
pub(crate) struct Bench {
    /// Where stores are kept between runs.
    data: PathBuf,
    /// The program that is measured.
    program: PathBuf,
    /// The leanest program that does the same (`benches/leanest/`), where `scripts/bench` built it.
    leanest: Option<PathBuf>,
    /// Where `scripts/bench` installed what servers are measured beside.
    peers: Option<PathBuf>,
    /// An empty folder, as `HOME` of everything that is started.
    home: tempfile::TempDir,
    /// How many keys the big stores hold.
    keys: u64,
}

/// How many keys the small stores hold, which growth is measured from.
const FEW: u64 = 1000;

type Family = fn(&Bench, &mut Vec<Line>) -> anyhow::Result<()>;

const FAMILIES: [(&str, Family); 24] = [
    ("processes", processes::measure),
    ("mints", mints::measure),
    ("lookups", lookups::measure),
    ("roles", roles::measure),
    ("growth", growth::measure),
    ("imports", imports::measure),
    ("applies", applies::measure),
    ("moving", moving::measure),
    ("secrets", secrets::measure),
    ("readers", readers::measure),
    ("jwts", jwts::measure),
    ("lease", leases::measure),
    ("leaks", leaks::measure),
    ("serve-cost", serve::cost::measure),
    ("serve-jwts", serve::jwts::measure),
    ("serve-leases", serve::leases::measure),
    ("serve-peers", serve::cost::peers),
    ("serve-waits", serve::waits::measure),
    ("serve-rates", serve::rates::measure),
    ("serve-memory", serve::memory::measure),
    ("serve-lag", serve::lag::measure),
    ("portal-pages", portal::pages::measure),
    ("portal-auth", portal::auth::measure),
    ("portal-refresh", portal::refresh::measure),
];

fn main() -> anyhow::Result<ExitCode> {
    let mut keys = 1_000_000;
    let mut only = Vec::new();
    // `cargo bench` adds --bench.
    let mut words = std::env::args().skip(1).filter(|word| word != "--bench");
    while let Some(word) = words.next() {
        match (word.as_str(), words.by_ref()) {
            ("--quick", _) => keys = 100_000,
            ("--only", rest) => only.extend(rest.next()),
            _ => return Ok(refuse(&format!("unknown argument {word}"))),
        }
    }
    // `serve` is all of its parts, and so is `portal`.
    let is_meant = |name: &str, wanted: &str| {
        name.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    };
    if let Some(name) = only.iter().find(|name| !FAMILIES.iter().any(|(known, _)| is_meant(known, name))) {
        return Ok(refuse(&format!("unknown family {name}")));
    }
    let bench = Bench::new(keys)?;
    let mut lines = Vec::new();
    let measured = FAMILIES.iter().try_for_each(|(name, measure)| {
        if only.is_empty() || only.iter().any(|wanted| is_meant(name, wanted)) {
            say(&format!("measuring {name} …"));
            measure(&bench, &mut lines).with_context(|| format!("the family {name}"))?;
        }
        anyhow::Ok(())
    });
    // What was measured before something failed is worth reading, too.
    let table = pairs::table(&lines, keys);
    std::io::stdout().write_all(table.as_bytes()).context("standard output")?;
    measured.map(|()| ExitCode::SUCCESS)
}

fn refuse(why: &str) -> ExitCode {
    say(&format!(
        "error: {why}\nhint: --quick, --only processes|mints|lookups|roles|growth|imports|applies|moving|secrets|readers|jwts|lease|leaks|serve|portal"
    ));
    ExitCode::from(2)
}

/// Tells the schemas apart, so that no store of an older one is measured: a migration that was released never
/// changes.
fn schema() -> i64 {
    keyctl::store::LATEST_SCHEMA
}

/// Says how far the run is; the table alone goes to standard output.
fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

impl Bench {
    fn new(keys: u64) -> anyhow::Result<Self> {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().context("the target folder")?;
        let version = format!("schema-{}-fixture-{}", schema(), fixture::VERSION);
        let data = target.join("bench-data").join(version);
        std::fs::create_dir_all(&data).context("the folder of stores")?;
        let program = std::env::var_os("KEYCTL_BENCH_PROGRAM");
        Ok(Self {
            data,
            program: program.map_or_else(|| env!("CARGO_BIN_EXE_keyctl").into(), PathBuf::from),
            leanest: std::env::var_os("KEYCTL_BENCH_LEANEST").map(PathBuf::from),
            peers: std::env::var_os("KEYCTL_BENCH_PEERS").map(PathBuf::from),
            home: tempfile::tempdir().context("an empty folder")?,
            keys,
        })
    }

    fn peers(&self) -> anyhow::Result<&Path> {
        self.peers.as_deref().context("scripts/bench installs what it is measured beside: run that")
    }
}

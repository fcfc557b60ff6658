//! 16 processes change one store at the same time.

use std::thread;

use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::store::Place;

const PROCESSES: usize = 16;
const CHANGES: usize = 200;

/// What one process was told, in the end.
#[derive(Default)]
struct Told {
    /// Tokens that must be good: (token, key).
    live: Vec<(String, String)>,
    /// Tokens that must be dead.
    dead: Vec<String>,
    /// Tokens of suspended keys: dead, while their keys are not.
    suspended: Vec<String>,
    mints: usize,
    rotations: usize,
    revocations: usize,
    /// Changes that leave the counts of keys and tokens as they are.
    others: usize,
}

impl Told {
    fn minted(&mut self, token: String, key: String) {
        self.live.push((token, key));
        self.mints += 1;
    }
}

/// A fixed mix of changes to the process's own keys: mints, children of its first key, which
/// stays, and every change that there is.
fn work(sandbox: &Sandbox, process: usize) -> Told {
    let mut told = Told::default();
    let (owner, role) = (format!("p{process}"), format!("r{process}"));
    sandbox.ok(&["role", "set", &role, "--scope", "memories"]);
    let first = format!("{owner}/first");
    let token = sandbox.ok(&["mint", &owner, "--name", "first", "--scope", "memories", "--role", &role]);
    told.minted(token, first.clone());
    for change in 1..CHANGES {
        let name = format!("k{change}");
        let key = format!("{owner}/{name}");
        match (change % 8, told.live.len() > 1) {
            (1 | 5, true) => {
                let (old, key) = told.live.remove(1);
                let new = sandbox.ok(&["rotate", &key, "--grace", "0"]);
                told.dead.push(old);
                told.live.push((new, key));
                told.rotations += 1;
            }
            (3, true) => {
                let (token, key) = told.live.remove(1);
                sandbox.ok(&["revoke", &key, "--reason", "stress"]);
                told.dead.push(token);
                told.revocations += 1;
            }
            (4, _) => {
                let scopes = format!("memories,s{change}");
                sandbox.ok(&["role", "set", &role, "--scope", &scopes]);
                told.others += 1;
            }
            (6, _) => {
                let given = ["--parent", &first, "--scope", "memories:read"];
                let token = sandbox.ok(&[&["mint", &owner, "--name", &name], &given[..]].concat());
                told.minted(token, key);
            }
            (7, true) if change % 16 == 7 => {
                let (token, key) = told.live.remove(1);
                sandbox.ok(&["suspend", &key]);
                told.suspended.push(token);
                told.others += 1;
            }
            (7, _) => {
                sandbox.ok(&["edit", &first, "--label", &format!("change={change}")]);
                told.others += 1;
            }
            _ => {
                told.minted(sandbox.ok(&["mint", &owner, "--name", &name, "--role", &role]), key);
            }
        }
    }
    told
}

both!(sixteen_processes_lose_nothing_and_leave_no_gap, |place| {
    let sandbox = Sandbox::with_store(place);
    let told: Vec<Told> = thread::scope(|scope| {
        let running: Vec<_> = (0..PROCESSES)
            .map(|process| {
                scope.spawn({
                    let sandbox = &sandbox;
                    move || work(sandbox, process)
                })
            })
            .collect();
        running.into_iter().map(|thread| thread.join().expect("every change was acknowledged")).collect()
    });
    let sum = |count: fn(&Told) -> usize| told.iter().map(count).sum::<usize>();
    assert_eq!(sum(|t| t.mints + t.rotations + t.revocations + t.others), PROCESSES * CHANGES);
    let mut store = sandbox.place.open();
    let [live, revoked, owners, tokens] = store.counts().expect("counts");
    assert_eq!(live as usize, sum(|t| t.live.len() + t.suspended.len()));
    assert_eq!(revoked as usize, sum(|t| t.revocations));
    assert_eq!(owners as usize, PROCESSES);
    assert_eq!(tokens as usize, sum(|t| t.mints + t.rotations));
    let head = store.head().expect("head");
    assert_eq!(head.mark.counter as usize, PROCESSES * CHANGES, "every change moved the mark once");
    let verified =
        keyctl::ops::audit::verify_against(&mut store, &[], |_| {}).expect("no gap, nothing altered");
    assert_eq!(
        verified.records as usize,
        PROCESSES * (CHANGES + 1) + 1,
        "one record for each, for each new role, and the store's own"
    );
    assert_eq!(keyctl::ops::stores::store::check(&mut store, |_| {}).expect("check"), []);
    let asked = keyctl::domain::keys::verdict::Asked::default();
    let allowed = |store: &mut keyctl::store::Store, token: &str| {
        let verdict = keyctl::ops::keys::verify::verify(store, token, &asked).expect("readable");
        matches!(verdict, keyctl::domain::keys::verdict::Verdict::Allowed(_))
    };
    for one in &told {
        assert!(
            one.live.iter().all(|(token, _)| allowed(&mut store, token)),
            "an acknowledged token is refused"
        );
        let mut dead = one.dead.iter().chain(&one.suspended);
        assert!(!dead.any(|token| allowed(&mut store, token)), "a dead token is let in");
    }
    assert!(sandbox.ok(&["audit", "verify"]).contains("verified"));
});

#[test]
fn sixteen_processes_create_the_default_store_once() {
    let place = Place::sqlite();
    let sandbox = Sandbox::empty(place);
    let mint = |process: usize| {
        let mut command = sandbox.command(&["mint", &format!("p{process}")]);
        command.env_remove("KEYCTL_STORE");
        crate::support::cli::finish(command, b"").expect_code(0)
    };
    let ran: Vec<_> = thread::scope(|scope| {
        let running: Vec<_> = (0..PROCESSES)
            .map(|process| {
                scope.spawn({
                    let mint = &mint;
                    move || mint(process)
                })
            })
            .collect();
        running.into_iter().map(|thread| thread.join().expect("minted")).collect()
    });
    assert_eq!(ran.iter().filter(|one| one.stderr.contains("created the store")).count(), 1);
    let mut list = sandbox.command(&["list", "-o", "jsonl"]);
    list.env_remove("KEYCTL_STORE");
    let listed = crate::support::cli::finish(list, b"").expect_code(0);
    assert_eq!(listed.stdout.lines().count(), PROCESSES);
    let left: Vec<String> = std::fs::read_dir(sandbox.home().join(".local/share/keyctl"))
        .expect("the store's folder")
        .map(|entry| entry.expect("entry").file_name().to_string_lossy().into_owned())
        .filter(|name| name.contains("init"))
        .collect();
    assert!(left.is_empty(), "drafts are left: {left:?}");
}

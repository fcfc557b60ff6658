//! The engine as a process of its own: the test program runs itself, and one of its tests is then
//! `keyctl exec`.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};

use super::run::Failure;
use super::{Job, Masks, run};
use crate::cli::terminal::ui;
use crate::cli::{CliError, process};
use crate::domain::secrets::secret::SecretValue;

const SECRET: &str = "sk-planted-0123456789";
/// What the library for tests prints before anything else.
const PRELUDE: &str = "\nrunning 1 test\n";
/// Between two words.
const BETWEEN: &str = "\u{1f}";

/// Not a test: what [`engine`] runs.
#[test]
#[expect(clippy::disallowed_methods, reason = "a stand-in for the command line")]
fn stand_in() {
    let Ok(words) = std::env::var("KEYCTL_TEST_EXEC") else { return };
    process::harden();
    let secret = std::env::var("KEYCTL_TEST_SECRET").ok();
    if words == "panic" {
        std::panic::set_hook(Box::new(ui::report_panic));
        panic!("{secret:?}");
    }
    let value = |text: String| SecretValue::from_bytes(text.as_bytes(), true).expect("a value");
    let secret = secret.map(|text| Arc::new(value(text)));
    let masks = Arc::new(Masks::default());
    masks.stay(secret.iter().cloned());
    let job = Job {
        command: words.split(BETWEEN).map(Into::into).collect(),
        environment: secret.map(|value| ("API_KEY".to_owned(), value)).into_iter().collect(),
        paths: Vec::new(),
        masks,
        beside: None,
        withheld: vec!["KEYCTL_TEST_OTHER".to_owned()],
        replace: std::env::var_os("KEYCTL_TEST_REPLACE").is_some(),
    };
    let ended = run(job).map_err(CliError::from).and_then(super::run::Ended::pass_on);
    std::process::exit(
        ended.map_or_else(|error| ui::report(&error, ui::Reporting::default()).into(), |()| 0),
    );
}

/// Not a test: what copies the output of what outlives the command.
#[test]
fn rest_stand_in() {
    if super::is_rest(std::env::args_os().next().as_ref()) {
        process::harden();
        let _ = super::copy_rest();
        std::process::exit(0);
    }
}

/// The arguments that make this program be that.
pub(super) const COPIES_THE_REST: [&str; 4] =
    ["--exact", "cli::exec::tests::rest_stand_in", "--nocapture", "-q"];

/// `API_KEY=… keyctl exec -- WORDS`, with pipes for both streams. Whoever runs the tests may ignore
/// signals, as `nohup` and a shell's background do; the engine starts as if nobody did.
fn engine(words: &[&str]) -> Command {
    let mut command = Command::new("env");
    command.arg("--default-signal").arg(std::env::current_exe().expect("this program"));
    command.args(["--exact", "cli::exec::tests::stand_in", "--nocapture", "-q"]);
    command.env_clear().env("PATH", "/usr/bin:/bin").env("KEYCTL_TEST_EXEC", words.join(BETWEEN));
    command.env("KEYCTL_TEST_SECRET", SECRET);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn shell(script: &str) -> Command {
    engine(&["sh", "-c", script])
}

fn replaced(mut command: Command) -> Command {
    command.env("KEYCTL_TEST_REPLACE", "1");
    command
}

fn finish(mut command: Command) -> (ExitStatus, String, String) {
    let done = command.output().expect("runs");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    // What copies the rest of a stream is such a program, too.
    let [stdout, stderr] = [done.stdout, done.stderr].map(|bytes| text(bytes).replace(PRELUDE, ""));
    (done.status, stdout, stderr)
}

/// A running engine whose output is read line by line.
struct Running {
    child: Child,
    stdout: ChildStdout,
}

impl Running {
    fn start(mut command: Command) -> Self {
        // In a group that is not the parent's, as a shell's job: else the system stops nothing.
        let mut child = command.stdin(Stdio::piped()).process_group(0).spawn().expect("starts");
        let stdout = child.stdout.take().expect("a pipe");
        let mut running = Self { child, stdout };
        running.read_to(PRELUDE);
        running
    }

    /// Reads until a text was printed; returns what stands before it.
    fn read_to(&mut self, text: &str) -> String {
        let mut seen = String::new();
        let mut byte = [0];
        while !seen.ends_with(text) {
            assert_eq!(self.stdout.read(&mut byte).expect("read"), 1, "ends after {seen:?}");
            seen.push(char::from(byte[0]));
        }
        seen.truncate(seen.len() - text.len());
        seen
    }

    fn rest(&mut self) -> String {
        let mut seen = String::new();
        self.stdout.read_to_string(&mut seen).expect("read");
        seen
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("sent");
    }
}

#[test]
fn values_are_masked_on_both_streams_wherever_they_are_cut() {
    let script = "printf 'a sk-plan'; printf 'b sk-' >&2; sleep 0.3
        printf 'ted-0123456789 c\\n'; printf 'planted-0123456789 d\\n' >&2
        echo \"$API_KEY$API_KEY\"; printf sk-plan";
    let (status, stdout, stderr) = finish(shell(script));
    assert_eq!(
        (status.code(), stdout.as_str(), stderr.as_str()),
        (Some(0), "a *** c\n***\nsk-plan", "b *** d\n")
    );
    let (status, stdout, stderr) = finish(replaced(shell(script)));
    assert_eq!(status.code(), Some(0));
    assert_eq!(stdout, format!("a {SECRET} c\n{SECRET}{SECRET}\nsk-plan"));
    assert_eq!(stderr, format!("b {SECRET} d\n"));
}

#[test]
fn a_prompt_is_seen_before_its_answer() {
    let mut running = Running::start(shell("printf 'name? '; read name; echo \"hello $name\""));
    assert_eq!(running.read_to("name? "), "");
    running.child.stdin.take().expect("a pipe").write_all(b"alice\n").expect("written");
    assert_eq!(running.rest(), "hello alice\n");
}

#[test]
fn the_command_s_end_is_ours() {
    for how in [std::convert::identity, replaced] {
        for code in [0, 1, 7, 125, 255] {
            let (status, ..) = finish(how(shell(&format!("exit {code}"))));
            assert_eq!(status.code(), Some(code));
        }
        for signal in [Signal::KILL, Signal::TERM, Signal::INT, Signal::USR1, Signal::PIPE, Signal::QUIT] {
            let (status, ..) = finish(how(shell(&format!("ulimit -Sc 0; kill -{} $$", signal.as_raw()))));
            assert_eq!((status.signal(), status.core_dumped()), (Some(signal.as_raw()), false));
        }
    }
    // The command leaves a core here, where the system is set up so.
    let folder = tempfile::tempdir().expect("folder");
    let mut command = shell("ulimit -c unlimited; kill -SEGV $$");
    command.current_dir(folder.path());
    let (status, ..) = finish(command);
    assert_eq!((status.signal(), status.core_dumped()), (Some(Signal::SEGV.as_raw()), false));
    let (status, ..) = finish(shell("kill -40 $$"));
    assert_eq!(status.code(), Some(128 + 40), "a signal that has no name");
}

#[test]
fn a_command_that_does_not_run_has_the_codes_of_env() {
    let folder = tempfile::tempdir().expect("folder");
    let plain = folder.path().join("plain");
    fs::write(&plain, "echo \"$API_KEY and $1\"\n").expect("written");
    let orphan = folder.path().join("orphan");
    fs::write(&orphan, "#!/nonexistent/interpreter\n").expect("written");
    fs::set_permissions(&orphan, fs::Permissions::from_mode(0o755)).expect("mode");
    let path = |path: &Path| path.to_str().expect("a path").to_owned();
    for how in [std::convert::identity, replaced] {
        for (program, code, says) in [
            ("no-such-program", 127, "error: no-such-program is not found"),
            ("/nonexistent/program", 127, "is not found"),
            (&path(&orphan), 127, "interpreter"),
            ("/tmp", 126, "error: /tmp cannot be executed: Permission denied"),
            ("/etc/passwd/x", 126, "cannot be executed"),
            (&path(&plain), 126, "cannot be executed"),
            ("", 127, "is not found"),
        ] {
            let (status, _, stderr) = finish(how(engine(&[program, "x"])));
            assert_eq!(status.code(), Some(code), "{program}: {stderr}");
            assert!(stderr.contains(says) && stderr.contains("hint: "), "{program}: {stderr}");
        }
    }
    fs::set_permissions(&plain, fs::Permissions::from_mode(0o755)).expect("mode");
    for program in [path(&plain), "plain".to_owned()] {
        let mut command = engine(&[&program, "more"]);
        command.env("PATH", format!("/usr/bin:/bin:{}", folder.path().display()));
        assert_eq!(finish(command).1, "*** and more\n", "a script without #!");
    }
}

#[test]
fn a_signal_reaches_the_command_once() {
    let traps = "for name in HUP INT QUIT USR1 USR2 WINCH; do trap \"echo $name\" $name; done
        trap 'echo TERM; sleep 0.3; exit 9' TERM; echo ready; while :; do sleep 0.02; done";
    let mut running = Running::start(shell(traps));
    running.read_to("ready\n");
    for (signal, name) in [
        (Signal::HUP, "HUP\n"),
        (Signal::INT, "INT\n"),
        (Signal::QUIT, "QUIT\n"),
        (Signal::USR1, "USR1\n"),
        (Signal::USR2, "USR2\n"),
        (Signal::WINCH, "WINCH\n"),
        (Signal::TERM, "TERM\n"),
    ] {
        running.signal(signal);
        assert_eq!(running.read_to(name), "");
    }
    assert_eq!(running.rest(), "", "twice");
    assert_eq!(running.child.wait().expect("ends").code(), Some(9));
}

#[test]
fn a_signal_that_we_ignore_is_ignored_by_the_command() {
    let mut command = Command::new("sh");
    let inner = shell("kill -HUP $PPID; kill -HUP $$; sleep 0.1; echo alive");
    // Without the words that let nothing be ignored.
    command.args(["-c", "trap '' HUP; exec \"$0\" \"$@\""]).args(inner.get_args().skip(1));
    command.env_clear().envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
    assert_eq!(finish(command).1, "alive\n");
}

#[test]
fn stopping_and_going_on_reach_the_command() {
    let mut running = Running::start(shell("trap 'echo on' CONT; echo $$; while :; do sleep 0.02; done"));
    let child = running.read_to("\n");
    let state = |pid: &str| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).expect("there");
        stat.rsplit(')').next().and_then(|rest| rest.trim().chars().next())
    };
    let stops = |pid: &str| {
        (0..500).any(|_| {
            thread::sleep(Duration::from_millis(10));
            state(pid) == Some('T')
        })
    };
    running.signal(Signal::TSTP);
    assert!(stops(&child) && stops(&running.child.id().to_string()));
    running.signal(Signal::CONT);
    running.read_to("on\n");
    running.signal(Signal::KILL);
    let _ = kill_process(Pid::from_raw(child.parse().expect("a number")).expect("one"), Signal::KILL);
}

/// The engine on a terminal, its standard output in a file.
struct Terminal {
    master: Option<Box<dyn portable_pty::MasterPty + Send>>,
    child: Box<dyn portable_pty::Child + Send + Sync>,
    folder: tempfile::TempDir,
}

impl Terminal {
    fn start(shell_line: &str, script: &str) -> Self {
        let folder = tempfile::tempdir().expect("folder");
        let inner = shell(script);
        let mut builder = CommandBuilder::new("bash");
        builder.args(["--norc", "--noprofile", "-c", shell_line]);
        builder.arg(inner.get_program());
        builder.args(inner.get_args());
        builder.env_clear();
        for (name, value) in inner.get_envs() {
            builder.env(name, value.expect("set"));
        }
        builder.cwd(folder.path());
        let pair = native_pty_system().openpty(PtySize::default()).expect("a pseudo-terminal");
        let child = pair.slave.spawn_command(builder).expect("starts");
        Self { master: Some(pair.master), child, folder }
    }

    fn out(&self) -> String {
        fs::read_to_string(self.folder.path().join("out")).unwrap_or_default()
    }

    #[track_caller]
    fn wait_for(&self, text: &str) {
        let found = (0..1000).any(|_| {
            thread::sleep(Duration::from_millis(10));
            self.out().contains(text)
        });
        assert!(found, "no {text:?} in {:?}", self.out());
    }

    fn type_text(&mut self, text: &str) {
        let master = self.master.as_ref().expect("open");
        let mut typed = master.take_writer().expect("a writer");
        typed.write_all(text.as_bytes()).expect("typed");
        // It would type an end of file.
        std::mem::forget(typed);
    }
}

const TRAPS: &str = "trap 'echo INT' INT; trap 'echo HUP' HUP; trap 'echo TERM; exit 9' TERM
    echo ready; while :; do sleep 0.02; done";

#[test]
fn what_the_terminal_sends_is_not_sent_again() {
    let mut terminal = Terminal::start("exec \"$0\" \"$@\" > out", TRAPS);
    terminal.wait_for("ready");
    terminal.type_text("\u{3}");
    terminal.wait_for("INT");
    thread::sleep(Duration::from_millis(300));
    let pid = terminal.child.process_id().and_then(|pid| Pid::from_raw(pid.cast_signed())).expect("runs");
    kill_process(pid, Signal::TERM).expect("sent");
    terminal.wait_for("TERM");
    assert_eq!(terminal.child.wait().expect("ends").exit_code(), 9);
    assert_eq!(terminal.out().strip_prefix(PRELUDE), Some("ready\nINT\nTERM\n"));
}

#[test]
fn a_terminal_that_is_closed_is_told_to_the_command() {
    let mut terminal = Terminal::start("exec \"$0\" \"$@\" > out", TRAPS);
    terminal.wait_for("ready");
    let pid = terminal.child.process_id().and_then(|pid| Pid::from_raw(pid.cast_signed())).expect("runs");
    drop(terminal.master.take());
    terminal.wait_for("HUP");
    thread::sleep(Duration::from_millis(300));
    kill_process(pid, Signal::TERM).expect("sent");
    terminal.wait_for("TERM");
    assert_eq!(terminal.out().strip_prefix(PRELUDE), Some("ready\nHUP\nTERM\n"));
}

#[test]
fn a_shell_sees_that_the_command_was_stopped_and_continues_it() {
    let line = "set -m; \"$0\" \"$@\" >> out; echo stopped $? >> out; jobs >> out; fg >> out; echo $? >> out";
    // Not while the command starts another: it would not stop before that one has started.
    let mut terminal = Terminal::start(line, "echo ready; sleep 1; exit 9");
    terminal.wait_for("ready");
    thread::sleep(Duration::from_millis(300));
    terminal.type_text("\u{1a}");
    terminal.wait_for("stopped 147");
    terminal.wait_for("\n9\n");
    assert!(terminal.child.wait().expect("ends").success());
}

#[test]
#[expect(clippy::disallowed_methods, reason = "how long it takes is what is tested")]
fn what_outlives_the_command_does_not_keep_us() {
    for (script, longest) in [
        ("echo own; sleep 8 &", 4),
        ("echo own; (while [ $((n += 1)) -lt 40 ]; do echo more; sleep 0.2; done) & sleep 0.1", 4),
        ("exec 2>&1; echo own; sleep 8 &", 4),
    ] {
        let start = Instant::now();
        let mut running = Running::start(shell(&format!("{script}\nexit 7")));
        assert_eq!(running.child.wait().expect("ends").code(), Some(7));
        assert!(start.elapsed() < Duration::from_secs(longest), "{script} took {:?}", start.elapsed());
        assert_eq!(running.read_to("own\n"), "");
    }
    let (_, stdout, _) = finish(shell("(sleep 0.4; echo late) & echo own"));
    assert_eq!(stdout, "own\nlate\n");
}

/// What would have died of its first output, when nobody read it any more.
#[test]
fn what_outlives_the_command_goes_on_and_its_output_is_masked() {
    let folder = tempfile::tempdir().expect("folder");
    for (number, late) in [
        "sleep 1.5; echo late $API_KEY; printf '%s' sk-planted-; sleep 0.3; echo 0123456789 end",
        "sleep 0.5; echo late $API_KEY >&2; sleep 1; echo late $API_KEY; echo $API_KEY end",
        // In the middle of a value when the command ends.
        "printf 'late sk-plan'; sleep 1; echo ted-0123456789; echo $API_KEY end",
        "while [ $((n += 1)) -lt 40 ]; do echo late $API_KEY; sleep 0.05; done; echo $API_KEY end",
    ]
    .iter()
    .enumerate()
    {
        let mark = folder.path().join(number.to_string());
        let script = format!("echo own; ({late}; echo alive > {}) & sleep 0.1; exit 3", mark.display());
        let (status, stdout, stderr) = finish(shell(&script));
        assert_eq!(status.code(), Some(3), "{late}");
        let both = format!("{stdout}{stderr}");
        assert!(stdout.starts_with("own\n") && stdout.ends_with("*** end\n"), "{late}: {stdout}");
        assert!(both.contains("late ***\n") && !both.contains("planted"), "{late}: {both}");
        assert_eq!(fs::read_to_string(&mark).expect("it went on"), "alive\n", "{late}");
    }
}

#[test]
fn all_that_the_command_printed_is_passed_on_to_a_slow_reader() {
    let mut running = Running::start(shell("seq 1 30000; echo \"$API_KEY\""));
    thread::sleep(Duration::from_secs(2));
    let rest = running.rest();
    assert!(rest.ends_with("29999\n30000\n***\n") && rest.lines().count() == 30001);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "how long it takes is what is tested")]
fn much_output_takes_little_memory() {
    const MUCH: usize = 100_000_000;
    let script = format!("yes 'so many lines, and seldom a secret' | head -c {MUCH}; sleep 5");
    let start = Instant::now();
    let mut running = Running::start(shell(&script));
    let (mut piece, mut seen) = (vec![0; 64 * 1024], 0);
    while seen < MUCH {
        seen += running.stdout.read(&mut piece).expect("read");
    }
    let took = start.elapsed();
    let status = fs::read_to_string(format!("/proc/{}/status", running.child.id())).expect("runs");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a line");
    let peak: u64 = peak.trim().trim_end_matches(" kB").parse().expect("a number");
    assert!(peak < 64 * 1024, "{peak} KiB");
    assert!(took < Duration::from_secs(30), "{took:?}");
    running.signal(Signal::TERM);
    running.child.wait().expect("ends");
}

#[test]
fn a_command_may_close_its_output() {
    let (status, stdout, stderr) =
        finish(shell("echo first; exec >&-; sleep 0.2; echo \"$API_KEY\" >&2; exit 3"));
    assert_eq!((status.code(), stdout.as_str(), stderr.as_str()), (Some(3), "first\n", "***\n"));
}

#[test]
fn a_reader_that_goes_away_ends_the_command() {
    for script in ["exec yes", "echo first; while :; do sleep 0.1; echo more; done"] {
        let mut running = Running::start(shell(script));
        running.read_to("\n");
        let Running { mut child, stdout } = running;
        drop(stdout);
        assert_eq!(child.wait().expect("ends").signal(), Some(Signal::PIPE.as_raw()), "{script}");
    }
}

#[test]
fn output_that_cannot_be_written_is_a_failure_of_ours_and_not_that_the_command_never_ran() {
    for (script, code, signal) in [
        ("echo first >&2; sleep 0.2; echo second >&2; exit 0", Some(9), None),
        ("echo first >&2; sleep 0.2; echo second >&2; exit 3", Some(3), None),
        ("echo first >&2; sleep 0.2; echo second >&2; kill -KILL $$", Some(128 + 9), None),
        ("sleep 0.1; kill -KILL $$", None, Some(9)),
    ] {
        let full = File::options().write(true).open("/dev/full").expect("a full device");
        let mut command = shell(script);
        let status = command.stderr(full).output().expect("runs").status;
        assert_eq!((status.code(), status.signal()), (code, signal), "{script}");
    }
}

#[test]
fn no_failure_after_the_start_says_that_the_command_never_ran() {
    for (failure, code) in [
        (Failure::NotFound("x".to_owned()), 127),
        (Failure::NotExecutable("x".to_owned(), std::io::ErrorKind::PermissionDenied.into()), 126),
        (Failure::NotStarted("x".to_owned(), std::io::ErrorKind::OutOfMemory.into()), 125),
        (Failure::Unwatched(std::io::ErrorKind::OutOfMemory.into()), 125),
        (Failure::Unwatchable(std::io::ErrorKind::OutOfMemory.into()), 1),
    ] {
        let says = format!("{failure:?}");
        let error = CliError::from(failure).instead_of_command();
        assert_eq!(error.exit_code(), code, "{says}");
    }
}

#[test]
fn the_command_gets_no_master_key_and_no_files_of_ours() {
    // Ours may have been started with more than three.
    let files = Command::new("sh").args(["-c", "ls /proc/$$/fd"]).output().expect("runs").stdout;
    let files = String::from_utf8(files).expect("text");
    for how in [std::convert::identity, replaced] {
        let mut command =
            shell("tr '\\0' '\\n' < /proc/$$/environ | sort | sed '/^KEYCTL_STORE/!s/=.*//'; ls /proc/$$/fd");
        command.env("KEYCTL_MASTER_KEY", "planted").env("KEYCTL_MASTER_PASSPHRASE", "planted");
        command.env("KEYCTL_STORE", "postgres://a:planted@localhost/keys").env("PGPASSWORD", "planted");
        command.env("KEYCTL_TEST_OTHER", "planted");
        let stdout = finish(how(command)).1;
        let names: Vec<&str> = stdout
            .lines()
            .filter(|name| !name.starts_with("KEYCTL_TEST") || *name == "KEYCTL_TEST_OTHER")
            .collect();
        let store = "KEYCTL_STORE=postgres://a@localhost:5432/keys";
        let expected: Vec<&str> = ["API_KEY", store, "PATH"].into_iter().chain(files.lines()).collect();
        assert_eq!(names, expected);
    }
}

#[test]
fn the_command_may_leave_a_core_and_we_may_not() {
    let script = "ulimit -Sc; sleep 0.2; grep -c 'Max core file size *1 ' /proc/$PPID/limits";
    let behind = |limit: &str, inner: Command| {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("ulimit -Sc {limit}; exec \"$0\" \"$@\"")]);
        command.arg(inner.get_program()).args(inner.get_args()).env_clear();
        command.envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
        finish(command).1
    };
    for limit in ["0", "unlimited"] {
        assert_eq!(behind(limit, shell(script)), format!("{limit}\n1\n"));
        assert_eq!(behind(limit, replaced(shell("ulimit -Sc"))), format!("{limit}\n"));
    }
}

#[test]
fn a_defect_tells_its_place_and_nothing_of_what_was_at_hand() {
    let (_, stdout, stderr) = finish(engine(&["panic"]));
    assert!(stderr.contains("error: keyctl has a defect at src/cli/exec/tests.rs"), "{stderr}");
    assert!(!stderr.contains("planted") && !stdout.contains("planted"), "{stderr}{stdout}");
}

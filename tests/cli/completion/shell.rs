//! A real shell, with the completion installed as the README says.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::cli::{PROGRAM, Sandbox, finish};
use crate::support::pty::Terminal;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shell {
    Bash,
    Zsh,
    Fish,
}

pub const SHELLS: [Shell; 3] = [Shell::Bash, Shell::Zsh, Shell::Fish];

/// What pressing Tab came to.
#[derive(Debug)]
pub struct Pressed {
    /// What stands on the line; of fish, the line with its only candidate in it.
    pub line: String,
    /// What else was shown: candidates, and whatever should not be.
    pub shown: String,
    pub took: Duration,
}

/// The commands of docs/install.md that install the completion for this shell.
fn installation(name: &str) -> Vec<String> {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/install.md"))
        .expect("docs/install.md");
    let heading = format!("# {name}");
    let lines = readme.lines().skip_while(|line| *line != heading).skip(1);
    let commands: Vec<String> = lines
        .take_while(|line| !line.starts_with('#') && !line.starts_with('`'))
        .map(str::to_owned)
        .collect();
    assert!(!commands.is_empty(), "docs/install.md does not say how to install the completion for {name}");
    commands
}

impl Shell {
    fn name(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Zsh => "zsh",
            Self::Fish => "fish",
        }
    }

    /// The shell as a command, with the sandbox's home and environment; `KEYCTL_STORE` is named
    /// in it only if `store` says so.
    fn command(self, sandbox: &Sandbox, program: &str, store: Option<&str>) -> Command {
        let found = Command::new("sh").args(["-c", "command -v \"$1\"", "sh", self.name()]).output();
        assert!(
            found.is_ok_and(|found| found.status.success()),
            "{} was not found: run scripts/test, which installs what is missing",
            self.name()
        );
        let folder = std::path::Path::new(PROGRAM).parent().expect("a folder").display();
        let mut command = Command::new(program);
        command.env_clear().env("HOME", sandbox.home()).env("PATH", format!("{folder}:/usr/bin:/bin"));
        command.env("PGPASSWORD", crate::support::postgres::PASSWORD).env("LANG", "C.UTF-8");
        if let Some(store) = store {
            command.env("KEYCTL_STORE", store);
        }
        command.current_dir(sandbox.home());
        command
    }

    /// Follows the README.
    pub fn install(self, sandbox: &Sandbox) {
        for line in installation(self.name()) {
            let mut command = self.command(sandbox, "bash", None);
            command.args(["-c", &line]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
            finish(command, b"").expect_code(0);
        }
    }

    /// Types lines and presses Tab behind each; `store` becomes `KEYCTL_STORE`.
    pub fn press_tab(self, sandbox: &Sandbox, store: Option<&str>, lines: &[&str]) -> Vec<Pressed> {
        if self == Self::Fish {
            return lines.iter().map(|line| self.ask_fish(sandbox, store, line)).collect();
        }
        let mut command = self.command(sandbox, self.name(), store);
        command.arg("-i");
        let mut terminal = Terminal::start(&command, 200);
        // Ctrl-G prints the line as it stands.
        terminal.type_text(match self {
            Self::Bash => {
                "bind 'set show-all-if-ambiguous on'; bind 'set completion-query-items 0'; \
                 bind 'set page-completions off'; bind 'set enable-bracketed-paste off'; \
                 bind -x '\"\\C-g\": printf \"\\n<line>%s<end>\\n\" \"$READLINE_LINE\"'\n"
            }
            _ => {
                "line() { print; print -r -- \"<line>$BUFFER<end>\" }; zle -N line; bindkey '^G' line; \
                 setopt no_list_beep; zstyle ':completion:*' list-prompt ''; LISTMAX=1000\n"
            }
        });
        terminal.type_text("echo ready$((1 + 1))\n");
        terminal.wait_for("ready2");
        let pressed = lines.iter().map(|line| press(&mut terminal, line)).collect();
        terminal.type_text("exit\n");
        terminal.finish();
        pressed
    }

    /// fish has a command for it.
    fn ask_fish(self, sandbox: &Sandbox, store: Option<&str>, line: &str) -> Pressed {
        let mut command = self.command(sandbox, "fish", store);
        command.args(["-c", "complete --do-complete $argv[1]", line]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let start = Instant::now();
        let ran = finish(command, b"").expect_code(0);
        let took = start.elapsed();
        let shown = ran.stdout + &ran.stderr;
        let mut candidates = shown.lines().map(|line| line.split('\t').next().unwrap_or_default());
        let line = match (candidates.next(), candidates.next()) {
            (Some(only), None) => {
                let kept = line.rfind([' ', '"', '\'']).map_or(0, |at| at + 1);
                format!("{}{only} ", &line[..kept])
            }
            _ => line.to_owned(),
        };
        Pressed { line, shown, took }
    }
}

/// Types the line, with the cursor at `|` if it has one, and Tab.
fn press(terminal: &mut Terminal, line: &str) -> Pressed {
    let (before, behind) = line.split_once('|').unwrap_or((line, ""));
    terminal.seen.clear();
    let back = "\u{2}".repeat(behind.chars().count());
    terminal.type_text(&format!("{before}{behind}{back}\u{7}"));
    terminal.wait_for("<end>");
    terminal.seen.clear();
    let start = Instant::now();
    terminal.type_text("\t\u{7}");
    terminal.wait_for("<end>");
    let took = start.elapsed();
    let (shown, rest) = terminal.seen.split_once("<line>").expect("the line");
    let (stands, _) = rest.split_once("<end>").expect("its end");
    let pressed = Pressed { line: stands.to_owned(), shown: shown.to_owned(), took };
    terminal.type_text("\u{5}\u{15}");
    pressed
}

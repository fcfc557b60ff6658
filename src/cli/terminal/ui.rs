//! The only code that prints: data to standard output, everything else to standard error.

use std::fs::{self, File};
use std::io::{self, BufWriter, IsTerminal as _, Write};
use std::os::fd::{AsFd as _, BorrowedFd};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::panic::PanicHookInfo;
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use clap::builder::StyledStr;
use clap::error::ErrorKind;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use serde::Serialize;

use super::name;
use super::progress::{self, Progress};
use crate::cli::Global;
use crate::cli::error::{CliError, Kind};
use crate::config::choice::{Color, Output};
use crate::config::{Environment, Settings};
use crate::domain::texts::text::Escaped;
use crate::domain::time::Timestamp;
use crate::ops::delivery::DeliveryError;
use crate::ops::leaks::judge::Judged;
use crate::render::sarif::Unsearched;
use crate::render::{self, Format, ListWriter, Screen, Unwritten, View};

#[expect(clippy::struct_excessive_bools, reason = "each is an independent fact or wish")]
/// What is known of the two streams, and what the user wants on them.
#[derive(Clone, Copy, Debug)]
pub(in crate::cli) struct Ui {
    chosen: Option<Format>,
    terminal: bool,
    width: Option<u16>,
    color: bool,
    dumb: bool,
    quiet: bool,
    verbose: bool,
}

impl Ui {
    pub(in crate::cli) fn new(global: &Global, settings: &Settings, environment: &Environment) -> Self {
        let terminal = io::stdout().is_terminal();
        let color = match settings.color.value {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && !environment.no_color && !environment.dumb_terminal,
        };
        color_messages(settings.color.value);
        let width = if terminal { terminal_width() } else { None };
        Self {
            chosen: settings.output.as_ref().map(|output| match output.value {
                Output::Csv if global.raw => Format::RawCsv,
                output => output.into(),
            }),
            terminal,
            width,
            color,
            dumb: environment.dumb_terminal,
            quiet: global.quiet,
            verbose: global.verbose,
        }
    }

    /// How data is written: as asked, else a table for people and plain lines for programs.
    pub(in crate::cli) fn format(&self) -> Format {
        self.chosen.unwrap_or(if self.terminal { Format::Table } else { Format::Plain })
    }

    /// The format that was asked for, if one was.
    pub(in crate::cli) fn chosen(&self) -> Option<Format> {
        self.chosen
    }

    pub(in crate::cli) fn reports_json(&self) -> bool {
        matches!(self.chosen, Some(Format::Json | Format::Jsonl))
    }

    /// What data is laid out for; `now` makes times relative to it on a terminal.
    pub(in crate::cli) fn screen(&self, now: Timestamp) -> Screen {
        let for_people = self.terminal && self.format() == Format::Table;
        Screen { width: self.width, color: self.color, now: for_people.then_some(now) }
    }

    /// Writes one result to standard output.
    pub(in crate::cli) fn show(&self, view: &impl View, now: Timestamp) -> anyhow::Result<()> {
        Ok(render::write_one(&mut stdout(), self.format(), &self.screen(now), view)?)
    }

    /// Writes results to standard output as `fill` pushes them.
    pub(in crate::cli) fn list<T>(
        &self,
        now: Timestamp,
        fill: impl FnOnce(&mut ListWriter<'_>) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let mut out = stdout();
        let mut writer = ListWriter::new(&mut out, self.format(), self.screen(now));
        let filled = fill(&mut writer)?;
        writer.finish()?;
        Ok(filled)
    }

    /// Writes one line of data to standard output.
    pub(in crate::cli) fn line(text: &str) -> anyhow::Result<()> {
        let mut out = stdout();
        let written = writeln!(out, "{}", Escaped(text)).and_then(|()| out.flush());
        Ok(written.map_err(Unwritten)?)
    }

    /// Writes results without times to standard output.
    pub(in crate::cli) fn rows<V: View>(&self, rows: &[V]) -> anyhow::Result<()> {
        let mut out = stdout();
        let mut writer = ListWriter::new(&mut out, self.format(), self.lasting_screen());
        rows.iter().try_for_each(|row| writer.push(row))?;
        Ok(writer.finish()?)
    }

    /// Writes results to standard output in a format that is not the terminal's to choose.
    pub(in crate::cli) fn list_as<T>(
        &self,
        format: Format,
        fill: impl FnOnce(&mut ListWriter<'_>) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let mut out = stdout();
        let mut writer = ListWriter::new(&mut out, format, self.lasting_screen());
        let filled = fill(&mut writer)?;
        writer.finish()?;
        Ok(filled)
    }

    /// Writes results to standard output for as long as `fill` runs; they are seen whenever it
    /// flushes.
    pub(in crate::cli) fn stream(
        &self,
        fill: impl FnOnce(&mut ListWriter<'_>) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let mut out = stdout();
        fill(&mut ListWriter::new(&mut out, self.format(), self.lasting_screen()).steady())
    }

    /// For what is read later than it is printed: times are absolute.
    pub(in crate::cli) fn lasting_screen(&self) -> Screen {
        Screen { width: self.width, color: self.color, now: None }
    }

    /// Waits. Ends early, as a broken pipe does, when nobody reads standard output any more.
    pub(in crate::cli) fn pause(time: Duration) -> anyhow::Result<()> {
        let stdout = rustix::stdio::stdout();
        let mut watched = [PollFd::new(&stdout, PollFlags::empty())];
        let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
        let time = Timespec { tv_sec: seconds, tv_nsec: time.subsec_nanos().into() };
        // Interrupted, it has waited long enough.
        let gone = poll(&mut watched, Some(&time)).is_ok_and(|ready| ready > 0);
        if gone { Err(Unwritten(io::ErrorKind::BrokenPipe.into()).into()) } else { Ok(()) }
    }

    /// Writes what was found to standard output, as a log in the format SARIF.
    pub(in crate::cli) fn sarif(found: &[Judged], unsearched: &[Unsearched]) -> anyhow::Result<()> {
        let mut out = stdout();
        render::sarif::write(&mut out, found, unsearched)?;
        Ok(out.flush().map_err(Unwritten)?)
    }

    /// Writes a text as it is to standard output.
    pub(in crate::cli) fn text(text: &[u8]) -> anyhow::Result<()> {
        let mut out = stdout();
        Ok(out.write_all(text).and_then(|()| out.flush()).map_err(Unwritten)?)
    }

    /// Standard output for bytes that are no text.
    pub(in crate::cli) fn stream_of_bytes() -> impl Write {
        stdout()
    }

    /// Refuses to go on where nobody would see the secret that is asked for.
    pub(in crate::cli) fn demand_reader() -> anyhow::Result<()> {
        let refused =
            |message: String| CliError::new(Kind::Output, message, "let something read standard output");
        let nowhere = own(io::stdout().as_fd()).and_then(|out| leads_nowhere(&out)).map_err(|error| {
            refused(format!("standard output cannot be looked at: {error}")).because(error)
        })?;
        if nowhere { Err(refused(DeliveryError::Nowhere.to_string()).into()) } else { Ok(()) }
    }

    /// Writes a secret as it is to standard output, past every buffer that is never wiped.
    pub(in crate::cli) fn secret(parts: &[&[u8]]) -> anyhow::Result<()> {
        Self::demand_reader()?;
        let mut out = own(io::stdout().as_fd()).map_err(Unwritten)?;
        let written = parts.iter().try_for_each(|part| out.write_all(part));
        Self::demanded(written.map_err(|error| Unwritten(error).into()))
    }

    /// That somebody has what was written: here a pipe whose reader went away is a failure.
    pub(in crate::cli) fn demanded(written: anyhow::Result<()>) -> anyhow::Result<()> {
        written.map_err(|error| {
            let mut error = CliError::of(error);
            if error.kind == Kind::BrokenPipe {
                error.kind = Kind::Output;
            }
            error.into()
        })
    }

    /// What the exit code says counts, whether or not somebody reads the words for it.
    pub(in crate::cli) fn whether_or_not_read<T: Default>(written: anyhow::Result<T>) -> anyhow::Result<T> {
        match written.map_err(CliError::of) {
            Err(error) if error.kind == Kind::BrokenPipe => Ok(T::default()),
            written => Ok(written?),
        }
    }

    /// Says what was done, unless only errors are wanted.
    pub(in crate::cli) fn note(&self, text: &str) {
        if !self.quiet {
            say("", Style::new(), text);
        }
    }

    /// Says what somebody has to do now, also where only errors are wanted: without it nothing goes on.
    pub(in crate::cli) fn tell(text: &str) {
        say("", Style::new(), text);
    }

    /// A line of a server's log, written at once. One that cannot be written is lost: nobody is refused for it.
    #[cfg(feature = "serve")]
    pub(in crate::cli) fn log(line: &str) {
        let text = format!("{line}\n");
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }

    pub(in crate::cli) fn warn(&self, text: &str) {
        if !self.quiet {
            say("warning: ", AnsiColor::Yellow.on_default().bold(), text);
        }
    }

    /// Says how something came about, if that is wanted.
    pub(in crate::cli) fn explain(&self, text: &str) {
        if self.verbose {
            self.note(text);
        }
    }

    /// Whether somebody sees standard output.
    pub(in crate::cli) fn shows_data() -> bool {
        io::stdout().is_terminal()
    }

    /// Whether there is somebody to ask: questions stand on standard error.
    pub(in crate::cli) fn can_ask() -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Whether a choice can be drawn, which takes more than lines of text.
    pub(in crate::cli) fn can_draw(&self) -> bool {
        !self.dumb
    }

    /// Shows how far a work is that takes long, on a terminal only.
    pub(in crate::cli) fn progress(&self) -> Progress {
        Progress::new(!self.quiet && io::stderr().is_terminal() && !self.dumb)
    }
}

/// Whether messages are coloured; they are written through anstream.
pub(in crate::cli) fn color_messages(color: Color) {
    match color {
        Color::Auto => {}
        Color::Always => anstream::ColorChoice::AlwaysAnsi.write_global(),
        Color::Never => anstream::ColorChoice::Never.write_global(),
    }
}

/// Standard output and standard error as they are, for what a command prints that runs in our
/// place.
pub(in crate::cli) fn streams() -> io::Result<[File; 2]> {
    Ok([own(io::stdout().as_fd())?, own(io::stderr().as_fd())?])
}

/// A stream past the buffers of the standard library.
fn own(stream: BorrowedFd<'_>) -> io::Result<File> {
    stream.try_clone_to_owned().map(File::from)
}

fn stdout() -> BufWriter<io::StdoutLock<'static>> {
    BufWriter::with_capacity(64 * 1024, io::stdout().lock())
}

fn terminal_width() -> Option<u16> {
    let size = rustix::termios::tcgetwinsize(rustix::stdio::stdout()).ok()?;
    Some(size.ws_col).filter(|columns| *columns > 0)
}

/// The columns for each line of a choice behind its mark of so many columns; one is left over,
/// since some terminals go on to the next line when the last one is written.
pub(in crate::cli) fn columns_to_ask(mark: usize) -> Option<u16> {
    let size = rustix::termios::tcgetwinsize(rustix::stdio::stderr()).ok()?;
    let taken = u16::try_from(mark + 1).ok()?;
    Some(size.ws_col).filter(|columns| *columns > 0).map(|columns| columns.saturating_sub(taken).max(4))
}

/// The lines of the screen that a choice is drawn on.
pub(in crate::cli) fn rows_to_ask() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(rustix::stdio::stderr()).ok()?;
    Some(usize::from(size.ws_row)).filter(|rows| *rows > 0)
}

/// A closed standard output arrives as the null device: the runtime opens it in its place.
pub(in crate::cli) fn leads_nowhere(stdout: &File) -> io::Result<bool> {
    let found = stdout.metadata()?;
    let null = fs::metadata("/dev/null")?;
    Ok(found.file_type().is_char_device() && found.rdev() == null.rdev())
}

/// Writes a line to standard error; there is nobody to tell if that fails.
fn say(label: &str, style: Style, text: &str) {
    // In one piece: what is formatted straight into a stream is written part by part.
    let line = format!("{style}{label}{style:#}{}\n", Lines(&name::in_message(text)));
    progress::aside(|| drop(anstream::stderr().lock().write_all(line.as_bytes())));
}

/// Writes a question to standard error, and waits behind it for the answer.
pub(in crate::cli) fn ask(question: &str) {
    let _ = anstream::stderr().lock().write_all(Lines(question).to_string().as_bytes());
}

/// Draws on standard error, moving the cursor; texts in it went through [`shown`].
pub(in crate::cli) fn draw(text: &str) {
    let _ = io::stderr().write_all(text.as_bytes());
}

/// A text without anything that would move the cursor.
pub(in crate::cli) fn shown(text: &str) -> String {
    Escaped(text).to_string()
}

/// Makes the cursor visible, which a prompt that was interrupted may have hidden.
pub(in crate::cli) fn show_cursor() {
    let _ = io::stderr().write_all(b"\x1b[?25h");
}

/// Escapes everything but line ends, which only our own texts have.
struct Lines<'a>(&'a str);

impl std::fmt::Display for Lines<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, line) in self.0.split('\n').enumerate() {
            let before = if index > 0 { "\n" } else { "" };
            write!(f, "{before}{}", Escaped(line))?;
        }
        Ok(())
    }
}

#[derive(Serialize)]
struct ErrorJson<'e> {
    error: ErrorBody<'e>,
}

#[derive(Serialize)]
struct ErrorBody<'e> {
    r#type: &'static str,
    message: &'e str,
    hint: Option<&'e str>,
    reason: Option<&'static str>,
}

#[derive(Clone, Copy, Debug, Default)]
pub(in crate::cli) struct Reporting {
    /// As an object for programs.
    pub(in crate::cli) as_json: bool,
    /// With what led to it.
    pub(in crate::cli) verbose: bool,
}

/// Reports a failure on standard error; returns the exit code.
pub(in crate::cli) fn report(error: &CliError, how: Reporting) -> u8 {
    if error.kind.is_silent() {
        return error.exit_code();
    }
    let say_causes = || {
        for cause in how.verbose.then(|| error.causes()).into_iter().flatten() {
            say("caused by: ", Style::new(), &cause);
        }
    };
    if how.as_json {
        // The object is the last line, and has the same fields whatever else is said.
        say_causes();
        let hint = error.hint.as_deref().map(name::in_message);
        let body = ErrorBody {
            r#type: error.kind.as_str(),
            message: &error.message,
            hint: hint.as_deref(),
            reason: error.kind.reason(),
        };
        let mut out = io::stderr().lock();
        let _ = render::json::write(&mut out, &ErrorJson { error: body });
        let _ = out.write_all(b"\n");
    } else if error.kind == Kind::Declined {
        // Whoever said no knows what to do.
        say("", Style::new(), &error.message);
    } else {
        say("error: ", AnsiColor::Red.on_default().bold(), &error.message);
        say_causes();
        if let Some(hint) = &error.hint {
            say("hint: ", AnsiColor::Cyan.on_default().bold(), hint);
        }
    }
    error.exit_code()
}

/// A defect of ours. The payload may hold values, so only the place is told.
pub(in crate::cli) fn report_panic(info: &PanicHookInfo<'_>) {
    let place = info.location().map(|at| format!("{}:{}", at.file(), at.line())).unwrap_or_default();
    let message = format!("keyctl has a defect at {place}; nothing is known to have changed");
    report(
        &CliError::new(Kind::Internal, message, "please report it with what you did"),
        Reporting::default(),
    );
}

/// Prints help or the version where it was asked for.
pub(in crate::cli) fn print_help(help: &clap::Error) -> anyhow::Result<()> {
    // A version names the program, however it is called.
    if !name::is_other() || help.kind() == ErrorKind::DisplayVersion {
        return Ok(help.print().map_err(Unwritten)?);
    }
    let text = name::in_help(&help.render().ansi().to_string());
    Ok(anstream::stdout().lock().write_all(text.as_bytes()).map_err(Unwritten)?)
}

/// Prints help where a command is missing. It is no data, so it stands on standard error.
pub(in crate::cli) fn print_usage(help: &StyledStr) {
    let text = help.ansi().to_string();
    let text = if name::is_other() { name::in_help(&text) } else { text };
    let _ = anstream::stderr().lock().write_all(text.as_bytes());
}

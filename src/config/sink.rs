//! Where audit records go besides the store.

use std::fmt;
use std::path::PathBuf;

use super::environment::Environment;
use crate::domain::texts::misplaced;

/// A receiver of audit records, as `KEYCTL_AUDIT_SINK` names it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Sink {
    /// `file:/path`: a line is appended for each record.
    File(PathBuf),
    /// `cmd:/path/to/program argument …`: it reads the lines on its standard input.
    Program {
        /// The program itself, no shell.
        path: PathBuf,
        /// Its arguments. They are split at blanks, so none holds one.
        arguments: Vec<String>,
    },
}

/// Without the arguments, which may be secrets.
impl fmt::Debug for Sink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "file:{}", path.display()),
            Self::Program { path, arguments } => {
                write!(f, "cmd:{} ({} arguments)", path.display(), arguments.len())
            }
        }
    }
}

/// Why a text names no sink. None of them repeats the text: arguments may be secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SinkError {
    /// Not UTF-8.
    #[error("it is not UTF-8")]
    Encoding,
    /// A line end or another control character.
    #[error("it contains a control character")]
    Control,
    /// Neither `file:` nor `cmd:`.
    #[error("it starts with neither file: nor cmd:")]
    Kind,
    /// Nothing behind the colon.
    #[error("no path follows the colon")]
    Empty,
    /// A path that would depend on the folder in which keyctl is run.
    #[error("its path does not start with /")]
    Relative,
    /// A key or password in the place of a path.
    #[error("its path has the form of a key or password")]
    Secret,
    /// A folder's path.
    #[error("its path ends with /")]
    Folder,
}

pub(crate) fn sink(environment: &Environment) -> Result<Option<Sink>, SinkError> {
    let Some(value) = &environment.audit_sink else { return Ok(None) };
    parse(value.to_str().ok_or(SinkError::Encoding)?).map(Some)
}

/// Reads `file:PATH` or `cmd:PROGRAM ARGUMENT …`. A file's path may hold blanks.
fn parse(text: &str) -> Result<Sink, SinkError> {
    if text.chars().any(char::is_control) {
        return Err(SinkError::Control);
    }
    if let Some(file) = text.strip_prefix("file:") {
        return path(file).map(Sink::File);
    }
    let words = text.strip_prefix("cmd:").ok_or(SinkError::Kind)?;
    let mut words = words.split(' ').filter(|word| !word.is_empty());
    let path = path(words.next().unwrap_or_default())?;
    Ok(Sink::Program { path, arguments: words.map(str::to_owned).collect() })
}

fn path(text: &str) -> Result<PathBuf, SinkError> {
    match text {
        _ if text.trim().is_empty() => Err(SinkError::Empty),
        _ if misplaced::is_no_path(text) => Err(SinkError::Secret),
        _ if !text.starts_with('/') => Err(SinkError::Relative),
        _ if text.ends_with('/') => Err(SinkError::Folder),
        _ => Ok(PathBuf::from(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sink_is_a_file_or_a_program_with_arguments() {
        assert_eq!(parse("file:/var/log/my keys"), Ok(Sink::File("/var/log/my keys".into())));
        let arguments = vec!["-t".to_owned(), "keyctl".to_owned()];
        let program = Sink::Program { path: "/usr/bin/logger".into(), arguments };
        assert_eq!(parse("cmd:/usr/bin/logger  -t keyctl "), Ok(program));
        let alone = Sink::Program { path: "/bin/cat".into(), arguments: Vec::new() };
        assert_eq!(parse("cmd:/bin/cat"), Ok(alone));
    }

    #[test]
    fn each_fault_has_its_own_error() {
        for (text, error) in [
            ("", SinkError::Kind),
            ("/var/log/keys", SinkError::Kind),
            ("FILE:/var/log/keys", SinkError::Kind),
            ("https://example.org/", SinkError::Kind),
            (" file:/x", SinkError::Kind),
            ("file:", SinkError::Empty),
            ("file: ", SinkError::Empty),
            ("cmd:", SinkError::Empty),
            ("cmd:  ", SinkError::Empty),
            ("file:keys.log", SinkError::Relative),
            ("file:~/keys.log", SinkError::Relative),
            ("file: /keys.log", SinkError::Relative),
            ("cmd:logger", SinkError::Relative),
            ("file:/b3Nq2tSyyY3cYJQ0+G1x9DlJX5vBzNjT8mHfQv0RkA=", SinkError::Secret),
            ("cmd:hex:9f86d081884c7d659a2feaa0c55ad015", SinkError::Secret),
            ("file:/", SinkError::Folder),
            ("file:/var/log/", SinkError::Folder),
            ("cmd:/bin/", SinkError::Folder),
            ("file:/var/log\n", SinkError::Control),
            ("cmd:/bin/cat\t-n", SinkError::Control),
        ] {
            assert_eq!(parse(text), Err(error), "{text:?}");
        }
    }
}

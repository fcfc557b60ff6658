//! The commands that sinks of manifests name: `[sinks]` at the top of the configuration file and in its profiles.
//!
//! A manifest comes from a repository that many may write; what is run stands here alone.

use std::collections::BTreeMap;

use toml::de::DeValue;

use super::choice::LockTimeout;
use super::config_file::Named;
use super::error::ConfigError;
use super::parse::{Key, Reader, Value};
use crate::domain::provisioning::sink::CommandName;
use crate::domain::provisioning::sink_command::SinkCommand;

const HINT: &str = "as in bao = [\"bao\", \"kv\", \"put\", \"secret/{owner}\", \"token=-\"], or with more: bao = { command = […], \
                    newline = true, timeout = \"30s\" }";

impl Reader<'_> {
    pub(super) fn sinks(
        &self,
        key: &Key<'_>,
        value: &Value<'_>,
    ) -> Result<BTreeMap<String, SinkCommand>, ConfigError> {
        let Some(table) = value.get_ref().as_table() else {
            let what = "sinks must be a table of commands";
            return Err(self.error(key.span().start, what, format!("write [sinks], and below it {HINT}")));
        };
        let mut found = BTreeMap::new();
        for (name, value) in table {
            let at = name.span().start;
            let named: CommandName = name.get_ref().parse().map_err(|error| {
                self.error(at, format!("sinks: not the name of a command: {error}"), HINT)
            })?;
            let command = self.sink_command(name, value)?;
            found.insert(named.as_str().to_owned(), command);
        }
        Ok(found)
    }

    fn sink_command(&self, name: &Key<'_>, value: &Value<'_>) -> Result<SinkCommand, ConfigError> {
        let error =
            |at: usize, what: String| self.error(at, format!("sinks.{}: {what}", name.get_ref()), HINT);
        let at = name.span().start;
        let DeValue::Table(table) = value.get_ref() else { return self.words(name, at, value) };
        let (mut command, mut newline, mut timeout) = (None, false, None);
        for (key, value) in table {
            let at = key.span().start;
            match (key.get_ref().as_ref(), value.get_ref()) {
                ("command", _) => command = Some(self.words(name, at, value)?),
                ("newline", DeValue::Boolean(is)) => newline = *is,
                ("newline", _) => return Err(error(at, "newline is true or false".to_owned())),
                ("timeout", DeValue::String(text)) => {
                    let parsed =
                        text.parse::<LockTimeout>().map_err(|why| error(at, format!("timeout: {why}")))?;
                    timeout = Some(parsed.0).filter(|time| !time.is_zero());
                    if timeout.is_none() {
                        return Err(error(at, "timeout: it would be over before it begins".to_owned()));
                    }
                }
                ("timeout", _) => return Err(error(at, "timeout must be a text".to_owned())),
                (other, _) => {
                    let what =
                        format!("{} is no setting of it; there are: command, newline, timeout", Named(other));
                    return Err(error(at, what));
                }
            }
        }
        let mut command = command.ok_or_else(|| error(at, "command is missing".to_owned()))?;
        command.newline = newline;
        command.timeout = timeout.unwrap_or(command.timeout);
        Ok(command)
    }

    /// A program with its arguments. A path is meant as elsewhere in the file; a bare name is looked for in `PATH`.
    fn words(&self, name: &Key<'_>, at: usize, value: &Value<'_>) -> Result<SinkCommand, ConfigError> {
        let error = |what: String| self.error(at, format!("sinks.{}: {what}", name.get_ref()), HINT);
        let texts = || "a command is a list of texts: its program, then each argument".to_owned();
        let DeValue::Array(words) = value.get_ref() else { return Err(error(texts())) };
        let word = |word: &Value<'_>| word.get_ref().as_str().map(str::to_owned);
        let words: Option<Vec<String>> = words.iter().map(word).collect();
        let command =
            SinkCommand::new(words.ok_or_else(|| error(texts()))?).map_err(|why| error(why.to_string()))?;
        if !command.program().contains('/') {
            return Ok(command);
        }
        let path = self.path(command.program()).map_err(|why| error(why.to_string()))?;
        Ok(command.with_program(path.to_string_lossy().into_owned()))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::Duration;

    use super::*;
    use crate::config::parse::parse;
    use crate::config::source::Source;

    fn sinks(text: &str) -> Result<BTreeMap<String, SinkCommand>, String> {
        let source = Source { path: "/etc/keyctl.toml".into(), text: text.to_owned(), is_private: true };
        let file = parse(&source, Some(Path::new("/home/alice")));
        file.map(|file| file.top.sinks).map_err(|error| format!("{error}; {}", error.hint()))
    }

    #[test]
    fn a_command_is_its_words_and_what_belongs_to_it() {
        let found = sinks(
            "[sinks]\nbao = [\"bao\", \"kv\", \"put\", \"secret/{owner}\", \"token=-\"]\n\
             own = { command = [\"~/bin/put\"], newline = true, timeout = \"1500ms\" }\nnear = [\"./put\"]\n",
        )
        .expect("commands");
        let [bao, near, own] = ["bao", "near", "own"].map(|name| &found[name]);
        assert_eq!((bao.program(), bao.newline, bao.timeout), ("bao", false, Duration::from_secs(30)));
        assert_eq!((own.program(), own.newline), ("/home/alice/bin/put", true));
        assert_eq!(own.timeout, Duration::from_millis(1500));
        assert_eq!(near.program(), "/etc/./put");
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line_and_without_the_words() {
        let token = "sks_4fTq9ZkPw2Xa_V24MWaMOt9xqkx6uRTOIOpVcS2MMOEFL2ACdhsHO2Kk4Qq3FA";
        for (line, says) in [
            ("sinks = 7", "keyctl.toml:1: sinks must be a table"),
            ("[sinks]\nbao = \"bao kv put\"", "keyctl.toml:2: sinks.bao: a command is a list of texts"),
            ("[sinks]\nbao = []", "sinks.bao: there is no program"),
            ("[sinks]\nbao = [\"bao\", 7]", "a command is a list of texts"),
            ("[sinks]\n\"a b\" = [\"bao\"]", "sinks: not the name of a command"),
            ("[sinks]\nbao = { newline = true }", "command is missing"),
            ("[sinks]\nbao = { command = [\"bao\"], newline = 1 }", "newline is true or false"),
            (
                "[sinks]\nbao = { command = [\"bao\"], timeout = \"2h\" }",
                "timeout: write a number and a unit",
            ),
            ("[sinks]\nbao = { command = [\"bao\"], timeout = \"0s\" }", "timeout: it would be over"),
            ("[sinks]\nbao = { command = [\"bao\"], shell = true }", "shell is no setting of it"),
            ("[sinks]\nbao = [\"bao\", \"{token}\"]", "argument 1 has a placeholder that is not known"),
            ("[sinks]\nbao = [\"bao\", \"TOKEN\"]", "argument 1 has a secret in it"),
            ("[profile.p]\nsink = 1", "did you mean sinks?"),
        ] {
            let error = sinks(&line.replace("TOKEN", token)).expect_err(line);
            assert!(error.contains(says) && !error.contains("V24M"), "{line}: {error}");
        }
    }
}

//! `[notify]` at the top of the configuration file, or in a profile in its place.

use std::time::Duration;

use toml::de::DeValue;

use super::choice::LockTimeout;
use super::config_file::{MasterKeySource, Named};
use super::error::ConfigError;
use super::notify::{NotifySetting, TokenSource, WebhookSetting};
use super::parse::{Key, Reader, Value};
use crate::domain::outbound::endpoint::Endpoint;
use crate::domain::provisioning::sink_command::{Facts, SinkCommand};

/// How long it may take unless it is said: as long as any request of ours.
const USUAL_TIMEOUT: Duration = Duration::from_secs(10);

/// A longer one would hold up the next run.
const LONGEST_TIMEOUT: Duration = Duration::from_mins(5);

const HINT: &str = "as in webhook = \"https://hooks.example.com/keyctl\" with webhook_token_file = \"~/hook.token\" or \
                    webhook_token_variable = \"HOOK_TOKEN\"; or command = [\"/usr/local/bin/tell\", \"ops\"]; and timeout = \"10s\"";

impl Reader<'_> {
    pub(super) fn notify(&self, key: &Key<'_>, value: &Value<'_>) -> Result<NotifySetting, ConfigError> {
        let error = |at: usize, what: String| self.error(at, format!("notify: {what}"), HINT);
        let begin = key.span().start;
        let Some(table) = value.get_ref().as_table() else {
            return Err(self.error(
                begin,
                "notify must be a table",
                format!("write [notify], and below it {HINT}"),
            ));
        };
        let (mut endpoint, mut command, mut timeout) = (None, None, USUAL_TIMEOUT);
        let mut tokens: Vec<TokenSource> = Vec::new();
        for (key, value) in table {
            let (at, name) = (key.span().start, key.get_ref().as_ref());
            let text = || value.get_ref().as_str().ok_or_else(|| error(at, format!("{name} must be a text")));
            match name {
                "webhook" => {
                    let parsed = text()?.parse::<Endpoint>();
                    endpoint = Some(parsed.map_err(|why| error(at, format!("webhook: {why}")))?);
                }
                "webhook_token_file" => match self.key_file(text()?) {
                    Ok(MasterKeySource::File(path)) => tokens.push(TokenSource::File(path)),
                    Ok(MasterKeySource::Command(_)) => {}
                    Err(why) => return Err(error(at, format!("webhook_token_file: {why}"))),
                },
                "webhook_token_variable" => {
                    let name = variable(text()?);
                    let what = || "webhook_token_variable is no name of a variable".to_owned();
                    tokens.push(TokenSource::Variable(name.ok_or_else(|| error(at, what()))?));
                }
                "command" => command = Some(self.notify_command(at, value)?),
                "timeout" => {
                    let parsed = text()?.parse::<LockTimeout>();
                    timeout = parsed.map_err(|why| error(at, format!("timeout: {why}")))?.0;
                    if timeout.is_zero() || timeout > LONGEST_TIMEOUT {
                        return Err(error(at, "timeout is more than nothing and at most 5m".to_owned()));
                    }
                }
                other => {
                    let known = "webhook, webhook_token_file, webhook_token_variable, command, timeout";
                    let what = format!("{} is no setting of it; there are: {known}", Named(other));
                    return Err(error(at, what));
                }
            }
        }
        if tokens.len() > 1 || (tokens.len() == 1 && endpoint.is_none()) {
            return Err(error(begin, "a webhook has one token, and a token belongs to a webhook".to_owned()));
        }
        if endpoint.is_none() && command.is_none() {
            return Err(error(begin, "it names neither a webhook nor a command".to_owned()));
        }
        let webhook = endpoint.map(|endpoint| WebhookSetting { endpoint, token: tokens.pop() });
        Ok(NotifySetting { webhook, command, timeout })
    }

    /// Judged as the commands of sinks are; but nothing is put into its arguments.
    fn notify_command(&self, at: usize, value: &Value<'_>) -> Result<Vec<String>, ConfigError> {
        let error = |what: &str| self.error(at, format!("notify: command: {what}"), HINT);
        let word = |word: &Value<'_>| word.get_ref().as_str().map(str::to_owned);
        let words: Option<Vec<String>> = match value.get_ref() {
            DeValue::Array(words) => words.iter().map(word).collect(),
            _ => None,
        };
        let words = words.ok_or_else(|| error("it is a list of texts: its program, then each argument"))?;
        let command = SinkCommand::new(words.clone()).map_err(|why| error(&why.to_string()))?;
        let nothing = || String::new();
        let facts = Facts {
            owner: nothing(),
            name: nothing(),
            key_id: nothing(),
            prefix: nothing(),
            living: Vec::new(),
        };
        if command.arguments(&facts) != words[1..] {
            return Err(error("an argument has a placeholder: what it is told stands on standard input"));
        }
        let mut words = words;
        if words[0].contains('/') {
            let path = self.path(&words[0]).map_err(|why| error(&why.to_string()))?;
            words[0] = path.to_string_lossy().into_owned();
        }
        Ok(words)
    }
}

/// The name of a variable (POSIX.1-2024 §8.1).
fn variable(text: &str) -> Option<String> {
    let is_name = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let fits = (1..=128).contains(&text.len()) && text.chars().all(is_name);
    (fits && !text.starts_with(|c: char| c.is_ascii_digit())).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::parse::parse;
    use crate::config::source::Source;

    fn notify(text: &str) -> Result<Option<NotifySetting>, String> {
        let source = Source { path: "/etc/keyctl.toml".into(), text: text.to_owned(), is_private: true };
        let file = parse(&source, Some(Path::new("/home/alice")));
        file.map(|file| file.top.notify.map(|placed| placed.value))
            .map_err(|error| format!("{error}; {}", error.hint()))
    }

    #[test]
    fn a_webhook_and_a_command_are_read_with_what_belongs_to_them() {
        let text = "[notify]\nwebhook = \"https://hooks.example.com/keyctl\"\nwebhook_token_file = \"~/hook.token\"\n\
                    command = [\"./tell\", \"ops\"]\ntimeout = \"30s\"\n";
        let found = notify(text).expect("a file").expect("a setting");
        let webhook = found.webhook.expect("a webhook");
        assert_eq!(webhook.endpoint.as_str(), "https://hooks.example.com/keyctl");
        assert_eq!(webhook.token, Some(TokenSource::File("/home/alice/hook.token".into())));
        assert_eq!(found.command, Some(vec!["/etc/./tell".to_owned(), "ops".to_owned()]));
        assert_eq!(found.timeout, Duration::from_secs(30));
        assert_eq!(notify("store = \"x.db\"").expect("a file"), None);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line_and_without_a_secret() {
        let token = "sks_4fTq9ZkPw2Xa_V24MWaMOt9xqkx6uRTOIOpVcS2MMOEFL2ACdhsHO2Kk4Qq3FA";
        for (line, says) in [
            ("notify = 7", "keyctl.toml:1: notify must be a table"),
            ("[notify]", "neither a webhook nor a command"),
            (
                "[notify]\nwebhook = \"http://hooks.example.com\"",
                "keyctl.toml:2: notify: webhook: an address begins with",
            ),
            ("[notify]\nwebhook = 7", "webhook must be a text"),
            ("[notify]\nwebhook = \"https://V24M@hooks.example.com/x\"", "webhook: an address holds no user"),
            ("[notify]\nwebhook = \"https://ops:V24M@hooks.example.com/x\"", "no password"),
            ("[notify]\nwebhook_token_file = \"x\"", "a token belongs to a webhook"),
            (
                "[notify]\nwebhook = \"https://a.example\"\nwebhook_token_file = \"x\"\nwebhook_token_variable = \"X\"",
                "a webhook has one token",
            ),
            (
                "[notify]\nwebhook = \"https://a.example\"\nwebhook_token_file = \"TOKEN\"",
                "this looks like a key",
            ),
            ("[notify]\nwebhook_token_variable = \"a-b\"", "no name of a variable"),
            ("[notify]\nwebhook_token = \"TOKEN\"", "no setting of it"),
            ("[notify]\ncommand = \"tell ops\"", "it is a list of texts"),
            ("[notify]\ncommand = []", "there is no program"),
            ("[notify]\ncommand = [\"tell\", \"{owner}\"]", "an argument has a placeholder"),
            ("[notify]\ncommand = [\"tell\", \"TOKEN\"]", "argument 1 has a secret in it"),
            ("[notify]\ncommand = [\"tell\"]\ntimeout = \"1h\"", "timeout"),
        ] {
            let error = notify(&line.replace("TOKEN", token)).expect_err(line);
            assert!(error.contains(says) && !error.contains("V24M"), "{line}: {error}");
        }
    }
}

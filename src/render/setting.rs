//! Settings, and the profiles they may come from.

use serde::Serialize;

use super::{Field, Screen, Tone, View};

#[derive(Clone, Debug, Serialize)]
pub(crate) struct OriginView {
    /// `flag`, `variable`, `profile`, `file` or `default`.
    pub kind: &'static str,
    /// The flag, the variable or the profile.
    pub name: Option<String>,
    pub file: Option<String>,
    /// The line in it, counted from 1.
    pub line: Option<usize>,
    /// All of it in words.
    #[serde(skip)]
    pub text: String,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct SettingView {
    /// As in the configuration file.
    #[serde(rename = "setting")]
    pub name: &'static str,
    /// As it would be written there, without a password; `None` where nobody set it and nothing
    /// is built in.
    pub value: Option<String>,
    /// Who set it; `None` if that is not wanted.
    pub origin: Option<OriginView>,
    /// What people are told instead of no value.
    #[serde(skip)]
    pub unset: &'static str,
}

impl View for SettingView {
    fn json(&self) -> impl Serialize {
        self
    }

    fn fields(&self, screen: &Screen) -> Vec<Field> {
        let value = match &self.value {
            Some(value) => Field::new("value", value.as_str()),
            None => Field::new("value", "").human(self.unset).tone(Tone::Dim),
        };
        let mut fields = vec![Field::new("setting", self.name), value];
        if let Some(origin) = &self.origin {
            let field = Field::new("origin", origin.text.as_str());
            // The file is named below the table, where a long path would not fit; the line comes
            // first, since the end may be cut.
            let field = match (screen.width, origin.kind, origin.line, &origin.name) {
                (Some(_), "profile", Some(line), Some(name)) => {
                    field.human(format!("line {line}, profile {name}"))
                }
                (Some(_), "file", Some(line), _) => field.human(format!("line {line}")),
                _ => field,
            };
            fields.push(field.open_end());
        }
        fields
    }
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct ProfileView {
    #[serde(rename = "profile")]
    pub name: String,
    /// Whether it is in use.
    pub used: bool,
    /// The store that it names, without a password.
    pub store: Option<String>,
    pub file: String,
    /// Where it begins in it, counted from 1.
    pub line: usize,
}

impl View for ProfileView {
    fn json(&self) -> impl Serialize {
        self
    }

    fn fields(&self, _: &Screen) -> Vec<Field> {
        let used = if self.used { "yes" } else { "no" };
        vec![
            Field::new("profile", self.name.as_str()),
            Field::new("used", used).tone(if self.used { Tone::Good } else { Tone::Normal }),
            Field::new("store", self.store.clone().unwrap_or_default()),
            Field::new("file", self.file.as_str()).extra(),
            Field::new("line", self.line.to_string()).extra(),
        ]
    }
}

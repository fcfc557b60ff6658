//! Reading a sink out of a manifest, whichever format that has.
//!
//! Serde's own errors repeat what they found (`invalid type: string "…"`). A token that stands in the
//! wrong place would be among that, so everything is taken as it comes and refused in words of ours.

use std::fmt;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor,
};

use super::sink::{KINDS, Kind, Sink};
use crate::domain::texts::near::nearest_word;
use crate::domain::texts::text::Shown;

impl<'de> Deserialize<'de> for Sink {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match deserializer.deserialize_any(Any { depth: 2 })? {
            Found::Members(members) => sink(members).map_err(D::Error::custom),
            Found::Text(_) | Found::Other => Err(D::Error::custom(format!(
                "a sink is its kind with what belongs to it, as in `file: tokens/alice`; kinds are {}",
                kinds()
            ))),
        }
    }
}

fn kinds() -> String {
    KINDS.map(|kind| kind.name).join(", ")
}

/// What stands there, as far as a sink is made of it.
enum Found {
    Text(String),
    /// In their order, and twice if they stand there twice.
    Members(Vec<(String, Found)>),
    Other,
}

fn sink(members: Vec<(String, Found)>) -> Result<Sink, String> {
    let [(name, value)] = <[_; 1]>::try_from(members).map_err(|members| match members.len() {
        0 => format!("a sink without a kind; kinds are {}", kinds()),
        _ => "a sink has one kind: begin each with a line of its own, `- KIND: …`".to_owned(),
    })?;
    let Some(kind) = KINDS.iter().find(|kind| kind.name == name) else {
        let near = nearest_word(&name, KINDS.iter().map(|kind| kind.name));
        let near = near.map(|near| format!("did you mean {near}? ")).unwrap_or_default();
        return Err(format!("{} is not a kind of sink; {near}kinds are {}", Shown(&name), kinds()));
    };
    read(kind, value).map_err(|why| format!("{}: {why}", kind.name))
}

fn read(kind: &Kind, value: Found) -> Result<Sink, String> {
    if kind.fields.is_empty() {
        let Found::Text(text) = value else {
            let what = if kind.name == "file" { "a path, as in `file: tokens/alice`" } else { "a name" };
            return Err(format!("{what} must follow, a text"));
        };
        return if kind.name == "file" {
            Ok(Sink::File(text.parse().map_err(|error| format!("path: {error}"))?))
        } else {
            Ok(Sink::Command(parsed("name", &text)?))
        };
    }
    let mut fields = Fields::of(kind, value)?;
    Ok(match kind.name {
        "dotenv" => Sink::Dotenv { path: fields.take("path")?, name: fields.take("name")? },
        "github_output" => Sink::GithubOutput { name: fields.take("name")? },
        "gitlab_dotenv" => Sink::GitlabDotenv { path: fields.take("path")?, name: fields.take("name")? },
        "kubernetes" => Sink::Kubernetes {
            path: fields.take("path")?,
            name: fields.take("name")?,
            namespace: fields.find("namespace")?,
            key: fields.take("key")?,
        },
        _ => Sink::Mem0 { path: fields.take("path")?, user: fields.take("user")? },
    })
}

fn parsed<T: std::str::FromStr<Err: fmt::Display>>(field: &str, text: &str) -> Result<T, String> {
    text.parse().map_err(|error| format!("{field}: {error}"))
}

/// The fields of one kind.
struct Fields {
    allowed: String,
    found: Vec<(String, String)>,
}

impl Fields {
    fn of(kind: &Kind, value: Found) -> Result<Self, String> {
        let allowed: Vec<&str> = kind.fields.iter().chain(kind.optional).copied().collect();
        let all = allowed.join(", ");
        let Found::Members(members) = value else {
            return Err(format!("fields must follow: {all}"));
        };
        let mut found: Vec<(String, String)> = Vec::new();
        for (field, value) in members {
            if !allowed.contains(&&*field) {
                return Err(format!("{} is no field of it; fields are {all}", Shown(&field)));
            }
            if found.iter().any(|(one, _)| *one == field) {
                return Err(format!("{field} stands there twice"));
            }
            let Found::Text(text) = value else {
                return Err(format!("{field} must be a text: put it into quotes"));
            };
            found.push((field, text));
        }
        Ok(Self { allowed: all, found })
    }

    fn take<T: std::str::FromStr<Err: fmt::Display>>(&mut self, field: &str) -> Result<T, String> {
        self.find(field)?.ok_or_else(|| format!("{field} is missing; fields are {}", self.allowed))
    }

    fn find<T: std::str::FromStr<Err: fmt::Display>>(&mut self, field: &str) -> Result<Option<T>, String> {
        let Some(at) = self.found.iter().position(|(one, _)| one == field) else { return Ok(None) };
        let (_, text) = self.found.swap_remove(at);
        parsed(field, &text).map(Some)
    }
}

/// Takes whatever comes: members so many levels deep, and of all that is no text only that it was there.
#[derive(Clone, Copy)]
struct Any {
    depth: u8,
}

/// More members than any kind has fields are wrong, however many follow.
const MOST_MEMBERS: usize = 16;

impl<'de> DeserializeSeed<'de> for Any {
    type Value = Found;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Found, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Any {
    type Value = Found;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sink")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Found, E> {
        Ok(Found::Text(text.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Found, A::Error> {
        let Some(depth) = self.depth.checked_sub(1) else {
            while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return Ok(Found::Other);
        };
        let mut found = Vec::new();
        while let Some(name) = members.next_key_seed(Self { depth: 0 })? {
            let value = members.next_value_seed(Self { depth })?;
            let Found::Text(name) = name else { return Err(A::Error::custom("a name must be a text")) };
            if found.len() < MOST_MEMBERS {
                found.push((name, value));
            }
        }
        Ok(Found::Members(found))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Found, A::Error> {
        while values.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Found::Other)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Found, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Found, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Found, E> {
        Ok(Found::Other)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Found, E> {
        Ok(Found::Other)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Found, E> {
        Ok(Found::Other)
    }

    fn visit_i128<E: Error>(self, _: i128) -> Result<Found, E> {
        Ok(Found::Other)
    }

    fn visit_u128<E: Error>(self, _: u128) -> Result<Found, E> {
        Ok(Found::Other)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Found, E> {
        Ok(Found::Other)
    }

    fn visit_unit<E: Error>(self) -> Result<Found, E> {
        Ok(Found::Other)
    }

    fn visit_none<E: Error>(self) -> Result<Found, E> {
        Ok(Found::Other)
    }

    fn visit_bytes<E: Error>(self, _: &[u8]) -> Result<Found, E> {
        Ok(Found::Other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Sink, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    #[test]
    fn each_kind_is_read_and_written_as_a_manifest_has_it() {
        for (written, identity) in [
            (r#"{"file":"tokens/alice"}"#, "file:tokens/alice"),
            (r#"{"dotenv":{"path":"app/.env","name":"ALICE_KEY"}}"#, "dotenv:app/.env#ALICE_KEY"),
            (r#"{"github_output":{"name":"alice_key"}}"#, "github_output:alice_key"),
            (r#"{"gitlab_dotenv":{"path":"build.env","name":"K"}}"#, "gitlab_dotenv:build.env#K"),
            (
                r#"{"kubernetes":{"path":"s.yaml","name":"alice-key","namespace":"prod","key":"token"}}"#,
                "kubernetes:s.yaml#prod/alice-key/token",
            ),
            (r#"{"kubernetes":{"path":"s.yaml","name":"a","key":"t"}}"#, "kubernetes:s.yaml#a/t"),
            (r#"{"mem0":{"path":"api_keys.json","user":"auth0|5f"}}"#, "mem0:api_keys.json#auth0|5f"),
            (r#"{"command":"bao-put"}"#, "command:bao-put"),
        ] {
            let sink = read(written).expect(written);
            assert_eq!(sink.to_string(), identity);
            assert_eq!(serde_json::to_string(&sink).expect("JSON"), written);
        }
    }

    #[test]
    fn one_place_has_one_identity_however_it_is_spelled() {
        for path in ["a/b", "./a/b", "a//b", "a/./b"] {
            let sink = read(&format!(r#"{{"file":"{path}"}}"#)).expect(path);
            assert_eq!(sink.to_string(), "file:a/b", "{path}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_what_is_allowed() {
        for (written, says) in [
            (
                "\"file\"",
                "a sink is its kind with what belongs to it, as in `file: tokens/alice`; kinds are file",
            ),
            ("7", "kinds are file, dotenv, github_output, gitlab_dotenv, kubernetes, mem0, command"),
            ("{}", "without a kind"),
            (r#"{"fil":"a"}"#, "fil is not a kind of sink; did you mean file? kinds are"),
            (r#"{"file":"a","dotenv":{}}"#, "a sink has one kind"),
            (r#"{"file":{"path":"a"}}"#, "file: a path, as in"),
            (r#"{"file":7}"#, "file: a path, as in"),
            (r#"{"file":""}"#, "file: path: it is empty"),
            (r#"{"file":"/etc/passwd"}"#, "it is absolute"),
            (r#"{"file":"a/../../b"}"#, "it has .. in it"),
            (r#"{"file":".."}"#, "it has .. in it"),
            (r#"{"file":"~/a"}"#, "it begins with ~"),
            (r#"{"file":"a/"}"#, "it ends with /"),
            (r#"{"file":"."}"#, "name a file, not a folder"),
            (r#"{"file":"a\nb"}"#, "it contains U+000A"),
            (r#"{"file":"a#b"}"#, "it contains '#'"),
            (r#"{"dotenv":"a"}"#, "dotenv: fields must follow: path, name"),
            (r#"{"dotenv":{"path":"a"}}"#, "dotenv: name is missing; fields are path, name"),
            (
                r#"{"dotenv":{"path":"a","name":"A","mode":"0644"}}"#,
                "mode is no field of it; fields are path, name",
            ),
            (r#"{"dotenv":{"path":"a","name":"A","name":"B"}}"#, "name stands there twice"),
            (r#"{"dotenv":{"path":"a","name":"A-B"}}"#, "name: allowed are 1 to 128 of A-Z a-z 0-9 and _"),
            (r#"{"dotenv":{"path":"a","name":"1A"}}"#, "first no digit"),
            (r#"{"dotenv":{"path":"a","name":true}}"#, "name must be a text: put it into quotes"),
            (r#"{"dotenv":{"path":"a","name":["A"]}}"#, "name must be a text"),
            (r#"{"dotenv":{"path":"a","name":{"A":{"B":1}}}}"#, "name must be a text"),
            (r#"{"kubernetes":{"path":"a","name":"A","key":"k"}}"#, "name: allowed are 1 to 253 of a-z"),
            (
                r#"{"kubernetes":{"path":"a","name":"a","namespace":"a.b","key":"k"}}"#,
                "namespace: allowed are",
            ),
            (r#"{"kubernetes":{"path":"a","name":"a","key":"../k"}}"#, "key: allowed are"),
            (r#"{"mem0":{"path":"a","user":"a b"}}"#, "user: it contains U+0020"),
            (r#"{"command":["sh","-c","x"]}"#, "command: a name must follow"),
            (r#"{"command":"sh -c x"}"#, "command: name: allowed are"),
        ] {
            let error = read(written).expect_err(written);
            assert!(error.contains(says), "{written}: {error}");
        }
    }

    #[test]
    fn no_error_repeats_a_secret() {
        let secret = "sks_4fTq9ZkPw2Xa_V24MWaMOt9xqkx6uRTOIOpVcS2MMOEFL2ACdhsHO2Kk4Qq3FA";
        for written in [
            "\"SECRET\"",
            r#"{"SECRET":"a"}"#,
            r#"{"file":"SECRET"}"#,
            r#"{"file":"a/SECRET"}"#,
            r#"{"file":"a/SECRET.txt"}"#,
            r#"{"command":"SECRET"}"#,
            r#"{"dotenv":{"path":"a","SECRET":"b"}}"#,
            r#"{"dotenv":{"path":"a","name":"SECRET"}}"#,
            r#"{"dotenv":{"path":"SECRET","name":"A"}}"#,
            r#"{"kubernetes":{"path":"a","name":"a","key":"SECRET"}}"#,
        ] {
            let error = read(&written.replace("SECRET", secret)).expect_err(written);
            assert!(!error.contains("V24MWaMOt9"), "{written}: {error}");
        }
    }

    #[test]
    fn two_keys_cannot_have_one_place() {
        let clash = |one: &str, other: &str| {
            let (one, other) = (read(one).expect(one), read(other).expect(other));
            assert_eq!(one.clashes_with(&other), other.clashes_with(&one));
            one.clashes_with(&other)
        };
        let env = |name: &str| format!(r#"{{"dotenv":{{"path":".env","name":"{name}"}}}}"#);
        let secret = |name: &str, key: &str| {
            format!(r#"{{"kubernetes":{{"path":"s.yaml","name":"{name}","key":"{key}"}}}}"#)
        };
        let mem0 = |user: &str| format!(r#"{{"mem0":{{"path":".env","user":"{user}"}}}}"#);
        assert!(clash(&env("A"), &env("A")) && !clash(&env("A"), &env("B")));
        assert!(clash(r#"{"file":".env"}"#, &env("A")) && !clash(r#"{"file":"a"}"#, r#"{"file":"b"}"#));
        assert!(clash(&secret("a", "k"), &secret("a", "k")) && !clash(&secret("a", "k"), &secret("a", "l")));
        assert!(clash(&secret("a", "k"), &secret("b", "l")));
        assert!(clash(&mem0("a"), &mem0("a")) && !clash(&mem0("a"), &mem0("b")));
        assert!(!clash(&mem0("a"), &env("A")) && clash(&mem0("a"), &env("API_KEYS")));
        assert!(!clash(r#"{"command":"bao"}"#, r#"{"command":"bao"}"#));
    }
}

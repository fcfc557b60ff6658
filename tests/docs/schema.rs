//! The JSON schemas in `docs/schema/`: what is wrong with a value by them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use jsonschema::{Registry, Validator};
use serde_json::{Value, json};

use super::read;
use crate::support::cli::Sandbox;
use crate::support::store::Place;

/// Where the schemas stand for each other; never fetched.
const BASE: &str = "file:///schema/";

/// All schemas by their names.
pub(super) struct Schemas {
    files: BTreeMap<String, Value>,
}

impl Schemas {
    pub(super) fn read() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema");
        let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
        let paths = entries.filter(|path| path.extension().is_some_and(|end| end == "json"));
        let file = |path: PathBuf| {
            let name = path.file_stem().expect("a name").display().to_string();
            let text = fs::read_to_string(&path).expect("read");
            let schema = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
            (name, schema)
        };
        Self { files: paths.map(file).collect() }
    }

    /// The names of the definitions in a schema.
    pub(super) fn parts(&self, name: &str) -> Vec<String> {
        self.files[name]["$defs"].as_object().into_iter().flatten().map(|(part, _)| part.clone()).collect()
    }

    /// As [`Self::faults`], by one definition in a schema.
    pub(super) fn faults_of_part(&self, name: &str, part: &str, value: &Value) -> Vec<String> {
        let invalid = self.validator(&format!("{name}.json#/$defs/{part}"));
        let mut faults: Vec<String> = invalid.iter_errors(value).map(|error| error.to_string()).collect();
        self.unnamed(&[(name, &self.files[name]["$defs"][part])], value, "", &mut faults);
        faults
    }

    fn validator(&self, reference: &str) -> Validator {
        let mut registry = Registry::new();
        for (name, schema) in &self.files {
            registry = registry.add(format!("{BASE}{name}.json"), schema).expect("a schema");
        }
        let registry = registry.prepare().expect("references that lead somewhere");
        let schema = json!({ "$ref": format!("{BASE}{reference}") });
        let options = jsonschema::options().with_registry(&registry).should_validate_formats(true);
        options.build(&schema).unwrap_or_else(|error| panic!("{reference}: {error}"))
    }

    /// What is wrong with a printed value: it is not valid, or holds a field that the schema does
    /// not name. To a validator the second is fine, since fields are added.
    pub(super) fn faults(&self, name: &str, value: &Value) -> Vec<String> {
        let validator = self.validator(&format!("{name}.json"));
        let invalid = validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path()));
        let mut faults: Vec<String> = invalid.collect();
        self.unnamed(&[(name, &self.files[name])], value, "", &mut faults);
        faults
    }

    fn unnamed(&self, schemas: &[(&str, &Value)], value: &Value, at: &str, faults: &mut Vec<String>) {
        let schemas: Vec<(&str, &Value)> =
            schemas.iter().flat_map(|(file, schema)| self.expanded(file, schema)).collect();
        let below = |keyword: &str| -> Vec<(&str, &Value)> {
            schemas.iter().filter_map(|(file, schema)| Some((*file, schema.get(keyword)?))).collect()
        };
        match value {
            Value::Object(fields) => {
                let (named, listed) = (below("properties"), below("propertyNames"));
                for (name, value) in fields {
                    let found: Vec<(&str, &Value)> =
                        named.iter().filter_map(|(file, names)| Some((*file, names.get(name)?))).collect();
                    let in_list = |names: &Value| {
                        names["enum"].as_array().is_some_and(|names| names.contains(&json!(name)))
                    };
                    if found.is_empty()
                        && !named.is_empty()
                        && !listed.iter().any(|(_, names)| in_list(names))
                    {
                        faults.push(format!("{at}/{name} is in no schema"));
                    }
                    self.unnamed(&found, value, &format!("{at}/{name}"), faults);
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.unnamed(&below("items"), item, &format!("{at}/{index}"), faults);
                }
            }
            _ => {}
        }
    }

    /// A schema and all that it is made of, each with the file that it stands in.
    fn expanded<'s>(&'s self, file: &'s str, schema: &'s Value) -> Vec<(&'s str, &'s Value)> {
        let mut found = vec![(file, schema)];
        if let Some(reference) = schema["$ref"].as_str() {
            let (target, pointer) = reference.split_once('#').unwrap_or((reference, ""));
            let target = if target.is_empty() { file } else { target.trim_end_matches(".json") };
            let (target, content) = self.files.get_key_value(target).expect("a file");
            found.extend(self.expanded(target, content.pointer(pointer).expect("a definition")));
        }
        for keyword in ["allOf", "anyOf", "oneOf"] {
            for part in schema[keyword].as_array().into_iter().flatten() {
                found.extend(self.expanded(file, part));
            }
        }
        found
    }
}

/// Every object within a schema that names fields.
fn objects<'s>(schema: &'s Value, found: &mut Vec<&'s Value>) {
    match schema {
        Value::Object(fields) => {
            if fields.get("properties").is_some_and(Value::is_object) {
                found.push(schema);
            }
            fields.values().for_each(|part| objects(part, found));
        }
        Value::Array(parts) => parts.iter().for_each(|part| objects(part, found)),
        _ => {}
    }
}

#[test]
fn a_field_that_is_missing_new_or_of_another_form_is_found() {
    let schemas = Schemas::read();
    let sandbox = Sandbox::with_store(Place::sqlite());
    sandbox.ok(&["mint", "alice", "--scope", "m", "--rate", "5/s"]);
    let key = sandbox.json(&["show", "alice"]);
    assert_eq!(schemas.faults("key", &key), Vec::<String>::new());
    let planted: [(&str, &str, Value); 7] = [
        ("", "new", json!(1)),
        ("/token", "hash", json!("a")),
        ("/rate", "per_minute", json!(null)),
        ("", "id", json!("key_1")),
        ("", "created_at", json!("2027-01-31T12:00:00+01:00")),
        ("", "state", json!("alive")),
        ("/token", "prefix", key["token"]["id"].clone()),
    ];
    for (at, field, value) in planted {
        let mut altered = key.clone();
        altered.pointer_mut(at).expect("an object")[field] = value;
        assert!(!schemas.faults("key", &altered).is_empty(), "{at}/{field} went unnoticed");
    }
    for (name, _) in key.as_object().expect("an object") {
        let mut altered = key.clone();
        altered.as_object_mut().expect("an object").remove(name);
        assert!(!schemas.faults("key", &altered).is_empty(), "the missing {name} went unnoticed");
    }
}

/// Absent is `null`, never missing; and fields are only ever added, so none is forbidden.
#[test]
fn every_field_is_required_and_more_are_allowed() {
    for (name, schema) in Schemas::read().files {
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema", "{name}");
        assert!(schema["title"].is_string(), "{name}");
        let mut found = Vec::new();
        objects(&schema, &mut found);
        for object in found {
            let fields = object["properties"].as_object().expect("an object");
            let mut names: Vec<&str> = fields.keys().map(String::as_str).collect();
            let required = object["required"].as_array().into_iter().flatten();
            let mut required: Vec<&str> = required.filter_map(Value::as_str).collect();
            // Records are shown as they were written, some before these were, or not in the portal.
            let may_lack = ["raised", "session", "made_by", "portal", "canary", "device", "refreshes"];
            names.retain(|field| {
                name != "audit-body" || !may_lack.contains(field) || required.contains(field)
            });
            names.sort_unstable();
            required.sort_unstable();
            assert_eq!(names, required, "{name}");
            let closed = [&object["additionalProperties"], &object["unevaluatedProperties"]];
            assert!(closed.iter().all(|keyword| keyword.is_null()), "{name}");
        }
    }
}

#[test]
fn every_schema_is_listed_and_in_use() {
    let list = read("docs/schema/README.md");
    let schemas = Schemas::read();
    let all: String = schemas.files.values().map(Value::to_string).collect();
    for name in schemas.files.keys() {
        let is_part = all.contains(&format!("\"{name}.json"));
        assert!(is_part || super::printed::is_of_a_command(name), "{name} is of nothing");
        assert!(list.contains(&format!("({name}.json)")), "docs/schema/README.md does not list {name}");
    }
}

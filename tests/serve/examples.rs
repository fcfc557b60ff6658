//! The other files of `contrib/`: what they start is a `keyctl serve` that could serve.

use yaml_rust2::{Yaml, YamlLoader};

use super::gateway::read;
use crate::support::cli::Sandbox;
use crate::support::cluster;
use crate::support::store::Place;

const CONFIG: &str = "/etc/keyctl/serve.toml";

/// Runs a command line of `contrib/` with `--check`, and this configuration.
fn checks(words: &[&str], config: &str) {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let certificates = sandbox.state.path();
    cluster::certificates(certificates, "an authority of the test").expect("certificates");
    let place = |name: &str| certificates.join(name).display().to_string();
    let text = config
        .replace("/run/secrets/tls/tls.crt", &place("server.pem"))
        .replace("/run/secrets/tls/tls.key", &place("server.key"));
    std::fs::write(certificates.join("serve.toml"), text).expect("written");
    let words: Vec<String> = words.iter().map(|word| word.replace(CONFIG, &place("serve.toml"))).collect();
    assert!(words.iter().any(|word| word.ends_with("serve.toml")), "{words:?}");
    let said = sandbox.run(&[&words[..], &["--check".to_owned()]].concat()).expect_code(0).stderr;
    assert!(said.contains("policies: @memories"), "{said}");
}

fn documents(name: &str) -> Vec<Yaml> {
    YamlLoader::load_from_str(&read(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn words(yaml: &Yaml) -> Vec<&str> {
    yaml.as_vec().expect("a list").iter().map(|word| word.as_str().expect("a text")).collect()
}

#[test]
fn systemd() {
    let unit = read("contrib/systemd/keyctl-serve.service");
    let start =
        unit.lines().find_map(|line| line.strip_prefix("ExecStart=/usr/local/bin/keyctl ")).expect("a start");
    checks(&start.split(' ').collect::<Vec<_>>(), &read("contrib/serve.toml"));
}

#[test]
fn docker_compose() {
    let [compose] = <[Yaml; 1]>::try_from(documents("contrib/compose/compose.yaml")).expect("one document");
    checks(&words(&compose["services"]["keyctl"]["command"]), &read("contrib/serve.toml"));
}

#[test]
fn kubernetes() {
    let documents = documents("contrib/kubernetes/keyctl.yaml");
    let of_kind = |kind: &str| {
        documents.iter().find(|document| document["kind"].as_str() == Some(kind)).expect("a document")
    };
    let container = &of_kind("Deployment")["spec"]["template"]["spec"]["containers"][0];
    let config = of_kind("ConfigMap")["data"]["serve.toml"].as_str().expect("a configuration");
    checks(&words(&container["args"]), config);
    assert_eq!(container["securityContext"]["readOnlyRootFilesystem"].as_bool(), Some(true));
}

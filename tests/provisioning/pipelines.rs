//! The action for GitHub and the template for GitLab in contrib/: their scripts, run as those run them.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use regex::{Captures, Regex};
use yaml_rust2::{Yaml, YamlLoader};

use super::{TEAM, allowed, declare, read};
use crate::support::both;
use crate::support::cli::{PROGRAM, Ran, Sandbox, finish};

fn file(path: &str) -> Yaml {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let text = fs::read_to_string(path).expect("a file");
    YamlLoader::load_from_str(&text).expect("YAML").remove(0)
}

/// The program in an archive, as scripts/package makes it; its checksum.
fn archive(sandbox: &Sandbox) -> String {
    let script =
        "mkdir -p keyctl-0/bin && strip -o keyctl-0/bin/keyctl \"$1\" && tar -czf keyctl.tar.gz keyctl-0 &&
        rm -r keyctl-0 && sha256sum keyctl.tar.gz | cut -d ' ' -f 1";
    let mut command = shell(sandbox, script);
    command.arg("bash").arg(PROGRAM);
    finish(command, b"").expect_code(0).stdout.trim().to_owned()
}

/// bash as both call it, with the store in its environment.
fn shell(sandbox: &Sandbox, script: &str) -> Command {
    let mut command = Command::new("bash");
    command.args(["--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script]).env_clear();
    command.env("PATH", "/usr/bin:/bin").env("HOME", sandbox.home()).current_dir(sandbox.home());
    command.env("KEYCTL_STORE", sandbox.place.text()).env("PGPASSWORD", crate::support::postgres::PASSWORD);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// A job of GitHub's: where its runner keeps files, and what the steps wrote into them.
struct Job<'s> {
    sandbox: &'s Sandbox,
    folder: PathBuf,
}

impl<'s> Job<'s> {
    fn new(sandbox: &'s Sandbox, name: &str) -> Self {
        let folder = sandbox.home().join(name);
        fs::create_dir(&folder).expect("a folder");
        for name in ["path", "output", "summary"] {
            fs::write(folder.join(name), "").expect("written");
        }
        Self { sandbox, folder }
    }

    fn said(&self, name: &str) -> String {
        fs::read_to_string(self.folder.join(name)).expect("a file")
    }

    /// Runs each step of the action until one fails; what is not `with` has the action's default.
    fn uses(&self, action: &Yaml, with: &[(&str, &str)]) -> Ran {
        let given: HashMap<&str, &str> = with.iter().copied().collect();
        let value = |expression: &str| match expression.strip_prefix("inputs.") {
            Some(name) => {
                let default = action["inputs"][name]["default"].as_str().unwrap_or_default();
                (*given.get(name).unwrap_or(&default)).to_owned()
            }
            None => match expression {
                "github.repository" => "acme/app".to_owned(),
                "github.run_id" => "17".to_owned(),
                other => panic!("the action asks for {other}"),
            },
        };
        let expression = Regex::new(r"\$\{\{ ([a-z0-9_.]+) \}\}").expect("a pattern");
        let mut last = None;
        for step in action["runs"]["steps"].as_vec().expect("steps") {
            let script = step["run"].as_str().expect("a script");
            assert!(!script.contains("${{"), "a value is written into a script");
            let mut command = shell(self.sandbox, script);
            for (variable, name) in
                [("GITHUB_PATH", "path"), ("GITHUB_OUTPUT", "output"), ("GITHUB_STEP_SUMMARY", "summary")]
            {
                command.env(variable, self.folder.join(name));
            }
            command.env("RUNNER_TEMP", &self.folder);
            for (name, text) in step["env"].as_hash().expect("variables") {
                let text = text.as_str().expect("a text");
                let filled = expression.replace_all(text, |found: &Captures<'_>| value(&found[1]));
                command.env(name.as_str().expect("a name"), filled.as_ref());
            }
            let ran = finish(command, b"");
            let failed = ran.code != Some(0);
            last = Some(ran);
            if failed {
                break;
            }
        }
        last.expect("a step")
    }
}

both!(the_action_for_github_plans_and_applies_and_takes_no_other_archive, |place| {
    let sandbox = Sandbox::with_store(place);
    declare(&sandbox, TEAM);
    let sum = archive(&sandbox);
    let action = file("contrib/github/action.yml");
    let with = [("archive", "keyctl.tar.gz"), ("sha256", sum.as_str())];
    let and = |more: &[(&'static str, &'static str)]| [&with[..], more].concat();

    let first = Job::new(&sandbox, "first");
    first.uses(&action, &with).expect_code(0);
    assert_eq!(first.said("output"), "changes=true\n");
    assert!(first.said("summary").contains("alice/default"), "{}", first.said("summary"));
    assert!(first.said("path").ends_with("/keyctl/bin\n"));

    let second = Job::new(&sandbox, "second");
    let applied = second.uses(&action, &and(&[("command", "apply")])).expect_code(0);
    let token = read(&sandbox, "tokens/alice");
    assert!(allowed(&sandbox, &token));
    assert!(!format!("{applied:?}").contains(&token), "{applied:?}");
    let actor = sandbox.run(&["audit", "list", "--actor", "github:acme/app/17"]).expect_code(0);
    assert!(actor.stdout.contains("alice"), "{actor:?}");

    let third = Job::new(&sandbox, "third");
    third.uses(&action, &and(&[("arguments", "--select\nteam=search\n")])).expect_code(0);
    assert_eq!(third.said("output"), "changes=false\n");

    // What is not what was released is not run, and what plan refuses fails the job.
    let other = Job::new(&sandbox, "other");
    let ran = other.uses(&action, &[("archive", "keyctl.tar.gz"), ("sha256", &"0".repeat(64))]);
    assert_eq!((ran.code, other.said("path").as_str()), (Some(1), ""), "{ran:?}");
    let wrong = Job::new(&sandbox, "wrong");
    wrong.uses(&action, &and(&[("manifest", "none.yaml; touch injected")])).expect_code(2);
    assert!(!sandbox.home().join("injected").exists());
    assert_eq!(wrong.said("output"), "");
});

both!(the_template_for_gitlab_plans_for_a_merge_request_and_applies_on_the_default_branch, |place| {
    let sandbox = Sandbox::with_store(place);
    declare(&sandbox, TEAM);
    let sum = archive(&sandbox);
    let template = file("contrib/gitlab/keyctl.yml");
    let run = |job: &str, sum: &str| {
        let lines = |of: &Yaml| -> String {
            of.as_vec()
                .into_iter()
                .flatten()
                .filter_map(|line| Some(format!("{}\n", line.as_str()?)))
                .collect()
        };
        let extended = template[job]["extends"].as_str().expect("what it extends");
        let script = lines(&template[extended]["before_script"]) + &lines(&template[job]["script"]);
        let mut command = shell(&sandbox, &script);
        command.env("KEYCTL_MANIFEST", template["variables"]["KEYCTL_MANIFEST"].as_str().expect("a default"));
        command.env("KEYCTL_ARCHIVE", "keyctl.tar.gz").env("KEYCTL_SHA256", sum);
        finish(command, b"")
    };
    run("keyctl:plan", &sum).expect_code(10);
    assert_eq!(template["keyctl:plan"]["allow_failure"]["exit_codes"][0].as_i64(), Some(10));
    run("keyctl:apply", &"0".repeat(64)).expect_code(1);
    run("keyctl:apply", &sum).expect_code(0);
    assert!(allowed(&sandbox, &read(&sandbox, "tokens/alice")));
    run("keyctl:plan", &sum).expect_code(0);
});

//! The README's way from a key to a short-lived token, as it stands there.

use std::path::Path;
use std::process::Command;

use crate::support::cli::{PROGRAM, finish};
use crate::support::cluster::free_port;

/// What stands in the README, with this port, a server that is waited for and ended, and itself as the service.
fn flow(port: u16) -> String {
    let readme = include_str!("../../README.md");
    let begin = readme.find("keyctl store set issuer").expect("the flow");
    let flow = &readme[begin..begin + readme[begin..].find("```").expect("its end")];
    assert_eq!(flow.matches("curl ").count(), 3, "{flow}");
    let own = format!("http://127.0.0.1:{port}");
    let server = format!(
        "--listen 127.0.0.1:{port}=all 2>serve.log & trap \"kill $!\" EXIT\nuntil curl -sf {own}/readyz; do sleep 0.1; done\n"
    );
    flow.replace("http://127.0.0.1:8711", &own)
        .replace("&\n", &server)
        .replace("https://memories.example.com/v1/memories", &format!("-D - {own}/auth/caddy/chat"))
}

#[test]
fn a_key_is_exchanged_by_curl() {
    let home = tempfile::tempdir().expect("folder");
    let programs = Path::new(PROGRAM).parent().expect("a folder").display().to_string();
    let run = |script: &str| {
        let mut command = Command::new("bash");
        command.args(["-euo", "pipefail", "-c", script]).env_clear().current_dir(home.path());
        command.env("HOME", home.path()).env("PATH", format!("{programs}:/usr/bin:/bin"));
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        finish(command, b"").expect_code(0).stdout
    };
    // The master key as the README makes it, for commands and for serve.
    let master_key = "mkdir -p ~/.config/keyctl; keyctl master init --out-file ~/.config/keyctl/master.key -q
        echo 'master_key_file = \"~/.config/keyctl/master.key\"' > ~/.config/keyctl/config.toml";
    run(&format!("{master_key}\nkeyctl mint bot --scope chat --out-file bot.token -q"));
    let said = run(&flow(free_port().expect("a port")));
    assert!(said.contains("\"kty\":\"EC\""), "{said}");
    assert!(said.contains("HTTP/1.1 200") && said.contains("x-keyctl-type: jwt"), "{said}");
    assert!(said.contains("x-keyctl-owner: bot"), "{said}");
}

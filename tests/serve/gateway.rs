//! The real gateways, each with the files of `contrib/` as they stand there but for addresses.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::client::get;
use super::installed;
use crate::support::cluster::{Running, free_port, wait_until};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Nginx,
    /// What the documents show of it.
    ShortNginx,
    Caddy,
    Traefik,
    Envoy,
}

impl Kind {
    /// As serve calls it.
    pub fn dialect(self) -> &'static str {
        match self {
            Self::Nginx | Self::ShortNginx => "nginx",
            Self::Caddy => "caddy",
            Self::Traefik => "traefik",
            Self::Envoy => "envoy",
        }
    }
}

/// One that runs, until this is dropped.
pub struct Gateway {
    pub kind: Kind,
    pub address: SocketAddr,
    running: Option<Running>,
    folder: TempDir,
}

impl Gateway {
    /// Asks keyctl at one port and sends what may pass to the backend at another.
    pub fn start(kind: Kind, keyctl: u16, backend: u16) -> Self {
        let folder = tempfile::tempdir().expect("folder");
        let address = (Ipv4Addr::LOCALHOST, free_port().expect("a free port")).into();
        let mut gateway = Self { kind, address, running: None, folder };
        let program = gateway.program(keyctl, backend);
        let log = gateway.folder.path().join("log");
        gateway.running = Some(Running::start(&program, &log, "KILL", None).expect("starts"));
        // Traefik listens before it knows a route.
        let is_ready = || get("/").try_send(address).is_ok_and(|response| response.status != 404);
        wait_until(&log, is_ready).expect("ready");
        gateway
    }

    /// What it wrote on both streams.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    fn program(&self, keyctl: u16, backend: u16) -> Command {
        let folder = self.folder.path();
        let ports = [("8711", keyctl), ("3000", backend), ("8080", self.address.port())];
        let file = |name: &str| {
            let path = folder.join(Path::new(name).file_name().expect("a name"));
            fs::write(&path, with_ports(&read(name), &ports)).expect("written");
            path
        };
        let mut command = Command::new("env");
        command.args(["-i", "PATH=/usr/sbin:/usr/bin:/bin"]).arg(format!("HOME={}", folder.display()));
        match self.kind {
            Kind::Nginx => return self.nginx(command, &file("contrib/nginx/keyctl.conf")),
            Kind::ShortNginx => {
                let path = folder.join("short.conf");
                let text = format!("server {{\nlisten 127.0.0.1:8080;\n{}}}\n", short_recipe());
                fs::write(&path, with_ports(&text, &ports)).expect("written");
                return self.nginx(command, &path);
            }
            Kind::Caddy => {
                let path = file("contrib/caddy/Caddyfile");
                // Its interface for administration has one port for all.
                let text = fs::read_to_string(&path).expect("read");
                fs::write(&path, format!("{{\n\tadmin off\n}}\n{text}")).expect("written");
                command.arg(installed::program("gateways", "caddy")).args([
                    "run",
                    "--adapter",
                    "caddyfile",
                    "--config",
                ]);
                command.arg(path);
            }
            Kind::Traefik => {
                let watched = file("contrib/traefik/keyctl.yml");
                let path = file("contrib/traefik/traefik.yml");
                let text = fs::read_to_string(&path).expect("read");
                let text = text.replace("/etc/traefik/keyctl.yml", &watched.display().to_string());
                fs::write(&path, text).expect("written");
                command.arg(installed::program("gateways", "traefik"));
                command.arg(format!("--configFile={}", path.display()));
            }
            Kind::Envoy => {
                let path = file("contrib/envoy/envoy.yaml");
                command.arg(installed::program("gateways", "envoy")).arg("-c").arg(path);
                command.args(["--use-dynamic-base-id", "--concurrency", "1", "--log-level", "warn"]);
            }
        }
        command
    }

    fn nginx(&self, mut command: Command, included: &Path) -> Command {
        let folder = self.folder.path();
        let main = folder.join("nginx.conf");
        fs::write(&main, nginx_conf(folder, included)).expect("written");
        command
            .arg("nginx")
            .arg("-p")
            .arg(folder)
            .arg("-c")
            .arg(main)
            .arg("-e")
            .arg(folder.join("error.log"));
        command
    }
}

/// What the README shows.
fn short_recipe() -> String {
    let document = read("README.md");
    let (_, shown) = document.split_once("```text\nlocation / {").expect("the recipe");
    let (recipe, _) = shown.split_once("```").expect("its end");
    format!("location / {{{recipe}")
}

/// A file of the project.
pub fn read(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The text with other ports: each must occur in it, or it would be tested with somebody else's.
pub fn with_ports(text: &str, ports: &[(&str, u16)]) -> String {
    ports.iter().fold(text.to_owned(), |text, (from, to)| {
        let plain = format!("127.0.0.1:{from}");
        let yaml = format!("port_value: {from}");
        text.replace(&plain, &format!("127.0.0.1:{to}")).replace(&yaml, &format!("port_value: {to}"))
    })
}

/// What distributions put around `/etc/nginx/conf.d/`; and larger headers than serve takes.
pub fn nginx_conf(folder: &Path, included: &Path) -> String {
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("{name}_temp_path {};", folder.join(name).display()))
        .join("\n");
    format!(
        "daemon off;\npid {};\nworker_processes 1;\nevents {{}}\nhttp {{\n{temporary}\naccess_log off;\nlarge_client_header_buffers 4 64k;\ninclude {};\n}}\n",
        folder.join("pid").display(),
        included.display()
    )
}

//! Who is killed and stopped, and when.

use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::model::STOPPED;
use super::town::{Town, now};
use crate::support::chance::Chance;

/// How many are killed.
pub struct Disturbance {
    /// Whoever runs at that moment.
    pub kills: usize,
    /// Whoever waits for the provider's answer.
    pub on_the_wire: usize,
}

/// Stops one process after another for a while, and kills some, until all is over.
pub fn disturb(town: &Town, seed: u64, wanted: &Disturbance) {
    let mut chance = Chance(seed);
    let (mut kills, mut on_the_wire) = (wanted.kills, wanted.on_the_wire);
    let is_over = || town.is_over.load(Ordering::Relaxed);
    while !is_over() {
        thread::sleep(Duration::from_millis(200 + chance.below(600)));
        match chance.below(5) {
            0 if on_the_wire > 0 => {
                on_the_wire -= usize::from(kill_on_the_wire(town, on_the_wire % 2 == 1));
            }
            0 | 1 if kills > 0 => kills -= usize::from(signal(town, &mut chance, Signal::KILL).is_some()),
            _ => {
                let Some(stopped) = signal(town, &mut chance, Signal::STOP) else { continue };
                let most = STOPPED.unsigned_abs() - 200;
                thread::sleep(Duration::from_millis(100 + chance.below(most)));
                send(town, stopped, Signal::CONT);
            }
        }
    }
}

/// To somebody who runs. Who it was.
fn signal(town: &Town, chance: &mut Chance, signal: Signal) -> Option<u32> {
    let running: Vec<u32> = town.running.lock().expect("nobody panicked").keys().copied().collect();
    if running.is_empty() {
        return None;
    }
    let process = running[chance.among(running.len())];
    send(town, process, signal).then_some(process)
}

/// Only while it was not waited for: its number may be another's after that.
fn send(town: &Town, process: u32, signal: Signal) -> bool {
    let running = town.running.lock().expect("nobody panicked");
    let Some(pid) = Pid::from_raw(process.cast_signed()).filter(|_| running.contains_key(&process)) else {
        return false;
    };
    if signal == Signal::KILL {
        town.kills.lock().expect("nobody panicked").push(now());
    }
    kill_process(pid, signal).is_ok()
}

/// Kills who waits for the answer to the next request: after the provider did it, or before. Whether one was.
fn kill_on_the_wire(town: &Town, is_done: bool) -> bool {
    let seen = requests(town).len();
    if is_done {
        town.provider.hold(1_500)
    } else {
        town.provider.hold_before(1_500)
    }
    let begun = Instant::now();
    let mut killed = false;
    while begun.elapsed() < Duration::from_secs(8) && !town.is_over.load(Ordering::Relaxed) {
        thread::sleep(Duration::from_millis(30));
        let requests = requests(town);
        let Some(request) = requests.get(seen) else { continue };
        if is_done && request["status"].is_null() {
            continue;
        }
        let port = request["port"].as_u64().expect("a port");
        let running: Vec<u32> = town.running.lock().expect("nobody panicked").keys().copied().collect();
        killed = running.into_iter().any(|process| has(process, port) && send(town, process, Signal::KILL));
        break;
    }
    town.provider.hold(0);
    killed
}

fn requests(town: &Town) -> Vec<serde_json::Value> {
    town.provider.history()["requests"].as_array().expect("a list").clone()
}

/// Whether a process has the connection from this port of loopback (proc(5): `/proc/net/tcp`).
fn has(process: u32, port: u64) -> bool {
    let local = format!("0100007F:{port:04X}");
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap_or_default();
    let row = table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let mut sockets = row.filter(|cells| cells.get(1) == Some(&local.as_str()));
    let Some(socket) = sockets.next().map(|cells| format!("socket:[{}]", cells[9])) else { return false };
    let open = std::fs::read_dir(format!("/proc/{process}/fd")).into_iter().flatten().flatten();
    open.filter_map(|file| std::fs::read_link(file.path()).ok())
        .any(|link| link.as_os_str() == socket.as_str())
}

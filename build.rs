//! Links the program without the loader of shared libraries, which costs a fifth of a short process
//! (`docs/performance.md`), where the system has its C library as an archive: with glibc on Linux. It
//! stays position-independent, since it holds master keys. Anywhere else it is linked as Rust does it.
//!
//! And puts side by side what short commands run (`first.ld`), which costs a tenth of one where it lies all over the program:
//! the kernel maps each place of it when it is first run. That is for every linker that takes such a script and makes a
//! program by it that runs.
//!
//! `-C target-feature=+crt-static` would do the same, but in a checkout's configuration it is taken
//! for procedural macros, too, which are shared libraries. So the linker gets a folder that is
//! searched first, with archives under the names that the standard library asks for.

#![allow(clippy::disallowed_methods, reason = "cargo tells a build script in the environment what it builds")]

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed={FIRST}");
    println!("cargo:rerun-if-env-changed=RUSTC_LINKER");
    let linked = if is_for_this_system() { archives().and_then(|found| link(&found)) } else { None };
    let how = if linked.is_some() { "static" } else { "dynamic" };
    println!("cargo:rustc-env=KEYCTL_LINKED={how}");
    if let Some(script) = first() {
        link_args(&format!("-T{}", script.display()));
    }
}

/// By `scripts/link-order`.
const FIRST: &str = "first.ld";

/// Where the names of the functions that come first are, if this is a build whose speed matters and its linker takes them.
fn first() -> Option<PathBuf> {
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|found| found == value);
    let target = env::var("TARGET").ok()?;
    if !(is("PROFILE", "release") && is("CARGO_CFG_TARGET_OS", "linux") && is("HOST", &target)) {
        return None;
    }
    let script = Path::new(&env::var_os("CARGO_MANIFEST_DIR")?).join(FIRST);
    let tried = Path::new(&env::var_os("OUT_DIR")?).join("tried");
    let source = tried.with_extension("rs");
    fs::write(&source, "fn main() {}").ok()?;
    let mut rustc = Command::new(env::var_os("RUSTC")?);
    rustc.args(["--edition", "2024", "--target", &target, "-o"]).arg(&tried).arg(&source);
    if let Some(linker) = env::var_os("RUSTC_LINKER") {
        let mut flag = OsString::from("linker=");
        flag.push(linker);
        rustc.arg("-C").arg(flag);
    }
    let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    rustc.args(flags.split('\x1f').filter(|flag| !flag.is_empty()));
    let mut flag = OsString::from("link-arg=-T");
    flag.push(&script);
    let is_made = rustc.arg("-C").arg(flag).output().ok()?.status.success();
    (is_made && Command::new(&tried).status().ok()?.success()).then_some(script)
}

/// An example is what the program is measured beside (`benches/leanest/`). The others are services, which a
/// loader may have to bring a library to, as `faketime` does in their tests.
fn link_args(flag: &str) {
    println!("cargo:rerun-if-env-changed={LEANEST}");
    let examples = env::var_os(LEANEST).map(|_| "examples");
    for kind in ["bins"].into_iter().chain(examples) {
        println!("cargo:rustc-link-arg-{kind}={flag}");
    }
}

/// Whether the compiler of this machine, and its C library, are those of the target.
fn is_for_this_system() -> bool {
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|found| found == value);
    is("CARGO_CFG_TARGET_OS", "linux")
        && is("CARGO_CFG_TARGET_ENV", "gnu")
        // Else random bytes would come from a file: what asks for them looks the system call up in a shared
        // library, and there is none (`findings/`).
        && is("CARGO_CFG_GETRANDOM_BACKEND", "linux_getrandom")
        && env::var("HOST").is_ok_and(|host| is("TARGET", &host))
        && !env::var("CARGO_CFG_TARGET_FEATURE")
            .is_ok_and(|all| all.split(',').any(|one| one == "crt-static"))
}

/// Bytes of an archive that holds nothing, as that of threads since they are part of the C library.
const EMPTY_ARCHIVE: u64 = 8;

struct Archives {
    c: PathBuf,
    math: PathBuf,
    compiler: PathBuf,
    unwinding: PathBuf,
}

/// What is linked; `None` where something of it is not installed, or glibc is older than 2.34: only
/// since then it finds hosts and users without shared libraries of its own.
fn archives() -> Option<Archives> {
    find("rcrt1.o")?;
    let threads = fs::metadata(find("libpthread.a")?).ok()?;
    if threads.len() > EMPTY_ARCHIVE {
        return None;
    }
    Some(Archives {
        c: find("libc.a")?,
        math: find("libm.a")?,
        compiler: find("libgcc.a")?,
        unwinding: find("libgcc_eh.a")?,
    })
}

/// Set by `scripts/bench` where it builds what the program is measured beside.
const LEANEST: &str = "KEYCTL_LEANEST";

fn compiler() -> Command {
    Command::new(env::var_os("RUSTC_LINKER").unwrap_or_else(|| "cc".into()))
}

/// Since this version the C library reads the addresses that a position-independent program corrects when it
/// starts as a bitmap (`DT_RELR`), of which a page takes the place of 69 pages of a list.
const PACKED_ADDRESSES: (u32, u32) = (2, 36);

/// The version of the headers, which belong to the archive.
fn glibc() -> Option<(u32, u32)> {
    let asked =
        compiler().args(["-E", "-dM", "-x", "c", "-include", "features.h", "/dev/null"]).output().ok()?;
    let defined = String::from_utf8(asked.stdout).ok()?;
    let number = |name: &str| {
        let line = defined.lines().find_map(|line| line.strip_prefix("#define ")?.strip_prefix(name));
        line?.trim().parse().ok()
    };
    Some((number("__GLIBC__ ")?, number("__GLIBC_MINOR__ ")?))
}

fn find(name: &str) -> Option<PathBuf> {
    let found = compiler().arg(format!("-print-file-name={name}")).output().ok()?;
    let path = PathBuf::from(String::from_utf8(found.stdout).ok()?.trim());
    // What is not found is answered as the name alone.
    (path.is_absolute() && path.exists()).then_some(path)
}

fn link(found: &Archives) -> Option<()> {
    let folder = Path::new(&env::var_os("OUT_DIR")?).join("archives");
    fs::create_dir_all(&folder).ok()?;
    let write = |name: &str, text: String| fs::write(folder.join(format!("lib{name}.a")), text).ok();
    let Archives { c, math, compiler, unwinding } = found;
    // They need each other.
    let group =
        format!("GROUP(\"{}\" \"{}\" \"{}\")\n", unwinding.display(), compiler.display(), c.display());
    write("c", group.clone())?;
    write("gcc_s", group)?;
    write("m", format!("INPUT(\"{}\")\n", math.display()))?;
    // All of them are part of the C library since glibc 2.34.
    for name in ["dl", "pthread", "rt", "util"] {
        write(name, String::new())?;
    }
    link_args("-static-pie");
    link_args(&format!("-L{}", folder.display()));
    if glibc().is_some_and(|version| version >= PACKED_ADDRESSES) {
        link_args("-Wl,-z,pack-relative-relocs");
    }
    Some(())
}

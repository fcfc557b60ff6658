//! Owners, names, scopes, labels, networks and limits that cannot be.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::runner::{Case, Effect, case, check};
use crate::support::store::Place;

/// `mint` with this owner; the message must name what is wrong.
fn owner(name: &str, owner: &str, says: &str) -> Case {
    case(format!("owner: {name}"), "mint --scope a").arg("--").arg(owner).fails(2, says, "keyctl mint --help")
}

/// `mint alice` with this option's value.
fn option(name: &str, option: &str, value: &str, says: &str, hint: &str) -> Case {
    case(format!("{option}: {name}"), "mint alice").arg(format!("{option}={value}")).fails(2, says, hint)
}

fn not_utf8(name: &str, words: &str, bytes: &[u8]) -> Case {
    case(format!("not UTF-8: {name}"), words).arg(OsStr::from_bytes(bytes)).fails(
        2,
        "not valid UTF-8",
        "UTF-8",
    )
}

#[test]
fn names_that_cannot_be_are_refused() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let long = "a".repeat(65);
    let huge = "a".repeat(100_000);
    check(
        &sandbox,
        vec![
            owner("bidirectional override", "ali\u{202e}ce", "U+202E"),
            owner("zero-width joiner", "ali\u{200d}ce", "U+200D"),
            owner("zero-width space", "\u{200b}alice", "U+200B"),
            owner("byte order mark", "\u{feff}alice", "U+FEFF"),
            owner("Cyrillic а", "\u{430}dmin", "U+0430"),
            owner("composed (NFC)", "caf\u{e9}", "U+00E9"),
            // Both forms are outside the alphabet, so neither can pass for the other.
            owner("decomposed (NFD)", "cafe\u{301}", "U+0301"),
            owner("full-width", "\u{ff41}lice", "U+FF41"),
            owner("escape sequence", "a\u{1b}[31m", "U+001B"),
            owner("line end", "alice\nbob", "U+000A"),
            owner("tag characters", "a\u{e0041}", "U+E0041"),
            owner("emoji", "\u{1f600}", "U+1F600"),
            owner("empty", "", "empty"),
            owner("blank", "   ", "empty"),
            owner("upper case", "Alice", "upper-case"),
            owner("a path", "../../etc/passwd", "start with a letter or a digit"),
            owner("an absolute path", "/etc/passwd", "empty"),
            owner("two dots", "..", "start with a letter or a digit"),
            owner("percent", "a%", "'%'"),
            owner("leading dash", "-rf", "start with a letter or a digit"),
            owner("as key ids start", "key_alice", "kept for key ids"),
            owner("65 characters", &long, "at most 64"),
            owner("100 kB", &huge, "at most 64"),
            owner("two at signs", "a@b@c.example", "e-mail"),
            owner("an address without a dot", "a@b", "e-mail"),
            owner("shell", "$(id)", "'$'"),
            owner("SQL", "a';drop table key;--", "'''"),
            option("empty name", "--name", "", "empty", "keyctl mint --help"),
            option("blank name", "--name", " ", "empty", "keyctl mint --help"),
            option("a path", "--name", "../x", "'/'", "keyctl mint --help"),
            option("hidden character", "--name", "a\u{202e}b", "U+202E", "keyctl mint --help"),
            option("65 characters", "--name", &long, "at most 64", "keyctl mint --help"),
            not_utf8("owner", "mint", b"ali\xffce"),
            not_utf8("name", "mint alice --name", b"\xc3\x28"),
            not_utf8("scope", "mint alice --scope", b"\xed\xa0\x80"),
            not_utf8("key", "revoke", b"\xfe\xff"),
            not_utf8("command", "", b"\x80"),
            not_utf8("file", "mint alice --out-file", b"token-\xff"),
            case("owner filter: a wildcard", "list --owner a%").fails(2, "'%'", "--help"),
            case("owner filter: empty", "list").arg("--owner=").fails(2, "empty", "--help"),
            case("owner filter: a path", "list --owner ../../etc/passwd").fails(2, "'/'", "--help"),
            case("key: a path", "show ../../etc/passwd").fails(2, "owner cannot be right", "--help"),
            case("key: two slashes", "show alice/a/b").fails(2, "behind the slash", "--help"),
            case("key: empty", "show").arg("").fails(2, "", "--help"),
            case("key: no name", "revoke alice/").fails(2, "behind the slash", "--help"),
            case("key: no owner", "revoke /default").fails(2, "owner cannot be right", "--help"),
            case("key: half an id", "show key_01h").fails(2, "26 characters", "--help"),
            case("key: an id that overflows", "show key_80000000000000000000000000")
                .fails(2, "128 bits", "--help"),
            case("man: a path", "man ../../etc/passwd").fails(2, "there is no command ..", "--help"),
            case("completions: unknown shell", "completions tcsh").fails(2, "fish", "zsh"),
        ],
    );
    assert_eq!(sandbox.ok(&["list", "--all"]), "");
}

both!(wildcards_in_a_filter_are_literal, |place| {
    let sandbox = Sandbox::with_store(place);
    for owner in ["a_b", "axb", "a.b"] {
        sandbox.ok(&["mint", owner, "--scope", "m"]);
    }
    check(
        &sandbox,
        vec![
            case("underscore", "list --owner a_b")
                .stdout(|out| out.lines().count() == 1 && out.starts_with("a_b/")),
            case("dot", "list --owner a.b").stdout(|out| out.lines().count() == 1 && out.starts_with("a.b/")),
            case("show", "show a_b/default -o json").stdout(|out| out.contains(r#""owner":"a_b""#)),
            case("revoke", "revoke a_b -q").leaves(Effect::Change),
            case("the others live", "list").stdout(|out| out.lines().count() == 2 && !out.contains("a_b")),
        ],
    );
});

#[test]
fn attributes_that_cannot_be_are_refused() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let mut many = case("33 labels", "mint alice").fails(2, "more than 32 labels", "--label team=search");
    let mut crowded = case("65 networks", "mint alice").fails(2, "more than 64 networks", "--allow-ip");
    let mut wide = case("65 scopes", "mint alice").fails(2, "more than 64 scopes", "--scope");
    for number in 0..33 {
        many = many.arg(format!("--label=n{number}=v"));
    }
    for number in 0..65 {
        crowded = crowded.arg(format!("--allow-ip=10.0.{number}.0/24"));
        wide = wide.arg(format!("--scope=s{number}"));
    }
    let scope = |name, value, says| option(name, "--scope", value, says, "--scope memories:read,files");
    let label = |name, value: &str, says| option(name, "--label", value, says, "--label team=search");
    let network = |name, value, says| option(name, "--allow-ip", value, says, "10.0.0.0/8");
    let limit = |name, flag, value, says| option(name, flag, value, says, "keyctl mint --help");
    check(
        &sandbox,
        vec![
            scope("empty", "", "empty"),
            scope("empty between commas", "admin,,x", "empty"),
            scope("trailing comma", "admin,", "empty"),
            scope("only a comma", ",", "empty"),
            scope("blank", " ", "U+0020"),
            scope("empty word", "files:", "empty"),
            scope("upper case", "Admin", "'A'"),
            scope("star inside", "fi*les", "*"),
            scope("star first", "*:read", "*"),
            scope("hidden character", "a\u{200d}b", "U+200D"),
            scope("129 characters", &"a".repeat(129), "128"),
            scope("100 kB", &"a".repeat(100_000), "128"),
            scope("the tool's own, unknown", "keyctl:all", "keyctl:resolve"),
            scope("the tool's own, all", "keyctl:*", "keyctl:resolve"),
            case("star alone", "mint alice --scope *").fails(2, "allows everything", "--allow-all"),
            case("star among others", "mint alice --scope a,*").fails(2, "allows everything", "--allow-all"),
            label("100 kB", &format!("a={}", "x".repeat(100_000)), "at most 256"),
            label("257 bytes", &format!("a={}", "x".repeat(257)), "at most 256"),
            label("no value", "team", "name=value"),
            label("empty name", "=x", "1 to 63"),
            label("64 characters in the name", &format!("{}=x", "a".repeat(64)), "1 to 63"),
            label("upper case", "Team=x", "'T'"),
            label("escape sequence", "team=a\u{1b}[2J", "U+001B"),
            label("bidirectional mark", "team=a\u{202e}b", "U+202E"),
            label("line end", "team=a\nb", "U+000A"),
            option("twice", "--label", "a=1", "given twice", "--label").arg("--label=a=2"),
            network("33 bits", "10.0.0.0/33", "address"),
            network("129 bits", "2001:db8::/129", "address"),
            network("octet of 256", "10.0.0.256", "address"),
            network("three octets", "10.0.0/8", "address"),
            network("leading zeros", "010.0.0.1", "address"),
            network("host bits", "10.0.0.1/8", "10.0.0.0/8"),
            network("empty", "", "address"),
            network("empty between commas", "10.0.0.1,,10.0.0.2", "address"),
            network("a name", "localhost", "address"),
            network("negative length", "10.0.0.0/-1", "address"),
            limit("zero", "--rate", "0/m", "zero"),
            limit("negative", "--rate", "-1/m", "600/m"),
            limit("no unit", "--rate", "600", "600/m"),
            limit("unit of days", "--rate", "600/d", "600/m"),
            limit("fraction", "--rate", "0.5/s", "600/m"),
            limit("exponent", "--rate", "1e9/s", "600/m"),
            limit("too large", "--rate", "99999999999999999999/s", "too large"),
            limit("empty", "--rate", "", "600/m"),
            limit("zero", "--quota", "0/day", "zero"),
            limit("week", "--quota", "1/week", "10000/day"),
            limit("too large", "--quota", "1000000000001/total", "too large"),
            limit("digit of another script", "--prefix", "a\u{661}", "prefix"),
            limit("one character", "--prefix", "a", "prefix"),
            limit("upper case", "--prefix", "SKS", "prefix"),
            limit("ten characters", "--prefix", "abcdefghij", "prefix"),
            limit("trailing underscore", "--prefix", "acme_", "prefix"),
            many,
            crowded,
            wide,
        ],
    );
    assert_eq!(sandbox.ok(&["list", "--all"]), "");
}

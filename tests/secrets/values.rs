//! Values that are taken as they are, and those that are refused.

use std::fs;

use super::{KEY, furnished, keyed, run_with};
use crate::support::both;
use crate::support::runner::{Case, Effect, case, check};

fn set(name: &str, value: impl Into<Vec<u8>>) -> Case {
    case(name, "secret set openai prod").input(value).env("KEYCTL_MASTER_KEY", KEY)
}

both!(a_value_that_cannot_be_meant_is_refused_and_nothing_is_written, |place| {
    let (sandbox, _) = furnished(place);
    let rotate =
        |name: &str, value: &str| case(name, "secret rotate team").input(value).env("KEYCTL_MASTER_KEY", KEY);
    check(
        &sandbox,
        vec![
            set("empty", "").fails(2, "it is empty", "standard input"),
            set("a line end alone", "\n").fails(2, "it is empty", ""),
            set("two lines", "sk-planted\nmore")
                .fails(2, "it has more than one line", "--multiline")
                .hides("planted"),
            set("two line ends", "sk-planted\n\n").fails(2, "it has more than one line", "").hides("planted"),
            set("1 MiB", vec![b'k'; 1 << 20]).fails(2, "it is longer than 64 KiB", ""),
            set("64 KiB and a byte", vec![b'k'; (1 << 16) + 1]).fails(2, "it is longer than 64 KiB", ""),
            set("not text", vec![0xff, 0xfe]).fails(2, "it is not UTF-8", ""),
            set("NUL", "sk\0planted").fails(2, "control character U+0000", "").hides("planted"),
            set("a byte order mark", "\u{feff}sk-planted")
                .fails(2, "U+FEFF at character 1", "--any-text")
                .hides("planted"),
            set("a zero width space", "sk-\u{200b}planted")
                .fails(2, "U+200B at character 4", "--any-text")
                .hides("planted"),
            set("a letter outside ASCII", "sk-plant\u{e9}d-value")
                .fails(2, "a letter outside ASCII at character 9", "--any-text")
                .hides("d-value")
                .hides("\u{e9}"),
            set("a no-break space behind", "sk-planted\u{a0}")
                .fails(2, "begins or ends with a blank", "")
                .hides("planted"),
            set("quotes", "\"sk-planted\"").fails(2, "in quotes", "--any-text").hides("planted"),
            set("a variable", "OPENAI_API_KEY=sk-planted")
                .fails(2, "NAME=value", "--any-text")
                .hides("planted"),
            set("a header", "Bearer sk-planted").fails(2, "as in a header", "--any-text").hides("planted"),
            set("a line with a mark, said to be several", "\u{feff}sk-planted")
                .arg("--multiline")
                .fails(2, "U+FEFF at character 1", "--any-text")
                .hides("planted"),
            rotate("quotes, rotated", "'sk-planted'").fails(2, "in quotes", "--any-text").hides("planted"),
            set("from a command", "")
                .arg("--command")
                .arg("printf '\\357\\273\\277sk-planted'")
                .fails(2, "U+FEFF at character 1", "--any-text")
                .hides("planted"),
            case("no input", "secret set openai prod").env("KEYCTL_MASTER_KEY", KEY).fails(
                2,
                "it is empty",
                "",
            ),
            set("a file that is not there", "").arg("--file").arg("none").fails(
                2,
                "none cannot be opened",
                "",
            ),
            set("a command that fails", "").arg("--command").arg("exit 9").fails(
                2,
                "exit status: 9",
                "run it by hand",
            ),
            set("two sources", "").arg("--command").arg("x").arg("--file").arg("y").fails(
                2,
                "cannot be used with",
                "",
            ),
            case("on the command line", "secret set openai prod sk-planted-x-0123456789")
                .env("KEYCTL_MASTER_KEY", KEY)
                .fails(2, "", "")
                .hides("planted"),
            case("another provider's", "secret set openai team")
                .input("sk-planted")
                .env("KEYCTL_MASTER_KEY", KEY)
                .fails(4, "the secret team is for anthropic, not for openai", "another name")
                .leaves(Effect::Refusal),
            rotate("the same again", "sk-planted-first")
                .fails(4, "has this value already", "from the provider")
                .leaves(Effect::Refusal),
            case("rotating nothing", "secret rotate taem")
                .input("sk-planted")
                .env("KEYCTL_MASTER_KEY", KEY)
                .fails(3, "there is no secret taem", "did you mean team?"),
            case("the same again, set", "secret set anthropic team")
                .input("sk-planted-first\n")
                .env("KEYCTL_MASTER_KEY", KEY)
                .says("has this value already; nothing was changed"),
            set("64 KiB", vec![b'k'; 1 << 16]).leaves(Effect::Change),
            set("tried only", "sk-planted-dry").arg("--dry-run").says("dry run: would set version 2"),
        ],
    );
});

both!(a_value_comes_out_as_it_went_in, |place| {
    let (sandbox, _) = furnished(place);
    let pem = "-----BEGIN KEY-----\r\nAAAA\n\tBBBB\n-----END KEY-----";
    let file = sandbox.home().join("value");
    for (name, args, input, value) in [
        ("plain", &["secret", "set", "openai", "plain"][..], "sk-planted-1", "sk-planted-1"),
        ("newline", &["secret", "set", "openai", "newline"], "sk-planted-2\n", "sk-planted-2"),
        ("windows", &["secret", "set", "openai", "windows"], "sk-planted-3\r\n", "sk-planted-3"),
        ("blanks", &["secret", "set", "openai", "blanks"], " sk-planted-6\t\r\n", "sk-planted-6"),
        (
            "unicode",
            &["secret", "set", "openai", "unicode", "--any-text"],
            "пароль=\"a b\"",
            "пароль=\"a b\"",
        ),
        ("json", &["secret", "set", "google", "json"], "{\"name\":\"Zoë\"}", "{\"name\":\"Zoë\"}"),
        ("lines", &["secret", "set", "openai", "lines", "--multiline"], &format!("{pem}\n"), pem),
        ("file", &["secret", "set", "openai", "file", "--file", "value"], "", "sk-planted-4"),
        (
            "command",
            &["secret", "set", "openai", "command", "--command", "echo sk-planted-5"],
            "",
            "sk-planted-5",
        ),
    ] {
        fs::write(&file, "sk-planted-4\n").expect("written");
        keyed(&sandbox, args, input);
        let got = run_with(&sandbox, &[("KEYCTL_MASTER_KEY", KEY)], &["secret", "get", name], "");
        assert_eq!(got.expect_code(0).stdout, format!("{value}\n"), "{name}");
    }
});

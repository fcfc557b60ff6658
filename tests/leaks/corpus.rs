//! Files with planted tokens, and decoys, all of them a function of a seed. Nothing of it is kept in the repository.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use keyctl::domain::keys::token::Token;
use keyctl::domain::random::{Random, RandomError};

/// How a token stands in its file. One that is split over two lines of a log is whole nowhere.
pub(crate) const KINDS: [&str; 7] = ["bare", "url", "json", "yaml", "notebook", "diff", "split"];
/// What is no token.
pub(crate) const DECOYS: [&str; 5] = ["check", "git", "uuid", "vendors", "minified"];

/// Numbers from a seed (`SplitMix64`).
pub(crate) struct Seeded(pub(crate) u64);

impl Seeded {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, count: usize) -> usize {
        usize::try_from(self.next() % count as u64).expect("below a usize")
    }

    fn of(&mut self, characters: &[u8], count: usize) -> String {
        let one = |seeded: &mut Self| char::from(characters[seeded.below(characters.len())]);
        (0..count).map(|_| one(self)).collect()
    }

    fn words(&mut self, lines: usize) -> String {
        const WORDS: [&str; 16] = [
            "return",
            "value",
            "import",
            "module",
            "def",
            "class",
            "self.client",
            "logger.info",
            "for",
            "entry",
            "in",
            "range(10):",
            "memories",
            "token_count",
            "=",
            "None",
        ];
        let mut text = String::new();
        for _ in 0..lines {
            for _ in 0..9 {
                text.push_str(WORDS[self.below(16)]);
                text.push(' ');
            }
            text.push('\n');
        }
        text
    }

    pub(crate) fn token(&mut self, prefix: &str) -> String {
        let prefix = prefix.parse().expect("a prefix");
        Token::generate(&prefix, self).expect("random").expose().to_owned()
    }
}

impl Random for Seeded {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RandomError> {
        for byte in bytes {
            *byte = self.next().to_le_bytes()[0];
        }
        Ok(())
    }
}

const PLAIN: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const HEX: &[u8] = b"0123456789abcdef";

/// Writes so many files with one token each, and so many decoys, in folders of a thousand; returns the tokens.
pub(crate) fn write(folder: &Path, seed: u64, planted: usize, decoys: usize) -> Vec<String> {
    let mut seeded = Seeded(seed);
    let mut tokens = Vec::new();
    for number in 0..planted {
        let (kind, token) = (KINDS[number % KINDS.len()], seeded.token("sks"));
        let line = planted_line(kind, &token);
        save(&mut seeded, folder, "planted", kind, number, &line);
        tokens.push(token);
    }
    for number in 0..decoys {
        let kind = DECOYS[number % DECOYS.len()];
        let line = decoy(&mut seeded, kind);
        save(&mut seeded, folder, "decoys", kind, number, &line);
    }
    tokens
}

fn planted_line(kind: &str, token: &str) -> String {
    match kind {
        "bare" => token.to_owned(),
        "url" => format!("curl https://bot:{token}@memories.example.com/v1/list?limit=1"),
        "json" => format!("{{\"name\": \"bot\", \"api_key\":\"{token}\", \"tries\": 3}}"),
        "yaml" => format!("env:\n  - name: API_KEY\n    value: {token}"),
        "notebook" => format!(" \"source\": [\"client.login(\\n{token}\\n)\", \"print(1)\\n\"]"),
        "diff" => format!("@@ -1,2 +1,2 @@\n-API_KEY=\n+API_KEY={token}"),
        _ => format!(
            "2026-12-01T10:00:00Z web[17]: Authorization: Bearer {}\n2026-12-01T10:00:00Z web[17]: {} HTTP/1.1",
            &token[..40],
            &token[40..]
        ),
    }
}

fn decoy(seeded: &mut Seeded, kind: &str) -> String {
    match kind {
        "check" => {
            let token = seeded.token("sks");
            let last = if token.ends_with('0') { '1' } else { '0' };
            format!("API_KEY={}{last}", &token[..token.len() - 1])
        }
        "git" => {
            format!("commit {}\nMerge: {} {}", seeded.of(HEX, 40), seeded.of(HEX, 40), seeded.of(HEX, 40))
        }
        "uuid" => {
            let part = |seeded: &mut Seeded, count| seeded.of(HEX, count);
            format!(
                "id: {}-{}-4{}-a{}-{}",
                part(seeded, 8),
                part(seeded, 4),
                part(seeded, 3),
                part(seeded, 3),
                part(seeded, 12)
            )
        }
        "vendors" => format!(
            "ghp_{} glpat-{} xoxb-{}-{} sk-ant-api03-{} hf_{}",
            seeded.of(PLAIN, 36),
            seeded.of(PLAIN, 20),
            seeded.of(b"0123456789", 12),
            seeded.of(PLAIN, 24),
            seeded.of(PLAIN, 93),
            seeded.of(PLAIN, 34)
        ),
        _ => {
            let mut text = String::from("!function(e,t){");
            for _ in 0..60 {
                let (one, two, three) = (seeded.of(PLAIN, 4), seeded.of(PLAIN, 12), seeded.of(PLAIN, 49));
                let _ =
                    write!(text, "function {one}(e){{return e.sks_{two}(\"{three}\")||t._{two}_{three}}}");
            }
            text + "}(window);"
        }
    }
}

fn save(seeded: &mut Seeded, folder: &Path, what: &str, kind: &str, number: usize, line: &str) {
    let folder = folder.join(what).join(format!("{:02}", number / 1000));
    if number.is_multiple_of(1000) {
        fs::create_dir_all(&folder).expect("a folder");
    }
    let (before, after) = (seeded.words(12), seeded.words(12));
    let path = folder.join(format!("{kind}-{number}.txt"));
    fs::write(path, format!("{before}{line}\n{after}")).expect("a file");
}

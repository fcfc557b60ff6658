"""Under which hashes a text is looked up."""

from common import LETTERS, SALT, case
from reference import PARAMS, argon2id, sha256, token_of

SECRET = "V24MWaMOt9xqkx6uRTOIOpVcS2MMOEFL2ACdhsHO2Kk"
TOKEN = token_of("sks", "4fTq9ZkPw2Xa", SECRET)
OTHER_SALT = "f" * 32
# 22 characters, ten of them distinct, and one of 21; then 22 with nine.
TEN = "abcdefghi1abcdefghi1ab"
NINE = "abcdefgh1abcdefgh1abcd"
HEX = "0123456789abcdef" * 2

OURS = [
    ("ours", TOKEN),
    ("ours, shortest prefix", token_of("k2", "4fTq9ZkPw2Xa", SECRET)),
    ("ours, longest prefix", token_of("acme_live", "4fTq9ZkPw2Xa", SECRET)),
]
STRONG = [
    ("32 hex digits", HEX),
    ("32 hex digits in capitals", HEX.upper()),
    ("32 hex digits, all the same", "0" * 32),
    ("32 hex digits behind a word and a hyphen", "sk-" + HEX),
    ("32 hex digits behind a word and an underscore", "agpt_" + HEX),
    ("48 hex digits behind sk-", "sk-" + "0123456789abcdef" * 3),
    ("base64url that Apollo's own tests use", "dGVzdC10b2tlbi1jYW5vbmljYWwtYmFzZTY0dXJs"),
    ("22 characters, ten distinct", TEN),
    ("22 characters, ten distinct, behind a word", "sk-" + TEN),
    ("22 characters, ten distinct, hyphen and underscore among them", "abcdefg1-_abcdefg1-_ab"),
    ("a uuid with hyphens", "0192f0c1-a2b3-7c4d-8e5f-60718293a4b5"),
    ("a stored hash", sha256(TOKEN)),
    ("like ours with a prefix in capitals", TOKEN.translate(LETTERS)),
    ("like ours with a prefix of ten characters", token_of("abcdefghij", "4fTq9ZkPw2Xa", SECRET)),
    ("like ours with an id of eleven characters", token_of("sks", "4fTq9ZkPw2X", SECRET)),
    ("like ours with a check of five digits", TOKEN[:-1]),
]
WEAK = [
    ("a word and a number", "hunter2"),
    ("a text that needs its word to be long enough", "sk-alice-test-key-12345"),
    ("21 characters, ten distinct", TEN[:21]),
    ("21 characters behind a word", "sk-" + TEN[:21]),
    ("22 characters, nine distinct", NINE),
    ("22 characters, the tenth distinct one in the word", "z-" + NINE),
    ("22 characters without a digit", "abcdefghijklmnopqrstuv"),
    ("22 characters without a letter", "01234567890123456789-_"),
    ("31 hex digits of a few kinds", "01" * 15 + "0"),
    ("31 hex digits of a few kinds behind a word", "sk-" + "01" * 15 + "0"),
    ("32 hex digits of a few kinds behind a number", "1-" + "01" * 16),
    ("32 hex digits of a few kinds behind a word in capitals", "SK-" + "01" * 16),
    ("32 hex digits of a few kinds behind a hyphen", "-" + "01" * 16),
    ("32 hex digits of a few kinds behind two words", "a-b-" + "01" * 16),
    ("22 characters with a full stop", TEN[:-1] + "."),
    ("base64 with its padding", "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXo9MTIzNDU2Nzg5MA=="),
    ("a token in JSON's quotes", f'"{TOKEN}"'),
    ("a display prefix", "sks_4fTq9ZkPw2Xa"),
    ("one character", "!"),
    ("the last visible character", "~"),
    ("4096 characters", "x" * 4096),
]
NONE = [
    ("nothing", ""),
    ("4097 characters", "x" * 4097),
    ("4097 strong characters", "0123456789abcdef" * 256 + "0"),
    ("a blank", " "),
    ("a blank inside", "hunter 2"),
    ("a blank at the end", TOKEN + " "),
    ("a blank before ours", " " + TOKEN),
    ("a newline at the end of ours", TOKEN + "\n"),
    ("a carriage return and a newline at the end of ours", TOKEN + "\r\n"),
    ("a tab before a strong one", "\t" + HEX),
    ("a blank at the end of a strong one", HEX + " "),
    ("a newline at the end of a strong one", HEX + "\n"),
    ("a newline at the end of a weak one", "hunter2\n"),
    ("a blank before a weak one", " hunter2"),
    ("a byte order mark before a weak one", "\ufeffhunter2"),
    ("ours as a header has it", "Bearer " + TOKEN),
    ("NUL inside", "hunter\u00002"),
    ("DEL", "hunter2\u007f"),
    ("a letter outside ASCII", "h\u00fcnter2"),
    ("digits of full width", "\uff10" * 32),
    ("ours with a wrong check", TOKEN[:-1] + "0"),
    ("ours with its letters' case swapped behind the prefix", "sks_" + TOKEN[4:].translate(LETTERS)),
]


def one(name: str, token: str, algorithms: str, salt: str | None) -> dict:
    found = {"sha256": lambda: sha256(token), "argon2id": lambda: argon2id(token, salt)}
    hashes = [{"hash_alg": alg, "token_hash": found[alg]()} for alg in algorithms.split()]
    params = PARAMS if salt else None
    asked = {"token": token, "foreign_salt": salt, "foreign_params": params}
    return case(name, "hash", asked, {"lookups": hashes})


def files() -> dict:
    fast = [one(name, token, "sha256", SALT) for name, token in OURS + STRONG]
    slow = [one(name, token, "sha256 argon2id", SALT) for name, token in WEAK]
    slow.append(one("another salt", "hunter2", "sha256 argon2id", OTHER_SALT))
    unsalted = [one(f"{name}, in a store without a salt", token, "sha256", None)
                for name, token in (OURS[0], STRONG[0], WEAK[0], WEAK[1])]
    none = [one(name, token, "", SALT) for name, token in NONE]
    none.append(one("ours with a wrong check, in a store without a salt", TOKEN[:-1] + "0", "", None))
    return {"hash/fast.json": fast + unsalted, "hash/slow.json": slow, "hash/none.json": none}

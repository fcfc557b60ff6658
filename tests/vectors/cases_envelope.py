"""Master keys, and envelopes that open or do not."""

import base64

from common import OTHER_STORE, STORE, case, drawn, envelope_of, typed_id
from reference import master_key_id

KEY = bytes(range(32))
OTHER_KEY = drawn("another master key", 32)
TEXT = base64.b64encode(KEY).decode()
SECRET_ID = typed_id("sec", "anthropic's")
OTHER_ID = typed_id("sec", "openai's")
VALUE = b"sk-ant-api03-x"


def encoded(key: bytes) -> str:
    return base64.b64encode(key).decode()


GOOD_KEYS = [
    ("base64", TEXT),
    ("hex", "hex:" + KEY.hex()),
    ("hex in capitals", "hex:" + KEY.hex().upper()),
    ("base64 that begins with 0x", "0xECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="),
    ("31 bytes the same", encoded(bytes(31) + b"\x01")),
    ("base64 with + and /", encoded(b"\xfb\xff\xbf" + KEY[3:])),
]
BAD_KEYS = [
    ("no key", "", "empty"),
    ("byte order mark", "\ufeff" + TEXT, "byte_order_mark"),
    ("newline behind it", TEXT + "\n", "line_end"),
    ("carriage return behind it", TEXT + "\r", "line_end"),
    ("newline inside", TEXT[:20] + "\n" + TEXT[20:], "line_end"),
    ("newline behind a blank", TEXT + " \n", "line_end"),
    ("blank before it", " " + TEXT, "blank"),
    ("tab behind it", TEXT + "\t", "blank"),
    ("blank behind hex:", "hex: " + KEY.hex(), "blank"),
    ("0x and 64 hex digits", "0x" + KEY.hex(), "hex_prefix"),
    ("0X and 64 hex digits", "0X" + KEY.hex(), "hex_prefix"),
    ("64 hex digits", KEY.hex(), "bare_hex"),
    ("base64 without its padding", TEXT[:-1], "encoding"),
    ("base64 with more padding", TEXT + "=", "encoding"),
    ("base64 with bits behind its end", TEXT[:-2] + "9=", "encoding"),
    ("base64url", encoded(b"\xfb\xff\xbf" + KEY[3:]).replace("+", "-").replace("/", "_"), "encoding"),
    ("quotes around it", f'"{TEXT}"', "encoding"),
    ("NUL behind it", TEXT + "\u0000", "encoding"),
    ("letter of full width", "\uff21" + TEXT[1:], "encoding"),
    ("HEX: in capitals", "HEX:" + KEY.hex(), "encoding"),
    ("63 hex digits", "hex:" + KEY.hex()[:-1], "encoding"),
    ("no hex digit among 64", "hex:" + "0g" * 32, "encoding"),
    ("hex: alone", "hex:", "length"),
    ("31 bytes", encoded(KEY[:31]), "length"),
    ("33 bytes", encoded(KEY + b"\x20"), "length"),
    ("31 bytes in hex", "hex:" + KEY.hex()[:-2], "length"),
    ("31 bytes, all the same", encoded(bytes(31)), "length"),
    ("zeros", encoded(bytes(32)), "repeated"),
    ("ones", encoded(b"\xff" * 32), "repeated"),
    ("one byte 32 times in hex", "hex:" + "0a" * 32, "repeated"),
]


def seal(value: bytes = VALUE, key: bytes = KEY, **other) -> bytes:
    return envelope_of(key, value, **({"secret_id": SECRET_ID} | other))


BASE = seal()
KEY_ID, OTHER_KEY_ID = master_key_id(KEY, STORE), master_key_id(OTHER_KEY, STORE)


def with_byte(at: int, value: int, whole: bytes = BASE) -> bytes:
    return whole[:at] + bytes([value]) + whole[at + 1:]


def flipped(at: int, bit: int = 1) -> bytes:
    at %= len(BASE)
    return with_byte(at, BASE[at] ^ bit)


def replaced(index: int, text: bytes):
    return lambda parts: parts[:index] + [text] + parts[index + 1:]


OPENS = [
    ("opens", BASE, {}),
    ("opens under a key in hex", BASE, {"master_key": "hex:" + KEY.hex()}),
    ("value of one character", seal(b"x"), {}),
    ("empty value", seal(b""), {}),
    ("value of two lines", seal(b"a\nb\n"), {}),
    ("value outside ASCII", seal("\u043a\u043b\u044e\u0447 \U0001f511".encode()), {}),
    ("value with NUL", seal(b"a\x00b"), {}),
    ("longest value, 64 KiB", seal(b"k" * 65536), {}),
    ("version 10", seal(version=10), {"version": 10}),
    ("another store's", seal(store=OTHER_STORE), {"store_uuid": str(OTHER_STORE)}),
    ("another provider's", seal(provider="openai"), {"provider": "openai"}),
    ("under another key", seal(key=OTHER_KEY), {"master_key": encoded(OTHER_KEY)}),
]
FORM = [
    ("nothing at all", b"", "length"),
    ("one byte", BASE[:1], "length"),
    ("header alone", BASE[:74], "length"),
    ("101 bytes", seal(b"")[:101], "length"),
    ("one byte over the longest", seal(b"k" * 65537), "length"),
    ("101 bytes of another version", b"\x02" + BASE[1:101], "length"),
    ("version 0", with_byte(0, 0), "version"),
    ("version 2", with_byte(0, 2), "version"),
    ("version 255", with_byte(0, 255), "version"),
    ("version 2 and algorithm 2", with_byte(1, 2, with_byte(0, 2)), "version"),
    ("algorithm 0", with_byte(1, 0), "algorithm"),
    ("algorithm 2", with_byte(1, 2), "algorithm"),
    ("algorithm 255", with_byte(1, 255), "algorithm"),
    ("algorithm 2 and another key's id", b"\x01\x02" + OTHER_KEY_ID + BASE[10:], "algorithm"),
    ("first bit of the key's id flipped", flipped(2, 128), "unknown_master_key"),
    ("last bit of the key's id flipped", flipped(9), "unknown_master_key"),
    ("sealed under another key", seal(key=OTHER_KEY), "unknown_master_key"),
    ("key's id of zeros", b"\x01\x01" + bytes(8) + BASE[10:], "unknown_master_key"),
]
BYTES = [
    (f"{end} bit of the {field} flipped", flipped(at, bit))
    for field, first, last in [
        ("salt", 10, 41), ("commit", 42, 73), ("nonce", 74, 85), ("ciphertext", 86, -17), ("tag", -16, -1),
    ]
    for end, at, bit in (("first", first, 128), ("last", last, 1))
] + [
    ("last byte cut off", BASE[:-1]),
    ("tag cut off", seal(b"k" * 40)[:-16]),
    ("102 bytes of a longer one", BASE[:102]),
    ("one byte more", BASE + b"\x00"),
    ("ciphertext missing", BASE[:86] + BASE[-16:]),
    ("tag before the ciphertext", BASE[:86] + BASE[-16:] + BASE[86:-16]),
    ("tag of zeros", BASE[:-16] + bytes(16)),
    ("id of the key at hand on another key's envelope", seal(key=OTHER_KEY, key_id=KEY_ID)),
    ("nonce of another envelope", BASE[:74] + seal(seed="another")[74:86] + BASE[86:]),
    ("header of another envelope", seal(seed="another")[:74] + BASE[74:]),
]
WRONG = [
    ("sealed for another store under this key's id", seal(parts=replaced(1, OTHER_STORE.bytes))),
    ("sealed for the uuid as text", seal(parts=replaced(1, str(STORE).encode()))),
    ("sealed for another secret", seal(secret_id=OTHER_ID)),
    ("sealed for the next version", seal(version=2)),
    ("sealed for another provider", seal(provider="openai")),
    ("sealed for another table", seal(parts=replaced(2, b"credential"))),
    ("sealed for another column", seal(parts=replaced(4, b"other"))),
    ("sealed for another purpose", seal(parts=replaced(0, b"keyctl/v2/aad"))),
    ("version in eight bytes", seal(parts=replaced(5, (1).to_bytes(8, "big")))),
    ("parts without the header", seal(parts=lambda parts: parts[:-1])),
    ("the same bytes, split elsewhere",
     seal(parts=lambda parts: [*parts[:2], parts[2] + b"s", parts[3][1:], *parts[4:]])),
    ("lengths with the low byte first", seal(length="<Q")),
    ("lengths of four bytes", seal(length=">I")),
    ("no additional data", seal(parts=lambda parts: [])),
    ("commit of zeros, all else sealed over it", seal(commit=lambda commit: bytes(32))),
    ("one bit of the commit, all else sealed over it",
     seal(commit=lambda commit: commit[:-1] + bytes([commit[-1] ^ 1]))),
    ("derived without the key's id", seal(info=lambda key_id: b"keyctl/v1/secret")),
    ("derived for another purpose", seal(info=lambda key_id: b"keyctl/v1/token" + key_id)),
]
PLACES = [
    ("opened in another store", {"store_uuid": str(OTHER_STORE)}, "unknown_master_key"),
    ("opened as another secret's", {"secret_id": OTHER_ID}, "unauthentic"),
    ("opened as version 2", {"version": 2}, "unauthentic"),
    ("opened as version 11", {"version": 11}, "unauthentic"),
    ("opened for another provider", {"provider": "openai"}, "unauthentic"),
    ("opened for a provider in capitals", {"provider": "ANTHROPIC"}, "unauthentic"),
    ("opened under another key", {"master_key": encoded(OTHER_KEY)}, "unknown_master_key"),
]


def one(name: str, envelope: bytes, expect: dict, other: dict) -> dict:
    asked = {
        "master_key": TEXT, "store_uuid": str(STORE), "secret_id": SECRET_ID, "version": 1,
        "provider": "anthropic",
    }
    return case(name, "envelope", asked | other | {"envelope": envelope.hex()}, expect)


def key_case(name: str, text: str, expect: dict, store=STORE) -> dict:
    return case(name, "master_key", {"master_key": text, "store_uuid": str(store)}, expect)


# Under KEY, as known-answers.json has it.
KNOWN_KEY_ID = "74c66af337dc06ef"


def master_keys() -> list[dict]:
    good = [
        key_case(name, text, {"master_key_id": KNOWN_KEY_ID}) for name, text in GOOD_KEYS[:3]
    ] + [
        key_case(name, text, {"master_key_id": master_key_id(base64.b64decode(text), STORE).hex()})
        for name, text in GOOD_KEYS[3:]
    ]
    elsewhere = {"master_key_id": master_key_id(KEY, OTHER_STORE).hex()}
    good.append(key_case("the same key in another store", TEXT, elsewhere, OTHER_STORE))
    return good + [key_case(name, text, {"error": error}) for name, text, error in BAD_KEYS]


def files() -> dict:
    value = dict((name, envelope) for name, envelope, _ in OPENS)
    plain = {
        "value of one character": "x", "empty value": "", "value of two lines": "a\nb\n",
        "value outside ASCII": "\u043a\u043b\u044e\u0447 \U0001f511", "value with NUL": "a\u0000b",
        "longest value, 64 KiB": "k" * 65536,
    }
    opens = [one(name, value[name], {"value": plain.get(name, VALUE.decode())}, other)
             for name, _, other in OPENS]
    form = [one(name, envelope, {"error": error}, {}) for name, envelope, error in FORM]
    altered = [one(name, envelope, {"error": "unauthentic"}, {}) for name, envelope in BYTES + WRONG]
    moved = [one(name, BASE, {"error": error}, other) for name, other, error in PLACES]
    return {
        "envelope/master-keys.json": master_keys(),
        "envelope/opens.json": opens,
        "envelope/form.json": form,
        "envelope/altered.json": altered,
        "envelope/moved.json": moved,
    }

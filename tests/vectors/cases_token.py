"""Texts that are tokens, and texts that are not."""

from common import LETTERS, case
from reference import token_of

SECRET = "V24MWaMOt9xqkx6uRTOIOpVcS2MMOEFL2ACdhsHO2Kk"
TOKEN = "sks_4fTq9ZkPw2Xa_V24MWaMOt9xqkx6uRTOIOpVcS2MMOEFL2ACdhsHO2Kk4Qq3FA"
ID = "4fTq9ZkPw2Xa"

VALID = [
    ("default prefix", TOKEN),
    ("shortest prefix", "k2_4fTq9ZkPw2Xa_" + SECRET + "3P1RcZ"),
    ("longest prefix, 72 bytes in all", "acme_live_4fTq9ZkPw2Xa_" + SECRET + "1lkkPj"),
    ("underscore inside the prefix", "a_1_4fTq9ZkPw2Xa_" + SECRET + "0oWjW5"),
    ("digits after the first letter", "a12345678_4fTq9ZkPw2Xa_" + SECRET + "2mjXNu"),
    ("lowest characters", "sks_000000000000_00000000000000000000000000000000000000000003ZqZmM"),
    ("highest characters", "sks_zzzzzzzzzzzz_zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz1jYA54"),
    ("another secret under the same id", "sks_4fTq9ZkPw2Xa_kK2OHshdCA2LFEOMM2ScVpOIOTRu6xkqx9tOMaWM42V2dwvvl"),
    ("prefix of a letter and a digit on each side of its underscore", token_of("a1_1a", ID, SECRET)),
    ("prefix of one letter, an underscore and seven more", token_of("a_1234567", ID, SECRET)),
    ("check that begins with a zero", token_of("sks", ID, SECRET[:-1] + "i")),
    ("id of capitals", token_of("sks", "ABCDEFGHIJKL", SECRET)),
    ("id of digits", token_of("sks", "123456789012", SECRET)),
]

INVALID = [
    ("empty", "", "empty"),
    ("blank", " ", "alphabet"),
    ("trailing newline", TOKEN + "\n", "alphabet"),
    ("trailing carriage return and newline", TOKEN + "\r\n", "alphabet"),
    ("leading space", " " + TOKEN, "alphabet"),
    ("trailing space", TOKEN + " ", "alphabet"),
    ("trailing NUL", TOKEN + "\u0000", "alphabet"),
    ("NUL inside", "sks_4fTq9ZkPw2Xa_V24MWaMOt9xqk\u00006uRTOIOpVcS2MMOEFL2ACdhsHO2Kk4Qq3FA", "alphabet"),
    ("tab inside", "sks_4fTq9ZkPw2Xa_V24MWaMOt9xqk\t6uRTOIOpVcS2MMOEFL2ACdhsHO2Kk4Qq3FA", "alphabet"),
    ("hyphen inside the secret", "sks_4fTq9ZkPw2Xa_V24MWaMOt9xqk-6uRTOIOpVcS2MMOEFL2ACdhsHO2Kk4Qq3FA", "alphabet"),
    ("plus of base64", "sks_4fTq9ZkPw2Xa_V24MWaMOt9xqk+6uRTOIOpVcS2MMOEFL2ACdhsHO2Kk4Qq3FA", "alphabet"),
    ("slash of base64", "sks_4fTq9ZkPw2Xa_V24MWaMOt9xqk/6uRTOIOpVcS2MMOEFL2ACdhsHO2Kk4Qq3FA", "alphabet"),
    ("padding of base64", TOKEN + "=", "alphabet"),
    ("full-width digit", "sks_4fTq9ZkPw2Xa_V24MWaMOt9xqk\uff106uRTOIOpVcS2MMOEFL2ACdhsHO2Kk4Qq3FA", "alphabet"),
    ("Cyrillic letter in the prefix", "ѕks_4fTq9ZkPw2Xa_" + SECRET + "4Qq3FA", "alphabet"),
    ("zero-width joiner", "sks_4fTq9ZkPw2Xa_V24\u200dMWaMOt9xqkx6uRTOIOpVcS2MMOEFL2ACdhsHO2Kk4Qq3FA", "alphabet"),
    ("byte order mark", "\ufeff" + TOKEN, "alphabet"),
    ("quotes around it", "\"" + TOKEN + "\"", "alphabet"),
    ("header value with its scheme", "Bearer " + TOKEN, "alphabet"),
    ("non-breaking space", TOKEN + "\u00a0", "alphabet"),
    ("no underscore", "sks4fTq9ZkPw2Xa" + SECRET + "4Qq3FA", "shape"),
    ("one underscore", "sks_4fTq9ZkPw2Xa" + SECRET + "4Qq3FA", "shape"),
    ("GitHub's published sample", "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", "shape"),
    ("stored hash", "fdc0366379cb370954da2e2b9d62f15f320c5c070910b13ca630ee025994f07b", "shape"),
    ("display prefix", "sks_4fTq9ZkPw2Xa", "shape"),
    ("ten-character prefix of a token", "sks_4fTq9Z", "shape"),
    ("underscores only", "__", "prefix"),
    ("empty prefix", "_4fTq9ZkPw2Xa_" + SECRET + "4Qq3FA", "prefix"),
    ("prefix of one character", "s_4fTq9ZkPw2Xa_" + SECRET + "2KUyVu", "prefix"),
    ("prefix of ten characters", "acme_livex_4fTq9ZkPw2Xa_" + SECRET + "0Q16v4", "prefix"),
    ("prefix in upper case", "SKS_4fTq9ZkPw2Xa_" + SECRET + "20xgWu", "prefix"),
    ("prefix that starts with a digit", "2ks_4fTq9ZkPw2Xa_" + SECRET + "1Xk2v5", "prefix"),
    ("prefix with two underscores", "a_b_c_4fTq9ZkPw2Xa_" + SECRET + "0dcdkO", "prefix"),
    ("prefix that ends with an underscore", "sks__4fTq9ZkPw2Xa_" + SECRET + "0FPEja", "prefix"),
    ("id of eleven characters", "sks_4fTq9ZkPw2X_" + SECRET + "1GTlxg", "id_length"),
    ("id of thirteen characters", "sks_4fTq9ZkPw2Xaa_" + SECRET + "4NQrkp", "id_length"),
    ("empty id", "sks__" + SECRET + "3Q1Pro", "id_length"),
    ("secret one character short", "sks_4fTq9ZkPw2Xa_V24MWaMOt9xqkx6uRTOIOpVcS2MMOEFL2ACdhsHO2K1o0PVu", "secret_length"),
    ("secret one character long", "sks_4fTq9ZkPw2Xa_" + SECRET + "041ywWR", "secret_length"),
    ("cut off in the middle", "sks_4fTq9ZkPw2Xa_V24MWaMOt9xqkx6uRTOIOpV", "secret_length"),
    ("check missing", "sks_4fTq9ZkPw2Xa_" + SECRET + "", "secret_length"),
    ("last character cut off", "sks_4fTq9ZkPw2Xa_" + SECRET + "4Qq3F", "secret_length"),
    ("one character too many", TOKEN + "0", "secret_length"),
    ("two tokens in a row", "sks_4fTq9ZkPw2Xa_V24MWaMOt9xqkx6uRTOIOpVcS2MMOEFL2ACdhsHO2Kk4Qq3FAsks_4fTq9ZkPw2Xa_V24MWaMOt9xqkx6uRTOIOpVcS2MMOEFL2ACdhsHO2Kk4Qq3FA", "prefix"),
    ("first character of the secret changed", "sks_4fTq9ZkPw2Xa_W24MWaMOt9xqkx6uRTOIOpVcS2MMOEFL2ACdhsHO2Kk4Qq3FA", "check"),
    ("last character of the secret changed", "sks_4fTq9ZkPw2Xa_V24MWaMOt9xqkx6uRTOIOpVcS2MMOEFL2ACdhsHO2K04Qq3FA", "check"),
    ("swapped case in the secret", "sks_4fTq9ZkPw2Xa_v24MWaMOt9xqkx6uRTOIOpVcS2MMOEFL2ACdhsHO2Kk4Qq3FA", "check"),
    ("two neighbours swapped", "sks_4fTq9ZkPw2Xa_V42MWaMOt9xqkx6uRTOIOpVcS2MMOEFL2ACdhsHO2Kk4Qq3FA", "check"),
    ("id changed, check of the old one", "sks_5fTq9ZkPw2Xa_" + SECRET + "4Qq3FA", "check"),
    ("prefix changed, check of the old one", "skt_4fTq9ZkPw2Xa_" + SECRET + "4Qq3FA", "check"),
    ("check of the body alone, as GitHub computes it", "sks_4fTq9ZkPw2Xa_" + SECRET + "1ybryw", "check"),
    ("last character of the check changed", "sks_4fTq9ZkPw2Xa_" + SECRET + "4Qq3F0", "check"),
    ("check all zeros", "sks_4fTq9ZkPw2Xa_" + SECRET + "000000", "check"),
    ("check reversed", "sks_4fTq9ZkPw2Xa_" + SECRET + "AF3qQ4", "check"),
    ("whole token in upper case", "SKS_4FTQ9ZKPW2XA_V24MWAMOT9XQKX6URTOIOPVCS2MMOEFL2ACDHSHO2KK4QQ3FA", "prefix"),
    ("whole token in lower case", "sks_4ftq9zkpw2xa_v24mwamot9xqkx6urtoiopvcs2mmoefl2acdhsho2kk4qq3fa", "check"),
    ("leading newline", "\n" + TOKEN, "alphabet"),
    ("leading NUL", "\u0000" + TOKEN, "alphabet"),
    ("underscore of full width", TOKEN.replace("_", "\uff3f"), "alphabet"),
    ("Cyrillic letter in the secret", TOKEN.replace("M", "\u041c", 1), "alphabet"),
    ("Greek letter in the id", TOKEN.replace("Z", "\u0396", 1), "alphabet"),
    ("Arabic-Indic digit in the check", TOKEN.replace("4Qq3FA", "\u0664Qq3FA"), "alphabet"),
    ("letter with a combining accent", TOKEN.replace("a", "a\u0301", 1), "alphabet"),
    ("long s, which lower case makes of no letter here", TOKEN.replace("s", "\u017f", 1), "alphabet"),
    ("Kelvin sign in the place of k", TOKEN.replace("k", "\u212a", 1), "alphabet"),
    ("letter outside the basic plane", TOKEN + "\U0001d7ce", "alphabet"),
    ("soft hyphen inside", TOKEN.replace("V24", "V\u00ad24"), "alphabet"),
    ("DEL at the end", TOKEN + "\u007f", "alphabet"),
    ("colon in the place of the first underscore", TOKEN.replace("_", ":", 1), "alphabet"),
    ("percent-encoded underscore", TOKEN.replace("_", "%5F", 1), "alphabet"),
    ("one letter", "s", "shape"),
    ("one underscore alone", "_", "shape"),
    ("three underscores", "___", "prefix"),
    ("prefix with a capital", token_of("sKs", ID, SECRET), "prefix"),
    ("prefix that begins with an underscore", token_of("_sks", ID, SECRET), "prefix"),
    ("prefix of ten characters with an underscore", token_of("acme_lives", ID, SECRET), "prefix"),
    ("prefix of ten letters", token_of("abcdefghij", ID, SECRET), "prefix"),
    ("underscore inside the secret", token_of("sks", ID, SECRET[:21] + "_" + SECRET[22:]), "prefix"),
    ("id and secret the other way round", f"sks_{SECRET}4Qq3FA_{ID}", "id_length"),
    ("empty secret", f"sks_{ID}_", "secret_length"),
    ("check of five digits", TOKEN[:-6] + TOKEN[-5:], "secret_length"),
    ("check as hex", TOKEN[:-6] + "b4e7a0d1", "secret_length"),
    ("4096 characters of secret", f"sks_{ID}_" + "0" * 4096, "secret_length"),
    ("first digit of the check changed", TOKEN[:-6] + "5Qq3FA", "check"),
    ("two digits of the check swapped", TOKEN[:-6] + "Q4q3FA", "check"),
    ("check of another alphabet: capitals last", TOKEN[:-6] + TOKEN[-6:].translate(LETTERS), "check"),
    ("id and prefix of one token, secret and check of another", "sks_000000000000_" + TOKEN[17:], "check"),
    ("neighbours swapped across the id's end", "sks_4fTq9ZkPw2XV_a24" + TOKEN[20:], "check"),
]


def parts(token: str) -> dict:
    display = token[:-50]
    prefix, token_id = display.rsplit("_", 1)
    return {"prefix": prefix, "id": token_id, "display": display}


def files() -> dict:
    valid = [case(name, "token", {"token": token}, parts(token)) for name, token in VALID]
    invalid = [case(name, "token", {"token": token}, {"error": error}) for name, token, error in INVALID]
    return {"token/valid.json": valid, "token/invalid.json": invalid}

#!/usr/bin/env python3
"""What pydantic-settings reads from an .env file, form by form.

Without arguments each form of FORMS is given to the real packages and compared with forms.json,
which the tests of src/domain/imports/mem0.rs hold keyctl against; --write writes that file. Needs
pydantic-settings and python-dotenv of the versions in requirements.txt: see the script run.
"""

import importlib.metadata
import json
import os
import sys
import tempfile
import warnings
from pathlib import Path

# What a server of such a file has, as Mem0's knowledge base does.
from pydantic import ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict
from pydantic_settings.exceptions import SettingsError

A = '{"sk-a": "alice"}'
AB = '{"sk-a": "alice", "sk-b": "bob"}'
LINES = '{\n  "sk-a": "alice",\n  "sk-b": "bob"\n}'
UNSET = "there is neither"
ENV = "${…}"
OPEN = "never closed"
BEHIND = "something stands behind the value"
TWICE = "a second time"
JSON = "entry 1"
NO_JSON = "not a JSON object"
SWALLOWED = "part of what begins in line"
NESTED = "split at __"


def escaped(json_text):
    return json_text.replace("\\", "\\\\").replace('"', '\\"')


# name, file, and why keyctl refuses it: None where it reads what the server reads.
FORMS = [
    # Quotes
    ("single quotes", f"API_KEYS='{A}'\n", None),
    ("double quotes with backslashes", f'API_KEYS="{escaped(A)}"\n', None),
    ("no quotes", f"API_KEYS={A}\n", None),
    ("no quotes, two keys", f"API_KEYS={AB}\n", None),
    ("no line end", f"API_KEYS='{A}'", None),
    ("single quotes, several lines", f"API_KEYS='{LINES}'\n", None),
    ("double quotes, several lines", f'API_KEYS="{escaped(LINES)}"\n', None),
    ("no quotes, several lines", f"API_KEYS={LINES}\n", JSON),
    ("a blank line in quotes", "API_KEYS='{\n\n\"sk-a\": \"alice\"\n\n}'\n", None),
    ("backquotes", f"API_KEYS=`{A}`\n", NO_JSON),
    ("double quotes with double quotes in them", f'API_KEYS="{A}"\n', BEHIND),
    ("double quotes around single ones", "API_KEYS=\"{'sk-a': 'alice'}\"\n", JSON),
    ("quotes in quotes", f"API_KEYS='\"{A}\"'\n", NO_JSON),
    ("the quote is never closed", f"API_KEYS='{A}\n", OPEN),
    ("the double quote is never closed", 'API_KEYS="{\\"sk-a\\": \\"alice\\"}\n', OPEN),
    ("a quote closes in the next value", f"API_KEYS='{A}\nMOTD='hello'\n", BEHIND),
    ("text behind the quote", f"API_KEYS='{A}' x\n", BEHIND),
    ("text right behind the quote", f"API_KEYS='{A}'x\n", BEHIND),
    ("two quoted parts", "API_KEYS='{\"sk-a\":''\"alice\"}'\n", BEHIND),
    ("a semicolon behind the quote", f"API_KEYS='{A}';\n", BEHIND),
    # Escapes
    ("an escaped backslash in single quotes", "API_KEYS='{\"sk-\\\\u0061\": \"alice\"}'\n", None),
    ("one backslash in single quotes", "API_KEYS='{\"sk-\\u0061\": \"alice\"}'\n", None),
    ("two backslashes of a key in single quotes", "API_KEYS='{\"sk\\\\\\\\a\": \"alice\"}'\n", None),
    ("an escaped single quote in single quotes", "API_KEYS='{\"sk-\\'a\": \"alice\"}'\n", None),
    ("an escaped double quote in single quotes", "API_KEYS='{\"sk-\\\"a\": \"alice\"}'\n", None),
    ("a backslash before the closing quote", "API_KEYS='{\"sk-a\": \"alice\"}\\'\n", OPEN),
    ("an escaped backslash before the closing quote", "API_KEYS='{\"sk-a\": \"alice\"}\\\\'\n", "stands behind the JSON"),
    ("\\n in double quotes is a line end", 'API_KEYS="{\\n\\"sk-a\\": \\"alice\\"\\n}"\n', None),
    ("\\n in single quotes is none", "API_KEYS='{\\n\"sk-a\": \"alice\"}'\n", JSON),
    ("\\t and \\r in double quotes", 'API_KEYS="{\\t\\"sk-a\\":\\r\\"alice\\"}"\n', None),
    ("\\v in double quotes", 'API_KEYS="{\\v\\"sk-a\\": \\"alice\\"}"\n', JSON),
    ("\\$ in double quotes stays", 'API_KEYS="{\\"sk-\\$a\\": \\"alice\\"}"\n', "not JSON"),
    ("\\' in double quotes", 'API_KEYS="{\\"sk-\\\'a\\": \\"alice\\"}"\n', None),
    ("a backslash at the end of a line", 'API_KEYS="{\\\n\\"sk-a\\": \\"alice\\"}"\n', JSON),
    ("a backslash at the end of a line, no quotes", 'API_KEYS={"sk-a": \\\n"alice"}\n', JSON),
    ("a backslash without quotes", "API_KEYS={\"sk-\\u0061\": \"alice\"}\n", None),
    ("\\x41 in double quotes stays", 'API_KEYS="{\\"sk-\\x41\\": \\"alice\\"}"\n', "not JSON"),
    # What is put in
    ("${X} in single quotes", "API_KEYS='{\"sk-${FROM_ENV}\": \"alice\"}'\n", ENV),
    ("${X} in double quotes", 'API_KEYS="{\\"sk-${FROM_ENV}\\": \\"alice\\"}"\n', ENV),
    ("${X} without quotes", 'API_KEYS={"sk-${FROM_ENV}": "alice"}\n', ENV),
    ("${X} of a variable that nobody set", "API_KEYS='{\"sk-a${NOBODY_SET_IT}\": \"alice\"}'\n", ENV),
    ("${X:-default}", "API_KEYS='{\"sk-${NOBODY_SET_IT:-b}\": \"alice\"}'\n", ENV),
    ("${X} of a line before", "PART=a\nAPI_KEYS='{\"sk-${PART}\": \"alice\"}'\n", None),
    ("${X:-default} of a line before", "PART=a\nAPI_KEYS='{\"sk-${PART:-b}\": \"alice\"}'\n", None),
    ("${X} of a line behind", "API_KEYS='{\"sk-${PART}\": \"alice\"}'\nPART=a\n", ENV),
    ("${X} of another case", "PART=a\nAPI_KEYS='{\"sk-${part}\": \"alice\"}'\n", ENV),
    ("${X} of a line that takes it elsewhere", "PART=${FROM_ENV}\nAPI_KEYS='{\"sk-${PART}\": \"alice\"}'\n", ENV),
    ("${X} of a name without a value", "PART\nAPI_KEYS='{\"sk-a${PART}\": \"alice\"}'\n", None),
    ("${X} that was set twice", "PART=b\nPART=a\nAPI_KEYS='{\"sk-${PART}\": \"alice\"}'\n", None),
    ("${X} of a name with a dot", "MY.PART=a\nAPI_KEYS='{\"sk-${MY.PART}\": \"alice\"}'\n", None),
    ("${} of nothing", "API_KEYS='{\"sk-a${}\": \"alice\"}'\n", ENV),
    ("all of it from a line before", f"KEYS='{A}'\nAPI_KEYS=${{KEYS}}\n", None),
    ("\\${X} is expanded, too", "PART=u0061\nAPI_KEYS='{\"sk-\\${PART}\": \"alice\"}'\n", None),
    ("$X is not expanded", "PART=b\nAPI_KEYS='{\"sk-$PART\": \"alice\"}'\n", None),
    ("${X is not expanded", "API_KEYS='{\"sk-${PART\": \"alice\"'}\n", BEHIND),
    ("${X:b} is not expanded", "PART=b\nAPI_KEYS='{\"sk-${PART:b}\": \"alice\"}'\n", None),
    ("${X} in another variable", f"HOST=${{FROM_ENV}}\nAPI_KEYS='{A}'\n", None),
    # Names
    ("export", f"export API_KEYS='{A}'\n", None),
    ("export and a tab", f"export\tAPI_KEYS='{A}'\n", None),
    ("export twice", f"export export API_KEYS='{A}'\n", UNSET),
    ("set", f"set API_KEYS='{A}'\n", UNSET),
    ("indented", f"  \tAPI_KEYS='{A}'\n", None),
    ("blanks around =", f"API_KEYS = '{A}'\n", None),
    ("a tab behind =", f"API_KEYS=\t'{A}'\n", None),
    ("the name in single quotes", f"'API_KEYS'='{A}'\n", None),
    ("the name in single quotes, exported", f"export 'API_KEYS' ='{A}'\n", None),
    ("the name in double quotes", f"\"API_KEYS\"='{A}'\n", UNSET),
    ("the quote of the name is never closed", f"'API_KEYS={A}\n", UNSET),
    ("lower case", f"api_keys='{A}'\n", None),
    ("mixed case", f"Api_Keys='{A}'\n", None),
    ("K of another alphabet", f"API_\u212aEYS='{A}'\n", None),
    ("S of another alphabet", f"API_KEY\u017f='{A}'\n", UNSET),
    ("a name that goes on", f"API_KEYS_OLD='{A}'\n", UNSET),
    ("a name that begins before", f"MY_API_KEYS='{A}'\n", UNSET),
    ("a colon for =", f"API_KEYS: '{A}'\n", UNSET),
    ("= is missing", f"API_KEYS '{A}'\n", BEHIND),
    ("a name alone", "API_KEYS\n", "has no value"),
    ("a name alone behind a value", f"API_KEYS='{A}'\nAPI_KEYS\n", TWICE),
    ("two =", f"API_KEYS=='{A}'\n", NO_JSON),
    # Twice
    ("set twice", f"API_KEYS='{A}'\nAPI_KEYS='{{\"sk-b\": \"bob\"}}'\n", TWICE),
    ("set twice in two cases", f"API_KEYS='{A}'\napi_keys='{{\"sk-b\": \"bob\"}}'\n", TWICE),
    ("in two cases, the first again", f"API_KEYS='{A}'\napi_keys='{{\"sk-b\": \"bob\"}}'\nAPI_KEYS='{{\"sk-c\": \"c\"}}'\n", TWICE),
    ("a nested name", f"API_KEYS='{A}'\nAPI_KEYS__sk-b=bob\n", NESTED),
    ("nested names alone", "API_KEYS__sk-a=alice\n", NESTED),
    # Comments
    ("a comment behind quotes", f"API_KEYS='{A}' # keys\n", None),
    ("a comment right behind quotes", f"API_KEYS='{A}'# keys\n", None),
    ("a tab and a comment behind quotes", f"API_KEYS='{A}'\t# keys\n", None),
    ("a comment without quotes", f"API_KEYS={A} # keys\n", None),
    ("a tab and a comment without quotes", f"API_KEYS={A}\t# keys\n", None),
    ("# without a blank before it", 'API_KEYS={"sk-a#1": "alice"}\n', None),
    ("# behind a blank in a key", 'API_KEYS={"sk-a #1": "alice"}\n', JSON),
    ("# in quotes", "API_KEYS='{\"sk-a\": \"alice\" #\n}'\n", JSON),
    ("a comment line in quotes", "API_KEYS='{\n# clients\n\"sk-a\": \"alice\"}'\n", JSON),
    ("a comment with an open quote", f"# it's\nAPI_KEYS='{A}'\n", None),
    ("commented out", f"#API_KEYS='{A}'\n", UNSET),
    ("commented out, and set", f"# API_KEYS='{{\"sk-b\":\"bob\"}}'\nAPI_KEYS='{A}'\n", None),
    ("a comment for a value", "API_KEYS= # none yet\n", NO_JSON),
    ("# for a value", "API_KEYS=#none\n", NO_JSON),
    # Line ends, blanks, and what cannot be seen
    ("CRLF", f"A=1\r\nAPI_KEYS='{A}'\r\nB=2\r\n", None),
    ("CRLF, several lines", "API_KEYS='" + LINES.replace("\n", "\r\n") + "'\r\n", None),
    ("CRLF without quotes", f"API_KEYS={A}\r\n", None),
    ("a lone CR", f"A=1\rAPI_KEYS='{A}'\rB=2\r", None),
    ("a lone CR without quotes", f"A=1\rAPI_KEYS={A}\rB=2", None),
    ("a lone CR in quotes", "API_KEYS='" + LINES.replace("\n", "\r") + "'\r", None),
    ("a byte order mark", f"\ufeffAPI_KEYS='{A}'\n", None),
    ("two byte order marks", f"\ufeff\ufeffAPI_KEYS='{A}'\n", UNSET),
    ("a byte order mark in the value", f"API_KEYS='\ufeff{A}'\n", NO_JSON),
    ("blank lines", f"\n\n \n\t\nAPI_KEYS='{A}'\n\n", None),
    ("blanks at the end", f"API_KEYS={A}  \t \n", None),
    ("blanks in quotes", f"API_KEYS=' {A} '\n", None),
    ("a no-break space before the name", f"\u00a0API_KEYS='{A}'\n", None),
    ("a no-break space in quotes", f"API_KEYS='\u00a0{A}'\n", NO_JSON),
    ("a no-break space behind =", f"API_KEYS=\u00a0'{A}'\n", None),
    ("U+2028 is no line end", f"A=1\u2028API_KEYS='{A}'\n", UNSET),
    ("U+2028 before the name", f"\u2028API_KEYS='{A}'\n", None),
    ("U+2028 and a comment", f"API_KEYS={A}\u2028# keys\n", None),
    ("U+0085 at the end", f"API_KEYS={A}\u0085\n", None),
    ("a form feed between lines", f"A=1\n\fAPI_KEYS='{A}'\n", None),
    ("U+001C at the end", f"API_KEYS={A}\u001c\n", None),
    ("U+200B before the name", f"\u200bAPI_KEYS='{A}'\n", UNSET),
    ("NUL in another line", f"A=\0\nAPI_KEYS='{A}'\n", None),
    ("NUL behind the value", f"API_KEYS={A}\0\n", "stands behind the JSON"),
    ("NUL in a key", "API_KEYS='{\"sk\0a\": \"alice\"}'\n", "not JSON"),
    ("a letter outside ASCII in a key", "API_KEYS='{\"sk-é\": \"alice\"}'\n", "outside ASCII"),
    ("not UTF-8", b"A=\xff\nAPI_KEYS='{\"sk-a\": \"alice\"}'\n", "not UTF-8"),
    # What other variables do to it
    ("a name with - whose value has it inside", "MY-MOTD='\nAPI_KEYS={\"sk-b\": \"bob\"}\n'\n" + f"API_KEYS='{A}'\n", None),
    ("a name with . whose value has it inside", "my.motd='\nAPI_KEYS={\"sk-b\": \"bob\"}\n'\n" + f"API_KEYS='{A}'\n", None),
    ("a name with : whose value has it inside", "a:b='\nAPI_KEYS={\"sk-b\": \"bob\"}\n'\n" + f"API_KEYS='{A}'\n", None),
    ("it stands in the value of another", f"MOTD='\nAPI_KEYS={A}\n'\n", SWALLOWED),
    ("an open quote before it", f"MOTD=\"it's\nAPI_KEYS={A}\n", SWALLOWED),
    ("an open single quote before it", f"MOTD='it is\nAPI_KEYS={A}\n", None),
    ("an apostrophe before it", f"MOTD=it's\nAPI_KEYS='{A}'\n", None),
    ("an escaped quote before it", f"MOTD='it\\'s'\nAPI_KEYS='{A}'\n", None),
    ("a backslash before a quote", f"DIR='C:\\'\nAPI_KEYS='{A}'\n", SWALLOWED),
    ("an escaped backslash before a quote", f"DIR='C:\\\\'\nAPI_KEYS='{A}'\n", None),
    ("lines that set nothing", f"not an assignment\n=x\n[section]\nAPI_KEYS='{A}'\n", None),
    ("an empty file", "", UNSET),
    # The JSON
    ("empty", "API_KEYS=\n", NO_JSON),
    ("empty quotes", "API_KEYS=''\n", NO_JSON),
    ("an empty object", "API_KEYS={}\n", "no keys in it"),
    ("null", "API_KEYS=null\n", NO_JSON),
    ("a list", 'API_KEYS=["sk-a"]\n', NO_JSON),
    ("a list of owners", 'API_KEYS={"sk-a": ["alice"]}\n', JSON),
    ("a number for an owner", 'API_KEYS={"sk-a": 1}\n', JSON),
    ("null for an owner", 'API_KEYS={"sk-a": null}\n', JSON),
    ("a comma too many", 'API_KEYS={"sk-a": "alice",}\n', "entry 2"),
    ("two objects", f"API_KEYS={A}{A}\n", "stands behind the JSON"),
    ("the same key twice", 'API_KEYS={"sk-a": "alice", "sk-a": "bob"}\n', None),
    ("an escape in the owner", "API_KEYS={\"sk-a\": \"al\\u0069ce\"}\n", None),
    ("half of a pair of surrogates", 'API_KEYS={"sk-\\ud83d": "alice"}\n', "not JSON"),
    ("a tab in a key", "API_KEYS='{\"sk\ta\": \"alice\"}'\n", "not JSON"),
    ("KEY:owner pairs", "API_KEYS=sk-a:alice,sk-b:bob\n", NO_JSON),
]


class Server(BaseSettings):
    model_config = SettingsConfigDict(extra="ignore")
    api_keys: dict[str, str] = {}


class Nested(Server):
    model_config = SettingsConfigDict(extra="ignore", env_nested_delimiter="__")


def read(content, environment, server=Server):
    """What the server makes of a file."""
    os.environ.clear()
    os.environ.update(environment)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ".env"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        try:
            settings = server(_env_file=path)
        except (SettingsError, ValidationError, UnicodeDecodeError) as error:
            return {"error": type(error).__name__}
    if "api_keys" not in settings.model_fields_set:
        return {"unset": True}
    if not all(map(is_text, settings.api_keys)):
        return {"error": "no text"}
    return {"keys": settings.api_keys}


def is_text(text):
    """Whether it can be sent: half of a pair of surrogates cannot."""
    try:
        text.encode()
        return True
    except UnicodeEncodeError:
        return False


def main():
    import logging

    logging.disable()
    warnings.simplefilter("ignore")
    rows = []
    for name, content, refused in FORMS:
        reads = read(content, {"FROM_ENV": "env"})
        other = {"FROM_ENV": "other", "PART": "p", "part": "p", "NOBODY_SET_IT": "n"}
        elsewhere = read(content, other, Nested)
        row = {"name": name}
        row.update({"bytes": list(content)} if isinstance(content, bytes) else {"file": content})
        row["server"] = reads if reads == elsewhere else {"depends": True}
        row["refused"] = refused
        rows.append(row)
        if refused is None and "keys" not in row["server"]:
            sys.exit(f"{name}: nothing that keyctl could read: {row['server']}")
    assert len({row["name"] for row in rows}) == len(rows), "each name once"
    versions = {name: importlib.metadata.version(name) for name in ("pydantic-settings", "python-dotenv")}
    text = json.dumps({"read_by": versions}, indent=None)[:-1] + ', "forms": [\n'
    text += ",\n".join(json.dumps(row) for row in rows) + "\n]}\n"
    path = Path(__file__).with_name("forms.json")
    if sys.argv[1:] == ["--write"]:
        path.write_text(text)
    elif path.read_text() != text:
        before = {row["name"]: row for row in json.loads(path.read_text())["forms"]}
        for row in rows:
            if before.get(row["name"]) != row:
                print(f"now {json.dumps(row)}\n    {json.dumps(before.get(row['name']))}", file=sys.stderr)
        sys.exit("forms.json is not what these packages read: see above, or run with --write")
    print(f"{len(rows)} passed, 0 failed")


main()

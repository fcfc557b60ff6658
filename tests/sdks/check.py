"""Compares what libraries read with the table, directly and under `keyctl exec`: see scripts/sdk-variables."""

import http.server
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

table, folder = Path(sys.argv[1]), Path(sys.argv[2])
here = Path(__file__).parent
keyctl = os.environ["KEYCTL_BIN"]
requests: list[str] = []


class Listener(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.rfile.read(int(self.headers.get("content-length") or 0))
        requests.append(str(self.headers))
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    do_POST = do_GET

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listener)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}"
home = Path(tempfile.mkdtemp(prefix="keyctl-sdks-"))
plain = {"PATH": os.environ["PATH"], "HOME": str(home), "KEYCTL_STORE": str(home / "keys.db")}


def planted(variable: str) -> str:
    """A value that can be told from others; a path to one where the variable names a file."""
    value = f"planted-{variable}"
    if not variable.endswith("_PATH"):
        return value
    (home / variable).write_text(value)
    return str(home / variable)


def sent(command: list[str], environment: dict[str, str]) -> tuple[set[str], str]:
    """The values that a library sends, and what it prints."""
    requests.clear()
    done = subprocess.run(
        command, env=plain | environment, capture_output=True, text=True, timeout=300, check=False
    )
    words = " ".join(requests).replace('"', " ").replace(",", " ").split()
    return {word for word in words if word.startswith("planted-")}, done.stderr


def run(*words: str, given: str = "", environment: dict[str, str] = {}) -> str:
    done = subprocess.run(
        [keyctl, *words], env=plain | environment, input=given, capture_output=True, text=True, check=True
    )
    return done.stdout


name, key = run("master", "init").strip().split("=", 1)
master = {name: key}
run("store", "init", "-q")
run("mint", "tester", "-q")
bound: set[str] = set()
faults = []
rows = [line.split() for line in table.read_text().splitlines() if line and not line.startswith("#")]
for provider, language, library, package, *variables in rows:
    ask = (
        [str(folder / "venv/bin/python"), str(here / "ask.py")]
        if language == "python"
        else ["node", str(folder / "js/ask.mjs")]
    ) + [library, url]
    found = []
    for start, variable in enumerate(variables):
        environment = {name.rstrip("!"): planted(name.rstrip("!")) for name in variables[start:]}
        expected = set() if variable.endswith("!") else {f"planted-{variable}"}
        seen, said = sent(ask, environment)
        if seen != expected:
            found.append(f"with {', '.join(environment)} it sends {seen or 'nothing'}: {said[-300:]}")
    if provider not in bound:
        run("secret", "set", provider, provider, given=f"planted-secret-{provider}", environment=master)
        run("secret", "bind", provider, "tester", environment=master)
        bound.add(provider)
    environment = {name.rstrip("!"): planted(name.rstrip("!")) for name in variables}
    under = [keyctl, "exec", "tester", "--only", provider, "--", *ask]
    seen, said = sent(under, environment | master)
    if seen != {f"planted-secret-{provider}"}:
        found.append(f"under keyctl exec it sends {seen or 'nothing'}: {said[-300:]}")
    print(f"{'FAILED' if found else 'ok'}  {provider}  {language}  {package}", flush=True)
    faults += [f"{provider} {language} {package}: {fault}" for fault in found]

print("\n".join(faults) or f"{len(rows)} libraries read what the table says, and get the secret")
sys.exit(bool(faults))

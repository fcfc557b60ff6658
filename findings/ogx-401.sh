#!/usr/bin/env bash
# OGX 1.5.0 (PyPI) sends a 401 without a challenge, and takes `bearer` for no scheme. Llama Stack 0.7.3 sends no challenge
# either.
#
# With `server.auth.provider_config: {type: custom, endpoint: http://HOST:PORT/validate}`. Expected of a 401:
# `WWW-Authenticate`, which RFC 9110 §11.6.1 demands. Seen: no such header. Expected of `Authorization: bearer TOKEN`: the
# same as of `Bearer TOKEN`, since a scheme's case does not count (RFC 9110 §11.1). Seen: 401, "Invalid Authorization header
# format", and the endpoint is not asked.
#
# So a client library that waits for a challenge never sends its key, and one that writes `bearer` gets in at every
# gateway and not here.
#
# Needs Python 3.12 or newer (PYTHON names it), installs the package into a temporary folder (about 250 MB), and talks to
# this machine only. Ends with 1 if OGX does anything else than what is said here.
set -euo pipefail

folder=$(mktemp -d)
started=()
# shellcheck disable=SC2064
trap 'kill "${started[@]}" 2>/dev/null || true; wait; rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check ogx==1.5.0

cat >"$folder/validate.py" <<'PY'
import http.server, sys

class Validate(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        open(sys.argv[1] + "/asked", "a").write("x")
        answer = b'{"principal": "alice", "attributes": {"scopes": ["files"]}}'
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *words):
        pass

server = http.server.HTTPServer(("127.0.0.1", 0), Validate)
open(sys.argv[1] + "/port", "w").write(str(server.server_port))
server.serve_forever()
PY
"$folder/env/bin/python" "$folder/validate.py" "$folder" &
started+=($!)
until [ -s "$folder/port" ]; do sleep 0.1; done
validate=127.0.0.1:$(cat "$folder/port")
port=$("$folder/env/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')

cat >"$folder/config.yaml" <<YAML
version: 2
distro_name: files
apis: [files]
providers:
  files:
    - provider_id: localfs
      provider_type: inline::localfs
      config:
        storage_dir: $folder/files
        metadata_store: { backend: sql_default, table_name: files_metadata }
storage:
  backends:
    kv_default: { type: kv_sqlite, db_path: $folder/kv.db }
    sql_default: { type: sql_sqlite, db_path: $folder/sql.db }
server:
  host: 127.0.0.1
  auth:
    provider_config: { type: custom, endpoint: "http://$validate/validate" }
YAML
HOME=$folder OTEL_SDK_DISABLED=true "$folder/env/bin/ogx" run "$folder/config.yaml" --port "$port" --insecure \
    >"$folder/log" 2>&1 &
started+=($!)
for _ in $(seq 300); do
    curl --silent --output /dev/null "http://127.0.0.1:$port/v1/health" && break
    sleep 0.2
done

status=0
expect() { # NAME EXPECTED SEEN
    printf '%s: %s\n' "$1" "$3"
    [ "$2" = "$3" ] || { printf 'expected: %s\n' "$2"; status=1; }
}
ask() { curl --silent --show-error --include "$@" "http://127.0.0.1:$port/v1/files" | tr -d '\r'; }
code() { head -n 1 | cut -d ' ' -f 2; }
asked() { wc -c <"$folder/asked" 2>/dev/null || echo 0; }

nobody=$(ask)
expect 'no credential' 401 "$(code <<<"$nobody")"
expect 'its challenges' 0 "$(grep -ci '^www-authenticate:' <<<"$nobody" || true)"
expect 'Bearer' 200 "$(ask --header 'Authorization: Bearer token' | code)"
before=$(asked)
expect 'bearer' 401 "$(ask --header 'Authorization: bearer token' | code)"
expect 'asked about it' 0 "$(($(asked) - before))"
exit "$status"

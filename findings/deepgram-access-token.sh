#!/usr/bin/env bash
# @deepgram/sdk 5.13.0 (npm) never reads DEEPGRAM_ACCESS_TOKEN from the environment.
#
# Its README, "Environment Variables", says that the SDK discovers credentials from
# DEEPGRAM_ACCESS_TOKEN, which "takes precedence", and from DEEPGRAM_API_KEY. Expected, then, with both
# set: `Bearer token`. Seen: `Token key`; and with DEEPGRAM_ACCESS_TOKEN alone no request at all, but
# "Please provide 'apiKey' when initializing the client, or set the 'DEEPGRAM_API_KEY' environment
# variable". The code that falls back to the variable is only reached where an `accessToken` was given
# in the constructor, and then the variable is not needed. Whoever moves to short-lived tokens by setting
# the variable goes on using the long-lived key, without an error.
#
# Needs Node 20 and npm, installs the package into a temporary folder, and sends requests to a
# server on this machine only. Ends with 1 if the SDK does anything else than what is said here.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$folder" @deepgram/sdk@5.13.0

cat >"$folder/ask.mjs" <<'JS'
import { createServer } from 'node:http';
import { DeepgramClient } from '@deepgram/sdk';

let sent;
const server = createServer((request, response) => {
  sent = request.headers.authorization;
  response.writeHead(200, { 'content-type': 'application/json' }).end('{"projects":[]}');
}).listen(0, '127.0.0.1');
await new Promise((done) => server.once('listening', done));
const url = `http://127.0.0.1:${server.address().port}`;
const environment = { base: url, production: url, agent: url, agentRest: url };
try {
  await new DeepgramClient({ environment }).manage.v1.projects.list();
} catch (error) {
  sent ??= `no request: ${error.message.split('\n')[0]}`;
}
console.log(sent);
process.exit(0);
JS

status=0
expect() {
    local expected=$1 seen
    shift
    seen=$(env -u DEEPGRAM_API_KEY -u DEEPGRAM_ACCESS_TOKEN "$@" node "$folder/ask.mjs")
    printf '%s: %s\n' "$*" "$seen"
    [[ $seen == "$expected"* ]] || { printf 'expected: %s\n' "$expected"; status=1; }
}
expect 'Token key' DEEPGRAM_API_KEY=key
expect 'Token key' DEEPGRAM_API_KEY=key DEEPGRAM_ACCESS_TOKEN=token
expect "no request: Please provide 'apiKey'" DEEPGRAM_ACCESS_TOKEN=token
exit "$status"

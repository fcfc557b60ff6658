// A program that is made of the SDK of MCP in TypeScript and lets itself in: lines in and out as those of sign_in.py.

import { createInterface } from "node:readline";

import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { UnauthorizedError } from "@modelcontextprotocol/sdk/client/auth.js";

const [, , url, clientId] = process.argv;
const CALLBACK = "http://127.0.0.1:4711/callback";
const say = (what) => console.log(JSON.stringify(what));

let tokens, verifier, discovered;
const provider = {
  redirectUrl: CALLBACK,
  clientMetadata: { client_name: "Editor", redirect_uris: [CALLBACK], token_endpoint_auth_method: "none" },
  state: () => "a-state",
  clientInformation: () => ({ client_id: clientId, token_endpoint_auth_method: "none" }),
  saveClientInformation: () => {},
  tokens: () => tokens,
  saveTokens: (given) => void (tokens = given),
  redirectToAuthorization: (address) => say({ open: address.href }),
  saveCodeVerifier: (text) => void (verifier = text),
  codeVerifier: () => verifier,
  saveDiscoveryState: (state) => void (discovered = state),
  discoveryState: () => discovered,
  invalidateCredentials: (what) => {
    if (what === "all" || what === "tokens") tokens = undefined;
  },
};

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const next = async () => JSON.parse((await lines.next()).value ?? "null");

async function call() {
  for (const attempt of [1, 2]) {
    const transport = new StreamableHTTPClientTransport(new URL(url), { authProvider: provider });
    const client = new Client({ name: "test", version: "1" });
    try {
      await client.connect(transport);
      const called = await client.callTool({ name: "whose", arguments: {} });
      return { whose: called.content[0].text, scope: tokens.scope, refresh: tokens.refresh_token };
    } catch (error) {
      if (!(error instanceof UnauthorizedError) || attempt === 2) throw error;
      const back = new URL((await next()).back);
      await transport.finishAuth(back.searchParams.get("code"));
    } finally {
      await client.close();
    }
  }
}

for (let asked = await next(); asked; asked = await next()) {
  if (asked.do === "late") {
    // As an hour later: the server refuses it.
    tokens = { ...tokens, access_token: "late" };
    say({ late: true });
    continue;
  }
  try {
    say(await call());
  } catch (error) {
    say({ error: `${error.constructor.name}: ${error.message}` });
  }
}

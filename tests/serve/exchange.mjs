// A client of OAuth that gets its tokens from keyctl serve by openid-client, and a service that verifies them by jose.
//
// Usage: exchange.mjs ISSUER CLIENT_ID MODULES, the key on standard input. Prints one object, as exchange.py does.

import { createInterface } from 'node:readline';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [issuer, clientId, modules] = process.argv.slice(2);
const require = createRequire(pathToFileURL(`${modules}/`));
const load = (name) => import(pathToFileURL(require.resolve(name)));
const [client, jose] = [await load('openid-client'), await load('jose')];
const { value: secret } = await createInterface({ input: process.stdin })[Symbol.asyncIterator]().next();

// From /.well-known/oauth-authorization-server; this machine's serve speaks HTTP.
const options = { algorithm: 'oauth2', execute: [client.allowInsecureRequests] };
const discover = (auth) => client.discovery(new URL(issuer), clientId, undefined, auth, options);
const told = {};
for (const [name, auth] of [
  ['client_secret_basic', client.ClientSecretBasic(secret)],
  ['client_secret_post', client.ClientSecretPost(secret)],
]) {
  told[name] = await client.clientCredentialsGrant(await discover(auth), { scope: 'chat' });
}
const basic = await discover(client.ClientSecretBasic(secret));
told.exchange = await client.genericGrantRequest(basic, 'urn:ietf:params:oauth:grant-type:token-exchange', {
  subject_token: secret,
  subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
  audience: 'billing',
});

const keys = jose.createRemoteJWKSet(new URL(basic.serverMetadata().jwks_uri));
const said = {};
for (const [name, token] of Object.entries(told)) {
  const audience = name === 'exchange' ? 'billing' : issuer;
  const { payload } = await jose.jwtVerify(token.access_token, keys, { audience, issuer, typ: 'at+jwt' });
  said[name] = { claims: payload, expires_in: token.expires_in, scope: token.scope ?? null };
}
console.log(JSON.stringify(said));

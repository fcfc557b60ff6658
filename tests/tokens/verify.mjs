// Asks a library of npm whether tokens are good: as verify.py, which says what a case is.

import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [name, modules] = process.argv.slice(2);
const require = createRequire(pathToFileURL(`${modules}/`));
let document = '';
const server = createServer((_, answer) => answer.setHeader('content-type', 'application/json').end(document));
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const own = `http://127.0.0.1:${server.address().port}/jwks.json`;

/** What fetches the keys, which is kept where they are. */
let kept;
const keysOf = (make, { url }) => (url ? (kept ??= make(url)) : make(own));

const LIBRARIES = {
  async jose({ token, audience, issuer, ...from }) {
    const { createRemoteJWKSet, jwtVerify } = await import(pathToFileURL(require.resolve('jose')));
    const keys = keysOf((url) => createRemoteJWKSet(new URL(url)), from);
    const { payload } = await jwtVerify(token, keys, { audience, issuer, typ: 'at+jwt', algorithms: ['ES256'] });
    return payload.sub;
  },
  async jsonwebtoken({ token, audience, issuer, ...from }) {
    const [jsonwebtoken, jwksRsa] = [require('jsonwebtoken'), require('jwks-rsa')];
    const client = keysOf((jwksUri) => jwksRsa({ jwksUri, cache: jwksUri !== own }), from);
    const find = ({ kid }, found) => client.getSigningKey(kid, (error, key) => found(error, key?.getPublicKey()));
    const said = await new Promise((done, fail) => jsonwebtoken.verify(
      token, find, { audience, issuer, algorithms: ['ES256'] }, (error, claims) => (error ? fail(error) : done(claims)),
    ));
    return said.sub;
  },
};

const begun = performance.now();
for await (const line of createInterface({ input: process.stdin })) {
  const one = JSON.parse(line);
  document = one.jwks;
  let said;
  try {
    said = await LIBRARIES[name](one);
  } catch (error) {
    said = `refused ${error.code ?? error.message.split(/[.:]/)[0]}`;
  }
  console.log(one.url ? `${Math.round((performance.now() - begun) / 1000)} ${said}` : said);
}
server.close();

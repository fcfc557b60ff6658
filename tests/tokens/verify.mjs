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
const url = `http://127.0.0.1:${server.address().port}/jwks.json`;

const LIBRARIES = {
  async jose({ token, audience, issuer }) {
    const { createRemoteJWKSet, jwtVerify } = await import(pathToFileURL(require.resolve('jose')));
    const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL(url)), { audience, issuer, typ: 'at+jwt', algorithms: ['ES256'] });
    return payload.sub;
  },
  async jsonwebtoken({ token, audience, issuer }) {
    const [jsonwebtoken, jwksRsa] = [require('jsonwebtoken'), require('jwks-rsa')];
    const client = jwksRsa({ jwksUri: url, cache: false });
    const find = ({ kid }, found) => client.getSigningKey(kid, (error, key) => found(error, key?.getPublicKey()));
    const said = await new Promise((done, fail) => jsonwebtoken.verify(
      token, find, { audience, issuer, algorithms: ['ES256'] }, (error, claims) => (error ? fail(error) : done(claims)),
    ));
    return said.sub;
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const one = JSON.parse(line);
  document = one.jwks;
  try {
    console.log(await LIBRARIES[name](one));
  } catch (error) {
    console.log('refused', error.code ?? error.message.split(/[.:]/)[0]);
  }
}
server.close();

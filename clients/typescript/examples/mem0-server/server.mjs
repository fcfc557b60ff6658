// Run it: KEYCTL_STORE=keys.db PORT=8888 node server.mjs

import { Reader } from 'keyctl-runtime';

import { mem0 } from './app.mjs';

const { KEYCTL_STORE, PORT = '8888', HOST = '127.0.0.1' } = process.env;
if (!KEYCTL_STORE) throw new Error('name the store in KEYCTL_STORE');
const reader = await Reader.open(KEYCTL_STORE);
// No proxy stands before this server: who opened the connection is the client.
const server = mem0(reader, { ip: ({ socket }) => socket.remoteAddress }).listen(Number(PORT), HOST, () => {
  console.log(`http://${HOST}:${server.address().port}`);
});

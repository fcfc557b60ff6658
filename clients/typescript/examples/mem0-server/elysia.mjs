// The same guard in Elysia, for two of the endpoints. With Bun: KEYCTL_STORE=keys.db bun elysia.mjs

import { Elysia } from 'elysia';
import { Reader } from 'keyctl-runtime';
import { keyctl, keyctlOf, refuseOthers } from 'keyctl-runtime/elysia';

import { Memories } from './memories.mjs';

export function mem0(reader, memories = new Memories()) {
  const others = (request, owner) => refuseOthers(keyctlOf(request), owner);
  return new Elysia()
    .use(keyctl(reader, { scope: 'memories', realm: 'mem0' }))
    .post('/memories', ({ request, body }) =>
      others(request, body?.user_id) ?? { results: [memories.add(body.user_id, String(body.memory))] })
    .get('/memories', ({ request, query }) =>
      others(request, query.user_id) ?? { results: memories.of(query.user_id) })
    .get('/memories/:id', ({ request, params }) => {
      const memory = memories.get(params.id);
      return others(request, memory?.user_id) ?? memory;
    });
}

if ('Bun' in globalThis && import.meta.main) {
  const { KEYCTL_STORE, PORT = '8888' } = process.env;
  if (!KEYCTL_STORE) throw new Error('name the store in KEYCTL_STORE');
  mem0(await Reader.open(KEYCTL_STORE)).listen({ port: Number(PORT), hostname: '127.0.0.1' }, ({ url }) => {
    console.log(String(url));
  });
}

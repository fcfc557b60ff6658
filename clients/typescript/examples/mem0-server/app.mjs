// The Mem0 server's protected endpoints in Express, each user's memories for that user alone.

import express from 'express';
import { keyctlErrors, requireKey, requireOwner } from 'keyctl-runtime/express';

import { Memories } from './memories.mjs';

/** Whose the data is: said in the body, in the query, or known of the memory. */
const inBody = requireOwner(({ body }) => body?.user_id);
const inQuery = requireOwner(({ query }) => query.user_id);

/** `ip` says where a client's trusted address is found. */
export function mem0(reader, { memories = new Memories(), ip } = {}) {
  const behindId = requireOwner(({ params }) => memories.ownerOf(params.id));
  const app = express();
  app.use(requireKey(reader, { scope: 'memories', realm: 'mem0', ip }));
  app.use(express.json());

  app.post('/memories', inBody, ({ body }, response) => {
    response.json({ results: [memories.add(body.user_id, textOf(body))] });
  });
  app.get('/memories', inQuery, ({ query }, response) => {
    response.json({ results: memories.of(query.user_id) });
  });
  app.delete('/memories', inQuery, ({ query }, response) => {
    memories.deleteAll(query.user_id);
    response.json({ message: 'All memories deleted' });
  });
  app.post('/search', inBody, ({ body }, response) => {
    response.json({ results: memories.search(body.user_id, String(body.query ?? '')) });
  });
  app.get('/memories/:id', behindId, ({ params }, response) => {
    response.json(memories.get(params.id));
  });
  app.get('/memories/:id/history', behindId, ({ params }, response) => {
    response.json(memories.history(params.id));
  });
  app.put('/memories/:id', behindId, ({ params, body }, response) => {
    response.json(memories.update(params.id, textOf(body)));
  });
  app.delete('/memories/:id', behindId, ({ params }, response) => {
    memories.delete(params.id);
    response.json({ message: 'Memory deleted' });
  });
  app.use(keyctlErrors);
  return app;
}

/** A text, or messages as Mem0's clients send them. */
function textOf({ memory, text, messages } = {}) {
  return String(memory ?? text ?? messages?.map(({ content }) => content).join('\n') ?? '');
}

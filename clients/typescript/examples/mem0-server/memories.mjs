// Memories of users, kept in this process: the store that a real server has elsewhere.

import { randomUUID } from 'node:crypto';

export class Memories {
  #byId = new Map();

  add(userId, text) {
    const memory = { id: randomUUID(), user_id: userId, memory: text, history: [{ event: 'ADD', memory: text }] };
    this.#byId.set(memory.id, memory);
    return shown(memory);
  }

  /** Whose a memory is; `undefined` if there is none of this id. */
  ownerOf(id) {
    return this.#byId.get(id)?.user_id;
  }

  get(id) {
    const memory = this.#byId.get(id);
    return memory && shown(memory);
  }

  history(id) {
    return this.#byId.get(id)?.history;
  }

  of(userId) {
    return [...this.#byId.values()].filter((memory) => memory.user_id === userId).map(shown);
  }

  search(userId, query) {
    return this.of(userId).filter(({ memory }) => memory.includes(query));
  }

  update(id, text) {
    const memory = this.#byId.get(id);
    memory.memory = text;
    memory.history.push({ event: 'UPDATE', memory: text });
    return shown(memory);
  }

  delete(id) {
    this.#byId.delete(id);
  }

  deleteAll(userId) {
    for (const { id } of this.of(userId)) this.#byId.delete(id);
  }
}

function shown({ id, user_id, memory }) {
  return { id, user_id, memory };
}

// The slow hash of tokens that were made elsewhere and may be guessed.

import { StoreUnavailable } from './errors.js';
import { sha256 } from './hashing.js';
import { isAbsent, whyNot } from './library.js';
import { Lru } from './lru.js';
import { Slots } from './slots.js';

interface Argon2 {
  hashRaw(text: string, options: object): Promise<Buffer>;
}

/** Each takes 64 MiB and a good part of a processor: in the whole process two at a time. */
const SLOTS = new Slots(2);
/** In ms. */
const PATIENCE = 2000;
/** RFC 9106: version 19, 64 MiB, three passes, four lanes, 32 bytes. */
const OPTIONS = { algorithm: 2, version: 1, memoryCost: 65536, timeCost: 3, parallelism: 4, outputLen: 32 };
const MOST_REMEMBERED = 1000;

const PACKAGE = '@node-rs/argon2';
let library: Promise<Argon2> | undefined;

/** Hashes texts, and remembers the hashes of those that are tokens, so that no change costs them one. */
export class SlowHash {
  readonly #known = new Lru<string>(MOST_REMEMBERED);

  /** 64 lower-case hex digits. `salt` is 16 bytes in hex. */
  async of(text: string, salt: string): Promise<string> {
    return this.#known.get(sha256(text) + salt) ?? (await hash(text, salt));
  }

  /** The text is a token of the store's. */
  remember(text: string, salt: string, hash: string): void {
    this.#known.set(sha256(text) + salt, hash);
  }
}

async function hash(text: string, salt: string): Promise<string> {
  library ??= import(PACKAGE) as Promise<Argon2>;
  const { hashRaw } = await library.catch((cause) => {
    const how = isAbsent(PACKAGE, cause) ? `npm install ${PACKAGE}` : whyNot(PACKAGE, cause);
    throw new StoreUnavailable('argon2id', `this token needs the package ${PACKAGE}: ${how}`, { cause });
  });
  const free = await SLOTS.take(PATIENCE);
  if (!free) throw new StoreUnavailable('timeout', 'too many slow hashes at a time');
  try {
    return (await hashRaw(text, { ...OPTIONS, salt: Buffer.from(salt, 'hex') })).toString('hex');
  } finally {
    free();
  }
}

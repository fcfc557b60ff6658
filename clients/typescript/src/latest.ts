// The latest change that a reader has seen: a store that shows less, or another history, went back.

/** What a mark says: a number that only grows, and a nonce for each change. */
export interface Mark {
  counter: bigint;
  nonce: string;
}

const FORM = /^(0|[1-9][0-9]{0,18})-([0-9a-f]{16})$/;

/** `undefined` where a text is no mark. */
export function parseMark(text: string): Mark | undefined {
  const [, counter, nonce] = FORM.exec(text) ?? [];
  return nonce === undefined ? undefined : { counter: BigInt(counter!), nonce };
}

/**
 * What a mark says of the store: `same` as the latest one; `late`, since it was asked for before that
 * was known, and so proves nothing; `back`; or `ahead`, if the latest is in its history.
 */
export type Course = 'same' | 'late' | 'back' | 'ahead';

/** Sending and receiving are counted, not timed: only their order matters. */
export class Latest {
  #events = 0;
  #known: (Mark & { text: string; receivedAt: number }) | undefined;

  /** The moment of now, to be taken before a read is sent. */
  moment(): number {
    return ++this.#events;
  }

  /** The latest mark. */
  get known(): Mark | undefined {
    return this.#known;
  }

  /** What it means that a read sent at this moment shows a mark. The first one is the latest. */
  courseOf(text: string, sentAt: number): Course {
    if (this.#known === undefined) this.accept(text);
    if (text === this.#known!.text) return 'same';
    if (sentAt < this.#known!.receivedAt) return 'late';
    return parseMark(text)!.counter > this.#known!.counter ? 'ahead' : 'back';
  }

  /** From now on this one is the latest. */
  accept(text: string): void {
    this.#known = { ...parseMark(text)!, text, receivedAt: ++this.#events };
  }
}

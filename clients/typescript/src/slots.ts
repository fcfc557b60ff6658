// So many at a time, and the others wait, in order and not for ever.

/** Gives a slot back. */
export type Free = () => void;

/** A fixed number of slots. */
export class Slots {
  #free: number;
  readonly #waiting = new Set<() => void>();

  constructor(size: number) {
    this.#free = size;
  }

  /** Takes a slot; `undefined` if none was free within `patience` ms. */
  take(patience: number): Promise<Free | undefined> {
    if (this.#free > 0) {
      this.#free -= 1;
      return Promise.resolve(() => this.#give());
    }
    return new Promise((resolve) => {
      const go = () => {
        clearTimeout(timer);
        resolve(() => this.#give());
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(go);
        resolve(undefined);
      }, patience);
      this.#waiting.add(go);
    });
  }

  #give(): void {
    const [next] = this.#waiting;
    if (!next) {
      this.#free += 1;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}

// A bounded map that forgets what was not used for longest.

interface Node<V> {
  key: string;
  value: V;
  /** How many values had come when it was used last. */
  usedAt: number;
  newer: Node<V> | undefined;
  older: Node<V> | undefined;
}

/** At most `most` values by text. */
export class Lru<V> {
  readonly #most: number;
  readonly #nodes = new Map<string, Node<V>>();
  #came = 0;
  #newest: Node<V> | undefined;
  #oldest: Node<V> | undefined;

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#nodes.size;
  }

  get(key: string): V | undefined {
    if (this.#nodes.size === 0) return undefined;
    const node = this.#nodes.get(key);
    if (node === undefined) return undefined;
    // What was used since the last value came is newer than all that was not: that is enough to
    // find what goes when the next one comes, and a hit mostly moves nothing.
    if (node.usedAt !== this.#came) {
      node.usedAt = this.#came;
      this.#unlink(node);
      this.#link(node);
    }
    return node.value;
  }

  set(key: string, value: V): void {
    if (this.#nodes.has(key)) this.delete(key);
    else if (this.#nodes.size >= this.#most && this.#oldest) this.delete(this.#oldest.key);
    this.#came += 1;
    const node: Node<V> = { key, value, usedAt: this.#came, newer: undefined, older: undefined };
    this.#nodes.set(key, node);
    this.#link(node);
  }

  delete(key: string): void {
    if (this.#nodes.size === 0) return;
    const node = this.#nodes.get(key);
    if (node === undefined) return;
    this.#nodes.delete(key);
    this.#unlink(node);
  }

  clear(): void {
    this.#nodes.clear();
    this.#newest = undefined;
    this.#oldest = undefined;
  }

  #link(node: Node<V>): void {
    node.older = this.#newest;
    node.newer = undefined;
    if (this.#newest) this.#newest.newer = node;
    this.#newest = node;
    this.#oldest ??= node;
  }

  #unlink(node: Node<V>): void {
    if (node.newer) node.newer.older = node.older;
    else this.#newest = node.older;
    if (node.older) node.older.newer = node.newer;
    else this.#oldest = node.newer;
  }
}

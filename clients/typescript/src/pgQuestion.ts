// What is asked of PostgreSQL in one go: statements of the extended protocol, sent together and
// ended by one Sync. The driver's own query cannot use a statement that was parsed a moment ago.

/** The driver's connection, as far as it is used. */
export interface Wire {
  stream: { cork(): void; uncork(): void; destroy(error?: Error): void };
  parse(statement: { name: string; text: string; types: [] }): void;
  bind(bound: { portal: string; statement: string; values: readonly string[]; valueMapper: (value: string) => string }): void;
  execute(portal: { portal: string; rows: number }): void;
  sync(): void;
}

/** One statement of a question. */
export interface Part {
  /** Empty for the unnamed one, which lives until the next is parsed. */
  name: string;
  /** `undefined` where the statement is parsed already. */
  text: string | undefined;
  values: readonly string[];
}

/** A row of cells as texts. */
export type Cells = (string | null)[];

/** Answers with the first row of each part. The driver calls what begins with `handle`. */
export class Question {
  readonly answer: Promise<(Cells | undefined)[]>;
  readonly #parts: readonly Part[];
  readonly #rows: (Cells | undefined)[] = [];
  #done = 0;
  #resolve!: (rows: (Cells | undefined)[]) => void;
  #reject!: (error: unknown) => void;

  constructor(parts: readonly Part[]) {
    this.#parts = parts;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  submit(wire: Wire): null {
    wire.stream.cork();
    for (const { name, text, values } of this.#parts) {
      if (text !== undefined) wire.parse({ name, text, types: [] });
      wire.bind({ portal: '', statement: name, values, valueMapper: (value) => value });
      wire.execute({ portal: '', rows: 0 });
    }
    wire.sync();
    wire.stream.uncork();
    return null;
  }

  handleDataRow({ fields }: { fields: Cells }): void {
    this.#rows[this.#done] ??= fields;
  }

  handleCommandComplete(): void {
    this.#done += 1;
  }

  handleReadyForQuery(): void {
    this.#resolve(this.#rows);
  }

  handleError(error: unknown): void {
    this.#reject(error);
  }

  handleRowDescription(): void {}
  handleEmptyQuery(): void {}
  handlePortalSuspended(): void {}
  handleCopyInResponse(): void {}
  handleCopyData(): void {}
}

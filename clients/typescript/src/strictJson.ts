// JSON that can be read in one way only (RFC 8259 §4): no name twice in an object, no lone surrogates, not too deep.
// `JSON.parse` takes the last of two members, and does not tell 1 from 1.0 or 1e0.

/** A value. Only what is written as an integer of 64 bits is a bigint; every other number is `OTHER`. */
export type Json = string | bigint | boolean | null | typeof OTHER | Json[] | Map<string, Json>;

/** A number that nobody here needs. */
export const OTHER: unique symbol = Symbol('a number');

const DEEPEST = 127;
const TEXT = /"((?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*)"/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
const LONE_SURROGATE = /\p{Cs}/u;
const BLANK = /[ \t\n\r]*/y;
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Whether a value is an object. */
export function isObject(value: Json | undefined): value is Map<string, Json> {
  return value instanceof Map;
}

/** `undefined` for what is no such JSON. */
export function parseStrict(bytes: Uint8Array): Json | undefined {
  try {
    return new Parser(UTF8.decode(bytes)).whole();
  } catch {
    return undefined;
  }
}

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): Json {
    const value = this.#value(0);
    if (this.#at !== this.#text.length) throw new SyntaxError('more behind it');
    return value;
  }

  /** With the blanks around it. */
  #value(depth: number): Json {
    this.#skip();
    const value = this.#bare(depth);
    this.#skip();
    return value;
  }

  #bare(depth: number): Json {
    switch (this.#text[this.#at]) {
      case '{': return this.#object(depth + 1);
      case '[': return this.#array(depth + 1);
      case '"': return this.#string();
      case 't': return this.#word('true', true);
      case 'f': return this.#word('false', false);
      case 'n': return this.#word('null', null);
      default: return this.#number();
    }
  }

  #object(depth: number): Json {
    const members = new Map<string, Json>();
    this.#open(depth);
    if (this.#closes('}')) return members;
    do {
      this.#skip();
      const name = this.#string();
      this.#skip();
      if (this.#text[this.#at++] !== ':') throw new SyntaxError('no colon');
      if (members.has(name)) throw new SyntaxError('a name stands there twice');
      members.set(name, this.#value(depth));
    } while (this.#goesOn('}'));
    return members;
  }

  #array(depth: number): Json {
    const values: Json[] = [];
    this.#open(depth);
    if (this.#closes(']')) return values;
    do values.push(this.#value(depth));
    while (this.#goesOn(']'));
    return values;
  }

  #open(depth: number): void {
    if (depth > DEEPEST) throw new SyntaxError('too deep');
    this.#at += 1;
    this.#skip();
  }

  #closes(bracket: string): boolean {
    if (this.#text[this.#at] !== bracket) return false;
    this.#at += 1;
    return true;
  }

  #goesOn(bracket: string): boolean {
    if (this.#closes(',')) return true;
    if (this.#closes(bracket)) return false;
    throw new SyntaxError('no end');
  }

  #string(): string {
    const [quoted, inner] = this.#match(TEXT);
    if (!inner!.includes('\\')) return inner!;
    const text = JSON.parse(quoted) as string;
    // It has no UTF-8.
    if (LONE_SURROGATE.test(text)) throw new SyntaxError('a lone surrogate');
    return text;
  }

  #number(): Json {
    const [written, fraction, exponent] = this.#match(NUMBER);
    if (!Number.isFinite(Number(written))) throw new SyntaxError('too large');
    if (fraction !== undefined || exponent !== undefined || written === '-0') return OTHER;
    const number = BigInt(written);
    return BigInt.asIntN(64, number) === number ? number : OTHER;
  }

  #word(word: string, value: boolean | null): Json {
    if (!this.#text.startsWith(word, this.#at)) throw new SyntaxError('no word');
    this.#at += word.length;
    return value;
  }

  #skip(): void {
    BLANK.lastIndex = this.#at;
    BLANK.exec(this.#text);
    this.#at = BLANK.lastIndex;
  }

  #match(form: RegExp): RegExpExecArray {
    form.lastIndex = this.#at;
    const found = form.exec(this.#text);
    if (!found) throw new SyntaxError('another form');
    this.#at = form.lastIndex;
    return found;
  }
}

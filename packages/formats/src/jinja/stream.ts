// The tokens of a template one after another, with the count of how deep the parser has gone: both belong to the attacker.
import type { Token } from './tokens.js';
import { JinjaFault } from './tokens.js';

const MAX_DEPTH = 120;

export class TokenStream {
  readonly #tokens: readonly Token[];
  readonly #end: number;
  #index = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], end: number) {
    this.#tokens = tokens;
    this.#end = end;
  }

  get current(): Token | undefined {
    return this.#tokens[this.#index];
  }

  get following(): Token | undefined {
    return this.#tokens[this.#index + 1];
  }

  /** Offset of the current token. */
  get at(): number {
    return this.current?.at ?? this.#end;
  }

  next(): Token {
    const token = this.current;
    if (token === undefined) throw new JinjaFault('it ends too early', this.#end);
    this.#index += 1;
    return token;
  }

  is(kind: Token['kind'], ...values: readonly string[]): boolean {
    const token = this.current;
    return token?.kind === kind && (values.length === 0 || values.includes(String(token.value)));
  }

  /** Takes the token when it is this one. */
  take(kind: Token['kind'], ...values: readonly string[]): boolean {
    if (!this.is(kind, ...values)) return false;
    this.#index += 1;
    return true;
  }

  operator(value: string): void {
    if (!this.take('operator', value)) throw this.unexpected(`"${value}"`);
  }

  name(): string {
    const token = this.current;
    if (token?.kind !== 'name') throw this.unexpected('a name');
    this.#index += 1;
    return token.value;
  }

  unexpected(wanted: string): JinjaFault {
    const token = this.current;
    const seen =
      token === undefined
        ? 'the end'
        : token.kind === 'end'
          ? 'the end of the tag'
          : JSON.stringify(token.value).slice(0, 60);
    return new JinjaFault(`${wanted} is expected instead of ${seen}`, this.at);
  }

  deeper<T>(work: () => T): T {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw new JinjaFault('it is nested too deep', this.at, true);
    const result = work();
    this.#depth -= 1;
    return result;
  }
}

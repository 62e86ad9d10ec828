// Events of an event stream (WHATWG HTML, 9.2.5 and 9.2.6): UTF-8 lines ended by LF, CR or CR LF, in chunks that are cut anywhere.
// The upstream chooses every byte: an event without an end must not fill the memory.

/** Of one event with its lines, in UTF-16 units: 1 MiB. */
export const LONGEST_EVENT = 1024 * 1024;

export type SseEvent =
  | { readonly kind: 'data'; readonly data: string }
  /** A sign of life without content: what it said is not passed on. */
  | { readonly kind: 'comment' };

export class SseReader {
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  #line = '';
  #data: string[] = [];
  #size = 0;
  #afterReturn = false;

  /** Events that are complete by now, or undefined for bytes that are no such stream; then nothing more may be asked. */
  push(chunk: Uint8Array): readonly SseEvent[] | undefined {
    const text = this.#decode(chunk);
    return text === undefined ? undefined : this.#take(text);
  }

  /** The last event, where the stream ended without the empty line behind it. */
  finish(): readonly SseEvent[] | undefined {
    if (this.#decode(undefined) === undefined) return undefined;
    return this.#take('\n\n');
  }

  #decode(chunk: Uint8Array | undefined): string | undefined {
    try {
      return chunk === undefined ? this.#decoder.decode() : this.#decoder.decode(chunk, { stream: true });
    } catch {
      return undefined;
    }
  }

  #take(text: string): readonly SseEvent[] | undefined {
    const events: SseEvent[] = [];
    let at = this.#afterReturn && text.startsWith('\n') ? 1 : 0;
    if (text !== '') this.#afterReturn = text.endsWith('\r');
    const ends = /\r\n|\n|\r/g;
    ends.lastIndex = at;
    for (let end = ends.exec(text); end !== null; end = ends.exec(text)) {
      this.#line += text.slice(at, end.index);
      at = ends.lastIndex;
      if (!this.#endLine(events)) return undefined;
    }
    this.#line += text.slice(at);
    return this.#size + this.#line.length > LONGEST_EVENT ? undefined : events;
  }

  #endLine(events: SseEvent[]): boolean {
    const line = this.#line;
    this.#line = '';
    if (line === '') {
      if (this.#data.length > 0) events.push({ kind: 'data', data: this.#data.join('\n') });
      this.#data = [];
      this.#size = 0;
      return true;
    }
    this.#size += line.length;
    if (this.#size > LONGEST_EVENT) return false;
    if (line.startsWith(':')) {
      events.push({ kind: 'comment' });
      return true;
    }
    const [, field = '', value = ''] = /^([a-z]+)(?::[ ]?(.*))?$/s.exec(line) ?? [];
    if (field === 'data') this.#data.push(value);
    // Nothing of the chat and completions form is told by the other fields; they are not passed on.
    return field === 'data' || field === 'event' || field === 'id' || field === 'retry';
  }
}

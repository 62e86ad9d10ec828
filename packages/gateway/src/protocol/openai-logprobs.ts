// Log-probabilities of an answer, which spell its text once more: token by token, in bytes, and in the alternatives to each token.
// They cannot be masked. So what they spell is put together and looked at like a text, and where it may not pass, they go.
import type { JsonObject, JsonValue } from '@vallum/core';
import { isJsonObject } from '@vallum/core';

/** @returns what they spell, or undefined when they do not have the form of the documents and have to be left out */
export function spelledBy(logprobs: JsonObject): readonly string[] | undefined {
  const isOfChat = Object.keys(logprobs).every((key) => key === 'content' || key === 'refusal');
  return isOfChat ? spelledInChat(logprobs) : spelledInCompletion(logprobs);
}

class Spelling {
  tokens = '';
  readonly bytes: number[] = [];

  add({ token, logprob, bytes = null, ...rest }: JsonObject): boolean {
    if (typeof token !== 'string' || typeof logprob !== 'number' || Object.keys(rest).length > 0) return false;
    this.tokens += token;
    if (bytes === null) return true;
    if (!Array.isArray(bytes)) return false;
    for (const byte of bytes as readonly JsonValue[]) {
      if (typeof byte !== 'number') return false;
      this.bytes.push(byte);
    }
    return true;
  }

  get texts(): readonly string[] {
    return [this.tokens, Buffer.from(this.bytes).toString('utf8')];
  }
}

function spelledInChat(logprobs: JsonObject): readonly string[] | undefined {
  const texts: string[] = [];
  for (const list of Object.values(logprobs)) {
    if (list === null) continue;
    if (!Array.isArray(list)) return undefined;
    const main = new Spelling();
    for (const item of list as readonly JsonValue[]) {
      if (!isJsonObject(item)) return undefined;
      const { top_logprobs: top = [], ...own } = item;
      if (!main.add(own) || !Array.isArray(top)) return undefined;
      for (const other of top as readonly JsonValue[]) {
        const alternative = new Spelling();
        if (!isJsonObject(other) || !alternative.add(other)) return undefined;
        texts.push(...alternative.texts);
      }
    }
    texts.push(...main.texts);
  }
  return texts;
}

const LISTS = new Set(['tokens', 'token_logprobs', 'top_logprobs', 'text_offset']);

function spelledInCompletion(logprobs: JsonObject): readonly string[] | undefined {
  const { tokens = null, top_logprobs: top = null } = logprobs;
  for (const [key, list] of Object.entries(logprobs))
    if (!LISTS.has(key) || (list !== null && !Array.isArray(list))) return undefined;
  for (const key of ['token_logprobs', 'text_offset'])
    if (!areNumbers((logprobs[key] ?? []) as readonly JsonValue[])) return undefined;
  const texts: string[] = [];
  if (!((tokens ?? []) as readonly JsonValue[]).every((token) => typeof token === 'string')) return undefined;
  texts.push(((tokens ?? []) as readonly string[]).join(''));
  for (const others of (top ?? []) as readonly JsonValue[]) {
    if (others === null) continue;
    if (!isJsonObject(others) || !areNumbers(Object.values(others))) return undefined;
    texts.push(...Object.keys(others));
  }
  return texts;
}

function areNumbers(list: readonly JsonValue[]): boolean {
  return list.every((item) => typeof item === 'number' || item === null);
}

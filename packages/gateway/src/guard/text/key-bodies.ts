// A private key is known by its first line, and it is the lines below that are secret. The rules of `detect` stop at the first
// line, which is enough to find a key and not enough to mask it.

export interface BodyEnd {
  readonly end: number;
  /** No end was seen: what follows in a stream still belongs to the key. */
  readonly open: boolean;
}

const PEM_END = /-----END [A-Z ]{0,40}-----/g;
/** Base64 and line ends; in JSON inside a text a line end is written `\n` or `\r`. */
const BASE64 = /[A-Za-z0-9+/=\r\n\\]*/y;
/** Longest text in which `PEM_END` can stand unfinished at the end of a piece. */
export const LONGEST_END = 64;

/** Where the secret that a match begins really ends; the end of the match itself for all that is whole in it. */
export function bodyEnd(rule: string, text: string, end: number): BodyEnd {
  switch (rule) {
    case 'private_key': {
      PEM_END.lastIndex = end;
      const found = PEM_END.exec(text);
      return found === null ? { end: text.length, open: true } : { end: PEM_END.lastIndex, open: false };
    }
    case 'private_key.base64':
    case 'putty.key': {
      BASE64.lastIndex = end;
      BASE64.exec(text);
      return { end: BASE64.lastIndex, open: BASE64.lastIndex === text.length };
    }
    default:
      return { end, open: false };
  }
}

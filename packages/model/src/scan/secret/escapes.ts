// A text with the escapes of JSON, JavaScript and Python for printable characters taken out, so that `ghp\u005f...` reads as
// what every parser makes of it. Escapes for line ends stay: lines keep their numbers.

export interface Unescaped {
  readonly text: string;
  /** Where in the escaped text a character of this one comes from. */
  readonly origin: (at: number) => number;
}

const ESCAPE = /\\(?:u00([2-7][0-9a-fA-F])|x([2-7][0-9a-fA-F])|\/)/g;

/** @returns undefined when there is none */
export function withoutEscapes(text: string): Unescaped | undefined {
  /** Each escape: where its character stands in the plain text, and how much longer it was, with all before it. */
  const places: number[] = [];
  const shifts: number[] = [];
  let shift = 0;
  const plain = text.replace(ESCAPE, (whole, json: string | undefined, hex: string | undefined, at: number) => {
    places.push(at - shift);
    shift += whole.length - 1;
    shifts.push(shift);
    const code = json ?? hex;
    return code === undefined ? '/' : String.fromCharCode(Number.parseInt(code, 16));
  });
  if (places.length === 0) return undefined;
  return {
    text: plain,
    origin: (at) => {
      let low = 0;
      let high = places.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((places[middle] ?? 0) < at) low = middle + 1;
        else high = middle;
      }
      return at + (shifts[low - 1] ?? 0);
    },
  };
}

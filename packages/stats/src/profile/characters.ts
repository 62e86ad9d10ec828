// Classes of characters. Invisible ones (Unicode's Default_Ignorable_Code_Point: zero-width, bidi controls, tags, variation
// selectors) are counted for themselves: they carry triggers and hidden instructions that no reader sees.

export const LETTER = 0;
export const DIGIT = 1;
export const SPACE = 2;
export const CONTROL = 3;
export const INVISIBLE = 4;
export const OTHER = 5;

const CLASSES: readonly (readonly [number, RegExp])[] = [
  [INVISIBLE, /^\p{Default_Ignorable_Code_Point}$/u],
  [LETTER, /^\p{L}$/u],
  [DIGIT, /^\p{Nd}$/u],
  [SPACE, /^\p{White_Space}$/u],
  [CONTROL, /^\p{Cc}$/u],
];

/** Classes met so far, plus one; 0 is unknown. One entry per unit of the basic plane. */
const known = new Uint8Array(65_536);

export function classOf(codePoint: number): number {
  if (codePoint >= known.length) return classify(codePoint);
  const entry = known[codePoint] as number;
  if (entry > 0) return entry - 1;
  const found = classify(codePoint);
  known[codePoint] = found + 1;
  return found;
}

function classify(codePoint: number): number {
  const text = String.fromCodePoint(codePoint);
  return CLASSES.find(([, pattern]) => pattern.test(text))?.[0] ?? OTHER;
}

// Where Python ends a line of text, and what it takes for white space: both differ from what an editor shows, so that a form
// feed or U+2028 in a comment can hide a line from a reader that knows only \n and \r.

/** `file`: as a text file is read (universal newlines). `splitlines`: as `str.splitlines` does. */
export type LineEnds = 'file' | 'splitlines';

const CR = 0x0d;
const LF = 0x0a;

/** Lines without their ends, one at a time: a file of nothing but line ends takes no memory. */
export function* pythonLines(text: string, ends: LineEnds): Generator<string> {
  const all = ends === 'splitlines';
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    // Nearly every character is ruled out by one comparison.
    if (code > 0x1e && code < 0x85) continue;
    if (code !== LF && code !== CR && !(all && isFurtherEnd(code))) continue;
    yield text.slice(start, at);
    if (code === CR && text.charCodeAt(at + 1) === LF) at += 1;
    start = at + 1;
  }
  if (start < text.length) yield text.slice(start);
}

/** VT, FF, FS, GS, RS, NEL, and the separators of Unicode. */
function isFurtherEnd(code: number): boolean {
  return (
    code === 0x0b ||
    code === 0x0c ||
    (code >= 0x1c && code <= 0x1e) ||
    code === 0x85 ||
    code === 0x2028 ||
    code === 0x2029
  );
}

const SPACE = /^[\t-\r\u001c-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]$/;

/** `str.isspace` of one character. */
export function isPythonSpace(character: string): boolean {
  return SPACE.test(character);
}

/** `str.strip()`. */
export function pythonStrip(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isPythonSpace(text.charAt(start))) start += 1;
  while (end > start && isPythonSpace(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

// Python source that is no plain text: in another encoding than UTF-8, or with control characters, which Python takes in
// comments and strings. Without this, one such byte would hide the code behind "unknown content".

const COOKIE = /^(?:[^\n]{0,200}\n)?[ \t\f]*#.{0,200}coding[:=][ \t]*[-\w.]+/;
const SHEBANG = /^#![^\n]{0,100}\bpython/;
/** How a file of source may begin, behind comments. */
const FIRST =
  /^(?:@|"""|'''|(?:import|from|def|class|if|try|with|for|while|async|exec|eval|print|del|assert|raise)\b|[A-Za-z_][\w.]*[ \t]*[=(:])/;
const STATEMENT =
  /^(?:import [A-Za-z_][\w.]*(?:[ \t]*[,;#\r]|[ \t]+as\b|[ \t]*$)|from \.*[A-Za-z_.][\w.]* import |def [A-Za-z_]\w*[ \t]*\(|class [A-Za-z_]\w*[ \t]*[(:]|(?:exec|eval|__import__)[ \t]*\()/m;

/** @param head the first bytes of something that is not UTF-8 text */
export function looksLikePython(head: Uint8Array): boolean {
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.byteLength, 4096)).toString('latin1');
  // A few odd bytes, not a binary file with a piece of source in it.
  const odd = text.replace(/[\t\n\f\r\x20-\x7e\x80-\xff]/g, '').length;
  if (odd > text.length / 50 + 4) return false;
  if (COOKIE.test(text) || SHEBANG.test(text)) return true;
  const lines = text.replace(/^\xef\xbb\xbf/, '').split(/\r\n|\r|\n/);
  const first = lines.find((line) => line.trim() !== '' && !line.trimStart().startsWith('#'));
  return first !== undefined && FIRST.test(first) && STATEMENT.test(text);
}

// How deep a text of brackets and indentation could be nested, told in one pass before a parser builds anything: a parser
// keeps a node for each open bracket, and some hundred megabytes for a few million of them.

/** Whether more than `most` brackets stand open at once outside double quotes; a quote ends with its line. */
export function bracketsDeeperThan(text: string, most: number): boolean {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x0a) quoted = false;
    else if (quoted) {
      if (code === 0x5c) at += 1;
      else if (code === 0x22) quoted = false;
    } else if (code === 0x22) quoted = true;
    else if (code === 0x5b || code === 0x7b) {
      depth += 1;
      if (depth > most) return true;
    } else if ((code === 0x5d || code === 0x7d) && depth > 0) depth -= 1;
  }
  return false;
}

const LEAD = /^ *(?:[-?:] +)*/;

/** Whether lines stand more than `most` levels inside each other; `- - - a` is three levels in one line. */
export function indentedDeeperThan(text: string, most: number): boolean {
  const columns: number[] = [];
  let start = 0;
  while (start < text.length) {
    const next = text.indexOf('\n', start);
    const end = next < 0 ? text.length : next;
    const lead = LEAD.exec(text.slice(start, Math.min(end, start + 100_000)))?.[0] ?? '';
    if (start + lead.length < end) {
      const indent = /^ */.exec(lead)?.[0].length ?? 0;
      while ((columns.at(-1) ?? -1) >= indent) columns.pop();
      columns.push(indent);
      for (let at = indent + 1; at < lead.length; at++) if (lead[at - 1] !== ' ') columns.push(at + 1);
      if (columns.length > most) return true;
    }
    start = end + 1;
  }
  return false;
}

// Text for people: a few styles and an aligned table, forty lines instead of a dependency.
// Names and messages can come from hostile files, so control characters are made visible before they reach a terminal.

export interface Style {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly warn: (text: string) => string;
}

export function makeStyle(colour: boolean): Style {
  const wrap = (open: number, close: number) => (text: string) =>
    colour ? `\u001b[${open}m${text}\u001b[${close}m` : text;
  return { bold: wrap(1, 22), dim: wrap(2, 22), good: wrap(32, 39), bad: wrap(31, 39), warn: wrap(33, 39) };
}

/** Escapes everything that could move a cursor, hide text or reorder it. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) =>
    character === '\n' ? '\\n' : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

export function colourOf(style: Style, word: string): string {
  if (word === 'pass') return style.good(word);
  return word === 'fail' || word === 'refused' ? style.bad(word) : style.warn(word);
}

/** Rows with columns padded to the widest cell; a cell is text plus how it is painted. */
export interface Cell {
  readonly text: string;
  readonly paint?: (text: string) => string;
}

export function table(rows: readonly (readonly Cell[])[], indent = '  '): string {
  const widths: number[] = [];
  for (const row of rows)
    row.forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, cell.text.length)));
  const line = (row: readonly Cell[]): string =>
    row
      .map((cell, column) => {
        const last = column === row.length - 1;
        const text = last ? cell.text : cell.text.padEnd(widths[column] ?? 0);
        return cell.paint === undefined ? text : cell.paint(text);
      })
      .join('  ');
  return rows.map((row) => `${indent}${line(row)}`.trimEnd()).join('\n');
}

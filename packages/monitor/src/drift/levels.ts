// Any column as categories, to split rows by it: numbers and times as the text of their value.
import type { SampleColumn, TextColumn } from './sample.js';

const MOST = 100_000;

/** Distinct values become levels in the order in which they first appear; beyond 100,000 they share one. */
export function asLevels(column: SampleColumn): TextColumn {
  if (column.kind === 'text') return column;
  const known = new Map<number, number>();
  const levels: string[] = [];
  const codes = new Int32Array(column.values.length);
  column.values.forEach((value, row) => {
    if (Number.isNaN(value)) {
      codes[row] = -1;
      return;
    }
    let code = known.get(value);
    if (code === undefined) {
      code = Math.min(known.size, MOST);
      known.set(value, code);
      levels[code] = code === MOST ? 'other values' : nameOf(value, column.kind);
    }
    codes[row] = code;
  });
  return { name: column.name, kind: 'text', codes, levels };
}

function nameOf(value: number, kind: 'number' | 'boolean' | 'time'): string {
  if (kind === 'boolean') return value === 0 ? 'false' : 'true';
  return kind === 'time' && Math.abs(value) <= 8.64e15 ? new Date(value).toISOString() : String(value);
}

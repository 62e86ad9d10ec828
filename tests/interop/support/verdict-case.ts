// A bundle and a folder, with the verdict that each verifier gives, and short ways to write such cases. `strict` is `ok` or
// the code of the refusal; `differs` is the reason where `compat` decides otherwise than the reference does.
import type { KeyObject } from 'node:crypto';
import { forge, listed, statement, type Statement } from './forge.js';

export interface VerdictCase {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  /** Path to target. */
  readonly links?: Readonly<Record<string, string>>;
  /** The model is this one file. */
  readonly single?: string;
  readonly bundle: (key: KeyObject) => string;
  readonly ignoreUnsigned?: boolean;
  readonly reference: 'ok' | 'refused';
  readonly strict: string;
  readonly differs?: string;
}

export const FILES = { a: 'A', 'd/b': 'B' };
export const A = listed('a', 'A');
export const B = listed('d/b', 'B');
export const good: Statement = { resources: [A, B] };

export type Rest = Omit<VerdictCase, 'name' | 'bundle' | 'files'> & { readonly files?: VerdictCase['files'] };

/** A well signed statement, changed as text at the end if need be. */
export function says(name: string, what: Statement, rest: Rest, edit?: (text: string) => string): VerdictCase {
  const text = JSON.stringify(statement(what));
  const payload = edit?.(text) ?? text;
  if (edit !== undefined && payload === text) throw new Error(`${name} changes nothing`);
  return {
    name,
    files: FILES,
    bundle: (key) => forge(key, { payload }),
    ...rest,
  };
}

const padded = (text: string): string => text.padEnd(Math.ceil(text.length / 3) * 3 + 1, ' ');

/** A good statement in a bundle whose text is changed. */
export function wraps(name: string, edit: (text: string) => string, rest: Rest): VerdictCase {
  // One byte more than a multiple of three, so that its base64 is padded.
  const payload = padded(JSON.stringify(statement(good)));
  return {
    name,
    files: FILES,
    bundle: (key) => {
      const text = forge(key, { payload });
      const changed = edit(text);
      if (changed === text) throw new Error(`${name} changes nothing`);
      return changed;
    },
    ...rest,
  };
}

export const ok = { reference: 'ok', strict: 'ok' } as const;
export const refused = (strict: string) => ({ reference: 'refused', strict }) as const;
export const lax = (strict: string) => ({ reference: 'ok', strict }) as const;
export const swap =
  (from: string | RegExp, to: string) =>
  (text: string): string =>
    text.replace(from, to);

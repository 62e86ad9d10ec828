// How a reader of tables says that it cannot go on. Text from the file is shortened and quoted: it may be a terminal escape,
// or a value that nobody may see.
import { VallumError } from '@vallum/core';

export function tableError(code: `TABLE_${string}`, message: string, fix: string, cause?: unknown): VallumError {
  return new VallumError(code, message, cause === undefined ? { fix } : { fix, cause });
}

/** A name from the file, in quotes and of bounded length. */
export function quoted(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 79)}…` : name);
}

const SHORT = 4;
const SHOWN = 16;

/** The shape of a value, for a person who looks for it: `12*-**-****`. Four characters or fewer are shown as they are. */
export function masked(value: string): string {
  if (value.length <= SHORT) return JSON.stringify(value);
  const shape = value.slice(2, SHOWN).replace(/[\p{L}\p{N}]/gu, '*');
  return JSON.stringify(`${value.slice(0, 2)}${shape}${value.length > SHOWN ? '…' : ''}`.toWellFormed());
}

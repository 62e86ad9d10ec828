// What every examination is handed: the rules, the budgets of this file, and where to note what it sees.
import type { FileStat } from '@vallum/core';
import type { Parser, Source } from '@vallum/formats';
import { parseSource } from '@vallum/formats';
import type { ScanBudgets } from './budgets.js';
import type { PickleRules } from './pickle/judge.js';
import type { Draft, Notes } from './report.js';
import type { Rules } from './rules.js';

/** The bytes under examination: a file, an entry of an archive, or a constant in a pickle. */
export interface Item {
  readonly source: Source;
  /** Last part decides what the name promises. */
  readonly name: string;
  /** Path inside archives; undefined for the file itself. */
  readonly entry?: string;
  readonly depth: number;
  /** Bytes of the entries beside it in its archive, by name. */
  readonly entries?: ReadonlyMap<string, number>;
}

/** What was spent on one file, over all archives inside it. */
export interface Spent {
  unpacked: number;
  entries: number;
  /** Opcodes in the constants of pickles, and bytes that were searched behind them. */
  constants: number;
}

/** A private temporary file, gone once it is closed. */
export interface ScratchFile {
  write(offset: number, bytes: Uint8Array): Promise<void>;
  /** At most `length` bytes from `offset`; fewer only at the end. */
  read(offset: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Where unpacked bytes go that are too many for memory. */
export interface Scratch {
  create(): Promise<ScratchFile>;
}

export interface Context {
  readonly rules: Rules;
  readonly pickle: PickleRules;
  readonly budgets: ScanBudgets;
  readonly notes: Notes;
  readonly spent: Spent;
  readonly scratch: Scratch;
  /** Milliseconds since some fixed moment. */
  readonly clock: () => number;
  /** By `clock`, when the work on this file began. */
  readonly started: number;
  readonly signal?: AbortSignal | undefined;
  /** What lies at a path relative to the file's folder; undefined inside archives. */
  readonly near?: ((path: string) => Promise<FileStat | undefined>) | undefined;
  /** Says that a file beside this one is the data of this one, and need not be of a known format. */
  readonly claim?: ((path: string) => void) | undefined;
  /** Examines something inside the item, with every format that its content matches. */
  readonly inside: (item: Item) => Promise<void>;
}

/** Why nothing more is examined, when the time for one file is used up. */
export function checkTime({ budgets, clock, started }: Context): string | undefined {
  if (clock() - started <= budgets.maxSeconds * 1000) return undefined;
  return `the ${budgets.maxSeconds} seconds for one file are used up`;
}

/** @throws Error when the time for the file is used up, before anything is read */
export async function read<T>(context: Context, item: Item, parser: Parser<T>): Promise<T> {
  const over = checkTime(context);
  if (over !== undefined) throw new Error(over);
  return parseSource(parser, item.source, context.signal);
}

export function find(context: Context, item: Item, draft: Draft): void {
  context.notes.find(draft, item.entry);
}

export function skip(context: Context, item: Item, what: string, why: string): void {
  context.notes.skip(item.entry === undefined ? what : `${item.entry}: ${what}`, why);
}

/** The whole text of an item, or undefined when it is too long, which is noted. */
export async function wholeText(context: Context, item: Item, what: string): Promise<string | undefined> {
  const { size } = item.source;
  if (size > context.budgets.maxTextBytes)
    return void skip(context, item, what, `it has ${size} bytes, more than ${context.budgets.maxTextBytes}`);
  const bytes = await item.source.read(0, size);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}

// Looks for secrets in one file: in texts, in notebooks cell by cell, inside archives, and in the bytes of everything else in
// overlapping windows, so that the metadata of a model of any format is read without knowing the format: a token counts
// there whatever stands beside it, because lengths and opcodes look like letters. The archives are opened by the scanner's
// own readers with their budgets; nothing else of the scanner runs here.
import type { Disk, Location } from '@vallum/core';
import { messageOf, parent, parseJsonStrict } from '@vallum/core';
import { sniff } from '@vallum/formats';
import type { ScanBudgets } from '../budgets.js';
import type { Context, Item } from '../context.js';
import { checkTime, read, skip, wholeText } from '../context.js';
import { diskScratch } from '../edge/scratch.js';
import { examineAs } from '../examine.js';
import { pickleRules } from '../pickle/judge.js';
import type { NotExamined } from '../report.js';
import { Notes } from '../report.js';
import type { Rules } from '../rules.js';
import type { FoundSecret, TextKind } from '../secret/find-secrets.js';
import { findSecrets, TOLD } from '../secret/find-secrets.js';
import { count } from '../shell/note-commands.js';
import { Gravest } from './gravest.js';
import { notebookTexts, rawNotebook } from './notebook-texts.js';
import own from './rules.json' with { type: 'json' };
import { wideTexts } from './wide-texts.js';

export interface Sighting extends Pick<FoundSecret, 'rule' | 'finding' | 'what'> {
  readonly location: Location;
  /** Where in the file, in words. */
  readonly at: string;
}

export interface Looked {
  readonly sightings: readonly Sighting[];
  readonly notExamined: readonly NotExamined[];
  readonly bytes: number;
}

export interface LookOptions {
  readonly disk: Disk;
  readonly path: string;
  /** Its path in the project. */
  readonly shown: string;
  readonly rules: Rules;
  readonly budgets: ScanBudgets;
  readonly signal: AbortSignal;
}

/** Most sightings of one file. */
const MAX_SIGHTINGS = 200;
const WINDOW = 1024 * 1024;
/** Longer than every form of a token that stands in bytes. */
const OVERLAP = 8 * 1024;

export async function lookAtFile(options: LookOptions): Promise<Looked> {
  const { disk, path, shown, rules, signal } = options;
  const notes = new Notes(rules, shown);
  const sightings = new Gravest<Sighting>(MAX_SIGHTINGS, ({ finding }) => finding === 'VLM-SEC-001');
  const note = (sighting: Sighting): void => {
    const { rule, what, at } = sighting;
    sightings.add(`${rule}\n${what}\n${at}`, sighting);
    if (sightings.left > 0) notes.skip('further secrets', `more than ${MAX_SIGHTINGS} are not listed`);
  };
  let bytes = 0;
  try {
    const file = await disk.open(path);
    try {
      bytes = file.size;
      await lookAt(contextOf(options, notes, note), { source: file, name: shown, depth: 0 }, note);
    } finally {
      await file.close();
    }
  } catch (error) {
    signal.throwIfAborted();
    notes.skip('the file', messageOf(error));
  }
  return { sightings: sightings.values, notExamined: notes.notExamined, bytes };
}

type Note = (sighting: Sighting) => void;

function contextOf({ path, rules, budgets, signal, disk }: LookOptions, notes: Notes, note: Note): Context {
  const clock = (): number => performance.now();
  const folder = parent(path);
  const context: Context = {
    rules,
    pickle: pickleRules(rules),
    budgets,
    notes,
    spent: { unpacked: 0, entries: 0, constants: 0 },
    scratch: diskScratch(),
    clock,
    started: clock(),
    signal,
    near: (relative) => disk.stat(`${folder}/${relative}`),
    inside: (item) => lookAt(context, item, note),
  };
  return context;
}

async function lookAt(context: Context, item: Item, note: Note): Promise<void> {
  const formats = await read(context, item, sniff(item.source.size));
  const archives = formats.filter((format) => own.unpacked.includes(format));
  for (const format of archives) await examineAs(context, item, format);
  for (const format of formats)
    if (own.packed.includes(format)) skip(context, item, `as ${format}`, 'it is packed, and is not unpacked');
  if (formats.includes('text') && item.source.size <= context.budgets.maxTextBytes)
    return lookAtText(context, item, note);
  await lookAtBytes(context, item, note);
}

function located(item: Item, location: Location): Location {
  return { file: item.name, ...(item.entry === undefined ? {} : { entry: item.entry }), ...location };
}

async function lookAtText(context: Context, item: Item, note: Note): Promise<void> {
  const text = await wholeText(context, item, 'for secrets');
  if (text === undefined) return;
  const isNotebook = /\.ipynb$/i.test(item.name);
  const known = isNotebook ? lookAtNotebook(context, item, text, note) : undefined;
  for (const { rule, finding, what, start, value } of secretsIn(
    context,
    item,
    known === undefined ? text : rawNotebook(text),
  )) {
    // What a word announces is judged in the notebook's texts, where the escapes of JSON are gone.
    if (known !== undefined && (known.has(value) || finding === 'VLM-SEC-002')) continue;
    const line = 1 + count(text, start);
    note({ rule, finding, what, at: `line ${line}`, location: located(item, { line }) });
  }
}

function secretsIn(context: Context, item: Item, text: string, kind?: TextKind): readonly FoundSecret[] {
  const { found, more } = findSecrets(text, kind);
  if (more) skip(context, item, 'further secrets', `more than ${TOLD} of one text are not listed`);
  return found;
}

/** @returns the values that it saw; undefined for what is no notebook, which is looked at as the text that it is */
function lookAtNotebook(context: Context, item: Item, text: string, note: Note): ReadonlySet<string> | undefined {
  let notebook;
  try {
    notebook = parseJsonStrict(text, { maxBytes: 64 * 1024 * 1024 });
  } catch {
    return undefined;
  }
  const known = new Set<string>();
  for (const { place, text: part } of notebookTexts(notebook)) {
    context.signal?.throwIfAborted();
    const over = checkTime(context);
    if (over !== undefined) {
      skip(context, item, `the notebook from ${place} on`, over);
      break;
    }
    for (const { rule, finding, what, value } of secretsIn(context, item, part)) {
      known.add(value);
      note({ rule, finding, what, at: place, location: located(item, { entry: place }) });
    }
  }
  return known;
}

async function lookAtBytes(context: Context, item: Item, note: Note): Promise<void> {
  const { source } = item;
  for (let offset = 0; offset < source.size; offset += WINDOW - OVERLAP) {
    context.signal?.throwIfAborted();
    const over = checkTime(context);
    if (over !== undefined) return skip(context, item, `the bytes from ${offset} on`, over);
    const bytes = await source.read(offset, WINDOW);
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
    const at = ({ rule, finding, what }: FoundSecret, byte: number): void =>
      note({ rule, finding, what, at: `byte ${byte}`, location: located(item, { offset: byte }) });
    for (const one of secretsIn(context, item, text, 'bytes')) at(one, offset + one.start);
    for (const wide of wideTexts(text))
      for (const one of secretsIn(context, item, wide.text, 'bytes'))
        at(one, offset + wide.start + one.start * wide.width);
  }
}

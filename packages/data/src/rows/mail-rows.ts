// rows.jsonl: one mail a line. The mail is stored one character a byte (ISO-8859-1), so nothing is lost and nothing is
// interpreted before the bounded mail reader does it. Parsing thousands of mails takes seconds, so it pauses between
// batches: progress, time-outs and other controls go on meanwhile.
import type { JsonObject, JsonValue } from '@vallum/core';
import { isJsonObject, pause, VallumError } from '@vallum/core';
import { parseMail, readJsonLines } from '@vallum/formats';
import { hasControls, quote } from './quote.js';

export interface MailRow {
  readonly id: string;
  /** As written in the row; `data.validation` judges it. */
  readonly received: string;
  readonly label: string;
  /** As a reader sees it: decoded, HTML reduced to text. */
  readonly subject: string;
  readonly body: string;
  /** The raw mail, one character a byte. */
  readonly mail: string;
  /** Parts that were not turned into text (attachments, images). */
  readonly unread: number;
  /** Why subject and body are empty, when the mail could not be read. */
  readonly problem?: string;
}

interface RawRow {
  readonly id: string;
  readonly received: string;
  readonly label: string;
  readonly mail: string;
}

const KEYS: readonly (keyof RawRow)[] = ['id', 'received', 'label', 'mail'];
/** Bytes of mail between two turns of the event loop, some ten milliseconds of parsing. */
const BATCH_BYTES = 64 * 1024;

/**
 * @param path for error messages
 * @throws VallumError `DATA_NO_ROWS`, `DATA_ROW` (naming line and key), `DATA_DUPLICATE_ID`; `JSONL_*` of the line reader
 */
export async function readMailRows(bytes: Uint8Array, path: string): Promise<readonly MailRow[]> {
  const rows: MailRow[] = [];
  const lines = new Map<string, number>();
  let sincePause = 0;
  for (const { line, value } of linesOf(bytes, path)) {
    const raw = readRow(value, `${path}, line ${line}`);
    const earlier = lines.get(raw.id);
    if (earlier !== undefined)
      throw new VallumError(
        'DATA_DUPLICATE_ID',
        `${path}: lines ${earlier} and ${line} have the same id ${quote(raw.id)}`,
        {
          fix: 'give every row its own id',
        },
      );
    lines.set(raw.id, line);
    rows.push(await readMail(raw));
    sincePause += raw.mail.length;
    if (sincePause < BATCH_BYTES) continue;
    sincePause = 0;
    await pause();
  }
  if (rows.length === 0)
    throw new VallumError('DATA_NO_ROWS', `${path} holds no rows`, { fix: 'put at least one row into the feed' });
  return rows;
}

function* linesOf(bytes: Uint8Array, path: string): Generator<{ line: number; value: JsonValue }> {
  try {
    yield* readJsonLines(bytes);
  } catch (error) {
    if (!(error instanceof VallumError) || !error.code.startsWith('JSONL_')) throw error;
    throw new VallumError(error.code, `${path}: ${error.message}`, error.fix === undefined ? {} : { fix: error.fix });
  }
}

function readRow(value: JsonValue, where: string): RawRow {
  if (!isJsonObject(value)) throw wrong(where, 'it is not an object');
  for (const key of Object.keys(value))
    if (!KEYS.some((known) => known === key)) throw wrong(where, `the key ${quote(key)} is not known`);
  const row = {
    id: text(value, 'id', 200, where),
    received: text(value, 'received', 40, where),
    label: text(value, 'label', 64, where),
    mail: text(value, 'mail', Number.POSITIVE_INFINITY, where),
  };
  if (row.id === '') throw wrong(where, 'the key "id" is empty');
  for (const key of ['id', 'received', 'label'] as const)
    if (hasControls(row[key])) throw wrong(where, `the key "${key}" holds control characters`);
  if (/[^\u0000-\u00ff]/.test(row.mail))
    throw wrong(where, 'the key "mail" holds a character above U+00FF, so it is not one character a byte');
  return row;
}

function text(row: JsonObject, key: keyof RawRow, maxLength: number, where: string): string {
  const value = row[key];
  if (typeof value !== 'string') throw wrong(where, `the key "${key}" is missing or not a text`);
  if (value.length > maxLength) throw wrong(where, `the key "${key}" has more than ${maxLength} characters`);
  return value;
}

function wrong(where: string, why: string): VallumError {
  return new VallumError('DATA_ROW', `${where}: ${why}`, { fix: `write the keys ${KEYS.join(', ')} as texts` });
}

async function readMail(raw: RawRow): Promise<MailRow> {
  const { subject, body, unread, problem } = await parseMail(Buffer.from(raw.mail, 'latin1'));
  return { ...raw, subject, body, unread, ...(problem === undefined ? {} : { problem: problem.message }) };
}

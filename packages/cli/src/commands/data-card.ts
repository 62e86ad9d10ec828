// `vallum data card PATH`: writes a Croissant card with the digests of the files, or holds a card to the bytes and columns.
import { basename } from 'node:path';
import { digestFile, listFiles, VallumError } from '@vallum/core';
import type { CardReport, FileFacts } from '@vallum/data';
import {
  MAX_CARD_BYTES,
  MAX_RAI_BYTES,
  readCard,
  readRaiFacts,
  verifyCard,
  wholeColumns,
  writeCard,
} from '@vallum/data';
import type { Answer, Io } from '../answer.js';
import { EXIT } from '../exit.js';
import { printable } from '../output/style.js';
import { withTable } from '../project/open-named-table.js';
import { readNamed } from '../project/read-named.js';
import { writeFresh } from '../project/write-fresh.js';

export interface CardOptions {
  readonly name?: string;
  readonly description?: string;
  readonly license?: string;
  readonly url?: string;
  readonly rai?: string;
  readonly out?: string;
  readonly verify?: string;
}

export async function dataCardCommand(io: Io, path: string, options: CardOptions): Promise<Answer> {
  return options.verify === undefined ? written(io, path, options) : verified(io, path, options.verify);
}

async function written(io: Io, path: string, options: CardOptions): Promise<Answer> {
  const { name = basename(path), description, license, url, rai, out } = options;
  const fix = 'see docs/data-check.md, "A card"';
  const facts =
    rai === undefined
      ? undefined
      : await readNamed(io.disk, { path: rai, name: rai, limit: MAX_RAI_BYTES, fix }, readRaiFacts);
  const table = await withTable(io, path, async (opened) => ({
    format: opened.format,
    columns: opened.columns,
    whole: await wholeColumns(opened),
  }));
  const files = await filesOf(io, path);
  const card = writeCard(
    {
      name,
      ...(description === undefined ? {} : { description }),
      ...(license === undefined ? {} : { license }),
      ...(url === undefined ? {} : { url }),
      ...(facts === undefined ? {} : { rai: facts }),
    },
    files,
    table,
  );
  const json = { schema: 'vallum/data-card/v1', path, files: files.length };
  const text = JSON.stringify(card, null, 2);
  if (out === undefined) return { exit: EXIT.pass, text, json: { ...json, card } };
  await writeFresh(io, out, Buffer.from(`${text}\n`));
  return {
    exit: EXIT.pass,
    text: `Wrote ${printable(out)}: ${files.length} files with their digests, ${table.columns.length} columns`,
    json: { ...json, out },
  };
}

async function verified(io: Io, path: string, cardPath: string): Promise<Answer> {
  const fix = 'write one: vallum data card PATH --out croissant.json';
  const card = await readNamed(io.disk, { path: cardPath, name: cardPath, limit: MAX_CARD_BYTES, fix }, readCard);
  const columns = await withTable(io, path, async (table) => table.columns);
  const files = (await filesOf(io, path)).filter((file) => `${path}/${file.path}` !== cardPath);
  const report = verifyCard(card, files, columns);
  const { findings, verified: proven, notExamined } = report;
  // A card without digests proves nothing about the bytes.
  const outcome = findings.some(({ severity }) => severity === 'critical' || severity === 'high')
    ? 'fail'
    : proven.length < files.length
      ? 'inconclusive'
      : 'pass';
  return {
    exit: outcome === 'fail' ? EXIT.refused : outcome === 'pass' ? EXIT.pass : EXIT.notProven,
    text: reportText(path, card.name, outcome, report, io),
    json: {
      schema: 'vallum/data-card/v1',
      path,
      files: files.length,
      verify: cardPath,
      outcome,
      findings,
      verified: proven,
      notExamined,
      notes: card.notes,
    },
  };
}

function reportText(
  path: string,
  name: string,
  outcome: string,
  { findings, verified: proven, notExamined }: CardReport,
  { style }: Io,
): string {
  return [
    style.bold(
      `${printable(path)} against the card ${printable(JSON.stringify(name))}: ${outcome}, ${proven.length} files have the digest that is declared`,
    ),
    ...findings.map(({ severity, message, rule }) => `  ${severity} ${printable(message)} [${rule}]`),
    ...(findings.length === 0 ? [] : ['  fix: get the data again from where the card is from, or write a new card']),
    ...notExamined.map(({ what, why }) => `  not examined ${printable(what)}: ${printable(why)}`),
  ].join('\n');
}

async function filesOf({ disk, progress }: Io, path: string): Promise<readonly FileFacts[]> {
  const stat = await disk.stat(path);
  if (stat?.kind === 'file') {
    progress.say(`reading ${path}`);
    return [{ path: basename(path), sha256: await digestFile(disk, path), bytes: stat.size }];
  }
  if (stat?.kind !== 'directory')
    throw new VallumError('DATA_CARD', `${path} is no file and no folder`, { fix: 'name what the card is about' });
  const files: FileFacts[] = [];
  for (const each of await listFiles(disk, path)) {
    progress.say(`reading ${each}`);
    const file = `${path}/${each}`;
    files.push({ path: each, sha256: await digestFile(disk, file), bytes: (await disk.stat(file))?.size ?? 0 });
  }
  return files;
}

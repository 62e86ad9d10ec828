// `vallum env capture`: an installed site-packages folder as one file for `dep.scan`. Only reads; no Python runs. A folder that
// is not as it was installed is captured with that said in it, and the exit code tells.
import { atOrAbove, parseJsonStrict, sha256, writeDurably } from '@vallum/core';
import { writeEnvironment } from '@vallum/formats';
import { captureEnvironment } from '@vallum/model';
import type { Answer, Io } from '../answer.js';
import { EXIT } from '../exit.js';
import { printable } from '../output/style.js';

export interface CaptureOptions {
  readonly out?: string;
}

const SHOWN = 10;

export async function captureCommand(io: Io, dir: string, { out }: CaptureOptions): Promise<Answer> {
  const folder = dir.replace(/\/+$/, '') || '/';
  io.progress.say('reading the installed packages');
  const { environment, findings } = await captureEnvironment(io.disk, folder, new AbortController().signal);
  const written = writeEnvironment(environment);
  const digest = sha256(written);
  if (out !== undefined) await writeDurably(io.disk, out, Buffer.from(written));
  const grave = findings.filter(({ severity }) => atOrAbove(severity, 'high'));
  const clean = environment.notes.length === 0;
  const exit = grave.length > 0 ? EXIT.refused : clean ? EXIT.pass : EXIT.notProven;
  const json = {
    schema: 'vallum/env-capture/v1',
    path: dir,
    packages: environment.packages.length,
    digest,
    findings,
    notes: environment.notes,
    ...(out === undefined ? { environment: parseJsonStrict(written) } : { out }),
  };
  if (out === undefined) return { exit, text: written.trimEnd(), json };
  const lines = grave.slice(0, SHOWN).map(({ rule, message }) => `  ${rule}  ${printable(message)}`);
  const others = environment.notes.filter(({ text }) => !/^VLM-/.test(text)).slice(0, SHOWN);
  const text = [
    `Captured ${environment.packages.length} packages of ${printable(dir)}: ${printable(out)}`,
    ...lines,
    ...others.map((note) => `  not read: ${printable(note.text)}`),
  ].join('\n');
  return { exit, text, json };
}

// Runs one command and prints its answer. Every error becomes one sentence, what to do, and an exit code: no stack trace
// ever reaches a person or a log.
import { resolve } from 'node:path';
import { asSha256, messageOf, nodeDisk, VallumError } from '@vallum/core';
import type { Answer, Io } from './answer.js';
import { readConfig } from './config.js';
import type { ExitCode } from './exit.js';
import { exitOfError } from './exit.js';
import { makeProgress } from './output/progress.js';
import { jsonText } from './output/json-text.js';
import { makeStyle, printable } from './output/style.js';

export interface GlobalOptions {
  readonly project?: string;
  readonly format?: string;
  readonly trustRoot?: string;
}

export async function runCommand(options: GlobalOptions, command: (io: Io) => Promise<Answer>): Promise<ExitCode> {
  const config = readConfig();
  const asJson = options.format === 'json';
  const progress = makeProgress(process.stderr, config.progress, config.columns);
  try {
    const io: Io = {
      disk: nodeDisk,
      clock: () => new Date(),
      keysFolder: resolve(config.keys),
      folder: options.project ?? '.',
      ...(options.trustRoot === undefined ? {} : { trustRoot: asSha256(options.trustRoot) }),
      style: makeStyle(config.colour),
      progress,
      notice: (line) => {
        if (!asJson) process.stderr.write(`vallum: ${printable(line)}\n`);
      },
    };
    const answer = await command(io);
    progress.done();
    process.stdout.write((options.format ?? 'text') !== 'text' ? `${jsonText(answer.json)}\n` : `${answer.text}\n`);
    return answer.exit;
  } catch (error) {
    progress.done();
    return printError(error, asJson);
  }
}

/** One sentence and what to do on stderr, or `vallum/error/v1` on stdout. @returns the exit code of the error */
export function printError(error: unknown, asJson: boolean): ExitCode {
  const exit = exitOfError(error);
  if (asJson) process.stdout.write(`${jsonText(errorJson(error, exit))}\n`);
  else process.stderr.write(errorText(error));
  return exit;
}

function errorJson(error: unknown, exit: ExitCode): object {
  const known = error instanceof VallumError;
  return {
    schema: 'vallum/error/v1',
    code: known ? error.code : 'INTERNAL',
    message: messageOf(error),
    ...(known && error.fix !== undefined ? { fix: error.fix } : {}),
    exit,
  };
}

function errorText(error: unknown): string {
  if (!(error instanceof VallumError))
    return `vallum: internal error: ${printable(messageOf(error))}\nThis is a defect of Vallum: please report it.\n`;
  const fix = error.fix === undefined ? '' : `fix: ${printable(error.fix)}\n`;
  return `vallum: ${printable(error.message)} [${error.code}]\n${fix}`;
}

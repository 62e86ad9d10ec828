// One thread of the scanner: takes a file, answers what was seen in it.
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf, nodeDisk } from '@vallum/core';
import type { RuleFiles } from '../rule-types.js';
import { buildRules } from '../rules.js';
import type { FileJob, FileResult, FileSetting } from '../scan-file.js';
import { fileScanner } from '../scan-file.js';

export interface ThreadSetting extends Pick<FileSetting, 'budgets' | 'gate' | 'digests'> {
  /** Where they are not the rules of this version. */
  readonly files: RuleFiles | undefined;
}

export type ThreadAnswer = { readonly result: FileResult } | { readonly error: string };

const { budgets, gate, digests, files } = workerData as ThreadSetting;
const scanner = fileScanner({ disk: nodeDisk, rules: buildRules(files), budgets, gate, digests });

parentPort?.on('message', (job: FileJob) => {
  void scanner
    .scan(job)
    .then(
      (result): ThreadAnswer => ({ result }),
      (error: unknown): ThreadAnswer => ({ error: messageOf(error) }),
    )
    .then((answer) => parentPort?.postMessage(answer));
});

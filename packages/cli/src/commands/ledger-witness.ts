// `vallum ledger witness`: a process of its own, best on a machine of somebody else, that cosigns checkpoints of logs. It
// runs until it is stopped and shares nothing with the project but the public key of its log.
import { once } from 'node:events';
import { openWitness, readLogKey, serveWitness } from '@vallum/ledger';
import { VallumError } from '@vallum/core';
import type { Answer, Io } from '../answer.js';
import { EXIT } from '../exit.js';
import { printable } from '../output/style.js';

export interface WitnessCommandOptions {
  readonly state: string;
  readonly name: string;
  readonly listen: string;
  readonly log: readonly string[];
}

export async function witnessCommand(io: Io, options: WitnessCommandOptions): Promise<Answer> {
  const { state, name, log } = options;
  const { host, port } = addressOf(options.listen);
  const logs = log.map(readLogKey);
  const opened = await openWitness({ disk: io.disk, dir: state, name, logs, clock: io.clock });
  const { witness } = opened;
  const answer = (url: string | null): Answer => ({
    exit: EXIT.pass,
    text:
      url === null
        ? `The key of this witness, for those who ask it:\n  ${printable(witness.vkey)}\nNo --log is given, so it does not run.`
        : 'Stopped.',
    json: { schema: 'vallum/ledger-witness/v1', name, vkey: witness.vkey, logs: logs.map((key) => key.name), url },
  });
  try {
    if (logs.length === 0) return answer(null);
    const served = await serveWitness(witness, host, port);
    // Said at once and on stderr: whoever started it needs the address and the key while it runs.
    process.stderr.write(`Witness ${printable(witness.vkey)}\nlistens on ${served.url}\n`);
    await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
    await served.close();
    return answer(served.url);
  } finally {
    await opened.close();
  }
}

function addressOf(listen: string): { readonly host: string; readonly port: number } {
  const [, bracketed, plain, digits] = /^(?:\[([0-9A-Fa-f:]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/.exec(listen) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host !== undefined && port <= 65_535) return { host, port };
  throw new VallumError('WITNESS_LISTEN', `${JSON.stringify(listen.slice(0, 80))} is not HOST:PORT`, {
    fix: 'give something like 127.0.0.1:8765',
  });
}

// `vallum ledger prove` and `verify-proof`: a receipt for one entry that anybody verifies offline (C2SP tlog-proof).
import { sha256, VallumError, writeDurably } from '@vallum/core';
import type { Ledger, LogPolicy, ReadCheckpoint } from '@vallum/ledger';
import {
  encodeEntry,
  policyOf,
  readCheckpoint,
  readEntry,
  readLogKey,
  readLogPolicy,
  readReceipt,
  readVkey,
  verifyReceipt,
  withLines,
  writeReceipt,
} from '@vallum/ledger';
import type { Answer, Io } from '../answer.js';
import { EXIT } from '../exit.js';
import { printable } from '../output/style.js';
import { readCosigned } from '../project/cosigned.js';
import { closeProjectLedger, openProjectLedger } from '../project/log.js';
import { named, readNamed } from '../project/read-named.js';
import { openSession } from '../project/session.js';
import { findId } from './find-id.js';

const RECEIPT_BYTES = 256 * 1024;
const POLICY_BYTES = 256 * 1024;

export async function proveCommand(io: Io, statement: string, options: { readonly out?: string }): Promise<Answer> {
  const session = await openSession(io);
  const ledger = await openProjectLedger(session);
  try {
    const ids = ledger.entries().map((entry) => entry.statement);
    const id = findId(statement, ids);
    const index = ids.findIndex((one) => one === id);
    const cosigned = await readCosigned(session, ledger);
    const at = cosigned !== undefined && cosigned.size > index ? cosigned : readCheckpoint(ledger.checkpoint);
    const out = options.out ?? `${id.slice(0, 16)}.tlog-proof`;
    await writeDurably(io.disk, out, Buffer.from(receiptOf(ledger, index, at)));
    const witnesses = at.note.signatures.map(({ name }) => name).filter((name) => name !== ledger.origin);
    return {
      exit: EXIT.pass,
      text: `Wrote ${printable(out)}: entry ${index} of ${ledger.origin}, under ${at.size} entries${witnesses.length === 0 ? '; no witness has cosigned them (vallum ledger cosign)' : `, with cosignatures in the name of ${printable(witnesses.join(', '))}`}`,
      json: {
        schema: 'vallum/ledger-prove/v1',
        file: out,
        origin: ledger.origin,
        statement: id,
        index,
        size: at.size,
        root: at.root,
        witnesses,
      },
    };
  } finally {
    await closeProjectLedger(session, ledger);
  }
}

function receiptOf(ledger: Ledger, index: number, { size, note }: ReadCheckpoint): string {
  const entry = ledger.entries()[index];
  if (entry === undefined) throw new VallumError('LEDGER_ENTRY', `there is no entry ${index}`);
  const { hashes } = ledger.prove(index, size);
  return writeReceipt({ extra: encodeEntry(entry), index, hashes, checkpoint: withLines(note, note.signatures) });
}

export interface VerifyProofOptions {
  readonly policy?: string;
  readonly log: readonly string[];
  readonly witness: readonly string[];
}

export async function verifyProofCommand(io: Io, file: string, options: VerifyProofOptions): Promise<Answer> {
  const policy = await policyFrom(io, options);
  const receipt = await readNamed(
    io.disk,
    { path: file, name: file, limit: RECEIPT_BYTES, fix: 'ask for another receipt' },
    (bytes) => readReceipt(Buffer.from(bytes).toString('utf8')),
  );
  const answer = verifyReceipt(receipt, policy);
  const { origin, size, root } = receipt.read;
  const about = { schema: 'vallum/ledger-verify-proof/v1', file, origin, size, root, index: receipt.index };
  if (!answer.accepted)
    return {
      exit: EXIT.refused,
      text: `The receipt does not hold: ${printable(answer.why)}`,
      json: { ...about, ok: false, why: answer.why },
    };
  const extra = receipt.extra ?? new Uint8Array();
  const entry = await named({ name: file, fix: 'ask for another receipt' }, () => Promise.resolve(readEntry(extra)));
  const cosigned = [...answer.cosigned].map(([name, at]) => ({
    witness: policy.witnesses.get(name)?.name ?? name,
    at: at.toISOString(),
  }));
  return {
    exit: EXIT.pass,
    text: [
      `The receipt holds: entry ${receipt.index} of ${printable(origin)}, as of ${size} entries`,
      `  statement ${entry.statement}`,
      `  ${entry.type}${entry.outcome === null ? '' : `, ${entry.outcome}`}, about ${entry.subject}`,
      ...cosigned.map(({ witness, at }) => `  cosigned by ${printable(witness)} at ${at}`),
      ...(cosigned.length === 0 ? ['  no witness is asked for: the log alone vouches for it'] : []),
    ].join('\n'),
    json: { ...about, ok: true, entry, entryDigest: sha256(extra), cosigned },
  };
}

async function policyFrom(io: Io, { policy, log, witness }: VerifyProofOptions): Promise<LogPolicy> {
  if (policy !== undefined && log.length + witness.length === 0)
    return readNamed(
      io.disk,
      { path: policy, name: policy, limit: POLICY_BYTES, fix: 'see docs/witness.md' },
      (bytes) => readLogPolicy(Buffer.from(bytes).toString('utf8')),
    );
  if (policy === undefined && log.length > 0) return policyOf(log.map(readLogKey), witness.map(readVkey));
  throw new VallumError('LOG_POLICY', 'it is not said which log is believed', {
    fix: 'give --policy FILE, or --log KEY and, for each witness that must have cosigned, --witness KEY',
  });
}

// `vallum attest verify`: a provenance file against the bytes at hand and what the person pins, by the trust of the project
// around the folder or of the one that stands here.
import { digestDirectory, digestTree, VallumError } from '@vallum/core';
import type { PinProblem, ProvenanceAnswer } from '@vallum/model';
import { SIGNATURE_FILE, verifyProvenance } from '@vallum/model';
import { MAX_ENVELOPE_BYTES } from '@vallum/trust';
import type { Answer, Io } from '../answer.js';
import type { ExitCode } from '../exit.js';
import { EXIT } from '../exit.js';
import { printable } from '../output/style.js';
import { believedIn } from '../plan/believed.js';
import { closeProjectLedger, openProjectLedger, readRecorded } from '../project/log.js';
import { openSession } from '../project/session.js';

export interface AttestVerifyOptions {
  readonly subject: string;
  readonly builder?: string;
  readonly workflow?: string;
  readonly branch?: string;
  readonly signer?: string;
}

export async function attestVerifyCommand(io: Io, file: string, options: AttestVerifyOptions): Promise<Answer> {
  const session = await openSession(io);
  const dir = options.subject.replace(/(?<=.)\/+$/, '');
  if ((await io.disk.stat(dir))?.kind !== 'directory')
    throw new VallumError('ATTEST_DIR', `${options.subject} is not a folder`, { fix: 'give the folder of the model' });
  const bytes = await io.disk.read(file, MAX_ENVELOPE_BYTES);
  const ledger = await openProjectLedger(session);
  try {
    const { statements } = await readRecorded(session, ledger);
    const digest = digestDirectory(await digestTree(io.disk, dir, (path) => path !== SIGNATURE_FILE));
    const { builder, workflow, branch, signer } = options;
    const found = verifyProvenance(
      bytes,
      {
        digest,
        ...(signer === undefined ? {} : { principal: signer }),
        ...(builder === undefined ? {} : { builder }),
        ...(workflow === undefined ? {} : { workflow }),
        ...(branch === undefined ? {} : { branch }),
      },
      believedIn(session, statements),
    );
    return { exit: exitOf(found), text: textOf(found, file, dir), json: { ...jsonOf(found), file, digest } };
  } finally {
    await closeProjectLedger(session, ledger);
  }
}

function exitOf({ status }: ProvenanceAnswer): ExitCode {
  return status === 'verified' ? EXIT.pass : status === 'refused' ? EXIT.refused : EXIT.notProven;
}

const FIXES: Readonly<Record<PinProblem['pin'], string>> = {
  form: 'get the provenance again from whoever made it',
  signature: 'treat the file as forged, and get it again from whoever made it',
  signer: 'ask who signed it; enrol them with the role attest, or ask the pinned signer',
  digest: 'get the provenance of these bytes',
  workflow: 'use the model that the pinned workflow made',
  branch: 'use the model that was made on the pinned branch',
  builder: 'use the model that the pinned builder made',
};

function textOf(found: ProvenanceAnswer, file: string, dir: string): string {
  if (found.status === 'verified') {
    const { said, signer } = found;
    return `Provenance verified: ${signer.principal} attested ${printable(dir)} as ${printable(said.subject.name)}, built by ${printable(said.builder.id)}`;
  }
  const head = found.status === 'refused' ? 'Provenance refused' : 'Provenance not proven';
  return [
    `${head}: ${printable(file)}`,
    ...found.problems.map(({ pin, message }) => `  ${pin}: ${printable(message)}\n    fix: ${FIXES[pin]}`),
  ].join('\n');
}

function jsonOf(found: ProvenanceAnswer): object {
  const schema = 'vallum/attest-verify/v1';
  if (found.status !== 'verified') return { schema, status: found.status, problems: found.problems };
  const { id, signer, said } = found;
  const { subject, builder, workflow, ref, commit } = said;
  return {
    schema,
    status: found.status,
    problems: [],
    id,
    signer: signer.principal,
    keyid: signer.keyid,
    subject,
    builder: builder.id,
    ...(workflow === undefined ? {} : { workflow }),
    ...(ref === undefined ? {} : { ref }),
    ...(commit === undefined ? {} : { commit }),
  };
}

// `vallum attest verify`: a provenance file against the bytes at hand and what the person pins, by the trust of the project
// around the folder or of the one that stands here. Other people's provenance, in a Sigstore bundle, is verified where the
// name in its certificate is pinned.
import type { Disk, JsonObject, Sha256 } from '@vallum/core';
import { digestDirectory, digestFile, digestTree, VallumError } from '@vallum/core';
import type { PinProblem, ProvenanceAnswer } from '@vallum/model';
import { GIT_PATHS, modelSigningRoot, readTrustedRoot, SIGNATURE_FILE, verifyAnyProvenance } from '@vallum/model';
import { isSubjectPattern, MAX_ENVELOPE_BYTES, SUBJECT_FIX } from '@vallum/trust';
import type { Answer, Io } from '../answer.js';
import type { ExitCode } from '../exit.js';
import { EXIT } from '../exit.js';
import { printable } from '../output/style.js';
import { believedIn } from '../plan/believed.js';
import { closeProjectLedger, openProjectLedger, readRecorded } from '../project/log.js';
import { readNamed } from '../project/read-named.js';
import { openSession } from '../project/session.js';

export interface AttestVerifyOptions {
  readonly subject: string;
  readonly builder?: string;
  readonly workflow?: string;
  readonly branch?: string;
  readonly signer?: string;
  readonly issuer?: string;
  readonly tokenSubject?: string;
  readonly identity?: string;
  readonly omsRoot?: boolean;
  readonly trustedRoot?: string;
}

const MAX_ROOT_BYTES = 4 * 1024 * 1024;

export async function attestVerifyCommand(io: Io, file: string, options: AttestVerifyOptions): Promise<Answer> {
  checkPins(options);
  const trustedRoot = await trustedRootOf(io.disk, options.trustedRoot);
  const session = await openSession(io);
  const subject = options.subject.replace(/(?<=.)\/+$/, '');
  const kind = await kindOfSubject(io.disk, subject, options);
  const bytes = await io.disk.read(file, MAX_ENVELOPE_BYTES);
  const ledger = await openProjectLedger(session);
  try {
    const { statements } = await readRecorded(session, ledger);
    const { digest, leftOut } = await digestOf(io.disk, subject, kind, options.omsRoot === true);
    const { builder, workflow, branch, signer, issuer, tokenSubject, identity } = options;
    const found = await verifyAnyProvenance(
      bytes,
      {
        digest,
        ...(signer === undefined ? {} : { principal: signer }),
        ...(issuer === undefined ? {} : { issuer }),
        ...(tokenSubject === undefined ? {} : { subject: tokenSubject }),
        ...(identity === undefined ? {} : { identity }),
        ...(builder === undefined ? {} : { builder }),
        ...(workflow === undefined ? {} : { workflow }),
        ...(branch === undefined ? {} : { branch }),
      },
      believedIn(session, statements),
      trustedRoot,
    );
    const notes =
      leftOut.length === 0 ? [] : [`  not compared: ${leftOut.join(', ')}, which the digest does not cover`];
    return {
      exit: exitOf(found),
      text: [textOf(found, file, subject), ...notes].join('\n'),
      json: { ...jsonOf(found), file, digest, leftOut },
    };
  } finally {
    await closeProjectLedger(session, ledger);
  }
}

function checkPins(options: AttestVerifyOptions): void {
  const { signer, issuer, tokenSubject, identity, trustedRoot, workflow, branch } = options;
  const refuse = (message: string, fix: string): never => {
    throw new VallumError('ATTEST_PIN', message, { fix });
  };
  if (identity !== undefined && issuer === undefined)
    refuse('--identity alone names nobody', 'give --issuer too: the URL of who vouched for the name');
  if (identity !== undefined && (signer !== undefined || tokenSubject !== undefined))
    refuse('--identity is for a Sigstore bundle, which no principal and no enrolled job signs', 'leave the other out');
  if (issuer !== undefined && identity?.includes('://') !== false && (workflow === undefined || branch === undefined))
    refuse('an issuer alone names no job: all its jobs have it', 'give --workflow and --branch too');
  if (tokenSubject !== undefined && issuer === undefined)
    refuse('--token-subject alone names no job', 'give --issuer too: the URL of who issued the token');
  if (tokenSubject !== undefined && !isSubjectPattern(tokenSubject))
    refuse(`the subject ${JSON.stringify(tokenSubject)} does not name one repository`, SUBJECT_FIX);
  if (trustedRoot !== undefined && identity === undefined)
    refuse('--trusted-root is for a Sigstore bundle', 'give --identity and --issuer too');
}

async function trustedRootOf(disk: Disk, path: string | undefined): Promise<JsonObject | undefined> {
  if (path === undefined) return undefined;
  const fix = 'give the trusted_root.json of the Sigstore instance that you use';
  return readNamed(disk, { path, name: path, limit: MAX_ROOT_BYTES, fix }, readTrustedRoot);
}

/** One file can be a subject only of other people's provenance: Vallum attests folders. */
async function kindOfSubject(disk: Disk, path: string, options: AttestVerifyOptions): Promise<'file' | 'directory'> {
  const kind = (await disk.stat(path))?.kind;
  if (kind === 'directory') return kind;
  if (kind === 'file' && options.identity !== undefined && options.omsRoot !== true) return kind;
  throw new VallumError('ATTEST_DIR', `${options.subject} is not a folder`, { fix: 'give the folder of the model' });
}

interface AtHand {
  readonly digest: Sha256;
  /** What is there and not covered by the digest: the file of a signature, and git's for the root digest of OpenSSF. */
  readonly leftOut: readonly string[];
}

async function digestOf(disk: Disk, path: string, kind: 'file' | 'directory', omsRoot: boolean): Promise<AtHand> {
  if (kind === 'file') return { digest: await digestFile(disk, path), leftOut: [] };
  const files = await digestTree(disk, path, (name) => name !== SIGNATURE_FILE);
  const leftOut: string[] = [];
  for (const name of [SIGNATURE_FILE, ...(omsRoot ? GIT_PATHS : [])])
    if ((await disk.stat(`${path}/${name}`)) !== undefined) leftOut.push(name);
  return { digest: omsRoot ? modelSigningRoot(files) : digestDirectory(files), leftOut };
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
    const words = wordsOf(found);
    return (
      `Provenance verified: ${printable(signer.principal)} attested ${printable(dir)} as ${printable(said.name)}, built by ${printable(said.builder)}` +
      (words === undefined ? '' : `\n  ${words}`)
    );
  }
  const head = found.status === 'refused' ? 'Provenance refused' : 'Provenance not proven';
  return [
    `${head}: ${printable(file)}`,
    ...found.problems.map(({ pin, message }) => `  ${pin}: ${printable(message)}\n    fix: ${FIXES[pin]}`),
  ].join('\n');
}

/** Who says workflow and branch, where they are known. */
function wordsOf({ said, signer, vouchedBy }: Extract<ProvenanceAnswer, { status: 'verified' }>): string | undefined {
  const { workflow = signer.job?.workflow, ref } = said;
  if (workflow === undefined && ref === undefined) return undefined;
  if (vouchedBy === 'signer') return `workflow and branch are the word of ${signer.principal} alone`;
  const who = vouchedBy === 'token' ? "the job's token" : 'the certificate';
  return `workflow and branch are those of ${who}`;
}

function jsonOf(found: ProvenanceAnswer): object {
  const schema = 'vallum/attest-verify/v1';
  if (found.status !== 'verified') return { schema, status: found.status, problems: found.problems };
  const { id, signer, said, vouchedBy } = found;
  const { job } = signer;
  const { digests, name, builder, workflow, ref, commit } = said;
  return {
    schema,
    status: found.status,
    problems: [],
    id,
    signer: signer.principal,
    keyid: signer.keyid,
    ...(job === undefined ? {} : { job: { ...job } }),
    vouchedBy,
    subject: { name, digest: { sha256: digests[0] } },
    builder,
    ...(workflow === undefined ? {} : { workflow }),
    ...(ref === undefined ? {} : { ref }),
    ...(commit === undefined ? {} : { commit }),
  };
}

// `vallum evidence export|verify`: one file with everything that was said about a version, and its check without a project,
// without a network and without believing anything inside the file.
import { basename } from 'node:path';
import { isBlocked, parent, VallumError, writeDurably } from '@vallum/core';
import { exportEvidence, verifyExport } from '@vallum/ledger';
import type { Trust } from '@vallum/trust';
import { comparePin, readPins, readTrust } from '@vallum/trust';
import type { Answer, Io } from '../answer.js';
import { shippedKinds } from '../catalog.js';
import type { ExitCode } from '../exit.js';
import { EXIT, exitOfResult } from '../exit.js';
import { printable } from '../output/style.js';
import { planVersion } from '../plan/version-plan.js';
import { closeProjectLedger, openProjectLedger, readRecorded } from '../project/log.js';
import { readNamed } from '../project/read-named.js';
import { openSession } from '../project/session.js';
import { versionOf } from '../project/target.js';
import { newestVerdicts } from './told-verdicts.js';

const MAX_EXPORT_BYTES = 256 * 1024 * 1024;
const MAX_TRUST_BYTES = 4 * 1024 * 1024;

export async function exportCommand(
  io: Io,
  target: string | undefined,
  options: { readonly out?: string },
): Promise<Answer> {
  const session = await openSession(io);
  const version = versionOf(session, target);
  const ledger = await openProjectLedger(session);
  try {
    const { plan, subject } = await planVersion(session, version, await readRecorded(session, ledger));
    const digests = plan.flatMap((planned) => (isBlocked(planned) ? [] : [planned.subject.digest.sha256]));
    const subjects = [...new Set([...digests, ...(subject.digest === undefined ? [] : [subject.digest.sha256])])];
    const out = options.out ?? `${session.declaration.project}-${version}.evidence.json`;
    if ((await io.disk.stat(parent(out)))?.kind !== 'directory')
      throw new VallumError('EXPORT_OUT', `there is no folder ${parent(out)}`, {
        fix: 'make it, or name another --out',
      });
    const bytes = await exportEvidence({ ledger, subjects, kinds: session.kinds });
    await writeDurably(io.disk, out, bytes);
    return {
      exit: EXIT.pass,
      text: `Wrote ${printable(out)}: what ${ledger.size} entries of ${ledger.origin} say about ${printable(subject.name)}`,
      json: {
        schema: 'vallum/evidence-export/v1',
        file: out,
        origin: ledger.origin,
        size: ledger.size,
        root: ledger.root,
        subjects,
      },
    };
  } finally {
    await closeProjectLedger(session, ledger);
  }
}

/**
 * True when this person pinned the root, or gave it; false when nobody here knows it.
 * @throws VallumError `TRUST_ROOT_DIFFERS` when they know another one
 */
async function comparedRoot(io: Io, trust: Trust, file: string): Promise<boolean> {
  const pins = await readPins(io.disk, io.keysFolder);
  const { rootFingerprint, project } = trust;
  const answer =
    io.trustRoot === undefined
      ? comparePin(pins, { project, path: '' }, rootFingerprint)
      : io.trustRoot === rootFingerprint
        ? 'pinned'
        : 'mismatch';
  if (answer !== 'mismatch') return answer === 'pinned';
  throw new VallumError(
    'TRUST_ROOT_DIFFERS',
    `${file} is signed by another root than the one that is pinned or given for ${project}`,
    { fix: 'ask for the right trust.json' },
    'unproven',
  );
}

export async function verifyExportCommand(io: Io, file: string, options: { readonly trust: string }): Promise<Answer> {
  const trust = await readNamed(
    io.disk,
    { path: options.trust, name: options.trust, limit: MAX_TRUST_BYTES, fix: 'ask for the right trust.json' },
    readTrust,
  );
  const pinned = await comparedRoot(io, trust, options.trust);
  const found = await readNamed(
    io.disk,
    { path: file, name: file, limit: MAX_EXPORT_BYTES, fix: 'ask for a new export' },
    (bytes) => verifyExport(bytes, { trust, kinds: shippedKinds(), now: io.clock() }),
  );
  const verdicts = newestVerdicts(found, trust, io.clock());
  const results = verdicts.map(({ result }) => result);
  const worst = results.includes('refused')
    ? 'refused'
    : results.length === 0 || results.includes('not-proven')
      ? 'not-proven'
      : 'pass';
  const exit: ExitCode = exitOfResult(worst);
  const { style } = io;
  return {
    exit,
    text: [
      style.bold(style.good(`The export ${printable(basename(file))} verifies`)),
      `  as of checkpoint ${found.size} of ${printable(found.origin)}, root ${found.root.slice(0, 16)}`,
      `  against the root ${trust.rootFingerprint}${pinned ? ', which is the pinned one' : `: compare it with its owner, nothing here vouches for ${printable(options.trust)}`}`,
      `  ${found.statements.length} statements by enrolled keys, ${found.unverified.length} by others, which count as absent`,
      ...(verdicts.length === 0 ? ['  no verdict is in it: not proven'] : []),
      ...verdicts.map(
        ({ name, action, result, note }) =>
          `  ${printable(name)} ${action}: ${result === 'pass' ? style.good(result) : style.bad(result)}${note}`,
      ),
    ].join('\n'),
    json: {
      schema: 'vallum/evidence-verify/v1',
      origin: found.origin,
      size: found.size,
      root: found.root,
      trustRoot: trust.rootFingerprint,
      statements: found.statements.length,
      unverified: found.unverified,
      verdicts,
    },
  };
}

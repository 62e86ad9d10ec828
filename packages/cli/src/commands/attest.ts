// `vallum attest`: signs the provenance of a training run (SLSA v1), puts it beside the project and into its ledger. With a
// key file it works without a project.
import { realpath } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import type { Disk } from '@vallum/core';
import { assertRealFolders, parent, VallumError, writeDurably } from '@vallum/core';
import { isUnreadable, openDataset } from '@vallum/data';
import type { Ledger } from '@vallum/ledger';
import type { TrainingProvenance } from '@vallum/model';
import { buildProvenance, PROVENANCE_TYPE } from '@vallum/model';
import type { SigningKey } from '@vallum/trust';
import { decodeKeyFile, MAX_ENVELOPE_BYTES, readEnvelope, signStatement } from '@vallum/trust';
import type { Answer, Io } from '../answer.js';
import { EXIT } from '../exit.js';
import { printable } from '../output/style.js';
import { feedRefs } from '../plan/feeds.js';
import { baseOf } from '../plan/source-policy.js';
import type { Filed } from '../project/log.js';
import { closeProjectLedger, fileStatement, filedText, openProjectLedger } from '../project/log.js';
import { readNamed } from '../project/read-named.js';
import type { Session } from '../project/session.js';
import { openSession, requireRole, trustOf } from '../project/session.js';
import { versionOf } from '../project/target.js';
import type { AttestOptions } from './attest-facts.js';
import { collectFacts } from './attest-facts.js';
import { drafted } from './draft.js';

const FOLDER = 'attestations';
const MAX_KEY_BYTES = 16 * 1024;

export async function attestCommand(io: Io, target: string | undefined, options: AttestOptions): Promise<Answer> {
  return options.key === undefined
    ? attestVersion(io, target, options)
    : attestFolder(io, target, options.key, options);
}

/** A declared version, by an enrolled key or the key of an enrolled job, into the ledger. */
async function attestVersion(io: Io, target: string | undefined, options: AttestOptions): Promise<Answer> {
  const session = await openSession(io);
  const version = versionOf(session, target);
  // The ledger tells whose the key of a CI job is.
  const ledger = await openProjectLedger(session);
  try {
    return await attestInto(ledger, session, version, options);
  } finally {
    await closeProjectLedger(session, ledger);
  }
}

async function attestInto(ledger: Ledger, session: Session, version: string, options: AttestOptions): Promise<Answer> {
  const { paths, declaration, disk } = session;
  const declared = declaration.versions[version];
  if (declared === undefined) throw new VallumError('TARGET_UNKNOWN', `vallum.yaml declares no version ${version}`);
  const key = requireRole(session, 'attest');
  const out = options.out ?? `${paths.root}/${FOLDER}/${version}.provenance.json`;
  if (options.out === undefined) await assertRealFolders(disk, paths.root, [FOLDER]);
  await refuseOut(disk, out, options.out !== undefined);
  const base = baseOf(paths.root, declared);
  const dir = `${paths.root}/${declared.model}`;
  await refuseWithin(out, [dir, options.base ?? base?.dir]);
  const dataset = await openDataset({
    disk,
    feeds: feedRefs(session, declared.feeds),
    subjectName: `${declaration.project}-data@${version}`,
  });
  if (isUnreadable(dataset)) {
    const { code, message } = dataset.blocked;
    throw new VallumError(code, message, { fix: 'restore the feeds of this version' }, 'unproven');
  }
  const trust = trustOf(session);
  const job = trust.identityOf(key.keyid);
  const owner = trust.principalOf(key.keyid)?.id ?? key.keyid;
  const facts = await collectFacts({
    disk,
    dir,
    checkout: paths.root,
    name: `${declaration.project}@${version}`,
    builder: `urn:vallum:principal:${owner}`,
    dataset,
    ...(base === undefined ? {} : { base: { name: base.name, dir: base.dir, uri: base.origin } }),
    // What a job's token says needs not be said again.
    options: {
      ...(job?.workflow === undefined ? {} : { workflow: job.workflow }),
      ...(job?.branch === undefined ? {} : { branch: job.branch }),
      ...options,
    },
  });
  const envelope = signed(facts, key);
  await writeEnvelope(disk, out, envelope);
  return answer(facts, key, out, envelope, await fileStatement(ledger, envelope));
}

/** Any folder, by a key file. */
async function attestFolder(
  io: Io,
  target: string | undefined,
  keyFile: string,
  options: AttestOptions,
): Promise<Answer> {
  const dir = target?.replace(/(?<=.)\/+$/, '');
  if (dir === undefined || (await io.disk.stat(dir))?.kind !== 'directory')
    throw new VallumError('ATTEST_DIR', `${target ?? 'nothing'} is not a folder`, {
      fix: 'with --key give the folder of the model',
    });
  const { out } = options;
  if (out === undefined)
    throw new VallumError('ATTEST_OUT', 'with --key it has to be said where the provenance is written', {
      fix: 'give --out FILE',
    });
  await refuseOut(io.disk, out, true);
  await refuseWithin(out, [dir, options.base]);
  const key = await readNamed(
    io.disk,
    { path: keyFile, name: keyFile, limit: MAX_KEY_BYTES, fix: 'give a key file as vallum trust enrol writes it' },
    decodeKeyFile,
  );
  const facts = await collectFacts({
    disk: io.disk,
    dir,
    checkout: dirname(resolve(dir)),
    name: basename(resolve(dir)),
    builder: `urn:vallum:key:${key.keyid}`,
    options,
  });
  const envelope = signed(facts, key);
  await writeEnvelope(io.disk, out, envelope);
  return answer(facts, key, out, envelope, undefined);
}

function signed(facts: TrainingProvenance, key: SigningKey): Uint8Array {
  return drafted(
    () => signStatement(buildProvenance(facts), key),
    'give --builder, --workflow and the names of feeds as plain text',
  );
}

/** An earlier provenance may be replaced; any other file under that name would be lost. */
async function refuseOut(disk: Disk, out: string, isGiven: boolean): Promise<void> {
  if (isGiven && (await disk.stat(parent(out)))?.kind !== 'directory')
    throw new VallumError('ATTEST_OUT', `there is no folder ${parent(out)}`, {
      fix: 'make it, or name another --out',
    });
  if ((await disk.stat(out)) === undefined || (await isProvenance(disk, out))) return;
  throw new VallumError('ATTEST_OUT', `${out} is there already and is no provenance`, {
    fix: 'name another file with --out',
  });
}

/** In a folder whose digest it states, whatever links lead there, the provenance would make itself false. */
async function refuseWithin(out: string, folders: readonly (string | undefined)[]): Promise<void> {
  const place = await realFolder(dirname(resolve(out)));
  for (const folder of folders)
    if (folder !== undefined && `${place}/`.startsWith(`${await realFolder(folder)}/`))
      throw new VallumError('ATTEST_OUT', `${out} lies in the folder that it speaks about`, {
        fix: 'name a file outside the folder: inside it would change the digest',
      });
}

/** One that is not there yet has no links in it. */
async function realFolder(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    return resolve(path);
  }
}

async function isProvenance(disk: Disk, path: string): Promise<boolean> {
  try {
    const { statement } = readEnvelope(await disk.read(path, MAX_ENVELOPE_BYTES));
    return statement.predicateType === PROVENANCE_TYPE;
  } catch {
    return false;
  }
}

async function writeEnvelope(disk: Disk, out: string, envelope: Uint8Array): Promise<void> {
  await disk.makeDirectory(parent(out));
  await writeDurably(disk, out, envelope);
}

function answer(
  facts: TrainingProvenance,
  key: SigningKey,
  file: string,
  envelope: Uint8Array,
  filed: Filed | undefined,
): Answer {
  const { subject, omsRoot, builder, workflow, ref, commit, dataset, base, environment } = facts;
  const { id } = readEnvelope(envelope);
  const from = [
    ...(commit === undefined ? [] : [`commit ${commit.slice(0, 12)}`]),
    ...(ref === undefined ? [] : [`branch ${ref.slice('refs/heads/'.length)}`]),
    ...(workflow === undefined ? [] : [`workflow ${workflow}`]),
    `${facts.feeds.length} feeds`,
    ...(base === undefined ? [] : [`base model ${base.name}`]),
    ...(environment === undefined ? [] : [`environment ${environment.name}`]),
  ];
  return {
    exit: EXIT.pass,
    text: [
      `Attested ${printable(subject.name)} (${subject.digest.sha256.slice(0, 12)}): ${printable(from.join(', '))}`,
      `  ${printable(file)}`,
      ...(filed === undefined ? [] : [`  ${filedText(filed)}`]),
    ].join('\n'),
    json: {
      schema: 'vallum/attest/v1',
      id,
      file,
      subject,
      keyid: key.keyid,
      ...(omsRoot === undefined ? {} : { omsRoot }),
      builder: builder.id,
      ...(workflow === undefined ? {} : { workflow }),
      ...(ref === undefined ? {} : { ref }),
      ...(commit === undefined ? {} : { commit }),
      ...(dataset === undefined ? {} : { dataset }),
      feeds: facts.feeds,
      ...(base === undefined ? {} : { base }),
      ...(environment === undefined ? {} : { environment }),
      ...(filed === undefined ? {} : { filed }),
    },
  };
}

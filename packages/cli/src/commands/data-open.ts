// `vallum data open`: plaintext out of the vault, authorised, recorded, and only then decrypted. A model that leaves the
// project's folder is exported, and for that the version needs a passing verdict made now, from the bytes at hand. Of several
// objects, those that were released before something went wrong are named: they are out.
import { realpath } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import type { Sha256 } from '@vallum/core';
import { assertRealFolders, messageOf, parent, VallumError } from '@vallum/core';
import type { BulkEvent, KeyProvider, StoredObject } from '@vallum/data';
import {
  assertPrivateTarget,
  bulkEvent,
  headerName,
  openObject,
  readTree,
  removeFolder,
  writeTree,
} from '@vallum/data';
import type { Verdict } from '@vallum/policy';
import type { Answer, Io } from '../answer.js';
import { EXIT, exitOfError, exitOfResult } from '../exit.js';
import { printable } from '../output/style.js';
import { verdictText } from '../output/verdict-text.js';
import { planVersion } from '../plan/version-plan.js';
import type { Filed } from '../project/log.js';
import { filedText } from '../project/log.js';
import { untilStopped } from '../project/until-stopped.js';
import { isWithin } from '../project/vault.js';
import {
  actAbout,
  atVault,
  checkWhy,
  objectId,
  providerFor,
  questionAbout,
  recordActs,
  throughGate,
} from './data-desk.js';
import type { VaultDesk, VaultQuestion } from './data-desk.js';
import { pathIn } from './data-target.js';
import { decide } from './decide.js';
import { assertJudged, judgedSignature } from './judged-signature.js';

export interface OpenOptions {
  readonly why: string;
  readonly out?: string;
  readonly export?: boolean;
  readonly passphraseFile?: string;
}

interface Opening {
  readonly object: StoredObject;
  /** Absolute; nothing is there. */
  readonly target: string;
  readonly act: 'open' | 'export';
  /** Of the signature file that may leave with a model. */
  readonly signature?: Sha256;
}

export async function dataOpenCommand(io: Io, what: readonly string[], options: OpenOptions): Promise<Answer> {
  checkWhy(options.why);
  if (what.length > 1 && options.out !== undefined)
    throw new VallumError('OPEN_OUT', '--out names the place of one object', { fix: 'open them one after the other' });
  return atVault(io, (desk) => open(desk, what, options));
}

async function open(desk: VaultDesk, what: readonly string[], options: OpenOptions): Promise<Answer> {
  const openings: Opening[] = [];
  for (const id of new Set(what.map((one) => objectId(desk, one)))) openings.push(await openingOf(desk, id, options));
  const questions = openings.map(({ object }) => questionAbout('open', object));
  for (const [at, opening] of openings.entries()) {
    if (opening.act !== 'export') continue;
    const asked = await exportQuestion(desk, opening.object);
    if ('refused' in asked) return refusedAnswer(asked.refused, desk.io);
    questions.push(asked.question);
    if (asked.signature !== undefined) openings[at] = { ...opening, signature: asked.signature };
  }
  const events: BulkEvent[] = [];
  return throughGate(
    desk,
    questions,
    async (actor) => {
      const keys = await (await providerFor(desk, options.passphraseFile))();
      const { log, place, session } = desk;
      const opening = openings.map(({ object }) => object.bytes);
      const asked = { who: actor.id, why: options.why, opening, before: log.acts, limit: place.bulk };
      const event = bulkEvent({ ...asked, now: session.clock() });
      if (event !== undefined) {
        events.push(event);
        desk.io.notice(bulkText(event));
      }
      const acts = openings.map(({ object, act }) => actAbout(act, object, options.why));
      return { keys, filed: await recordActs(desk, actor, acts) };
    },
    async ({ keys, filed }, actor) => {
      const told: Told = { by: actor.id, why: options.why, events };
      for (const [at, opening] of openings.entries()) {
        desk.io.progress.say(`opening ${opening.object.name}`);
        try {
          await untilStopped((signal) => release(desk, opening, keys, signal));
        } catch (error) {
          if (at === 0) throw error;
          return answerOf(openings.slice(0, at), filed, told, { opening, error });
        }
      }
      return answerOf(openings, filed, told);
    },
  );
}

async function openingOf(desk: VaultDesk, id: string, options: OpenOptions): Promise<Opening> {
  const { session } = desk;
  const object = livingObject(desk, id);
  const asked = options.out === undefined ? pathIn(session, object) : resolve(options.out);
  const target = await realTarget(asked);
  const { root } = session.paths;
  const isInside = isWithin(target, root);
  if (isInside) {
    if (isWithin(target, desk.place.folder) || isWithin(target, `${root}/.vallum`))
      throw new VallumError('OPEN_OUT', `${asked} is where Vallum keeps its own files`, {
        fix: 'name another place with --out',
      });
    await assertRealFolders(session.disk, root, [parent(relative(root, target))]);
  }
  if (options.out === undefined && !isInside)
    throw new VallumError('OPEN_OUT', `${object.name} does not come from a place in the project`, {
      fix: 'name a place with --out',
    });
  await assertPrivateTarget(session.disk, target);
  const isExport = options.export === true;
  if (isExport && object.kind !== 'model')
    throw new VallumError('OPEN_EXPORT', `${object.name} is no model, so there is no verdict to export it with`, {
      fix: 'open it without --export',
    });
  if (!isExport && object.kind === 'model' && !isInside)
    throw new VallumError('OPEN_EXPORT', `${asked} lies outside the project: there, a model is exported`, {
      fix: 'add --export, which needs a passing verdict for the action export; or open it inside',
    });
  return { object, target, act: isExport ? 'export' : 'open' };
}

/** The folder as it really is, so that a link cannot make the inside look like the outside. */
async function realTarget(target: string): Promise<string> {
  try {
    return join(await realpath(dirname(target)), basename(target));
  } catch (cause) {
    throw new VallumError('VAULT_TARGET', `${dirname(target)} is no folder, so nothing can be opened into it`, {
      fix: 'make the folder, or name another place with --out',
      cause,
    });
  }
}

/** @throws VallumError `VAULT_SHREDDED`, `VAULT_REVOKED`, `VAULT_LOST`, `VAULT_CONTEXT`, or what is wrong with its files */
function livingObject({ log, survey, place }: VaultDesk, id: string): StoredObject {
  const recorded = log.object(id);
  if (recorded?.shredded !== undefined) {
    const { who, why, createdAt } = recorded.shredded;
    throw new VallumError(
      'VAULT_SHREDDED',
      `${recorded.sealed.subject.name} was shredded by ${who} on ${createdAt.slice(0, 10)}: ${why}`,
      {
        fix: 'it cannot be opened any more; seal what you still have again',
      },
    );
  }
  if (recorded?.revoked !== undefined)
    throw new VallumError('VAULT_REVOKED', `${recorded.sealed.subject.name} is not opened: ${recorded.revoked}`, {
      fix: 'shred it; or, if only its record was revoked, record it anew: vallum data seal ID',
    });
  const object = survey.objects.find((one) => one.id === id);
  const broken = survey.broken.find(({ file }) => file.startsWith(id));
  if (broken !== undefined)
    throw new VallumError(
      broken.code,
      broken.message,
      {
        fix: 'restore both files of the object from the same backup',
      },
      'unproven',
    );
  if (object === undefined)
    throw new VallumError('VAULT_LOST', `the ledger knows the object ${id}, and it is not in ${place.folder}`, {
      fix: 'restore its files from a backup',
    });
  const { subject, commitment } = recorded?.sealed ?? {};
  if (
    subject?.name !== headerName(object) ||
    subject.digest.sha256 !== object.digest ||
    commitment !== object.commitment
  )
    throw new VallumError(
      'VAULT_CONTEXT',
      `the object ${id} is not the one that the ledger says was sealed`,
      {
        fix: 'find out who replaced it, and restore its files from a backup',
      },
      'unproven',
    );
  return object;
}

async function release(
  { session, place }: VaultDesk,
  opening: Opening,
  keys: KeyProvider,
  signal: AbortSignal,
): Promise<void> {
  const { disk } = session;
  const { object, target, act, signature } = opening;
  const expected = { object: headerName(object), version: object.id, digest: object.digest };
  const reader = await openObject({ disk, path: `${place.folder}/${object.id}`, keys, expected });
  try {
    const tree = await readTree(reader);
    if (act === 'export') assertJudged(tree, object.name, signature);
    await writeTree({ disk, tree, target, removeFolder, signal });
  } finally {
    await reader.close();
  }
}

/** As `gate` decides, from the bytes at hand; and they have to be those in the vault. */
async function exportQuestion(
  { session, ledger, rules, recorded }: VaultDesk,
  object: StoredObject,
): Promise<{ readonly question: VaultQuestion; readonly signature?: Sha256 } | { readonly refused: Verdict }> {
  const planned = await planVersion(session, object.name, recorded);
  const { verdict } = await decide(session, ledger, planned, rules, { action: 'export' });
  const { name, digest } = planned.subject;
  if (verdict.result !== 'pass' || digest === undefined) return { refused: verdict };
  if (digest.sha256 !== object.digest)
    throw new VallumError(
      'OPEN_EXPORT',
      `the verdict is about ${digest.sha256.slice(0, 12)}, and the vault holds ${object.digest.slice(0, 12)} as ${object.name}`,
      { fix: 'seal the version that passes, or open the sealed one inside the project and check it' },
      'unproven',
    );
  const resource = { type: 'Subject', id: digest.sha256, name } as const;
  const question = { action: 'export', resource, context: { verdict: verdict.result } } as const;
  const signature = judgedSignature(verdict, recorded.statements);
  return { question, ...(signature === undefined ? {} : { signature }) };
}

function refusedAnswer(verdict: Verdict, { style }: Io): Answer {
  return {
    exit: exitOfResult(verdict.result),
    text: `Not exported: a model leaves the vault on a passing verdict only.\n${verdictText(verdict, style)}`,
    json: { schema: 'vallum/data-open/v1', opened: [], events: [], verdict },
  };
}

function bulkText({ who, objects, bytes, limit }: BulkEvent): string {
  return `bulk opening: ${who} takes ${objects} objects, ${bytes} bytes in 24 hours (limit ${limit.objects}, ${limit.bytes})`;
}

interface Told {
  readonly by: string;
  readonly why: string;
  readonly events: readonly BulkEvent[];
}

interface Failed {
  readonly opening: Opening;
  readonly error: unknown;
}

/** @param openings that were released @param failed the one after them; the rest was not tried */
function answerOf(openings: readonly Opening[], filed: readonly Filed[], told: Told, failed?: Failed): Answer {
  const opened = openings.flatMap(({ object, target, act }, at) => {
    const where = filed[at];
    const { id, kind, name, digest } = object;
    return where === undefined ? [] : [{ object: id, kind, name, digest, act, out: target, filed: where }];
  });
  const lines = opened.map(
    ({ kind, name, out, act, filed: where }) =>
      `${act === 'export' ? 'Exported' : 'Opened'} ${kind} ${printable(name)} to ${printable(out)}\n  ${filedText(where)}`,
  );
  const { by, why, events } = told;
  const json = { schema: 'vallum/data-open/v1', opened, by, why, events };
  if (failed === undefined) return { exit: EXIT.pass, text: lines.join('\n'), json };
  const { id: object, kind, name } = failed.opening.object;
  const { error } = failed;
  const { code, fix } = error instanceof VallumError ? error : { code: 'INTERNAL' };
  const message = messageOf(error);
  const hint = fix === undefined ? '' : `\n  fix: ${printable(fix)}`;
  const line = `Not opened: ${kind} ${printable(name)}, nor what follows it: ${printable(message)} [${code}]${hint}`;
  return {
    exit: exitOfError(error),
    text: [...lines, line].join('\n'),
    json: { ...json, failed: { object, kind, name, code, message, ...(fix === undefined ? {} : { fix }) } },
  };
}

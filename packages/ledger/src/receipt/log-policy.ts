// Which logs and witnesses are believed, and how many witnesses it takes: a C2SP tlog-policy file. An unknown line is an
// error, never skipped: a policy that is read more weakly than it was written would be worse than none.
import { VallumError } from '@vallum/core';
import { cosignedAt } from '../note/cosignature.js';
import type { ReadCheckpoint } from '../note/checkpoint.js';
import { isSignedByKey, readVkey, type VerifierKey } from '../note/vkey.js';

interface Group {
  readonly atLeast: number;
  readonly members: readonly string[];
}

export interface LogPolicy {
  readonly logs: readonly VerifierKey[];
  readonly witnesses: ReadonlyMap<string, VerifierKey>;
  readonly groups: ReadonlyMap<string, Group>;
  /** Name of a witness or group, or `none`. */
  readonly quorum: string;
}

export type PolicyAnswer =
  | { readonly accepted: true; readonly log: VerifierKey; readonly cosigned: ReadonlyMap<string, Date> }
  | { readonly accepted: false; readonly why: string };

const MOST_BYTES = 256 * 1024;
const MOST_LINES = 2_000;

/** A policy of plain lists: every witness is needed. */
export function policyOf(logs: readonly VerifierKey[], witnesses: readonly VerifierKey[]): LogPolicy {
  const named = new Map(witnesses.map((key, at) => [`w${at}`, key]));
  const all = { atLeast: named.size, members: [...named.keys()] };
  return {
    logs,
    witnesses: named,
    groups: named.size === 0 ? new Map() : new Map([['all', all]]),
    quorum: named.size === 0 ? 'none' : 'all',
  };
}

/** @throws VallumError `LOG_POLICY`, `NOTE_VKEY` */
export function readLogPolicy(text: string): LogPolicy {
  const lines = text.split('\n');
  if (text.length > MOST_BYTES || lines.length > MOST_LINES) throw invalid('it is too long');
  const logs: VerifierKey[] = [];
  const witnesses = new Map<string, VerifierKey>();
  const groups = new Map<string, Group>();
  let quorum: string | undefined;
  for (const [at, line] of lines.entries()) {
    const words = line.split(/[ \t]+/).filter((word) => word !== '');
    const [what, first = '', second = '', ...more] = words;
    const broken = (why: string): VallumError => invalid(`line ${at + 1} ${why}`);
    const fresh = (name: string): string => {
      if (name === '' || name === 'none' || witnesses.has(name) || groups.has(name)) throw broken('names nothing new');
      return name;
    };
    const known = (name: string): string => {
      if (!witnesses.has(name) && !groups.has(name))
        throw broken(`names ${JSON.stringify(name)}, which is not above it`);
      return name;
    };
    if (what === undefined || what.startsWith('#')) continue;
    if (what === 'log' && words.length <= 3) addKey(logs, keyFor(first, 'log', broken), broken);
    else if (what === 'witness' && words.length <= 4) {
      const name = fresh(first);
      const key = keyFor(second, 'witness', broken);
      addKey([...witnesses.values()], key, broken);
      witnesses.set(name, key);
    } else if (what === 'group' && more.length > 0) {
      const members = more.map(known);
      if (new Set(members).size !== members.length || isUsed(groups, members)) throw broken('names a member twice');
      groups.set(fresh(first), { atLeast: threshold(second, members.length, broken), members });
    } else if (what === 'quorum' && words.length === 2 && quorum === undefined)
      quorum = first === 'none' ? first : known(first);
    else throw broken('is not a line of a log policy');
  }
  if (quorum === undefined) throw invalid('it has no quorum line');
  return { logs, witnesses, groups, quorum };
}

type Broken = (why: string) => VallumError;

function keyFor(text: string, use: VerifierKey['use'], broken: Broken): VerifierKey {
  const key = readVkey(text);
  if (key.use !== use) throw broken(`has the key of a ${key.use}`);
  return key;
}

function addKey(keys: VerifierKey[], key: VerifierKey, broken: Broken): void {
  if (keys.some(({ publicKey }) => Buffer.compare(publicKey, key.publicKey) === 0)) throw broken('repeats a key');
  keys.push(key);
}

/** A witness that counts in two groups would count twice. */
function isUsed(groups: ReadonlyMap<string, Group>, members: readonly string[]): boolean {
  return [...groups.values()].some((group) => group.members.some((name) => members.includes(name)));
}

function threshold(word: string, members: number, broken: Broken): number {
  if (word === 'all') return members;
  if (word === 'any') return 1;
  const atLeast = /^[1-9]\d{0,3}$/.test(word) ? Number(word) : 0;
  if (atLeast < 1 || atLeast > members) throw broken('asks for a number of members that cannot be');
  return atLeast;
}

/** Is the checkpoint signed by a known log and cosigned by the quorum? */
export function judgeCheckpoint(policy: LogPolicy, checkpoint: ReadCheckpoint): PolicyAnswer {
  const { note, origin } = checkpoint;
  const log = policy.logs.find((key) => key.name === origin && isSignedByKey(checkpoint, key));
  if (log === undefined) return { accepted: false, why: `no known key of the log ${origin} signed the checkpoint` };
  const cosigned = new Map<string, Date>();
  for (const [name, key] of policy.witnesses) {
    const time = cosignedAt(note, key);
    if (time !== undefined) cosigned.set(name, time);
  }
  if (policy.quorum === 'none' || isWitnessed(policy, policy.quorum, cosigned))
    return { accepted: true, log, cosigned };
  const who = cosigned.size === 0 ? 'no known witness' : `only ${[...cosigned.keys()].join(', ')}`;
  return { accepted: false, why: `${who} cosigned the checkpoint, which is not the quorum ${policy.quorum}` };
}

function isWitnessed(policy: LogPolicy, name: string, cosigned: ReadonlyMap<string, Date>): boolean {
  const group = policy.groups.get(name);
  if (group === undefined) return cosigned.has(name);
  return group.members.filter((member) => isWitnessed(policy, member, cosigned)).length >= group.atLeast;
}

function invalid(why: string): VallumError {
  return new VallumError('LOG_POLICY', `this is not a policy about logs and witnesses: ${why}`, {
    fix: 'see c2sp.org/tlog-policy, and docs/witness.md for an example',
  });
}

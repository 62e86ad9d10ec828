// The verdict: one pure, three-valued function. Any failure refuses; else anything missing, stale, inconclusive,
// untrusted or revoked leaves it not proven; else it passes. Attackers control files, clocks and self-made keys, so a
// statement counts only for what it says about these bytes, by a key that may say it, in the order of the log.
import type { Blocked, EvidenceKind, Sha256, TaskIdentity } from '@vallum/core';
import { isBlocked } from '@vallum/core';
import type { Requirement } from '../requirement.js';
import type { Superseded, UsedWaiver, Verdict, VerdictReason, VerdictResult } from '../verdict.js';
import type { JudgeInput } from './input.js';
import { findBinding, findBrokenBinding } from './name-binding.js';
import { revokedSince } from './notes.js';
import type { Draft } from './reasons.js';
import type { RequirementAnswer } from './requirement.js';
import { judgeRequirement, linesOf } from './requirement.js';
import type { Revocations } from './revocations.js';
import { collectRevocations } from './revocations.js';
import { findLostBinding, findLostRevocation } from './unreadable.js';

/** Collects what the requirements say, in their order. */
interface Tally {
  readonly reasons: VerdictReason[];
  readonly evidence: Set<Sha256>;
  readonly waivers: Map<string, UsedWaiver>;
  readonly superseded: Superseded[];
  readonly notes: Set<string>;
  readonly ends: number[];
}

export function judge(given: JudgeInput): Verdict {
  const input = { ...given, ...firstOfEach(given) };
  const revocations = collectRevocations(input.statements, input.trust);
  const tally: Tally = {
    reasons: [],
    evidence: new Set(),
    waivers: new Map(),
    superseded: [],
    notes: new Set(),
    ends: [],
  };
  const asked = input.requirements.filter((requirement) => requirement.actions.includes(input.action));
  for (const draft of judgeWhole(input, asked, revocations))
    tally.reasons.push({ requirement: 'verdict', kind: 'verdict', ...draft });
  for (const requirement of asked)
    if (input.except?.includes(requirement.kind) !== true) judgeOne(requirement, input, revocations, tally);
  judgeUnaskedBindings(asked, input, revocations, tally);
  const refused = tally.reasons.filter((reason) => reason.result === 'refused');
  const notProven = tally.reasons.filter((reason) => reason.result === 'not-proven');
  const result: VerdictResult = refused.length > 0 ? 'refused' : notProven.length > 0 ? 'not-proven' : 'pass';
  return {
    action: input.action,
    result,
    subject: input.subject,
    reasons: [...refused, ...notProven],
    evidence: [...tally.evidence],
    waivers: [...tally.waivers.values()],
    superseded: tally.superseded,
    notes: [...tally.notes],
    validUntil: tally.ends.length === 0 ? null : new Date(Math.min(...tally.ends)).toISOString(),
    local: input.trust.local,
  };
}

/**
 * A statement that is appended again is still the old one: only its first entry counts, or a replayed pass would win.
 * Where one of its entries can be read, the others are known too.
 */
function firstOfEach({ statements, unreadable = [] }: JudgeInput): Pick<JudgeInput, 'statements' | 'unreadable'> {
  const keyOf = ({ id, keyid }: { readonly id: string; readonly keyid: string }): string => `${id} ${keyid}`;
  const places = new Map<string, number>();
  for (const entry of [...statements, ...unreadable])
    places.set(keyOf(entry), Math.min(entry.index, places.get(keyOf(entry)) ?? entry.index));
  const readable = new Map(
    statements.map((entry) => [keyOf(entry), { ...entry, index: places.get(keyOf(entry)) ?? entry.index }]),
  );
  return { statements: [...readable.values()], unreadable: unreadable.filter((entry) => !readable.has(keyOf(entry))) };
}

/** What concerns the verdict as a whole. */
function judgeWhole(input: JudgeInput, asked: readonly Requirement[], revocations: Revocations): readonly Draft[] {
  const drafts: Draft[] = [];
  const open = (code: string, message: string, fix: string): void =>
    void drafts.push({ result: 'not-proven', code, message, fix });
  const { subject, pinned, bundle } = input;
  const digest = subject.digest?.sha256;
  if (pinned !== undefined && digest !== undefined && pinned !== digest)
    drafts.push({
      result: 'refused',
      code: 'pinned-digest',
      message: `${subject.name} is pinned as ${pinned.slice(0, 12)}, its bytes are ${digest.slice(0, 12)}`,
      fix: 'restore the pinned bytes or change the pinned digest in vallum.yaml',
    });
  if (asked.length === 0)
    open(
      'no-requirement',
      `no requirement speaks about ${input.action}, so nothing is proven`,
      'add requirements for this action',
    );
  const revoked = digest === undefined ? undefined : revocations.ofSubject(digest);
  if (revoked !== undefined)
    open('revoked', `${subject.name} was revoked (${revoked.reason})`, 'use another version, or make a new one');
  const ended = bundle && (revocations.ofId(bundle.id) ?? revocations.ofKey(bundle.keyid));
  if (ended !== undefined)
    open('revoked', `the policy bundle: ${ended.what} was revoked (${ended.reason})`, 'have the policy signed again');
  const broken = revocations.unreadable[0];
  if (broken !== undefined)
    open(
      'unreadable',
      `the revocation ${broken.slice(0, 12)} cannot be understood`,
      'use the newest Vallum, or repeat the revocation',
    );
  const lost = findLostRevocation(input);
  if (lost !== undefined) drafts.push(lost);
  return drafts;
}

function judgeOne(requirement: Requirement, input: JudgeInput, revocations: Revocations, tally: Tally): void {
  const kind = input.kinds.get(requirement.kind);
  const planned = input.plan.filter((task) => task.kind === requirement.kind);
  const add = (draft: Draft, subject?: string): void => {
    const about = subject === undefined || subject === input.subject.name ? {} : { subject };
    tally.reasons.push({ requirement: requirement.id, kind: requirement.kind, ...draft, ...about });
  };
  if (kind === undefined)
    return add({
      result: 'not-proven',
      code: 'unknown-kind',
      message: `${requirement.kind} is no kind of evidence`,
      fix: 'use the newest Vallum',
    });
  if (planned.length === 0)
    add({
      result: 'not-proven',
      code: 'not-planned',
      message: `the project declares nothing that ${kind.id} could look at`,
      fix: 'declare it in vallum.yaml',
    });
  for (const task of planned) {
    if (isBlocked(task)) add(blockedReason(task));
    else
      for (const draft of judgeTask(requirement, kind, task, input, revocations, tally)) add(draft, task.subject.name);
  }
}

function judgeTask(
  requirement: Requirement,
  kind: EvidenceKind,
  task: TaskIdentity,
  input: JudgeInput,
  revocations: Revocations,
  tally: Tally,
): readonly Draft[] {
  const broken = kind.bindsName ? findBrokenBinding(kind, task, input, revocations) : undefined;
  if (broken !== undefined) return [broken];
  if (kind.bindsName && input.authors.length === 0) return [unknownAuthor(kind)];
  const reasons = new Map<string, Draft>();
  for (const line of linesOf(requirement, input.action)) {
    const answer = judgeRequirement({ requirement: line, kind, task, input, revocations });
    count(answer, input, revocations, tally);
    for (const reason of answer.reasons) {
      const key = `${reason.code} ${reason.evidence ?? ''}`;
      if (!reasons.has(key)) reasons.set(key, reason);
    }
  }
  return [...reasons.values()];
}

/** What a requirement rests on. */
function count(answer: RequirementAnswer, input: JudgeInput, revocations: Revocations, tally: Tally): void {
  const { decided } = answer;
  if (decided !== undefined) {
    tally.evidence.add(decided.entry.id);
    if (decided.expiry !== undefined) tally.ends.push(decided.expiry.getTime());
    for (const note of revokedSince(decided, input, revocations)) tally.notes.add(note);
  }
  for (const waiver of answer.waivers) {
    tally.waivers.set(`${waiver.requirement} ${waiver.id}`, waiver);
    tally.ends.push(new Date(waiver.until).getTime());
  }
  for (const one of answer.superseded)
    if (
      !tally.superseded.some(
        ({ requirement, evidence }) => requirement === one.requirement && evidence === one.evidence,
      )
    )
      tally.superseded.push(one);
}

/**
 * Bytes that differ from the approved ones refuse an action also where its requirements ask for no approval; where the
 * approval is lost, nobody knows whether they differ.
 */
function judgeUnaskedBindings(
  asked: readonly Requirement[],
  input: JudgeInput,
  revocations: Revocations,
  tally: Tally,
): void {
  for (const task of input.plan) {
    const kind = input.kinds.get(task.kind);
    if (isBlocked(task) || kind?.bindsName !== true || input.except?.includes(kind.id) === true) continue;
    if (asked.some((requirement) => requirement.kind === kind.id)) continue;
    const inForce = findBinding(kind, task.subject.name, input, revocations)?.entry.index;
    const reason =
      findBrokenBinding(kind, task, input, revocations) ?? findLostBinding(kind, inForce, input, revocations);
    if (reason !== undefined) tally.reasons.push({ requirement: kind.id, kind: kind.id, ...reason });
  }
}

function blockedReason({ kind, blocked }: Blocked): Draft {
  const { code, message, file } = blocked;
  const named = file === undefined || message.includes(file) ? message : `${file}: ${message}`;
  return {
    result: 'not-proven',
    code,
    message: `${kind} cannot be judged: ${named}`,
    fix: 'make the file readable and complete',
  };
}

function unknownAuthor(kind: EvidenceKind): Draft {
  return {
    result: 'not-proven',
    code: 'author-unknown',
    message: `${kind.id} needs another person than the author, and no enrolled author signed this subject`,
    fix: 'have the author sign it: `vallum sign`',
  };
}

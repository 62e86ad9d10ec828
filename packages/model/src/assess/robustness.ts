// The control `robustness.report`: how often a spammer with a budget of words gets caught mail past the model, black-box.
// Its outcome says whether that was measured soundly; what rate is bearable is policy's business, on the upper bound.
// An attack that is too weak makes a weak model look strong, so a suspicious measurement is inconclusive, never a pass.
import type {
  ControlResult,
  Coverage,
  Disk,
  Finding,
  Metric,
  Planned,
  RunContext,
  Sha256,
  Subject,
} from '@vallum/core';
import { inconclusive, VallumError } from '@vallum/core';
import { clopperPearson, mulberry32, shuffle } from '@vallum/stats';
import type { Engine } from './engine.js';
import type { Attack, AttackedMail, LabelledRow } from './good-words.js';
import { append, goodWordAttack } from './good-words.js';
import type { TextModel } from './text-model.js';
import { openTextModel } from './text-model.js';

const KIND = 'robustness.report';
const CANDIDATES = 1000;
const PROBES = 5;
/** Words and mails of the check that a budget without end beats the model. */
const FLOOD_WORDS = 200;
const FLOOD_MAILS = 25;
const SMALL_BUDGETS = [1, 2, 5];

export interface RobustnessParameters {
  /** Budget: most words that the attacker may append. */
  readonly words: number;
  /** Caught mails to attack; with fewer the control is inconclusive. */
  readonly samples: number;
  readonly seed: number;
}

export interface RobustnessOptions {
  readonly disk: Disk;
  readonly dir: string;
  /** The weights scope: digest of model.json and the weights. */
  readonly subject: Subject;
  /** Rows that the model was not trained on; the digest is an input of the evidence. */
  readonly heldOut: {
    readonly name: string;
    readonly digest: Sha256;
    readonly read: () => Promise<readonly LabelledRow[]>;
  };
  readonly parameters: RobustnessParameters;
  readonly engine?: Engine;
}

export async function planRobustness(options: RobustnessOptions): Promise<Planned> {
  const { subject, heldOut, parameters } = options;
  const { words, samples, seed } = parameters;
  for (const [key, value, high] of [
    ['words', words, 100],
    ['samples', samples, 10_000],
  ] as const)
    if (!Number.isInteger(value) || value < 1 || value > high)
      throw new VallumError('ROBUSTNESS_PARAMETERS', `${KIND}: "${key}" must be a whole number from 1 to ${high}`, {
        fix: 'correct it in the declaration of the project',
      });
  return {
    kind: KIND,
    version: '1',
    subject,
    inputs: [{ name: heldOut.name, digest: { sha256: heldOut.digest } }],
    parameters: { attack: 'good-words', words, samples, seed, candidates: CANDIDATES, probes: PROBES },
    run: (context) => run(options, context),
  };
}

async function run(options: RobustnessOptions, context: RunContext): Promise<ControlResult> {
  let model: TextModel;
  try {
    model = await openTextModel({ ...options, expected: options.subject.digest.sha256 });
  } catch (error) {
    // Whatever keeps the model from being asked leaves its robustness open; why it is broken is for other controls.
    if (!(error instanceof VallumError)) throw error;
    const message = error.fix === undefined ? error.message : `${error.message}; ${error.fix}`;
    return inconclusive(error.code.toLowerCase().replaceAll('_', '-'), message);
  }
  try {
    return await measure(options, model, context);
  } finally {
    await model.close();
  }
}

async function measure(options: RobustnessOptions, model: TextModel, context: RunContext): Promise<ControlResult> {
  const { parameters } = options;
  const { positive, threshold } = model.declaration.output;
  const predict = (rows: Parameters<TextModel['predict']>[0]) => model.predict(rows, context.signal);
  context.progress('asking the model about the held-out rows');
  const rows = (await options.heldOut.read()).filter((row) => model.declaration.labels.includes(row.label));
  const answers = (await predict(rows)).map((probability) => model.labelOf(probability));
  const caught = rows.filter((row, i) => row.label === positive && answers[i] === positive);
  const passed = rows.filter((row, i) => row.label !== positive && answers[i] !== positive);
  const coverage = coverageOf(rows.length, caught.length, parameters.samples);
  if (caught.length < parameters.samples)
    return inconclusive(
      'too-few-samples',
      `the model catches ${caught.length} held-out ${positive} rows, and ${parameters.samples} are needed`,
      coverage,
    );
  const random = mulberry32(parameters.seed);
  const targets = shuffle(caught, random).slice(0, parameters.samples);
  context.progress(`attacking ${targets.length} mails with up to ${parameters.words} words each`);
  const attack = await goodWordAttack({
    predict,
    threshold,
    targets,
    sources: passed,
    words: parameters.words,
    candidates: CANDIDATES,
    probes: PROBES,
    random,
  });
  const doubt = await findDoubt(attack, targets, predict, threshold);
  if (doubt !== undefined) return inconclusive(doubt.code, doubt.message, coverage);
  const right = rows.filter((row, i) => row.label === answers[i]).length;
  return {
    outcome: 'pass',
    findings: examples(attack, positive),
    metrics: [
      ...evasionRates(attack, parameters.words),
      rate('clean-accuracy', right, rows.length),
      { id: 'queries', value: model.queries, unit: 'rows' },
    ],
    coverage,
  };
}

function coverageOf(rows: number, caught: number, samples: number): Coverage {
  const left = caught - samples;
  return {
    examined: { rows },
    notExamined: [
      ...(left > 0 ? [{ what: `${left} caught rows`, why: `a sample of ${samples} was attacked` }] : []),
      { what: 'other attacks', why: 'only appended words are tried, not changed or hidden ones' },
    ],
  };
}

/** Reasons to disbelieve the attack rather than believe the model. */
async function findDoubt(
  attack: Attack,
  targets: readonly LabelledRow[],
  predict: (rows: readonly LabelledRow[]) => Promise<readonly number[]>,
  threshold: number,
): Promise<{ readonly code: string; readonly message: string } | undefined> {
  const few = targets.slice(0, FLOOD_MAILS);
  const [first, second] = [await predict(few), await predict(few)];
  if (first.some((probability, i) => probability !== second[i]))
    return { code: 'model-not-deterministic', message: 'the model gives the same row different answers' };
  const [clean = 0, one = 0] = attack.meanScore;
  const all = attack.meanScore.at(-1) ?? 0;
  // With a budget of one word, `one` and `all` are the same figure.
  const falls = one < clean && (attack.meanScore.length === 2 || all < one);
  if (attack.ranking.length === 0 || !falls)
    return { code: 'attack-too-weak', message: 'more words did not lower the score further, so no bound was found' };
  const flood = attack.ranking.slice(0, FLOOD_WORDS);
  const flooded = await predict(few.map((row) => ({ ...row, ...append(row, flood) })));
  const withFlood = flooded.filter((probability) => probability < threshold).length;
  const withBudget = attack.mails.slice(0, few.length).filter((mail) => mail.wordsNeeded !== undefined).length;
  if (withFlood < withBudget || withFlood === 0)
    return {
      code: 'attack-too-weak',
      message: `${flood.length} words got ${withFlood} of ${few.length} mails past the model, the budget ${withBudget}`,
    };
  return undefined;
}

function evasionRates(attack: Attack, words: number): readonly Metric[] {
  const evaded = (budget: number): number =>
    attack.mails.filter(({ wordsNeeded }) => wordsNeeded !== undefined && wordsNeeded <= budget).length;
  return [
    rate('evasion-rate', evaded(words), attack.mails.length),
    ...SMALL_BUDGETS.filter((budget) => budget < words).map((budget) =>
      rate(`evasion-rate-${budget}`, evaded(budget), attack.mails.length),
    ),
  ];
}

function rate(id: string, k: number, n: number): Metric {
  const interval = { ...clopperPearson(k, n), level: 0.95, method: 'clopper-pearson' };
  return { id, value: n === 0 ? 0 : k / n, unit: 'share', n, interval };
}

/** Two mails that passed, with the words masked: they come from real mail. */
function examples(attack: Attack, positive: string): readonly Finding[] {
  return attack.mails
    .filter((mail): mail is AttackedMail & { wordsNeeded: number } => mail.wordsNeeded !== undefined)
    .slice(0, 2)
    .map(({ id, wordsNeeded, appended }) => ({
      rule: 'robustness.good-words',
      severity: 'info',
      message: `${positive} passes with ${wordsNeeded} more word${wordsNeeded === 1 ? '' : 's'}: ${appended
        .slice(0, 5)
        .map(mask)
        .join(', ')}`,
      location: { row: id },
      atlas: ['AML.T0015', 'AML.T0043'],
      cve: [],
      cwe: ['CWE-1039'],
      fix: 'train with such words appended, or let words alone not decide',
    }));
}

function mask(word: string): string {
  return `${word.slice(0, 1)}${'*'.repeat(Math.max(1, word.length - 2))}${word.slice(-1)}`;
}

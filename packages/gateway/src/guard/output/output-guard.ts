// What may go out: the numbers and texts of an answer, made poorer as the route says and as the step of the principal asks.
// Less of a probability is less to steal a model with, and fewer digits are less to find its edge with; what this costs honest
// callers is theirs to know from the documentation, and which step is on is nobody's.
import type { RuleSet } from '@vallum/detect';
import type { OutputSettings } from '../../config/schema.js';
import type { Step } from '../../detectors/step.js';
import type { Protocol } from '../../door/operation.js';
import type { Refusal } from '../../door/refusal.js';
import { isRefusal, refuse } from '../../door/refusal.js';
import type { Answer, AnswerOutput } from '../../protocol/answer.js';
import { maskBeside } from '../text/mask-beside.js';
import { compileTextGuard } from '../text/text-guard.js';
import type { MaskCounts, TextGuard } from '../text/text-guard.js';
import { addNoise } from './noise.js';
import type { Taken } from './rows.js';
import { isFloat, scoreRows } from './rows.js';
import { keepLabel, keepLargest, roundAll } from './shape-rows.js';

export interface OutputContext {
  readonly principal: string;
  /** Keyed digest of the input: the same for the same input. */
  readonly inputDigest: string;
  /** Of this gateway, for the noise. */
  readonly secret: Buffer;
  readonly step: Step;
}

export interface GuardedAnswer {
  /** The same outputs where nothing was changed. */
  readonly answer: Answer;
  readonly masked: MaskCounts;
}

export type OutputGuard = (answer: Answer, context: OutputContext) => GuardedAnswer | Refusal;

/** Digits of a number that is no class score, while the step asks for poorer answers. */
const DEGRADED_DIGITS = 1;
const NOTHING: MaskCounts = Object.freeze({});

/**
 * Refuses with `bad-upstream` where a text must not go out, and where an output that is named as probabilities holds none and so
 * would go out without its noise.
 * @param protocol where an answer is made of tensors, each one counts as scores unless the route names those that do
 */
export function compileOutputGuard(settings: OutputSettings, protocol: Protocol, rules?: RuleSet): OutputGuard {
  const named = settings.probabilities === undefined ? undefined : new Set(settings.probabilities);
  const asksForLess = settings.labelOnly || settings.topK !== undefined;
  const assumes = named === undefined && asksForLess && (protocol === 'oip' || protocol === 'oip-grpc');
  const texts = compileTextGuard(settings, rules);
  return (answer, context) => {
    const isDegraded = context.step === 'degrade' || context.step === 'block';
    const outputs: AnswerOutput[] = [];
    for (const output of answer.outputs) {
      const isNamed = named?.has(output.name) ?? false;
      // With a list, what is not in it is left as it is, save for who has to get less.
      const poorer = poorerAs(settings, { applies: named === undefined || isNamed, isDegraded });
      const taken = isNamed ? 'named' : assumes ? 'assumed' : 'by-values';
      // Of a text, poorer means without log-probabilities: they are left out wherever an answer is written anew.
      const isText = protocol === 'openai' && poorer?.labelOnly === true && output.texts !== undefined;
      const plain = isText ? { ...output } : output;
      const shown = poorer === undefined ? output : changed(plain, { taken, poorer, context });
      if (isRefusal(shown)) return shown;
      outputs.push(shown);
    }
    const guarded = { ...answer, outputs };
    return texts === undefined ? { answer: guarded, masked: NOTHING } : maskOutputs(guarded, texts);
  };
}

interface Poorer {
  readonly labelOnly: boolean;
  readonly topK?: number;
  readonly round?: number;
  readonly noise?: number;
}

/** Undefined where nothing is to be done. */
function poorerAs(
  { labelOnly, topK, round, noise }: OutputSettings,
  { applies, isDegraded }: { readonly applies: boolean; readonly isDegraded: boolean },
): Poorer | undefined {
  if (!applies) return isDegraded ? { labelOnly: true, round: DEGRADED_DIGITS } : undefined;
  if (isDegraded) return { labelOnly: true, round: Math.min(round ?? DEGRADED_DIGITS, DEGRADED_DIGITS) };
  if (!labelOnly && topK === undefined && round === undefined && noise === undefined) return undefined;
  return {
    labelOnly,
    ...(topK === undefined ? {} : { topK }),
    ...(round === undefined ? {} : { round }),
    ...(noise === undefined ? {} : { noise }),
  };
}

interface Change {
  readonly taken: Taken;
  readonly poorer: Poorer;
  readonly context: OutputContext;
}

/** Noise comes first and rounding last, so that what is seen of the noise is as coarse as the rest. */
function changed(output: AnswerOutput, { taken, poorer, context }: Change): AnswerOutput | Refusal {
  const { labelOnly, topK, round, noise } = poorer;
  if (output.numbers === undefined || !isFloat(output)) return output;
  const rows = scoreRows(output, taken);
  const numbers = output.numbers.slice();
  if (rows !== undefined) {
    const { classes, areProbabilities } = rows;
    if (labelOnly) keepLabel(numbers, classes);
    else {
      if (noise !== undefined && !areProbabilities && taken === 'named')
        return refuse('bad-upstream', `the output ${nameOf(output)} is named as probabilities and holds others`);
      if (noise !== undefined && areProbabilities)
        addNoise(numbers, classes, noise, { ...context, output: output.name });
      if (topK !== undefined) keepLargest(numbers, classes, topK);
    }
  }
  if (round !== undefined) roundAll(numbers, round);
  return { ...output, numbers };
}

function nameOf({ name }: AnswerOutput): string {
  return JSON.stringify(name.slice(0, 80));
}

function maskOutputs(answer: Answer, guard: TextGuard): GuardedAnswer | Refusal {
  const counts = new Map<string, number>();
  const outputs: AnswerOutput[] = [];
  for (const output of answer.outputs) {
    const shown = output.texts === undefined ? output : maskOutput(output, output.texts, guard, counts);
    if (isRefusal(shown)) return shown;
    outputs.push(shown);
  }
  const others = answer.beside === undefined ? undefined : maskBeside(answer.beside, guard);
  if (others !== undefined && 'fault' in others) return refuse('bad-upstream', `beside the outputs: ${others.fault}`);
  for (const [rule, count] of Object.entries(others?.masked ?? {})) counts.set(rule, (counts.get(rule) ?? 0) + count);
  if (counts.size === 0) return { answer, masked: NOTHING };
  const beside = others?.beside;
  return { answer: { ...answer, outputs, ...(beside && { beside }) }, masked: Object.fromEntries(counts) };
}

function maskOutput(
  output: AnswerOutput,
  texts: readonly string[],
  guard: TextGuard,
  counts: Map<string, number>,
): AnswerOutput | Refusal {
  const done = guard.mask(texts);
  if ('fault' in done) return refuse('bad-upstream', `text ${done.at} of the output ${nameOf(output)}: ${done.fault}`);
  for (const [rule, count] of Object.entries(done.masked)) counts.set(rule, (counts.get(rule) ?? 0) + count);
  return done.texts === texts ? output : { ...output, texts: done.texts };
}

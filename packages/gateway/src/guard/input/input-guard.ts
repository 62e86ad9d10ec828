// What may go in: checks a request that a protocol has read, against what the route says and what training data say. All
// values are the caller's. The reason names place and bound and never a value; the caller learns `bad-input` and no more.
import type { RuleSet } from '@vallum/detect';
import type { InputSettings } from '../../config/schema.js';
import type { Refusal } from '../../door/refusal.js';
import { refuse } from '../../door/refusal.js';
import type { Inspected, InputTensor } from '../../protocol/inspected.js';
import type { Beside } from '../../protocol/texts-in.js';
import type { GatewayRanges } from '../learn/ranges.js';
import { maskBeside } from '../text/mask-beside.js';
import { compileTextGuard } from '../text/text-guard.js';
import type { MaskCounts, TextGuard } from '../text/text-guard.js';
import { compileTensorCheck } from './tensor-check.js';

export interface InputAnswer {
  /** What goes on: the request as it was, or with masked texts. */
  readonly inspected: Inspected;
  readonly masked: MaskCounts;
}

export type InputGuard = (inspected: Inspected) => InputAnswer | Refusal;

/** UTF-16 units of a key or a name; a text is bounded by the route. */
const LONGEST_NAME = 256;
const NOTHING: MaskCounts = Object.freeze({});
const NO_TEXTS: Beside = { texts: [], names: [] };

/** @param learned of the file that `settings.learned` names */
export function compileInputGuard(settings: InputSettings, learned?: GatewayRanges, rules?: RuleSet): InputGuard {
  const types = settings.contentTypes?.map(mediaType);
  const checkTensor = compileTensorCheck(settings, learned);
  const texts = compileTextGuard(settings, rules);
  return (inspected) => {
    const { headers, rows, inputs, beside = NO_TEXTS } = inspected;
    const type = mediaType(headers['content-type'] ?? '');
    if (types !== undefined && !types.includes(type))
      return refuse(
        'unsupported-type',
        `the route does not take bodies of the type ${JSON.stringify(type.slice(0, 80))}`,
      );
    if (rows > settings.maxRows) return refuse('bad-input', `it has ${rows} rows, more than ${settings.maxRows}`);
    for (const input of inputs) {
      const fault = lengthFault(input, settings.maxTextLength) ?? checkTensor(input, inputs);
      if (fault !== undefined) return refuse('bad-input', `${nameOf(input)}: ${fault}`);
    }
    const tooLong = besideFault(beside, settings.maxTextLength);
    if (tooLong !== undefined) return refuse('bad-input', tooLong);
    return texts === undefined ? { inspected, masked: NOTHING } : maskInputs(inspected, texts);
  };
}

function mediaType(header: string): string {
  return (header.split(';', 1)[0] ?? '').trim().toLowerCase();
}

function nameOf({ name }: InputTensor): string {
  return `the input ${JSON.stringify(name.slice(0, 80))}`;
}

function lengthFault({ texts }: InputTensor, most: number): string | undefined {
  const at = texts?.findIndex((text) => text.length > most) ?? -1;
  return at < 0 ? undefined : `its text ${at} is longer than ${most} UTF-16 units`;
}

function besideFault({ texts, names }: Beside, most: number): string | undefined {
  if (texts.some((text) => text.length > most)) return `a text beside the inputs is longer than ${most} UTF-16 units`;
  return names.some((name) => name.length > LONGEST_NAME)
    ? `a key or a name is longer than ${LONGEST_NAME} UTF-16 units`
    : undefined;
}

function maskInputs(inspected: Inspected, guard: TextGuard): InputAnswer | Refusal {
  const counts = new Map<string, number>();
  const masked: (readonly string[] | undefined)[] = [];
  for (const input of inspected.inputs) {
    const done = input.texts === undefined ? undefined : guard.mask(input.texts);
    if (done !== undefined && 'fault' in done)
      return refuse('bad-input', `${nameOf(input)}: its text ${done.at} is not passed on: ${done.fault}`);
    for (const [rule, count] of Object.entries(done?.masked ?? {})) counts.set(rule, (counts.get(rule) ?? 0) + count);
    masked.push(done === undefined || done.texts === input.texts ? undefined : done.texts);
  }
  const others = maskBeside(inspected.beside ?? NO_TEXTS, guard);
  if ('fault' in others) return refuse('bad-input', `beside the inputs: ${others.fault}`);
  for (const [rule, count] of Object.entries(others.masked)) counts.set(rule, (counts.get(rule) ?? 0) + count);
  if (counts.size === 0) return { inspected, masked: NOTHING };
  // What cannot be written again with masked texts is refused: the upstream must not get what was found.
  if (inspected.withTexts === undefined)
    return refuse('bad-input', 'it holds texts to mask, and a body of this form cannot be written again');
  return { inspected: inspected.withTexts(masked, others.beside.texts), masked: Object.fromEntries(counts) };
}

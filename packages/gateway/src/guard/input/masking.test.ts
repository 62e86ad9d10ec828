// Personal data and secrets in the texts of a request: masked before they are forwarded, or refused.
import { describe, expect, it } from 'vitest';
import { isRefusal } from '../../door/refusal.js';
import type { Inspected } from '../../protocol/inspected.js';
import { outcome, request, settings, tensor, texts } from '../testing/requests.js';
import { CARD, MAIL, TOKEN } from '../testing/text-samples.js';
import { compileInputGuard } from './input-guard.js';

describe('texts', () => {
  const body = (values: readonly string[]): Inspected => ({
    ...request(tensor(Float64Array.of(1), [1]), texts(values)),
    withTexts: (changed) => ({ ...body(changed[1] ?? values), forward: Buffer.from(JSON.stringify(changed)) }),
  });

  it('are left alone by default', () => {
    expect(outcome({}, body([TOKEN, MAIL]))).toBe('passes');
  });

  it('go on masked, and masked again they are the same', () => {
    const guard = compileInputGuard(settings({ secrets: 'mask', personalData: 'mask' }));
    const first = guard(body([`use ${TOKEN}`, `pay ${CARD}`, 'fine']));
    if (isRefusal(first)) throw new Error(first.reason);
    expect(first.masked).toEqual({ 'github.token': 1, 'card.grouped': 1 });
    expect(first.inspected.inputs[1]!.texts).toEqual(['use ghp_… (40 characters)', 'pay **** **** **** 1111', 'fine']);
    expect(first.inspected.forward.toString()).not.toContain(TOKEN);
    expect(guard(first.inspected)).toEqual({ inspected: first.inspected, masked: {} });
  });

  it('that are clean go on as the very same body', () => {
    expect(outcome({ secrets: 'mask', personalData: 'refuse' }, body(['fine', 'too']))).toBe('passes');
  });

  it('are refused where they cannot be written again', () => {
    const fixed = request(texts([TOKEN]));
    expect(outcome({ secrets: 'mask' }, fixed)).toMatch(/cannot be written again/);
    expect(outcome({ secrets: 'mask' }, { ...fixed, inputs: [texts(['fine'])] })).toBe('passes');
  });

  it('are refused where the route says so, and the reason holds nothing of them', () => {
    const reason = outcome({ secrets: 'refuse' }, body(['fine', `use ${TOKEN}`]));
    expect(reason).toBe('the input "city": its text 1 is not passed on: it holds what the rule github.token looks for');
  });
});

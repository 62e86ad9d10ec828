// What leaves the gateway: labels, the largest, fewer digits, noise that repeats, and texts without secrets.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gatewaySchema } from '../../config/schema.js';
import type { OutputSettings } from '../../config/schema.js';
import type { Protocol } from '../../door/operation.js';
import { isRefusal } from '../../door/refusal.js';
import type { Answer, AnswerOutput } from '../../protocol/answer.js';
import { writeAnswer } from '../../protocol/answer.js';
import { readAnswer } from '../../protocol/read-answer.js';
import { MAIL, TOKEN } from '../testing/text-samples.js';
import { compileOutputGuard } from './output-guard.js';
import type { GuardedAnswer, OutputContext } from './output-guard.js';
import { argmax } from './rows.js';

const outputSettings = gatewaySchema.shape.routes.element.shape.output;
const settings = (given: object): OutputSettings => outputSettings.parse({ secrets: 'off', ...given });

const context: OutputContext = {
  principal: 'alice',
  inputDigest: 'a'.repeat(64),
  secret: Buffer.alloc(32, 7),
  step: 'observe',
};

function answerOf(...outputs: AnswerOutput[]): Answer {
  const received = { body: Buffer.alloc(0), headers: {} };
  return { outputs, source: { outputs, received, rewrite: () => received } };
}

function fp64(values: readonly number[], shape: readonly number[], name = 'scores'): AnswerOutput {
  return { name, datatype: 'FP64', shape, numbers: Float64Array.from(values) };
}

interface Asked {
  readonly protocol?: Protocol;
  readonly context?: Partial<OutputContext>;
}

function guarded(given: object, outputs: AnswerOutput[], asked: Asked = {}): GuardedAnswer {
  const guard = compileOutputGuard(settings(given), asked.protocol ?? 'oip');
  const answer = guard(answerOf(...outputs), { ...context, ...asked.context });
  if (isRefusal(answer)) throw new Error(answer.reason);
  return answer;
}

function numbersOf(given: object, output: AnswerOutput, asked: Asked = {}): number[] {
  return [...(guarded(given, [output], asked).answer.outputs[0]?.numbers ?? [])];
}

const PAIR = fp64([0.1, 0.7, 0.2, 0.25, 0.25, 0.5], [2, 3]);

describe('a route that asks for nothing', () => {
  it('gives every output as it is, the very same one', () => {
    const outputs = [PAIR, fp64([3.25], [1], 'price')];
    const { answer, masked } = guarded({}, outputs);
    expect(answer.outputs.every((output, i) => output === outputs[i])).toBe(true);
    expect(masked).toEqual({});
  });
});

describe('the k largest', () => {
  it('leaves k of each row and the shape', () => {
    const { answer } = guarded({ topK: 1 }, [PAIR]);
    expect([...answer.outputs[0]!.numbers!]).toEqual([0, 0.7, 0, 0, 0, 0.5]);
    expect(answer.outputs[0]!.shape).toEqual([2, 3]);
    expect([...PAIR.numbers!]).toEqual([0.1, 0.7, 0.2, 0.25, 0.25, 0.5]);
  });

  it('leaves exactly k where several are equal, the first ones', () => {
    expect(numbersOf({ topK: 2 }, PAIR)).toEqual([0, 0.7, 0.2, 0.25, 0, 0.5]);
    expect(numbersOf({ topK: 2 }, fp64([0.25, 0.25, 0.25, 0.25], [1, 4]))).toEqual([0.25, 0.25, 0, 0]);
    expect(numbersOf({ topK: 9 }, PAIR)).toEqual([...PAIR.numbers!]);
  });

  it('keeps the winner where scores are below zero', () => {
    expect(numbersOf({ topK: 1 }, fp64([-5, -1, -3], [1, 3]))).toEqual([-2, -1, -2]);
    expect(numbersOf({ topK: 2 }, fp64([NaN, 4, -3, 1], [1, 4]))).toEqual([0, 4, 0, 1]);
  });

  it('property: the winner stays, and no more than k are left', () => {
    const row = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 2, maxLength: 12 });
    fc.assert(
      fc.property(row, fc.integer({ min: 1, max: 12 }), (values, k) => {
        const shown = numbersOf({ topK: k }, fp64(values, [1, values.length]));
        expect(argmax(Float64Array.from(shown), 0, shown.length)).toBe(
          argmax(Float64Array.from(values), 0, values.length),
        );
        const left = shown.filter((value, i) => Object.is(value, values[i])).length;
        const filler = shown.find((value, i) => !Object.is(value, values[i]));
        expect(left).toBeLessThanOrEqual(Math.max(k, k + values.filter((value) => value === filler).length));
      }),
      { numRuns: 300 },
    );
  });
});

describe('the label alone', () => {
  it('is 1 for the largest, the first of equal ones', () => {
    expect(numbersOf({ labelOnly: true }, PAIR)).toEqual([0, 1, 0, 0, 0, 1]);
    expect(numbersOf({ labelOnly: true }, fp64([0.5, 0.5], [1, 2]))).toEqual([1, 0]);
  });

  it('also hides scores that are no probabilities, of tensors', () => {
    expect(numbersOf({ labelOnly: true }, fp64([2.5, -1, 7], [1, 3]))).toEqual([0, 0, 1]);
  });

  it('leaves numbers of plain predictions alone, unless they are named or sum to 1', () => {
    const regression = fp64([2.5, -1, 7], [1, 3], 'predictions');
    expect(numbersOf({ labelOnly: true }, regression, { protocol: 'mlflow' })).toEqual([2.5, -1, 7]);
    const named = { labelOnly: true, probabilities: ['predictions'] };
    expect(numbersOf(named, regression, { protocol: 'mlflow' })).toEqual([0, 0, 1]);
    expect(numbersOf({ labelOnly: true }, fp64([0.3, 0.7], [1, 2]), { protocol: 'mlflow' })).toEqual([0, 1]);
    expect(numbersOf({ labelOnly: true }, fp64([0.3, 0.702], [1, 2]), { protocol: 'mlflow' })).toEqual([0.3, 0.702]);
  });

  it('of a single probability is 0 or 1, where it is named', () => {
    const single = fp64([0.49, 0.5, 0.93], [3, 1], 'p');
    expect(numbersOf({ labelOnly: true, probabilities: ['p'] }, single)).toEqual([0, 1, 1]);
    expect(numbersOf({ labelOnly: true }, single)).toEqual([0.49, 0.5, 0.93]);
  });

  it('touches only what is named, where outputs are named', () => {
    const { answer } = guarded({ labelOnly: true, probabilities: ['p'] }, [fp64([0.3, 0.7], [1, 2], 'p'), PAIR]);
    expect([...answer.outputs[0]!.numbers!]).toEqual([0, 1]);
    expect(answer.outputs[1]).toBe(PAIR);
  });

  it('leaves integers as they are', () => {
    const labels: AnswerOutput = { name: 'label', datatype: 'INT64', shape: [1, 2], numbers: Float64Array.of(0, 1) };
    expect(guarded({ labelOnly: true, round: 0, topK: 1 }, [labels]).answer.outputs[0]).toBe(labels);
  });
});

describe('rounding', () => {
  it('is to digits behind the point, of all floats', () => {
    expect(numbersOf({ round: 1 }, PAIR)).toEqual([0.1, 0.7, 0.2, 0.3, 0.3, 0.5]);
    expect(numbersOf({ round: 2 }, fp64([-0.001, 1e300, NaN, 12.345], [4]))).toEqual([0, 1e300, NaN, 12.35]);
    expect(numbersOf({ round: 0 }, fp64([2.4], [1]))).toEqual([2]);
  });
});

describe('noise', () => {
  const noisy = { noise: 0.05 };
  const other = (more: Partial<OutputContext>): number[] => numbersOf(noisy, PAIR, { context: more });

  it('is the same for who asks again, and another for another principal, input or secret', () => {
    const first = numbersOf(noisy, PAIR);
    expect(first).not.toEqual([...PAIR.numbers!]);
    expect(numbersOf(noisy, PAIR)).toEqual(first);
    expect(other({ principal: 'bob' })).not.toEqual(first);
    expect(other({ inputDigest: 'b'.repeat(64) })).not.toEqual(first);
    expect(other({ secret: Buffer.alloc(32, 8) })).not.toEqual(first);
    expect(other({ step: 'tighten' })).toEqual(first);
  });

  it('does not mix up where a principal ends and an input begins', () => {
    const one = other({ principal: 'a","b', inputDigest: 'c' });
    expect(one).not.toEqual(other({ principal: 'a', inputDigest: 'b","c' }));
  });

  it('is not added to what is recognised as no probability, and an output named as one that holds others is refused', () => {
    const price = fp64([12.5, 3], [2], 'price');
    expect(numbersOf(noisy, price)).toEqual([12.5, 3]);
    const guard = compileOutputGuard(settings({ ...noisy, probabilities: ['price'] }), 'oip');
    expect(guard(answerOf(price), context)).toMatchObject({ refused: true, code: 'bad-upstream' });
  });

  it('property: within its bound and [0, 1], and the winner stays', () => {
    const weights = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 2, maxLength: 10 });
    fc.assert(
      fc.property(weights, fc.double({ min: 0, max: 1, noNaN: true }), fc.string(), (values, noise, principal) => {
        const total = values.reduce((sum, value) => sum + value, 0) || 1;
        const before = Float64Array.from(values, (value) => value / total);
        const output = fp64([...before], [1, before.length], 'p');
        const after = numbersOf({ noise, probabilities: ['p'] }, output, { context: { principal } });
        expect(argmax(Float64Array.from(after), 0, after.length)).toBe(argmax(before, 0, before.length));
        for (const [i, value] of after.entries()) {
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(1);
          expect(Math.abs(value - before[i]!)).toBeLessThanOrEqual(noise + 1e-12);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('is spread evenly over its range', () => {
    const row = fp64(new Array<number>(4000).fill(0.5), [4000, 1], 'p');
    const shown = numbersOf({ noise: 0.5, probabilities: ['p'] }, row);
    const mean = shown.reduce((sum, value) => sum + value, 0) / shown.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.03);
    expect(shown.filter((value) => value < 0.1).length).toBeGreaterThan(300);
    expect(shown.filter((value) => value > 0.9).length).toBeGreaterThan(300);
  });
});

describe('a principal that gets poorer answers', () => {
  const asked: Asked = { context: { step: 'degrade' } };

  it('gets labels for probabilities and one digit for other numbers', () => {
    expect(numbersOf({}, PAIR, asked)).toEqual([0, 1, 0, 0, 0, 1]);
    expect(numbersOf({}, fp64([12.3456], [1]), asked)).toEqual([12.3]);
    expect(numbersOf({ round: 0 }, fp64([12.3456], [1]), asked)).toEqual([12]);
    expect(numbersOf({ round: 4 }, fp64([12.3456], [1]), asked)).toEqual([12.3]);
  });

  it('also of outputs that the route does not name', () => {
    const { answer } = guarded(
      { probabilities: ['p'] },
      [fp64([0.123], [1], 'p'), PAIR, fp64([1.25], [1], 'x')],
      asked,
    );
    expect(answer.outputs.map(({ numbers }) => [...numbers!])).toEqual([[0], [0, 1, 0, 0, 0, 1], [1.3]]);
  });

  it('gets the same answer whatever else the route asks for', () => {
    expect(numbersOf({ noise: 0.3, topK: 2 }, PAIR, asked)).toEqual([0, 1, 0, 0, 0, 1]);
  });
});

describe('log-probabilities of a chat', () => {
  const chat = Buffer.from(
    JSON.stringify({ choices: [{ message: { role: 'assistant', content: 'yes' }, logprobs: { content: [] } }] }),
  );
  const shown = (given: object, step: OutputContext['step']): string => {
    const answer = readAnswer('openai-chat', chat, { contentType: 'application/json' });
    if (isRefusal(answer)) throw new Error(answer.reason);
    const guarded = compileOutputGuard(settings(given), 'openai')(answer, { ...context, step });
    if (isRefusal(guarded)) throw new Error(guarded.reason);
    return writeAnswer(guarded.answer).body.toString();
  };

  it('stay where nothing is asked, and go with the label alone and for whom answers are poorer', () => {
    expect(shown({}, 'observe')).toBe(chat.toString());
    for (const text of [shown({ labelOnly: true }, 'observe'), shown({}, 'degrade')])
      expect(JSON.parse(text)).toEqual({
        choices: [{ message: { role: 'assistant', content: 'yes' }, logprobs: null }],
      });
  });
});

describe('texts', () => {
  const texts: AnswerOutput = { name: 'text', datatype: 'BYTES', shape: [2], texts: [`use ${TOKEN}`, `ask ${MAIL}`] };

  it('loses its secrets by default, and personal data where the route says so', () => {
    const byDefault = compileOutputGuard(outputSettings.parse({}), 'openai')(answerOf(texts), context) as GuardedAnswer;
    expect(byDefault.answer.outputs[0]!.texts).toEqual(['use ghp_… (40 characters)', `ask ${MAIL}`]);
    expect(byDefault.masked).toEqual({ 'github.token': 1 });
    const both = guarded({ secrets: 'mask', personalData: 'mask' }, [texts]);
    expect(both.answer.outputs[0]!.texts![1]).toBe('ask m***@m***.org');
  });

  it('is the very same output where nothing was found', () => {
    const clean = { ...texts, texts: ['one', 'two'] };
    expect(guarded({ secrets: 'mask' }, [clean]).answer.outputs[0]).toBe(clean);
  });

  it('is refused where the route says so, and the reason holds nothing of it', () => {
    const refused = compileOutputGuard(settings({ secrets: 'refuse' }), 'oip')(answerOf(texts), context);
    expect(refused).toMatchObject({ code: 'bad-upstream', reason: expect.stringContaining('github.token') as unknown });
    expect(JSON.stringify(refused)).not.toContain(TOKEN);
  });
});

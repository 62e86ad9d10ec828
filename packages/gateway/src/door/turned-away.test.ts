// The form of an error: what clients of each protocol read, and nothing that tells which routes there are.
import { describe, expect, it } from 'vitest';
import { refuse } from './refusal.js';
import { turnedAway } from './turned-away.js';

const told = (target: string): unknown =>
  JSON.parse(turnedAway(refuse('bad-input', 'a reason for operators'), 'd1', target).body.toString());
const AS_TEXT = { error: 'The input is not accepted. (bad-input, decision d1)', code: 'bad-input', decision: 'd1' };
const AS_OBJECT = { error: { code: 'bad-input', message: 'The input is not accepted.', decision: 'd1' } };

describe('turnedAway', () => {
  it.each(['/v2', '/v2/models/digits/infer', '/v2/repository/index', '/team/v2/models/x', '/v2?x=1', '/nobody/v2'])(
    '%s: a text, as the Open Inference Protocol has it',
    (target) => {
      expect(told(target)).toEqual(AS_TEXT);
    },
  );

  it.each(['', '/', '/v1/chat/completions', '/wine/invocations', '/v2x', '/xv2/', '*'])(
    '%s: an object, as OpenAI has it',
    (target) => {
      expect(told(target)).toEqual(AS_OBJECT);
    },
  );
});

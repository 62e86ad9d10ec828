// The small pure parts of the transport: time-outs, buckets, held bytes, health.
import { describe, expect, it } from 'vitest';
import { isRefusal } from '../door/refusal.js';
import { Bucket } from './bucket.js';
import { healthAnswer } from './health.js';
import { HeldBytes } from './held-bytes.js';
import { parseTimeout, timeoutHeader } from './timeout.js';

describe('grpc-timeout', () => {
  it('reads every unit', () => {
    expect(['1H', '1M', '1S', '1m', '1000u', '5000000n', '0m'].map((text) => parseTimeout(text))).toEqual([
      3_600_000, 60_000, 1_000, 1, 1, 5, 0,
    ]);
    expect(parseTimeout('99999999H')).toBe(99_999_999 * 3_600_000);
  });

  it.each(['', '1', 'S', '123456789S', '-1S', '1.5S', '1s', ' 1S', '1S ', '1__proto__', '１S'])(
    'refuses "%s"',
    (text) => {
      expect(isRefusal(parseTimeout(text))).toBe(true);
    },
  );

  it('writes milliseconds that can be read again, at least one', () => {
    expect([0, 0.4, 1.9, 5_000, 1e12].map(timeoutHeader)).toEqual(['1m', '1m', '1m', '5000m', '99999999m']);
  });
});

describe('Bucket', () => {
  it('gives its burst, then what the time earned', () => {
    const bucket = new Bucket(3, 2, 0);
    expect([0, 0, 0, 0].map((now) => bucket.take(now))).toEqual([true, true, true, false]);
    expect([499, 500, 501].map((now) => bucket.take(now))).toEqual([false, true, false]);
    expect([1e9, 1e9, 1e9, 1e9].map((now) => bucket.take(now))).toEqual([true, true, true, false]);
  });

  it('earns nothing from a clock that goes back', () => {
    const bucket = new Bucket(1, 1, 10_000);
    expect([10_000, 0, 500].map((now) => bucket.take(now))).toEqual([true, false, false]);
  });
});

describe('HeldBytes', () => {
  it('bounds the sum of all calls and gets back what a call held', () => {
    const held = new HeldBytes(100);
    const [one, two] = [held.lease(), held.lease()];
    expect([one.add(60), two.add(41), two.add(40), one.add(1)]).toEqual([true, false, true, false]);
    one.release();
    one.release();
    expect(held.held).toBe(40);
    expect(two.add(60)).toBe(true);
  });
});

describe('healthAnswer', () => {
  it('answers the two methods and no other', () => {
    const health = { live: () => true, ready: () => false };
    expect(healthAnswer('/inference.GRPCInferenceService/ServerLive', health)).toEqual(Buffer.from([8, 1]));
    expect(healthAnswer('/inference.GRPCInferenceService/ServerReady', health)).toEqual(Buffer.alloc(0));
    expect(healthAnswer('/inference.GRPCInferenceService/ServerLive/', health)).toBeUndefined();
    expect(healthAnswer('/inference.GRPCInferenceService/ModelInfer', health)).toBeUndefined();
  });
});

import { deserialize } from 'node:v8';
import { describe, expect, it } from 'vitest';
import type { QuerySketch } from '../../detectors/sketch.js';
import type { ToPrimary } from './messages.js';
import { SketchPost } from './sketch-post.js';

type Sketches = Extract<ToPrimary, { type: 'sketches' }>;

const sketch = (decision: string): QuerySketch => ({
  decision,
  at: 1,
  principal: 'ada',
  group: 'ada',
  route: 'oip/digits',
  own: false,
  kind: 'table',
  cost: 1,
  rows: 1,
  means: Float32Array.of(0.5),
  fingerprints: Uint32Array.of(1, 2),
  content: 3,
});

function post(): { readonly post: SketchPost; readonly sent: Sketches[] } {
  const sent: Sketches[] = [];
  return { post: new SketchPost((message) => void sent.push(message as Sketches)), sent };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('SketchPost', () => {
  it('packs what was gathered so that the thread reads what the worker made', () => {
    const { post: one, sent } = post();
    one.add(sketch('a'));
    one.add(sketch('b'));
    one.flush();
    expect(sent.map(({ count, lost }) => [count, lost])).toEqual([[2, 0]]);
    expect(deserialize(sent[0]?.packed ?? new Uint8Array())).toEqual([sketch('a'), sketch('b')]);
  });

  it('does work after the turn in which it was handed in, in order', async () => {
    const { post: one } = post();
    const done: number[] = [];
    one.afterwards(() => done.push(1));
    one.afterwards(() => done.push(2));
    expect(done).toEqual([]);
    await turn();
    expect(done).toEqual([1, 2]);
  });

  it('leaves out what fails and does the rest', async () => {
    const { post: one, sent } = post();
    one.afterwards(() => {
      throw new Error('a sketch that cannot be made');
    });
    one.afterwards(() => one.add(sketch('b')));
    await turn();
    one.flush();
    expect(sent.map(({ count, lost }) => [count, lost])).toEqual([[1, 1]]);
  });

  it('does at the end what was still waiting', () => {
    const { post: one, sent } = post();
    one.afterwards(() => one.add(sketch('a')));
    one.flush();
    expect(sent.map(({ count }) => count)).toEqual([1]);
  });

  it('counts what does not fit', () => {
    const { post: one, sent } = post();
    for (let i = 0; i < 2_010; i += 1) one.add(sketch('a'));
    one.flush();
    expect(sent.map(({ count, lost }) => [count, lost])).toEqual([[2_000, 10]]);
  });
});

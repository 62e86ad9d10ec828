// Queries a real ONNX file through onnxruntime-node and compares with the same sum done by hand; wrong files say so.
import { writeFileSync } from 'node:fs';
import { nodeDisk, sha256 } from '@vallum/core';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { writeLinearOnnx } from '../testing/onnx-writer.js';
import { BITS, DECLARATION, emptyFolder, removeFolders, writeTextModel } from '../testing/text-models.js';
import { openTextModel, weightsDigest } from './text-model.js';

afterAll(removeFolders);
const WEIGHTS = { free: 2, money: 1.5, meeting: -2.5 };
const row = (body: string): { subject: string; body: string } => ({ subject: '', body });
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

describe('openTextModel', () => {
  it('gives the probability that the weights imply, across batches, and counts rows', async () => {
    const dir = writeTextModel(WEIGHTS, 0.25);
    const model = await openTextModel({ disk: nodeDisk, dir, expected: await weightsDigest(nodeDisk, dir) });
    const bodies = ['free money', 'Meeting; free?', 'hello', ''];
    const wanted = [
      sigmoid(3.5 / Math.sqrt(2) + 0.25),
      sigmoid(-0.5 / Math.sqrt(2) + 0.25),
      sigmoid(0.25),
      sigmoid(0.25),
    ];
    const got = await model.predict(bodies.map(row));
    got.forEach((value, i) => expect(value).toBeCloseTo(wanted[i] ?? NaN, 6));
    const many = Array.from({ length: 1100 }, (_, i) => row(bodies[i % 4] ?? ''));
    const batched = await model.predict(many);
    expect(batched.every((value, i) => value === got[i % 4])).toBe(true);
    expect(model.queries).toBe(1104);
    expect([0.49, 0.5].map((value) => model.labelOf(value))).toEqual(['ham', 'spam']);
    expect(await model.predict([])).toEqual([]);
    await model.close();
  });

  it('does not query bytes other than the expected ones', async () => {
    const dir = writeTextModel(WEIGHTS);
    const expected = await weightsDigest(nodeDisk, dir);
    const text = JSON.stringify(DECLARATION);
    expect(expected).toBe(
      sha256(`${sha256(text)}  model.json\n${sha256(await nodeDisk.read(`${dir}/model.onnx`, 1e9))}  model.onnx\n`),
    );
    writeFileSync(`${dir}/model.json`, `${text} `);
    await expect(openTextModel({ disk: nodeDisk, dir, expected })).rejects.toMatchObject({ code: 'MODEL_CHANGED' });
  });

  it('stops when its time is up', async () => {
    const model = await openTextModel({ disk: nodeDisk, dir: writeTextModel(WEIGHTS) });
    await expect(model.predict([row('a')], AbortSignal.abort())).rejects.toThrow();
    await model.close();
  });

  const width = 2 ** BITS;
  it.each([
    ['text', Buffer.from('this is no model'), 'MODEL_NOT_ONNX', 'not an ONNX model'],
    ['nothing', Buffer.alloc(0), 'MODEL_NOT_ONNX', 'not an ONNX model'],
    [
      'half a model',
      writeLinearOnnx({ weights: new Float32Array(width), bias: 0 }).subarray(0, 900),
      'MODEL_NOT_ONNX',
      '',
    ],
    [
      'another input',
      writeLinearOnnx({ weights: new Float32Array(width), bias: 0, input: 'x' }),
      'MODEL_QUERY',
      '"features"',
    ],
    [
      'another output',
      writeLinearOnnx({ weights: new Float32Array(width), bias: 0, output: 'y' }),
      'MODEL_QUERY',
      '"probability"',
    ],
  ])('says that %s cannot be queried', async (_, weights, code, message) => {
    const dir = writeTextModel(WEIGHTS);
    writeFileSync(`${dir}/model.onnx`, weights);
    await expect(openTextModel({ disk: nodeDisk, dir })).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message) as string,
    });
  });

  it('says that the declared width is not that of the model, and that an output is no probability', async () => {
    const dir = writeTextModel(WEIGHTS);
    writeFileSync(`${dir}/model.onnx`, writeLinearOnnx({ weights: new Float32Array(8), bias: 0 }));
    const narrow = await openTextModel({ disk: nodeDisk, dir });
    await expect(narrow.predict([row('a')])).rejects.toMatchObject({ code: 'MODEL_QUERY' });
    const raw = async (): Promise<Float32Array> => Float32Array.of(1.5);
    const engine = async () => ({
      inputNames: ['features'],
      outputNames: ['probability'],
      run: raw,
      close: async () => {},
    });
    const loose = await openTextModel({ disk: nodeDisk, dir, engine });
    await expect(loose.predict([row('a')])).rejects.toMatchObject({ code: 'MODEL_QUERY' });
    const missing = openTextModel({ disk: nodeDisk, dir: emptyFolder() });
    await expect(missing).rejects.toMatchObject({ code: 'DISK_READ' });
  });
});

describe('without onnxruntime-node', () => {
  afterEach(() => vi.resetModules());

  it('says what to install', async () => {
    vi.resetModules();
    vi.doMock('onnxruntime-node', () => {
      throw new Error("Cannot find package 'onnxruntime-node'");
    });
    const { openTextModel: open } = await import('./text-model.js');
    await expect(open({ disk: nodeDisk, dir: writeTextModel(WEIGHTS) })).rejects.toMatchObject({
      code: 'ONNX_RUNTIME_ABSENT',
      fix: 'install onnxruntime-node to run this control',
      errorClass: 'unproven',
    });
    vi.doUnmock('onnxruntime-node');
  });
});

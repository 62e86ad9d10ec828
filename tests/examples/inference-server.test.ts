// The example of a plain model server: the protocol as documented, the accuracy that its model states on digits that were held
// out, the spam filter as its own project computes it, and a swapped file that is served without a question.
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadDigits } from '../../examples/inference-server/src/mnist-digits.js';
import { Repository } from '../../examples/inference-server/src/repository.js';
import { inferenceServer } from '../../examples/inference-server/src/server.js';
import { BITS, bucketsOf } from '../../examples/spam-filter/src/features.js';
import { predict } from '../../examples/spam-filter/src/linear-model.js';
import { fromOnnx } from '../../examples/spam-filter/src/onnx.js';

const EXAMPLES = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'examples');
const DIGITS = join(EXAMPLES, 'inference-server/models/digits');
const SPAM = join(EXAMPLES, 'spam-filter/models/v1');
const PIXELS = 784;

let folder: string;
let server: Server;
let url: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vallum-serve-'));
  cpSync(DIGITS, join(folder, 'digits'), { recursive: true });
  cpSync(SPAM, join(folder, 'spam-filter'), { recursive: true });
  server = inferenceServer(new Repository(folder));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
  rmSync(folder, { recursive: true });
});

interface Output {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly data?: readonly number[];
  readonly parameters?: { readonly binary_data_size: number };
}

async function ask(model: string, body: object): Promise<{ status: number; outputs: readonly Output[]; id?: string }> {
  const response = await fetch(`${url}/v2/models/${model}/infer`, { method: 'POST', body: JSON.stringify(body) });
  return { status: response.status, ...((await response.json()) as { outputs: readonly Output[]; id?: string }) };
}

/** The same with raw tensors both ways. */
async function askRaw(pixels: Float32Array): Promise<Float32Array> {
  const bytes = Buffer.from(pixels.buffer, pixels.byteOffset, pixels.byteLength);
  const shape = [pixels.length / PIXELS, PIXELS];
  const input = { name: 'image', datatype: 'FP32', shape, parameters: { binary_data_size: bytes.length } };
  const head = Buffer.from(JSON.stringify({ inputs: [input], parameters: { binary_data_output: true } }));
  const response = await fetch(`${url}/v2/models/digits/infer`, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream', 'inference-header-content-length': String(head.length) },
    body: Buffer.concat([head, bytes]),
  });
  const answer = Buffer.from(await response.arrayBuffer());
  const length = Number(response.headers.get('inference-header-content-length'));
  const { outputs } = JSON.parse(answer.subarray(0, length).toString()) as { outputs: readonly Output[] };
  expect(outputs[0]?.parameters?.binary_data_size).toBe(answer.length - length);
  return new Float32Array(Uint8Array.from(answer.subarray(length)).buffer);
}

const blank = (rows: number): object => ({ name: 'image', datatype: 'FP32', shape: [rows, PIXELS] });

describe('the protocol', () => {
  it('tells health and metadata', async () => {
    for (const path of ['/v2/health/live', '/v2/health/ready', '/v2/models/digits/ready'])
      expect((await fetch(url + path)).status).toBe(200);
    expect(await (await fetch(`${url}/v2/models/digits`)).json()).toMatchObject({
      name: 'digits',
      versions: ['v1'],
      inputs: [{ name: 'image', datatype: 'FP32', shape: [-1, PIXELS] }],
      outputs: [{ name: 'probabilities', datatype: 'FP32', shape: [-1, 10] }],
    });
    expect(await (await fetch(`${url}/v2/models/spam-filter`)).json()).toMatchObject({
      inputs: [{ name: 'text', datatype: 'BYTES', shape: [-1] }],
    });
  });

  it('answers with the id, the shape and probabilities', async () => {
    const data = Array.from({ length: 2 * PIXELS }, () => 0);
    const answer = await ask('digits', { id: 'a', inputs: [{ ...blank(2), data }] });
    expect(answer).toMatchObject({ status: 200, id: 'a', outputs: [{ datatype: 'FP32', shape: [2, 10] }] });
    const sum = answer.outputs[0]?.data?.slice(0, 10).reduce((all, value) => all + value, 0);
    expect(sum).toBeCloseTo(1, 5);
    expect((await ask('digits/versions/v1', { inputs: [{ ...blank(2), data }] })).status).toBe(200);
  });

  it.each<[string, string, object, number]>([
    ['an unknown model', 'absent', {}, 404],
    ['an unknown version', 'digits/versions/v9', {}, 404],
    ['no inputs', 'digits', {}, 400],
    ['too few values', 'digits', { inputs: [{ ...blank(1), data: [0] }] }, 400],
    ['another datatype', 'digits', { inputs: [{ ...blank(0), datatype: 'INT8', data: [] }] }, 400],
  ])('refuses %s', async (_, model, body, status) => {
    expect((await ask(model, body)).status).toBe(status);
  });

  it('has what bare servers have: a repository, metrics, talkative errors', async () => {
    expect(await (await fetch(`${url}/v2/repository/index`, { method: 'POST' })).json()).toHaveLength(2);
    expect((await fetch(`${url}/metrics`)).status).toBe(200);
    const unload = (act: string) => fetch(`${url}/v2/repository/models/spam-filter/${act}`, { method: 'POST' });
    expect((await unload('unload')).status).toBe(200);
    expect((await ask('spam-filter', {})).status).toBe(404);
    expect((await unload('load')).status).toBe(200);
    expect(await (await fetch(`${url}/v2/models/digits/infer`, { method: 'POST', body: '{' })).text()).toContain(
      '    at ',
    );
  });
});

describe('the models', () => {
  it('digits: as right on held-out digits as its run.json says, raw and in JSON', async () => {
    const { heldOut } = loadDigits();
    let right = 0;
    for (let from = 0; from < heldOut.length; from += 500) {
      const batch = heldOut.slice(from, from + 500);
      const pixels = new Float32Array(batch.length * PIXELS);
      batch.forEach((digit, row) => pixels.set(digit.pixels, row * PIXELS));
      const answer = await askRaw(pixels);
      batch.forEach(({ label }, row) => {
        const probabilities = answer.subarray(row * 10, row * 10 + 10);
        if (probabilities.indexOf(Math.max(...probabilities)) === label) right += 1;
      });
    }
    const run = JSON.parse(readFileSync(join(DIGITS, 'run.json'), 'utf8')) as { metrics: { heldOutAccuracy: number } };
    expect(heldOut).toHaveLength(5_000);
    expect(right / heldOut.length).toBe(run.metrics.heldOutAccuracy);
    expect(right / heldOut.length).toBeGreaterThan(0.93);
    const one = heldOut[0]?.pixels ?? new Float32Array(PIXELS);
    const json = await ask('digits', { inputs: [{ ...blank(1), data: Array.from(one) }] });
    expect(json.outputs[0]?.data).toEqual(Array.from(await askRaw(one)));
  });

  it('spam filter: the probabilities of the project that made it', async () => {
    const texts = [
      'cheap viagra\nwin cash now, click here',
      'lunch tomorrow?\nI sent the kernel patch to the list',
      '',
    ];
    const model = fromOnnx(readFileSync(join(SPAM, 'model.onnx')), 2 ** BITS);
    const expected = texts.map((text) => predict(model, bucketsOf({ subject: '', body: text })));
    const input = { name: 'text', datatype: 'BYTES', shape: [texts.length], data: texts };
    const { outputs } = await ask('spam-filter', { inputs: [input] });
    expect(outputs[0]?.data).toHaveLength(3);
    outputs[0]?.data?.forEach((value, index) => expect(value).toBeCloseTo(expected[index] ?? -1, 9));
    expect(expected[0]).toBeGreaterThan(expected[1] ?? 1);
  });

  it('a file that is swapped is served', async () => {
    const body = { inputs: [{ ...blank(1), data: Array.from({ length: PIXELS }, () => 0.5) }] };
    const before = await ask('digits', body);
    const file = join(folder, 'digits/model.safetensors');
    const { writeFileSync } = await import('node:fs');
    const bytes = readFileSync(file);
    const swapped = Buffer.from(bytes);
    // The last weights of the file: biases of the classes.
    swapped.writeFloatLE(50, swapped.length - 4);
    writeFileSync(file, swapped);
    const { outputs } = await ask('digits', body);
    expect(outputs[0]?.data?.[9]).toBeGreaterThan(0.99);
    writeFileSync(file, bytes);
    expect((await ask('digits', body)).outputs).toEqual(before.outputs);
  });
});

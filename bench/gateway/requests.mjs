// The requests of the bench: 1 KB of JSON as the Open Inference Protocol has it, 600 KB of a binary tensor, and a chat.
const round = (value) => Math.round(value * 1e12) / 1e12;

/** 64 numbers, of which no two are alike: about 1 KB. */
export function small(headers = {}) {
  const data = Array.from({ length: 64 }, (_, at) => round((at + 0.123456789123) / 64));
  const body = JSON.stringify({ id: 'bench', inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 64], data }] });
  return { path: '/v2/models/digits/infer', headers: { 'content-type': 'application/json', ...headers }, body };
}

/** One picture of 3 x 224 x 224 numbers: 602,112 bytes behind its head. */
export function big(headers = {}) {
  const numbers = Float32Array.from({ length: 3 * 224 * 224 }, (_, at) => (at % 251) / 251);
  const head = JSON.stringify({
    inputs: [
      {
        name: 'x',
        datatype: 'FP32',
        shape: [1, 3, 224, 224],
        parameters: { binary_data_size: numbers.byteLength },
      },
    ],
  });
  return {
    path: '/v2/models/big/infer',
    headers: {
      'content-type': 'application/octet-stream',
      'inference-header-content-length': String(head.length),
      ...headers,
    },
    body: Buffer.concat([Buffer.from(head), Buffer.from(numbers.buffer)]),
  };
}

/** A chat of as many bytes, as Portkey's gateway takes it. */
export function chat(upstreamPort) {
  const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'x'.repeat(940) }] });
  return {
    path: '/v1/chat/completions',
    headers: {
      'content-type': 'application/json',
      authorization: 'Bearer none',
      'x-portkey-provider': 'openai',
      'x-portkey-custom-host': `http://127.0.0.1:${upstreamPort}/v1`,
    },
    body,
  };
}

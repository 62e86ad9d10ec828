// Bodies that are not what the protocol says. A model server that is asked to guess what they mean is where shared memory was
// read and stacks were smashed (CVE-2025-23310, CVE-2025-23319), so none may get an answer.
import type { Checked } from '../check.js';
import { mustRefuse } from '../check.js';
import type { Probe } from '../probe.js';
import type { OipInput } from '../sample-body.js';
import { isFloat, oipInputsOf } from '../sample-body.js';

interface Bad {
  readonly id: string;
  readonly sent: string;
  readonly body: Uint8Array;
  readonly type?: string;
  /** Header lines besides. */
  readonly lines?: readonly string[];
}

const DEPTH = 20_000;
const text = (value: string): Uint8Array => Buffer.from(value);

export async function schemaChecks(probe: Probe): Promise<readonly Checked[]> {
  const found: Checked[] = [];
  const inputs = probe.settings.protocol === 'oip' ? oipInputsOf(probe.body) : undefined;
  for (const { id, sent, body, type, lines = [] } of [...anyBodies(probe.body), ...oipBodies(inputs)]) {
    const headers = [...probe.headers(undefined, type), ...lines];
    found.push(
      mustRefuse({ id: `schema.${id}`, rule: 'VLM-GWP-005', sent }, await probe.ask(probe.infer({ headers, body }))),
    );
  }
  return found;
}

function anyBodies(good: Uint8Array): readonly Bad[] {
  return [
    { id: 'empty', sent: 'an empty body', body: text('') },
    { id: 'cut', sent: 'half of a JSON text', body: good.subarray(0, Math.max(1, Math.floor(good.length / 2))) },
    { id: 'deep', sent: `JSON nested ${DEPTH} deep`, body: text('['.repeat(DEPTH) + ']'.repeat(DEPTH)) },
    { id: 'pickle', sent: 'a body that says it is a pickle', body: good, type: 'application/vnd.bentoml+pickle' },
    { id: 'multipart', sent: 'a body that says it is a form', body: good, type: 'multipart/form-data; boundary=a' },
    { id: 'coded', sent: 'a body that says it is compressed', body: good, lines: ['Content-Encoding: gzip'] },
  ];
}

function oipBodies(inputs: readonly OipInput[] | undefined): readonly Bad[] {
  const [first, ...others] = inputs ?? [];
  if (first === undefined) return [];
  const changed = (id: string, sent: string, change: object): Bad => ({
    id,
    sent,
    body: text(JSON.stringify({ inputs: [{ ...first, ...change }, ...others] })),
  });
  const larger = first.shape.map((size, index) => (index === first.shape.length - 1 ? size + 1 : size));
  const isText = typeof flat(first.data)[0] === 'string';
  return [
    { id: 'no-inputs', sent: 'a body without inputs', body: text('{}') },
    { id: 'inputs-no-list', sent: 'inputs that are no list', body: text('{"inputs":{"0":1}}') },
    changed('shape', 'a shape with more elements than there are', { shape: larger }),
    changed('negative', 'a negative shape', { shape: [-1, ...first.shape.slice(1)] }),
    changed('huge', 'a shape of 2^60 elements', { shape: [2 ** 30, 2 ** 30] }),
    changed('datatype', 'a datatype that does not exist', { datatype: 'FP31' }),
    changed('values', 'values of another type', { data: first.data.map(() => (isText ? 1 : 'one')) }),
    changed('name', 'an input that the model does not have', { name: 'vallum-probe-absent' }),
    changed('shared-memory', 'an input in shared memory', {
      data: undefined,
      parameters: { shared_memory_region: 'vallum-probe-absent', shared_memory_byte_size: 4 },
    }),
    ...binaryBodies(first, others),
    ...(isFloat(first.datatype) ? numberBodies(first, others) : []),
  ];
}

/** Sizes that do not add up, in the binary tensor extension. */
function binaryBodies({ name, datatype, shape }: OipInput, others: readonly OipInput[]): readonly Bad[] {
  const lying = (id: string, sent: string, size: number, length: (head: number) => string | number): Bad => {
    const input = { name, datatype, shape, parameters: { binary_data_size: size } };
    const head = text(JSON.stringify({ inputs: [input, ...others] }));
    return {
      id,
      sent,
      body: Buffer.concat([head, Buffer.alloc(8)]),
      type: 'application/octet-stream',
      lines: [`Inference-Header-Content-Length: ${length(head.length)}`],
    };
  };
  return [
    lying('binary-more', 'a tensor that says it has more bytes than came', 2 ** 31, (head) => head),
    lying('binary-less', 'a tensor that leaves bytes over', 1, (head) => head),
    lying('binary-negative', 'a tensor of -8 bytes', -8, (head) => head),
    lying('header-more', 'a header length behind the end', 8, (head) => head + 1_000_000),
    lying('header-less', 'a header length in the middle', 8, (head) => Math.floor(head / 2)),
    lying('header-text', 'a header length that is no number', 8, (head) => `0x${head.toString(16)}`),
  ];
}

function numberBodies(first: OipInput, others: readonly OipInput[]): readonly Bad[] {
  const values = (value: string): Uint8Array => {
    const whole = JSON.stringify({ inputs: [{ ...first, data: ['@'] }, ...others] });
    const rest = flat(first.data)
      .slice(1)
      .map(() => 0);
    return text(whole.replace('["@"]', `[${[value, ...rest].join(',')}]`));
  };
  const { name, datatype, shape, data } = first;
  const bytes = Buffer.alloc(4 * flat(data).length);
  if (bytes.length > 0) bytes.writeFloatLE(NaN, 0);
  const input = { name, datatype, shape, parameters: { binary_data_size: bytes.length } };
  const head = text(JSON.stringify({ inputs: [input, ...others] }));
  return [
    { id: 'nan', sent: 'NaN in JSON', body: values('NaN') },
    { id: 'infinite', sent: 'a number that is infinite when it is read', body: values('1e999') },
    ...(datatype === 'FP32'
      ? [
          {
            id: 'binary-nan',
            sent: 'NaN in a binary tensor',
            body: Buffer.concat([head, bytes]),
            type: 'application/octet-stream',
            lines: [`Inference-Header-Content-Length: ${head.length}`],
          },
        ]
      : []),
  ];
}

/** Values of a tensor may be nested as its shape is. */
function flat(values: readonly unknown[]): readonly unknown[] {
  const found: unknown[] = [];
  for (const value of values) {
    if (Array.isArray(value)) for (const inner of flat(value as readonly unknown[])) found.push(inner);
    else found.push(value);
  }
  return found;
}

// Writes ONNX models as protobuf by hand, for tests: only the fields that a scanner looks at.

export function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest > 0 ? low + 128 : low);
  } while (rest > 0);
  return Uint8Array.from(bytes);
}

/** A field: a number becomes a varint, text and bytes a length and the bytes. */
export function field(number: number, value: number | string | Uint8Array): Uint8Array {
  if (typeof value === 'number') return Buffer.concat([varint(number * 8), varint(value)]);
  const bytes = Buffer.from(value as Uint8Array);
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
}

export const message = (...fields: readonly Uint8Array[]): Uint8Array => Buffer.concat(fields);

export function node(type: string, domain = '', ...attributes: readonly Uint8Array[]): Uint8Array {
  const fields = [field(4, type), ...attributes.map((attribute) => field(5, attribute))];
  return message(...fields, ...(domain === '' ? [] : [field(7, domain)]));
}

/** A float tensor with its data inside. */
export function tensor(name: string, dims: readonly number[], bytes: number): Uint8Array {
  return message(...dims.map((side) => field(1, side)), field(2, 1), field(8, name), field(9, new Uint8Array(bytes)));
}

/** A float tensor whose data lies in another file. */
export function externalTensor(name: string, place: Readonly<Record<string, string>>): Uint8Array {
  const pairs = Object.entries(place).map(([key, value]) => field(13, message(field(1, key), field(2, value))));
  return message(field(1, 1), field(2, 1), field(8, name), ...pairs, field(14, 1));
}

export interface ModelParts {
  readonly nodes?: readonly Uint8Array[];
  readonly tensors?: readonly Uint8Array[];
  readonly domains?: readonly string[];
  readonly extra?: readonly Uint8Array[];
}

export function onnxModel(parts: ModelParts = {}): Uint8Array {
  const nodes = (parts.nodes ?? [node('MatMul'), node('Sigmoid')]).map((part) => field(1, part));
  const tensors = (parts.tensors ?? [tensor('W', [4, 1], 16)]).map((part) => field(5, part));
  const graph = message(...nodes, field(2, 'graph'), ...tensors);
  const opsets = ['', ...(parts.domains ?? [])].map((domain) => field(8, message(field(1, domain), field(2, 17))));
  return message(field(1, 8), field(2, 'test'), field(7, graph), ...opsets, ...(parts.extra ?? []));
}

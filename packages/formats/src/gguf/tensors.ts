// Whether the tensors of a GGUF file fit their shapes, their types, each other and the file.
import type { GgufProblem } from './problems.js';
import { LAST_PLAUSIBLE_TYPE, TENSOR_TYPES } from './tensor-types.js';

export interface TensorInfo {
  /** One character a byte. */
  readonly name: string;
  readonly dimensions: readonly number[];
  readonly type: number;
  /** From the start of the data. */
  readonly offset: number;
  /** Where the entry stands. */
  readonly at: number;
}

interface Place {
  readonly headerEnd: number;
  readonly alignment: number;
  readonly size: number;
}

interface Placed extends TensorInfo {
  /** Undefined for a type of unknown size. */
  readonly bytes: number | undefined;
}

export function checkTensors(
  tensors: readonly TensorInfo[],
  { headerEnd, alignment, size }: Place,
): { problems: GgufProblem[]; unknownTypes: number[] } {
  const problems: GgufProblem[] = [];
  const unknownTypes: number[] = [];
  const names = new Set<string>();
  const placed: Placed[] = [];
  for (const tensor of tensors) {
    if (names.has(tensor.name))
      problems.push({ code: 'duplicate', message: `the tensor ${show(tensor)} stands twice`, offset: tensor.at });
    names.add(tensor.name);
    if (tensor.offset % alignment !== 0)
      problems.push({
        code: 'offset',
        message: `the tensor ${show(tensor)} starts at ${tensor.offset}, which is no multiple of ${alignment}`,
        offset: tensor.at,
      });
    const measured = bytesOf(tensor);
    if (typeof measured !== 'number' && measured !== undefined) problems.push(measured);
    if (measured === undefined) unknownTypes.push(tensor.type);
    placed.push({ ...tensor, bytes: typeof measured === 'number' ? measured : undefined });
  }
  problems.push(...checkPlaces(placed, { headerEnd, alignment, size }));
  return { problems, unknownTypes };
}

function bytesOf({ name, dimensions, type, at }: TensorInfo): number | GgufProblem | undefined {
  const called = show({ name });
  const elements = dimensions.reduce((product, side) => product * BigInt(side), 1n);
  if (elements >= 2n ** 63n)
    return { code: 'overflow', message: `the shape of the tensor ${called} overflows 64 bits`, offset: at };
  const block = TENSOR_TYPES[type];
  if (block === undefined)
    return type > LAST_PLAUSIBLE_TYPE
      ? { code: 'tensor-type', message: `the tensor ${called} has type ${type}, which does not exist`, offset: at }
      : undefined;
  const [perBlock, bytesPerBlock] = block;
  if ((dimensions[0] ?? 1) % perBlock !== 0)
    return { code: 'shape', message: `the rows of the tensor ${called} are no whole blocks`, offset: at };
  const bytes = (elements / BigInt(perBlock)) * BigInt(bytesPerBlock);
  return bytes >= 2n ** 63n
    ? { code: 'overflow', message: `the size of the tensor ${called} overflows 64 bits`, offset: at }
    : Number(bytes);
}

function checkPlaces(tensors: Placed[], { headerEnd, alignment, size }: Place): GgufProblem[] {
  const problems: GgufProblem[] = [];
  const aligned = (value: number): number => Math.ceil(value / alignment) * alignment;
  const start = aligned(headerEnd);
  const room = Math.max(0, size - start);
  tensors.sort((a, b) => a.offset - b.offset || (a.bytes ?? 0) - (b.bytes ?? 0));
  let end: number | undefined = 0;
  for (const tensor of tensors) {
    const { offset, bytes, at } = tensor;
    if (offset + (bytes ?? 0) > room)
      problems.push({
        code: 'outside',
        message: `the tensor ${show(tensor)} needs ${bytes ?? 'some'} bytes from ${offset} and the data has ${room}`,
        offset: at,
      });
    if (end !== undefined && offset < end)
      problems.push({ code: 'overlap', message: `the tensor ${show(tensor)} starts inside another`, offset: at });
    if (end !== undefined && offset > aligned(end))
      problems.push({
        code: 'hole',
        message: `${offset - aligned(end)} bytes before the tensor ${show(tensor)} belong to none`,
        offset: at,
      });
    end = bytes === undefined ? undefined : Math.max(end ?? 0, offset + bytes);
  }
  if (end !== undefined && room > aligned(end))
    problems.push({
      code: 'trailing',
      message: `${room - aligned(end)} bytes stand behind the last tensor`,
      offset: start + aligned(end),
    });
  return problems;
}

function show({ name }: { readonly name: string }): string {
  return JSON.stringify(Buffer.from(name.slice(0, 100), 'latin1').toString('utf8'));
}

// ModelInferRequest and ModelInferResponse, which have one form but for two field numbers (kserve/open-inference-protocol,
// open_inference_grpc.proto). Unknown fields, repeated single fields, and raw contents beside typed ones are refused: two
// readers could take them for two messages.
import type { RawTensor } from '../binary.js';
import { readRaw, writeRaw } from '../binary.js';
import { elementsOf, factsOf, isDatatype, MAX_DIMENSIONS } from '../datatypes.js';
import type { InputTensor } from '../inspected.js';
import type { TensorBounds } from '../oip-tensors.js';
import { MAX_NAME, MAX_TENSORS } from '../oip-tensors.js';
import { quoted } from '../parameters.js';
import { readContents, writeContents } from './contents.js';
import { Parameters } from './infer-parameters.js';
import type { ProtoField } from './wire.js';
import { BYTES, bytesField, ProtoFault, readFields, readVarint, textField, textOf, varint, VARINT } from './wire.js';

/** Numbers in which the two messages differ. */
export interface MessageForm {
  readonly raw: number;
  /** Outputs asked for. */
  readonly asked?: number;
}
export const REQUEST: MessageForm = { raw: 7, asked: 6 };
export const RESPONSE: MessageForm = { raw: 6 };
const TENSORS = 5;
const PARAMETERS = 4;

export interface InferMessage {
  readonly name: string;
  readonly version: string;
  readonly id: string;
  readonly tensors: readonly InputTensor[];
  readonly elements: number;
  /** Contents stand behind the tensors, in their order. */
  readonly isRaw: boolean;
  /** Fields that are kept as they are: parameters and outputs asked for. */
  readonly kept: readonly Buffer[];
  readonly parts: readonly TensorPart[];
  /** Names, and keys and words of parameters. */
  readonly words: readonly string[];
  /** An answer's parameter of no plain kind was left out. */
  readonly isShortened: boolean;
}

/** A tensor as it was found, before its contents are known. */
interface TensorPart extends Pick<InputTensor, 'name' | 'datatype' | 'shape'> {
  readonly parameters: readonly Buffer[];
  readonly contents: Buffer | undefined;
  /** Its raw contents, once the whole message is read. */
  raw?: Buffer;
}

/** @throws ProtoFault */
export function readInferMessage(message: Buffer, form: MessageForm, bounds: TensorBounds): InferMessage {
  const single = new Map<number, string>();
  const parts: TensorPart[] = [];
  const raws: Buffer[] = [];
  const kept: Buffer[] = [];
  const words = new Set<string>();
  const parameters = new Parameters(form === RESPONSE, words);
  const own = new Set<string>();
  let items = 0;
  const isRequest = form === REQUEST;
  readFields(message, (field) => {
    if (++items > 4 * MAX_TENSORS) throw new ProtoFault('it has too many fields');
    const { number } = field;
    if (number <= 3) {
      if (single.has(number)) throw new ProtoFault('a single field stands twice');
      single.set(number, shortText(field));
      return;
    }
    if (field.wire !== BYTES) throw new ProtoFault('a field has another wire type than the message says');
    if (number === PARAMETERS) {
      if (parameters.keeps(field, 'request', own)) kept.push(field.whole);
    } else if (number === TENSORS) parts.push(readTensor(field.bytes, parameters));
    else if (number === form.raw) raws.push(field.bytes);
    else if (number === form.asked) {
      words.add(checkAsked(field.bytes, parameters));
      kept.push(field.whole);
    } else throw new ProtoFault(`it has the unknown field ${number}`);
  });
  if (parts.length > MAX_TENSORS) throw new ProtoFault(`it has more than ${MAX_TENSORS} tensors`);
  if (new Set(parts.map(({ name }) => name)).size < parts.length) throw new ProtoFault('two tensors have one name');
  const isRaw = raws.length > 0;
  if (isRaw && raws.length !== parts.length) throw new ProtoFault('it has not one raw content for each tensor');
  let elements = 0;
  let texts = 0;
  const tensors = parts.map((part, i): InputTensor => {
    const count = elementsOf(part.shape, bounds.maxBinaryElements - elements);
    if (count === undefined) throw new ProtoFault(`the shape of ${quoted(part.name)} holds more than is read`);
    elements += count;
    if (part.datatype === 'BYTES' && (texts += count) > bounds.maxElements)
      throw new ProtoFault(`it has more than ${bounds.maxElements} texts`);
    if (isRaw) part.raw = raws[i] as Buffer;
    const { name, datatype, shape } = part;
    return { name, datatype, shape, ...contentsOf(part, count, bounds.maxElements, isRequest) };
  });
  const [name = '', version = '', id = ''] = [1, 2, 3].map((number) => single.get(number));
  for (const part of parts) words.add(part.name);
  const { isShortened } = parameters;
  return { name, version, id, tensors, elements, isRaw, kept, parts, words: [...words], isShortened };
}

function contentsOf(
  { name, datatype, contents, raw }: TensorPart,
  count: number,
  maxFields: number,
  isRequest: boolean,
): RawTensor {
  if (raw === undefined) return readContents(contents ?? Buffer.alloc(0), datatype, count, maxFields);
  // MLServer answers with a message of contents that holds nothing beside its raw ones. Triton refuses that in requests.
  if (contents !== undefined && (isRequest || contents.length > 0))
    throw new ProtoFault(`${quoted(name)} has contents beside raw ones`);
  const read = readRaw(raw, datatype, count, factsOf(datatype).bytes);
  if (read === undefined)
    throw new ProtoFault(`the raw contents of ${quoted(name)} do not fit its shape and ${datatype}`);
  return read;
}

function readTensor(message: Buffer, known: Parameters): TensorPart {
  const single = new Map<number, ProtoField>();
  const shape: number[] = [];
  const parameters: Buffer[] = [];
  const names = new Set<string>();
  const addDimension = (wide: number | bigint): void => {
    if (shape.length === MAX_DIMENSIONS) throw new ProtoFault(`a shape has more than ${MAX_DIMENSIONS} dimensions`);
    // Negative ones, which only metadata have, come as huge numbers.
    shape.push(Number(wide));
  };
  readFields(message, (field) => {
    const { number, wire, bytes } = field;
    if (number === 3 && wire === VARINT) addDimension(field.wide);
    else if (number === 3 && wire === BYTES) {
      const cursor = { at: 0 };
      while (cursor.at < bytes.length) addDimension(readVarint(bytes, cursor));
    } else if (wire !== BYTES || number > TENSORS || number === 3)
      throw new ProtoFault(`a tensor has the unknown field ${number}`);
    else if (number === PARAMETERS) {
      if (known.keeps(field, 'input', names)) parameters.push(field.whole);
    } else if (single.has(number)) throw new ProtoFault('a single field of a tensor stands twice');
    else single.set(number, field);
  });
  const [nameField, typeField] = [single.get(1), single.get(2)];
  const name = nameField === undefined ? '' : shortText(nameField);
  const datatype = typeField === undefined ? undefined : textOf(typeField);
  if (name === '') throw new ProtoFault('a tensor has no name');
  if (!isDatatype(datatype)) throw new ProtoFault(`the tensor ${quoted(name)} has an unknown datatype`);
  return { name, datatype, shape, parameters, contents: single.get(5)?.bytes };
}

function shortText(field: ProtoField): string {
  const text = textOf(field);
  if (text.length > MAX_NAME) throw new ProtoFault(`a name is longer than ${MAX_NAME} characters`);
  return text;
}

/** @returns the name of the output */
function checkAsked(message: Buffer, parameters: Parameters): string {
  const names = new Set<string>();
  let name = '';
  readFields(message, (field) => {
    if (field.number === 2) parameters.keeps(field, 'output', names);
    else if (field.number !== 1 || name !== '') throw new ProtoFault('an output asked for has another form');
    else name = shortText(field);
  });
  if (name === '') throw new ProtoFault('an output asked for has no name');
  return name;
}

/** The message under another model name, with replaced tensors written in the form in which they came. */
export function writeInferMessage(
  message: InferMessage,
  form: MessageForm,
  name: string,
  replaced: readonly InputTensor[],
): Buffer {
  const { parts, tensors, isRaw } = message;
  const fields = [textField(1, name), textField(2, message.version), textField(3, message.id), ...message.kept];
  const raws: Buffer[] = [];
  parts.forEach((part, i) => {
    const next = replaced[i];
    const isReplaced = next !== undefined && next !== tensors[i];
    const shape = Buffer.concat((isReplaced ? next.shape : part.shape).map(varint));
    const typed = isReplaced ? writeContents(next, part.datatype) : part.contents;
    const content = [textField(1, part.name), textField(2, part.datatype)];
    if (shape.length > 0) content.push(bytesField(3, shape));
    content.push(...part.parameters);
    if (isRaw) raws.push(bytesField(form.raw, isReplaced ? writeRaw(next, part.datatype) : (part.raw as Buffer)));
    else if (typed !== undefined) content.push(bytesField(5, typed));
    fields.push(bytesField(TENSORS, Buffer.concat(content)));
  });
  return Buffer.concat([...fields, ...raws]);
}

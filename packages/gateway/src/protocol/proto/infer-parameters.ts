// Entries of map<string, InferParameter> in a request or an answer. Those of a request are on the list of known ones; of an answer
// those of plain values stay, and all others are left out. What they say in words is handed on to be looked at.
import type { ParameterPlace } from '../parameters.js';
import { parameterFault, quoted } from '../parameters.js';
import type { ProtoField } from './wire.js';
import { BYTES, EIGHT, ProtoFault, readFields, textOf, VARINT } from './wire.js';

const MAX_KEY = 256;
/** Characters of a text in an answer's parameter. */
const MAX_WORD = 4_096;

export class Parameters {
  readonly #isAnswer: boolean;
  readonly #words: Set<string>;
  /** An entry was left out. */
  isShortened = false;

  /** @param words what the entries say is added */
  constructor(isAnswer: boolean, words: Set<string>) {
    this.#isAnswer = isAnswer;
    this.#words = words;
  }

  /**
   * @param names of the entries of the same map so far
   * @throws ProtoFault when an entry of a request is not allowed
   */
  keeps(entry: ProtoField, place: ParameterPlace, names: Set<string>): boolean {
    if (!this.#isAnswer) {
      this.#checked(entry, place, names);
      return true;
    }
    try {
      const { name, value } = readEntry(entry, names, doubleOr);
      if (value === undefined || (typeof value === 'string' && value.length > MAX_WORD))
        throw new ProtoFault('no word');
      this.#add(name, value);
      return true;
    } catch (error) {
      if (!(error instanceof ProtoFault)) throw error;
      this.isShortened = true;
      return false;
    }
  }

  #checked(entry: ProtoField, place: ParameterPlace, names: Set<string>): void {
    const { name, value } = readEntry(entry, names, () => undefined);
    const fault = parameterFault(place, name, value);
    if (fault !== undefined) throw new ProtoFault(fault);
    this.#add(name, value);
  }

  #add(name: string, value: unknown): void {
    this.#words.add(name);
    if (typeof value === 'string') this.#words.add(value);
  }
}

interface Entry {
  readonly name: string;
  readonly value: unknown;
}

function readEntry(entry: ProtoField, names: Set<string>, other: (field: ProtoField) => unknown): Entry {
  if (entry.wire !== BYTES) throw new ProtoFault('a parameter is no entry of a map');
  const single = new Map<number, ProtoField>();
  readFields(entry.bytes, (field) => {
    if (field.number > 2 || field.wire !== BYTES || single.has(field.number))
      throw new ProtoFault('a parameter has another form than key and value');
    single.set(field.number, field);
  });
  const [key, value] = [single.get(1), single.get(2)];
  const name = key === undefined ? '' : textOf(key);
  if (name.length > MAX_KEY) throw new ProtoFault(`a name is longer than ${MAX_KEY} characters`);
  if (names.has(name)) throw new ProtoFault(`the parameter ${quoted(name)} stands twice`);
  names.add(name);
  return { name, value: value === undefined ? undefined : choiceOf(value.bytes, other) };
}

function doubleOr({ number, wire, bytes }: ProtoField): unknown {
  return number === 4 && wire === EIGHT ? bytes.readDoubleLE() : undefined;
}

/** The one value of an InferParameter: bool 1, int64 2, string 3, double 4, uint64 5. */
function choiceOf(message: Buffer, other: (field: ProtoField) => unknown): unknown {
  let value: unknown;
  readFields(message, (field) => {
    if (value !== undefined) throw new ProtoFault('a parameter has two values');
    if (field.number === 1 && field.wire === VARINT && field.wide <= 1n) value = field.wide === 1n;
    else if (field.number === 2 && field.wire === VARINT) value = field.value;
    else if (field.number === 3 && field.wire === BYTES) value = textOf(field);
    else if (field.number === 5 && field.wire === VARINT) value = Number(field.wide);
    else value = other(field);
    if (value === undefined) throw new ProtoFault('a parameter has a value of no known kind');
  });
  return value;
}

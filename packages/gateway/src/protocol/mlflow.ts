// Bodies of MLflow's /invocations: exactly one of dataframe_split, dataframe_records, instances and inputs, and params of
// plain values. Source: the MLflow documentation, "Deploy MLflow model as a local inference server", accepted input formats.
// null in a table is what pandas reads as NaN, and is shown so. CSV is read only where a route lists text/csv.
import type { JsonObject, JsonValue } from '@vallum/core';
import { isJsonObject } from '@vallum/core';
import type { Refusal } from '../door/refusal.js';
import { isRefusal, refuse } from '../door/refusal.js';
import type { BodyHeaders, BodySettings } from './body-settings.js';
import { isJsonType, mediaType, refuseType } from './body-settings.js';
import { inspectCsv } from './csv-body.js';
import type { Inspected } from './inspected.js';
import { readJson, unknownKey } from './json-body.js';
import { inspectedLeaves } from './json-inspected.js';
import type { LeafWriter } from './leaves.js';
import { LeafColumns, visitBlocks } from './leaves.js';
import { quoted } from './parameters.js';
import type { Found, Next } from './texts-in.js';
import { findTexts, keysIn, NO_KINDS, nothingFound, withTextsIn } from './texts-in.js';

const FORMS = ['dataframe_split', 'dataframe_records', 'instances', 'inputs'] as const;
type Form = (typeof FORMS)[number];
const KEYS: ReadonlySet<string> = new Set([...FORMS, 'params']);
const SPLIT_KEYS = new Set(['columns', 'data', 'index']);
const MAX_PARAMS = 64;
const MAX_PARAM_ITEMS = 256;

export function inspectMlflow(body: Buffer, { contentType }: BodyHeaders, settings: BodySettings): Inspected | Refusal {
  const isListed = settings.contentTypes?.some((type) => mediaType(type) === 'text/csv') ?? false;
  if (isListed && mediaType(contentType) === 'text/csv') return inspectCsv(body, settings);
  if (!isJsonType(contentType)) return refuseType(contentType);
  const value = readJson(body, settings, 'bad-input');
  if (isRefusal(value)) return value;
  if (!isJsonObject(value)) return refuse('bad-input', 'the body is no object');
  const unknown = unknownKey(value, KEYS);
  if (unknown !== undefined) return refuse('bad-input', `the body has the unknown field ${quoted(unknown)}`);
  const forms = FORMS.filter((form) => Object.hasOwn(value, form));
  const [form] = forms;
  if (form === undefined || forms.length > 1) return refuse('bad-input', `it needs exactly one of ${FORMS.join(', ')}`);
  const fault = paramsFault(value['params']);
  if (fault !== undefined) return refuse('bad-input', fault);
  return form === 'dataframe_split' ? inspectSplit(body, value, settings) : inspectRows(body, value, form, settings);
}

function inspectSplit(body: Buffer, value: JsonObject, settings: BodySettings): Inspected | Refusal {
  const split = value['dataframe_split'] as JsonValue;
  if (!isJsonObject(split) || unknownKey(split, SPLIT_KEYS) !== undefined)
    return refuse('bad-input', 'dataframe_split holds columns, data and index only');
  const { columns: names, data, index } = split;
  if (!Array.isArray(data)) return refuse('bad-input', 'dataframe_split has no list of data');
  const rows = data as readonly JsonValue[];
  const first = rows[0];
  // Without names pandas counts the columns.
  const width = Array.isArray(names) ? names.length : Array.isArray(first) ? first.length : 0;
  const named = Array.isArray(names) ? (names as readonly JsonValue[]) : Array.from({ length: width }, (_, i) => i);
  if (names !== undefined && !Array.isArray(names)) return refuse('bad-input', 'the columns are no list');
  if (!named.every((name) => typeof name === 'string' || typeof name === 'number'))
    return refuse('bad-input', 'the name of a column is neither text nor number');
  const columnNames = named.map(String);
  if (new Set(columnNames).size < columnNames.length) return refuse('bad-input', 'two columns have one name');
  if (index !== undefined && (!Array.isArray(index) || index.length !== rows.length))
    return refuse('bad-input', 'the index is no list as long as the data');
  const columns = new LeafColumns();
  let fault: string | undefined;
  for (const row of rows) {
    if (!Array.isArray(row) || row.length !== width) return refuse('bad-input', 'a row is not as long as the columns');
    (row as readonly JsonValue[]).forEach((cell, i) =>
      visitBlocks(columnNames[i] ?? '', cell, (name, block) => (fault ??= columns.add(name, block))),
    );
    if (fault !== undefined) return refuse('bad-input', fault);
  }
  const found = besideOf(value, data);
  findTexts(index ?? null, NO_KINDS, found, 'beside');
  for (const name of columnNames) found.names.add(name);
  const write = (writer: LeafWriter, beside: () => string): JsonValue => ({
    ...withParams(value, beside),
    dataframe_split: {
      ...split,
      ...(index !== undefined && { index: withTextsIn(index, NO_KINDS, nextBeside(beside), 'beside') }),
      data: rows.map((row) => (row as readonly JsonValue[]).map((cell, i) => writer.write(columnNames[i] ?? '', cell))),
    },
  });
  const beside = { texts: found.beside, names: [...found.names] };
  return inspectedLeaves({ body, leaves: columns.done(true), beside }, rows.length, settings.maxElements, write);
}

function inspectRows(body: Buffer, value: JsonObject, form: Form, settings: BodySettings): Inspected | Refusal {
  const content = value[form] as JsonValue;
  const isList = Array.isArray(content);
  if (form === 'inputs' ? typeof content !== 'object' || content === null : !isList)
    return refuse('bad-input', `${form} is no list`);
  const items = isList ? (content as readonly JsonValue[]) : [];
  const isRecords = items.length > 0 && items.every(isJsonObject);
  if (form === 'dataframe_records' && !isRecords) return refuse('bad-input', 'dataframe_records is no list of records');
  const root = isRecords || isJsonObject(content) ? '' : form;
  const columns = new LeafColumns();
  let fault: string | undefined;
  visitBlocks(root, content, (name, block) => (fault ??= columns.add(name, block)));
  if (fault !== undefined) return refuse('bad-input', fault);
  const leaves = columns.done(isRecords);
  // Named inputs, and instances of one name each, are batches by their first dimension.
  const rows = isList ? items.length : leaves.tensors.reduce((most, { shape }) => Math.max(most, shape[0] ?? 1), 1);
  const found = besideOf(value, content);
  const beside = { texts: found.beside, names: [...found.names] };
  return inspectedLeaves({ body, leaves, beside }, rows, settings.maxElements, (writer, next) => ({
    ...withParams(value, next),
    [form]: writer.write(root, content),
  }));
}

/** Texts of the parameters, and the keys of all that is in the body. */
function besideOf(value: JsonObject, content: JsonValue): Found {
  const found = nothingFound();
  findTexts(value['params'] ?? null, NO_KINDS, found, 'beside');
  keysIn(content, found.names);
  return found;
}

function nextBeside(beside: () => string): Next {
  return { text: beside, beside };
}

function withParams(value: JsonObject, beside: () => string): JsonObject {
  const { params } = value;
  return params === undefined
    ? value
    : { ...value, params: withTextsIn(params, NO_KINDS, nextBeside(beside), 'beside') };
}

/** Parameters of inference are plain values, or short lists of them; MLflow itself checks them against the signature. */
function paramsFault(params: JsonValue | undefined): string | undefined {
  if (params === undefined) return undefined;
  if (!isJsonObject(params) || Object.keys(params).length > MAX_PARAMS) return 'params are no small object';
  for (const [name, value] of Object.entries(params)) {
    const items = Array.isArray(value) ? (value as readonly JsonValue[]) : [value];
    const isPlain = items.length <= MAX_PARAM_ITEMS && items.every(isPlainValue);
    if (!isPlain) return `the parameter ${quoted(name)} is no plain value`;
  }
  return undefined;
}

function isPlainValue(value: JsonValue): boolean {
  return typeof value === 'number' ? Number.isFinite(value) : typeof value !== 'object' || value === null;
}

// Bodies of /invocations in each documented form, and what MLflow and pandas could read in another way.
import { describe, expect, it } from 'vitest';
import { inspectBody } from './inspect-body.js';
import type { Inspected } from './inspected.js';
import { accepted, json, JSON_HEAD, refusal, SETTINGS } from './testing/bodies.js';

const inspect = (value: unknown): Inspected => accepted(inspectBody('mlflow', json(value), JSON_HEAD, SETTINGS));
const refused = (value: unknown): string => refusal(inspectBody('mlflow', json(value), JSON_HEAD, SETTINGS));

describe('mlflow', () => {
  it('dataframe_split: a column each', () => {
    const body = {
      dataframe_split: {
        columns: ['age', 'job', 'new'],
        data: [
          [37, 'cook', true],
          [null, 'nurse', false],
        ],
      },
    };
    const inspected = inspect(body);
    expect(inspected).toMatchObject({ rows: 2, elements: 6 });
    expect(inspected.inputs).toEqual([
      { name: 'age', datatype: 'FP64', shape: [2], numbers: Float64Array.of(37, NaN) },
      { name: 'job', datatype: 'BYTES', shape: [2], texts: ['cook', 'nurse'] },
      { name: 'new', datatype: 'BOOL', shape: [2], numbers: Float64Array.of(1, 0) },
    ]);
    expect(inspected.forward).toEqual(json(body));
  });

  it('dataframe_records: a column each, and one record is a batch of one', () => {
    const { inputs, rows } = inspect({
      dataframe_records: [
        { a: 1, b: 'x' },
        { a: 2, b: 'y' },
      ],
    });
    expect(inputs.map(({ name, shape }) => [name, shape])).toEqual([
      ['a', [2]],
      ['b', [2]],
    ]);
    expect(rows).toBe(2);
    expect(inspect({ dataframe_records: [{ a: 1 }] }).inputs[0]?.shape).toEqual([1]);
  });

  it('instances and inputs: tensors, with or without names', () => {
    expect(
      inspect({
        instances: [
          [1, 2],
          [3, 4],
        ],
      }),
    ).toMatchObject({ rows: 2, inputs: [{ name: 'instances', shape: [2, 2] }] });
    expect(inspect({ inputs: { a: [[1], [2], [3]], s: ['x', 'y', 'z'] } })).toMatchObject({
      rows: 3,
      inputs: [
        { name: 'a', shape: [3, 1] },
        { name: 's', shape: [3], texts: ['x', 'y', 'z'] },
      ],
    });
    expect(
      inspect({
        instances: [
          { img: [[1, 2]], k: 'a' },
          { img: [[3, 4]], k: 'b' },
        ],
      }),
    ).toMatchObject({
      rows: 2,
      inputs: [
        { name: 'img', shape: [2, 1, 2] },
        { name: 'k', shape: [2] },
      ],
    });
  });

  it('keeps ragged lists as plain lists, and numbers that stand among texts in sight', () => {
    expect(inspect({ inputs: [[1, 2], [3]] }).inputs).toMatchObject([{ shape: [3] }]);
    const { inputs } = inspect({ dataframe_records: [{ a: 1e9 }, { a: 'x' }] });
    expect(inputs).toEqual([
      { name: 'a', datatype: 'BYTES', shape: [1], texts: ['x'] },
      { name: 'a', datatype: 'FP64', shape: [1], numbers: Float64Array.of(1e9) },
    ]);
  });

  it('lets plain params pass', () => {
    expect(inspect({ inputs: ['hi'], params: { temperature: 0.5, stop: ['a'], deep: null } }).elements).toBe(1);
  });

  it('writes other texts in their places', () => {
    for (const value of [
      {
        dataframe_split: {
          columns: ['n', 't'],
          data: [
            [1, 'a'],
            [2, 'b'],
          ],
          index: [0, 1],
        },
        params: { x: 1 },
      },
      {
        dataframe_records: [
          { n: 1, t: 'a' },
          { n: 2, t: 'b' },
        ],
      },
      { inputs: { n: [1, 2], t: ['a', 'b'] } },
    ]) {
      const inspected = inspect(value);
      const masked = inspected.withTexts?.([undefined, ['***', 'b']]) as Inspected;
      expect(JSON.parse(masked.forward.toString())).toEqual(JSON.parse(JSON.stringify(value).replace('"a"', '"***"')));
      expect(inspect(JSON.parse(masked.forward.toString())).inputs).toEqual(masked.inputs);
    }
  });

  it.each([
    ['two forms', { instances: [1], inputs: [1] }, 'exactly one of'],
    ['no form', { params: {} }, 'exactly one of'],
    ['an unknown field', { inputs: [1], signature_name: 'x' }, 'unknown field'],
    ['a short row', { dataframe_split: { columns: ['a', 'b'], data: [[1]] } }, 'not as long as the columns'],
    ['two columns of one name', { dataframe_split: { columns: ['a', 'a'], data: [[1, 2]] } }, 'one name'],
    ['columns that are no list', { dataframe_split: { columns: 'ab', data: [[1, 2]] } }, 'columns are no list'],
    ['an unknown part of a table', { dataframe_split: { columns: ['a'], data: [[1]], dtype: 'object' } }, 'only'],
    ['an index of another length', { dataframe_split: { columns: ['a'], data: [[1]], index: [0, 1] } }, 'index'],
    ['records that are no list', { dataframe_records: { a: [1] } }, 'no list'],
    ['a record that is none', { dataframe_records: [{ a: 1 }, 2] }, 'no list of records'],
    ['inputs that are a text', { inputs: 'hello' }, 'no list'],
    ['params that hold an object', { inputs: [1], params: { a: { b: 1 } } }, 'no plain value'],
    ['no object', [1], 'no object'],
  ])('refuses %s', (_name, value, reason) => {
    expect(refused(value)).toContain(reason);
  });

  it('counts elements', () => {
    const body = json({ inputs: Array.from({ length: 11 }, () => 1) });
    expect(refusal(inspectBody('mlflow', body, JSON_HEAD, { ...SETTINGS, maxElements: 10 }))).toMatch(/^too-large/);
  });
});

describe('CSV', () => {
  const csv = (text: string, contentTypes = ['text/csv']): ReturnType<typeof inspectBody> =>
    inspectBody('mlflow', Buffer.from(text), { contentType: 'text/csv' }, { ...SETTINGS, contentTypes });

  it('is refused unless the route lists it', () => {
    expect(refusal(csv('a\n1\n', ['application/json']))).toMatch(/^unsupported-type/);
  });

  it('reads a table, numbers where all cells of a column are', () => {
    const inspected = accepted(csv('age,job\r\n37,"cook, head"\r\n,"says ""hi"""\r\n'));
    expect(inspected).toMatchObject({ rows: 2, elements: 4 });
    expect(inspected.inputs).toEqual([
      { name: 'age', datatype: 'FP64', shape: [2], numbers: Float64Array.of(37, NaN) },
      { name: 'job', datatype: 'BYTES', shape: [2], texts: ['cook, head', 'says "hi"'] },
    ]);
    const masked = inspected.withTexts?.([undefined, ['***', 'a,"b']]) as Inspected;
    expect(accepted(csv(masked.forward.toString())).inputs).toEqual(masked.inputs);
  });

  it.each([
    `${'1'.repeat(2 ** 20)}x`,
    `${'1'.repeat(2 ** 20)}.${'1'.repeat(2 ** 20)}x`,
    `1e${'1'.repeat(2 ** 20)}x`,
    `${' '.repeat(2 ** 20)}x`,
  ])('takes a cell of a million characters that is nearly a number for the text that it is', (cell) => {
    expect(csv(`a\n${cell}\n`)).toMatchObject({ inputs: [{ datatype: 'BYTES' }] });
  });

  it('refuses a number that is too long to be told from a text', () => {
    const long = `${'0'.repeat(2 ** 20)}5`;
    expect(refusal(csv(`a\n${long}\n`))).toContain('a number has more than');
    expect(accepted(csv(`a\n${'0'.repeat(1_000)}5\n 1.5e3 \n.5\n5.\n`)).inputs[0]?.numbers).toEqual(
      Float64Array.of(5, 1500, 0.5, 5),
    );
  });

  it.each(['a,b\n1\n', 'a\n"1\n', 'a\n1"2\n', 'a\n"1"2\n', 'a,a\n1,2\n', 'a\n', '', 'a\r1\n'])('refuses %j', (text) => {
    expect(refusal(csv(text))).toMatch(/^bad-input/);
  });
});

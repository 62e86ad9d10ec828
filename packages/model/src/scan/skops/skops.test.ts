// skops: attacks on its schema, clean twins, files of the real library.
import type { JsonValue } from '@vallum/core';
import { pickle, zip } from '@vallum/formats/testing';
import { describe, expect, it } from 'vitest';
import { holdAgainst } from '../testing/attack-tables.js';
import { holdRealFiles } from '../testing/real-files.js';
import { scanBytes, verdictOf } from '../testing/scan-bytes.js';
import real from '../testing/skops-files.json' with { type: 'json' };

type Node = Readonly<Record<string, JsonValue>>;

const node = (loader: string, name: string, rest: Node = {}): Node => {
  const cut = name.lastIndexOf('.');
  return { __class__: name.slice(cut + 1), __module__: name.slice(0, cut), __loader__: loader, ...rest };
};
const text = (value: string): Node =>
  node('JsonNode', 'builtins.str', { content: JSON.stringify(value), is_json: true });
const tuple = (...content: readonly Node[]): Node => node('TupleNode', 'builtins.tuple', { content });
const dict = (content: Node): Node =>
  node('DictNode', 'builtins.dict', {
    content,
    key_types: node('ListNode', 'builtins.list', {
      content: Object.keys(content).map(() => node('TypeNode', 'builtins.str')),
    }),
  });
const skops = (root: Node, protocol: JsonValue = 2): Uint8Array =>
  zip([{ name: 'schema.json', data: Buffer.from(JSON.stringify({ ...root, protocol, _skops_version: '0.16.0' })) }]);
const estimator = (name: string, attributes: Node = {}): Node =>
  node('ObjectNode', name, { content: dict(attributes) });
const scaler = estimator('sklearn.preprocessing._data.StandardScaler', { with_mean: text('x') });
const transformer = (func: Node): Uint8Array =>
  skops(estimator('sklearn.preprocessing._function_transformer.FunctionTransformer', { func }));
const clean = skops(scaler);

describe('skops', () => {
  holdAgainst('model.skops', [
    {
      what: 'a function that is not on the allowlist',
      rule: 'VLM-SKO-001',
      attack: transformer(node('FunctionNode', 'os.system')),
      clean: transformer(node('FunctionNode', 'numpy.log1p')),
    },
    {
      what: 'a function of numpy that reads files',
      rule: 'VLM-SKO-001',
      attack: transformer(node('FunctionNode', 'numpy.load')),
      clean: transformer(node('FunctionNode', 'numpy._core._multiarray_umath.expm1')),
    },
    {
      what: 'a method, by name (CVE-2025-54413)',
      rule: 'VLM-SKO-001',
      attack: transformer(node('MethodNode', 'builtins.str', { content: { func: '__init__', obj: text('x') } })),
      clean,
    },
    {
      what: 'a caller of methods (CVE-2025-54412)',
      rule: 'VLM-SKO-001',
      attack: transformer(
        node('OperatorFuncNode', 'operator.methodcaller', { attrs: tuple(text('system'), text('id')) }),
      ),
      clean: transformer(node('OperatorFuncNode', 'operator.itemgetter', { attrs: tuple(text('a')) })),
    },
    {
      what: 'an operator that is a function to call',
      rule: 'VLM-SKO-001',
      attack: transformer(node('OperatorFuncNode', 'operator.call', { attrs: tuple(text('x')) })),
      clean: transformer(node('OperatorFuncNode', 'operator.attrgetter', { attrs: tuple(text('shape')) })),
    },
    {
      what: 'an attribute that walks into the interpreter',
      rule: 'VLM-SKO-001',
      attack: transformer(node('OperatorFuncNode', 'operator.attrgetter', { attrs: tuple(text('__globals__')) })),
      clean,
    },
    {
      what: 'a constructor that is called with what the file says',
      rule: 'VLM-SKO-001',
      attack: transformer(node('ConstructorFromReduceNode', 'subprocess.Popen', { content: tuple(text('id')) })),
      clean: transformer(node('ConstructorFromReduceNode', 'datetime.date', { content: tuple(text('x')) })),
    },
    {
      what: 'a class that a loader of lists calls',
      rule: 'VLM-SKO-001',
      attack: skops(node('ListNode', 'subprocess.Popen', { content: [text('id')] })),
      clean: skops(node('ListNode', 'builtins.list', { content: [text('id')] })),
    },
    {
      what: 'a loss whose class is another',
      rule: 'VLM-SKO-001',
      attack: skops(node('LossNode', 'os.system', { __reduce__: { args: tuple(text('id')) }, content: dict({}) })),
      clean: skops(
        node('LossNode', 'sklearn._loss._loss.CyHalfGammaLoss', { __reduce__: { args: tuple() }, content: dict({}) }),
      ),
    },
    {
      what: 'an array of a class that is called with it',
      rule: 'VLM-SKO-001',
      attack: skops(node('NdArrayNode', 'builtins.exec', { type: 'numpy', file: '1.npy' })),
      clean: skops(node('NdArrayNode', 'numpy.ndarray', { type: 'json', content: [text('a')], shape: tuple() })),
    },
    {
      what: 'a bit generator that is another function of numpy.random',
      rule: 'VLM-SKO-001',
      attack: skops(
        node('RandomGeneratorNode', 'numpy.random._generator.Generator', {
          content: { bit_generator: dict({ bit_generator: text('seed') }) },
        }),
      ),
      clean: skops(
        node('RandomGeneratorNode', 'numpy.random._generator.Generator', {
          content: { bit_generator: dict({ bit_generator: text('PCG64') }) },
        }),
      ),
    },
    {
      what: 'a function that the reader of protocol 0 takes from elsewhere',
      rule: 'VLM-SKO-001',
      attack: skops(node('FunctionNode', 'numpy.log1p', { content: { module_path: 'os', function: 'system' } }), 0),
      clean: skops(node('FunctionNode', 'numpy.log1p'), 1),
    },
    {
      what: 'a function where no loader reads it',
      rule: 'VLM-SKO-001',
      attack: skops({ ...scaler, extra: [{ deep: node('FunctionNode', 'builtins.eval') }] }),
      clean: skops({ ...scaler, extra: [{ deep: text('builtins.eval') }] }),
    },
    {
      what: 'a loader that there is not',
      rule: 'VLM-SKO-002',
      attack: skops(node('EvalNode', 'builtins.str')),
      clean: skops(text('x')),
    },
    {
      what: 'one id for two things',
      rule: 'VLM-SKO-003',
      attack: skops(
        tuple(
          { ...text('x'), __id__: 1 },
          node('TypeNode', 'builtins.int', { __id__: 2 }),
          node('TypeNode', 'builtins.str', { __id__: 2 }),
        ),
      ),
      clean: skops(
        tuple(node('TypeNode', 'builtins.int', { __id__: 2 }), node('TypeNode', 'builtins.int', { __id__: 2 })),
      ),
    },
    {
      what: 'a program as a text',
      rule: 'VLM-SKO-007',
      attack: skops(
        estimator('sklearn.preprocessing._data.StandardScaler', { a: { ...text('x'), content: 'exec("x")' } }),
      ),
      clean: skops(estimator('sklearn.preprocessing._data.StandardScaler', { a: { ...text('x'), content: '"exec"' } })),
    },
    {
      what: 'a name with dots',
      rule: 'VLM-SKO-001',
      attack: skops({ ...scaler, __class__: 'StandardScaler.__init__' }),
      clean,
    },
    {
      what: 'a pickle among its files',
      rule: 'VLM-PKL-001',
      attack: zip([
        { name: 'schema.json', data: Buffer.from(JSON.stringify({ ...scaler, protocol: 2 })) },
        { name: '1.bin', data: pickle().proto(2).global('os', 'system').call('id').stop() },
      ]),
      clean: zip([
        { name: 'schema.json', data: Buffer.from(JSON.stringify({ ...scaler, protocol: 2 })) },
        { name: '1.bin', data: pickle().proto(2).op('EMPTY_DICT').stop() },
      ]),
    },
    {
      what: 'a protocol that is no number',
      rule: 'VLM-SKO-005',
      attack: skops(scaler, true),
      clean,
    },
  ]);

  it('tells classes of packages that it does not know, and old protocols, and passes', async () => {
    expect(await verdictOf('m.skops', skops(estimator('mypackage.models.Model')))).toBe('pass VLM-SKO-006');
    expect(await verdictOf('m.skops', skops(scaler, 0))).toBe('pass VLM-SKO-004');
    expect(await verdictOf('m.skops', skops(scaler, 3))).toBe('inconclusive');
  });

  it('judges a schema that lies outside an archive', async () => {
    const bytes = Buffer.from(JSON.stringify(node('FunctionNode', 'os.system', { protocol: 2 })));
    expect((await scanBytes('schema.json', bytes)).outcome).toBe('fail');
  });
});

holdRealFiles('skops', real);

import { expect, it } from 'vitest';
import { yamlLineOf } from './line-of.js';

const TEXT = 'name: a\nroutes:\n  - model: x\n    limits:\n      requests: { limit: 5 }\n  - model: y\n';

it.each([
  [['name'], 1, 1],
  [['routes'], 2, 1],
  [['routes', 0, 'model'], 3, 5],
  [['routes', 0, 'limits', 'requests', 'limit'], 5, 19],
  [['routes', 1], 6, 5],
  [['routes', 1, 'upstream'], 6, 5],
  [['missing'], 1, 1],
] as const)('%j stands in line %i, column %i', (path, line, column) => {
  expect(yamlLineOf(TEXT, path)).toEqual({ line, column });
});

it('has nothing to say of an empty text', () => {
  expect(yamlLineOf('', ['a'])).toBeUndefined();
});

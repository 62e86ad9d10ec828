// Which keys may stand where: read off the schema itself, so that a message never lags behind it.
import { describe, expect, it } from 'vitest';
import { knownKeys, optionsOf } from './known-keys.js';

describe('knownKeys', () => {
  it.each([
    [['listen'], ['rest', 'grpc']],
    [
      ['listen', 'rest', 'tls'],
      ['certificate', 'key', 'clientAuthorities', 'requireClient'],
    ],
    [
      ['routes', 3, 'limits', 'requests'],
      ['limit', 'per', 'burst'],
    ],
    [
      ['upstreams', 'any name', 'breaker'],
      ['failures', 'minimum', 'windowSeconds', 'openSeconds'],
    ],
    [
      ['routes', 0, 'serving'],
      ['by', 'project', 'version', 'folder', 'atExpiry', 'canary', 'reason'],
    ],
    [
      ['events', 'webhook'],
      ['url', 'secret'],
    ],
    [['name'], []],
    [['nothing', 'here'], []],
    [['listen', '__proto__'], []],
  ])('%j', (path, keys) => {
    expect(knownKeys(path)).toEqual(keys);
  });

  it('of the document', () => {
    expect(knownKeys([])).toEqual(
      expect.arrayContaining(['schema', 'name', 'listen', 'upstreams', 'routes', 'events']),
    );
  });
});

it('tells the words that choose a form', () => {
  expect(optionsOf(['routes', 0, 'serving'], 'by')).toEqual(['store', 'canary', 'declared', 'nothing']);
  expect(optionsOf(['listen'], 'by')).toEqual([]);
});

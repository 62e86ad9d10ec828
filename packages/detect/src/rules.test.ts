import { digestJson, VallumError } from '@vallum/core';
import type { JsonObject, JsonValue } from '@vallum/core';
import { describe, expect, it } from 'vitest';
import { defaultRules, readRules, rulesDigest } from './rules.js';
import packaged from './rules.json' with { type: 'json' };

const copy = (): { rules: Record<string, JsonValue>[]; tables: JsonObject } => structuredClone(packaged);

describe('rules', () => {
  it('have the digest of their canonical JSON', () => {
    expect(rulesDigest()).toBe(digestJson(packaged as JsonValue));
  });

  it('change their digest with a table, not only with a pattern', () => {
    const changed = copy();
    expect(readRules({ ...changed, tables: { ...changed.tables, placeholders: ['x'] } }).digest).not.toBe(
      rulesDigest(),
    );
  });

  it('are severe enough that the default gate stops any class', () => {
    for (const rule of defaultRules().rules) expect(['critical', 'high']).toContain(rule.severity);
  });

  it('tell of every secret how to look for it quickly', () => {
    for (const { id, kind, begins } of defaultRules().rules)
      if (kind === 'secret') expect(`${id}: ${begins}`).not.toMatch(/undefined/);
  });

  it('put a form of its own before what only a word announces, so that the milder one never hides it', () => {
    const seen = new Set<string>();
    for (const { announced, class: name } of defaultRules().rules) {
      if (announced) seen.add(name);
      else expect(seen).not.toContain(name);
    }
  });

  it('use only bounded repeats, so that no text makes them slow', () => {
    for (const { id, pattern } of defaultRules().rules) {
      const withoutClasses = pattern.source.replace(/\[(?:[^\]\\]|\\.)*\]/g, 'C').replace(/\\./g, 'E');
      expect(`${id}: ${withoutClasses}`).not.toMatch(/[*+]|\{\d+,\}/);
    }
  });

  it.each([
    ['pattern', undefined],
    ['check', 'magic'],
    ['mask', 'all of it'],
    ['severity', 'bad'],
    ['kind', ''],
  ])('name the rule whose %s is broken', (key, value) => {
    const broken = copy();
    const first = broken.rules[0]!;
    if (value === undefined) delete first[key];
    else first[key] = value;
    const attempt = (): unknown => readRules(broken);
    expect(attempt).toThrow(VallumError);
    expect(attempt).toThrow(new RegExp(`card\\.grouped.*${key}`));
  });

  it('refuse two rules with one id', () => {
    const broken = copy();
    broken.rules.push(broken.rules[0]!);
    expect(() => readRules(broken as unknown as JsonValue)).toThrow(/one id/);
  });
});

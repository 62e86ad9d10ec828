// Memory is given back at once, and only by those who have it for themselves.
import { createCipheriv } from 'node:crypto';
import { expect, it } from 'vitest';
import { letGo } from './spent-memory.js';

it('empties what a cipher gave, and leaves alone what shares its memory', () => {
  const cipher = createCipheriv('aes-256-gcm', Buffer.alloc(32), Buffer.alloc(12));
  const spent = cipher.update(Buffer.alloc(16 * 1024));
  const whole = Buffer.from(new ArrayBuffer(8));
  const part = whole.subarray(4).fill(1);
  const pooled = Buffer.from('pooled');
  expect(spent).toHaveLength(16 * 1024);
  letGo([spent, part, pooled, Buffer.alloc(0)]);
  expect(spent).toHaveLength(0);
  expect(part).toEqual(Buffer.alloc(4, 1));
  expect(pooled.toString()).toBe('pooled');
});

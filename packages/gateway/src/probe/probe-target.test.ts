// A probe goes only where somebody said that it may.
import { describe, expect, it } from 'vitest';
import { probePath } from './probe-path.js';
import { probeSubject, probeTarget } from './probe-target.js';

const yes = { allowHosts: ['models.example', '10.0.0.7', '::2'], authorised: true };

describe('probeTarget', () => {
  it.each([
    ['http://127.0.0.1:8080', '127.0.0.1', 8080, false],
    ['http://localhost', 'localhost', 80, false],
    ['https://[::1]:9000/', '::1', 9000, true],
    ['https://MODELS.example', 'models.example', 443, true],
    ['http://10.0.0.7:1', '10.0.0.7', 1, false],
    ['http://[::2]', '::2', 80, false],
  ])('%s', (url, host, port, tls) => {
    expect(probeTarget(url, yes)).toMatchObject({ host, port, tls });
  });

  it.each([
    ['http://other.example', 'PROBE_HOST'],
    ['http://127.0.0.1.example', 'PROBE_HOST'],
    ['http://sub.models.example', 'PROBE_HOST'],
    ['http://localhost.example', 'PROBE_HOST'],
    ['http://10.0.0.70', 'PROBE_HOST'],
    ['ftp://127.0.0.1', 'PROBE_URL'],
    ['http://127.0.0.1/v2', 'PROBE_URL'],
    ['http://127.0.0.1?a', 'PROBE_URL'],
    ['http://a@127.0.0.1', 'PROBE_URL'],
    ['127.0.0.1:80', 'PROBE_URL'],
    ['', 'PROBE_URL'],
  ])('not %s', (url, code) => {
    expect(() => probeTarget(url, yes)).toThrow(expect.objectContaining({ code, errorClass: 'usage' }) as Error);
  });

  it('nowhere without leave', () => {
    const asked = (): unknown => probeTarget('http://127.0.0.1', { ...yes, authorised: false });
    expect(asked).toThrow(expect.objectContaining({ code: 'PROBE_AUTHORISED' }) as Error);
  });

  it('the subject tells place, model and protocol apart', () => {
    const [one, two] = ['http://127.0.0.1:1', 'http://127.0.0.1:2'].map((url) => probeTarget(url, yes));
    const digests = [
      probeSubject(one!, 'a', 'oip'),
      probeSubject(two!, 'a', 'oip'),
      probeSubject(one!, 'b', 'oip'),
      probeSubject(one!, 'a', 'json'),
    ].map(({ digest }) => digest.sha256);
    expect(new Set(digests).size).toBe(4);
    expect(probePath('oip', 'a/b')).toBe('/v2/models/a%2Fb/infer');
    expect(probePath('openai', 'a')).toBe('/v1/chat/completions');
  });
});

// Versions of all shapes that PEP 440 knows, for properties and for the oracle.
import fc from 'fast-check';

const number = fc.constantFrom('0', '1', '2', '10', '01', '2024', '9007199254740993');
const release = fc.array(number, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('.'));
const some = (arbitrary: fc.Arbitrary<string>): fc.Arbitrary<string> => fc.oneof(fc.constant(''), arbitrary);
const separator = fc.constantFrom('', '.', '-', '_');
const part = (words: readonly string[]): fc.Arbitrary<string> =>
  fc
    .tuple(separator, fc.constantFrom(...words), separator, some(number))
    .map(([before, word, between, digits]) => `${before}${word}${between}${digits}`);

export const version: fc.Arbitrary<string> = fc
  .tuple(
    some(fc.constantFrom('0!', '1!', '2!')),
    release,
    some(part(['a', 'alpha', 'b', 'beta', 'c', 'rc', 'pre', 'preview'])),
    some(
      fc.oneof(
        part(['post', 'rev', 'r']),
        number.map((digits) => `-${digits}`),
      ),
    ),
    some(part(['dev'])),
    some(fc.constantFrom('+1', '+abc', '+abc.5', '+abc.7.x', '+10.a', '+ubuntu-1')),
  )
  .map((parts) => parts.join(''));

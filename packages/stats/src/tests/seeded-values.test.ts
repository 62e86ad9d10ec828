// Seeded values that any implementation can redo: x = 1000 draws of mulberry32(42), y = 800 draws of mulberry32(43) to the power
// 1.1, binned into fifths of [0, 1]. Expected values by SciPy.
import { describe, expect, it } from 'vitest';
import { histogram } from '../distances/bins.js';
import { energyDistance, wasserstein } from '../distances/sample-distances.js';
import { hellinger, jensenShannon, kullbackLeibler, psi } from '../distances/share-distances.js';
import { mulberry32 } from '../random.js';
import { andersonDarling } from './anderson-darling.js';
import { chiSquareContingency, chiSquareGoodness, gTest } from './chi-square.js';
import { cramerVonMises } from './cramer-von-mises.js';
import { eppsSingleton } from './epps-singleton.js';
import { ksTest } from './ks.js';
import { mannWhitney } from './mann-whitney.js';

const x = Float64Array.from({ length: 1000 }, mulberry32(42));
const y = Float64Array.from({ length: 800 }, mulberry32(43)).map((value) => value ** 1.1);
const fifths = Float64Array.from([0, 0.2, 0.4, 0.6, 0.8, 1]);
const [r, c] = [[...histogram(x, fifths).counts], [...histogram(y, fifths).counts]];
const expected = r.map((count) => count * 0.8);

it('counts the bins', () => {
  expect(r).toEqual([184, 192, 215, 205, 204]);
  expect(c).toEqual([186, 149, 131, 162, 172]);
});

describe('tests', () => {
  it.each([
    ['KS asymptotic', ksTest(x, y, { method: 'asymptotic' }), 0.062, 0.06310616268273705],
    ['KS exact', ksTest(x, y), 0.062, 0.06300157459572563],
    ['Cramer-von Mises', cramerVonMises(x, y), 0.4430999074073725, 0.05573726202770557],
    ['Epps-Singleton', eppsSingleton(x, y), 13.309021856830176, 0.009860525747763365],
    ['Mann-Whitney', mannWhitney(x, y), 411332, 0.30107423658954724],
    ['Anderson-Darling', andersonDarling([x, y]), 2.274457795286896, 0.03774895727679952],
    ['chi-square, goodness of fit', chiSquareGoodness(c, expected), 20.63709019148763, 3.7368305874423e-4],
    ['chi-square, contingency', chiSquareContingency([r, c]), 11.507559593675618, 0.021414704242447364],
    ['G', gTest(c, expected), 20.719058026091243, 3.5997640845484e-4],
  ] as const)('%s', (_, { statistic, p }, wanted, wantedP) => {
    expect(Math.abs(statistic / wanted - 1)).toBeLessThan(1e-12);
    expect(Math.abs(p - wantedP)).toBeLessThan(1e-9);
  });
});

describe('distances', () => {
  it.each([
    ['Wasserstein', wasserstein(x, y), 0.026648279566584915],
    ['energy', energyDistance(x, y), 0.04553737515379467],
    ['Jensen-Shannon, base e', jensenShannon(r, c), 0.05702673892538952],
    ['Jensen-Shannon, base 2', jensenShannon(r, c, { base: 2 }), 0.06849609402329987],
    ['PSI', psi(r, c), 0.02608522611093818],
    ['Kullback-Leibler', kullbackLeibler(r, c), 0.013135814844631156],
    ['Hellinger', hellinger(r, c), 0.05706438416360541],
  ] as const)('%s', (_, value, wanted) => {
    expect(Math.abs(value / wanted - 1)).toBeLessThan(1e-12);
  });
});

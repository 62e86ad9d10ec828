// The house as rules: arrows point down only, rooms never meet, doors are the only way in.
// Resolution uses the source condition, so that an import by package name is followed without a build.
const BELOW = {
  core: [],
  formats: ['core'],
  stats: ['core'],
  detect: ['core'],
  trust: ['core'],
  ledger: ['core', 'trust'],
  policy: ['core', 'trust'],
  check: ['core', 'trust', 'ledger', 'policy'],
};
const GROUND = ['core', 'formats', 'stats', 'detect', 'trust', 'ledger', 'policy'];
const ROOMS = ['data', 'model', 'gateway', 'monitor', 'governance'];
const FACES = ['cli', 'console'];
for (const room of ROOMS) BELOW[room] = GROUND;
BELOW.server = [...GROUND, 'check', ...ROOMS];

const arrows = Object.entries(BELOW).map(([from, allowed]) => ({
  name: `arrows-of-${from}`,
  comment: `${from} may import ${allowed.join(', ') || 'nothing of the house'}`,
  severity: 'error',
  from: { path: `^packages/${from}/` },
  to: { path: '^packages/', pathNot: `^packages/(${[from, ...allowed].join('|')})/` },
}));

/** Node modules that reach the outside: only in edges and faces. */
const OUTSIDE = '^(node:)?(fs|fs/promises|net|http|https|http2|tls|dgram|child_process|worker_threads|cluster)$';
const HOSTILE_PARSERS = '(postal-mime|yaml|@sigstore)';

module.exports = {
  forbidden: [
    ...arrows,
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'doors-only',
      comment: 'another package is entered through src/index.ts only',
      severity: 'error',
      from: { path: '^packages/([^/]+)/' },
      to: { path: '^packages/([^/]+)/src/', pathNot: ['^packages/$1/', '^packages/[^/]+/src/(testing/)?index\\.ts$'] },
    },
    {
      name: 'testing-for-tests',
      comment: 'makers of samples are for tests only',
      severity: 'error',
      from: { path: '^packages/', pathNot: ['/testing/', '\\.test\\.ts$'] },
      to: { path: '/testing/' },
    },
    {
      name: 'outside-at-the-edge',
      comment:
        'files, sockets and processes only in folders named edge/, in faces, in server and in the standalone verifier',
      severity: 'error',
      from: {
        path: '^packages/',
        pathNot: [`^packages/(${FACES.join('|')}|server)/`, '/edge/', '/testing/', '/verifier/', '\\.test\\.ts$'],
      },
      to: { path: OUTSIDE, dependencyTypes: ['core'] },
    },
    {
      name: 'hostile-parsers-in-formats',
      comment: 'third-party parsers of untrusted bytes live in formats',
      severity: 'error',
      from: { path: '^packages/', pathNot: '^packages/formats/' },
      to: { path: `node_modules/${HOSTILE_PARSERS}/` },
    },
    {
      name: 'examples-stand-alone',
      comment: "an example is a team's own project: it does not import Vallum",
      severity: 'error',
      from: { path: '^examples/', pathNot: ['/story/', '\\.test\\.ts$'] },
      to: { path: '^packages/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|build|coverage)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.test.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['vallum-source', 'import', 'default', 'node', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.json'],
    },
  },
};

// What the machine must see: the right callee through stack and memo, what ran before a fault, and every pickle of a file.
import { describe, expect, it } from 'vitest';
import { parseBytes } from '../bytes/parser.js';
import { pickle } from '../testing/index.js';
import { OPCODES, OP } from './opcodes.js';
import type { PickleReport } from './read-pickles.js';
import { PICKLE_LIMITS, readPickles } from './read-pickles.js';
import type { CallSite } from './values.js';
import { describe as name } from './values.js';

function run(bytes: Uint8Array, limits = PICKLE_LIMITS): { sites: string[]; report: PickleReport } {
  const sites: string[] = [];
  const visit = (site: CallSite): void => void sites.push(`${site.how} ${name(site.target)} @${site.offset}`);
  return { report: parseBytes(readPickles(bytes.length, visit, limits), bytes), sites };
}

describe('opcodes', () => {
  it('are the 68 of protocols 0 to 5, each with its own byte', () => {
    expect(OPCODES).toHaveLength(68);
    expect(new Set(Object.values(OP)).size).toBe(68);
  });
});

describe('call sites', () => {
  const cases: [string, Uint8Array, string][] = [
    ['GLOBAL REDUCE', pickle().global('os', 'system').call('x').stop(), 'call os.system @19'],
    ['STACK_GLOBAL', pickle().proto(4).stackGlobal('os', 'system').call('x').stop(), 'call os.system @29'],
    ['INST', pickle().op('MARK').str('x').inst('os', 'system').stop(), 'call os.system @7'],
    ['OBJ', pickle().op('MARK').global('os', 'system').str('x').op('OBJ').stop(), 'call os.system @18'],
    ['NEWOBJ', pickle().proto(2).global('a', 'B').op('EMPTY_TUPLE').op('NEWOBJ').stop(), 'new a.B @8'],
    [
      'NEWOBJ_EX',
      pickle().proto(4).global('a', 'B').op('EMPTY_TUPLE').op('EMPTY_DICT').op('NEWOBJ_EX').stop(),
      'new a.B @9',
    ],
    ['BUILD on a global', pickle().global('a', 'b').op('EMPTY_DICT').op('BUILD').stop(), 'build a.b @6'],
    ['EXT1', pickle().proto(2).ext(7).stop(), 'extension an object of the extension registry @2'],
    ['BINPERSID', pickle().str('id').op('BINPERSID').stop(), 'persistent "id" @7'],
    ['APPEND on a global', pickle().global('a', 'b').int(1).op('APPEND').stop(), 'items a.b @7'],
    ['SETITEM on a global', pickle().global('a', 'b').int(1).int(2).op('SETITEM').stop(), 'items a.b @9'],
    [
      'through DUP, POP and the memo',
      pickle().global('os', 'system').put(3).op('POP').int(1).op('DUP').op('POP').op('POP').get(3).call('x').stop(),
      'call os.system @29',
    ],
    [
      'below POP_MARK',
      pickle().global('os', 'system').op('MARK').int(1).int(2).op('POP_MARK').call('x').stop(),
      'call os.system @25',
    ],
    ['the result of a result', pickle().global('a', 'f').call('x').call('y').stop(), 'call the result of a.f @22'],
  ];
  it.each(cases)('%s', (_name, bytes, expected) => {
    const { sites, report } = run(bytes);
    expect(sites).toContain(expected);
    expect(report.pickles[0]?.fault).toBeUndefined();
  });

  it('says that STACK_GLOBAL was given something that is no text, and stops', () => {
    const { sites, report } = run(pickle().proto(4).int(1).int(2).op('STACK_GLOBAL').stop());
    expect(sites[0]).toMatch(/^import/);
    expect(report.pickles[0]?.fault?.kind).toBe('broken');
  });

  it('reports nothing for data, whatever its text says', () => {
    const bytes = pickle().op('EMPTY_LIST').str('os.system').op('APPEND').stop();
    expect(run(bytes)).toMatchObject({ sites: [], report: { globals: [] } });
  });
});

describe('memo', () => {
  it('counts an entry once, however it was written, so that MEMOIZE writes where CPython writes', () => {
    const put = (index: number): Uint8Array => Buffer.from([OP.LONG_BINPUT, index & 255, index >> 8, 0, 0]);
    const stream = pickle().proto(4).op('NONE').raw(put(1500));
    for (let index = 0; index < 600; index++) stream.raw(put(index));
    // 601 entries; the array has grown past 1500 - 1024, and writing 1500 again must not count.
    stream.raw(put(1500)).op('POP').global('os', 'system').op('MEMOIZE').op('POP');
    const bytes = stream
      .raw(Buffer.from([OP.LONG_BINGET, 601 & 255, 601 >> 8, 0, 0]))
      .call('x')
      .stop();
    expect(run(bytes).sites.join()).toContain('call os.system');
  });

  it('keeps what could be a name however many entries there are, and forgets data', () => {
    const stream = pickle().proto(4).op('MARK');
    for (let index = 0; index < 60_000; index++) stream.op('EMPTY_LIST').op('MEMOIZE');
    stream.str('os').op('MEMOIZE').str('system').op('MEMOIZE').int(1).op('TUPLE1').op('MEMOIZE').op('POP_MARK');
    const at = (index: number): Uint8Array =>
      Buffer.from([OP.LONG_BINGET, index & 255, (index >> 8) & 255, index >> 16, 0]);
    stream.raw(at(60_000)).raw(at(60_001)).op('STACK_GLOBAL').raw(at(60_002)).op('REDUCE');
    expect(run(stream.stop()).sites.join()).toContain('call os.system');
  });

  it('faults on an entry that was never written', () => {
    expect(run(pickle().get(9).stop()).report.pickles[0]?.fault?.message).toMatch(/never written/);
  });
});

describe('faults', () => {
  it('keep what ran before them', () => {
    const { sites, report } = run(pickle().global('os', 'system').call('x').raw(0xff).done());
    expect(sites).toEqual(['call os.system @19']);
    expect(report.pickles[0]?.fault).toMatchObject({ kind: 'broken', offset: 20 });
  });

  it.each([
    ['no STOP', pickle().int(1).done()],
    ['an empty stack', pickle().op('POP').stop()],
    ['no mark', pickle().op('APPENDS').stop()],
    ['below the mark', pickle().int(1).op('MARK').op('DUP').stop()],
    ['an unknown protocol', pickle().proto(9).stop()],
    ['calling a number', pickle().int(1).op('EMPTY_TUPLE').op('REDUCE').stop()],
    ['a length beyond the end', pickle().raw(OP.BINUNICODE, Buffer.from('ffffff7f', 'hex')).stop()],
    ['an unquoted string', pickle().raw(OP.STRING, Buffer.from('abc\n')).stop()],
    ['a number that is none', pickle().raw(OP.INT, Buffer.from('1x\n')).stop()],
    ['an extension code of zero', pickle().proto(2).ext(0).stop()],
    ['a key without a value', pickle().op('EMPTY_DICT').op('MARK').int(1).op('SETITEMS').stop()],
  ])('%s', (_name, bytes) => {
    expect(run(bytes).report.pickles[0]?.fault?.kind).toBe('broken');
  });

  it.each([
    ['steps', { maxSteps: 5 }],
    ['stack', { maxStack: 5 }],
    ['memo', { maxMemo: 2 }],
    ['names', { maxGlobals: 1 }],
  ])('a budget of %s is a fault of its own kind', (_name, limit) => {
    const stream = pickle().global('a', 'b').global('c', 'd');
    for (let index = 0; index < 9; index++) stream.int(1).put(index);
    expect(run(stream.stop(), { ...PICKLE_LIMITS, ...limit }).report.pickles[0]?.fault?.kind).toBe('budget');
  });
});

describe('what CPython lets through', () => {
  const empty = pickle().op('EMPTY_DICT');
  it.each([
    ['no state set on a dict', empty.op('NONE').op('BUILD')],
    ['no items put into a text', pickle().str('x').op('MARK').op('APPENDS')],
    ['no keys put into a number', pickle().int(1).op('MARK').op('SETITEMS')],
    ['a backslash that escapes a backslash', pickle().raw(OP.UNICODE, Buffer.from('a\\\\u0041\n'))],
  ])('%s is no fault that hides what follows', (_name, stream) => {
    const { report, sites } = run(stream.global('os', 'system').call('x').stop());
    expect(report.pickles[0]?.fault).toBeUndefined();
    expect(sites.join()).toContain('call os.system');
  });
});

describe('arrays between the opcodes, as joblib writes them', () => {
  const attack = pickle().global('os', 'system').call('x').stop();
  interface Wrapper {
    readonly shape?: number;
    readonly again?: number;
    readonly fillers?: number;
    readonly oddKey?: boolean;
    readonly state?: boolean;
    readonly code?: string;
  }
  /** A wrapper that announces one-byte elements, the bytes, and what follows. */
  function joblib(wrapper: Wrapper, between: Uint8Array, after: Uint8Array): Uint8Array {
    const stream = pickle()
      .proto(4)
      .stackGlobal('joblib.numpy_pickle', 'NumpyArrayWrapper')
      .op('EMPTY_TUPLE')
      .op('NEWOBJ');
    stream.op('EMPTY_DICT').op('MARK');
    for (let index = 0; index < (wrapper.fillers ?? 0); index++) stream.str(`filler${index}`).op('NONE');
    if (wrapper.oddKey === true) stream.op('EMPTY_TUPLE').op('NONE');
    for (const side of [wrapper.shape ?? between.length, wrapper.again])
      if (side !== undefined) stream.str('shape').int(side).op('TUPLE1');
    stream
      .str('dtype')
      .stackGlobal('numpy', 'dtype')
      .str(wrapper.code ?? 'u1')
      .op('TUPLE1')
      .op('REDUCE');
    if (wrapper.state === true) {
      stream.op('MARK').int(3).str('|').op('NONE').op('NONE').op('NONE').int(200).op('TUPLE').op('BUILD');
    }
    stream.op('SETITEMS').op('BUILD');
    return Buffer.concat([stream.done(), between, after]);
  }
  const stop = pickle().stop();

  it('are skipped, and what follows is read', () => {
    expect(run(joblib({}, Buffer.alloc(90, 0xff), stop)).report.pickles[0]?.fault).toBeUndefined();
    expect(run(joblib({}, Buffer.alloc(90, 0xff), attack)).sites.join()).toContain('call os.system');
    expect(run(joblib({ fillers: 99 }, Buffer.alloc(90, 0xff), attack)).sites.join()).toContain('call os.system');
    expect(run(joblib({ shape: 200, again: 90 }, Buffer.alloc(90, 0xff), attack)).sites.join()).toContain(
      'call os.system',
    );
  });

  it('are read as opcodes too, because pickle.load does', () => {
    expect(run(joblib({}, attack, stop)).sites.join()).toContain('call os.system');
  });

  it.each([
    ['a key that may equal another', joblib({ oddKey: true }, Buffer.alloc(90, 0xff), stop)],
    ['a size that the element type contradicts', joblib({ code: 'V1', state: true }, Buffer.alloc(90, 0xff), stop)],
    ['a type that is not known', joblib({ code: 'f8,f8' }, Buffer.alloc(90, 0xff), stop)],
    ['more bytes than there are', joblib({ shape: 255 }, Buffer.alloc(90, 0xff), stop)],
  ])('are a fault where their length is in doubt: %s', (_name, bytes) => {
    expect(run(bytes).report.pickles[0]?.fault).toBeDefined();
  });
});

describe('more than one pickle', () => {
  const attack = pickle().global('os', 'system').call('x').stop();
  const clean = pickle().proto(2).int(1).stop();

  it.each([
    ['stacked', Buffer.concat([clean, attack]), 'stacked'],
    ['behind zeros', Buffer.concat([clean, Buffer.alloc(100), attack]), 'stacked'],
    ['behind foreign bytes', Buffer.concat([clean, Buffer.from('\x01\x02junk\xff'), attack]), 'found'],
    ['behind a fault', Buffer.concat([clean.subarray(0, -1), Buffer.from([0xff]), attack]), 'found'],
    ['across a window border', Buffer.concat([clean, Buffer.alloc(256 * 1024 - 8, 7), attack]), 'found'],
  ])('%s', (_name, bytes, place) => {
    const { sites, report } = run(bytes);
    expect(sites.join()).toContain('call os.system');
    expect(report.pickles.at(-1)?.place).toBe(place);
  });

  it('does not take random bytes behind a pickle for another', () => {
    const { report, sites } = run(Buffer.concat([clean, Buffer.from('\x80\x02garbage c os that is (no import')]));
    expect(sites).toEqual([]);
    expect(report.trailing?.length).toBeGreaterThan(0);
  });

  it('gives up on a tail that starts a pickle everywhere, and says how far it got', () => {
    for (const start of ['\x80\x02', '(ca\nb\n']) {
      const tail = Buffer.from(start.repeat(100_000), 'latin1');
      const { trailing } = run(Buffer.concat([clean, Buffer.from([1]), tail])).report;
      expect(trailing?.searched).toBeLessThan(trailing?.length ?? 0);
    }
  });

  it('crosses windows inside opcodes, lines and long constants', () => {
    const stream = pickle().op('EMPTY_LIST');
    for (let index = 0; index < 40; index++) stream.str('y'.repeat(20_000)).op('APPEND');
    stream.raw(OP.UNICODE, Buffer.from(`${'z'.repeat(300_000)}\n`)).op('APPEND');
    const { report, sites } = run(stream.global('os', 'system').call('x').op('APPEND').stop());
    expect(report.pickles[0]?.fault).toBeUndefined();
    expect(sites).toHaveLength(1);
  });
});

describe('payloads', () => {
  const inner = pickle().proto(2).global('os', 'system').call('x').stop();
  it.each([
    ['raw bytes', pickle().bytes(inner).stop(), 'raw'],
    ['base64', pickle().str(Buffer.from(inner).toString('base64')).stop(), 'base64'],
    ['hexadecimal', pickle().str(Buffer.from(inner).toString('hex')).stop(), 'hex'],
    ['protocol 0 as text', pickle().str('cos\nsystem\n(S"x"\ntR.').stop(), 'latin1'],
  ])('%s', (_name, bytes, encoding) => {
    expect(run(bytes).report.payloads).toMatchObject([{ encoding }]);
  });

  it('are not seen in ordinary text', () => {
    const words = 'Calling os.system is what this text is about, cos\nsystem\n';
    expect(run(pickle().str(words).str('a'.repeat(64)).stop()).report.payloads).toEqual([]);
  });
});

describe('frames', () => {
  it('are odd when an opcode crosses their end, or when they reach beyond the file', () => {
    expect([...run(pickle().proto(4).frame(2).int(1).str('abc').stop()).report.anomalies.keys()]).toEqual([]);
    expect(run(pickle().proto(4).frame(3).int(1).str('abc').stop()).report.anomalies.has('frame-crossed')).toBe(true);
    expect(run(pickle().proto(4).frame(99).int(1).stop()).report.anomalies.has('frame-beyond-end')).toBe(true);
  });
});

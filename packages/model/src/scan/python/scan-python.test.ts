// Attacks on the repository by Python, and their clean twins, through the whole scanner.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPython } from '@vallum/formats';
import { RULES } from '../testing/attack-tables.js';
import { memoryDisk, scanBytes, verdictOf } from '../testing/scan-bytes.js';
import { NOTEBOOK_CLASSES } from '../testing/notebook-attacks.js';
import { PYTHON_CLASSES } from '../testing/python-attacks.js';
import { holdRealFiles } from '../testing/real-files.js';
import realPython from '../testing/real-python.json' with { type: 'json' };
import { scanPath } from '../scan-path.js';

const options = { rules: RULES };
const scan = (name: string, text: string | Uint8Array): Promise<string> => verdictOf(name, Buffer.from(text), options);

for (const { name, rules, attacks, clean } of [...PYTHON_CLASSES, ...NOTEBOOK_CLASSES])
  describe(name, () => {
    it('has five attacks and a clean twin', () => {
      expect(attacks.length).toBeGreaterThanOrEqual(5);
      expect(clean.length).toBeGreaterThan(0);
    });

    it.each(attacks.map((attack) => [attack.name, attack.text] as const))('fails %s %j', async (file, text) => {
      expect(await scan(file, text)).toMatch(new RegExp(`^fail .*${rules}`));
    });

    it.each(clean.map((sample) => [sample.name, sample.text] as const))('passes %s %j', async (file, text) => {
      expect(await scan(file, text)).toMatch(/^pass/);
    });
  });

holdRealFiles('Python', realPython);

describe('names that mislead', () => {
  const attacks = PYTHON_CLASSES.flatMap((one) => one.attacks).filter(
    ({ name }) => name.endsWith('.py') && /^(?:import|from) /.test(name),
  );
  it.each(attacks.map(({ text }) => [text]))('find the same: %j', async (text) => {
    expect(await scan('weights.bin', text)).toMatch(/^fail/);
  });

  it('find source that is no UTF-8 text', async () => {
    const latin = Buffer.from('# -*- coding: latin-1 -*-\n# caf\xe9\nimport os\nos.system("touch /tmp/x")\n', 'latin1');
    expect(await scan('modeling_x.py', latin)).toBe('fail VLM-PYS-001');
    expect(await scan('modeling_x.py', 'import os\n# \x01\nos.system("touch /tmp/x")\n')).toMatch(/^fail/);
    expect(await scan('modeling_x.py', Buffer.from('# coding: latin-1\nx = "\xe9"\n', 'latin1'))).toBe('pass');
    expect(await scan('modeling_x.py', 'x = 1\n\0\n')).toMatch(/^inconclusive/);
  });
});

describe('severity', () => {
  const file = (text: string, name = 'modeling_x.py') => scanBytes(name, Buffer.from(text), options);
  it('depends on when the call happens', async () => {
    const verdicts: string[] = [];
    for (const text of ['os.system(x)', 'def f():\n    os.system(x)', 'if __name__ == "__main__":\n    os.system(x)']) {
      const report = await file(`import os, argparse\n${text}\n`, 'tool.py');
      verdicts.push(report.files[0]?.findings[0]?.severity ?? '');
    }
    expect(verdicts).toEqual(['high', 'medium', 'low']);
  });

  it('does not depend on a main part where the file is one that loaders import', async () => {
    const report = await file('import os\ndef f(x):\n    os.system(x)\nif __name__ == "__main__":\n    f(1)\n');
    expect(report.outcome).toBe('fail');
  });

  it('is told with the line and the place', async () => {
    const report = await file('import os\n\nos.system("touch /tmp/x")\n');
    expect(report.files[0]?.findings[0]).toMatchObject({
      location: { line: 3 },
      message: expect.stringContaining('touch /tmp/x') as string,
    });
  });

  it('is inconclusive for source that Python would not read', async () => {
    expect(await scan('a.py', 'x = (1,\n')).toMatch(/^inconclusive/);
    expect(await scan('a.py', 'def f(:\n')).toMatch(/^inconclusive/);
    expect((await scanBytes('a.py', new Uint8Array(9 * 1024 * 1024).fill(0x20), options)).outcome).toBe('inconclusive');
  });
});

describe('configuration that names code', () => {
  const config = Buffer.from(
    JSON.stringify({
      auto_map: { AutoModel: 'modeling_x.X', AutoConfig: 'who/repo--cfg.C', AutoTokenizer: ['tok.T', null] },
    }),
  );
  it('says where the code lies', async () => {
    const disk = memoryDisk({ 'config.json': config, 'modeling_x.py': Buffer.from('x = 1\n') });
    const report = await scanPath(disk, '/m', options);
    const told = report.files[0]?.findings.map(({ message }) => message).join('\n') ?? '';
    expect(report.outcome).toBe('fail');
    expect(told).toContain('in modeling_x.py beside it');
    expect(told).toContain('from the repository who/repo');
    expect(told).toContain('in tok.py, which is not here');
  });

  it.each([
    [
      'pass',
      {
        unet: ['diffusers', 'UNet2DConditionModel'],
        text_encoder: ['transformers', 'CLIPTextModel'],
        safety_checker: [null, null],
      },
    ],
    ['pass', { safety_checker: ['stable_diffusion', 'StableDiffusionSafetyChecker'] }],
    ['fail VLM-JSN-004', { unet: ['my_unet', 'Unet'] }],
    ['fail VLM-JSN-004', { unet: ['os', 'system'] }],
    ['fail VLM-JSN-004', { unet: ['transformers', 'pipeline'] }],
    ['fail VLM-JSN-004', { _class_name: ['pipeline', 'Mine'] }],
  ])('%s for an index of diffusers with %j', async (expected, parts) => {
    const text = JSON.stringify({ _class_name: 'StableDiffusionPipeline', _diffusers_version: '0.30.0', ...parts });
    expect(await scan('model_index.json', text)).toBe(expected);
  });
});

describe('start-up hooks', () => {
  it('of known tools are told, and no failure', async () => {
    const report = await scanBytes('distutils-precedence.pth', Buffer.from(KNOWN), options);
    expect(report.files[0]?.findings.map(({ rule }) => rule)).toContain('VLM-PYS-021');
    expect(report.outcome).not.toBe('fail');
    expect(await scan('x.pth', `${KNOWN.trim()} import os\n`)).toMatch(/^fail/);
  });
});

const KNOWN =
  "import os; var = 'SETUPTOOLS_USE_DISTUTILS'; enabled = os.environ.get(var, 'local') == 'local'; enabled and __import__('_distutils_hack').add_shim(); \n";

describe('mutated sources', () => {
  const samples = [...PYTHON_CLASSES, ...NOTEBOOK_CLASSES].flatMap(({ attacks, clean }) => [...attacks, ...clean]);
  it('are answered, whatever is cut out of them', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...samples),
        fc.nat(),
        fc.nat(40),
        fc.string({ maxLength: 4 }),
        async ({ name, text }, at, length, put) => {
          const start = at % (text.length + 1);
          const report = await scanBytes(
            name,
            Buffer.from(text.slice(0, start) + put + text.slice(start + length)),
            options,
          );
          expect(['pass', 'fail', 'inconclusive']).toContain(report.outcome);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('Python under the names of other tools', () => {
  const NAMES = ['SConstruct', 'Snakefile', 'wscript', 'conanfile', 'noxfile', 'a.smk', 'a.wsgi', 'a.rpy', 'a.bzl'];
  const MORE = ['a.gyp', 'a.xsh', 'a.sage', 'a.ipy', 'a.pxd', 'a.py3', 'notes.txt', 'anything'];
  it.each([...NAMES, ...MORE])('%s fails for a command and passes without one', async (name) => {
    expect(await scan(name, 'x = 1\nimport os as o\ngetattr(o, "sys" + "tem")("id")\n')).toMatch(/^fail VLM-PYS/);
    expect(await scan(name, 'x = 1\nimport os as o\nprint(o.sep, x)\n')).toMatch(/^pass/);
  });

  it.each([
    ['a.jsx', 'import x from "y";\nexport const z = eval("1");\n'],
    ['Main.javax', 'import java.util.List;\npublic class Main { void f() { Runtime.getRuntime().exec("id"); } }\n'],
    ['prose', 'We start\nimport os\nand then call os.system, as the page says.\n'],
  ])('%s is no Python', async (name, text) => {
    expect(await scan(name, text)).not.toContain('VLM-PYS');
  });
});

it('does not hold the words of an endless expression', () => {
  const report = readPython(Buffer.from(`x=${'1+'.repeat(600_000)}1`), () => false);
  expect(report.faults[0]?.message).toMatch(/more than 500000 words/);
});

// Formats that announce themselves by fixed bytes. One row each: name, offset, bytes.
import type { RecognisedFormat } from '../recognised/formats.js';
import { programsIn } from './programs.js';

/** What content can turn out to be. `text` is valid UTF-8 without control characters. */
export type Format =
  | 'pickle'
  | 'zip'
  | 'onnx'
  | 'safetensors'
  | 'npy'
  | 'json'
  | 'text'
  | 'png'
  | 'jpeg'
  | 'gif'
  | 'webp'
  | 'ico'
  | 'tiff'
  | 'media'
  | 'font'
  | 'gzip'
  | 'zlib'
  | 'zfile'
  | 'lzma'
  | 'lzip'
  | 'compress'
  | 'snappy'
  | 'bzip2'
  | 'xz'
  | 'zstd'
  | 'lz4'
  | '7z'
  | 'rar'
  | 'cab'
  | 'iso'
  | 'ar'
  | 'rpm'
  | 'cpio'
  | 'ole'
  | 'tar'
  | 'hdf5'
  | 'gguf'
  | 'tflite'
  | 'executorch'
  | 'git-object'
  | 'git-store'
  | 'rds'
  | 'msgpack'
  | 'ubjson'
  | 'xgboost-binary'
  | 'xml'
  | 'sqlite'
  | 'parquet'
  | 'elf'
  | 'pe'
  | 'mach-o'
  | 'java-class'
  | 'wasm'
  | 'dex'
  | 'windows-link'
  | 'python-bytecode'
  | 'utf-16'
  | 'script'
  | RecognisedFormat
  | 'python'
  | 'pdf';

interface Magic {
  readonly format: Format;
  readonly at: number;
  readonly bytes: string;
}

const MAGIC: readonly Magic[] = [
  { format: 'png', at: 0, bytes: '89504e470d0a1a0a' },
  { format: 'jpeg', at: 0, bytes: 'ffd8ff' },
  { format: 'gif', at: 0, bytes: '47494638' },
  { format: 'webp', at: 8, bytes: '57454250' },
  { format: 'ico', at: 0, bytes: '000001000100' },
  { format: 'ico', at: 0, bytes: '000001000200' },
  { format: 'ico', at: 0, bytes: '000001000300' },
  { format: 'ico', at: 0, bytes: '000001000400' },
  { format: 'ico', at: 0, bytes: '000001000500' },
  { format: 'ico', at: 0, bytes: '000001000600' },
  { format: 'tiff', at: 0, bytes: '49492a00' },
  { format: 'tiff', at: 0, bytes: '4d4d002a' },
  { format: 'media', at: 0, bytes: '494433' },
  { format: 'media', at: 0, bytes: '4f67675300' },
  { format: 'media', at: 0, bytes: '664c6143' },
  { format: 'media', at: 8, bytes: '57415645666d7420' },
  { format: 'media', at: 4, bytes: '66747970' },
  { format: 'media', at: 0, bytes: '1a45dfa3' },
  { format: 'font', at: 0, bytes: '774f4646' },
  { format: 'font', at: 0, bytes: '774f4632' },
  { format: 'font', at: 0, bytes: '4f54544f00' },
  { format: 'npy', at: 0, bytes: '934e554d5059' },
  { format: 'gzip', at: 0, bytes: '1f8b' },
  { format: 'bzip2', at: 0, bytes: '425a68' },
  { format: 'xz', at: 0, bytes: 'fd377a585a00' },
  { format: 'zstd', at: 0, bytes: '28b52ffd' },
  { format: 'lz4', at: 0, bytes: '04224d18' },
  { format: 'lz4', at: 0, bytes: '02214c18' },
  { format: '7z', at: 0, bytes: '377abcaf271c' },
  { format: 'rar', at: 0, bytes: '526172211a07' },
  { format: 'cab', at: 0, bytes: '4d53434600000000' },
  { format: 'ar', at: 0, bytes: '213c617263683e0a' },
  { format: 'rpm', at: 0, bytes: 'edabeedb' },
  { format: 'cpio', at: 0, bytes: '303730373031' },
  { format: 'cpio', at: 0, bytes: '303730373032' },
  { format: 'ole', at: 0, bytes: 'd0cf11e0a1b11ae1' },
  { format: 'compress', at: 0, bytes: '1f9d' },
  { format: 'lzip', at: 0, bytes: '4c5a495001' },
  { format: 'snappy', at: 0, bytes: 'ff060000734e61507059' },
  { format: 'tar', at: 257, bytes: '7573746172' },
  { format: 'hdf5', at: 0, bytes: '894844460d0a1a0a' },
  { format: 'hdf5', at: 512, bytes: '894844460d0a1a0a' },
  { format: 'hdf5', at: 1024, bytes: '894844460d0a1a0a' },
  { format: 'hdf5', at: 2048, bytes: '894844460d0a1a0a' },
  { format: 'gguf', at: 0, bytes: '47475546' },
  { format: 'gguf', at: 0, bytes: '46554747' },
  { format: 'tflite', at: 4, bytes: '54464c33' },
  { format: 'executorch', at: 4, bytes: '45543132' },
  { format: 'git-store', at: 0, bytes: '5041434b00000002' },
  { format: 'git-store', at: 0, bytes: 'ff744f6300000002' },
  { format: 'git-store', at: 0, bytes: '5249445800000001' },
  { format: 'git-store', at: 0, bytes: '44495243000000' },
  { format: 'git-store', at: 0, bytes: '4d49445801' },
  { format: 'git-store', at: 0, bytes: '4347504801' },
  { format: 'rds', at: 0, bytes: '580a000000' },
  { format: 'rds', at: 0, bytes: '420a02000000' },
  { format: 'rds', at: 0, bytes: '420a03000000' },
  { format: 'rds', at: 0, bytes: '524458320a580a' },
  { format: 'rds', at: 0, bytes: '524458330a580a' },
  { format: 'rds', at: 0, bytes: '524442320a420a' },
  { format: 'rds', at: 0, bytes: '524442330a420a' },
  { format: 'sqlite', at: 0, bytes: '53514c69746520666f726d6174203300' },
  { format: 'parquet', at: 0, bytes: '50415231' },
  { format: 'elf', at: 0, bytes: '7f454c46' },
  { format: 'mach-o', at: 0, bytes: 'cffaedfe' },
  { format: 'mach-o', at: 0, bytes: 'cefaedfe' },
  { format: 'mach-o', at: 0, bytes: 'feedface' },
  { format: 'mach-o', at: 0, bytes: 'feedfacf' },
  { format: 'mach-o', at: 0, bytes: 'cafebabf' },
  { format: 'wasm', at: 0, bytes: '0061736d' },
  { format: 'dex', at: 0, bytes: '6465780a30' },
  { format: 'windows-link', at: 0, bytes: '4c0000000114020000000000c0000000' },
  { format: 'script', at: 0, bytes: '2321' },
  { format: 'pdf', at: 0, bytes: '255044462d' },
];

const ROWS = MAGIC.map(({ format, at, bytes }) => ({ format, at, bytes: Buffer.from(bytes, 'hex') }));

/** Formats whose fixed bytes stand in the first 4 KiB. */
export function byMagic(head: Uint8Array): Format[] {
  const found = ROWS.filter(({ at, bytes }) => stands(head, at, bytes));
  return [...new Set([...found.map(({ format }) => format), ...programsIn(head)])];
}

function stands(head: Uint8Array, at: number, bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) if (head[at + i] !== bytes[i]) return false;
  return true;
}

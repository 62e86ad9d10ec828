export { readHdf5 } from './hdf5/read-hdf5.js';
export { HDF5_LIMITS } from './hdf5/report.js';
export type { Hdf5Carrier, Hdf5Limits, Hdf5Problem, Hdf5ProblemCode, Hdf5Report } from './hdf5/report.js';
export { readJsonLines } from './json-lines/read-json-lines.js';
export type { JsonLine, JsonLinesLimits } from './json-lines/read-json-lines.js';
export { parseMail } from './mail/parse-mail.js';
export type { MailLimits, MailProblem, ParsedMail } from './mail/parse-mail.js';
export { bracketsDeeperThan } from './nesting.js';
export { readYaml } from './yaml/read-yaml.js';
export type { YamlLimits } from './yaml/read-yaml.js';
export { yamlLineOf } from './yaml/line-of.js';
export { bytesSource, parseBytes, parseSource, sliceSource } from './bytes/parser.js';
export type { Parser, Range, Source } from './bytes/parser.js';
export { GGUF_LIMITS, readGguf } from './gguf/read-gguf.js';
export type { GgufProblem, GgufProblemCode } from './gguf/problems.js';
export type { GgufLimits, GgufReport, GgufText } from './gguf/read-gguf.js';
export type {
  Argument as JinjaArgument,
  Body as JinjaBody,
  Expression as JinjaExpression,
  Statement as JinjaStatement,
} from './jinja/ast.js';
export { JINJA_LIMITS, readJinja } from './jinja/read-jinja.js';
export type { JinjaLimits, JinjaReport } from './jinja/read-jinja.js';
export { LIGHTGBM_LIMITS, readLightgbm } from './lightgbm/read-lightgbm.js';
export type { LightgbmLimits, LightgbmProblem, LightgbmReport } from './lightgbm/read-lightgbm.js';
export type { MsgpackArray } from './msgpack/arrays.js';
export { MSGPACK_LIMITS, readMsgpack } from './msgpack/read-msgpack.js';
export type { MsgpackLimits, MsgpackProblem, MsgpackReport } from './msgpack/read-msgpack.js';
export { RDS_LIMITS, readRds } from './rds/read-rds.js';
export type { RdsCode, RdsLimits, RdsReport } from './rds/read-rds.js';
export { NumberRun, readUbjson, UBJSON_LIMITS } from './ubjson/read-ubjson.js';
export type { UbjsonLimits, UbjsonReport, UbjsonValue } from './ubjson/read-ubjson.js';
export type { XmlBytes } from './xml/decode.js';
export type { Doctype, Entity } from './xml/doctype.js';
export { readXml, XML_LIMITS } from './xml/read-xml.js';
export type { XmlElement, XmlLimits, XmlReport, XmlVisitor } from './xml/read-xml.js';
export { ONNX_LIMITS, readOnnx } from './onnx/read-onnx.js';
export type { ExternalData, OnnxLimits, OnnxOperator, OnnxProblem, OnnxReport, OnnxText } from './onnx/read-onnx.js';
export type { Fault } from './pickle/broken.js';
export { readNpy } from './pickle/npy.js';
export type { NpyReport } from './pickle/npy.js';
export { contentOf, contentOfText, decodePayload } from './pickle/payloads.js';
export type { Content, Encoding, Payload } from './pickle/payloads.js';
export { actsAsPython, readsAsPython } from './pickle/python-text.js';
export { storageWidth } from './pickle/torch-storages.js';
export { PICKLE_LIMITS, readPickles } from './pickle/read-pickles.js';
export type { OnePickle, PickleLimits, PickleReport } from './pickle/read-pickles.js';
export { describe as describeValue, isDunder, mayBeCallable } from './pickle/values.js';
export type { CallSite, GlobalValue, Value } from './pickle/values.js';
export { looksLikeNotebook, NOTEBOOK_LIMITS, readNotebook } from './notebook/read-notebook.js';
export type { NotebookCell, NotebookLimits, NotebookReport } from './notebook/read-notebook.js';
export type { CellCommand, CellMagic, CellSource } from './notebook/cell-source.js';
export { PYTHON_LIMITS, readPython } from './python/read-python.js';
export type { PythonCall, PythonImport, PythonLimits, PythonReport, PythonWrite, When } from './python/read-python.js';
export { choices, HOLE, originOf } from './python/values.js';
export type { PythonValue } from './python/values.js';
export { readRequirements } from './requirements/read-requirements.js';
export { pythonLines } from './python/text-lines.js';
export { readDirectUrl } from './environment/direct-url.js';
export { readDirectUrlJson, readMetadata, readRecord } from './environment/dist-info.js';
export type { RecordEntry, RecordReport } from './environment/dist-info.js';
export { ENVIRONMENT_LIMITS, normalName } from './environment/environment.js';
export type {
  Environment,
  EnvironmentIndex,
  EnvironmentNote,
  EnvironmentPackage,
  PackageSource,
} from './environment/environment.js';
export { ENVIRONMENT_SCHEMA, writeEnvironment } from './environment/normal-form.js';
export { readEnvironment } from './environment/read-environment.js';
export type { Requirement } from './requirements/read-requirements.js';
export { readDockerfile } from './dockerfile/read-dockerfile.js';
export type { Instruction } from './dockerfile/read-dockerfile.js';
export { readIni } from './ini/read-ini.js';
export type { IniEntry } from './ini/read-ini.js';
export { readJsonc } from './jsonc/read-jsonc.js';
export type { JsoncReport } from './jsonc/read-jsonc.js';
export { readMakefile } from './makefile/read-makefile.js';
export type { Recipe } from './makefile/read-makefile.js';
export { constantOutput, decodeEscapes, pipelineOutput } from './shell/constants.js';
export { readShell } from './shell/read-shell.js';
export { SHELL_LIMITS } from './shell/script.js';
export type {
  Pipeline,
  Redirect,
  ShellCommand,
  ShellLimits,
  ShellReport,
  ShellScript,
  ShellWord,
} from './shell/script.js';
export { readToml } from './toml/read-toml.js';
export type { TomlReport } from './toml/read-toml.js';
export { walkYaml } from './yaml/walk-yaml.js';
export type { YamlTag, YamlWalk } from './yaml/walk-yaml.js';
export { readSafetensors, SAFETENSORS_LIMITS } from './safetensors/read-safetensors.js';
export type { SafetensorsLimits, SafetensorsProblem, SafetensorsReport } from './safetensors/read-safetensors.js';
export type { Format } from './sniff/magic.js';
export { sniff } from './sniff/sniff.js';
export { utf16Of, utf16Text } from './sniff/utf16.js';
export { unpack, unpackBytes } from './compress/unpacker.js';
export type { Unpacked, Unpacker } from './compress/unpacker.js';
export { UNPACKERS } from './compress/unpackers.js';
export type { Compression } from './compress/unpackers.js';
export { readSevenZip } from './sevenzip/read-sevenzip.js';
export type { SevenZipReport } from './sevenzip/read-sevenzip.js';
export { readTar, TAR_LIMITS } from './tar/read-tar.js';
export type { TarEntry, TarLimits, TarProblem, TarReport } from './tar/read-tar.js';
export { entryUnpacker } from './zip/entry-data.js';
export { readZip } from './zip/read-zip.js';
export { ZIP_LIMITS } from './zip/problems.js';
export type { ZipLimits, ZipProblem } from './zip/problems.js';
export type { ZipEntry, ZipReport } from './zip/read-zip.js';
export { readPlainMessage } from './protobuf/plain-message.js';
export { readTable, TABLE_LIMITS } from './tensorflow/read-table.js';
export type { TableEntry, TableLimits, TableReport } from './tensorflow/read-table.js';
export { readRecords } from './tensorflow/read-records.js';
export type { RecordsReport } from './tensorflow/read-records.js';
export { readTensorflow } from './tensorflow/read-tensorflow.js';
export { TENSORFLOW_LIMITS } from './tensorflow/report.js';
export type {
  Keeps,
  TensorflowAttribute,
  TensorflowFunction,
  TensorflowGraph,
  TensorflowKind,
  TensorflowLimits,
  TensorflowNode,
  TensorflowReport,
} from './tensorflow/report.js';
export { graphFromText, isLabelMap } from './tensorflow/graph-text.js';
export type { GraphText } from './tensorflow/graph-text.js';
export { readTflite, TFLITE_LIMITS } from './tflite/read-tflite.js';
export type { TfliteLimits, TfliteReport } from './tflite/read-tflite.js';
export { verifyKeyless } from './sigstore/verify-keyless.js';
export type { KeylessBundle, KeylessFailure, KeylessReport } from './sigstore/verify-keyless.js';
export type { BasicConstraints, KeyUsage } from './x509/extensions.js';
export type { FulcioClaims } from './x509/fulcio.js';
export type { AlternativeName } from './x509/names.js';
export { readPemCertificates } from './x509/pem.js';
export type { PemReport } from './x509/pem.js';
export { readCertificate } from './x509/read-certificate.js';
export type { CertificateFields, CertificateReport } from './x509/read-certificate.js';
export type {
  Batch,
  BatchOptions,
  Column,
  ColumnType,
  NumberValues,
  Table,
  TableNote,
  TextValues,
  Values,
} from './table/table.js';
export { readPng } from './image/read-png.js';
export type { PngImage, PngResult } from './image/read-png.js';
export { readMatrix } from './npy/read-matrix.js';
export type { Matrix, MatrixOptions } from './npy/read-matrix.js';
export type { TextEncodingName } from './table/input.js';
export { TABLE_DEFAULTS as OPEN_TABLE_LIMITS } from './table/limits.js';
export type { TableLimits as OpenTableLimits } from './table/limits.js';
export { openArrow } from './arrow/open-arrow.js';
export { openParquet } from './parquet/open-parquet.js';
export { cellAs } from './csv/cell-as.js';
export { openTable } from './table/open-table.js';
export type { OpenTableOptions, TableFormat } from './table/open-table.js';

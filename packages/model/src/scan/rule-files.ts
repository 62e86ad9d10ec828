// Every rule file of the scanner, as it is on disk. Judgement is data, so that it can be corrected, digested and shipped.
import archive from './rules/archive.json' with { type: 'json' };
import archiveFindings from './rules/findings/archive.json' with { type: 'json' };
import configFindings from './rules/findings/config.json' with { type: 'json' };
import containerFindings from './rules/findings/container.json' with { type: 'json' };
import fileFindings from './rules/findings/file.json' with { type: 'json' };
import ggufFindings from './rules/findings/gguf.json' with { type: 'json' };
import jinjaFindings from './rules/findings/jinja.json' with { type: 'json' };
import kerasFindings from './rules/findings/keras.json' with { type: 'json' };
import lightgbmFindings from './rules/findings/lightgbm.json' with { type: 'json' };
import msgpackFindings from './rules/findings/msgpack.json' with { type: 'json' };
import notebookFindings from './rules/findings/notebook.json' with { type: 'json' };
import numpyFindings from './rules/findings/numpy.json' with { type: 'json' };
import onnxFindings from './rules/findings/onnx.json' with { type: 'json' };
import pickleFindings from './rules/findings/pickle.json' with { type: 'json' };
import pythonFindings from './rules/findings/python.json' with { type: 'json' };
import rdataFindings from './rules/findings/rdata.json' with { type: 'json' };
import readmeFindings from './rules/findings/readme.json' with { type: 'json' };
import requirementsFindings from './rules/findings/requirements.json' with { type: 'json' };
import safetensorsFindings from './rules/findings/safetensors.json' with { type: 'json' };
import scannerFindings from './rules/findings/scanner.json' with { type: 'json' };
import secretFindings from './rules/findings/secret.json' with { type: 'json' };
import servingFindings from './rules/findings/serving.json' with { type: 'json' };
import shellFindings from './rules/findings/shell.json' with { type: 'json' };
import skopsFindings from './rules/findings/skops.json' with { type: 'json' };
import tensorflowFindings from './rules/findings/tensorflow.json' with { type: 'json' };
import tfliteFindings from './rules/findings/tflite.json' with { type: 'json' };
import workspaceFindings from './rules/findings/workspace.json' with { type: 'json' };
import xgboostFindings from './rules/findings/xgboost.json' with { type: 'json' };
import xmlFindings from './rules/findings/xml.json' with { type: 'json' };
import jinja from './rules/jinja.json' with { type: 'json' };
import jsonKeys from './rules/json-keys.json' with { type: 'json' };
import keras from './rules/keras.json' with { type: 'json' };
import lightgbm from './rules/lightgbm.json' with { type: 'json' };
import names from './rules/names.json' with { type: 'json' };
import assistant from './rules/assistant-text.json' with { type: 'json' };
import popular from './rules/popular-packages.json' with { type: 'json' };
import pythonCode from './rules/python-code.json' with { type: 'json' };
import shell from './rules/shell-commands.json' with { type: 'json' };
import workspace from './rules/workspace.json' with { type: 'json' };
import yamlTags from './rules/yaml-tags.json' with { type: 'json' };
import onnx from './rules/onnx.json' with { type: 'json' };
import rdata from './rules/rdata.json' with { type: 'json' };
import serving from './rules/serving.json' with { type: 'json' };
import skops from './rules/skops.json' with { type: 'json' };
import xgboost from './rules/xgboost.json' with { type: 'json' };
import xml from './rules/xml.json' with { type: 'json' };
import aliases from './rules/pickle/aliases.json' with { type: 'json' };
import explain from './rules/pickle/explain.json' with { type: 'json' };
import known from './rules/pickle/known-packages.json' with { type: 'json' };
import dillPack from './rules/pickle/dill.json' with { type: 'json' };
import gensimPack from './rules/pickle/gensim.json' with { type: 'json' };
import jaxPack from './rules/pickle/jax.json' with { type: 'json' };
import nltkPack from './rules/pickle/nltk.json' with { type: 'json' };
import sentenceTransformersPack from './rules/pickle/sentence-transformers.json' with { type: 'json' };
import joblibPack from './rules/pickle/joblib.json' with { type: 'json' };
import lightgbmPack from './rules/pickle/lightgbm.json' with { type: 'json' };
import catboostPack from './rules/pickle/catboost.json' with { type: 'json' };
import networkxPack from './rules/pickle/networkx.json' with { type: 'json' };
import numpyPack from './rules/pickle/numpy.json' with { type: 'json' };
import pandasPack from './rules/pickle/pandas.json' with { type: 'json' };
import pythonPack from './rules/pickle/python.json' with { type: 'json' };
import scipyPack from './rules/pickle/scipy.json' with { type: 'json' };
import sklearnPack from './rules/pickle/sklearn.json' with { type: 'json' };
import statsmodelsPack from './rules/pickle/statsmodels.json' with { type: 'json' };
import torchPack from './rules/pickle/torch.json' with { type: 'json' };
import torchScript from './rules/torchscript.json' with { type: 'json' };
import transformersPack from './rules/pickle/transformers.json' with { type: 'json' };
import xgboostPack from './rules/pickle/xgboost.json' with { type: 'json' };
import tensorflow from './rules/tensorflow.json' with { type: 'json' };
import type { RuleFiles } from './rule-types.js';

// TypeScript widens the literals of a JSON file; a test checks the files against these types' rules.
export const RULE_FILES = {
  findings: [
    archiveFindings,
    configFindings,
    containerFindings,
    fileFindings,
    ggufFindings,
    jinjaFindings,
    kerasFindings,
    lightgbmFindings,
    msgpackFindings,
    notebookFindings,
    numpyFindings,
    onnxFindings,
    pickleFindings,
    pythonFindings,
    rdataFindings,
    readmeFindings,
    requirementsFindings,
    safetensorsFindings,
    scannerFindings,
    secretFindings,
    servingFindings,
    shellFindings,
    skopsFindings,
    tensorflowFindings,
    tfliteFindings,
    workspaceFindings,
    xgboostFindings,
    xmlFindings,
  ],
  packs: [
    pythonPack,
    numpyPack,
    scipyPack,
    pandasPack,
    sklearnPack,
    joblibPack,
    torchPack,
    xgboostPack,
    lightgbmPack,
    transformersPack,
    catboostPack,
    statsmodelsPack,
    networkxPack,
    sentenceTransformersPack,
    nltkPack,
    jaxPack,
    gensimPack,
    dillPack,
  ],
  explain,
  aliases,
  known,
  jinja,
  jsonKeys,
  keras,
  names,
  assistant,
  popular,
  pythonCode,
  shell,
  workspace,
  yamlTags,
  archive,
  lightgbm,
  rdata,
  serving,
  skops,
  xgboost,
  xml,
  torchScript,
  onnx,
  tensorflow,
} as unknown as RuleFiles;

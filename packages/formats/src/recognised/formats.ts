// The formats that this folder tells apart, and the files of TensorFlow.

export type RecognisedFormat =
  | 'tensorflow'
  | 'checkpoint-index'
  | 'tfrecord'
  | 'tensorflow-fingerprint'
  | 'sentencepiece'
  | 'mediapipe'
  | 'coreml'
  | 'coreml-weights'
  | 'caffe'
  | 'cntk'
  | 'paddle'
  | 'paddle-arrays'
  | 'ort'
  | 'mnn'
  | 'ncnn'
  | 'rknn'
  | 'tensorrt'
  | 'mxnet-arrays'
  | 'torch7'
  | 'catboost';

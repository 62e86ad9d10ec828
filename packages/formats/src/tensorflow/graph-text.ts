// Graphs of TensorFlow as text (`graph.pbtxt`, `saved_model.pbtxt`): which message a text is by its outermost fields, and
// the same message in wire format. Field numbers: the `.proto` files of TensorFlow.
import type { TextSchema } from './text-format.js';
import { outerNames, wireFromText } from './text-format.js';

export interface GraphText {
  readonly kind: 'saved-model' | 'meta-graph' | 'graph';
  readonly bytes: Uint8Array;
  readonly unknown: readonly string[];
  readonly fault?: string;
}

const ROOTS = [
  ['saved-model', 'SavedModel', /^(?:saved_model_schema_version|meta_graphs)$/],
  [
    'meta-graph',
    'MetaGraphDef',
    /^(?:meta_info_def|graph_def|saver_def|collection_def|signature_def|asset_file_def|object_graph_def)$/,
  ],
  ['graph', 'GraphDef', /^(?:node|library|version|versions|debug_info)$/],
] as const;

/** @returns undefined when the text is no graph of TensorFlow */
export function graphFromText(text: string): GraphText | undefined {
  const names = outerNames(text, 64);
  if (names === undefined || names.length === 0) return undefined;
  for (const [kind, root, pattern] of ROOTS) {
    if (!names.every((name) => pattern.test(name))) continue;
    const wire = wireFromText(text, SCHEMA, root, { DT_STRING: 7 });
    // Graphs of other makers have fields of the same names outside, and others inside.
    if (kind === 'graph' && names.includes('node') && !/\bop\s*:/.test(text)) return undefined;
    return { kind, ...wire };
  }
  return undefined;
}

/** Names and numbers of classes, as object detection writes them, and nothing else. */
export function isLabelMap(text: string): boolean {
  const names = outerNames(text, 1_000_000);
  if (names === undefined || names.length === 0 || !names.every((name) => name === 'item')) return false;
  const { unknown, fault } = wireFromText(text, LABELS, 'StringIntLabelMap', {});
  return fault === undefined && unknown.length === 0;
}

const LABELS: TextSchema = {
  StringIntLabelMap: { item: [1, 'Item'] },
  Item: {
    name: [1, 'text'],
    id: [2, 'number'],
    display_name: [3, 'text'],
    keypoints: [4, 'none'],
    ancestor_ids: [5, 'none'],
    descendant_ids: [6, 'none'],
    frequency: [7, 'none'],
    instance_count: [8, 'none'],
  },
};

const SCHEMA: TextSchema = {
  SavedModel: { saved_model_schema_version: [1, 'number'], meta_graphs: [2, 'MetaGraphDef'] },
  MetaGraphDef: {
    meta_info_def: [1, 'MetaInfoDef'],
    graph_def: [2, 'GraphDef'],
    saver_def: [3, 'SaverDef'],
    collection_def: [4, 'CollectionPair'],
    signature_def: [5, 'SignaturePair'],
    asset_file_def: [6, 'AssetFileDef'],
    object_graph_def: [7, 'SavedObjectGraph'],
  },
  MetaInfoDef: {
    meta_graph_version: [1, 'text'],
    stripped_op_list: [2, 'none'],
    any_info: [3, 'none'],
    tags: [4, 'text'],
    tensorflow_version: [5, 'text'],
    tensorflow_git_version: [6, 'text'],
    stripped_default_attrs: [7, 'number'],
    function_aliases: [8, 'none'],
  },
  GraphDef: {
    node: [1, 'NodeDef'],
    library: [2, 'FunctionDefLibrary'],
    version: [3, 'number'],
    versions: [4, 'none'],
    debug_info: [5, 'none'],
  },
  NodeDef: {
    name: [1, 'text'],
    op: [2, 'text'],
    input: [3, 'text'],
    device: [4, 'text'],
    attr: [5, 'AttributePair'],
    experimental_debug_info: [6, 'none'],
    experimental_type: [7, 'none'],
  },
  AttributePair: { key: [1, 'text'], value: [2, 'AttrValue'] },
  AttrValue: {
    list: [1, 'ListValue'],
    s: [2, 'text'],
    i: [3, 'none'],
    f: [4, 'none'],
    b: [5, 'none'],
    type: [6, 'none'],
    shape: [7, 'none'],
    tensor: [8, 'TensorProto'],
    placeholder: [9, 'none'],
    func: [10, 'NameAttrList'],
  },
  ListValue: {
    s: [2, 'text'],
    i: [3, 'none'],
    f: [4, 'none'],
    b: [5, 'none'],
    type: [6, 'none'],
    shape: [7, 'none'],
    tensor: [8, 'TensorProto'],
    func: [9, 'NameAttrList'],
  },
  NameAttrList: { name: [1, 'text'], attr: [2, 'AttributePair'] },
  TensorProto: {
    dtype: [1, 'number'],
    tensor_shape: [2, 'TensorShapeProto'],
    version_number: [3, 'none'],
    tensor_content: [4, 'text'],
    half_val: [13, 'none'],
    float_val: [5, 'none'],
    double_val: [6, 'none'],
    int_val: [7, 'none'],
    string_val: [8, 'text'],
    scomplex_val: [9, 'none'],
    int64_val: [10, 'none'],
    bool_val: [11, 'none'],
    dcomplex_val: [12, 'none'],
    resource_handle_val: [14, 'none'],
    variant_val: [15, 'VariantTensorDataProto'],
    uint32_val: [16, 'none'],
    uint64_val: [17, 'none'],
    float8_val: [18, 'none'],
  },
  TensorShapeProto: { dim: [2, 'Dim'], unknown_rank: [3, 'none'] },
  Dim: { size: [1, 'number'], name: [2, 'none'] },
  VariantTensorDataProto: { type_name: [1, 'text'], metadata: [2, 'text'], tensors: [3, 'TensorProto'] },
  FunctionDefLibrary: { function: [1, 'FunctionDef'], gradient: [2, 'none'], registered_gradients: [3, 'none'] },
  FunctionDef: {
    signature: [1, 'OpDef'],
    node_def: [3, 'NodeDef'],
    ret: [4, 'none'],
    attr: [5, 'none'],
    control_ret: [6, 'none'],
    arg_attr: [7, 'none'],
    resource_arg_unique_id: [8, 'none'],
  },
  OpDef: {
    name: [1, 'text'],
    input_arg: [2, 'ArgDef'],
    output_arg: [3, 'none'],
    attr: [4, 'none'],
    summary: [5, 'none'],
    description: [6, 'none'],
    deprecation: [8, 'none'],
    is_aggregate: [16, 'none'],
    is_stateful: [17, 'none'],
    is_commutative: [18, 'none'],
    allows_uninitialized_input: [19, 'none'],
    control_output: [20, 'none'],
    is_distributed_communication: [21, 'none'],
  },
  ArgDef: {
    name: [1, 'text'],
    description: [2, 'none'],
    type: [3, 'none'],
    type_attr: [4, 'none'],
    number_attr: [5, 'none'],
    type_list_attr: [6, 'none'],
    handle_data: [7, 'none'],
    is_ref: [16, 'none'],
    experimental_full_type: [17, 'none'],
  },
  SaverDef: {
    filename_tensor_name: [1, 'text'],
    save_tensor_name: [2, 'text'],
    restore_op_name: [3, 'text'],
    max_to_keep: [4, 'none'],
    sharded: [5, 'none'],
    keep_checkpoint_every_n_hours: [6, 'none'],
    version: [7, 'none'],
  },
  CollectionPair: { key: [1, 'text'], value: [2, 'CollectionDef'] },
  CollectionDef: {
    node_list: [1, 'none'],
    bytes_list: [2, 'BytesList'],
    int64_list: [3, 'none'],
    float_list: [4, 'none'],
    any_list: [5, 'none'],
  },
  BytesList: { value: [1, 'text'] },
  SignaturePair: { key: [1, 'text'], value: [2, 'SignatureDef'] },
  SignatureDef: {
    inputs: [1, 'TensorInfoPair'],
    outputs: [2, 'none'],
    method_name: [3, 'none'],
    defaults: [4, 'none'],
  },
  TensorInfoPair: { key: [1, 'text'], value: [2, 'TensorInfo'] },
  TensorInfo: {
    name: [1, 'text'],
    dtype: [2, 'none'],
    tensor_shape: [3, 'none'],
    coo_sparse: [4, 'none'],
    composite_tensor: [5, 'none'],
  },
  AssetFileDef: { tensor_info: [1, 'TensorInfo'], filename: [2, 'text'] },
  SavedObjectGraph: { nodes: [1, 'SavedObject'], concrete_functions: [2, 'none'] },
  SavedObject: {
    children: [1, 'none'],
    dependencies: [15, 'none'],
    slot_variables: [3, 'none'],
    user_object: [4, 'SavedUserObject'],
    asset: [5, 'none'],
    function: [6, 'none'],
    variable: [7, 'none'],
    bare_concrete_function: [8, 'none'],
    constant: [9, 'none'],
    resource: [10, 'none'],
    captured_tensor: [12, 'none'],
    saveable_objects: [11, 'none'],
    registered_name: [13, 'text'],
    serialized_user_proto: [14, 'none'],
    registered_saver: [16, 'none'],
  },
  SavedUserObject: { identifier: [1, 'text'], version: [2, 'none'], metadata: [3, 'text'] },
};

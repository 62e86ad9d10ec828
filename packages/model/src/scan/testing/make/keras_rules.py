"""Prints the lists of names in rules/keras.json: Keras' own classes and functions, taken from the installed packages.

Run with keras, tf_keras, keras_hub and tensorflow installed; the other members of the file are written by hand.
What runs code, reads a path or fetches an address when it is built is left out by hand: LEFT_OUT below.
"""

import inspect
import json
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

LEFT_OUT = {
    "Lambda",  # code
    "TorchModuleWrapper",  # a pickle of torch
    "TFSMLayer",  # loads a SavedModel from a path
    "ReloadedLayer",
    "ModuleWrapper",
    "JaxLayer",
    "FlaxLayer",  # functions
    "TFOpLambda",
    "TensorFlowOpLayer",
    "ClassMethod",
    "InstanceMethod",
    "InstanceProperty",
    "SlicingOpLambda",  # judged by what they call
    "Layer",
    "Operation",
    "Function",
    "Variable",
    "KerasSaveable",
    "AnonymousMetric",
}
SKIPPED = ("test", "api_export", "torch", "backend.jax", "openvino", "backend.numpy", "litert", "onnx")
# Names of Keras 1 and 2 that no current package has.
EARLIER = """
Merge Highway MaxoutDense TimeDistributedDense ParametricSoftplus SReLU Convolution1D Convolution2D Convolution3D
AtrousConvolution1D AtrousConvolution2D Deconvolution2D Deconvolution3D SeparableConvolution2D SeparableConvolution1D
CuDNNLSTM CuDNNGRU LocallyConnected1D LocallyConnected2D ThresholdedReLU RandomFourierFeatures SyncBatchNormalization
BatchNormalizationV1 BatchNormalizationV2 GRUV2 LSTMV2 DenseFeatures Model Sequential Functional InputLayer
ConvRecurrent2D RandomHeight RandomWidth ExperimentalNormalization LossScaleOptimizer LossScaleOptimizerV1 Policy
PolicyV1 FixedLossScale DynamicLossScale LSTMCellV2 GRUCellV2 MeanSquaredLogarithmicError KLDivergence Nadam NASNet
TFOptimizer CategoryCrossing DiscretizedReLU ReduceMean Slice AddV2 StandardLSTM PeepholeLSTMCell
""".split()


def modules_of(package):
    """What is imported already: importing the other backends as well may not go together."""
    prefix = package.__name__ + "."
    for name, module in sorted(sys.modules.items()):
        if name.startswith(prefix) and module is not None and not any(part in name for part in SKIPPED):
            yield module


def classes_of(package, bases):
    names = set()
    for module in modules_of(package):
        for name, value in vars(module).items():
            if inspect.isclass(value) and issubclass(value, bases) and value.__name__ == name:
                names.add(name)
    return names


def functions_of(*modules):
    names = set()
    for module in modules:
        for name, value in vars(module).items():
            if inspect.isfunction(value) and not name.startswith("_") and name not in ("get", "serialize", "deserialize"):
                names.add(name)
    return names


def main():
    import keras
    import keras_hub
    import tensorflow as tf
    import tf_keras
    from keras.src.saving.keras_saveable import KerasSaveable

    k3 = (
        KerasSaveable,
        keras.initializers.Initializer,
        keras.regularizers.Regularizer,
        keras.constraints.Constraint,
        keras.dtype_policies.DTypePolicy,
        keras.optimizers.schedules.LearningRateSchedule,
        keras.quantizers.Quantizer,
    )
    quantization = [getattr(keras.quantizers, n) for n in dir(keras.quantizers) if n.endswith("Config")]
    k2 = (
        tf_keras.layers.Layer,
        tf_keras.losses.Loss,
        tf_keras.metrics.Metric,
        tf_keras.optimizers.Optimizer,
        tf_keras.optimizers.legacy.Optimizer,
        tf_keras.initializers.Initializer,
        tf_keras.regularizers.Regularizer,
        tf_keras.constraints.Constraint,
        tf_keras.optimizers.schedules.LearningRateSchedule,
        tf_keras.mixed_precision.Policy,
    )
    import keras.src
    import tf_keras.src

    classes = classes_of(keras.src, k3) | classes_of(tf_keras.src, k2)
    classes |= {value.__name__ for value in quantization} | {"FeatureSpace", "Feature", "Cross"}
    functions = functions_of(keras.activations, keras.losses, keras.metrics, keras.ops, keras.ops.nn, keras.ops.linalg)
    functions |= functions_of(keras.ops.numpy, keras.ops.image, keras.constraints, keras.initializers, keras.regularizers)
    functions |= functions_of(tf_keras.activations, tf_keras.losses, tf_keras.metrics, tf_keras.initializers)
    functions |= set(keras.src.losses.ALL_OBJECTS_DICT) | set(keras.src.metrics.ALL_OBJECTS_DICT)
    functions |= set(keras.src.activations.ALL_OBJECTS_DICT)
    hub = classes_of(keras_hub.src, (KerasSaveable,))
    tf_functions, tf_operators = tensorflow_names(tf)
    json.dump(
        {
            "made": f"keras {keras.__version__}, tf_keras {tf_keras.__version__}, keras_hub {keras_hub.__version__}, "
            f"tensorflow {tf.__version__}",
            "classes": sorted((classes | set(EARLIER)) - LEFT_OUT),
            "hub": sorted(hub - classes - LEFT_OUT),
            "functions": sorted(name for name in functions if name[0].islower() or name.isupper() or len(name) < 5),
            "tensorflowFunctions": sorted(tf_functions),
            "tensorflowOperators": sorted(tf_operators),
        },
        sys.stdout,
        indent=2,
    )
    print()


def tensorflow_names(tf):
    """Functions and operators that compute and do nothing else."""
    import re

    effects = re.compile(
        r"py_?func|numpy_function|file|load|save|restore|checkpoint|print|dataset|summary|write|remote|rpc|gfile|plugin|"
        r"assert|custom_op|experimental|distribute|autograph|^function$|^abort$|"
        r"custom_gradient|recompute_grad|creator_scope|nondifferentiable|grad_pass|map_fn|fold[lr]|^scan$|^case$|^cond$|"
        r"while_loop|switch_case|vectorized_map|^gradients$|hessians|^group$",
        re.I,
    )
    found = set()
    for prefix in "math nn linalg signal strings bitwise image sets sparse ragged random quantization audio".split():
        module = getattr(tf, prefix)
        for name, value in vars(module).items():
            if callable(value) and not inspect.isclass(value) and not name.startswith("_") and not effects.search(name):
                found.add(f"{prefix}.{name}")
    for name, value in vars(tf).items():
        where = getattr(value, "__module__", "")
        if callable(value) and not inspect.isclass(value) and not name.startswith("_") and not effects.search(name):
            if where.startswith("tensorflow.python.ops") or where.startswith("tensorflow.python.util.dispatch"):
                found.add(name)
    found |= {f"__operators__.{name}" for name in "add sub mul truediv floordiv mod pow eq ne lt le gt ge logical_and "
              "logical_or logical_xor logical_not matmul getitem neg abs invert ragged_getitem".split()}
    from tensorflow.python.framework import op_def_registry

    names = [name for name in dir(tf.raw_ops) if not name.startswith("_")]
    operators = set()
    for name in names:
        definition = op_def_registry.get(name)
        if definition is None or definition.is_stateful or effects.search(name):
            continue
        if re.search(r"Call|While|^If$|Stateless(If|While|Case)|^Case$|Launch|TRT|Engine|Iterator|Resource|Handle|Table|Xla|Func", name):
            continue
        if any(attribute.type in ("func", "list(func)") for attribute in definition.attr):
            continue
        operators.add(name)
    return found, operators


main()

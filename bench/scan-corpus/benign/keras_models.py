"""Keras archives, HDF5 models and weights, SavedModels, TFLite, checkpoints."""

import os
import pathlib
import tempfile


def make(corpus):
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    corpus.run([keras_files, tensorflow_files])


def models():
    import keras
    import numpy
    from keras import layers

    inputs = lambda *shape, **more: keras.Input(shape, **more)  # noqa: E731
    sequence = lambda *parts: keras.Sequential(list(parts))  # noqa: E731
    text = layers.TextVectorization(max_tokens=20, output_sequence_length=4)
    text.adapt(["a good day", "a bad day"])
    lookup = layers.StringLookup(vocabulary=["red", "green"])
    scale = layers.Normalization()
    scale.adapt(numpy.array([[1.0, 2.0], [3.0, 4.0]]))
    first = inputs(8)
    hidden = layers.Dense(8, activation="gelu")(first)
    joined = layers.Concatenate()([layers.Add()([first, hidden]), layers.Multiply()([first, hidden])])
    branching = keras.Model(first, [layers.Dense(1, name="a")(joined), layers.Dense(2, activation="softmax", name="b")(joined)])
    picture = inputs(16, 16, 3)
    y = layers.Conv2D(4, 3, padding="same", kernel_regularizer=keras.regularizers.L2(1e-3))(picture)
    y = layers.LeakyReLU(negative_slope=0.1)(layers.BatchNormalization()(y))
    residual = keras.Model(picture, layers.GlobalAveragePooling2D()(layers.Add()([y, layers.Conv2D(4, 1)(picture)])))
    query = inputs(5, 8)
    attended = keras.Model(query, layers.LayerNormalization()(layers.MultiHeadAttention(2, 4)(query, query)))
    operated = inputs(4)
    functional = keras.Model(operated, keras.ops.tanh(operated * 2.0 + 1.0))
    compiled = sequence(inputs(4), layers.Dense(3, activation="softmax"))
    compiled.compile(keras.optimizers.Adam(keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9)), keras.losses.SparseCategoricalCrossentropy(), metrics=["accuracy", keras.metrics.AUC()])
    return {
        "dense": sequence(inputs(4), layers.Dense(8, "relu"), layers.Dropout(0.1), layers.Dense(2)),
        "conv": sequence(inputs(16, 16, 3), layers.Rescaling(1 / 255), layers.RandomFlip(), layers.Conv2D(4, 3), layers.MaxPooling2D(), layers.Flatten(), layers.Dense(2)),
        "depthwise": sequence(inputs(8, 8, 3), layers.SeparableConv2D(4, 3), layers.DepthwiseConv2D(3), layers.GlobalMaxPooling2D()),
        "recurrent": sequence(inputs(5), layers.Embedding(20, 4, mask_zero=True), layers.Bidirectional(layers.LSTM(4, return_sequences=True)), layers.GRU(3), layers.Dense(1, "sigmoid")),
        "time-distributed": sequence(inputs(5, 3), layers.TimeDistributed(layers.Dense(2)), layers.SimpleRNN(2)),
        "text": sequence(inputs(1, dtype="string"), text, layers.Embedding(20, 4), layers.GlobalAveragePooling1D()),
        "lookup": sequence(inputs(1, dtype="string"), lookup, layers.CategoryEncoding(4, output_mode="one_hot")),
        "normalised": sequence(inputs(2), scale, layers.Discretization([0.0, 1.0])),
        "branching": branching,
        "residual": residual,
        "attention": attended,
        "operators": functional,
        "compiled": compiled,
        "nested": sequence(inputs(8), branching.layers[1], sequence(inputs(8), layers.Dense(2, name="inner"))),
        "activations": sequence(inputs(4), layers.PReLU(), layers.ELU(), layers.Activation("swish"), layers.UnitNormalization(), layers.GaussianNoise(0.1)),
        "one-d": sequence(inputs(20, 2), layers.Conv1D(3, 3, dilation_rate=2), layers.UpSampling1D(), layers.ZeroPadding1D(), layers.Reshape((-1,))),
    }  # fmt: skip


def keras_files(corpus):
    import keras

    with tempfile.TemporaryDirectory() as folder:
        for number, (name, model) in enumerate(models().items()):
            for extension in ("keras", "h5") if number % 2 == 0 else ("keras",):
                path = pathlib.Path(folder, f"{name}.{extension}")
                try:
                    model.save(path)
                except (ValueError, NotImplementedError, TypeError) as refused:
                    corpus.skip(f"keras {name}.{extension}", refused)
                    continue
                corpus.benign("keras", f"{name}-{extension}", {path.name: path.read_bytes()})
            if number % 3 == 0:
                path = pathlib.Path(folder, f"{name}.weights.h5")
                model.save_weights(path)
                corpus.benign("keras", f"{name}-weights", {path.name: path.read_bytes()})
        corpus.benign("keras", "architecture-json", {"model.json": models()["dense"].to_json()})
        small = keras.applications.MobileNetV3Small(weights=None, input_shape=(32, 32, 3), classes=4)
        small.save(path := pathlib.Path(folder, "mobilenet.keras"))
        corpus.benign("keras", "mobilenet", {path.name: path.read_bytes()})


def tree(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def tensorflow_files(corpus):
    import tensorflow as tf

    class Module(tf.Module):
        def __init__(self, name=None):
            super().__init__(name)
            self.w = tf.Variable(tf.ones((4, 2)))
            self.table = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(["a", "b"], [0, 1]), -1)

        @tf.function(input_signature=[tf.TensorSpec((None, 4))])
        def __call__(self, x):
            for _ in tf.range(3):
                x = x + 1.0 if tf.reduce_sum(x) > 0 else x
            return tf.matmul(x, self.w)

        @tf.function(input_signature=[tf.TensorSpec((), tf.string)])
        def look(self, word):
            return self.table.lookup(word)

    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder, "module")
        tf.saved_model.save(Module(), str(out))
        corpus.benign("tensorflow", "module", tree(out))
        for name in ("dense", "conv", "recurrent", "branching", "text", "attention"):
            model = models()[name]
            out = pathlib.Path(folder, name)
            model.export(str(out), verbose=False)
            corpus.benign("tensorflow", f"exported-{name}", tree(out))
            if name in ("text", "recurrent"):
                continue
            converter = tf.lite.TFLiteConverter.from_keras_model(model)
            corpus.benign("tflite", name, {f"{name}.tflite": converter.convert()})
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
            corpus.benign("tflite", f"{name}-quantised", {f"{name}_int8.tflite": converter.convert()})
        converter = tf.lite.TFLiteConverter.from_keras_model(models()["recurrent"])
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS, tf.lite.OpsSet.SELECT_TF_OPS]
        converter._experimental_lower_tensor_list_ops = False
        corpus.benign("tflite", "recurrent-flex", {"recurrent.tflite": converter.convert()}, source="TensorFlow operators by Flex, harmless ones")
        checkpoint = tf.train.Checkpoint(w=tf.Variable(tf.ones(3)), step=tf.Variable(1))
        checkpoint.write(str(pathlib.Path(folder, "ck", "model.ckpt")))
        corpus.benign("tensorflow", "checkpoint", tree(pathlib.Path(folder, "ck")))
        frozen = tf.function(lambda x: tf.nn.relu(x)).get_concrete_function(tf.TensorSpec((1, 4))).graph.as_graph_def()
        corpus.benign("tensorflow", "frozen", {"frozen_graph.pb": frozen.SerializeToString()})
        corpus.benign("tensorflow", "frozen-text", {"graph.pbtxt": str(frozen)})

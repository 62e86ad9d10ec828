"""Makes clean TensorFlow and TFLite files with the real libraries, for measuring false alarms and for fixtures.

    python tensorflow_files.py FOLDER        every case below as FOLDER/<case>/..., one folder for each
    python tensorflow_files.py --pack FOLDER packs the small ones named in PACKED into ../tensorflow-files.json

Each case is a function; a case that this version of the library cannot make says so and is left out.
"""

import base64
import json
import os
import sys
import traceback
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import numpy as np
import tensorflow as tf

layers = tf.keras.layers
v1 = tf.compat.v1
CASES = {}


def case(function):
    CASES[function.__name__] = function
    return function


def dense():
    return tf.keras.Sequential([layers.Input((4,)), layers.Dense(8, activation="relu"), layers.Dense(2)])


def convolution():
    return tf.keras.Sequential(
        [
            layers.Input((16, 16, 3)),
            layers.Conv2D(4, 3, activation="relu"),
            layers.BatchNormalization(),
            layers.MaxPooling2D(),
            layers.SeparableConv2D(4, 3),
            layers.GlobalAveragePooling2D(),
            layers.Dropout(0.2),
            layers.Dense(3, activation="softmax"),
        ]
    )


def recurrent(kind):
    return tf.keras.Sequential([layers.Input((None, 5)), kind(6, return_sequences=True), kind(4), layers.Dense(1)])


def transformer():
    inputs = layers.Input((12,), dtype="int32")
    hidden = layers.Embedding(50, 8)(inputs)
    hidden = layers.Add()([hidden, layers.MultiHeadAttention(2, 4)(hidden, hidden)])
    hidden = layers.LayerNormalization()(hidden)
    return tf.keras.Model(inputs, layers.Dense(3)(layers.Flatten()(hidden)))


@case
def keras_export_dense(out):
    dense().export(out)


@case
def keras_export_convolution(out):
    convolution().export(out)


@case
def keras_export_lstm(out):
    recurrent(layers.LSTM).export(out)


@case
def keras_export_gru(out):
    recurrent(layers.GRU).export(out)


@case
def keras_export_bidirectional(out):
    tf.keras.Sequential([layers.Input((7, 3)), layers.Bidirectional(layers.LSTM(3)), layers.Dense(1)]).export(out)


@case
def keras_export_transformer(out):
    transformer().export(out)


@case
def keras_saved_by_tf(out):
    model = dense()
    model.compile("adam", "mse")
    model.fit(np.zeros((8, 4)), np.zeros((8, 2)), verbose=0)
    tf.saved_model.save(model, out)


@case
def keras_text_vectorization(out):
    layer = layers.TextVectorization(max_tokens=20, output_sequence_length=4)
    layer.adapt(["a clean text", "another text", "words and words"])
    inputs = layers.Input((1,), dtype="string")
    model = tf.keras.Model(inputs, layers.Embedding(20, 3)(layer(inputs)))
    model.export(out)


@case
def keras_string_lookup(out):
    inputs = layers.Input((1,), dtype="string")
    lookup = layers.StringLookup(vocabulary=["a", "b", "c"])
    tf.keras.Model(inputs, layers.CategoryEncoding(num_tokens=4)(lookup(inputs))).export(out)


@case
def keras_preprocessing(out):
    inputs = layers.Input((8, 8, 3))
    hidden = layers.Rescaling(1 / 255)(inputs)
    hidden = layers.RandomFlip()(hidden)
    hidden = layers.Resizing(4, 4)(hidden)
    tf.keras.Model(inputs, layers.Flatten()(hidden)).export(out)


@case
def keras_discretization_hashing(out):
    a, b = layers.Input((1,)), layers.Input((1,), dtype="string")
    left = layers.Discretization(bin_boundaries=[0.0, 1.0])(a)
    right = layers.Hashing(num_bins=5)(b)
    tf.keras.Model([a, b], layers.Concatenate()([left, right])).export(out)


@case
def module_functions(out):
    class Module(tf.Module):
        def __init__(self):
            self.weight = tf.Variable(tf.random.normal([3, 3]))
            self.count = tf.Variable(0, dtype=tf.int64)

        @tf.function(input_signature=[tf.TensorSpec([None, 3])])
        def predict(self, x):
            self.count.assign_add(1)
            return x @ self.weight

        @tf.function(input_signature=[tf.TensorSpec([], tf.int32)])
        def loop(self, n):
            total = tf.constant(0)
            for i in tf.range(n):
                if i % 2 == 0:
                    total += i
            return total

    module = Module()
    tf.saved_model.save(module, out, signatures={"serving_default": module.predict, "loop": module.loop})


@case
def module_strings(out):
    class Module(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
        def clean(self, text):
            text = tf.strings.lower(tf.strings.regex_replace(text, "[^a-z/]+", " "))
            tf.print("cleaning", tf.shape(text))
            return tf.strings.split(text).to_tensor()

    tf.saved_model.save(Module(), out, signatures=Module().clean.get_concrete_function())


@case
def module_images(out):
    class Module(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
        def serve(self, encoded):
            def one(image):
                image = tf.io.decode_image(image, channels=3, expand_animations=False)
                return tf.image.resize(tf.cast(image, tf.float32) / 255.0, [8, 8])

            return tf.map_fn(one, encoded, fn_output_signature=tf.float32)

    module = Module()
    tf.saved_model.save(module, out, signatures=module.serve)


@case
def module_parse_example(out):
    class Module(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
        def serve(self, examples):
            spec = {"x": tf.io.FixedLenFeature([3], tf.float32), "t": tf.io.VarLenFeature(tf.string)}
            parsed = tf.io.parse_example(examples, spec)
            return {"y": tf.reduce_sum(parsed["x"], 1), "n": tf.sparse.to_dense(parsed["t"])}

    module = Module()
    tf.saved_model.save(module, out, signatures=module.serve)


def vocabulary(folder, name="vocab.txt"):
    path = Path(folder).with_suffix(".src") / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("a\nb\nc\n")
    return str(path)


@case
def module_table_asset(out):
    path = vocabulary(out)

    class Module(tf.Module):
        def __init__(self):
            self.table = tf.lookup.StaticVocabularyTable(
                tf.lookup.TextFileInitializer(
                    path,
                    tf.string,
                    tf.lookup.TextFileIndex.WHOLE_LINE,
                    tf.int64,
                    tf.lookup.TextFileIndex.LINE_NUMBER,
                ),
                2,
            )

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
        def serve(self, keys):
            return self.table.lookup(keys)

    module = Module()
    tf.saved_model.save(module, out, signatures=module.serve)


@case
def module_table_values(out):
    class Module(tf.Module):
        def __init__(self):
            keys, values = tf.constant(["emerson", "lake"]), tf.constant([0, 1], tf.int64)
            self.table = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(keys, values), -1)
            self.mutable = tf.lookup.experimental.MutableHashTable(tf.string, tf.int64, -1)

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
        def serve(self, keys):
            return self.table.lookup(keys)

    module = Module()
    tf.saved_model.save(module, out, signatures=module.serve)


@case
def module_dataset(out):
    class Module(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None], tf.int64)])
        def total(self, values):
            data = tf.data.Dataset.from_tensor_slices(values).map(lambda x: x * 2).batch(2).cache().prefetch(1)
            return data.reduce(tf.constant(0, tf.int64), lambda a, b: a + tf.reduce_sum(b))

    module = Module()
    tf.saved_model.save(module, out, signatures=module.total)


@case
def module_random_linalg(out):
    class Module(tf.Module):
        def __init__(self):
            self.generator = tf.random.Generator.from_seed(1)

        @tf.function(input_signature=[tf.TensorSpec([4, 4])])
        def serve(self, x):
            q, r = tf.linalg.qr(x + self.generator.normal([4, 4]))
            s = tf.signal.stft(tf.reshape(x, [1, 16]), 4, 2)
            return {"q": q, "r": tf.linalg.svd(r, compute_uv=False), "s": tf.abs(s)}

    module = Module()
    tf.saved_model.save(module, out, signatures=module.serve)


@case
def module_ragged_sparse(out):
    class Module(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None, 3])])
        def serve(self, x):
            ragged = tf.RaggedTensor.from_tensor(x, padding=0.0)
            return ragged.to_tensor() + tf.sparse.to_dense(tf.sparse.from_dense(tf.ones([1, 3])))

    module = Module()
    tf.saved_model.save(module, out, signatures=module.serve)


@case
def module_xla(out):
    class Module(tf.Module):
        @tf.function(jit_compile=True, input_signature=[tf.TensorSpec([None, 3])])
        def serve(self, x):
            return tf.nn.softmax(x)

    module = Module()
    tf.saved_model.save(module, out, signatures=module.serve)


@case
def module_gradient(out):
    class Module(tf.Module):
        def __init__(self):
            self.weight = tf.Variable(tf.ones([3, 1]))

        @tf.function(input_signature=[tf.TensorSpec([2, 3]), tf.TensorSpec([2, 1])])
        def train(self, x, y):
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean((x @ self.weight - y) ** 2)
            self.weight.assign_sub(0.1 * tape.gradient(loss, self.weight))
            return {"loss": loss}

    module = Module()
    tf.saved_model.save(
        module, out, signatures=module.train, options=tf.saved_model.SaveOptions(experimental_custom_gradients=True)
    )


@case
def sharded_variables(out):
    class Module(tf.Module):
        def __init__(self):
            self.parts = [tf.Variable(tf.random.normal([64, 64])) for _ in range(4)]

        @tf.function(input_signature=[tf.TensorSpec([None, 64])])
        def serve(self, x):
            for part in self.parts:
                x = x @ part
            return x

    module = Module()
    tf.saved_model.save(
        module, out, signatures=module.serve, options=tf.saved_model.SaveOptions(experimental_sharding_callback=None)
    )


def graph1():
    x = v1.placeholder(tf.float32, [None, 4], "x")
    w = v1.get_variable("w", [4, 3])
    b = v1.get_variable("b", [3], initializer=v1.zeros_initializer())
    return x, tf.identity(tf.nn.softmax(x @ w + b), "y")


@case
def v1_saved_model(out):
    with v1.Graph().as_default(), v1.Session() as session:
        x, y = graph1()
        session.run(v1.global_variables_initializer())
        v1.saved_model.simple_save(session, out, {"x": x}, {"y": y})


@case
def v1_saved_model_table(out):
    path = vocabulary(out)
    with v1.Graph().as_default(), v1.Session() as session:
        keys = v1.placeholder(tf.string, [None], "keys")
        table = tf.lookup.StaticHashTable(
            tf.lookup.TextFileInitializer(
                path, tf.string, tf.lookup.TextFileIndex.WHOLE_LINE, tf.int64, tf.lookup.TextFileIndex.LINE_NUMBER
            ),
            -1,
        )
        values = table.lookup(keys)
        v1.get_variable("w", [2])
        session.run([v1.global_variables_initializer(), v1.tables_initializer()])
        v1.saved_model.simple_save(
            session, out, {"k": keys}, {"v": values}, legacy_init_op=v1.tables_initializer()
        )


@case
def v1_checkpoint(out):
    Path(out).mkdir(parents=True)
    with v1.Graph().as_default(), v1.Session() as session:
        x, y = graph1()
        loss = tf.reduce_mean(y)
        train = v1.train.AdamOptimizer().minimize(loss, global_step=v1.train.get_or_create_global_step())
        v1.summary.scalar("loss", loss)
        session.run(v1.global_variables_initializer())
        session.run(train, {x: np.zeros((2, 4))})
        saver = v1.train.Saver()
        saver.save(session, f"{out}/model.ckpt", global_step=1)
        saver.save(session, f"{out}/model.ckpt", global_step=2)
        v1.train.write_graph(session.graph, out, "graph.pbtxt")
        v1.train.write_graph(session.graph, out, "graph.pb", as_text=False)


@case
def v1_two_savers(out):
    with v1.Graph().as_default(), v1.Session() as session:
        x, y = graph1()
        session.run(v1.global_variables_initializer())
        v1.train.Saver(sharded=True)
        v1.train.Saver(sharded=True)
        v1.saved_model.simple_save(session, out, {"x": x}, {"y": y})


@case
def v1_dynamic_rnn_frozen(out):
    Path(out).mkdir(parents=True)
    with v1.Graph().as_default(), v1.Session() as session:
        x = v1.placeholder(tf.float32, [None, 5, 3], "x")
        i, total = v1.while_loop(
            lambda i, t: i < 5, lambda i, t: (i + 1, t + tf.reduce_sum(x[:, i])), [tf.constant(0), tf.constant(0.0)]
        )
        w = v1.get_variable("w", [1])
        tf.identity(total * w, "y")
        session.run(v1.global_variables_initializer())
        frozen = v1.graph_util.convert_variables_to_constants(session, session.graph_def, ["y"])
        tf.io.write_graph(frozen, out, "frozen.pb", as_text=False)
        tf.io.write_graph(frozen, out, "frozen.pbtxt", as_text=True)


@case
def v1_queue_input(out):
    Path(out).mkdir(parents=True)
    with v1.Graph().as_default(), v1.Session() as session:
        queue = v1.train.slice_input_producer([tf.zeros([10, 2])], num_epochs=1)
        batch = v1.train.shuffle_batch(queue, 2, 10, 2)
        v1.get_variable("w", [2]) * batch
        session.run([v1.global_variables_initializer(), v1.local_variables_initializer()])
        v1.train.Saver().save(session, f"{out}/model.ckpt")


@case
def frozen_keras(out):
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    model = convolution()
    function = tf.function(lambda x: model(x)).get_concrete_function(tf.TensorSpec([1, 16, 16, 3]))
    frozen = convert_variables_to_constants_v2(function)
    tf.io.write_graph(frozen.graph.as_graph_def(), out, "frozen_graph.pb", as_text=False)


@case
def function_graph_text(out):
    function = tf.function(lambda x: tf.while_loop(lambda v: v < 9.0, lambda v: [v * 2.0], [x])[0])
    concrete = function.get_concrete_function(tf.TensorSpec([]))
    tf.io.write_graph(concrete.graph.as_graph_def(), out, "graph.pbtxt", as_text=True)
    tf.io.write_graph(concrete.graph.as_graph_def(), out, "graph.pb", as_text=False)


@case
def saved_model_text(out):
    from google.protobuf import text_format
    from tensorflow.core.protobuf import saved_model_pb2

    dense().export(out)
    model = saved_model_pb2.SavedModel.FromString(Path(out, "saved_model.pb").read_bytes())
    Path(out, "saved_model.pbtxt").write_text(text_format.MessageToString(model))
    Path(out, "saved_model.pb").unlink()


@case
def v2_checkpoint(out):
    model = dense()
    model.compile("adam", "mse")
    model.fit(np.zeros((8, 4)), np.zeros((8, 2)), verbose=0)
    checkpoint = tf.train.Checkpoint(model=model, step=tf.Variable(3))
    manager = tf.train.CheckpointManager(checkpoint, out, max_to_keep=2)
    manager.save()
    manager.save()


@case
def v2_checkpoint_many(out):
    values = {f"v{i}": tf.Variable(tf.random.normal([i + 1])) for i in range(300)}
    tf.train.Checkpoint(**values).write(f"{out}/many")


@case
def strings_checkpoint(out):
    tf.train.Checkpoint(s=tf.Variable(["a", "bb", "a text"]), b=tf.Variable([True, False])).write(f"{out}/ckpt")


@case
def events(out):
    writer = tf.summary.create_file_writer(out)
    with writer.as_default():
        for step in range(5):
            tf.summary.write("loss", 1.0 / (step + 1), step=step)
    writer.close()


@case
def records(out):
    Path(out).mkdir(parents=True)
    with tf.io.TFRecordWriter(f"{out}/train.tfrecord") as writer:
        for i in range(20):
            feature = tf.train.Feature(int64_list=tf.train.Int64List(value=[i]))
            writer.write(tf.train.Example(features=tf.train.Features(feature={"i": feature})).SerializeToString())
    with tf.io.TFRecordWriter(f"{out}/zipped.tfrecord.gz", "GZIP") as writer:
        writer.write(b"x")


@case
def saved_dataset(out):
    tf.data.Dataset.range(5).save(out)


def lite(model, out, name="model.tflite", **settings):
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    for key, value in settings.items():
        setattr(converter, key, value)
    Path(out).mkdir(parents=True, exist_ok=True)
    Path(out, name).write_bytes(converter.convert())


@case
def lite_dense(out):
    lite(dense(), out)


@case
def lite_convolution(out):
    lite(convolution(), out)


@case
def lite_dynamic_range(out):
    lite(convolution(), out, optimizations=[tf.lite.Optimize.DEFAULT])


@case
def lite_float16(out):
    target = tf.lite.TargetSpec(supported_types=[tf.float16])
    lite(convolution(), out, optimizations=[tf.lite.Optimize.DEFAULT], target_spec=target)


@case
def lite_int8(out):
    data = lambda: ([np.random.rand(1, 16, 16, 3).astype("float32")] for _ in range(8))
    target = tf.lite.TargetSpec(supported_ops=[tf.lite.OpsSet.TFLITE_BUILTINS_INT8])
    lite(convolution(), out, optimizations=[tf.lite.Optimize.DEFAULT], representative_dataset=data, target_spec=target)


@case
def lite_lstm(out):
    lite(tf.keras.Sequential([layers.Input((7, 3), batch_size=1), layers.LSTM(4), layers.Dense(1)]), out)


@case
def lite_transformer(out):
    lite(transformer(), out)


def flex(module, function, out):
    converter = tf.lite.TFLiteConverter.from_concrete_functions([function.get_concrete_function()], module)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS, tf.lite.OpsSet.SELECT_TF_OPS]
    Path(out).mkdir(parents=True, exist_ok=True)
    Path(out, "flex.tflite").write_bytes(converter.convert())


@case
def lite_flex(out):
    class Module(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([4, 4])])
        def serve(self, x):
            return tf.linalg.inv(x) + tf.math.lgamma(x)

    module = Module()
    flex(module, module.serve, out)


@case
def lite_flex_strings(out):
    class Module(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([2], tf.string)])
        def serve(self, text):
            return tf.strings.regex_replace(tf.strings.lower(text), "a", "b")

    module = Module()
    flex(module, module.serve, out)


@case
def lite_signatures(out):
    class Module(tf.Module):
        def __init__(self):
            self.weight = tf.Variable(tf.ones([2]))

        @tf.function(input_signature=[tf.TensorSpec([2])])
        def add(self, x):
            return {"y": x + self.weight}

        @tf.function(input_signature=[tf.TensorSpec([2])])
        def multiply(self, x):
            return {"y": x * self.weight}

    module = Module()
    folder = f"{out}.src"
    tf.saved_model.save(module, folder, signatures={"add": module.add, "multiply": module.multiply})
    Path(out).mkdir(parents=True)
    Path(out, "signatures.tflite").write_bytes(tf.lite.TFLiteConverter.from_saved_model(folder).convert())


@case
def lite_table(out):
    class Module(tf.Module):
        def __init__(self):
            init = tf.lookup.KeyValueTensorInitializer(tf.constant(["a", "b"]), tf.constant([1, 2], tf.int64))
            self.table = tf.lookup.StaticHashTable(init, 0)

        @tf.function(input_signature=[tf.TensorSpec([2], tf.string)])
        def serve(self, keys):
            return self.table.lookup(keys)

    module = Module()
    flex(module, module.serve, out)


@case
def lite_with_associated_files(out):
    """As the metadata writer of TFLite Support packs them: a zip behind the model, and a metadata buffer."""
    import zipfile

    lite(dense(), out, "labelled.tflite")
    with zipfile.ZipFile(Path(out, "labelled.tflite"), "a", zipfile.ZIP_STORED) as archive:
        archive.writestr("labels.txt", "cat\ndog\n")


def keras2():
    """Keras 2, which writes `keras_metadata.pb` beside the graph."""
    import tf_keras

    return tf_keras


@case
def keras2_dense(out):
    k = keras2()
    model = k.Sequential([k.layers.Input((4,)), k.layers.Dense(3, activation="relu"), k.layers.Dense(1)])
    model.compile("adam", "mse", metrics=["mae"])
    model.fit(np.zeros((8, 4)), np.zeros((8, 1)), verbose=0)
    model.save(out, save_format="tf")


@case
def keras2_convolution(out):
    k = keras2()
    stack = [k.layers.Input((16, 16, 3)), k.layers.Conv2D(4, 3), k.layers.BatchNormalization(), k.layers.ReLU()]
    k.Sequential([*stack, k.layers.GlobalMaxPooling2D(), k.layers.Dense(2)]).save(out, save_format="tf")


@case
def keras2_lstm(out):
    k = keras2()
    stack = [k.layers.Input((None, 3)), k.layers.Bidirectional(k.layers.LSTM(4)), k.layers.Dense(1)]
    k.Sequential(stack).save(out, save_format="tf")


@case
def keras2_text(out):
    k = keras2()
    layer = k.layers.TextVectorization(max_tokens=10, output_sequence_length=4)
    layer.adapt(["a clean text", "another"])
    k.Sequential([k.layers.Input((1,), dtype="string"), layer, k.layers.Embedding(10, 2)]).save(out, save_format="tf")


@case
def keras2_operators(out):
    k = keras2()
    inputs = k.layers.Input((4,))
    outputs = tf.nn.softmax(tf.reduce_sum(inputs * 2.0, axis=1, keepdims=True) + inputs[:, :1])
    k.Model(inputs, outputs).save(out, save_format="tf")


@case
def keras2_subclass(out):
    k = keras2()

    class Model(k.Model):
        def __init__(self):
            super().__init__()
            self.dense = k.layers.Dense(2)

        def call(self, x):
            return self.dense(x)

    model = Model()
    model(np.zeros((1, 3), "float32"))
    model.save(out, save_format="tf")


@case
def keras2_weights(out):
    k = keras2()
    k.Sequential([k.layers.Input((4,)), k.layers.Dense(3)]).save_weights(f"{out}/weights")


#: Small files of these cases become fixtures; None is every file.
PACKED = {
    "keras_export_dense": None,
    "module_table_asset": None,
    "module_dataset": ["saved_model.pb"],
    "v1_saved_model": None,
    "v1_dynamic_rnn_frozen": ["frozen.pb", "frozen.pbtxt"],
    "keras2_operators": ["keras_metadata.pb"],
    "keras2_weights": None,
    "v2_checkpoint": ["checkpoint"],
    "strings_checkpoint": None,
    "events": None,
    "records": ["train.tfrecord"],
    "lite_dense": ["model.tflite"],
    "lite_flex": ["flex.tflite"],
    "lite_signatures": ["signatures.tflite"],
    "lite_with_associated_files": ["labelled.tflite"],
}


def pack(folder):
    files = []
    for name, wanted in PACKED.items():
        root = Path(folder, name)
        for path in sorted(root.rglob("*")):
            short = str(path.relative_to(root))
            if path.is_file() and path.stat().st_size <= 20480 and (wanted is None or short in wanted):
                files.append({"name": f"{name}/{short}", "base64": base64.b64encode(path.read_bytes()).decode()})
    made = f"CPython {sys.version.split()[0]} with tensorflow {tf.__version__}, keras {tf.keras.__version__}: make/tensorflow_files.py"
    target = Path(__file__).parent.parent / "tensorflow-files.json"
    target.write_text(json.dumps({"made": made, "files": files}, indent=2) + "\n")


def main():
    if sys.argv[1] == "--pack":
        return pack(sys.argv[2])
    wanted = sys.argv[2:] or list(CASES)
    for name in wanted:
        folder = Path(sys.argv[1], name)
        if folder.exists():
            continue
        try:
            CASES[name](str(folder))
        except Exception:
            print("cannot make", name, traceback.format_exc(limit=2), file=sys.stderr)


if __name__ == "__main__":
    main()

# Asks a server with NVIDIA's tritonclient, over HTTP or gRPC. On stdin: {"transport", "place", "key", "model", "mode"}.
import numpy as np
from asking import plain, target, tell, told

here = target()
is_http = here["transport"] == "http"
if is_http:
    import tritonclient.http as triton
else:
    import tritonclient.grpc as triton

client = triton.InferenceServerClient(url=here["place"])
model = here["model"]


def key():
    """Headers of one call: over HTTP the client writes its own into them."""
    return {} if here.get("key") is None else {"authorization": f"Bearer {here['key']}"}


NUMBERS = np.array([[0.5, -1.25, 3.0], [7.0, 0.0, 1e-3]], dtype=np.float32)
MANY = np.zeros((1, 2_000), dtype=np.float32)
WHOLE = np.array([[1, 2], [3, -4]], dtype=np.int64)
TEXTS = np.array([["good day".encode(), "grüß Gott, 你好".encode()]], dtype=np.object_)
FLOWERS = np.array([[5.1, 3.5, 1.4, 0.2], [6.3, 3.3, 6.0, 2.5]], dtype=np.float64)


def tensor(name, values, binary):
    kinds = {"f4": "FP32", "f8": "FP64", "i8": "INT64", "O": "BYTES"}
    kind = kinds[values.dtype.str.lstrip("<|>=")]
    made = triton.InferInput(name, list(values.shape), kind)
    if is_http:
        made.set_data_from_numpy(values, binary_data=binary)
    else:
        made.set_data_from_numpy(values)
    return made


def asked(name, binary):
    return triton.InferRequestedOutput(name, binary_data=binary) if is_http else triton.InferRequestedOutput(name)


def infer(inputs, outputs=None, names=None, **more):
    headers = key()
    # The client names no type, and KServe reads JSON only where it is named. The gateway names it for whoever asks.
    if is_http and here.get("typed") and all(made._get_binary_data() is None for made in inputs):
        headers["Content-Type"] = "application/json"
    result = client.infer(model, inputs, outputs=outputs, headers=headers, **more)
    response = result.get_response() if is_http else result.get_response(as_json=True)
    found = names or [output["name"] for output in response["outputs"]]
    return {"id": response.get("id", ""), "outputs": {name: result.as_numpy(name) for name in found}}


def json_like(call):
    """Over gRPC the answers are messages."""
    return call(headers=key()) if is_http else call(headers=key(), as_json=True)


def lying_shape():
    made = tensor("x", NUMBERS, True)
    made.set_shape([2, 4])
    return infer([made])


def lying_size():
    made = tensor("x", NUMBERS, True)
    made._parameters["binary_data_size"] = 4_000_000
    return infer([made])


def lying_header():
    """More JSON than there is body."""
    body, length = triton.InferenceServerClient.generate_request_body([tensor("x", NUMBERS, True)])
    from geventhttpclient import HTTPClient

    host, port = here["place"].split(":")
    http = HTTPClient(host, int(port))
    answer = http.post(
        f"/v2/models/{model}/infer",
        body=body,
        headers={**key(), "Inference-Header-Content-Length": str(length + 10_000)},
    )
    raise ValueError(answer.read().decode())


ASKS = {
    "server live": lambda: client.is_server_live(headers=key()),
    "server ready": lambda: client.is_server_ready(headers=key()),
    "server metadata": lambda: json_like(client.get_server_metadata),
    "model ready": lambda: client.is_model_ready(model, headers=key()),
    "model metadata": lambda: json_like(lambda **more: client.get_model_metadata(model, **more)),
    "numbers as JSON": lambda: infer([tensor("x", NUMBERS, False)], [asked("twice_x", False)]),
    "numbers in binary form": lambda: infer([tensor("x", NUMBERS, True)], [asked("twice_x", True)]),
    "outputs as the client likes": lambda: infer([tensor("x", NUMBERS, True)]),
    "JSON in, binary out": lambda: infer([tensor("x", NUMBERS, False)]),
    "several inputs": lambda: infer([tensor("x", NUMBERS, True), tensor("n", WHOLE, False), tensor("t", TEXTS, True)]),
    "texts as JSON": lambda: infer([tensor("t", TEXTS, False)], [asked("twice_t", False)]),
    "texts in binary form": lambda: infer([tensor("t", TEXTS, True)], [asked("twice_t", True)]),
    "with an id": lambda: infer([tensor("x", NUMBERS, True)], request_id="question-17"),
    "with a time-out": lambda: infer([tensor("x", NUMBERS, True)], timeout=5_000_000),
}
# What MLServer can do: its REST side has no binary tensors.
FLOWER_ASKS = {
    "server live": ASKS["server live"],
    "server ready": ASKS["server ready"],
    "server metadata": ASKS["server metadata"],
    "model ready": ASKS["model ready"],
    "model metadata": ASKS["model metadata"],
    "flowers": lambda: infer([tensor("flowers", FLOWERS, False)], [asked("predict", False)], ["predict"], request_id="flowers-1"),
    "probabilities": lambda: infer(
        [tensor("flowers", FLOWERS, False)],
        [asked("predict", False), asked("predict_proba", False)],
        ["predict", "predict_proba"],
        request_id="flowers-2",
    ),
}
# What must not get through: broken requests, and whatever manages a server.
BAD = {
    "lying shape": lying_shape,
    "too large": lambda: infer([tensor("x", np.zeros((1, 30_000), dtype=np.float32), True)]),
    "another model": lambda: client.get_model_metadata("other", headers=key()),
    "another version": lambda: client.get_model_metadata(model, "7", headers=key()),
    "priority": lambda: infer([tensor("x", NUMBERS, True)], priority=1),
    "an unknown parameter": lambda: infer([tensor("x", NUMBERS, True)], parameters={"debug": True}),
    "configuration": lambda: client.get_model_config(model, headers=key()),
    "repository": lambda: client.get_model_repository_index(headers=key()),
    "load": lambda: client.load_model(model, headers=key()),
    "statistics": lambda: client.get_inference_statistics(headers=key()),
    "trace": lambda: client.get_trace_settings(headers=key()),
    "log": lambda: client.update_log_settings({"log_verbose_level": 1}, headers=key()),
    "shared memory": lambda: client.get_system_shared_memory_status(headers=key()),
    "register shared memory": lambda: client.register_system_shared_memory("mine", "/mine", 64, headers=key()),
    "input in shared memory": lambda: infer([shared()]),
    "unload": lambda: client.unload_model(model, headers=key()),
}
# Of a server that has one.
REPOSITORY = {
    "repository": lambda: json_like(client.get_model_repository_index),
    "unload": lambda: client.unload_model(model, headers=key()),
    "load": lambda: client.load_model(model, headers=key()),
}
if is_http:
    BAD |= {
        "lying size": lying_size,
        "lying header": lying_header,
        "gzip": lambda: infer([tensor("x", MANY, True)], request_compression_algorithm="gzip"),
        "a query": lambda: infer([tensor("x", NUMBERS, True)], query_params={"debug": "1"}),
    }
else:
    BAD |= {"gzip": lambda: infer([tensor("x", MANY, True)], compression_algorithm="gzip")}


def shared():
    made = triton.InferInput("x", [2, 3], "FP32")
    made.set_shared_memory("mine", 24)
    return made


def answer(ask):
    try:
        return plain(ask())
    except Exception as error:  # whatever it is, it is no answer
        return told(error)


MODES = {"good": ASKS, "flowers": FLOWER_ASKS, "bad": BAD, "repository": REPOSITORY}
tell({name: answer(ask) for name, ask in MODES[here["mode"]].items()})

# Asks a server with KServe's own clients, over HTTP or gRPC. On stdin: {"transport", "place", "key", "model", "mode"}.
import asyncio

import numpy as np
from asking import target, tell, told
from kserve import InferenceGRPCClient, InferenceRESTClient, InferInput, InferRequest
from kserve.inference_client import RESTConfig

here = target()
is_http = here["transport"] == "http"
model = here["model"]
key = here.get("key")

NUMBERS = np.array([[0.5, -1.25, 3.0], [7.0, 0.0, 1e-3]], dtype=np.float32)
TEXTS = np.array([["good day".encode(), "grüß Gott, 你好".encode()]], dtype=np.object_)
FLOWERS = np.array([[5.1, 3.5, 1.4, 0.2], [6.3, 3.3, 6.0, 2.5]], dtype=np.float64)


def request(values, kind, binary=True, shape=None, request_id=None, name=model):
    tensor = InferInput("x", list(values.shape), kind)
    tensor.set_data_from_numpy(values, binary_data=binary)
    if shape is not None:
        tensor.shape = shape
    return InferRequest(name, [tensor], request_id=request_id)


def plain_numbers():
    """Values in the JSON, as people write it by hand."""
    return InferRequest(model, [InferInput("x", [2, 3], "FP32", NUMBERS.flatten().tolist())])


def read(response):
    return {output.name: output.as_numpy() for output in response.outputs}


async def asks(client):
    if is_http:
        base = f"http://{here['place']}"
        headers = {} if key is None else {"authorization": f"Bearer {key}"}

        async def infer(what):
            return read(await client.infer(base, what, model_name=model, headers=dict(headers)))

        health = {
            "server live": lambda: client.is_server_live(base, headers=headers),
            "server ready": lambda: client.is_server_ready(base, headers=headers),
            "model ready": lambda: client.is_model_ready(base, model, headers=headers),
        }
    else:
        headers = [] if key is None else [("authorization", f"Bearer {key}")]

        async def infer(what):
            return read(await client.infer(what, headers=headers))

        health = {
            "server live": lambda: client.is_server_live(headers=headers),
            "server ready": lambda: client.is_server_ready(headers=headers),
            "model ready": lambda: client.is_model_ready(model, headers=headers),
        }
    if here["mode"] == "flowers":
        return health | {"flowers": lambda: infer(request(FLOWERS, "FP64", binary=False))}
    if here["mode"] == "good":
        return health | {
            "plain numbers": lambda: infer(plain_numbers()),
            "numbers in JSON": lambda: infer(request(NUMBERS, "FP32", binary=False)),
            "numbers in binary form": lambda: infer(request(NUMBERS, "FP32")),
            "texts in binary form": lambda: infer(request(TEXTS, "BYTES")),
            "texts in JSON": lambda: infer(request(TEXTS, "BYTES", binary=False)),
            "with an id": lambda: infer(request(NUMBERS, "FP32", request_id="question-17")),
        }
    return {
        "lying shape": lambda: infer(request(NUMBERS, "FP32", shape=[2, 4])),
        "another name in the body": lambda: infer(request(NUMBERS, "FP32", name="other")),
        "too large": lambda: infer(request(np.zeros((1, 30_000), dtype=np.float32), "FP32")),
    }


async def answer(ask):
    try:
        return await ask()
    except Exception as error:  # whatever it is, it is no answer
        return told(error)


async def main():
    client = (
        InferenceRESTClient(RESTConfig(protocol="v2", retries=0))
        if is_http
        else InferenceGRPCClient(here["place"], retries=0)
    )
    answers = {name: await answer(ask) for name, ask in (await asks(client)).items()}
    await client.close()
    tell(answers)


asyncio.run(main())

# Asks `mlflow models serve` with MLflow's own client, and with each of the forms that /invocations reads. On stdin: {"place", "key"}.
import mlflow.models
import requests
from asking import target, tell, told
from mlflow.pyfunc.scoring_server.client import ScoringServerClient
from sklearn.datasets import load_iris

here = target()
base = here["place"]
headers = {} if here.get("key") is None else {"authorization": f"Bearer {here['key']}"}
flowers = load_iris(as_frame=True).data.iloc[[0, 75, 149]]
rows = flowers.to_numpy().tolist()


class Keyed(requests.Session):
    """MLflow's client has no place for a key, so its requests get one here."""

    def request(self, method, url, **more):
        return super().request(method, url, **{**more, "headers": {**(more.get("headers") or {}), **headers}})


def own_client():
    import mlflow.pyfunc.scoring_server.client as module

    session = Keyed()
    module.requests = session
    client = ScoringServerClient("unused", 0)
    client.url_prefix = base
    client.ping()
    return client


def post(path, **more):
    answer = requests.post(base + path, timeout=30, **{**more, "headers": {**(more.get("headers") or {}), **headers}})
    return {"status": answer.status_code} | ({"said": answer.json()} if answer.status_code == 200 else {})


def get(path):
    answer = requests.get(base + path, headers=headers, timeout=30)
    return {"status": answer.status_code} | ({"said": answer.text} if answer.status_code == 200 else {})


def invoke(body):
    return post("/invocations", json=body)


csv = {"data": flowers.to_csv(index=False), "headers": {"content-type": "text/csv"}}
ASKS = {
    "its own client, a table": lambda: own_client().invoke(flowers).get_predictions().to_numpy(),
    "its own client, an array": lambda: own_client().invoke(flowers.to_numpy()).get_predictions().to_numpy(),
    "its own version": lambda: own_client().get_version(),
    "a serving example": lambda: post(
        "/invocations",
        data=mlflow.models.convert_input_example_to_serving_input(flowers),
        headers={"content-type": "application/json"},
    ),
    "dataframe_split": lambda: invoke({"dataframe_split": flowers.to_dict(orient="split")}),
    "dataframe_split, no index": lambda: invoke({"dataframe_split": {"columns": list(flowers), "data": rows}}),
    "dataframe_records": lambda: invoke({"dataframe_records": flowers.to_dict(orient="records")}),
    "inputs, rows": lambda: invoke({"inputs": rows}),
    "inputs, by name": lambda: invoke({"inputs": {name: flowers[name].tolist() for name in flowers}}),
    "instances, rows": lambda: invoke({"instances": rows}),
    "instances, by name": lambda: invoke({"instances": flowers.to_dict(orient="records")}),
    "a charset": lambda: post(
        "/invocations", json={"inputs": rows}, headers={"content-type": "application/json; charset=utf-8"}
    ),
    "comma-separated": lambda: post("/invocations", **csv),
    "ping": lambda: get("/ping"),
    "version": lambda: get("/version"),
}
BAD = {
    "two forms": lambda: invoke({"inputs": rows, "instances": rows}),
    "an unknown field": lambda: invoke({"inputs": rows, "model_uri": "models:/other"}),
    "a row too short": lambda: invoke({"dataframe_split": {"columns": list(flowers), "data": [rows[0][:3]]}}),
    "too large": lambda: invoke({"inputs": rows * 5_000}),
    "rows without end": lambda: invoke({"inputs": rows * 400}),
    "no type": lambda: post("/invocations", data=b'{"inputs": []}'),
    "another type": lambda: post("/invocations", data=b"<x/>", headers={"content-type": "text/xml"}),
    "the page of its interface": lambda: get("/docs"),
    "its description": lambda: get("/openapi.json"),
    "health": lambda: get("/health"),
    "the tracking server": lambda: get("/api/2.0/mlflow/registered-models/search"),
}


def answer(ask):
    try:
        return ask()
    except Exception as error:  # whatever it is, it is no answer
        return told(error)


tell({name: answer(ask) for name, ask in {"good": ASKS, "bad": BAD}[here["mode"]].items()})

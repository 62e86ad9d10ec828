# A KServe model server whose model doubles numbers and gives texts back: `serve_twice.py --http_port P --grpc_port Q`.
import numpy as np
from kserve import InferOutput, InferResponse, Model, ModelServer


class Twice(Model):
    def __init__(self):
        super().__init__("twice")
        self.ready = True

    async def predict(self, payload, headers=None, response_headers=None):
        outputs = []
        for tensor in payload.inputs:
            values = tensor.as_numpy()
            doubled = values if values.dtype == np.object_ else (values * 2).astype(values.dtype)
            output = InferOutput(f"twice_{tensor.name}", list(doubled.shape), tensor.datatype)
            output.set_data_from_numpy(doubled, binary_data=True)
            outputs.append(output)
        return InferResponse(
            response_id=payload.id or "unnamed",
            model_name=self.name,
            infer_outputs=outputs,
            use_binary_outputs=payload.use_binary_outputs,
            requested_outputs=payload.request_outputs,
        )


if __name__ == "__main__":
    ModelServer(workers=1).start([Twice()])

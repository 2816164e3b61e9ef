"""The same model in ONNX Runtime: the graph is built here, of the operators that PyTorch exports."""

import protocol

with protocol.required():
    import numpy as np
    import onnx
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper

state = {}


def graph(weights):
    table, kernel, recurrent, bias, w1, b1, w2, b2 = weights

    def reorder(array):
        """Gates of Keras are input, forget, cell, output; of ONNX input, output, forget, cell."""
        i, f, c, o = np.split(array, 4, axis=-1)
        return np.concatenate([i, o, f, c], axis=-1)

    constants = {
        "table": table,
        "W": reorder(kernel).T[None],
        "R": reorder(recurrent).T[None],
        "B": np.concatenate([reorder(bias), np.zeros_like(bias)])[None],
        "w1": w1,
        "b1": b1,
        "w2": w2,
        "b2": b2,
        "axis": np.array([0], np.int64),
    }
    node = helper.make_node
    return helper.make_graph(
        [
            node("Transpose", ["ids"], ["steps"], perm=[1, 0]),
            node("Gather", ["table", "steps"], ["x"]),  # [time, batch, 32]
            node("LSTM", ["x", "W", "R", "B"], ["", "h"], hidden_size=32),
            node("Squeeze", ["h", "axis"], ["last"]),
            node("Gemm", ["last", "w1", "b1"], ["z1"]),
            node("Relu", ["z1"], ["a1"]),
            node("Gemm", ["a1", "w2", "b2"], ["z2"]),
            node("Sigmoid", ["z2"], ["probability"]),
        ],
        "sentiment",
        [helper.make_tensor_value_info("ids", TensorProto.INT32, ["batch", protocol.TIME])],
        [helper.make_tensor_value_info("probability", TensorProto.FLOAT, ["batch", 1])],
        [
            numpy_helper.from_array(np.ascontiguousarray(value), name)
            for name, value in constants.items()
        ],
    )


def load(folder):
    weights = protocol.read_weights(folder)
    opset = helper.make_opsetid("", 17)
    model = helper.make_model(graph(weights), opset_imports=[opset], ir_version=8)
    onnx.checker.check_model(model)
    state["session"] = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    state["test"] = protocol.read_rows(folder, "test")[0]
    return {"parameters": sum(weight.size for weight in weights)}


def run(x):
    return state["session"].run(None, {"ids": x})[0]


def predict(count):
    x = state["test"][:count]
    batches = range(0, count, protocol.BATCH)
    ms, y = protocol.timed(
        lambda: np.concatenate([run(x[at : at + protocol.BATCH]) for at in batches])
    )
    return {"ms": ms, "probabilities": y[:1000, 0].tolist()}


def one(start, count):
    """One review a call, already numbers: the model alone."""
    times, probabilities = [], []
    for row in range(start, start + count):
        ms, y = protocol.timed(lambda: run(state["test"][row : row + 1]))
        times.append(ms)
        probabilities.append(float(y[0, 0]))
    return {"ms": times, "probabilities": probabilities}


protocol.serve(
    {"onnxruntime": onnxruntime.__version__}, {"load": load, "predict": predict, "one": one}
)

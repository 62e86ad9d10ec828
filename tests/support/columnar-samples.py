"""Writes Parquet and Arrow files with pyarrow, and what a reader should say about every value in them.

columnar-samples.py frozen OUT.json.gz     the small files that are committed with the tests
columnar-samples.py random SEED COUNT DIR  COUNT random ones, each FILE with FILE.json beside it

A value is a number, a text, null for a missing one, or "NaN", "Infinity", "-Infinity". Times are milliseconds since 1970,
times of day and durations are milliseconds, decimals are the nearest double, bytes that are no UTF-8 are hexadecimal.
"""
import base64
import datetime
import decimal
import gzip
import io
import json
import math
import random
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


def milliseconds(value, unit):
    """A count of a unit as a double of milliseconds; nanoseconds by way of microseconds, as a double has 53 bits."""
    if unit == "s":
        return value * 1000
    if unit == "us":
        return value / 1000
    if unit == "ns":
        return (value // 1000 + (value % 1000) / 1000) / 1000
    return value


def plain(value):
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def text_of(value):
    try:
        return value.decode("utf8")
    except UnicodeDecodeError:
        return "0x" + value.hex()


def expected_values(array):
    kind = array.type
    if isinstance(kind, pa.BaseExtensionType):
        return [None if value is None else str(value) for value in array.to_pylist()]
    if pa.types.is_dictionary(kind):
        return expected_values(array.dictionary_decode() if isinstance(array, pa.Array) else array.cast(kind.value_type))
    if pa.types.is_timestamp(kind) or pa.types.is_duration(kind) or pa.types.is_time64(kind):
        return [None if value is None else milliseconds(value, kind.unit) for value in array.cast(pa.int64()).to_pylist()]
    if pa.types.is_time32(kind):
        return [None if value is None else milliseconds(value, kind.unit) for value in array.cast(pa.int32()).to_pylist()]
    if pa.types.is_date(kind):
        wide = array.cast(pa.date32()).cast(pa.int32())
        return [None if value is None else value * 86_400_000 for value in wide.to_pylist()]
    values = array.to_pylist()
    if pa.types.is_decimal(kind) or pa.types.is_floating(kind):
        return [None if value is None else plain(float(value)) for value in values]
    if pa.types.is_boolean(kind):
        return [None if value is None else int(value) for value in values]
    if any(isinstance(value, bytes) for value in values):
        return [None if value is None else text_of(value) for value in values]
    return values


def is_read(kind):
    nested = pa.types.is_nested(kind) or pa.types.is_run_end_encoded(kind)
    return not nested and not pa.types.is_interval(kind)


def expected(table):
    columns, left_out = {}, []

    def add(name, array):
        if pa.types.is_struct(array.type):
            for field, child in zip(array.type, array.combine_chunks().flatten()):
                add(f"{name}.{field.name}", pa.chunked_array([child]))
        elif is_read(array.type):
            columns[name] = expected_values(array)
        else:
            left_out.append(name)

    for name in table.column_names:
        add(name, table[name])
    return {"rows": table.num_rows, "columns": columns, "leftOut": left_out}


WORDS = ["", "a", "Berlin", "São Paulo", "北京", "x" * 40, "one, two", "\U0001f600", "NaN", "a" * 300]


def make_column(kind, rows, rng, missing):
    """An array of random values, repeated in part, so that runs and dictionaries have something to do."""

    def spread(make):
        some = [make() for _ in range(max(1, rng.choice([1, 3, 20, rows])))]
        values = []
        while len(values) < rows:
            values.extend([rng.choice(some)] * rng.choice([1, 1, 1, 2, 9, 40]))
        return [None if rng.random() < missing else value for value in values[:rows]]

    def whole(bits, signed):
        low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
        return rng.choice([low, high, 0, rng.randint(low, high), max(low, min(high, rng.randint(-100, 100)))])

    t = pa.types
    if t.is_null(kind):
        return pa.nulls(rows)
    if t.is_boolean(kind):
        return pa.array(spread(lambda: rng.random() < 0.5), kind)
    if t.is_integer(kind):
        return pa.array(spread(lambda: whole(kind.bit_width, t.is_signed_integer(kind))), kind)
    if t.is_float16(kind):
        return pa.array([None if v is None else np.float16(v) for v in spread(lambda: rng.gauss(0, 100))], kind)
    if t.is_floating(kind):
        special = [math.inf, -math.inf, math.nan, 0.0, -0.0, 1e-310]
        return pa.array(spread(lambda: rng.choice([*special, rng.gauss(0, 1), rng.gauss(0, 1), round(rng.gauss(0, 1), 1)])), kind)
    if t.is_decimal(kind):
        limit = 10**kind.precision - 1
        context = decimal.Context(prec=100)
        return pa.array(spread(lambda: decimal.Decimal(rng.choice([0, limit, -limit, rng.randint(-limit, limit), rng.randint(-999, 999)])).scaleb(-kind.scale, context)), kind)
    if t.is_date64(kind):
        return pa.array([None if v is None else datetime.date(1970, 1, 1) + datetime.timedelta(days=v) for v in spread(lambda: rng.randint(-300_000, 80_000))], kind)
    if t.is_date(kind):
        return pa.array(spread(lambda: rng.randint(-300_000, 80_000)), pa.int32()).cast(kind)
    if t.is_time(kind):
        ticks = 86_400 * PER_SECOND[kind.unit] - 1
        return pa.array(spread(lambda: rng.randint(0, ticks)), pa.int32() if kind.bit_width == 32 else pa.int64()).cast(kind)
    if t.is_timestamp(kind) or t.is_duration(kind):
        limit = 8 * 10**9 * PER_SECOND[kind.unit]
        return pa.array(spread(lambda: rng.choice([0, -1, 1, rng.randint(-limit, limit), rng.randint(10**9, 2 * 10**9) * PER_SECOND[kind.unit]])), pa.int64()).cast(kind)
    if isinstance(kind, pa.BaseExtensionType):
        return pa.ExtensionArray.from_storage(kind, make_column(kind.storage_type, rows, rng, missing))
    if t.is_fixed_size_binary(kind):
        return pa.array(spread(lambda: rng.randbytes(kind.byte_width)), kind)
    if t.is_binary(kind) or t.is_large_binary(kind) or t.is_binary_view(kind):
        return pa.array(spread(lambda: rng.choice([rng.randbytes(rng.randint(0, 30)), b"plain"])), kind)
    if t.is_dictionary(kind):
        values = make_column(kind.value_type, rows, rng, missing)
        return values.dictionary_encode().cast(kind)
    if t.is_struct(kind):
        children = [make_column(field.type, rows, rng, missing) for field in kind]
        mask = pa.array([rng.random() < missing / 2 for _ in range(rows)], pa.bool_()) if missing > 0 else None
        return pa.StructArray.from_arrays(children, fields=list(kind), mask=mask)
    if t.is_list(kind) or t.is_large_list(kind):
        return pa.array(spread(lambda: [rng.randint(0, 5) for _ in range(rng.randint(0, 3))]), kind)
    if t.is_map(kind):
        return pa.array(spread(lambda: [("k", rng.randint(0, 5))]), kind)
    if t.is_run_end_encoded(kind):
        return pa.RunEndEncodedArray.from_arrays([rows], pa.array([1.5])) if rows else pa.RunEndEncodedArray.from_arrays(pa.array([], pa.int32()), pa.array([], pa.float64()))
    words = lambda: rng.choice([rng.choice(WORDS), f"text {rng.randint(0, 10**6)}"])
    return pa.array(spread(words), kind)


COMMON = {
    "i8": pa.int8(), "i16": pa.int16(), "i32": pa.int32(), "i64": pa.int64(),
    "u8": pa.uint8(), "u16": pa.uint16(), "u32": pa.uint32(), "u64": pa.uint64(),
    "f16": pa.float16(), "f32": pa.float32(), "f64": pa.float64(), "flag": pa.bool_(),
    "text": pa.string(), "large": pa.large_string(), "bytes": pa.binary(), "fixed": pa.binary(5),
    "day": pa.date32(), "day64": pa.date64(), "clock_s": pa.time32("ms"), "clock_us": pa.time64("us"), "clock_ns": pa.time64("ns"),
    "at_ms": pa.timestamp("ms"), "at_us": pa.timestamp("us", "UTC"), "at_ns": pa.timestamp("ns"),
    "money": pa.decimal128(7, 2), "wide": pa.decimal128(16, 4), "huge": pa.decimal128(38, 10), "vast": pa.decimal256(60, 8),
    "nothing": pa.null(), "category": pa.dictionary(pa.int16(), pa.string()),
    "group": pa.struct([("one", pa.int32()), ("inner", pa.struct([("word", pa.string()), ("flag", pa.bool_())]))]),
    "list": pa.list_(pa.int64()), "map": pa.map_(pa.string(), pa.int32()),
}  # fmt: skip
PARQUET = {**COMMON, "uuid": pa.uuid()}
ARROW = {
    **COMMON,
    "at_s": pa.timestamp("s"), "clock": pa.time32("s"), "lasts": pa.duration("us"), "lasts_ns": pa.duration("ns"),
    "view": pa.string_view(), "byte_view": pa.binary_view(), "large_bytes": pa.large_binary(),
    "d32": pa.decimal32(7, 2), "d64": pa.decimal64(16, 4), "runs": pa.run_end_encoded(pa.int32(), pa.float64()),
    "numbers": pa.dictionary(pa.int32(), pa.float64()), "days": pa.dictionary(pa.int16(), pa.date32()),
}  # fmt: skip


def make_table(kinds, rows, rng, missing):
    columns = {name: make_column(kind, rows, rng, missing) for name, kind in kinds.items()}
    # Half of the columns without gaps are said to be so.
    fields = [pa.field(name, column.type, not (missing == 0 and index % 2 == 0 and name != "nothing")) for index, (name, column) in enumerate(columns.items())]
    return pa.table(list(columns.values()), schema=pa.schema(fields))


def parquet(table, **options):
    out = io.BytesIO()
    # The schema of Arrow within the metadata is as long as the rest of a small file.
    pq.write_table(table, out, store_schema=False, **options)
    return out.getvalue()


def arrow(table, stream=False, codec=None, chunk=None, deltas=False):
    out = io.BytesIO()
    options = pa.ipc.IpcWriteOptions(compression=codec, emit_dictionary_deltas=deltas, unify_dictionaries=not stream)
    with (pa.ipc.new_stream if stream else pa.ipc.new_file)(out, table.schema, options=options) as writer:
        writer.write_table(table, max_chunksize=chunk)
    return out.getvalue()


CODECS = ["none", "snappy", "gzip", "brotli", "zstd", "lz4"]
INTEGERS = [name for name, kind in COMMON.items() if pa.types.is_integer(kind) or name in ("day", "at_us", "clock_us")]
TEXTS = ["text", "large", "bytes"]
SPLIT = ["f16", "f32", "f64", "i32", "i64", "fixed"]
ENCODINGS = {
    "plain": {},
    "delta": {**{name: "DELTA_BINARY_PACKED" for name in INTEGERS}, **{name: "DELTA_LENGTH_BYTE_ARRAY" for name in TEXTS}},
    "prefix": {**{name: "DELTA_BYTE_ARRAY" for name in [*TEXTS, "fixed"]}, "flag": "RLE"},
    "split": {name: "BYTE_STREAM_SPLIT" for name in SPLIT},
}


def frozen(out):
    rng = random.Random(20_240_601)
    tables, files = {}, []

    def add(table, kind, name, data):
        files.append({"name": name, "kind": kind, "table": table, "base64": base64.b64encode(data).decode()})

    for label, rows, missing in (("full", 60, 0.0), ("gaps", 60, 0.2), ("empty", 0, 0.0), ("lost", 40, 1.0)):
        table = make_table(PARQUET, rows, rng, missing)
        tables[label] = expected(table)
        if label in ("full", "gaps"):
            for index, codec in enumerate(CODECS):
                version = "1.0" if (index + len(label)) % 2 == 0 else "2.0"
                use = {"data_page_size": 200, "row_group_size": 40, "write_page_checksum": index % 2 == 0}
                add(label, "parquet", f"{label}, {codec}, pages {version}", parquet(table, compression=codec, data_page_version=version, **use))
        else:
            add(label, "parquet", label, parquet(table, data_page_version="2.0"))
    for label, missing in (("plain", 0.0), ("sparse", 0.3)):
        names = dict.fromkeys([*INTEGERS, *TEXTS, *SPLIT, "flag", "money", "huge"])
        table = make_table({name: COMMON[name] for name in names}, 100, rng, missing)
        tables[label] = expected(table)
        for index, (encoding, columns) in enumerate(ENCODINGS.items()):
            for version in ("1.0", "2.0"):
                if (index % 2 == 0) == (version == "1.0" and label == "plain"):
                    continue
                add(label, "parquet", f"{label}, {encoding}, pages {version}", parquet(table, use_dictionary=False, column_encoding=columns or None, data_page_version=version, compression="zstd", data_page_size=400, write_batch_size=16))
    some = make_table({name: COMMON[name] for name in ("text", "i64", "at_us", "money", "wide")}, 200, rng, 0.1)
    tables["some"] = expected(some)
    add("some", "parquet", "a dictionary that is given up", parquet(some, dictionary_pagesize_limit=100, data_page_size=200, write_batch_size=20))
    add("some", "parquet", "96-bit times", parquet(some, use_deprecated_int96_timestamps=True, store_decimal_as_integer=True))
    for label, missing in (("arrow", 0.0), ("arrow with gaps", 0.25)):
        table = make_table(ARROW, 36, rng, missing)
        tables[label] = expected(table)
        for codec in (None, "lz4", "zstd"):
            if codec is not None or missing > 0:
                add(label, "arrow", f"{label}, file, {codec}", arrow(table, codec=codec, chunk=20))
        if missing == 0:
            add(label, "arrow", f"{label}, stream", arrow(table, stream=True, chunk=25))
    grown = pa.chunked_array([pa.array(part).dictionary_encode() for part in (["a", "b"], ["a", "b", "c", "c"], ["a", "b", "c", None, "d"])])
    table = pa.table({"word": grown})
    tables["grown"] = expected(table)
    add("grown", "arrow", "a dictionary that grows", arrow(table, stream=True, deltas=True))
    add("grown", "arrow", "a dictionary that is replaced", arrow(table, stream=True))
    text = json.dumps({"tables": tables, "files": files}, ensure_ascii=False, separators=(",", ":"))
    with open(out, "wb") as target:
        target.write(gzip.compress(text.encode(), 9, mtime=0))


def random_files(seed, count, folder):
    rng = random.Random(int(seed))
    for index in range(int(count)):
        missing = rng.choice([0.0, 0.0, 0.01, 0.3, 1.0])
        rows = rng.choice([0, 1, 7, 100, 1000, 5000])
        is_parquet = rng.random() < 0.7
        kinds = PARQUET if is_parquet else ARROW
        names = rng.sample(sorted(kinds), rng.randint(1, 12))
        table = make_table({name: kinds[name] for name in names}, rows, rng, missing)
        if is_parquet:
            encoding = ENCODINGS[rng.choice(list(ENCODINGS))]
            columns = {name: value for name, value in encoding.items() if name in names}
            # Times of 96 bits have no differences.
            old_times = rng.random() < 0.1 and "DELTA_BINARY_PACKED" not in columns.values()
            dictionary = rng.random() < 0.5 or bool(set(names) & {"category"})
            data = parquet(
                table,
                compression=rng.choice(CODECS),
                data_page_version=rng.choice(["1.0", "2.0"]),
                use_dictionary=False if columns else dictionary,
                column_encoding=columns or None,
                data_page_size=rng.choice([64, 1000, 2**20]),
                write_batch_size=rng.choice([3, 100, 1024]),
                row_group_size=rng.choice([13, 500, 2**20]) if rows < 2000 else 2**20,
                dictionary_pagesize_limit=rng.choice([50, 2**20]),
                use_deprecated_int96_timestamps=old_times,
                store_decimal_as_integer=rng.random() < 0.3 and not columns,
                write_page_checksum=rng.random() < 0.5,
            )
        else:
            data = arrow(table, stream=rng.random() < 0.5, codec=rng.choice([None, "lz4", "zstd"]), chunk=rng.choice([None, 11, 400]) if rows < 2000 else None)
        path = f"{folder}/{seed}-{index}.{'parquet' if is_parquet else 'arrow'}"
        with open(path, "wb") as target:
            target.write(data)
        with open(f"{path}.json", "w") as target:
            json.dump(expected(table), target)


if sys.argv[1] == "frozen":
    frozen(sys.argv[2])
else:
    random_files(*sys.argv[2:5])

"""Freezes small arrays as NumPy writes them, with their values: python make-arrays.py > arrays.json"""
import base64
import io
import json
import sys

import numpy as np


def cells(values):
    out = []
    for value in values:
        if isinstance(value, np.datetime64):
            out.append(None if np.isnat(value) else int(value.astype('datetime64[ms]').astype('int64')))
        elif isinstance(value, bytes):
            out.append(value.decode())
        elif isinstance(value, (np.bool_, bool)):
            out.append(int(value))
        elif isinstance(value, str):
            out.append(value)
        else:
            number = float(value)
            out.append(number if np.isfinite(number) else str(number))
    return out


def table(array):
    if array.dtype.names is not None:
        return {name: cells(array[name]) for name in array.dtype.names}
    if array.ndim == 1:
        return {'value': cells(array)}
    flat = array.reshape(array.shape[0], int(np.prod(array.shape[1:])))
    return {f'c{at}': cells(flat[:, at]) for at in range(flat.shape[1])}


random = np.random.default_rng(5)
grid = random.normal(size=(5, 3)) * 100
arrays = {code: grid.astype(code) for code in ['<f8', '>f8', '<f4', '>f4', '<f2', '>f2', '<i8', '>i8', '<i4', '>i4', '<i2', '>i2', 'i1']}
arrays |= {code: np.abs(grid).astype(code) for code in ['<u8', '>u8', '<u4', '>u4', '<u2', '>u2', 'u1', '?']}
arrays |= {
    'fortran': np.asfortranarray(grid),
    'fortran of three axes': np.asfortranarray(random.normal(size=(4, 3, 2))),
    'three axes': random.normal(size=(4, 3, 2)),
    'not finite': np.array([np.nan, np.inf, -np.inf, -0.0, 5e-324]),
    'half': np.array([0, 6e-8, -6e-5, 65504, np.inf, np.nan], dtype='f2'),
    'text': np.array(['', 'é€😀', 'ab']),
    'big-endian text': np.array(['x', 'é€😀'], dtype='>U3'),
    'bytes': np.array([b'', b'abc', b'z']),
    'days': np.array(['1850-02-03', 'NaT', '2001-01-01'], dtype='M8[D]'),
    'nanoseconds': np.array(['1969-12-31T23:59:59.999', '2001-01-01T00:00:00.123'], dtype='M8[ns]'),
    'record': np.array([(1, 2.5, 'x', True), (-3, np.nan, 'yz', False)], dtype=[('i', '>i2'), ('f', '<f4'), ('s', '<U2'), ('b', '?')]),
    'empty': np.zeros((0, 3)),
}
result = []
for name, array in arrays.items():
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    result.append({'name': name, 'npy': base64.b64encode(buffer.getvalue()).decode(), 'columns': table(array)})
packed = {}
for name, save in {'stored': np.savez, 'deflated': np.savez_compressed}.items():
    buffer = io.BytesIO()
    save(buffer, x=grid, y=np.arange(5))
    packed[name] = base64.b64encode(buffer.getvalue()).decode()
objects = io.BytesIO()
np.save(objects, np.array([{'a': 1}], dtype=object), allow_pickle=True)
json.dump({'arrays': result, 'npz': packed, 'grid': grid.ravel().tolist(), 'objects': base64.b64encode(objects.getvalue()).decode()}, sys.stdout, separators=(',', ':'))
print()

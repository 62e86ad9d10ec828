# `python3 cobblestone.py FILE`: the file through Cobblestone-256 of Python's cryptography (50 or newer), memory to memory.
import json
import sys
import time

from cryptography.cobblestone import Cobblestone256Encryptor

with open(sys.argv[1], 'rb') as file:
    data = file.read()
out = bytearray(2 * 1024 * 1024)
encryptor = Cobblestone256Encryptor(Cobblestone256Encryptor.generate_key(), b'bench')
wall, cpu = time.perf_counter(), time.process_time()
view = memoryview(data)
for at in range(0, len(data), 1024 * 1024):
    encryptor.update_into(view[at : at + 1024 * 1024], out)
encryptor.finalize()
print(json.dumps({'seconds': time.perf_counter() - wall, 'cpu': time.process_time() - cpu, 'count': len(data)}))

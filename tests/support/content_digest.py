"""The content digest of an artifact as FORMAT.md defines it, computed by h5py and libxxhash alone."""
import ctypes
import struct

import h5py
import numpy as np


class _Hash128(ctypes.Structure):
    _fields_ = [("low", ctypes.c_uint64), ("high", ctypes.c_uint64)]


def _text(text):
    return struct.pack("<Q", len(text)) + text.encode()


def content_digest(path):
    """XXH3 of path, type, shape and values of every dataset, in order of paths; texts after their length."""
    content = b""
    with h5py.File(path) as file:
        names = []
        file.visititems(lambda name, node: names.append("/" + name) if isinstance(node, h5py.Dataset) else None)
        for name in sorted(names):
            kind, shape = file[name].id.get_type(), " ".join(map(str, file[name].shape))
            content += _text(name) + _text(f"class {kind.get_class()} size {kind.get_size()} shape {shape}")
            content += np.ascontiguousarray(file[name][()]).tobytes()
    xxhash = ctypes.CDLL("libxxhash.so.0")
    xxhash.XXH3_128bits.restype = _Hash128
    xxhash.XXH3_128bits.argtypes = [ctypes.c_char_p, ctypes.c_size_t]
    digest = xxhash.XXH3_128bits(content, len(content))
    return f"{digest.high:016x}{digest.low:016x}"


def approve(path):
    """Records the digest of a file that was changed by hand, so that it counts as written like that."""
    digest = content_digest(path)
    with h5py.File(path, "a") as file:
        file.attrs["content_digest"] = np.bytes_(digest)

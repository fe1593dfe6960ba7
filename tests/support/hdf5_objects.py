"""What a file holds, for comparing it before and after."""
import hashlib

import h5py
import numpy as np


def objects(path, without="/rnn_output"):
    """{path: what it is, holds and is marked with} of every object of a file but `without` and all below it."""
    def describe(node):
        marks = {name: attribute_of(node, name) for name in node.attrs}
        if isinstance(node, h5py.Group):
            return "group", marks
        digest = hashlib.sha256(np.ascontiguousarray(node[()]).tobytes()).hexdigest()
        return str(node.dtype), node.shape, node.chunks, digest, marks

    found = {}
    with h5py.File(path) as file:
        found["/"] = describe(file)
        file.visititems(lambda name, node: found.update({"/" + name: describe(node)}))
    return {name: what for name, what in found.items() if not name.startswith(without)}


def attribute_of(node, name):
    """Value, type, length and character set of a text, and kind of space of one attribute."""
    attribute = h5py.h5a.open(node.id, name.encode())
    kind = attribute.get_type()
    text = None
    if isinstance(kind, h5py.h5t.TypeStringID):
        text = kind.is_variable_str(), kind.get_size(), kind.get_cset()
    value = node.attrs[name]
    value = None if isinstance(value, h5py.Empty) else np.asarray(value).tobytes()
    return value, str(kind.dtype), text, attribute.get_space().get_simple_extent_type()

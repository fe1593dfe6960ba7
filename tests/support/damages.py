"""A corpus of bad sessions: a good one damaged in each way that is known to happen, and what must be said of it.

DAMAGES is the table. Each entry starts from the session of small_session.write() in a folder "session".
"""
import dataclasses
import json
import struct
import typing

import h5py
import numpy as np

import small_session

ARRAY = "spike_trains/dig_in_1/spike_array"
VALUES = {"expected a spike count", "taste quinine (dig_in_1)", "trial 3, unit 2, 456 ms"}


@dataclasses.dataclass
class Damage:
    name: str
    #: Damages the session folder; what it returns, if anything, is used in its place.
    apply: typing.Callable
    #: What the message says, besides the session's folder.
    words: typing.Sequence[str]
    code: int = 4
    stage: str = "extract_bins"
    #: Done to the session, and stages that then have to work, before it is damaged.
    prepare: typing.Callable = None
    after: typing.Sequence[str] = ()
    arguments: typing.Sequence[str] = ()


def array(make, taste=1):
    """Puts make(the array) in place of a spike array."""
    def apply(session):
        with small_session.edit(session) as file:
            path = f"spike_trains/dig_in_{taste}/spike_array"
            small_session.replace(file, path, make(file[path][()]))
    return apply


def value(number):
    """Puts one number among the spikes."""
    def apply(session):
        with small_session.edit(session) as file:
            file[ARRAY][3, 2, 456] = number
    return apply


def edit(change):
    """Calls change(the open .h5)."""
    def apply(session):
        with small_session.edit(session) as file:
            change(file)
    return apply


def declared(shape, **layout):
    """A header that declares this shape, with nothing stored."""
    def change(file):
        del file[ARRAY]
        space, kind = h5py.h5s.create_simple(shape), h5py.h5t.NATIVE_UINT8
        properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        properties.set_alloc_time(h5py.h5d.ALLOC_TIME_INCR)
        properties.set_chunk((1, 5, 100))
        if layout.get("packed"):
            properties.set_deflate(9)
        h5py.h5d.create(file["spike_trains/dig_in_1"].id, b"spike_array", kind, space, properties)
    return edit(change)


def large_chunks(session):
    """Packed chunks declared longer than the array is, which HDF5 1.10 crashes on."""
    def change(file):
        spikes = file[ARRAY][()].astype("u1")
        del file[ARRAY]
        file.create_dataset(ARRAY, data=spikes, chunks=(5, 4, 999), compression="gzip")
    edit(change)(session)
    path = small_session.h5_of(session)
    declared = struct.pack("<4I", 5, 4, 999, 1)
    data = path.read_bytes()
    assert data.count(declared) == 1
    path.write_bytes(data.replace(declared, struct.pack("<4I", 512, 1024, 4095, 1)))


def attribute(name, value):
    return edit(lambda file: file["spike_trains"].attrs.__setitem__(name, value))


def link(target, at=ARRAY):
    return edit(lambda file: small_session.replace(file, at, target))


def outside(session, name="outside.h5"):
    """The session's spikes in a file beside its folder."""
    path = session.parent / name
    with small_session.edit(session) as file, h5py.File(path, "w") as other:
        other["x"] = file[ARRAY][()]
    return path


def link_outside(session):
    link(h5py.ExternalLink(str(outside(session)), "/x"))(session)


def link_above(session):
    link(h5py.ExternalLink("../" + outside(session).name, "/x"))(session)


def link_through_symlink(session):
    (session / "looks_inside").symlink_to(outside(session))
    link(h5py.ExternalLink("looks_inside", "/x"))(session)


def soft_link_over_link_outside(session):
    path = outside(session)

    def change(file):
        file["away"] = h5py.ExternalLink(str(path), "/")
        small_session.replace(file, ARRAY, h5py.SoftLink("/away/x"))
    edit(change)(session)


def link_in_linked_file(session):
    with h5py.File(session / "inside.h5.part", "w") as file:
        file["x"] = h5py.ExternalLink(str(outside(session)), "/x")
    link(h5py.ExternalLink("inside.h5.part", "/x"))(session)


def raw_file_outside(session):
    path = session.parent / "spikes.raw"

    def change(file):
        spikes = file[ARRAY][()].astype("u1")
        path.write_bytes(spikes.tobytes())
        del file[ARRAY]
        file.create_dataset(ARRAY, spikes.shape, "u1", external=[(str(path), 0, spikes.size)])
    edit(change)(session)


def raw_file_missing(session):
    def change(file):
        del file[ARRAY]
        file.create_dataset(ARRAY, (7, 5, 1000), "u1", external=[("gone.raw", 0, 35000)])
    edit(change)(session)


def virtual(source, name="x"):
    def change(file):
        del file[ARRAY]
        layout = h5py.VirtualLayout((7, 5, 1000), "f8")
        layout[:] = h5py.VirtualSource(str(source), name, (7, 5, 1000))
        file.create_virtual_dataset(ARRAY, layout)
    return edit(change)


def virtual_outside(session):
    virtual(outside(session))(session)


def virtual_circle(session):
    with h5py.File(session / "other.h5.part", "w") as file:
        layout = h5py.VirtualLayout((7, 5, 1000), "f8")
        layout[:] = h5py.VirtualSource(str(small_session.h5_of(session).name), ARRAY, (7, 5, 1000))
        file.create_virtual_dataset("x", layout)
    virtual("other.h5.part")(session)


def group_in_place_of_array(file):
    del file[ARRAY]
    file.create_group(ARRAY)


def electrodes(*numbers):
    return lambda session: small_session.write(session, electrodes=numbers)


def info(text):
    def apply(session):
        (session / "session.info").write_text(text)
    return apply


def layout(**regions):
    return info(json.dumps({"electrode_layout": regions}))


def descriptor(rows, kind):
    return edit(lambda file: small_session.replace(file, "unit_descriptor", np.array(rows, kind)))


def overwrite(data):
    def apply(session):
        small_session.h5_of(session).write_bytes(data)
    return apply


def damaged_link_among_many(session):
    """One record in the storage that HDF5 uses for many links; HDF5 1.10 itself crashes when it sorts such links."""
    path = small_session.h5_of(session)
    with h5py.File(path, "w", libver=("v108", "v108")) as file:
        for taste in range(12):
            file[f"spike_trains/dig_in_{taste}/spike_array"] = small_session.draw_spikes()[0]
    data = bytearray(path.read_bytes())
    at = data.index(b"\x01\x00\x08dig_in_7")
    data[at] = 99
    path.write_bytes(data)


def cut(share):
    return lambda session: small_session.truncate(small_session.h5_of(session), share)


def zero_the_middle(session):
    """As a copy that was broken off leaves a sparse file."""
    with small_session.h5_of(session).open("r+b") as file:
        end = file.seek(0, 2)
        file.seek(512)
        file.write(bytes(end - 512))


def flip_packed_bit(session):
    edit(lambda file: file.create_dataset("packed", data=file[ARRAY][()], chunks=(1, 5, 1000), compression="gzip",
                                          fletcher32=True))(session)
    edit(lambda file: (file.pop(ARRAY), file.move("packed", ARRAY)))(session)
    small_session.flip_bit_of(small_session.h5_of(session), ARRAY)


def settings(text):
    def apply(session):
        (session.parent / "settings.toml").write_bytes(text)
    return apply


def nothing(session):
    pass


def silent(session):
    small_session.write(session, [np.zeros((8, 5, 1000)), np.zeros((7, 5, 1000))])


def constant(session):
    """Every unit fires in every bin alike: nothing for a PCA to find."""
    arrays = [np.zeros((trials, 5, 1000)) for trials in (8, 7)]
    for spikes in arrays:
        spikes[:, :, ::25] = 1
    small_session.write(session, arrays)


def artifact_attribute(name, text):
    def apply(session):
        with h5py.File(session / "rnn_output" / "bins.h5", "a") as file:
            file.attrs[name] = text
    return apply


def odd_place(damage):
    """The same damage in a folder whose name has spaces and letters of other scripts."""
    def apply(session):
        damage(session)
        moved = session.parent / "séance n° 3 味覚 (copy)"
        session.rename(moved)
        return moved
    return apply


CONFIG = ("-c", "{folder}/settings.toml")

DAMAGES = [
    # The file as a whole
    Damage("cut to nine tenths", cut(0.9), ["not a whole HDF5 file"]),
    Damage("cut to half", cut(0.5), ["not a whole HDF5 file"]),
    Damage("cut to a hundredth", cut(0.01), ["not a whole HDF5 file"]),
    Damage("empty", cut(0), ["not a whole HDF5 file"]),
    Damage("zeros after a broken-off copy", zero_the_middle, ["damaged"]),
    Damage("a text", overwrite(b"unit,time\n0,12\n"), ["not a whole HDF5 file"]),
    Damage("only the signature", overwrite(b"\x89HDF\r\n\x1a\n"), ["not a whole HDF5 file"]),
    Damage("a flipped bit in packed spikes", flip_packed_bit, ["dig_in_1/spike_array", "damaged"]),
    Damage("a damaged link among many", damaged_link_among_many, ["damaged"]),
    # Groups and arrays
    Damage("no spike_trains", edit(lambda file: file.pop("spike_trains")),
           ["neither /spike_trains nor /sorted_units", "unit_descriptor", "blech_make_arrays.py"]),
    Damage("no dig-in", edit(lambda file: (file.pop("spike_trains/dig_in_0"), file.pop("spike_trains/dig_in_1"))),
           [":/spike_trains", "no dig-in"]),
    Damage("no spike_array", edit(lambda file: file.move(ARRAY, "spike_trains/dig_in_1/array")),
           [":/spike_trains/dig_in_1", "no spike_array", "it holds: array"]),
    Damage("a group for an array", edit(group_in_place_of_array), [":/spike_trains/dig_in_1", "no spike_array"]),
    Damage("an array for the group of tastes",
           edit(lambda file: (file.pop("spike_trains"), file.create_dataset("spike_trains", data=[1, 2]))),
           ["neither /spike_trains nor /sorted_units"]),
    Damage("no axis", array(lambda spikes: 3.0), ["dig_in_1", "0 axes", "expected 3"]),
    Damage("a null dataspace", array(lambda spikes: h5py.Empty("f8")), ["dig_in_1", "0 axes", "expected 3"]),
    Damage("2-D spikes", array(lambda spikes: spikes[:, 0]), ["dig_in_1", "2 axes (7 x 1000)", "trial, unit, ms"]),
    Damage("4-D spikes", array(lambda spikes: spikes[..., None]), ["4 axes (7 x 5 x 1000 x 1)"]),
    Damage("texts", array(lambda spikes: np.full((7, 5, 4), b"1")), ["dig_in_1", "no numbers"]),
    Damage("texts of any length", array(lambda spikes: np.full((7, 5, 4), "1", h5py.string_dtype())), ["no numbers"]),
    Damage("records", array(lambda spikes: np.zeros((7, 5, 4), [("a", "i4")])), ["dig_in_1", "no numbers"]),
    Damage("complex numbers", array(lambda spikes: spikes.astype("c16")), ["dig_in_1", "no numbers"]),
    Damage("references", array(lambda spikes: np.full((7, 5, 4), None, h5py.ref_dtype)), ["dig_in_1", "no numbers"]),
    Damage("zero trials", array(lambda spikes: spikes[:0]), ["dig_in_1", "0 x 5 x 1000", "no trial"]),
    Damage("zero units", array(lambda spikes: spikes[:, :0]), ["dig_in_1", "no unit"]),
    Damage("zero ms", array(lambda spikes: spikes[..., :0]), ["dig_in_1", "no ms"]),
    Damage("a unit more in one taste", array(lambda spikes: spikes.repeat(2, axis=1)[:, :6]),
           ["6 units and 1000 ms", "5 units and 1000 ms"]),
    Damage("a shorter array in one taste", array(lambda spikes: spikes[..., :900]),
           ["5 units and 900 ms", "5 units and 1000 ms"]),
    Damage("2^31 trials declared", declared((2**31, 5, 1000)), ["2147483648 x 5 x 1000", "damaged"]),
    Damage("2^31 units declared", declared((7, 2**31, 1000)), ["7 x 2147483648 x 1000", "damaged"]),
    Damage("2^31 ms declared, packed", declared((7, 5, 2**31), packed=True), ["7 x 5 x 2147483648", "damaged"]),
    Damage("more values declared than 64 bits count", declared((2**31, 2**31, 2**31)), ["damaged"]),
    Damage("chunks longer than the array", large_chunks, ["dig_in_1", "damaged", *(
        # Later versions of HDF5 find it by themselves.
        ["chunks of 512 along axis 0", "at most 7"] if h5py.version.hdf5_version_tuple < (1, 14) else [])]),
    # Attributes
    Damage("a width of bins that is a text", attribute("bin_ms", "25"), ["/spike_trains", "'bin_ms'", "not a number"]),
    Damage("a width of bins that is a list", attribute("bin_ms", [25, 25]), ["'bin_ms'", "not a number"]),
    Damage("a time of the stimulus that is a text", attribute("stim_ms", "300"),
           ["/spike_trains", "'stim_ms'", "not a number"]),
    # Values
    Damage("NaN", value(np.nan), [*VALUES, "found nan"]),
    Damage("infinity", value(np.inf), [*VALUES, "found inf"]),
    Damage("a negative count", value(-1), [*VALUES, "found -1"]),
    Damage("half a count", value(0.5), [*VALUES, "found 0.5"]),
    Damage("a negative fraction", value(-0.25), [*VALUES, "found -0.25"]),
    Damage("a count beyond reason", value(1e9), [*VALUES, "found 1000000000"]),
    Damage("all units silent", nothing, ["bins.h5", "none of the 5 units changes its spike count"], stage="reduce_pca",
           prepare=silent, after=["extract_bins"]),
    Damage("PCA of rank 0", nothing, ["bins.h5", "none of the 5 units changes its spike count"], stage="reduce_pca",
           prepare=constant, after=["extract_bins"]),
    # Links
    Damage("a soft link to nowhere", link(h5py.SoftLink("/spikes")),
           ["dig_in_1/spike_array", "soft link to /spikes", "not there"]),
    Damage("a soft link to itself", link(h5py.SoftLink("/" + ARRAY)),
           ["dig_in_1/spike_array", "more than 16 links", "circle"]),
    Damage("two soft links in a circle",
           edit(lambda file: (file.__setitem__("round", h5py.SoftLink("/" + ARRAY)),
                              small_session.replace(file, ARRAY, h5py.SoftLink("/round")))),
           ["dig_in_1/spike_array", "more than 16 links", "circle"]),
    Damage("a soft link to itself for all tastes", link(h5py.SoftLink("/spike_trains"), at="spike_trains"),
           ["/spike_trains", "more than 16 links", "circle"]),
    Damage("an external link to itself", link(h5py.ExternalLink("session.h5", "/" + ARRAY)),
           ["dig_in_1/spike_array", "more than 16 links", "circle"]),
    Damage("an external link to no file", link(h5py.ExternalLink("gone.h5", "/x")),
           ["dig_in_1/spike_array", "external link to /x", "gone.h5, which is not there"]),
    Damage("an external link to no object", link(h5py.ExternalLink("session.h5", "/x")),
           ["dig_in_1/spike_array", "external link to /x in session.h5", "not there"]),
    Damage("an external link out of the folder", link_outside,
           ["dig_in_1/spike_array", "external link to /x", "outside.h5", "outside the folder", "--allow-external"]),
    Damage("an external link to the folder above", link_above, ["/../outside.h5", "--allow-external"]),
    Damage("an external link over a symbolic link", link_through_symlink, ["looks_inside", "--allow-external"]),
    Damage("a soft link over an external link", soft_link_over_link_outside, ["/away", "--allow-external"]),
    Damage("an external link in a linked file", link_in_linked_file, ["inside.h5.part:/x", "--allow-external"]),
    Damage("a linked table of units", link(h5py.ExternalLink("/nonexistent/units.h5", "/x"), at="unit_descriptor"),
           ["/unit_descriptor", "external link", "--allow-external"]),
    Damage("raw spikes out of the folder", raw_file_outside,
           ["dig_in_1/spike_array", "spikes.raw", "outside the folder", "--allow-external"]),
    Damage("raw spikes missing", raw_file_missing, ["dig_in_1/spike_array", "gone.raw, which is not there"]),
    Damage("a virtual array from out of the folder", virtual_outside,
           ["dig_in_1/spike_array", "takes values from x", "outside.h5", "--allow-external"]),
    Damage("a virtual array without its source", virtual("gone.h5"),
           ["dig_in_1/spike_array", "takes values from x", "gone.h5, which is not there"]),
    Damage("a virtual array without its source's array", virtual(".", "/gone"),
           ["dig_in_1/spike_array", "takes values from", "/gone", "not there"]),
    Damage("a virtual array in a circle", virtual_circle, ["spike_array", "takes values from", "circle"]),
    # Electrodes and the .info file
    Damage("no JSON in .info", info("region gc: electrodes 0-7"), ["session.info", "not a JSON object"]),
    Damage("an empty .info", info(""), ["session.info", "not a JSON object"]),
    Damage("a list in .info", info("[1, 2]"), ["session.info", "not a JSON object"]),
    Damage("a cut .info", info('{"electrode_layout": '), ["session.info", "not a JSON object"]),
    Damage("an .info of brackets", info("[" * 100_000), ["session.info", "not a JSON object"]),
    Damage("no layout", info("{}"), ["session.info", "electrode_layout"]),
    Damage("a layout that is a text", info('{"electrode_layout": "gc"}'), ["session.info", "region -> electrodes"]),
    Damage("a region that is a text", layout(gc="0-7"), ["session.info", "electrode_layout.gc", '"0-7"']),
    Damage("an electrode in two regions", layout(gc=[0, 1, 2, 3], bla=[3, 4, 5, 6, 7]),
           ["session.info", "electrode 3", "two regions", "--regions all"]),
    Damage("an electrode in no region", electrodes(0, 2, 4, 77, 7),
           ["unit_descriptor", "unit 3", "electrode 77", "does not list", "--regions all"]),
    Damage("a unit on a muscle", electrodes(0, 2, 4, 8, 7), ["unit_descriptor", "unit 3", "electrode 8", "'emg'"]),
    Damage("a unit on an unused electrode", electrodes(0, 2, 4, 9, 7), ["unit 3", "electrode 9", "'none'"]),
    Damage("too few rows in unit_descriptor", electrodes(0, 2, 4), ["/unit_descriptor", "3 rows, expected 5"]),
    Damage("a unit listed twice", descriptor([(0, 0), (1, 2), (1, 4), (3, 5), (4, 7)],
                                             [("unit_number", "i4"), ("electrode_number", "i4")]),
           ["/unit_descriptor", "two rows have the unit_number 1"]),
    Damage("a unit numbered NaN", descriptor([(0, 0), (np.nan, 2), (2, 4), (3, 5), (4, 7)],
                                             [("unit_number", "f8"), ("electrode_number", "i4")]),
           ["/unit_descriptor", "unit_number", "nan"]),
    Damage("an electrode numbered infinity", descriptor([(0, 0), (1, np.inf), (2, 4), (3, 5), (4, 7)],
                                                        [("unit_number", "i4"), ("electrode_number", "f8")]),
           ["/unit_descriptor", "electrode_number", "inf"]),
    Damage("no electrode column", descriptor([(0,)] * 5, [("unit_number", "i4")]),
           ["/unit_descriptor", "no column 'electrode_number'", "unit_number"]),
    Damage("electrodes as texts", descriptor([(0, b"one")] * 5, [("unit_number", "i4"), ("electrode_number", "S4")]),
           ["/unit_descriptor", "column 'electrode_number' holds no numbers"]),
    Damage("unit_descriptor that is no table", edit(lambda file: small_session.replace(file, "unit_descriptor", [1.0])),
           ["/unit_descriptor", "expected a table"]),
    # Artifacts with attributes of the wrong type
    Damage("a kind that is a number", artifact_attribute("kind", 7), ["bins.h5", "'kind'", "not a text", "--force"],
           stage="reduce_pca", after=["extract_bins"]),
    Damage("a kind that is a list", artifact_attribute("kind", [b"bins", b"pca"]), ["bins.h5", "not a text", "--force"],
           stage="reduce_pca", after=["extract_bins"]),
    Damage("completeness that is a text", artifact_attribute("complete", "yes"), ["bins.h5", "'complete'", "--force"],
           stage="reduce_pca", after=["extract_bins"]),
    Damage("completeness that is a list", artifact_attribute("complete", [1, 1]), ["bins.h5", "'complete'", "--force"],
           stage="reduce_pca", after=["extract_bins"]),
    Damage("a digest that is a number", artifact_attribute("content_digest", 1.5), ["bins.h5", "not a text"],
           stage="reduce_pca", after=["extract_bins"]),
    # Settings
    Damage("a key twice", settings(b"seed = 1\nseed = 2\n"), ["settings.toml, line 2", "not valid TOML"], code=3,
           arguments=CONFIG),
    Damage("a table twice", settings(b"[train]\nsteps = 5\n[train]\n"), ["settings.toml, line 3", "not valid TOML"],
           code=3, arguments=CONFIG),
    Damage("an unknown key", settings(b"bin_size = 25\n"), ["settings.toml, line 1", "unknown key 'bin_size'", "bin_ms"],
           code=3, arguments=CONFIG),
    Damage("an unknown table", settings(b"[training]\nsteps = 5\n"), ["settings.toml", "unknown key 'training'"],
           code=3, arguments=CONFIG),
    Damage("a key where a table belongs", settings(b"train = 5\n"), ["settings.toml, line 1", "train"], code=3,
           arguments=CONFIG),
    Damage("settings that are no UTF-8", settings(b"seed = \xff\n"),
           ["settings.toml, line 1", "not valid TOML"], code=3, arguments=CONFIG),
    # Names of folders
    Damage("cut, in an odd folder", odd_place(cut(0.5)), ["séance n° 3 味覚 (copy)/session.h5", "not a whole"]),
    Damage("linked, in an odd folder", odd_place(link_outside), ["séance n° 3 味覚 (copy)", "--allow-external"]),
]

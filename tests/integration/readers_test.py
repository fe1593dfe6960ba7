"""Others read what we write: PyTorch loads the weights and computes the same rates, h5py reads rates.h5."""
import json

import h5py
import numpy as np
import torch

import pipeline
import small_session
import trained_session
from content_digest import content_digest

FITS = ["region_all_taste_0", "region_all_taste_1"]


class AutoencoderRNN(torch.nn.Module):
    """The reference network, as docs/reading_results.md shows it."""

    def __init__(self, inputs, hidden, outputs, layers=2):
        super().__init__()
        middle_in, middle_out = (inputs + hidden) // 2, (hidden + outputs) // 2
        self.encoder = torch.nn.Sequential(torch.nn.Linear(inputs, middle_in), torch.nn.Sigmoid(),
                                           torch.nn.Linear(middle_in, hidden), torch.nn.Sigmoid())
        self.rnn = torch.nn.RNN(hidden, hidden, layers)
        self.decoder = torch.nn.Sequential(torch.nn.Linear(hidden, middle_out), torch.nn.Sigmoid(),
                                           torch.nn.Linear(middle_out, outputs))

    def forward(self, inputs):
        latents, _ = self.rnn(self.encoder(inputs))
        return self.decoder(latents), latents


def load_network(path, which="last"):
    with h5py.File(path) as file:
        weights = {name: torch.tensor(data[()]) for name, data in file[f"weights/{which}"].items()}
    outputs, hidden = len(weights["decoder.2.bias"]), weights["rnn.weight_hh_l0"].shape[0]
    layers = sum(name.startswith("rnn.weight_hh") for name in weights)
    network = AutoencoderRNN(weights["encoder.0.weight"].shape[1], hidden, outputs, layers)
    network.load_state_dict(weights)
    return network.eval()


def network_inputs(pca, fit, forecast_bins):
    """(bin, trial, component + 2) as the design defines them: scores, stimulus pulse, trial number from 0 to 1."""
    scores = pca[f"fits/{fit}/scores"][()].transpose(1, 0, 2)[:-forecast_bins]
    edges_ms = pca["bin_edges_ms"][()]
    pulse = np.zeros(scores.shape[:2] + (1,), np.float32)
    pulse[np.searchsorted(edges_ms, pca["stim_ms"][()], side="right") - 1] = 1
    tastes = pca[f"fits/{fit}/trial_taste"][()]
    number = np.array([np.sum(tastes[:trial] == taste) for trial, taste in enumerate(tastes)], np.float32)
    number = np.broadcast_to((number / max(number.max(), 1))[None, :, None], pulse.shape)
    return torch.tensor(np.concatenate([scores, pulse, number], axis=2))


def text(attribute):
    """h5py gives texts of fixed length as bytes, and an empty one as Empty."""
    return "" if isinstance(attribute, h5py.Empty) else bytes(attribute).decode()


class PyTorch(pipeline.PipelineTest):
    def check(self, session, fits, which="last"):
        out = session / "rnn_output"
        for fit in fits:
            with h5py.File(out / "pca.h5") as pca, h5py.File(out / "rates.h5") as rates:
                with h5py.File(out / "models" / f"{fit}.h5") as model:
                    forecast_bins = int(model["forecast_bins"][()])
                network = load_network(out / "models" / f"{fit}.h5", which)
                with torch.no_grad():
                    outputs, latents = network(network_inputs(pca, fit, forecast_bins))
                stored = rates[f"rnn_output/regions/{fit}"]
                np.testing.assert_allclose(latents.numpy(), stored["latent_out"][()], atol=1e-5)
                part = pca[f"fits/{fit}"]
                counts = outputs.numpy().astype(float) @ part["basis"][()] * part["scale"][()] + part["mean"][()]
                np.testing.assert_allclose(counts.transpose(1, 2, 0), stored["pred_firing"][()], rtol=1e-5, atol=1e-6)

    def test_last_weights_give_the_stored_latents_and_rates(self):
        self.check(trained_session.copy(self.folder), FITS)

    def test_best_weights_too(self):
        session, flags = trained_session.copy(self.folder), small_session.flags(train__validate_every="7")
        self.run_ok("train_rnn", session, *flags)
        self.run_ok("infer_write", session, *flags, "--set", "train.weights=best")
        self.check(session, FITS, "best")
        with self.assertRaises(AssertionError):
            self.check(session, FITS, "last")

    def test_all_tastes_in_one_network_of_another_size_without_pca(self):
        session = small_session.write(self.folder / "session", small_session.draw_spikes(trials=(3, 6)))
        flags = small_session.flags(fits__separate_tastes="false", pca__enabled="false", model__hidden_size="5",
                                    model__layers="3", train__forecast_ms="50")
        self.run_all(session, *flags, stages=pipeline.STAGES[:4])
        self.check(session, ["region_all_taste_all"])


class H5py(pipeline.PipelineTest):
    def setUp(self):
        super().setUp()
        self.out = trained_session.copy(self.folder) / "rnn_output"
        self.files = {"bins": self.out / "bins.h5", "pca": self.out / "pca.h5", "rates": self.out / "rates.h5",
                      "model": self.out / "models" / f"{FITS[0]}.h5"}

    def test_rates_have_the_shapes_and_axes_of_the_format(self):
        with h5py.File(self.files["rates"]) as file:
            self.assertEqual(list(file["rnn_output/regions"]), FITS)
            for fit, trials, taste in zip(FITS, (8, 7), (0, 1)):
                group = file[f"rnn_output/regions/{fit}"]
                sizes = {"trial": trials, "unit": 5, "bin": 20, "factor": 8, "index": len(group["test_trials"])}
                for name, kind in [("pred_firing", "f8"), ("rate_hz", "f4"), ("latent_out", "f4"), ("pred_x", "i8"),
                                   ("time_ms", "f8"), ("units", "u4"), ("trial_taste", "u4"), ("test_trials", "u4")]:
                    data = group[name]
                    self.assertEqual(data.dtype, np.dtype(kind), name)
                    self.assertEqual(data.shape, tuple(sizes[axis] for axis in text(data.attrs["axes"]).split()), name)
                self.assertEqual(text(group["rate_hz"].attrs["units"]), "Hz")
                self.assertTrue(np.all(np.isfinite(group["rate_hz"][()])))
                self.assertEqual(group["trial_taste"][()].tolist(), [taste] * trials)
                self.assertEqual(group["units"][()].tolist(), [0, 1, 2, 3, 4])
                self.assertEqual(len(group["test_trials"]), 2)
                self.assertTrue(np.isfinite(file[f"metrics/{fit}/bits_per_hidden_spike"][()]))

    def test_root_attributes_are_plain_text_and_numbers(self):
        for kind, path in self.files.items():
            with h5py.File(path) as file:
                attributes = {name: text(value) if np.asarray(value).dtype.kind == "S" else value
                              for name, value in file.attrs.items()}
                self.assertEqual((attributes["kind"], attributes["complete"], attributes["seed"]), (kind, 1, 0))
                self.assertRegex(attributes["schema_version"], r"^\d+\.\d+$")
                self.assertRegex(attributes["created_utc"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
                for digest in ("content_digest", "depends_digest", "config_digest"):
                    self.assertRegex(attributes[digest], "^[0-9a-f]{32}$")
                self.assertIn("steps = 20", attributes["config_toml"])
                self.assertIn("--set train.steps=20", attributes["command"])
                inputs = json.loads(attributes["inputs"])
                self.assertTrue(all(set(one) == {"name", "kind", "digest"} for one in inputs), inputs)

    def test_inputs_name_the_content_that_each_file_was_made_from(self):
        def content(kind):
            with h5py.File(self.files[kind]) as file:
                return text(file.attrs["content_digest"])

        for kind, sources in [("pca", ["bins"]), ("model", ["pca"]), ("rates", ["bins", "pca", "model"])]:
            with h5py.File(self.files[kind]) as file:
                digests = [one["digest"] for one in json.loads(text(file.attrs["inputs"]))]
            self.assertEqual(digests[:len(sources)], [content(source) for source in sources])

    def test_content_digests_are_what_the_format_says(self):
        for path in self.files.values():
            with h5py.File(path) as file:
                self.assertEqual(text(file.attrs["content_digest"]), content_digest(path))

    def test_every_dataset_says_what_it_is(self):
        for path in self.files.values():
            with h5py.File(path) as file:
                def check(name, node):
                    if isinstance(node, h5py.Dataset):
                        self.assertTrue(node.attrs["long_name"], f"{path} {name}")
                        self.assertIn("units", node.attrs)
                        self.assertEqual(len(text(node.attrs["axes"]).split()), node.ndim, f"{path} {name}")
                        if node.ndim and node.size:
                            self.assertTrue(node.fletcher32, f"{path} {name}")
                file.visititems(check)


if __name__ == "__main__":
    pipeline.main()

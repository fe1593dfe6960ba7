"""The corpus of tests/support/damages.py: each bad session's exit code and message, and that nothing is written; and
that links which stay inside the session's folder, or are allowed to leave it, are followed."""
import h5py
import numpy as np

import damages
import pipeline
import small_session
from pipeline import digests
from refusals import RefusalTest


class Damages(RefusalTest):
    def refused(self, damage):
        session = small_session.write(self.folder / "session")
        if damage.prepare:
            damage.prepare(session)
        self.works(session, stages=damage.after)
        session = damage.apply(session) or session
        arguments = [argument.format(folder=self.folder) for argument in damage.arguments]
        where = [str(session)] if damage.code == 4 else []
        self.fails(damage.code, [*where, *damage.words], damage.stage, session, *arguments)


def add_test(damage):
    setattr(Damages, "test_" + damage.name.replace(" ", "_"), lambda self: self.refused(damage))


for each in damages.DAMAGES:
    add_test(each)


class Allowed(RefusalTest):
    """Damages that are none once --allow-external is given, or where all stays in the folder."""

    def setUp(self):
        super().setUp()
        self.session = small_session.write(self.folder / "session")
        self.expected = self.digest_of(small_session.write(self.folder / "plain" / "session"))

    def digest_of(self, session, *arguments):
        return digests(self.works(session, *arguments, stages=["extract_bins"])["extract_bins"])

    def test_external_links(self):
        for apply in (damages.link_outside, damages.link_above, damages.link_through_symlink,
                      damages.soft_link_over_link_outside, damages.link_in_linked_file, damages.raw_file_outside,
                      damages.virtual_outside):
            with self.subTest(apply.__name__):
                session = small_session.write(self.folder / apply.__name__ / "session")
                apply(session)
                self.assertEqual(self.digest_of(session, "--allow-external"), self.expected)

    def test_links_inside_the_folder_need_no_flag(self):
        def external(session):
            with h5py.File(session / "part", "w") as file, small_session.edit(session) as h5:
                file["x"] = h5[damages.ARRAY][()]
            damages.link(h5py.ExternalLink("part", "/x"))(session)

        def soft(session):
            damages.edit(lambda file: (file.move(damages.ARRAY, "kept"),
                                       file.__setitem__(damages.ARRAY, h5py.SoftLink("../../kept"))))(session)

        def virtual(session):
            external(session)
            with small_session.edit(session) as file:
                del file[damages.ARRAY]
            damages.edit(lambda file: file.__setitem__(damages.ARRAY, 0))(session)
            damages.virtual("part")(session)

        def raw(session):
            spikes = small_session.draw_spikes()[1].astype("u1")
            (session / "part").write_bytes(spikes.tobytes())
            damages.edit(lambda file: (file.pop(damages.ARRAY), file.create_dataset(
                damages.ARRAY, spikes.shape, "u1", external=[("part", 0, spikes.size)])))(session)

        def both_tastes_in_one_file(session):
            with h5py.File(session / "part", "w") as file:
                for taste, spikes in enumerate(small_session.draw_spikes()):
                    file[f"taste_{taste}/spike_array"] = spikes
            for taste in (0, 1):
                damages.link(h5py.ExternalLink("part", f"/taste_{taste}"), at=f"spike_trains/dig_in_{taste}")(session)

        for apply in (external, virtual, raw, both_tastes_in_one_file):
            with self.subTest(apply.__name__):
                session = small_session.write(self.folder / apply.__name__ / "session")
                apply(session)
                self.assertEqual(self.digest_of(session), self.expected)

    def test_a_file_that_is_linked_may_be_larger_than_the_session(self):
        session = self.folder / "own"
        session.mkdir()
        spikes = np.zeros((2, 2, 17_000_000), "u1")
        spikes[:, :, 1700:4000:7] = 1
        with h5py.File(session / "part", "w") as part, h5py.File(session / "own.h5", "w") as file:
            part["x"] = spikes
            file["spike_trains/water/spike_array"] = h5py.ExternalLink("part", "/x")
        self.run_ok("extract_bins", session)

    def test_a_session_that_is_itself_a_symbolic_link(self):
        store = small_session.write(self.folder / "store" / "session")
        with h5py.File(store / "part", "w") as file, small_session.edit(store) as h5:
            file["x"] = h5[damages.ARRAY][()]
        damages.link(h5py.ExternalLink("part", "/x"))(store)
        for path in (store / "session.h5", store / "session.info"):
            (self.folder / path.name).symlink_to(path)
        self.assertEqual(self.digest_of(self.folder / "session.h5"), self.expected)


if __name__ == "__main__":
    pipeline.main()

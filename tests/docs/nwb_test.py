"""docs/nwb.md: its commands run on files that pynwb wrote."""
import doc_blocks
import nwb
import pipeline
import small_session


class Nwb(pipeline.PipelineTest):
    def test_commands_work(self):
        session = small_session.write_spike_times(self.folder / "session")
        nwb.write_session(session, self.folder / "my_recording.nwb")
        self.assertGreaterEqual(doc_blocks.run(pipeline.SOURCE / "docs/nwb.md", self.folder, {"pynwb": nwb.PYTHON}), 3)


if __name__ == "__main__":
    pipeline.main()
